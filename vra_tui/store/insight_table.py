"""Keep what is known of an alert beyond its score (reasons, shape, scope); derived anew when data change."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

#: Name of the survey's table of nights: when it is dark at the sites, from tonight on.
NIGHTS_TABLE = "nights"

#: Lists whose alerts are worth it: those that wait, and those that are followed or may be.
_WORTH = "(s.is_undecided OR s.list IN ('good', 'followup', 'possible'))"


@dataclass(frozen=True)
class Insight:
    """Insights into one alert; None where there is nothing to say, or it is too early.

    ``reasons``: what pushed the scores, strongest first for each question, as dicts with ``question``,
    ``feature``, ``effect`` (log-odds), ``rank_effect`` (its sign) and ``text``. ``scope``: 1 is the edge of
    the training rows; ``outside``: why the alert is out of scope, in words. ``duration_days``: above half of
    peak flux. ``window_ends_mjd``: first night without observability.
    """

    alert_id: int
    revision: int
    mjd: float
    model: str
    reasons: list[dict[str, Any]]
    scope: float | None
    outside: list[str]
    speed: str | None
    luminosity: str | None
    structure: str | None
    duration_days: float | None
    peak_mjd: float | None
    absolute_mag: float | None
    follow_up: str | None
    follow_up_rule: str | None
    anomaly: str | None
    window_ends_mjd: float | None


def stale_insights(connection: sqlite3.Connection, now_mjd: float, now_days: float) -> list[int]:
    """Ids of the alerts worth it whose data, visit or model changed since, or whose *now* has passed.

    ``now_mjd`` − ``now_days`` is the earliest t0 of an alert that can still be followed up now.
    """
    rows = connection.execute(
        f"""SELECT s.alert_id FROM standing s JOIN alerts a USING (alert_id)
        LEFT JOIN insights i USING (alert_id)
        WHERE {_WORTH} AND s.mjd IS NOT NULL AND (
            i.alert_id IS NULL OR i.revision != a.revision OR i.mjd != s.mjd OR i.model != s.model
            OR (i.follow_up = 'now' AND a.t0_mjd < ?))
        ORDER BY s.alert_id""",
        (now_mjd - now_days,),
    )
    return [row[0] for row in rows]


def put_insights(connection: sqlite3.Connection, insights: Iterable[Insight]) -> None:
    """Write insights, each in place of the alert's earlier ones. Call inside a transaction."""
    connection.executemany(
        f"INSERT OR REPLACE INTO insights VALUES ({', '.join('?' * 17)})",
        (
            (
                *(i.alert_id, i.revision, i.mjd, i.model, json.dumps(i.reasons), i.scope),
                *(json.dumps(i.outside), i.speed, i.luminosity, i.structure, i.duration_days, i.peak_mjd),
                *(i.absolute_mag, i.follow_up, i.follow_up_rule, i.anomaly, i.window_ends_mjd),
            )
            for i in insights
        ),
    )


def insight(connection: sqlite3.Connection, alert_id: int) -> Insight | None:
    """The insights into one alert; None where none were derived yet."""
    row = connection.execute("SELECT * FROM insights WHERE alert_id = ?", (alert_id,)).fetchone()
    if row is None:
        return None
    values = dict(row)
    return Insight(
        **{**values, "reasons": json.loads(values["reasons"]), "outside": json.loads(values["outside"])}
    )


def survey_table(connection: sqlite3.Connection, name: str) -> str | None:
    """A table of numbers that belongs to no alert, as it was put; None where there is none."""
    row = connection.execute("SELECT value FROM survey_tables WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def survey_table_names(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """The names of the tables that begin so, in their order."""
    rows = connection.execute("SELECT name FROM survey_tables ORDER BY name")
    return [row[0] for row in rows if row[0].startswith(prefix)]


def put_survey_table(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a table of numbers that belongs to no alert. Call inside a transaction."""
    connection.execute("INSERT OR REPLACE INTO survey_tables (name, value) VALUES (?, ?)", (name, value))


def put_window_ends(connection: sqlite3.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Write when observing windows end: rows ``window_ends_mjd, alert_id``."""
    connection.executemany("UPDATE insights SET window_ends_mjd = ? WHERE alert_id = ?", rows)


def all_positions(connection: sqlite3.Connection) -> list[tuple[int, float, float]]:
    """Id, ra and dec (degrees) of every alert with insights."""
    rows = connection.execute(
        "SELECT alert_id, a.ra, a.dec FROM insights JOIN alerts a USING (alert_id) ORDER BY alert_id"
    )
    return [(row[0], row[1], row[2]) for row in rows]
