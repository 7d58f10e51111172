"""Science image, template and difference of many alerts at once, from a scene and a survey's optics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.stamps import artefacts
from vra_tui.simulator.stamps.light import (
    Galaxies,
    MoffatShape,
    Plane,
    PointSources,
    add_points,
    add_wings,
    galaxy_light,
    spread,
)
from vra_tui.simulator.stamps.optics import FWHM_OF_SIGMA, Optics
from vra_tui.simulator.stamps.scene import POINT_SOURCES, Scene, StampSource, Stars

#: Alerts drawn together: their planes stay in the processor's cache.
CHUNK = 32


@dataclass(frozen=True)
class Triplets:
    """The images of n alerts, float32 (n, size, size): alert, row, column, as in the packets."""

    optics: Optics
    scene: Scene
    science: Plane
    template: Plane | None
    """None for a survey whose packets have none."""
    difference: Plane
    variance: tuple[Plane, Plane, Plane]
    """Of science, template and difference, unit squared."""

    def __len__(self) -> int:
        return len(self.science)


@dataclass(frozen=True)
class _Chance:
    """The random numbers of a chunk: each row's follow from its seed alone."""

    uniform: NDArray[np.float64]
    normal: NDArray[np.float64]
    grain: Plane
    column: NDArray[np.float32]
    star: NDArray[np.float64]

    @classmethod
    def of(cls, seeds: NDArray[np.uint64], stars: NDArray[np.int64], size: int) -> "_Chance":
        """`stars` says how many each alert has; they lie one alert after the other."""
        n = len(seeds)
        uniform, normal = np.empty((n, 16)), np.empty((n, 8))
        grain, column = np.empty((4, n, size, size), np.float32), np.empty((n, size), np.float32)
        star = np.empty((int(stars.sum()), 3))
        ends = np.cumsum(stars)
        for row, seed in enumerate(seeds):
            rng = np.random.Generator(np.random.SFC64(int(seed)))
            rng.random(out=uniform[row])
            rng.standard_normal(out=normal[row])
            for plane in grain:
                rng.standard_normal(out=plane[row], dtype=np.float32)
            rng.standard_normal(out=column[row], dtype=np.float32)
            rng.standard_normal(out=star[ends[row] - stars[row] : ends[row]])
        return cls(uniform, normal, grain, column, star)


def draw(scene: Scene, optics: Optics) -> Triplets:
    """Draw the three images of each alert of a scene as that survey would deliver them.

    Pure: the same row gives the same pixels, alone or among others. NaN (ZTF, LSST) or -31415 (ATLAS's
    difference) stands where a pixel is masked. The difference of a negative source is upside down for ZTF, as
    in its packets.
    """
    n, size = len(scene), optics.size
    science, template, difference = (np.empty((n, size, size), np.float32) for _ in range(3))
    variance = tuple(np.empty((n, size, size), np.float32) for _ in range(3))
    order = np.argsort(scene.stars.alert, kind="stable")
    stars = Stars(*(getattr(scene.stars, name)[order] for name in ("alert", "east", "north", "mag")))
    firsts = np.searchsorted(stars.alert, np.arange(0, n + CHUNK, CHUNK))
    for start, low, high in zip(range(0, n, CHUNK), firsts[:-1], firsts[1:], strict=False):
        rows = slice(start, min(start + CHUNK, n))
        near = Stars(
            stars.alert[low:high] - start, stars.east[low:high], stars.north[low:high], stars.mag[low:high]
        )
        drawn = _Drawing(scene.starless(rows), near, optics)
        drawn.into(science[rows], template[rows], difference[rows], tuple(plane[rows] for plane in variance))
    return Triplets(
        optics,
        scene,
        science,
        template if optics.has_template else None,
        difference,
        (variance[0], variance[1], variance[2]),
    )


class _Drawing:
    """One chunk, from empty planes to finished images."""

    def __init__(self, scene: Scene, stars: Stars, optics: Optics) -> None:
        self.scene, self.optics, self.n = scene, optics, len(scene)
        night = scene.night
        self.kind = scene.kind
        self.x, self.y = optics.centre + scene.dx, optics.centre + scene.dy
        self.flux = optics.flux(scene.mag, night.zero_point)
        self.star_flux = optics.flux(scene.counterpart_mag, night.zero_point)
        angle = np.radians(scene.angle)
        ux, uy = optics.to_pixels(np.sin(angle), np.cos(angle), night.rotation)
        self.ux, self.uy = ux * optics.pixel, uy * optics.pixel
        self.length = scene.length / optics.pixel
        self.fwhm, self.template_fwhm = night.fwhm / optics.pixel, night.template_fwhm / optics.pixel
        self.chance = _Chance.of(scene.seed, np.bincount(stars.alert, minlength=self.n), optics.size)
        dx, dy = optics.to_pixels(stars.east, stars.north, night.rotation[stars.alert])
        self.stars = PointSources.of(
            stars.alert,
            self.x[stars.alert] + dx,
            self.y[stars.alert] + dy,
            optics.flux(stars.mag, night.zero_point[stars.alert]),
        )
        self.planes = artefacts.Planes.empty(self.n, optics.size)

    def into(self, science: Plane, template: Plane, difference: Plane, variance: tuple[Plane, ...]) -> None:
        """Draw all there is, in the order in which light and chip meet it."""
        self._hosts()
        self._point_sources()
        self._artefacts()
        self._noise(science, template, difference, variance)
        self._masks(science, template, difference)

    def _of_kind(self, *kinds: StampSource) -> NDArray[np.bool_]:
        return np.isin(self.kind, kinds)

    def _hosts(self) -> None:
        scene, optics = self.scene, self.optics
        rows = np.flatnonzero(np.isfinite(scene.host_mag))
        if not len(rows):
            return
        hosts = scene.starless(rows)
        rotation = hosts.night.rotation
        dx, dy = optics.to_pixels(hosts.host_east, hosts.host_north, rotation)
        pa = np.radians(hosts.host_pa)
        ux, uy = optics.to_pixels(np.sin(pa), np.cos(pa), rotation)
        galaxies = Galaxies(
            alert=rows,
            x=self.x[rows] + dx,
            y=self.y[rows] + dy,
            flux=optics.flux(hosts.host_mag, hosts.night.zero_point),
            re=hosts.host_re / optics.pixel,
            q=hosts.host_q,
            ux=ux * optics.pixel,
            uy=uy * optics.pixel,
            bulge=hosts.host_bulge,
            arms=hosts.host_arms,
            phase=np.pi * (self.chance.uniform[rows, 5] - 0.5),
        )
        self.planes.science[rows] += galaxy_light(galaxies, self.fwhm[rows], optics.size)
        if optics.has_template:
            self.planes.template[rows] += galaxy_light(galaxies, self.template_fwhm[rows], optics.size)

    def _shape(self, fwhm: NDArray[np.float64], drawn: NDArray[np.bool_], chance: int) -> MoffatShape:
        """The PSF of each row: a little elongated at random, or by the scene's length where drawn out."""
        turn = np.pi * self.chance.uniform[:, chance]
        drawn_out = np.where(drawn, self.length, 0.4 * fwhm * self.chance.uniform[:, chance + 1])
        along = (np.where(drawn, self.ux, np.cos(turn)), np.where(drawn, self.uy, np.sin(turn)))
        return MoffatShape.of(fwhm, self.optics.beta, along, drawn_out)

    def _point_sources(self) -> None:
        optics, planes, beta, noise = self.optics, self.planes, self.optics.beta, self.scene.night.sky_rms
        everyone = np.arange(self.n)
        trailed = self._of_kind(StampSource.TRAILED_NIGHT)
        shape = self._shape(self.fwhm, trailed, 6)
        own_shape = self._shape(self.fwhm, trailed | self._of_kind(StampSource.MOVER), 6)
        real, negative = self._of_kind(*POINT_SOURCES), self.scene.negative
        resting = np.where(self._of_kind(StampSource.BRIGHT_STAR), 0.0, self.star_flux)
        signed = np.where(real, np.where(negative, -self.flux, self.flux), 0.0)
        # What has gone was in the template: either the star was brighter there, or it is no more.
        gone = real & negative & (resting == 0)

        def stars_and(
            flux: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
        ) -> PointSources:
            return self.stars + PointSources.of(everyone, x, y, flux)

        def shapes(for_stars: MoffatShape, own: MoffatShape) -> MoffatShape:
            stars = for_stars.take(self.stars.alert)
            return MoffatShape(
                *(np.concatenate([getattr(stars, name), getattr(own, name)]) for name in ("a", "b", "c"))
            )

        now = stars_and(np.where(gone, 0.0, resting + signed), self.x, self.y)
        add_points(planes.science, now, shapes(shape, own_shape), beta, noise)
        moved = np.where(self._of_kind(StampSource.PM_STAR), self.length, 0.0)
        then_x, then_y = self.x - moved * self.ux, self.y - moved * self.uy
        if optics.has_template:
            then = stars_and(np.where(gone, self.flux, resting), then_x, then_y)
            template_shape = self._shape(self.template_fwhm, np.zeros(self.n, np.bool_), 8)
            add_points(
                planes.template,
                then,
                shapes(template_shape, template_shape),
                beta,
                self.scene.night.template_rms,
            )
            winged = self.chance.uniform[then.alert, 10] < 0.5
            streaks = (
                winged * optics.template_wings * then.flux * shapes(template_shape, template_shape).norm(beta)
            )
            streaked = np.flatnonzero(streaks > self.scene.night.template_rms[then.alert])
            add_wings(planes.template, then.take(streaked), streaks[streaked], 7.0)
        add_points(
            planes.difference, PointSources.of(everyone, self.x, self.y, signed), own_shape, beta, noise
        )
        self._residuals(stars_and(resting, self.x, self.y), (then_x, then_y), shapes(shape, shape), noise)

    def _residuals(
        self,
        still: PointSources,
        then: tuple[NDArray, NDArray],
        shape: MoffatShape,
        noise: NDArray[np.float64],
    ) -> None:
        """Return what is left of stars: badly registered, matched with the wrong width, moved, or trailed."""
        optics, beta, alert = self.optics, self.optics.beta, still.alert
        stars = len(self.stars)
        kick, own = self.chance.normal, np.concatenate([self.chance.star, self.chance.normal[:, 3:6]])
        shift = np.where(self._of_kind(StampSource.DIPOLE), self.length, 0.0)
        # A third of the registration error is each star's own: centroids of bright stars and colours differ.
        dx = (shift * self.ux + optics.registration * kick[:, 0])[alert] + optics.registration / 3 * own[:, 0]
        dy = (shift * self.uy + optics.registration * kick[:, 1])[alert] + optics.registration / 3 * own[:, 1]
        wrong = 1.0 + optics.mismatch * (kick[alert, 2] + 0.5 * own[:, 2])
        strong = self._of_kind(StampSource.DIPOLE, StampSource.PM_STAR, StampSource.TRAILED_NIGHT)[alert]
        peak = still.flux * shape.norm(beta)
        shown = np.flatnonzero(np.where(strong, peak, 0.2 * peak) > 0.3 * noise[alert])
        if not len(shown):
            return
        scaled = MoffatShape(shape.a / wrong**2, shape.b / wrong**2, shape.c / wrong**2)
        here = PointSources(alert, still.x + dx, still.y + dy, still.flux)
        there = PointSources(
            alert,
            np.concatenate([still.x[:stars], then[0]]),
            np.concatenate([still.y[:stars], then[1]]),
            -still.flux,
        )
        round_shape = self._shape(self.fwhm, np.zeros(self.n, np.bool_), 6).take(alert)
        both = here.take(shown) + there.take(shown)
        now, matched = scaled.take(shown), round_shape.take(shown)
        forms = MoffatShape(
            *(np.concatenate([getattr(now, name), getattr(matched, name)]) for name in ("a", "b", "c"))
        )
        add_points(self.planes.difference, both, forms, beta, noise)

    def _place(self, rows: NDArray[np.int64]) -> artefacts.ArtefactRows:
        sign = np.where(self.scene.negative[rows], -1.0, 1.0)
        return artefacts.ArtefactRows(
            rows=rows,
            x=self.x[rows],
            y=self.y[rows],
            ux=self.ux[rows],
            uy=self.uy[rows],
            length=self.length[rows],
            flux=sign * self.flux[rows],
            star=self.star_flux[rows],
            sigma=self.fwhm[rows] / FWHM_OF_SIGMA,
            chance=self.chance.uniform[rows],
            grain=self.chance.grain[3][rows],
        )

    def _artefacts(self) -> None:
        planes, optics = self.planes, self.optics
        simple = {
            StampSource.COSMIC_RAY: artefacts.add_cosmic_rays,
            StampSource.TRAIL: artefacts.add_trails,
            StampSource.GHOST: artefacts.add_ghosts,
            StampSource.EDGE: artefacts.cut_edges,
        }
        for kind in np.unique(self.kind):
            rows = np.flatnonzero(self.kind == kind)
            if kind in simple:
                simple[kind](planes, self._place(rows))
            elif kind == StampSource.BAD_COLUMN:
                artefacts.add_bad_columns(planes, self._place(rows), self.scene.angle[rows] >= 45.0)
            elif kind == StampSource.BRIGHT_STAR:
                artefacts.add_bright_stars(planes, self._place(rows), optics)
            elif kind == StampSource.BAD_TEMPLATE:
                artefacts.cut_template(planes, self._place(rows), planes.science.copy())

    def _noise(self, science: Plane, template: Plane, difference: Plane, variance: tuple[Plane, ...]) -> None:
        optics, planes, night = self.optics, self.planes, self.scene.night
        kick = self.chance.normal
        of_sky, of_difference, of_template, of_light = self.chance.grain
        light = np.maximum(planes.science, 0)
        variance[0][:] = spread(night.sky_rms**2) + light * np.float32(1 / optics.gain)
        # A template is a stack of a dozen or two exposures.
        variance[1][:] = spread(night.template_rms**2) + np.maximum(planes.template, 0) * np.float32(
            1 / optics.gain / 15
        )
        deviation = np.sqrt(variance[0])
        sky = night.sky + 0.05 * night.sky_rms * kick[:, 6]
        # Every other column is read another way: stripes are regular, and a little irregular.
        pattern = 0.6 * self.chance.column + np.where(np.arange(optics.size) % 2, 0.8, -0.8)
        stripes = spread(night.stripes * night.sky_rms) * pattern.astype(np.float32)[:, None, :]
        science[:] = planes.science + deviation * of_sky + stripes + spread(sky)
        share = optics.noise_share
        mixed = np.float32(share) * of_sky + np.float32(np.sqrt(1 - share**2)) * of_difference
        depth = np.float32(optics.difference_depth)
        difference[:] = planes.difference + depth * (deviation * mixed + stripes)
        noise_of_template = np.sqrt(variance[1]) * _resampled(of_template)
        difference -= noise_of_template
        # What was there before is left over pixel by pixel; what is new has nothing to be subtracted badly.
        before = np.maximum(planes.science - np.maximum(planes.difference, 0), 0)
        full = np.float32(optics.saturation)
        left = (
            before
            if optics.jitter_slope == 1.0
            else full * (before / full) ** np.float32(optics.jitter_slope)
        )
        difference += np.float32(optics.jitter) * left * of_light + spread(0.05 * night.sky_rms * kick[:, 7])
        variance[2][:] = depth**2 * variance[0] + variance[1]
        template[:] = planes.template + noise_of_template + spread(night.sky)
        # Two holes in three are empty, the rest were filled with sky.
        empty = planes.hole & (self.chance.uniform[:, 12] < 0.67)[:, None, None]
        np.copyto(template, spread(night.sky - 12.0 * night.template_rms), where=empty)

    def _masks(self, science: Plane, template: Plane, difference: Plane) -> None:
        optics, masked = self.optics, self.planes.masked
        full = science > optics.saturation
        struck = np.flatnonzero(full.any(axis=(1, 2)) & ~self._of_kind(StampSource.BRIGHT_STAR))
        if len(struck):
            masked[struck] |= _grown(full[struck], 6 if optics.masks_all else 4, optics.masks_all)
        masked |= self._stray_masks()
        if optics.inverts_negative:
            difference *= spread(np.where(self.scene.negative, -1.0, 1.0))
        np.minimum(science, optics.saturation * 1.2, out=science)
        edge = masked & self._of_kind(StampSource.EDGE)[:, None, None]
        if optics.integers:
            np.trunc(science, out=science)
            np.trunc(difference, out=difference)
        if optics.masks_all:
            science[masked] = np.nan
            template[masked] = np.nan
        science[edge] = np.nan if optics.masks_all else 0
        difference[masked] = optics.mask

    def _stray_masks(self) -> NDArray[np.bool_]:
        """Squares masked for what lies beside the stamp, or for nothing that is seen; never at the alert."""
        size, chance = self.optics.size, self.chance.uniform
        index = np.arange(size)
        half = 3.0 + 6.0 * chance[:, 13] ** 2
        beyond = 0.5 * size * (0.5 + 0.5 * chance[:, 14])
        turn = 2 * np.pi * chance[:, 15]
        near_x = (
            np.abs(index - (self.optics.centre + np.sqrt(2) * beyond * np.cos(turn))[:, None])
            <= half[:, None]
        )
        near_y = (
            np.abs(index - (self.optics.centre + np.sqrt(2) * beyond * np.sin(turn))[:, None])
            <= half[:, None]
        )
        struck = (chance[:, 11] < self.optics.stray_masks)[:, None, None]
        squares: NDArray[np.bool_] = near_y[:, :, None] & near_x[:, None, :] & struck
        return squares


def _resampled(grain: Plane) -> Plane:
    """White noise as it is after resampling: neighbours correlated by a fifth, unit variance."""
    a = np.float32(0.113)
    wide = grain.copy()
    wide[:, :, 1:] += a * grain[:, :, :-1]
    wide[:, :, :-1] += a * grain[:, :, 1:]
    tall = wide.copy()
    tall[:, 1:] += a * wide[:, :-1]
    tall[:, :-1] += a * wide[:, 1:]
    return tall / np.float32(1 + 2 * a * a)


def _grown(mask: NDArray[np.bool_], by: int, square: bool) -> NDArray[np.bool_]:
    """Each true pixel as a square of 2 * by + 1, or as an octagon of that width."""
    for step in range(by):
        grown = mask.copy()
        grown[:, 1:] |= mask[:, :-1]
        grown[:, :-1] |= mask[:, 1:]
        # From the rows grown already: diagonals too.
        wide = grown if square or step % 2 else mask
        grown = grown.copy()
        grown[:, :, 1:] |= wide[:, :, :-1]
        grown[:, :, :-1] |= wide[:, :, 1:]
        mask = grown
    return mask
