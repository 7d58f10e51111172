"""The stamps of packets: one scene an object, seen anew in every exposure."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.batch import Batch, Floats, Ints
from vra_tui.simulator.packets.sightings import Sightings
from vra_tui.simulator.stamps import (
    OPTICS,
    Cutouts,
    Scene,
    StampExposures,
    StampSource,
    Stars,
    draw,
    fits_bytes,
    imagine,
)

Bools = NDArray[np.bool_]

#: What each kind of source looks like.
_LOOKS = {
    "agn": StampSource.AGN,
    "nova": StampSource.TRANSIENT,
    "cv": StampSource.VARIABLE,
    "m_dwarf_flare": StampSource.VARIABLE,
    "variable_star": StampSource.VARIABLE,
    "pm_star": StampSource.PM_STAR,
    "pm_star_crowded": StampSource.PM_STAR,
    "bad_subtraction": StampSource.DIPOLE,
    "bright_star": StampSource.BRIGHT_STAR,
    "diffraction_spike": StampSource.BRIGHT_STAR,
    "cross_talk": StampSource.GHOST,
    "cosmic_ray": StampSource.COSMIC_RAY,
    "trailed_night": StampSource.TRAILED_NIGHT,
    "asteroid": StampSource.MOVER,
}
#: What a fit of the PSF finds badly shaped, and of what nothing is in the template.
_ODD = (
    StampSource.DIPOLE,
    StampSource.PM_STAR,
    StampSource.BRIGHT_STAR,
    StampSource.GHOST,
    StampSource.TRAILED_NIGHT,
)
_NOT_BEFORE = (StampSource.TRANSIENT, StampSource.MOVER, StampSource.COSMIC_RAY, StampSource.GHOST)
_LOSES_LIGHT = (StampSource.VARIABLE, StampSource.AGN)


def looks(batch: Batch) -> Ints:
    """Return what the stamps of each alert show, a value of `StampSource`; explosions are transients."""
    return np.array(
        [_LOOKS.get(str(kind), StampSource.TRANSIENT) for kind in batch.truth["kind"]], dtype=np.int64
    )


def is_odd(kind: Ints) -> Bools:
    """Tell what a fit finds badly shaped; ``kind``: values of `StampSource`, shape (n,)."""
    return np.isin(kind, _ODD)


def is_in_template(kind: Ints) -> Bools:
    """Tell whether something is in the template at that place; ``kind``: values of `StampSource`."""
    return ~np.isin(kind, _NOT_BEFORE)


class Imager:
    """Draws the stamps of packets.

    An object has the same host, star and neighbours in all of its packets, and a packet the same bytes
    whichever others are drawn.
    """

    def __init__(self, sent: Sightings, seed: np.random.SeedSequence) -> None:
        self._optics = OPTICS[sent.instrument.survey]
        of_sky, of_nights = (np.random.default_rng(part) for part in seed.spawn(2))
        seen, n = sent.batch.detections, len(sent)
        mag = seen["mag"].astype(np.float64)[sent.row]
        objects, self._of_object = np.unique(sent.owner, return_inverse=True)
        kind = looks(sent.batch)[objects]
        self._mag, negative = np.abs(mag), mag < 0
        # What has no star to lose light from cannot be negative.
        has_star = ~np.isin(kind, (StampSource.TRANSIENT, StampSource.MOVER, StampSource.EDGE))
        self._negative = negative & has_star[self._of_object]
        # One exposure an object stands for all: which stars are drawn is no matter of a night's weather.
        typical = StampExposures.typical(self._optics, len(objects), of_sky)
        median = np.array([np.median(part) for part in np.split(*_by_object(self._mag, self._of_object))])
        self._sky = imagine(self._optics, kind, median, of_sky, night=typical, **_hosts(sent.batch, objects))
        # A star never loses more light than it has: it is as bright as its faintest hour asks for.
        faded = self._negative & np.isin(kind, _LOSES_LIGHT)[self._of_object]
        bright_enough = np.full(len(objects), np.inf)
        np.minimum.at(bright_enough, self._of_object[faded], self._mag[faded] - 0.3)
        self._star = np.where(
            np.isfinite(bright_enough),
            np.minimum(self._sky.counterpart_mag, bright_enough),
            self._sky.counterpart_mag,
        )
        night = StampExposures.typical(self._optics, n, of_nights, seen["limit"].astype(np.float64)[sent.row])
        # As deep as the exposure is, in its own seeing: a wider PSF gathers more of the sky's noise.
        fwhm = seen["fwhm"].astype(np.float64)[sent.row]
        wider = fwhm / night.fwhm
        self._night = replace(
            night, fwhm=fwhm, sky_rms=night.sky_rms / wider, template_rms=night.template_rms / wider
        )
        self._seed = of_nights.integers(0, 2**63, n, dtype=np.uint64)
        self._shift = of_nights.uniform(-0.5, 0.5, (2, n))
        self._place = np.array([seen[name].astype(np.float64)[sent.row] for name in ("ra", "dec")])

    def cutouts(self, packets: Ints) -> list[Cutouts]:
        """The stamps of these packets."""
        if not len(packets):
            return []
        of_object = self._of_object[packets]
        scene = replace(
            _repeated(self._sky, of_object),
            mag=self._mag[packets],
            negative=self._negative[packets],
            counterpart_mag=self._star[of_object],
            night=self._night.take(packets),
            seed=self._seed[packets],
            dx=self._shift[0, packets],
            dy=self._shift[1, packets],
        )
        triplets = draw(scene, self._optics)
        ra, dec = self._place[:, packets].tolist()
        return [fits_bytes(triplets, i, ra=ra[i], dec=dec[i]) for i in range(len(packets))]


def _by_object(values: Floats, of_object: Ints) -> tuple[Floats, Ints]:
    """Values sorted by object, and where each object but the first begins."""
    order = np.argsort(of_object, kind="stable")
    return values[order], np.cumsum(np.bincount(of_object))[:-1]


def _hosts(batch: Batch, objects: Ints) -> dict[str, Floats]:
    """The galaxy that is matched, as the stamps draw it; none where a star or nothing is."""
    match = {name: column[objects] for name, column in batch.matches.items()}
    has = np.isin(match["catalogue"], ("galaxy", "agn"))
    mag = np.where(has, match["magnitude"].astype(np.float64), np.nan)
    size = np.clip(2.1 * 10.0 ** (-0.2 * (np.nan_to_num(mag, nan=18.0) - 18.0)), 0.25, 18.0)
    east, north = (np.nan_to_num(match[name].astype(np.float64)) for name in ("east", "north"))
    return {"host_mag": mag, "host_re": size, "host_east": east, "host_north": north}


def _repeated(scene: Scene, rows: Ints) -> Scene:
    """The scene's rows as often as they are named, each with its stars."""
    per_row = [field.name for field in fields(scene) if field.name not in {"night", "stars"}]
    order = np.argsort(scene.stars.alert, kind="stable")
    start = np.searchsorted(scene.stars.alert[order], np.arange(len(scene) + 1))
    number = np.diff(start)[rows]
    first = np.cumsum(number) - number
    star = order[np.arange(number.sum()) + np.repeat(start[:-1][rows] - first, number)]
    stars = Stars(
        np.repeat(np.arange(len(rows)), number),
        *(getattr(scene.stars, name)[star] for name in ("east", "north", "mag")),
    )
    columns = {name: getattr(scene, name)[rows] for name in per_row}
    return Scene(**columns, night=scene.night.take(rows), stars=stars)
