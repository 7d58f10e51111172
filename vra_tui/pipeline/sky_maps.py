"""Sky maps and alerts: which alerts may belong to an event, and where they lie on its map."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.config.options import GwOptions
from vra_tui.domain.alert import Refused
from vra_tui.domain.distance import luminosity_distance
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.sky_map import FINEST, SkyMap, area_within, rows_at
from vra_tui.domain.times import mjd_of
from vra_tui.sources.sky_maps import MapNotice, read_map
from vra_tui.store import Store, sky_maps
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.sky_maps import Candidates, StoredMap, newest_maps

Floats = NDArray[np.float64]

#: Places written in one transaction.
_SLICE = 5_000
_SQUARE_DEGREES = float(np.degrees(1.0)) ** 2
#: The error of a distance by a photometric redshift, relative; of a spectroscopic one, of peculiar motions.
_PHOTOMETRIC, _SPECTROSCOPIC = 0.3, 0.1


@dataclass(frozen=True)
class MapWindow:
    """Which alerts may belong to an event: with a t0 from so many days before it to so many after it.

    The day before holds alerts whose t0 is known by its date alone. ``level``: the credible level up to which
    alerts lie within, 0 to 1.
    """

    days_before: float = 1.0
    days_after: float = 30.0
    level: float = 0.9

    @classmethod
    def of(cls, options: GwOptions) -> "MapWindow":
        """As configured."""
        return cls(options.days_before, options.days_after, options.level)

    @classmethod
    def noted(cls, events: Iterable[StoredMap]) -> "MapWindow":
        """As a store notes it of its events; the default where it notes none."""
        return next((cls(*json.loads(one.placed)) for one in events if one.placed is not None), cls())

    def key(self) -> str:
        """How a store notes it."""
        return json.dumps([self.days_before, self.days_after, self.level])


@dataclass(frozen=True)
class Added:
    """What came of a notice: its version, None where it says nothing new, and how many alerts lie there.

    ``counting``: the version that counts now: another one was told later. ``is_retracted``: by that one.
    ``alerts``: of the event's time; ``within``: those of them up to the credible level of the window;
    ``area``: of that level, square degrees.
    """

    event: str
    version: int | None
    counting: int
    is_retracted: bool
    alerts: int
    within: int = 0
    area: float | None = None


def add_notice(
    store: Store,
    notice: MapNotice,
    clock: Callable[[], datetime],
    window: MapWindow | None = None,
    is_anew: bool = False,
) -> Added:
    """Keep what a notice tells of an event, and place the store's alerts on its map.

    Of several versions the one that was told last counts, whatever order they arrive in. Raises Refused where
    the map cannot be read, or where nothing says when the event was. Without a ``window`` the one
    that counted last counts. ``is_anew``: alerts are placed anew also where nothing new was told.
    """
    window = window or MapWindow.noted(newest_maps(store))
    mjd = _event_mjd(notice, _newest(store, notice.event))
    parsed = None if notice.content is None else read_map(notice.content)
    now = clock().astimezone(UTC)
    with transaction(store):
        version = sky_maps.add_version(
            store, notice.event, mjd, notice.content, notice.about,
            told_at=timestamp(_time_of(notice.created, now)), now=timestamp(now),
            is_retracted=notice.is_retracted,
        )  # fmt: skip
        event = _newest(store, notice.event)
        if event is not None and event.is_retracted:
            sky_maps.clear_places(store, event.event)
    if event is None:
        raise AssertionError("the version that was just kept is there")
    if event.is_retracted:
        return Added(event.event, version, event.version, True, 0)
    if version != event.version or parsed is None:
        parsed = read_map(sky_maps.map_of(store, event.event) or b"")
    if is_anew or event.placed != window.key():
        _place_all(store, event, parsed, window)
    placed, within = sky_maps.count_places(store).get(event.event, (0, 0))
    area = area_within(parsed, window.level)
    return Added(event.event, version, event.version, False, placed, within, area)


def _newest(store: Store, event: str) -> StoredMap | None:
    return next((one for one in newest_maps(store) if one.event == event), None)


def _event_mjd(notice: MapNotice, known: StoredMap | None) -> float:
    """When the event was: as told, as known before, or for a retraction on the day in a superevent's id."""
    if notice.event_mjd is not None:
        return notice.event_mjd
    if known is not None:
        return known.event_mjd
    if not notice.is_retracted:
        raise Refused(f"nothing says when {notice.event} happened: give its time by --mjd")
    day = re.fullmatch(r"[MT]?S(\d{6})[a-z]+", notice.event)
    try:
        return mjd_of(datetime.strptime(day[1] if day else "", "%y%m%d").replace(tzinfo=UTC))
    except ValueError:
        raise Refused(f"{notice.event} is retracted, and was not known here") from None


def _time_of(told: str | None, now: datetime) -> datetime:
    """When a source told something; now where it does not say."""
    try:
        when = datetime.fromisoformat((told or "").removesuffix(" UTC"))
    except ValueError:
        return now
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def add_notices(
    store: Store, source: str, notices: Iterable[MapNotice], clock: Callable[[], datetime]
) -> list[Refusal]:
    """Keep what a source told of events; what cannot be kept comes back as refusals."""
    refused = []
    for notice in notices:
        try:
            add_notice(store, notice, clock)
        except Refused as why:
            refused.append(Refusal(source, f"the map of {notice.event}", str(why)))
    return refused


def renew_places(store: Store, window: MapWindow | None = None) -> int:
    """Place alerts that changed on the newest maps of all events; how many were placed.

    What is new in the store, has another t0 or another host changes its place. Call it before scoring: alerts
    that changed are those that wait for it. A store without maps is asked one small question. Without a
    ``window`` the one that counted last counts.
    """
    events = [one for one in newest_maps(store) if not one.is_retracted]
    if not events:
        return 0
    window, placed = window or MapWindow.noted(events), 0
    changed = sky_maps.changed_candidates(store, window.days_before, window.days_after)
    for event in events:
        is_whole = event.placed == window.key()
        if is_whole and event.event not in changed:
            continue
        content = sky_maps.map_of(store, event.event)
        if content is None:  # retracted by another program meanwhile
            continue
        if not is_whole:
            placed += _place_all(store, event, read_map(content), window)
            continue
        alerts = sky_maps.candidates_among(store, changed[event.event])
        placed += _put(store, event, map_places(alerts, read_map(content), event.event_mjd, window.level))
    # Asked first: nobody waits for a transaction in which nothing is written.
    if left := sky_maps.left_behind(store, window.days_before, window.days_after):
        with transaction(store):
            sky_maps.drop_places(store, left)
    return placed


def _place_all(store: Store, event: StoredMap, found: SkyMap, window: MapWindow) -> int:
    """Place the alerts of an event's time anew. Noted as whole last: cut off, it begins again."""
    alerts = sky_maps.candidates(
        store, event.event_mjd - window.days_before, event.event_mjd + window.days_after
    )
    rows = map_places(alerts, found, event.event_mjd, window.level)
    with transaction(store):
        sky_maps.clear_places(store, event.event)
    placed = _put(store, event, rows)
    with transaction(store):
        sky_maps.set_placed(store, event.event, event.version, window.key())
    return placed


def _put(store: Store, event: StoredMap, rows: list[tuple[Any, ...]]) -> int:
    """Write places in small transactions, so that no scanner's decision has to wait for long."""
    for first in range(0, len(rows), _SLICE):
        with transaction(store):
            sky_maps.put_places(store, event.event, rows[first : first + _SLICE])
    return len(rows)


def map_places(alerts: Candidates, found: SkyMap, mjd: float, within: float) -> list[tuple[Any, ...]]:
    """Where alerts lie on a map of an event at ``mjd``, as rows for `store.sky_maps.put_places`.

    ``within``: the credible level up to which they lie within.
    """
    if not len(alerts.alert_id):
        return []
    row = rows_at(found, _pixels(alerts.ra, alerts.dec))
    mean, sigma, level = found.mean[row], found.sigma[row], found.level[row]
    columns = (
        level,
        found.density[row] / _SQUARE_DEGREES,
        mean,
        sigma,
        alerts.t0_mjd - mjd,
        host_sigma(alerts, mean, sigma),
    )
    values = [[None if value != value else value for value in column.tolist()] for column in columns]
    ids, revisions = alerts.alert_id.tolist(), alerts.revision.tolist()
    return list(zip(ids, revisions, *values, (level <= within).astype(int).tolist(), strict=True))


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
