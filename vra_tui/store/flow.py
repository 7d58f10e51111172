"""Read what came into the store and what left its lists: day by day, and by survey."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from vra_tui.ranking.lists import MACHINE, ListName

#: A period of more days is told by weeks, one of more weeks by months.
_MOST_DAYS, _MOST_WEEKS = 35, 40


@dataclass(frozen=True)
class SurveyFlow:
    """Of one survey: arrived, first decided by scanners and discarded in the period; undecided now."""

    survey: str
    arrived: int
    decided: int
    discarded: int
    left: int


@dataclass(frozen=True)
class SpanFlow:
    """A day, week or month, by its first day (a month: ``2026-11``), and what came and left in it."""

    span: str
    arrived: int
    decided: int
    discarded: int


@dataclass(frozen=True)
class Flow:
    """What came in and what left. ``unit``: day, week or month, as ``spans`` tells it."""

    surveys: list[SurveyFlow]
    unit: str
    spans: list[SpanFlow]


_ARRIVED = """SELECT o.survey, substr(a.ingested_at, 1, 10) AS day, count(*) FROM alerts a
    JOIN objects o USING (alert_id) WHERE a.ingested_at >= ? AND a.ingested_at < ? GROUP BY o.survey, day"""
_FIRST = """SELECT o.survey, substr(first, 1, 10) AS day, count(*) FROM (
        SELECT d.alert_id, min(d.timestamp) AS first FROM decisions d WHERE {whose}
        AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id) GROUP BY d.alert_id)
    JOIN objects o USING (alert_id) WHERE first >= ? AND first < ? GROUP BY o.survey, day"""
_DECIDED = _FIRST.format(whose=f"d.list IS NOT NULL AND d.list != '{ListName.EYEBALL}' AND d.scanner != ?")
_DISCARDED = _FIRST.format(whose=f"d.list = '{ListName.GARBAGE}' AND d.scanner = ?")
_LEFT = """SELECT o.survey, count(*) FROM standing s JOIN objects o USING (alert_id)
    WHERE s.is_undecided GROUP BY o.survey"""


def flow(connection: sqlite3.Connection, since: str, until: str) -> Flow:
    """Count an alert on the day it arrived, and on those of its first decision that nobody took back.

    ``since``, ``until``: ISO 8601 in UTC, as the store keeps them; the end does not belong to the period.
    """
    counts = [
        [(survey, day, int(count)) for survey, day, count in connection.execute(query, values)]
        for query, values in (
            (_ARRIVED, (since, until)),
            (_DECIDED, (MACHINE, since, until)),
            (_DISCARDED, (MACHINE, since, until)),
        )
    ]
    left = dict(connection.execute(_LEFT).fetchall())
    by_survey = [_sums((survey, count) for survey, _, count in rows) for rows in counts]
    names = sorted({*left, *(name for one in by_survey for name in one)})
    arrived, decided, discarded = by_survey
    surveys = [
        SurveyFlow(name, arrived[name], decided[name], discarded[name], left.get(name, 0)) for name in names
    ]
    by_day = [_sums((day, count) for _, day, count in rows) for rows in counts]
    unit, spans = _spans(sorted({day for one in by_day for day in one}))
    told: list[list[int]] = [[0, 0, 0] for _ in spans]
    places = {span: place for place, span in enumerate(spans)}
    for column, one in enumerate(by_day):
        for day, count in one.items():
            told[places[_span_of(day, unit)]][column] += count
    return Flow(surveys, unit, [SpanFlow(span, *row) for span, row in zip(spans, told, strict=True)])


def _sums(rows: Iterable[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in rows:
        found[name] += count
    return found


def _spans(days: list[str]) -> tuple[str, list[str]]:
    """The unit in which days are told, and all spans from the first to the last, also the empty ones."""
    if not days:
        return "day", []
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    length = (last - first).days + 1
    unit = "day" if length <= _MOST_DAYS else "week" if length <= 7 * _MOST_WEEKS else "month"
    every = ((first + timedelta(step)).isoformat() for step in range(length))
    return unit, list(dict.fromkeys(_span_of(day, unit) for day in every))


def _span_of(day: str, unit: str) -> str:
    if unit == "month":
        return day[:7]
    if unit == "week":
        found = date.fromisoformat(day)
        return (found - timedelta(found.weekday())).isoformat()
    return day
