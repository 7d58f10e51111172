"""Read what lies around one alert: other surveys' alerts, catalogued sources, other classifiers' answers."""

import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from vra_tui.domain.sky import offsets

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
_MOST_ALERTS = 50
# CROSS JOIN: to the neighbours by the index of places alone, and only from those to all else.
_IN_FIELD = """
SELECT o.survey, o.object_id, n.name, n.last_mag, n.last_mjd, s.rank,
    iif(s.opinion = 'wanted', NULL, s.decided_list), n.ra, n.dec
FROM alerts n CROSS JOIN objects o ON o.alert_id = n.alert_id LEFT JOIN standing s ON s.alert_id = n.alert_id
WHERE n.dec BETWEEN :dec - :high AND :dec + :high
    AND min(abs(n.ra - :ra), 360.0 - abs(n.ra - :ra)) <= :wide AND n.alert_id != :alert_id
"""


def near_alerts(
    connection: sqlite3.Connection, alert_id: int, radius_arcsec: float = FIELD_ARCSEC
) -> tuple[NearAlert, ...]:
    """The other alerts of any survey within a radius, the nearest first; the first fifty of them."""
    place = connection.execute("SELECT ra, dec FROM alerts WHERE alert_id = ?", (alert_id,)).fetchone()
    if place is None:
        return ()
    ra, dec = place
    high = radius_arcsec / 3600.0
    cosine = math.cos(math.radians(min(abs(dec) + high, 90.0)))
    wide = min(high / cosine * 1.001, 180.0) if cosine > 0.0 else 180.0
    asked = {"ra": ra, "dec": dec, "high": high, "wide": wide, "alert_id": alert_id}
    rows = [tuple(row) for row in connection.execute(_IN_FIELD, asked)]
    if not rows:
        return ()
    their_ra, their_dec = np.array([row[-2:] for row in rows], dtype=np.float64).T
    east, north = offsets(their_ra, their_dec, ra, dec)
    found = [NearAlert(*row[:-2], *at) for row, *at in zip(rows, east.tolist(), north.tolist(), strict=True)]
    apart = [(math.hypot(one.east_arcsec, one.north_arcsec), one.survey, one.object_id) for one in found]
    within = sorted(index for index in range(len(found)) if apart[index][0] <= radius_arcsec)
    return tuple(found[index] for index in sorted(within, key=apart.__getitem__)[:_MOST_ALERTS])


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
