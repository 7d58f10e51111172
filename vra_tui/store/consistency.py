"""Check that what a store says of alerts agrees: names, codes, times in light curves, associations."""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.domain.sky import separation
from vra_tui.store.associations import RADIUS_ARCSEC
from vra_tui.store.id_lists import json_ids
from vra_tui.store.objects import number_of
from vra_tui.store.sections import unpacked

#: Light curves held in memory at once.
_CHUNK = 1_000
#: Associations whose distance differs by less are the same, arcsec.
_SAME_ARCSEC = 0.001

Pairs = dict[tuple[int, int], float]


def nameless(connection: sqlite3.Connection) -> list[int]:
    """Numbers of alerts, and of what was decided or noted, of which no survey and object id are known."""
    rows = connection.execute(
        """SELECT alert_id FROM (SELECT alert_id FROM alerts UNION SELECT alert_id FROM decisions
            UNION SELECT alert_id FROM notes UNION SELECT alert_id FROM epoch_marks)
        EXCEPT SELECT alert_id FROM objects"""
    )
    return [row[0] for row in rows]


def misnumbered(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Survey and id of objects that stand under a number which is not theirs (`objects.number_of`).

    A number that another object had taken leads to the next one.
    """
    rows = connection.execute("SELECT alert_id, survey, object_id FROM objects").fetchall()
    taken = {alert_id for alert_id, _, _ in rows}
    return [
        (survey, object_id)
        for alert_id, survey, object_id in rows
        if (own := number_of(survey, object_id)) != alert_id and not _leads_to(own, alert_id, taken)
    ]


def _leads_to(own: int, alert_id: int, taken: set[int]) -> bool:
    return own < alert_id <= own + 100 and taken.issuperset(range(own, alert_id))


def untimely(connection: sqlite3.Connection) -> list[int]:
    """Alerts whose times of what was said cannot be read: nothing of theirs could be taken in."""
    rows = connection.execute(
        """SELECT alert_id FROM alerts WHERE typeof(as_of) NOT IN ('real', 'integer')
            OR CASE WHEN fact_times IS NULL THEN 0 WHEN NOT json_valid(fact_times) THEN 1
            WHEN json_type(fact_times) != 'object' THEN 1 ELSE EXISTS (
                SELECT 1 FROM json_each(fact_times) t WHERE t.type NOT IN ('real', 'integer')) END"""
    )
    return [row[0] for row in rows]


def forget_times(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> None:
    """Take all that is there of these alerts as said by their newest packet. Call inside a transaction."""
    connection.executemany(
        """UPDATE alerts SET fact_times = NULL,
            as_of = CASE WHEN typeof(as_of) IN ('real', 'integer') THEN as_of ELSE coalesce(last_mjd, 0) END
        WHERE alert_id = ?""",
        [(alert_id,) for alert_id in alert_ids],
    )


@dataclass
class Curves:
    """Light curves that were looked at: how many; alerts of which they cannot be read, why the first one
    cannot; alerts whose epochs carry codes of instruments or bands that the store does not name, or that are
    another survey's.
    """

    count: int = 0
    unreadable: list[int] = field(default_factory=list)
    why: str = ""
    uncoded: list[int] = field(default_factory=list)


def look_at_curves(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Curves:
    """Read light curves and the other keys of their detections, in chunks, and look up their codes."""
    found = Curves()
    surveys = [row[0] for row in connection.execute("SELECT DISTINCT survey FROM objects ORDER BY survey")]
    known = _known_codes(connection, surveys)
    bands = np.zeros(256, dtype=bool)
    bands[[row[0] for row in connection.execute("SELECT code FROM bands")]] = True
    for rows in _curves(connection, alert_ids):
        for alert_id, survey, *sections, times, details in rows:
            found.count += 1
            try:
                timed = TimedLightCurve.from_bytes(unpacked(sections), times)
                if details is not None and not isinstance(json.loads(zlib.decompress(details)), dict):
                    raise ValueError("the other keys of its detections are no JSON object")
            except (ValueError, IndexError, zlib.error) as error:
                found.why = found.why or str(error)
                found.unreadable.append(alert_id)
                continue
            own = known.get(survey)
            if own is not None and not all(
                own[section.instrument].all() and bands[section.band].all()
                for section in timed.curve.sections
            ):
                found.uncoded.append(alert_id)
    return found


def _known_codes(connection: sqlite3.Connection, surveys: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """For each survey, whether a code is that of an instrument of its own or of an unknown one."""
    rows = connection.execute("SELECT code, survey FROM instruments").fetchall()
    known = {survey: np.zeros(256, dtype=bool) for survey in surveys}
    for survey, codes in known.items():
        codes[[code for code, owner in rows if owner in ("", survey)]] = True
    return known


def _curves(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Iterator[list[sqlite3.Row]]:
    for first in range(0, len(alert_ids), _CHUNK):
        yield connection.execute(
            """SELECT l.alert_id, o.survey, l.detections, l.nondetections, l.forced, l.times, e.json_zlib
            FROM lightcurves l LEFT JOIN objects o USING (alert_id)
            LEFT JOIN detection_extras e USING (alert_id)
            WHERE l.alert_id IN (SELECT value FROM json_each(?))""",
            (json_ids(alert_ids[first : first + _CHUNK]),),
        ).fetchall()


def associated(connection: sqlite3.Connection) -> Pairs:
    """The associations that are written down: separations in arcsec by pairs of alerts, both ways."""
    rows = connection.execute("SELECT alert_id, other_id, separation_arcsec FROM associations")
    return {(one, other): arcsec for one, other, arcsec in rows}


def neighbours(connection: sqlite3.Connection) -> Pairs:
    """The associations that follow from where alerts are, in the same form."""
    rows = connection.execute(
        "SELECT alert_id, survey, ra, dec FROM alerts JOIN objects USING (alert_id) ORDER BY dec, alert_id"
    ).fetchall()
    if not rows:
        return {}
    ids, surveys, *place = (np.array(column) for column in zip(*map(tuple, rows), strict=True))
    ra, dec = (axis.astype(np.float64) for axis in place)
    pairs: Pairs = {}
    for apart in range(1, len(ids)):  # neighbours in declination, then those one further, ...
        near = np.flatnonzero(dec[apart:] - dec[:-apart] <= RADIUS_ARCSEC / 3600.0)
        if not len(near):
            break
        near = near[surveys[near] != surveys[near + apart]]
        arcsec = separation(ra[near], dec[near], ra[near + apart], dec[near + apart])
        is_one = arcsec <= RADIUS_ARCSEC
        mine, others = ids[near[is_one]].tolist(), ids[near[is_one] + apart].tolist()
        for one, other, away in zip(mine, others, np.atleast_1d(arcsec)[is_one].tolist(), strict=True):
            pairs[one, other] = pairs[other, one] = away
    return pairs


def differing(written: Pairs, right: Pairs) -> int:
    """Tell how many associations are missing, too many, or of another separation."""
    both = written.keys() & right.keys()
    return len(written.keys() ^ right.keys()) + sum(
        abs(written[pair] - right[pair]) > _SAME_ARCSEC for pair in both
    )


def write_associations(connection: sqlite3.Connection, right: Pairs) -> None:
    """Put these associations in place of all that are written down. Call inside a transaction."""
    connection.execute("DELETE FROM associations")
    connection.executemany(
        "INSERT INTO associations VALUES (?, ?, ?)", [(*pair, arcsec) for pair, arcsec in right.items()]
    )
