"""Read the tables ``[message.NAME]`` of the configuration: who is told of which alerts, and how often."""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from vra_tui.config.alert_sources import NAME
from vra_tui.config.toml_lines import KeyPath

#: The terminal of whoever has the screen open, in place of a webhook: a bell, or a notification by the
#: terminal's own sequence.
TERMINAL = ("bell", "osc9", "osc777")
#: What a webhook takes: Slack's form, which Mattermost and others take too, or plain JSON.
FORMS = ("slack", "json")
#: Seconds between two messages of a rule, where it names none; and the least that it may name.
_EVERY, _LEAST = 600.0, 10.0
_MOST_NAMED = 50
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_QUIET = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s+([A-Za-z][A-Za-z0-9_+/-]*)", re.ASCII)


@dataclass(frozen=True)
class QuietHours:
    """From one time of the day up to another in a named time zone; over midnight where the first is later."""

    begin: time
    end: time
    zone: str

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment (with a time zone) falls into them."""
        from zoneinfo import ZoneInfo  # few rules have quiet hours, and every screen reads this module

        here = moment.astimezone(ZoneInfo(self.zone)).time().replace(tzinfo=None)
        if self.begin <= self.end:
            return self.begin <= here < self.end
        return here >= self.begin or here < self.end


@dataclass(frozen=True)
class MessageRule:
    """One rule: the alerts that fulfil ``when`` are told, each once.

    ``when``: filter words, and perhaps the name of a list. ``to``: names of webhooks, whose addresses are
    secrets, or what of `TERMINAL`. ``every``: seconds at least between two messages. ``most``: alerts named
    in a message, the others are counted; 0 makes a digest of it. ``title``: said of them, else ``when``.
    ``again``: whether a message is sent once more where nobody knows whether it arrived.
    """

    name: str
    when: str
    to: tuple[str, ...]
    form: str = FORMS[0]
    every: float = _EVERY
    quiet: QuietHours | None = None
    most: int = 10
    title: str = ""
    again: bool = False

    @property
    def webhooks(self) -> tuple[str, ...]:
        """The names of those that messages are sent to."""
        return tuple(one for one in self.to if one not in TERMINAL)

    @property
    def signals(self) -> tuple[str, ...]:
        """How the terminal of an open screen tells it."""
        return tuple(one for one in self.to if one in TERMINAL)

    def shown(self) -> dict[str, object]:
        """The table as the file has it, with what it leaves to the program."""
        quiet = self.quiet
        hours = "" if quiet is None else f"{quiet.begin:%H:%M}-{quiet.end:%H:%M} {quiet.zone}"
        return {**vars(self), "to": list(self.to), "quiet": hours}

    def is_quiet(self, moment: datetime) -> bool:
        """Tell whether nobody is to be told now."""
        return self.quiet is not None and self.quiet.holds(moment)


class _Wrong(Exception):
    """What is wrong with a value, for the end of a sentence."""


def read_message_rules(
    tables: object, refusal: Callable[[KeyPath, str], Exception]
) -> dict[str, MessageRule]:
    """The rules by name from what ``message`` holds in the file.

    ``refusal`` makes what is raised for a path and what is wrong there. Whether ``when`` can be understood is
    for `pipeline.messages` to say, which knows the filter words.
    """
    if not isinstance(tables, dict):
        raise refusal(("message",), "message is no value: write a table [message.NAME] for each rule.")
    found = {}
    for name, table in tables.items():
        path = ("message", name)
        if not isinstance(table, dict):
            raise refusal(path, f"[message] holds tables only: write [message.NAME] above `{name}`.")
        if not re.fullmatch(NAME, name):
            raise refusal(path, f"a rule is named by letters, digits, - and _, not {name!r}.")
        for key in ("when", "to"):
            if key not in table:
                raise refusal(path, f"message.{name} has no {key}.")
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in _READ:
                near = difflib.get_close_matches(key, _READ, 1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                raise refusal((*path, key), f"there is no option message.{name}.{key}{hint}")
            try:
                values[key] = _READ[key](value)
            except _Wrong as wrong:
                raise refusal((*path, key), f"message.{name}.{key}: {wrong}.") from None
        found[name] = MessageRule(name, **values)  # type: ignore[arg-type]
    return found


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("it is a text, in quotes")
    return value.strip()


def _names(value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise _Wrong('it is a name, or several: to = ["team", "bell"]')
    for one in names:
        if isinstance(one, str) and "://" in one:
            # Whoever has the address of a webhook can write there.
            raise _Wrong(
                "an address is a secret and does not stand here. Give it a name, and keep it as that "
                "name's `url` in credentials.toml or the keyring (docs/messages.md)"
            )
        if not isinstance(one, str) or not re.fullmatch(NAME, one):
            raise _Wrong(f"who is told is named by letters, digits, - and _, not {one!r}")
    return tuple(dict.fromkeys(names))


def _form(value: object) -> str:
    if value not in FORMS:
        raise _Wrong(f"it is one of {', '.join(FORMS)}, not {value!r}")
    return str(value)


def _seconds(value: object) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value).strip())
    if isinstance(value, bool) or found is None:
        raise _Wrong(f'it is a time like "10m", "2h", or seconds, not {value!r}')
    seconds = float(found[1]) * _UNITS[found[2] or "s"]
    if seconds < _LEAST:
        raise _Wrong(f"it is not below {_LEAST:g} seconds")
    return seconds


def _hours(value: object) -> QuietHours:
    from zoneinfo import ZoneInfo

    found = _QUIET.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise _Wrong(f'it is two times and a time zone, "09:00-17:00 Pacific/Honolulu", not {value!r}')
    try:
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        raise _Wrong(f"there is no such time of day in {value!r}") from None
    try:
        ZoneInfo(found[5])
    except (LookupError, ValueError, OSError):
        raise _Wrong(f"there is no time zone `{found[5]}`") from None
    if begin == end:
        raise _Wrong("it begins when it ends")
    return QuietHours(begin, end, found[5])


def _number_named(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_NAMED:
        raise _Wrong(f"it is a whole number from 0 to {_MOST_NAMED}, not {value!r}")
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"it is true or false, not {value!r}")
    return value


_READ: dict[str, Callable[[object], object]] = {
    "when": _text, "to": _names, "form": _form, "every": _seconds, "quiet": _hours, "most": _number_named,
    "title": _text, "again": _yes_or_no,
}  # fmt: skip
