"""Read what lies around one alert: other alerts of the field, solar-system objects."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from vra_tui.store.near_alerts import NearAlert, near_alerts

#: Facts (`domain.alert.FACTS`) that tell what is near an alert and how its latest detection looks.
_FACTS = (
    "star_score star_arcsec gaia_arcsec gaia_mag solar_arcsec solar_mag solar_name reference_arcsec "
    "reference_mag is_dipole trail_arcsec n_bad_pixels n_detections_told first_told_mjd"
).split()


@dataclass(frozen=True)
class SolarObject:
    """A known object of the solar system near the alert when it was seen; offsets as of a `NearAlert`."""

    name: str
    kind: str
    mag: float | None
    arcsec: float
    east_arcsec: float | None
    north_arcsec: float | None


@dataclass(frozen=True)
class FieldPicture:
    """A picture of the field that was fetched: from which survey, and how wide it is, arcsec."""

    survey: str
    arcsec: float


@dataclass(frozen=True)
class Surroundings:
    """All of it for one alert. Texts are as they came: sanitise them before they are shown."""

    facts: Mapping[str, float | str] = field(default_factory=dict)
    near_alerts: tuple[NearAlert, ...] = ()
    #: Whether somebody looked for known objects of the solar system, found or not.
    solar_was_sought: bool = False
    #: Those that a service listed with their places, the nearest first; facts tell of the nearest alone.
    solar_objects: tuple[SolarObject, ...] = ()
    picture: FieldPicture | None = None


def surroundings(connection: sqlite3.Connection, alert_id: int) -> Surroundings:
    """Return what stands around an alert; nothing where the store does not hold it."""
    key = (alert_id,)
    facts = connection.execute(
        f"""SELECT {", ".join(_FACTS)}, fact_times ->> '$.solar_arcsec',
            iif(instr(extra, '"solar_system"') OR instr(extra, '"picture"'), extra, NULL)
        FROM alerts WHERE alert_id = ?""",
        key,
    ).fetchone()
    if facts is None:
        return Surroundings()
    *values, solar_time, extra = facts
    told = dict(zip(_FACTS, values, strict=True))
    # Not by SQL: what packets bring along may hold NaN, which SQLite takes for no JSON.
    fetched = json.loads(extra) if extra else {}
    return Surroundings(
        {name: value for name, value in told.items() if value is not None},
        near_alerts(connection, alert_id),
        # What was said to be empty has a time and no value.
        told["solar_arcsec"] is not None or solar_time is not None,
        _solar_objects(fetched.get("solar_system")),
        _picture(fetched.get("picture")),
    )


def _solar_objects(said: object) -> tuple[SolarObject, ...]:
    """Objects as the source `skybot` keeps them; whatever else has that name in a packet is left out."""
    rows = said.get("objects") if isinstance(said, dict) else None
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and (arcsec := _number(row.get("arcsec"))) is not None:
            at = _number(row.get("east_arcsec")), _number(row.get("north_arcsec"))
            texts = str(row.get("name") or ""), str(row.get("kind") or "")
            found.append(SolarObject(*texts, _number(row.get("mag")), arcsec, *at))
    return tuple(sorted(found, key=lambda one: (one.arcsec, one.name)))


def _picture(said: object) -> FieldPicture | None:
    if not isinstance(said, dict) or not isinstance(said.get("hips"), str):
        return None
    arcsec = _number(said.get("arcsec"))
    return None if arcsec is None else FieldPicture(said["hips"], arcsec)


#: No catalogue's number; the comparison leaves out NaN, too.
_HUGE = 1e30


def _number(value: object) -> float | None:
    return float(value) if type(value) in (int, float) and abs(value) < _HUGE else None  # type: ignore[arg-type]
