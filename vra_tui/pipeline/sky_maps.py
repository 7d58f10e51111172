"""Sky maps and alerts: which alerts may belong to an event, and where they lie on its map."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Refused
from vra_tui.domain.distance import luminosity_distance
from vra_tui.domain.sky_map import FINEST, SkyMap, rows_at
from vra_tui.sources.sky_maps import MapNotice, read_map
from vra_tui.store import Store, sky_maps
from vra_tui.store.connection import transaction
from vra_tui.store.sky_maps import Candidates, newest_maps

Floats = NDArray[np.float64]

_SQUARE_DEGREES = float(np.degrees(1.0)) ** 2
#: The error of a distance by a photometric redshift, relative; of a spectroscopic one, of peculiar motions.
_PHOTOMETRIC, _SPECTROSCOPIC = 0.3, 0.1


@dataclass(frozen=True)
class MapWindow:
    """Which alerts may belong to an event: with a t0 from so many days before it to so many after it.

    The day before holds alerts whose t0 is known by its date alone.
    """

    days_before: float = 1.0
    days_after: float = 30.0


@dataclass(frozen=True)
class Added:
    """What came of a notice: its version, None where it says nothing new, and how many alerts lie there."""

    event: str
    version: int | None
    is_retracted: bool
    alerts: int


def add_notice(
    store: Store, notice: MapNotice, clock: Callable[[], datetime], window: MapWindow | None = None
) -> Added:
    """Keep what a notice tells of an event, and place the store's alerts on its map.

    Raises Refused where the map cannot be read, or where nothing says when the event was.
    """
    known = next((one for one in newest_maps(store) if one.event == notice.event), None)
    mjd = notice.event_mjd if notice.event_mjd is not None else known.event_mjd if known else None
    if mjd is None:
        if notice.is_retracted:
            raise Refused(f"{notice.event} is retracted, and was not known here")
        raise Refused(f"nothing says when {notice.event} happened: give its time by --mjd")
    parsed = None if notice.content is None else read_map(notice.content)
    now = clock().astimezone(UTC).isoformat(timespec="seconds")
    with transaction(store):
        version = sky_maps.add_version(
            store, notice.event, mjd, notice.content, notice.about, now, notice.is_retracted
        )
        placed = _place(store, notice.event, mjd, parsed, window or MapWindow())
    return Added(notice.event, version, notice.is_retracted, placed)


def renew_places(store: Store, window: MapWindow | None = None) -> int:
    """Place all alerts anew on the newest maps of all events; how many places there are.

    What is new in the store, has another t0 or another host changes its place; call it after scoring.
    """
    placed = 0
    for event in newest_maps(store):
        content = sky_maps.map_of(store, event.event)
        parsed = None if content is None else read_map(content)
        with transaction(store):
            placed += _place(store, event.event, event.event_mjd, parsed, window or MapWindow())
    return placed


def _place(store: Store, event: str, mjd: float, found: SkyMap | None, window: MapWindow) -> int:
    if found is None:
        sky_maps.put_places(store, event, [])
        return 0
    alerts = sky_maps.candidates(store, mjd - window.days_before, mjd + window.days_after)
    rows = _rows(alerts, found, mjd)
    sky_maps.put_places(store, event, rows)
    return len(rows)


def _rows(alerts: Candidates, found: SkyMap, mjd: float) -> list[tuple[Any, ...]]:
    if not len(alerts.alert_id):
        return []
    row = rows_at(found, _pixels(alerts.ra, alerts.dec))
    mean, sigma = found.mean[row], found.sigma[row]
    columns = (
        found.level[row],
        found.density[row] / _SQUARE_DEGREES,
        mean,
        sigma,
        alerts.t0_mjd - mjd,
        host_sigma(alerts, mean, sigma),
    )
    values = [[None if value != value else value for value in column.tolist()] for column in columns]
    return list(zip(alerts.alert_id.tolist(), *values, strict=True))


def host_sigma(alerts: Candidates, mean: Floats, sigma: Floats) -> Floats:
    """How many sigma the hosts lie beyond the event in their direction, NaN without a distance of both.

    The errors of both count: a host's distance is good to 30 % by a photometric redshift, to 10 % else.
    """
    by_z, by_photoz = luminosity_distance(alerts.z), luminosity_distance(alerts.photoz)
    distance = alerts.direct_distance_mpc
    for other in (alerts.distance_mpc, by_z, by_photoz):
        distance = np.where(np.isnan(distance), other, distance)
    is_photometric = np.isnan(alerts.direct_distance_mpc) & np.isnan(alerts.distance_mpc) & np.isnan(by_z)
    error = distance * np.where(is_photometric, _PHOTOMETRIC, _SPECTROSCOPIC)
    with np.errstate(all="ignore"):
        return np.asarray((distance - mean) / np.hypot(sigma, error), dtype=np.float64)


def _pixels(ra: Floats, dec: Floats) -> NDArray[np.int64]:
    from astropy import units
    from astropy_healpix import lonlat_to_healpix

    degrees = (values * units.deg for values in (ra, dec))
    return np.asarray(lonlat_to_healpix(*degrees, 1 << FINEST, order="nested"), dtype=np.int64)
