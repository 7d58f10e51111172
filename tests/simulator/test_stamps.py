"""Simulated stamps show what the scene says, where and as bright as it says, in the survey's manner."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vra_tui.simulator.stamps import (
    ATLAS,
    LSST,
    OPTICS,
    ZTF,
    Kind,
    Night,
    Optics,
    Scene,
    Stars,
    draw,
    imagine,
)

SURVEYS = pytest.mark.parametrize("optics", OPTICS.values(), ids=OPTICS.keys())
#: A magnitude that stands well above the noise of each survey, and far below full pixels.
BRIGHT = {"ztf": 17.0, "atlas": 16.0, "lsst": 20.0}


def nights(optics: Optics, n: int, seed: int = 0, **columns: float) -> Night:
    """Typical nights; the columns named are the same for all."""
    night = Night.typical(optics, n, np.random.default_rng(seed))
    return replace(night, **{name: np.full(n, value) for name, value in columns.items()})


def scene(optics: Optics, kind: Kind, n: int = 24, seed: int = 0, **columns) -> Scene:
    """Alerts of one kind on an empty sky."""
    stars = columns.pop("stars", None)
    night = columns.pop("night", None) or nights(optics, n, seed, stripes=0.0)
    seeds = np.arange(n) + 1000 * seed
    mag = columns.pop("mag", BRIGHT[optics.survey])
    return Scene.of(kind, mag, night, seeds, stars, **columns)


def aperture(planes: NDArray, optics: Optics, radius: float, dx: float = 0.0, dy: float = 0.0) -> NDArray:
    """Sum within a radius (pixels) of the centre; masked pixels count nothing.

    The sky is the median (LSST's has none, and its stamps are too small to tell it from a source).
    """
    index = np.arange(optics.size) - optics.centre
    inside = (index[None, :] - dx) ** 2 + (index[:, None] - dy) ** 2 <= radius**2
    sky = np.nanmedian(planes, axis=(1, 2))[:, None, None] if optics.keeps_sky else 0
    return np.nansum(np.where(inside, planes - sky, 0), axis=(1, 2))


def valid(planes: NDArray) -> NDArray:
    """With NaN where ATLAS writes its mask value."""
    return np.where(planes == ATLAS.mask, np.nan, planes)


def moments(plane: NDArray) -> tuple[float, float, float]:
    """Widths along the main axes (pixels), and the angle of the longer from +x to +y (radians)."""
    light = np.clip(plane, 0, None)
    y, x = np.indices(plane.shape)
    total = light.sum()
    cx, cy = (light * x).sum() / total, (light * y).sum() / total
    cov = np.array(
        [
            [(light * (x - cx) ** 2).sum(), (light * (x - cx) * (y - cy)).sum()],
            [(light * (x - cx) * (y - cy)).sum(), (light * (y - cy) ** 2).sum()],
        ]
    )
    widths, axes = np.linalg.eigh(cov / total)
    return float(np.sqrt(widths[1])), float(np.sqrt(widths[0])), float(np.arctan2(axes[1, 1], axes[0, 1]))


class TestBrightness:
    @SURVEYS
    @pytest.mark.parametrize("fainter", [0.0, 1.0, 2.0])
    @pytest.mark.parametrize("kind", [Kind.TRANSIENT, Kind.MOVER])
    def test_the_flux_in_the_difference_is_that_of_the_magnitude(
        self, optics: Optics, kind: Kind, fainter: float
    ):
        mag = BRIGHT[optics.survey] + fainter
        alerts = scene(optics, kind, n=160, mag=mag)
        radius = 2.2 * optics.fwhm[0] / optics.pixel
        alpha = alerts.night.fwhm / optics.pixel / 2 / np.sqrt(2 ** (1 / optics.beta) - 1)
        enclosed = 1 - (1 + radius**2 / alpha**2) ** (1 - optics.beta)
        found = aperture(valid(draw(alerts, optics).difference), optics, radius) / enclosed
        expected = 10 ** (-0.4 * (mag - alerts.night.zero_point))
        assert np.median(found / expected) == pytest.approx(1.0, abs=0.04)

    @SURVEYS
    def test_the_same_flux_is_in_the_science_image(self, optics: Optics):
        drawn = draw(scene(optics, Kind.TRANSIENT), optics)
        science, difference = (aperture(plane, optics, 5) for plane in (drawn.science, drawn.difference))
        assert np.median(science / difference) == pytest.approx(1.0, abs=0.05)

    @SURVEYS
    def test_a_variable_stands_in_all_images_and_only_its_change_in_the_difference(self, optics: Optics):
        mag = BRIGHT[optics.survey]
        drawn = draw(scene(optics, Kind.VARIABLE, mag=mag + 1, counterpart_mag=mag), optics)
        change = 10**-0.4
        science, difference = (aperture(plane, optics, 5) for plane in (drawn.science, drawn.difference))
        assert np.median(difference / science) == pytest.approx(change / (1 + change), abs=0.03)
        if drawn.template is not None:
            template = aperture(drawn.template, optics, 5)
            assert np.median(template / science) == pytest.approx(1 / (1 + change), abs=0.08)

    @SURVEYS
    def test_a_source_that_faded_is_negative_or_upside_down_as_the_survey_has_it(self, optics: Optics):
        drawn = draw(scene(optics, Kind.TRANSIENT, negative=True), optics)
        sign = 1 if optics.inverts_negative else -1
        assert (sign * aperture(drawn.difference, optics, 5) > 0).all()
        if drawn.template is not None:
            assert (
                aperture(drawn.template, optics, 5) > 10 * np.abs(aperture(drawn.science, optics, 5))
            ).all()

    @SURVEYS
    def test_the_noise_of_an_empty_sky_is_that_of_the_night(self, optics: Optics):
        alerts = scene(optics, Kind.TRANSIENT, mag=35.0)
        drawn = draw(alerts, optics)
        assert np.nanstd(drawn.science, axis=(1, 2)) == pytest.approx(alerts.night.sky_rms, rel=0.1)
        assert np.nanmedian(drawn.science, axis=(1, 2)) == pytest.approx(
            alerts.night.sky, abs=0.3 * alerts.night.sky_rms.max() + 1
        )
        assert np.nanstd(valid(drawn.difference), axis=(1, 2)) == pytest.approx(
            np.sqrt(drawn.variance[2].mean(axis=(1, 2))), rel=0.1
        )
        if drawn.template is not None:
            assert (np.nanstd(drawn.template, axis=(1, 2)) < 0.6 * alerts.night.sky_rms).all()

    @SURVEYS
    def test_a_known_limit_sets_the_noise(self, optics: Optics):
        shallow, deep = (
            Night.typical(optics, 50, np.random.default_rng(1), limit=limit) for limit in (18.0, 19.0)
        )
        assert shallow.sky_rms / deep.sky_rms == pytest.approx(10**0.4)

    @SURVEYS
    def test_bright_sources_are_noisier_than_the_sky(self, optics: Optics):
        drawn = draw(scene(optics, Kind.TRANSIENT), optics)
        centre = int(optics.centre + 0.5)
        sky = drawn.scene.night.sky
        light = drawn.science[:, centre - 1 : centre + 2, centre - 1 : centre + 2].mean(axis=(1, 2)) - sky
        more = drawn.variance[0][:, centre - 1 : centre + 2, centre - 1 : centre + 2].mean(axis=(1, 2))
        more = more - drawn.variance[0][:, 0, 0]
        # Electrons are counted: the variance of what shines is its brightness over the gain.
        assert np.median(more / light * optics.gain) == pytest.approx(1.0, abs=0.05)


class TestPlace:
    @SURVEYS
    @pytest.mark.parametrize(("east", "north"), [(1.0, 0.0), (0.0, 1.0), (-0.6, 0.4)])
    def test_a_neighbour_lies_where_the_orientation_of_the_survey_puts_it(
        self, optics: Optics, east: float, north: float
    ):
        away = 0.3 * optics.size * optics.pixel
        n = 12
        stars = Stars(
            np.arange(n), *(np.full(n, v) for v in (away * east, away * north, BRIGHT[optics.survey]))
        )
        drawn = draw(
            scene(optics, Kind.TRANSIENT, n, mag=30.0, stars=stars, night=nights(optics, n, rotation=0.0)),
            optics,
        )
        y, x = np.unravel_index(np.nanargmax(drawn.science.reshape(n, -1), axis=1), drawn.science.shape[1:])
        towards_west = (x - optics.centre) * optics.pixel
        towards_north = (y - optics.centre) * optics.pixel * (1 if optics.survey != "ztf" else -1)
        assert towards_west == pytest.approx(-away * east, abs=1.2 * optics.pixel)
        assert towards_north == pytest.approx(away * north, abs=1.2 * optics.pixel)

    def test_half_a_turn_of_the_camera_puts_a_neighbour_on_the_other_side(self):
        n = 8
        stars = Stars(np.arange(n), np.full(n, 1.5), np.full(n, 0.8), np.full(n, 19.0))
        places = []
        for rotation in (30.0, 210.0):
            alerts = scene(
                LSST, Kind.TRANSIENT, n, mag=30.0, stars=stars, night=nights(LSST, n, rotation=rotation)
            )
            planes = draw(alerts, LSST).science
            places.append(np.unravel_index(planes.reshape(n, -1).argmax(axis=1), planes.shape[1:]))
        assert np.asarray(places[0]) + np.asarray(places[1]) == pytest.approx(2 * LSST.centre, abs=2)

    @SURVEYS
    def test_the_source_lies_at_its_subpixel_place(self, optics: Optics):
        for dx, dy in ((0.4, -0.3), (-0.45, 0.2)):
            planes = draw(scene(optics, Kind.TRANSIENT, dx=dx, dy=dy), optics).difference
            index = np.arange(optics.size) - optics.centre
            window = (np.abs(index) < 6)[None, :] & (np.abs(index) < 6)[:, None]
            light = np.where(window, np.nan_to_num(planes), 0).sum(axis=0)
            assert (light * index[None, :]).sum() / light.sum() == pytest.approx(dx, abs=0.1)
            assert (light * index[:, None]).sum() / light.sum() == pytest.approx(dy, abs=0.1)

    @pytest.mark.parametrize("pa", [0.0, 30.0, 120.0])
    def test_a_host_has_its_axis_ratio_and_position_angle(self, pa: float):
        alerts = scene(ZTF, Kind.TRANSIENT, mag=30.0, host_mag=13.5, host_re=5.0, host_q=0.4, host_pa=pa)
        long, short, angle = moments(draw(alerts, ZTF).science.mean(axis=0) - alerts.night.sky.mean())
        assert long > 1.5 * short
        # East is towards lower columns, north towards lower rows.
        expected = np.arctan2(-np.cos(np.radians(pa)), -np.sin(np.radians(pa)))
        assert abs(np.sin(angle - expected)) < 0.1

    def test_a_bigger_host_is_wider_and_as_bright(self):
        drawn = [
            draw(scene(ZTF, Kind.TRANSIENT, mag=30.0, host_mag=15.0, host_re=re), ZTF).science
            for re in (2.0, 4.0)
        ]
        assert (aperture(drawn[0], ZTF, 3) > 1.5 * aperture(drawn[1], ZTF, 3)).all()
        assert np.median(aperture(drawn[0], ZTF, 25) / aperture(drawn[1], ZTF, 25)) == pytest.approx(
            1.0, abs=0.1
        )

    def test_a_host_is_in_the_template_and_not_in_the_difference(self):
        drawn = draw(scene(ZTF, Kind.TRANSIENT, mag=30.0, host_mag=15.0, host_re=3.0), ZTF)
        assert np.median(aperture(drawn.template, ZTF, 9) / aperture(drawn.science, ZTF, 9)) == pytest.approx(
            1, abs=0.05
        )
        assert (np.abs(aperture(drawn.difference, ZTF, 9)) < 0.1 * aperture(drawn.science, ZTF, 9)).all()


class TestSameSeed:
    @SURVEYS
    def test_a_row_has_the_same_pixels_in_any_order_and_company(self, optics: Optics):
        rng = np.random.default_rng(5)
        kinds = np.repeat(list(Kind), 6)
        alerts = imagine(optics, kinds, BRIGHT[optics.survey] + rng.random(len(kinds)), rng)
        whole = draw(alerts, optics)
        order = rng.permutation(len(kinds))
        for rows in (order, order[:7], order[-1:]):
            part = draw(alerts.take(rows), optics)
            np.testing.assert_array_equal(part.science, whole.science[rows])
            np.testing.assert_array_equal(part.difference, whole.difference[rows])
            if whole.template is not None:
                np.testing.assert_array_equal(part.template, whole.template[rows])

    @SURVEYS
    def test_the_same_generator_imagines_the_same_scene_and_another_one_does_not(self, optics: Optics):
        first, again, other = (
            draw(imagine(optics, list(Kind), 18.0, np.random.default_rng(seed)), optics).science
            for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)

    @SURVEYS
    def test_no_alert_is_no_image(self, optics: Optics):
        drawn = draw(imagine(optics, np.empty(0, np.int8), 18.0, np.random.default_rng(0)), optics)
        assert drawn.science.shape == drawn.difference.shape == (0, optics.size, optics.size)

    def test_images_are_single_precision_and_the_template_is_missing_where_packets_have_none(self):
        for optics in OPTICS.values():
            drawn = draw(scene(optics, Kind.TRANSIENT, 2), optics)
            assert drawn.science.dtype == drawn.difference.dtype == np.float32
            assert (drawn.template is None) == (optics is ATLAS)


class TestContaminants:
    @SURVEYS
    def test_a_dipole_sums_to_nothing_and_points_along_the_shift(self, optics: Optics):
        star = BRIGHT[optics.survey]
        shift = 0.5 * optics.fwhm[0]
        alerts = scene(
            optics,
            Kind.DIPOLE,
            counterpart_mag=star,
            angle=90.0,
            length=shift,
            night=nights(optics, 24, rotation=0.0),
        )
        planes = draw(alerts, optics).difference
        flux = 10 ** (-0.4 * (star - alerts.night.zero_point))
        assert (np.abs(aperture(planes, optics, 6)) < 0.12 * flux).all()
        index = np.arange(optics.size) - optics.centre
        east, west = ((np.where((index < 0) == side, planes, 0)).sum(axis=(1, 2)) for side in (True, False))
        # Towards the east (lower columns) it is positive, in the west negative, by a good part of the star.
        assert (east - west > 0.3 * flux).all()

    def test_bad_registration_makes_every_star_a_dipole_and_a_moving_star_only_itself(self):
        n = 24
        stars = Stars(np.arange(n), np.full(n, 15.0), np.zeros(n), np.full(n, 16.0))
        spread = {}
        for kind in (Kind.DIPOLE, Kind.PM_STAR):
            alerts = scene(ZTF, kind, n, counterpart_mag=16.0, angle=0.0, length=1.0, stars=stars)
            planes = np.nan_to_num(draw(alerts, ZTF).difference)
            spread[kind] = planes[:, 27:36, 12:21].std(axis=(1, 2)), planes[:, 27:36, 27:36].std(axis=(1, 2))
        assert np.median(spread[Kind.DIPOLE][0]) > 2 * np.median(spread[Kind.PM_STAR][0])
        assert np.median(spread[Kind.DIPOLE][1]) == pytest.approx(np.median(spread[Kind.PM_STAR][1]), rel=0.3)

    def test_a_moving_star_stands_at_two_places(self):
        alerts = scene(ZTF, Kind.PM_STAR, counterpart_mag=16.0, angle=90.0, length=5.0)
        drawn = draw(alerts, ZTF)
        # It moved east, which is towards lower columns: the template has it at higher ones.
        was = aperture(drawn.template, ZTF, 2, dx=5.0 / ZTF.pixel)
        assert (was > 5 * np.abs(aperture(drawn.template, ZTF, 2))).all()
        assert (aperture(drawn.difference, ZTF, 2) > 0).all()
        assert (aperture(drawn.difference, ZTF, 2, dx=5.0 / ZTF.pixel) < 0).all()

    @SURVEYS
    def test_a_cosmic_ray_is_sharper_than_any_star_and_not_in_the_template(self, optics: Optics):
        ray = draw(scene(optics, Kind.COSMIC_RAY, length=1.5 * optics.pixel), optics)
        star = draw(scene(optics, Kind.TRANSIENT), optics)
        for which in ("science", "difference"):
            sharp, smooth = (
                np.nanmax(getattr(drawn, which), axis=(1, 2))
                - np.nanmedian(getattr(drawn, which), axis=(1, 2))
                for drawn in (ray, star)
            )
            assert np.median(sharp / smooth) > 1.5
        if ray.template is not None:
            signal = aperture(ray.template, optics, 3)
            assert (np.abs(signal) < 0.1 * aperture(ray.science, optics, 3)).all()

    @SURVEYS
    @pytest.mark.parametrize("angle", [20.0, 75.0, 140.0])
    def test_a_trail_crosses_the_stamp_in_its_direction(self, optics: Optics, angle: float):
        alerts = scene(optics, Kind.TRAIL, angle=angle, night=nights(optics, 24, rotation=0.0))
        planes = draw(alerts, optics).difference
        long, short, found = moments(np.nanmean(planes, axis=0))
        rows = -1 if optics is ZTF else 1
        expected = np.arctan2(rows * np.cos(np.radians(angle)), -np.sin(np.radians(angle)))
        assert long > 2 * short
        assert abs(np.sin(found - expected)) < 0.15

    @SURVEYS
    def test_a_bad_column_is_one_column_and_a_bad_row_one_row(self, optics: Optics):
        for angle, axis in ((0.0, 1), (90.0, 2)):
            planes = draw(scene(optics, Kind.BAD_COLUMN, angle=angle, length=optics.pixel), optics).science
            planes = np.nan_to_num(planes - np.nanmedian(planes, axis=(1, 2), keepdims=True))
            profile = planes.sum(axis=axis)
            assert (np.abs(profile.argmax(axis=1) - optics.centre) < 1.1).all()
            ordered = np.sort(profile, axis=1)
            assert (ordered[:, -1] > 4 * ordered[:, -2]).all()

    def test_a_bright_star_bleeds_saturates_and_is_masked(self):
        alerts = imagine(ATLAS, [Kind.BRIGHT_STAR] * 24, 17.5, np.random.default_rng(3), crowding=0.0)
        drawn = draw(alerts, ATLAS)
        masked = drawn.difference == ATLAS.mask
        assert masked.any(axis=(1, 2)).all()
        assert (drawn.science.max(axis=(1, 2)) > ATLAS.saturation).all()
        tall, wide = masked.any(axis=2).sum(axis=1), masked.any(axis=1).sum(axis=1)
        assert np.median(tall / wide) > 1.5

    def test_a_hole_in_the_template_makes_new_what_was_there(self):
        alerts = scene(ZTF, Kind.BAD_TEMPLATE, counterpart_mag=17.0, length=10.0)
        drawn = draw(alerts, ZTF)
        science, difference = aperture(drawn.science, ZTF, 4), aperture(drawn.difference, ZTF, 4)
        assert np.median(difference / science) == pytest.approx(1.0, abs=0.1)
        assert (aperture(drawn.template, ZTF, 4) < 0.1 * science).all()

    @SURVEYS
    def test_a_trailed_night_draws_out_the_stars_of_the_science_image_only(self, optics: Optics):
        alerts = scene(
            optics,
            Kind.TRAILED_NIGHT,
            counterpart_mag=BRIGHT[optics.survey],
            angle=50.0,
            length=2 * optics.fwhm[0],
            night=nights(optics, 24, rotation=0.0, sky=0.0),
        )
        drawn = draw(alerts, optics)
        window = slice(round(optics.centre) - 9, round(optics.centre) + 10)
        ratio = {
            name: np.divide(*moments(plane[:, window, window].mean(axis=0))[:2])
            for name, plane in (("science", drawn.science), ("template", drawn.template))
            if plane is not None
        }
        assert ratio["science"] > 1.3
        assert ratio.get("template", 1.0) < 1.15

    def test_a_ghost_is_wider_than_the_psf_and_not_in_the_template(self):
        drawn = draw(scene(ZTF, Kind.GHOST, length=15.0, angle=90.0), ZTF)
        far = aperture(drawn.science, ZTF, 5, dx=-12.0)
        assert (far > 0.3 * aperture(drawn.science, ZTF, 5)).all()
        assert (np.abs(aperture(drawn.template, ZTF, 5, dx=-12.0)) < 0.2 * far).all()

    @SURVEYS
    def test_beyond_the_edge_of_the_chip_nothing_is_valid(self, optics: Optics):
        distance = 4 * optics.pixel
        alerts = scene(optics, Kind.EDGE, angle=90.0, length=distance, night=nights(optics, 24, rotation=0.0))
        drawn = draw(alerts, optics)
        masked = np.isnan(drawn.difference) if np.isnan(optics.mask) else drawn.difference == optics.mask
        index = np.arange(optics.size) - optics.centre
        # East is towards lower columns.
        assert masked[:, :, index < -4.6].all()
        inside = masked[:, :, index > -3.4]
        assert inside.mean() < 0.05
        beyond = drawn.science[:, :, index < -4.6]
        assert (np.isnan(beyond) if optics.masks_all else beyond == 0).all()
        assert (aperture(valid(drawn.difference), optics, 3) > 0).all()

    @SURVEYS
    def test_every_kind_leaves_something_to_see_at_its_place(self, optics: Optics):
        rng = np.random.default_rng(11)
        for kind in Kind:
            alerts = imagine(optics, [kind] * 40, BRIGHT[optics.survey], rng, crowding=0.0)
            planes = valid(draw(alerts, optics).difference)
            centre = round(optics.centre)
            core = planes[:, centre - 4 : centre + 6, centre - 4 : centre + 6]
            noise = optics.difference_depth * alerts.night.sky_rms
            seen = np.nanmax(np.abs(core), axis=(1, 2)) > 4 * noise
            assert seen.mean() > 0.8, kind.name

    @SURVEYS
    def test_few_pixels_of_ordinary_stamps_are_masked_and_none_at_the_alert(self, optics: Optics):
        alerts = imagine(optics, [Kind.TRANSIENT] * 200, BRIGHT[optics.survey], np.random.default_rng(2))
        planes = valid(draw(alerts, optics).difference)
        centre = round(optics.centre)
        assert np.isnan(planes).mean() < 0.03
        assert np.isnan(planes[:, centre, centre]).mean() < 0.03


class TestTelling:
    """One number a stamp, such as an eye takes, separates contaminants from point sources."""

    @pytest.mark.parametrize("optics", [ZTF, ATLAS], ids=["ztf", "atlas"])
    def test_simple_statistics_separate_garbage_from_transients(self, optics: Optics):
        rng = np.random.default_rng(7)

        def statistics(kind: Kind) -> dict[str, NDArray]:
            alerts = imagine(optics, [kind] * 60, BRIGHT[optics.survey] + 0.5, rng, crowding=0.0)
            planes = np.nan_to_num(valid(draw(alerts, optics).difference))
            centre = round(optics.centre)
            core = planes[:, centre - 5 : centre + 6, centre - 5 : centre + 6]
            noise = alerts.night.sky_rms[:, None, None]
            ring = np.abs(planes) > 5 * noise
            ring[:, centre - 8 : centre + 9, centre - 8 : centre + 9] = False
            return {
                "negative": -core.min(axis=(1, 2)) / core.max(axis=(1, 2)),
                "sharp": core.max(axis=(1, 2)) / np.maximum(core.sum(axis=(1, 2)), 1),
                "elsewhere": ring.mean(axis=(1, 2)),
            }

        transient = statistics(Kind.TRANSIENT)
        for kind, name in (
            (Kind.DIPOLE, "negative"),
            (Kind.PM_STAR, "negative"),
            (Kind.TRAILED_NIGHT, "negative"),
            (Kind.COSMIC_RAY, "sharp"),
            (Kind.TRAIL, "elsewhere"),
            (Kind.BAD_COLUMN, "elsewhere"),
            (Kind.BRIGHT_STAR, "elsewhere"),
        ):
            wrong, right = statistics(kind)[name], transient[name]
            above = (wrong[:, None] > right[None, :]).mean()
            assert above > 0.9, f"{kind.name} by {name}: {above:.2f}"


def test_drawing_needs_numpy_and_nothing_heavier():
    code = (
        "import sys, vra_tui.simulator.stamps; "
        "print([name for name in ('astropy', 'pandas', 'scipy', 'textual') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


class TestRefusals:
    def test_columns_of_another_length_are_refused(self):
        with pytest.raises(ValueError, match=r"broadcast|differ in length"):
            Scene.of(Kind.TRANSIENT, 18.0, nights(ZTF, 3), [1, 2])

    def test_an_unknown_column_is_refused_by_name(self):
        with pytest.raises(ValueError, match="no column host_magnitude"):
            Scene.of(Kind.TRANSIENT, 18.0, nights(ZTF, 3), 1, host_magnitude=17.0)

    @pytest.mark.parametrize("kind", [Kind.VARIABLE, Kind.AGN, Kind.DIPOLE, Kind.PM_STAR, Kind.BRIGHT_STAR])
    def test_a_kind_that_needs_a_star_is_refused_without_one(self, kind: Kind):
        with pytest.raises(ValueError, match=f"row 1: {kind.name} needs the magnitude of a star"):
            Scene.of([Kind.TRANSIENT, kind], 18.0, nights(ZTF, 2), 1)

    def test_a_star_cannot_lose_more_light_than_it_has(self):
        with pytest.raises(ValueError, match="row 0: a star cannot lose more light"):
            Scene.of(Kind.VARIABLE, 17.0, nights(ZTF, 1), 1, negative=True, counterpart_mag=18.0)

    @pytest.mark.parametrize("alert", [-1, 2])
    def test_a_star_of_no_alert_is_refused(self, alert: int):
        stars = Stars(np.array([alert]), np.zeros(1), np.zeros(1), np.full(1, 15.0))
        with pytest.raises(ValueError, match="alert that is not there"):
            Scene.of(Kind.TRANSIENT, 18.0, nights(ZTF, 2), 1, stars)

    def test_stars_far_outside_change_nothing(self):
        stars = Stars(
            np.zeros(2, np.int64), np.array([500.0, -90.0]), np.array([0.0, 400.0]), np.full(2, 18.0)
        )
        bare, starred = (
            draw(scene(ZTF, Kind.TRANSIENT, 1, stars=some), ZTF).template for some in (None, stars)
        )
        np.testing.assert_array_equal(bare, starred)


@SURVEYS
def test_spikes_stand_still_on_the_chip_when_the_camera_turns(optics: Optics):
    for rotation in (0.0, 70.0) if optics.rotates else (0.0,):
        night = nights(optics, 40, rotation=rotation)
        alerts = imagine(optics, [Kind.BRIGHT_STAR] * 40, 18.0, np.random.default_rng(6), night=night)
        angle = np.radians(alerts.angle)
        x, y = optics.to_pixels(np.sin(angle), np.cos(angle), night.rotation)
        # Four-fold: four times the angle is the same for all four spikes.
        turned = np.exp(4j * (np.arctan2(x, y) - np.radians(optics.spike_angle))).mean()
        assert abs(np.angle(turned)) < 0.2
        assert abs(turned) > 0.9
