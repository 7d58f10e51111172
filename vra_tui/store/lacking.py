"""What alerts that rank high lack, and what was asked for them: the queue of completing, and its record."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vra_tui.store.connection import transaction

#: What an alert may lack, by the words of `Wire.adds`; `a` is the alert.
_LACKS: Mapping[str, str] = {
    "object": """a.n_forced = 0 OR (a.context_class IS NULL
        AND NOT EXISTS (SELECT 1 FROM matches WHERE alert_id = a.alert_id))""",
    "stamps": "NOT EXISTS (SELECT 1 FROM stamps WHERE alert_id = a.alert_id AND kind != 'context')",
    "tns": "NOT EXISTS (SELECT 1 FROM tns_matches WHERE alert_id = a.alert_id)",
    "picture": "NOT EXISTS (SELECT 1 FROM stamps WHERE alert_id = a.alert_id AND kind = 'context')",
    "solar": "a.solar_arcsec IS NULL",
}
LACKS = tuple(_LACKS)
#: The same in words.
ASKED_FOR: Mapping[str, str] = {
    "object": "photometry and host",
    "stamps": "stamps",
    "tns": "TNS reports",
    "picture": "a picture of the field",
    "solar": "solar-system objects",
}


@dataclass(frozen=True)
class Wanting:
    """An undecided alert that ranks high and lacks something; what it lacks, by `LACKS`."""

    alert_id: int
    survey: str
    object_id: str
    ra: float
    dec: float
    last_mjd: float
    other_name: str | None
    designations: tuple[str, ...]
    lacks: frozenset[str]


@dataclass(frozen=True)
class Request:
    """What was asked for an alert: ``came`` is None while it is on its way, and says what came afterwards.

    Times are ISO 8601 in UTC.
    """

    what: str
    source: str
    asked_at: str
    ended_at: str | None
    came: str | None


def wanting(connection: sqlite3.Connection, rank_above: float, most: int) -> list[Wanting]:
    """The undecided alerts that rank above so much and lack something: fast track first, then by rank."""
    lacks = ", ".join(f"({condition}) AS {name}" for name, condition in _LACKS.items())
    rows = connection.execute(
        f"""SELECT alert_id, survey, object_id, ra, dec, last_mjd, other_name, {", ".join(LACKS)}
        FROM (SELECT a.alert_id, o.survey, o.object_id, a.ra, a.dec, a.last_mjd, a.other_name,
                s.list = 'fasttrack' AS is_fast, s.rank, {lacks}
            FROM standing s JOIN alerts a USING (alert_id) JOIN objects o USING (alert_id)
            WHERE s.is_undecided AND (s.rank > ?1 OR s.list = 'fasttrack')
            AND a.ra IS NOT NULL AND a.dec IS NOT NULL AND a.last_mjd IS NOT NULL)
        WHERE {" OR ".join(LACKS)}
        ORDER BY is_fast DESC, rank DESC, alert_id LIMIT ?2""",
        (rank_above, most),
    ).fetchall()
    names = _designations(connection, [row[0] for row in rows])
    found = []
    for row in rows:
        number, survey, object_id, ra, dec, last_mjd, other_name, *lacking = tuple(row)
        missing = frozenset(word for word, is_lacking in zip(LACKS, lacking, strict=True) if is_lacking)
        known = tuple(names.get(number, ()))
        found.append(Wanting(number, survey, object_id, ra, dec, last_mjd, other_name, known, missing))
    return found


def _designations(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Mapping[int, list[str]]:
    known: dict[int, list[str]] = {}
    for alert_id, designation in connection.execute(
        """SELECT alert_id, designation FROM tns_matches
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id, designation""",
        (json.dumps(list(alert_ids)),),
    ):
        known.setdefault(alert_id, []).append(designation)
    return known


def asked_since(
    connection: sqlite3.Connection, alert_ids: Sequence[int], since: Mapping[str, str], failed_since: str
) -> set[tuple[int, str, str]]:
    """What was asked lately, as (alert, what, source): since then by what it is.

    What failed counts from ``failed_since`` on only; so does what was never ended, as where a program died.
    """
    rows = connection.execute(
        """SELECT alert_id, what, source, asked_at, came FROM requests
        WHERE alert_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(alert_ids)),),
    )
    return {
        (row[0], row[1], row[2])
        for row in rows
        if row[3] > (failed_since if row[4] is None or row[4].startswith("failed") else since[row[1]])
    }


def note_asked(connection: sqlite3.Connection, alert_id: int, what: str, source: str, now: str) -> None:
    """Note that something is asked for. In a transaction of its own, before anything is sent."""
    with transaction(connection):
        connection.execute(
            """INSERT INTO requests (alert_id, what, source, asked_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (alert_id, what, source) DO UPDATE
            SET asked_at = excluded.asked_at, ended_at = NULL, came = NULL""",
            (alert_id, what, source, now),
        )


def note_came(
    connection: sqlite3.Connection, alert_id: int, what: str, source: str, came: str, now: str
) -> None:
    """Note what came of it, in words that begin with `failed` where nothing could be asked."""
    with transaction(connection):
        connection.execute(
            "UPDATE requests SET ended_at = ?, came = ? WHERE alert_id = ? AND what = ? AND source = ?",
            (now, came, alert_id, what, source),
        )


def requests_of(connection: sqlite3.Connection, alert_id: int) -> tuple[Request, ...]:
    """What was asked for an alert, and what came, the latest last."""
    rows: Iterable[sqlite3.Row] = connection.execute(
        """SELECT what, source, asked_at, ended_at, came FROM requests WHERE alert_id = ?
        ORDER BY asked_at, request_id""",
        (alert_id,),
    )
    return tuple(Request(*row) for row in rows)
