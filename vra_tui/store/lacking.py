"""What alerts that rank high lack: the queue of completing, the most important first."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
