"""Rules of the outbox are read as they were written, or refused with the line."""

from pathlib import Path

import pytest

from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.config.reading import Config, ConfigError, load_config

WHOLE = """
[outbox.rule.moves]
makes = "atlas.list"
target = "night"
lists = ["good", "attic"]
actors = "amy"
filter = "rank>7"
approve = true
topic = "x"
"""


@pytest.fixture
def read(tmp_path: Path):
    def written(text: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text)
        return load_config(path, {})

    return written


def test_a_rule_is_read_as_it_was_written(read):
    (rule,) = read(WHOLE).outbox_rules.values()
    assert (rule.name, rule.makes, rule.target) == ("moves", "atlas.list", "night")
    assert (rule.lists, rule.actors, rule.filter, rule.approve) == (
        ("good", "attic"), ("amy",), "rank>7", True
    )  # fmt: skip
    assert rule.options == {"topic": "x"}
    assert rule.where.endswith("line 2")


def test_nothing_leaves_by_itself_unless_it_is_written(read):
    rule = read('[outbox.rule.a]\nmakes = "atlas.rank"\ntarget = "night"').outbox_rules["a"]
    assert rule.approve is False
    assert rule.actors == ("people",)
    assert read("").outbox_rules == {}
    assert OutboxRule("a", "b", "c").approve is False


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("outbox = 1", "outbox is no value"),
        ("[outbox]\nsend = true", r"holds rules only"),
        ("[outbox]\nrule = 1", "outbox.rule is no value"),
        ("[outbox.rule]\nmakes = 1", r"holds tables only"),
        ('[outbox.rule.a]\nmake = "x"\ntarget = "y"', "did you mean it by `make`"),
        ('[outbox.rule.a]\nmakes = "x"', "lacks target"),
        ('[outbox.rule."a b"]\nmakes = "x"', "named by letters"),
        ('[outbox.rule.a]\nmakes = "x"\ntarget = "y"\napprove = "yes"', "true or false"),
        ('[outbox.rule.a]\nmakes = "x"\ntarget = "y"\nlists = 3', "list of texts"),
        ('[outbox.rule.a]\nmakes = "x"\ntarget = "y"\naprove = true', "did you mean `approve`"),
        ('[outbox.rule.a]\nmakes = "x"\ntarget = "y"\ntoken = "t"', "is a credential"),
        ('[outbox.rule.a]\nmakes = "x"\ntarget = "y"\nurl = "https://me:pw@x.org"', "is a credential"),
        (
            '[outbox.rule.a]\nmakes = "atlas.list"\ntarget = "night"\nactors = ["poeple"]\n',
            r"line 4: there are no `poeple`; did you mean `people`\?",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, text: str, told: str):
    with pytest.raises(ConfigError, match=told) as error:
        read(text)
    assert "line " in str(error.value)
