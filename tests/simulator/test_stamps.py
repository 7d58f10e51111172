"""Simulated stamps show what the scene says, where and as bright as it says, in the survey's manner."""

import subprocess
import sys

import numpy as np
import pytest

from tests.simulator.skies import BRIGHT, SURVEYS, aperture, moments, nights, scene, valid
from vra_tui.simulator.stamps import (
    ATLAS,
    LSST,
    OPTICS,
    ZTF,
    Optics,
    Scene,
    StampExposures,
    StampSource,
    Stars,
    draw,
    imagine,
)


class TestBrightness:
    @SURVEYS
    @pytest.mark.parametrize("fainter", [0.0, 1.0, 2.0])
    @pytest.mark.parametrize("kind", [StampSource.TRANSIENT, StampSource.MOVER])
    def test_the_flux_in_the_difference_is_that_of_the_magnitude(
        self, optics: Optics, kind: StampSource, fainter: float
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
        drawn = draw(scene(optics, StampSource.TRANSIENT), optics)
        science, difference = (aperture(plane, optics, 5) for plane in (drawn.science, drawn.difference))
        assert np.median(science / difference) == pytest.approx(1.0, abs=0.05)

    @SURVEYS
    def test_a_variable_stands_in_all_images_and_only_its_change_in_the_difference(self, optics: Optics):
        mag = BRIGHT[optics.survey]
        drawn = draw(scene(optics, StampSource.VARIABLE, mag=mag + 1, counterpart_mag=mag), optics)
        change = 10**-0.4
        science, difference = (aperture(plane, optics, 5) for plane in (drawn.science, drawn.difference))
        assert np.median(difference / science) == pytest.approx(change / (1 + change), abs=0.03)
        if drawn.template is not None:
            template = aperture(drawn.template, optics, 5)
            assert np.median(template / science) == pytest.approx(1 / (1 + change), abs=0.08)

    @SURVEYS
    def test_a_source_that_faded_is_negative_or_upside_down_as_the_survey_has_it(self, optics: Optics):
        drawn = draw(scene(optics, StampSource.TRANSIENT, negative=True), optics)
        sign = 1 if optics.inverts_negative else -1
        assert (sign * aperture(drawn.difference, optics, 5) > 0).all()
        if drawn.template is not None:
            assert (
                aperture(drawn.template, optics, 5) > 10 * np.abs(aperture(drawn.science, optics, 5))
            ).all()

    @SURVEYS
    def test_the_noise_of_an_empty_sky_is_that_of_the_night(self, optics: Optics):
        alerts = scene(optics, StampSource.TRANSIENT, mag=35.0)
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
            StampExposures.typical(optics, 50, np.random.default_rng(1), limit=limit)
            for limit in (18.0, 19.0)
        )
        assert shallow.sky_rms / deep.sky_rms == pytest.approx(10**0.4)

    @SURVEYS
    def test_bright_sources_are_noisier_than_the_sky(self, optics: Optics):
        drawn = draw(scene(optics, StampSource.TRANSIENT), optics)
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
            scene(
                optics, StampSource.TRANSIENT, n, mag=30.0, stars=stars, night=nights(optics, n, rotation=0.0)
            ),
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
                LSST,
                StampSource.TRANSIENT,
                n,
                mag=30.0,
                stars=stars,
                night=nights(LSST, n, rotation=rotation),
            )
            planes = draw(alerts, LSST).science
            places.append(np.unravel_index(planes.reshape(n, -1).argmax(axis=1), planes.shape[1:]))
        assert np.asarray(places[0]) + np.asarray(places[1]) == pytest.approx(2 * LSST.centre, abs=2)

    @SURVEYS
    def test_the_source_lies_at_its_subpixel_place(self, optics: Optics):
        for dx, dy in ((0.4, -0.3), (-0.45, 0.2)):
            planes = draw(scene(optics, StampSource.TRANSIENT, dx=dx, dy=dy), optics).difference
            index = np.arange(optics.size) - optics.centre
            window = (np.abs(index) < 6)[None, :] & (np.abs(index) < 6)[:, None]
            light = np.where(window, np.nan_to_num(planes), 0).sum(axis=0)
            assert (light * index[None, :]).sum() / light.sum() == pytest.approx(dx, abs=0.1)
            assert (light * index[:, None]).sum() / light.sum() == pytest.approx(dy, abs=0.1)

    @pytest.mark.parametrize("pa", [0.0, 30.0, 120.0])
    def test_a_host_has_its_axis_ratio_and_position_angle(self, pa: float):
        alerts = scene(
            ZTF, StampSource.TRANSIENT, mag=30.0, host_mag=13.5, host_re=5.0, host_q=0.4, host_pa=pa
        )
        long, short, angle = moments(draw(alerts, ZTF).science.mean(axis=0) - alerts.night.sky.mean())
        assert long > 1.5 * short
        # East is towards lower columns, north towards lower rows.
        expected = np.arctan2(-np.cos(np.radians(pa)), -np.sin(np.radians(pa)))
        assert abs(np.sin(angle - expected)) < 0.1

    def test_a_bigger_host_is_wider_and_as_bright(self):
        drawn = [
            draw(scene(ZTF, StampSource.TRANSIENT, mag=30.0, host_mag=15.0, host_re=re), ZTF).science
            for re in (2.0, 4.0)
        ]
        assert (aperture(drawn[0], ZTF, 3) > 1.5 * aperture(drawn[1], ZTF, 3)).all()
        assert np.median(aperture(drawn[0], ZTF, 25) / aperture(drawn[1], ZTF, 25)) == pytest.approx(
            1.0, abs=0.1
        )

    def test_a_host_is_in_the_template_and_not_in_the_difference(self):
        drawn = draw(scene(ZTF, StampSource.TRANSIENT, mag=30.0, host_mag=15.0, host_re=3.0), ZTF)
        assert np.median(aperture(drawn.template, ZTF, 9) / aperture(drawn.science, ZTF, 9)) == pytest.approx(
            1, abs=0.05
        )
        assert (np.abs(aperture(drawn.difference, ZTF, 9)) < 0.1 * aperture(drawn.science, ZTF, 9)).all()


class TestSameSeed:
    @SURVEYS
    def test_a_row_has_the_same_pixels_in_any_order_and_company(self, optics: Optics):
        rng = np.random.default_rng(5)
        kinds = np.repeat(list(StampSource), 6)
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
            draw(imagine(optics, list(StampSource), 18.0, np.random.default_rng(seed)), optics).science
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
            drawn = draw(scene(optics, StampSource.TRANSIENT, 2), optics)
            assert drawn.science.dtype == drawn.difference.dtype == np.float32
            assert (drawn.template is None) == (optics is ATLAS)


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
            Scene.of(StampSource.TRANSIENT, 18.0, nights(ZTF, 3), [1, 2])

    def test_an_unknown_column_is_refused_by_name(self):
        with pytest.raises(ValueError, match="no column host_magnitude"):
            Scene.of(StampSource.TRANSIENT, 18.0, nights(ZTF, 3), 1, host_magnitude=17.0)

    @pytest.mark.parametrize(
        "kind",
        [
            StampSource.VARIABLE,
            StampSource.AGN,
            StampSource.DIPOLE,
            StampSource.PM_STAR,
            StampSource.BRIGHT_STAR,
        ],
    )
    def test_a_kind_that_needs_a_star_is_refused_without_one(self, kind: StampSource):
        with pytest.raises(ValueError, match=f"row 1: {kind.name} needs the magnitude of a star"):
            Scene.of([StampSource.TRANSIENT, kind], 18.0, nights(ZTF, 2), 1)

    def test_a_star_cannot_lose_more_light_than_it_has(self):
        with pytest.raises(ValueError, match="row 0: a star cannot lose more light"):
            Scene.of(StampSource.VARIABLE, 17.0, nights(ZTF, 1), 1, negative=True, counterpart_mag=18.0)

    @pytest.mark.parametrize("alert", [-1, 2])
    def test_a_star_of_no_alert_is_refused(self, alert: int):
        stars = Stars(np.array([alert]), np.zeros(1), np.zeros(1), np.full(1, 15.0))
        with pytest.raises(ValueError, match="alert that is not there"):
            Scene.of(StampSource.TRANSIENT, 18.0, nights(ZTF, 2), 1, stars)

    def test_stars_far_outside_change_nothing(self):
        stars = Stars(
            np.zeros(2, np.int64), np.array([500.0, -90.0]), np.array([0.0, 400.0]), np.full(2, 18.0)
        )
        bare, starred = (
            draw(scene(ZTF, StampSource.TRANSIENT, 1, stars=some), ZTF).template for some in (None, stars)
        )
        np.testing.assert_array_equal(bare, starred)
