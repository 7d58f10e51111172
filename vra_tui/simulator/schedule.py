"""The schedule: exposures of each telescope unit by cell of the sky, and their depths."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.instrument import Instrument, Unit
from vra_tui.simulator.sky import Cells

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SIDEREAL_PER_DAY = 1.00273790935
_OBLIQUITY = np.radians(23.4393)
#: A new Moon, and the synodic month: Meeus, Astronomical Algorithms, chapter 49.
_NEW_MOON_MJD = 51549.76
_SYNODIC_MONTH = 29.530588861


@dataclass(frozen=True, eq=False)
class ScheduledVisits:
    """Quads: one unit on one cell in one night, shape (v,) each, sorted by cell, then time."""

    cell: Ints
    night: Ints
    unit: NDArray[np.uint8]
    mjd: Floats
    count: Ints


@dataclass(frozen=True, eq=False)
class Schedule:
    """All exposures, sorted by cell, then time.

    ``start``: offsets of the cells, shape (cells + 1,). Per exposure: ``mjd``; ``unit`` (index into the
    instrument's units), ``filter`` (letter as ASCII number), ``limit`` (5-sigma magnitude), ``fwhm``
    (arcsec), ``night`` and ``number`` (as in the exposure's name), ``visit`` (index into ``visits``).
    """

    cells: Cells
    start: Ints
    mjd: Floats
    unit: NDArray[np.uint8]
    filter: NDArray[np.uint8]
    limit: NDArray[np.float32]
    fwhm: NDArray[np.float32]
    night: NDArray[np.int32]
    number: NDArray[np.uint16]
    visit: NDArray[np.int32]
    visits: ScheduledVisits

    def window(self, cell: Ints, low: Floats, high: Floats) -> tuple[Ints, Ints]:
        """First exposure of each cell from time ``low`` on, and the first after ``high``."""
        base, span = self._frame
        first = np.searchsorted(self._key, cell * span + np.clip(low - base, 0.0, span))
        last = np.searchsorted(self._key, cell * span + np.clip(high - base, 0.0, span), side="right")
        return first, last

    @cached_property
    def _frame(self) -> tuple[float, float]:
        base = float(self.mjd.min()) - 1.0
        return base, float(self.mjd.max()) - base + 2.0

    @cached_property
    def _key(self) -> Floats:
        """Cell and time of every exposure as one ascending number."""
        base, span = self._frame
        return np.repeat(np.arange(len(self.cells)), np.diff(self.start)) * span + (self.mjd - base)


def moon_illumination(mjd: Floats) -> Floats:
    """Illuminated fraction of the Moon, from its mean age."""
    age = (mjd - _NEW_MOON_MJD) / _SYNODIC_MONTH
    result: Floats = 0.5 * (1.0 - np.cos(2.0 * np.pi * age))
    return result


def sun_position(mjd: Floats) -> tuple[Floats, Floats]:
    """RA and Dec of the Sun in degrees, good to 0.01 degrees (Astronomical Almanac, low precision)."""
    days = mjd - 51544.5
    mean = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(mean) + 0.020 * np.sin(2 * mean))
    ra = np.degrees(np.arctan2(np.cos(_OBLIQUITY) * np.sin(longitude), np.cos(longitude))) % 360.0
    return ra, np.degrees(np.arcsin(np.sin(_OBLIQUITY) * np.sin(longitude)))


def build(
    instrument: Instrument,
    units: dict[str, int],
    first_night: int,
    last_night: int,
    seed: np.random.SeedSequence,
    cells: Cells | None = None,
) -> Schedule:
    """Simulate the survey from ``first_night`` to ``last_night`` (MJD of local midnight, inclusive).

    ``units``: code and first night of each unit that takes part. Each draws from its own random stream, so
    that one that joins leaves the others' nights as they were. Raises KeyError for an unknown unit.
    """
    cells = cells or Cells()
    nights = np.arange(first_night, last_night + 1)
    parts = []
    children = seed.spawn(len(instrument.units))
    for code, joined in units.items():
        index = instrument.unit_index(code)
        rng = np.random.default_rng(children[index])
        parts.append(_unit_visits(instrument, index, nights[nights >= joined], cells, rng))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[3], columns[0]))
    cell, night, unit, mjd, end, airmass, cloud = (column[order] for column in columns)
    rng = np.random.default_rng(seed.spawn(1)[0])
    return _expose(instrument, cells, cell, night, unit, mjd, end, airmass, cloud, rng)


def _unit_visits(
    instrument: Instrument, index: int, nights: Ints, cells: Cells, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Floats, Floats, Floats, Floats]:
    """Cell, night, unit, mjd, latest mjd, airmass and loss to cloud of the quads of one unit."""
    unit, cadence, depth = instrument.units[index], instrument.cadence, instrument.depth
    ra, dec = cells.center
    turn = cells.row + (ra / 7.2).astype(np.int64)
    due = np.zeros((len(nights), len(cells)), dtype=bool)
    for low, high, cycle in unit.bands:
        due |= ((nights[:, None] + turn) % cycle == unit.phase % cycle) & (dec >= low) & (dec < high)
    due[1:] |= due[:-1] & (rng.random(due[1:].shape) < cadence.repeat)
    open_night = _spells(rng, len(nights), unit.closed) < 1.0 - unit.closed
    loss = np.where(
        rng.random(len(nights)) < depth.cloud_share, rng.exponential(depth.cloud_mean, len(nights)), 0.0
    )
    begin, end = _observable(unit, nights, ra, dec, cadence.airmass_limit)
    due &= open_night[:, None] & (end - begin > 0.03) & (rng.random(due.shape) > cadence.lost)
    night, cell = np.nonzero(due)
    begin, end = begin[night, cell], end[night, cell]
    # Fields are taken as they culminate, as far as the others leave room for it: the middle is favoured.
    mjd = begin + (end - begin - 0.025) * rng.beta(1.6, 1.6, len(cell))
    airmass = _airmass(unit, mjd, ra[cell], dec[cell])
    cloud = loss[night] * rng.gamma(2.0, 0.5, len(cell))
    return cell, nights[night], np.full(len(cell), index), mjd, end, airmass, cloud


def _spells(rng: np.random.Generator, n: int, share: float) -> Floats:
    """Uniform numbers that stay for some days, as weather does: three of ten repeat the night before."""
    fresh = rng.random(n)
    keep = rng.random(n) < 0.3
    keep[:1] = False
    return fresh[np.maximum.accumulate(np.where(keep, 0, np.arange(n)))]


def _observable(unit: Unit, nights: Ints, ra: Floats, dec: Floats, airmass: float) -> tuple[Floats, Floats]:
    """Between which times (MJD, shape (nights, cells)) each cell is up in the dark; end < begin if never."""
    midnight = nights.astype(np.float64) - unit.longitude / 360.0
    sun_ra, sun_dec = sun_position(midnight)
    lat = np.radians(unit.latitude)
    dark = _half_arc(lat, np.radians(sun_dec), np.sin(np.radians(-15.0)))
    night_half = (0.5 - dark / (2.0 * np.pi))[:, None]
    up = _half_arc(lat, np.radians(dec), 1.0 / airmass) / (2.0 * np.pi * _SIDEREAL_PER_DAY)
    # Sidereal time at local midnight is that of the Sun's lower transit.
    transit = ((ra[None, :] - sun_ra[:, None] - 180.0 + 180.0) % 360.0 - 180.0) / 360.0 / _SIDEREAL_PER_DAY
    begin: Floats = midnight[:, None] + np.maximum(-night_half, transit - up[None, :])
    end: Floats = midnight[:, None] + np.minimum(night_half, transit + up[None, :])
    return begin, end


def _half_arc(lat: float, dec: Floats, sin_altitude: float) -> Floats:
    """Hour angle in radians at which a declination stands at an altitude; 0 if always below, pi if above."""
    cosine = (sin_altitude - np.sin(lat) * np.sin(dec)) / (np.cos(lat) * np.cos(dec))
    result: Floats = np.arccos(np.clip(cosine, -1.0, 1.0))
    return result


def _airmass(unit: Unit, mjd: Floats, ra: Floats, dec: Floats) -> Floats:
    sidereal = 280.46061837 + 360.98564736629 * (mjd - 51544.5) + unit.longitude
    hour = np.radians(sidereal - ra)
    lat, lon_dec = np.radians(unit.latitude), np.radians(dec)
    sine = np.sin(lat) * np.sin(lon_dec) + np.cos(lat) * np.cos(lon_dec) * np.cos(hour)
    return 1.0 / np.clip(sine, 0.3, 1.0)


def _expose(
    instrument: Instrument,
    cells: Cells,
    cell: Ints,
    night: Ints,
    unit: Ints,
    mjd: Floats,
    end: Floats,
    airmass: Floats,
    cloud: Floats,
    rng: np.random.Generator,
) -> Schedule:
    """Exposures of the visits, with filter, depth and seeing."""
    cadence, depth = instrument.cadence, instrument.depth
    share = np.array(cadence.exposures)
    count = 1 + np.searchsorted(np.cumsum(share / share.sum())[:-1], rng.random(len(cell)))
    first = np.concatenate([[0], np.cumsum(count)])
    visit = np.repeat(np.arange(len(cell)), count)
    total = len(visit)
    step = cadence.spacing_minutes / 1440.0 * 10.0 ** (cadence.spacing_dex * rng.standard_normal(total))
    along = np.cumsum(step)
    along -= along[first[:-1]][visit]
    # A quad that would outlast the night is taken faster.
    hurry = np.minimum(1.0, (end - mjd) / np.maximum(along[first[1:] - 1], 1e-6))
    time = np.round(mjd[visit] + along * hurry[visit], 8)

    filters = _filters(instrument, night, unit, moon_illumination(mjd), count, visit, rng)
    lit = moon_illumination(mjd) ** depth.moon_power
    at_zenith = np.full((len(instrument.units), 256), np.nan)
    for index, one in enumerate(instrument.units):
        at_zenith[index, [ord(band) for band in one.limits]] = list(one.limits.values())
    # The visit has the depth of its first band; other bands of it are so much deeper.
    zenith = at_zenith[unit, filters[first[:-1]]]
    deeper = at_zenith[unit[visit], filters] - zenith[visit]
    key = night * len(instrument.units) + unit
    _, of_night = np.unique(key, return_inverse=True)
    nightly = depth.night_scatter * rng.standard_normal(int(of_night.max(initial=-1)) + 1)[of_night]
    limit = zenith + depth.moon * lit + depth.airmass * (airmass - 1.0) - cloud + nightly
    limit += depth.quad_scatter * rng.standard_normal(len(cell))
    ragged = depth.exposure_scatter + depth.cloud_exposure_scatter * np.minimum(cloud, 1.0)
    scatter = ragged[visit] * rng.standard_normal(total)
    fwhm = np.array([u.fwhm for u in instrument.units])[unit] * airmass**0.6
    fwhm = fwhm * 10.0 ** (0.06 * rng.standard_normal(len(cell)))

    order = np.lexsort((time, cell[visit]))
    sorted_visit = visit[order]
    time = time[order]
    # Exposures are numbered through the night, one in forty seconds.
    east = np.array([u.longitude for u in instrument.units])[unit][sorted_visit]
    # The longest nights of the southern winter begin seven hours before midnight.
    since_dusk = time - night[sorted_visit] + east / 360.0 + 0.3
    number = np.clip(np.rint(since_dusk * 2160.0), 1, 1999)
    return Schedule(
        cells=cells,
        start=np.searchsorted(cell[sorted_visit], np.arange(len(cells) + 1)),
        mjd=time,
        unit=unit[sorted_visit].astype(np.uint8),
        filter=filters[order],
        limit=np.round(np.clip(limit[visit] + scatter + deeper, 13.0, depth.deepest)[order], 2).astype(
            np.float32
        ),
        fwhm=fwhm[sorted_visit].astype(np.float32),
        night=night[sorted_visit].astype(np.int32),
        number=number.astype(np.uint16),
        visit=sorted_visit.astype(np.int32),
        visits=ScheduledVisits(cell, night, unit.astype(np.uint8), mjd, count),
    )


def _filters(
    instrument: Instrument,
    night: Ints,
    unit: Ints,
    lit: Floats,
    count: Ints,
    visit: Ints,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The band of every exposure (``visit``: whose it is) by the plans of the visits' units and the Moon."""
    draw_of = np.arange(len(night))
    if instrument.cadence.band_by == "night":
        _, draw_of = np.unique(night * len(instrument.units) + unit, return_inverse=True)
    draw = rng.random(int(draw_of.max(initial=-1)) + 1)[draw_of]
    moon = np.digitize(lit, [0.1, 0.35])
    chosen = np.empty(len(night), dtype="<U6")
    for index, one in enumerate(instrument.units):
        for number, plan in enumerate((one.dark, one.grey, one.bright)):
            rows = np.flatnonzero((unit == index) & (moon == number))
            edges = np.cumsum(list(plan.values()))[:-1] / sum(plan.values())
            chosen[rows] = np.array(list(plan))[np.searchsorted(edges, draw[rows], side="right")]
    # One band after the other, and again from the first.
    letters = chosen.view(np.uint32).reshape(len(chosen), -1).astype(np.uint8)
    turn = np.arange(len(visit)) - (np.cumsum(count) - count)[visit]
    return letters[visit, turn % np.strings.str_len(chosen)[visit]]
