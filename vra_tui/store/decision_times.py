"""Read how long alerts waited for their first decision: over all, by the list they were decided to."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from statistics import median, quantiles

from vra_tui.ranking.lists import MACHINE

#: Spans in which alerts are counted by how long they waited, and their ends in hours.
_SPANS = {
    "under 15 min": 0.25, "15 min to 1 h": 1.0, "1 to 4 h": 4.0, "4 to 12 h": 12.0, "12 to 24 h": 24.0,
    "1 to 3 d": 72.0, "3 to 7 d": 168.0, "over 7 d": inf,
}  # fmt: skip


@dataclass(frozen=True)
class Hours:
    """How long it took from an alert's arrival in the store to its first decision, hours."""

    alerts: int
    median: float
    nine_in_ten: float


@dataclass(frozen=True)
class DecisionTimes:
    """The times of all alerts (None: there are none), by the list decided to, and how many took how long."""

    all: Hours | None
    by_list: dict[str, Hours]
    spans: dict[str, int]


def decision_times(connection: sqlite3.Connection, since: str, until: str) -> DecisionTimes:
    """Read the times of alerts whose first decision by a scanner falls into a period and came after them.

    ``since``, ``until``: ISO 8601 in UTC, as the store keeps them; the end does not belong to the period.
    """
    rows = connection.execute(
        """SELECT a.ingested_at, min(d.timestamp) AS decided, d.list
        FROM decisions d JOIN alerts a USING (alert_id)
        WHERE d.list IS NOT NULL AND d.scanner != ?
        GROUP BY d.alert_id HAVING decided >= ? AND decided < ? AND decided >= a.ingested_at""",
        (MACHINE, since, until),
    )
    by_list: dict[str, list[float]] = defaultdict(list)
    for arrived, decided, list_name in rows:
        seconds = (datetime.fromisoformat(decided) - datetime.fromisoformat(arrived)).total_seconds()
        by_list[list_name].append(seconds / 3600)
    every = [hours for some in by_list.values() for hours in some]
    if not every:
        return DecisionTimes(None, {}, {})
    lists = sorted(by_list, key=lambda name: (-len(by_list[name]), name))
    return DecisionTimes(_hours(every), {name: _hours(by_list[name]) for name in lists}, _in_spans(every))


def _hours(hours: Sequence[float]) -> Hours:
    ninth = quantiles(hours, n=10, method="inclusive")[-1] if len(hours) > 1 else hours[0]
    return Hours(len(hours), median(hours), ninth)


def _in_spans(hours: Sequence[float]) -> dict[str, int]:
    """How many fall into each span up to the last that has any."""
    found, before = {}, -inf
    for name, end in _SPANS.items():
        found[name] = sum(before <= one < end for one in hours)
        before = end
        if end > max(hours):
            break
    return found
