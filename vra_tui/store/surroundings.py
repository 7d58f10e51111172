"""Read what lies around one alert: other surveys' alerts, catalogued sources, other classifiers' answers."""

import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from vra_tui.domain.sky import offsets
from vra_tui.store.id_lists import json_ids

#: Facts (`domain.alert.FACTS`) that tell what is near an alert and how its latest detection looks.
_FACTS = (
    "star_score star_arcsec gaia_arcsec gaia_mag solar_arcsec solar_mag solar_name reference_arcsec "
    "reference_mag is_dipole trail_arcsec n_bad_pixels n_detections_told first_told_mjd"
).split()


@dataclass(frozen=True)
class Associated:
    """An alert of another survey at the same place; the separation in arcsec."""

    survey: str
    object_id: str
    name: str | None
    separation_arcsec: float


@dataclass(frozen=True)
class NearAlert:
    """Another alert of the store in the field. East and north of the one looked at, arcsec.

    ``last_mag`` is that of its latest detection; ``list`` where it was decided to be,
    None while it is undecided or a second opinion on it is wanted.
    """

    survey: str
    object_id: str
    name: str | None
    last_mag: float | None
    last_mjd: float | None
    rank: float | None
    list: str | None
    east_arcsec: float
    north_arcsec: float


@dataclass(frozen=True)
class Neighbour:
    """A catalogued source near the alert, by ``source``; ``position`` as in `detail.StoredMatch`.

    ``ra`` and ``dec`` in degrees. ``major_axis_arcsec`` is half of the longest diameter, as Sherlock has it.
    ``numbers``: what else the catalogue says of it in numbers, by the catalogue's own names.
    """

    position: int
    source: str
    catalogue_object_id: str | None = None
    catalogue: str | None = None
    object_type: str | None = None
    separation_arcsec: float | None = None
    z: float | None = None
    photoz: float | None = None
    mag: float | None = None
    mag_band: str | None = None
    star_score: float | None = None
    north_arcsec: float | None = None
    east_arcsec: float | None = None
    ra: float | None = None
    dec: float | None = None
    major_axis_arcsec: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)


_NEIGHBOUR = ", ".join(one.name for one in fields(Neighbour) if one.name != "numbers")


@dataclass(frozen=True)
class Answer:
    """The latest that one classifier said: its class, its words, and its numbers by name."""

    topic: str
    classification: str | None
    explanation: str | None
    numbers: Mapping[str, float | None]


@dataclass(frozen=True)
class Surroundings:
    """All of it for one alert. Texts are as they came: sanitise them before they are shown."""

    associated: tuple[Associated, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    answers: tuple[Answer, ...] = ()
    facts: Mapping[str, float | str] = field(default_factory=dict)
    near_alerts: tuple[NearAlert, ...] = ()
    #: Whether somebody looked for known objects of the solar system, found or not.
    solar_was_sought: bool = False


def surroundings(connection: sqlite3.Connection, alert_id: int) -> Surroundings:
    """Return what stands around an alert; nothing where the store does not hold it."""
    key = (alert_id,)
    associated = connection.execute(
        """SELECT o.survey, o.object_id, a.name, n.separation_arcsec FROM associations n
        JOIN objects o ON o.alert_id = n.other_id JOIN alerts a ON a.alert_id = n.other_id
        WHERE n.alert_id = ? ORDER BY n.separation_arcsec, o.survey, o.object_id""",
        key,
    )
    neighbours = connection.execute(
        f"SELECT {_NEIGHBOUR}, extra FROM matches WHERE alert_id = ? ORDER BY position", key
    )
    facts = connection.execute(
        f"SELECT {', '.join(_FACTS)}, fact_times ->> '$.solar_arcsec' FROM alerts WHERE alert_id = ?", key
    ).fetchone()
    told = {} if facts is None else dict(zip(_FACTS, facts[:-1], strict=True))
    return Surroundings(
        tuple(Associated(*row) for row in associated),
        tuple(Neighbour(*(*row[:-1], _numbers(row[-1]))) for row in neighbours),
        _answers(connection, alert_id),
        {name: value for name, value in told.items() if value is not None},
        near_alerts(connection, alert_id),
        # What was said to be empty has a time and no value.
        facts is not None and (told["solar_arcsec"] is not None or facts[-1] is not None),
    )


#: Other alerts are looked for within so many arcsec, and so many of them are told.
FIELD_ARCSEC = 120.0
_MOST_ALERTS = 30
# All that these ask for is in the index of places; plain comparisons, since a stripe of sky that a survey
# looks at again and again holds thousands of alerts of the same declination.
_IN_BOX = """SELECT alert_id, ra, dec FROM alerts
WHERE dec BETWEEN :low AND :high AND ra BETWEEN :first AND :last"""
_IN_BOX_OVER_0_HOURS = """SELECT alert_id, ra, dec FROM alerts
WHERE dec BETWEEN :low AND :high AND (ra >= :first OR ra <= :last)"""
_NEAR_ALERTS = """
SELECT o.survey, o.object_id, n.name, n.last_mag, n.last_mjd, s.rank,
    iif(s.opinion = 'wanted', NULL, s.decided_list)
FROM json_each(?) w CROSS JOIN alerts n ON n.alert_id = w.value
CROSS JOIN objects o ON o.alert_id = n.alert_id
LEFT JOIN standing s ON s.alert_id = n.alert_id ORDER BY w.key
"""


def near_alerts(
    connection: sqlite3.Connection, alert_id: int, radius_arcsec: float = FIELD_ARCSEC
) -> tuple[NearAlert, ...]:
    """The other alerts of any survey within a radius, the nearest first; of many the first thirty."""
    place = connection.execute("SELECT ra, dec FROM alerts WHERE alert_id = ?", (alert_id,)).fetchone()
    if place is None:
        return ()
    ra, dec = place
    reach = radius_arcsec / 3600.0
    cosine = math.cos(math.radians(min(abs(dec) + reach, 90.0)))
    wide = min(reach / cosine * 1.001, 180.0) if cosine > 0.0 else 180.0
    first, last = (ra - wide) % 360.0, (ra + wide) % 360.0
    box = _IN_BOX if first < last else _IN_BOX_OVER_0_HOURS
    bounds = {"low": dec - reach, "high": dec + reach, "first": first, "last": last}
    found = connection.execute(box, bounds).fetchall()
    others = [tuple(row) for row in found if row[0] != alert_id]
    if not others:
        return ()
    number, their_ra, their_dec = (np.array(column) for column in zip(*others, strict=True))
    east, north = offsets(their_ra, their_dec, ra, dec)
    apart = np.hypot(east, north)
    nearest = np.lexsort((number, apart))
    nearest = nearest[apart[nearest] <= radius_arcsec][:_MOST_ALERTS]
    rows = connection.execute(_NEAR_ALERTS, (json_ids(number[nearest].tolist()),))
    at = zip(east[nearest].tolist(), north[nearest].tolist(), strict=True)
    return tuple(NearAlert(*(*row, *offset)) for row, offset in zip(rows, at, strict=True))


#: No catalogue's number; the comparison leaves out NaN, too.
_HUGE = 1e30


def _numbers(extra: str | None) -> dict[str, float]:
    """The numbers that a catalogue says of a source beyond what all catalogues say."""
    said = json.loads(extra) if extra else {}
    return {
        name: float(value)
        for name, value in said.items()
        if type(value) in (int, float) and abs(value) < _HUGE
    }


def _answers(connection: sqlite3.Connection, alert_id: int) -> tuple[Answer, ...]:
    rows = connection.execute(
        "SELECT topic, said FROM annotations WHERE alert_id = ? ORDER BY topic, coalesce(mjd, 0), said",
        (alert_id,),
    )
    latest = {row[0]: json.loads(row[1]) for row in rows}
    return tuple(
        Answer(topic, said.get("classification"), said.get("explanation"), said.get("numbers") or {})
        for topic, said in latest.items()
    )
