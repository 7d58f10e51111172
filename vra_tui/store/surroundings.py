"""Read what lies around one alert: other surveys' alerts, catalogued sources, other classifiers' answers."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

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
class Neighbour:
    """A catalogued source near the alert, by ``source``; ``position`` as in `detail.StoredMatch`."""

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
        f"""SELECT {", ".join(one.name for one in fields(Neighbour))} FROM matches
        WHERE alert_id = ? ORDER BY position""",
        key,
    )
    facts = connection.execute(f"SELECT {', '.join(_FACTS)} FROM alerts WHERE alert_id = ?", key).fetchone()
    return Surroundings(
        tuple(Associated(*row) for row in associated),
        tuple(Neighbour(*row) for row in neighbours),
        _answers(connection, alert_id),
        {} if facts is None else {n: v for n, v in zip(_FACTS, facts, strict=True) if v is not None},
    )


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
