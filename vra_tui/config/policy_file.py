"""Write a policy as TOML: the thresholds that differ from the default."""

from pathlib import Path

from vra_tui.config.policies import NamedPolicy, PolicyError


def policy_lines(named: NamedPolicy) -> list[str]:
    """Lines of a policy file, or of `[policy]` in the configuration: what differs from the default."""
    return [f"{name} = {value!r}" for name, value in named.changes().items()]


def policy_path(path: Path) -> Path:
    """Where a policy of a name is written: `.toml` is added where the name has no ending."""
    path = path.expanduser()
    return path if path.suffix else path.with_suffix(".toml")


def write_policy(path: Path, named: NamedPolicy) -> Path:
    """Write a policy file at its `policy_path`, which is returned; what is there is never overwritten.

    Raises PolicyError.
    """
    path = policy_path(path)
    quoted = named.description.replace("\\", "\\\\").replace('"', '\\"')
    text = "\n".join([f'description = "{quoted}"', "", *policy_lines(named), ""])
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise PolicyError(f"{path} is there already. Nothing was written: choose another name.") from None
    except OSError as error:
        raise PolicyError(f"{path} cannot be written: {error.strerror or error}.") from None
    return path
