"""When the survey last said each thing of an alert: the newest word counts, in any order of arrival."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Time of a response: when the server last changed the record (``date_modified``, "" where it does not say),
#: then the MJD of its latest exposure, since servers add exposures without changing the record.
SourceTime = tuple[str, float]


def greater(old: Any, new: Any) -> bool:
    """Which of two values of equal age counts: the new one if it is empty, or else greater as JSON.

    This says nothing about the sky: it makes the outcome the same for every order of arrival. What is there
    and empty comes first, so that a server that withdrew something is believed.
    """
    return _weight(new) > _weight(old)


def _weight(value: Any) -> tuple[bool, str]:
    return value in (None, "", []), json.dumps(value, sort_keys=True)


@dataclass(frozen=True)
class KeyTimes:
    """Of one alert: the time of the newest response, and of each key that it did not hold its own time.

    A time of None: no response held the key.
    """

    newest: SourceTime
    behind: Mapping[str, SourceTime | None] = field(default_factory=dict)

    @classmethod
    def of(cls, known: sqlite3.Row, sections: Mapping[str, bool]) -> "KeyTimes":
        """Those of a row of ``alerts``. ``sections``: the tables beside it, and whether it has rows there.

        Alerts from before they were kept (or loaded in bulk) have one response, which held all that is known.
        """
        if known["key_times"] is not None:
            date, mjd, behind = json.loads(known["key_times"])
            return cls((date, mjd), {name: time and (time[0], time[1]) for name, time in behind.items()})
        unheard = [name for name in known.keys() if known[name] is None]  # noqa: SIM118 - a Row iterates values
        unheard += [name for name, has_rows in sections.items() if not has_rows]
        if known["t0_is_derived"]:
            unheard.append("t0_mjd")
        return cls((known["date_modified"] or "", known["last_mjd"] or 0.0), dict.fromkeys(unheard))

    def age(self, name: str, time: SourceTime) -> int:
        """1 where ``time`` is later than the key's own, -1 where it is earlier, 0 where they are the same."""
        own = self.behind.get(name, self.newest)
        return 1 if own is None or time > own else -1 if time < own else 0

    def counts(self, name: str, time: SourceTime, old: Any, new: Any) -> bool:
        """Whether the new value of a key, from a response of this time, replaces the old one."""
        age = self.age(name, time)
        return greater(old, new) if age == 0 else age > 0

    def with_response(self, time: SourceTime, said: Iterable[str], names: Iterable[str]) -> "KeyTimes":
        """These times after a response that held the keys ``said``, of all the ``names`` that are watched."""
        heard = set(said)
        newest = max(self.newest, time)
        times = {
            name: time if name in heard and self.age(name, time) > 0 else self.behind.get(name, self.newest)
            for name in names
        }
        return KeyTimes(newest, {name: own for name, own in times.items() if own != newest})

    def to_json(self) -> str:
        """For the column ``key_times``."""
        return json.dumps([*self.newest, self.behind], sort_keys=True, separators=(",", ":"))


def united(old: dict[str, Any], new: dict[str, Any], age: int, deeper: frozenset[str] = frozenset()) -> Any:
    """Keys of both; where both have one, the newer value (``age`` as in `KeyTimes.age`).

    Under the keys ``deeper`` dictionaries are united in the same way, once.
    """
    result = {**old, **new}
    for name in old.keys() & new.keys():
        mine, other = old[name], new[name]
        if name in deeper and isinstance(mine, dict) and isinstance(other, dict):
            result[name] = united(mine, other, age)
        elif age < 0 or (age == 0 and not greater(mine, other)):
            result[name] = mine
    return result
