"""Rules for messages are read whole or refused with their line, and no address stands among them."""

from datetime import UTC, datetime

import pytest

from vra_tui.config.message_rules import MessageRule
from vra_tui.config.reading import ConfigError, load_config


def read(tmp_path, text):
    file = tmp_path / "config.toml"
    file.write_text(text)
    return load_config(file, environment={}).message_rules


def test_a_rule_has_its_words_and_whom_it_tells(tmp_path):
    rules = read(tmp_path, '[message.fast]\nwhen = "fasttrack rank>9"\nto = "team"\n')
    assert rules == {"fast": MessageRule("fast", "fasttrack rank>9", ("team",))}


def test_all_that_a_rule_may_say_is_understood(tmp_path):
    (rule,) = read(
        tmp_path,
        """
        [message.digest]
        when = "rank>7"
        to = ["team", "bell", "osc9"]
        form = "json"
        every = "2h"
        quiet = "22:00 - 07:30 Pacific/Honolulu"
        most = 0
        title = "objects above 7"
        again = true
        """,
    ).values()
    assert (rule.webhooks, rule.signals, rule.every) == (("team",), ("bell", "osc9"), 7200.0)
    assert (rule.form, rule.most, rule.title, rule.again) == ("json", 0, "objects above 7", True)
    assert rule.quiet is not None
    assert rule.quiet.zone == "Pacific/Honolulu"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('to = "https://hooks.example.org/T0/B0/xyz"', "an address is a secret"),
        ('to = []', "a name, or several"),
        ('to = "two words"', "letters, digits"),
        ('to = "team"\nform = "xml"', "slack, json"),
        ('to = "team"\nevery = "1s"', "not below 10"),
        ('to = "team"\nevery = "soon"', '"10m"'),
        ('to = "team"\nquiet = "22:00-07:00"', "a time zone"),
        ('to = "team"\nquiet = "22:00-07:00 Mars/Olympus"', "no time zone"),
        ('to = "team"\nquiet = "25:00-07:00 UTC"', "no such time"),
        ('to = "team"\nmost = 1000', "0 to 50"),
        ('to = "team"\nagain = 1', "true or false"),
        ('to = "team"\nevry = 60', "did you mean `every`"),
        ('form = "json"', "has no to"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line_and_without_a_secret(tmp_path, line, said):
    with pytest.raises(ConfigError, match="line ") as refused:
        read(tmp_path, f'[message.fast]\nwhen = "rank>9"\n{line}\n')
    assert said in str(refused.value)
    assert "xyz" not in str(refused.value)


@pytest.mark.parametrize(
    ("hours", "utc", "is_quiet"),
    [
        # Honolulu is ten hours behind UTC, all the year round.
        ("22:00-07:00 Pacific/Honolulu", "2026-11-28T09:00", True),
        ("22:00-07:00 Pacific/Honolulu", "2026-11-28T17:00", False),
        ("22:00-07:00 Pacific/Honolulu", "2026-11-28T08:00", True),
        ("22:00-07:00 Pacific/Honolulu", "2026-11-28T07:59", False),
        # London is an hour ahead of UTC in summer, and level with it in winter.
        ("09:00-17:00 Europe/London", "2026-07-01T08:30", True),
        ("09:00-17:00 Europe/London", "2026-12-01T08:30", False),
    ],
)
def test_quiet_hours_are_those_of_the_named_zone(tmp_path, hours, utc, is_quiet):
    (rule,) = read(tmp_path, f'[message.x]\nwhen = "rank>9"\nto = "team"\nquiet = "{hours}"\n').values()
    assert rule.is_quiet(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is is_quiet


def test_a_rule_without_quiet_hours_is_never_quiet():
    assert not MessageRule("x", "rank>9", ("team",)).is_quiet(datetime(2026, 1, 1, tzinfo=UTC))
