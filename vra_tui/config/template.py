"""The text of a new configuration file: every option at its default, commented out."""

from vra_tui.config.options import OPTIONS, SECTIONS, Option


def template() -> str:
    """The sections with options of fixed names. The screen adds its keys (`vra_tui.tui.keymap`)."""
    lines = ["# Configuration of vra-tui. Take the # off a line and change it.", ""]
    for section in SECTIONS:
        lines.append(f"[{section}]")
        for option in OPTIONS.values():
            if option.section == section:
                choices = f" ({', '.join(option.choices)})" if option.choices else ""
                lines += [f"# {option.meaning}{choices}", f"# {option.key} = {as_toml(option)}"]
        lines.append("")
    return "\n".join(lines)


def as_toml(option: Option) -> str:
    """The default of an option as it is written in the file."""
    return f'"{option.default}"' if isinstance(option.default, str) else str(option.default).lower()
