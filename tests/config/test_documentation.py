"""The reference page of the configuration tells every option as it is, and every variable that is read."""

import re
from pathlib import Path

import pytest

import vra_tui
from vra_tui.config.options import OPTIONS, SECTIONS, Option
from vra_tui.config.reading import load_config
from vra_tui.config.template import as_toml

ROOT = Path(vra_tui.__file__).parent
PAGE = (ROOT.parent / "docs" / "configuration.md").read_text(encoding="utf-8")


def row(option: Option) -> str:
    choices = f": {', '.join(option.choices)}" if option.choices else ""
    least = f", at least {option.at_least:g}" if option.at_least is not None else ""
    return (
        f"| `{option.key}` | `{as_toml(option)}` | {option.meaning}{choices}{least} | `{option.variable}` |"
    )


def rows_of(section: str) -> list[str]:
    """The rows of the table below the heading of a section, without its head."""
    found = re.search(rf"^## `\[{section}\]`.*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/configuration.md has no heading for [{section}]"
    return [line for line in found[0].splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_tells_every_option_of_a_section_and_no_other(section):
    wanted = [row(option) for option in OPTIONS.values() if option.section == section]
    assert rows_of(section) == wanted, "the table should be:\n" + "\n".join(wanted)


def test_the_page_tells_every_variable_that_is_read():
    options = {option.variable for option in OPTIONS.values()}
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
    read = set(re.findall(r"(?<![A-Z_])VRA_[A-Z_]*[A-Z](?![A-Z_])", code)) - {"VRA_COLUMNS"}
    told = set(re.findall(r"`(VRA_[A-Z_]+)[`=]", PAGE))
    assert told == read | options


def test_the_example_can_be_used(tmp_path):
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    path = tmp_path / "config.toml"
    path.write_text(example[1])
    path.chmod(0o600)
    config = load_config(path, {})
    assert config.alert_sources
    assert config.origins["screen.theme"] == str(path)
