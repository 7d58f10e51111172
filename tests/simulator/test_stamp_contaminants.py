"""Each contaminant looks like what it is, and is told from a transient by what an eye goes by."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.simulator.skies import BRIGHT, SURVEYS, aperture, moments, nights, scene, valid
from vra_tui.simulator.stamps import ATLAS, ZTF, Optics, StampSource, Stars, draw, imagine


class TestContaminants:
    @SURVEYS
    def test_a_dipole_sums_to_nothing_and_points_along_the_shift(self, optics: Optics):
        star = BRIGHT[optics.survey]
        shift = 0.5 * optics.fwhm[0]
        alerts = scene(
            optics,
            StampSource.DIPOLE,
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
        for kind in (StampSource.DIPOLE, StampSource.PM_STAR):
            alerts = scene(ZTF, kind, n, counterpart_mag=16.0, angle=0.0, length=1.0, stars=stars)
            planes = np.nan_to_num(draw(alerts, ZTF).difference)
            spread[kind] = planes[:, 27:36, 12:21].std(axis=(1, 2)), planes[:, 27:36, 27:36].std(axis=(1, 2))
        assert np.median(spread[StampSource.DIPOLE][0]) > 2 * np.median(spread[StampSource.PM_STAR][0])
        assert np.median(spread[StampSource.DIPOLE][1]) == pytest.approx(
            np.median(spread[StampSource.PM_STAR][1]), rel=0.3
        )

    def test_a_moving_star_stands_at_two_places(self):
        alerts = scene(ZTF, StampSource.PM_STAR, counterpart_mag=16.0, angle=90.0, length=5.0)
        drawn = draw(alerts, ZTF)
        # It moved east, which is towards lower columns: the template has it at higher ones.
        was = aperture(drawn.template, ZTF, 2, dx=5.0 / ZTF.pixel)
        assert (was > 5 * np.abs(aperture(drawn.template, ZTF, 2))).all()
        assert (aperture(drawn.difference, ZTF, 2) > 0).all()
        assert (aperture(drawn.difference, ZTF, 2, dx=5.0 / ZTF.pixel) < 0).all()

    @SURVEYS
    def test_a_cosmic_ray_is_sharper_than_any_star_and_not_in_the_template(self, optics: Optics):
        ray = draw(scene(optics, StampSource.COSMIC_RAY, length=1.5 * optics.pixel), optics)
        star = draw(scene(optics, StampSource.TRANSIENT), optics)
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
        alerts = scene(optics, StampSource.TRAIL, angle=angle, night=nights(optics, 24, rotation=0.0))
        planes = draw(alerts, optics).difference
        long, short, found = moments(np.nanmean(planes, axis=0))
        rows = -1 if optics is ZTF else 1
        expected = np.arctan2(rows * np.cos(np.radians(angle)), -np.sin(np.radians(angle)))
        assert long > 2 * short
        assert abs(np.sin(found - expected)) < 0.15

    @SURVEYS
    def test_a_bad_column_is_one_column_and_a_bad_row_one_row(self, optics: Optics):
        for angle, axis in ((0.0, 1), (90.0, 2)):
            planes = draw(
                scene(optics, StampSource.BAD_COLUMN, angle=angle, length=optics.pixel), optics
            ).science
            planes = np.nan_to_num(planes - np.nanmedian(planes, axis=(1, 2), keepdims=True))
            profile = planes.sum(axis=axis)
            assert (np.abs(profile.argmax(axis=1) - optics.centre) < 1.1).all()
            ordered = np.sort(profile, axis=1)
            assert (ordered[:, -1] > 4 * ordered[:, -2]).all()

    def test_a_bright_star_bleeds_saturates_and_is_masked(self):
        alerts = imagine(ATLAS, [StampSource.BRIGHT_STAR] * 24, 17.5, np.random.default_rng(3), crowding=0.0)
        drawn = draw(alerts, ATLAS)
        masked = drawn.difference == ATLAS.mask
        assert masked.any(axis=(1, 2)).all()
        assert (drawn.science.max(axis=(1, 2)) > ATLAS.saturation).all()
        tall, wide = masked.any(axis=2).sum(axis=1), masked.any(axis=1).sum(axis=1)
        assert np.median(tall / wide) > 1.5

    def test_a_hole_in_the_template_makes_new_what_was_there(self):
        alerts = scene(ZTF, StampSource.BAD_TEMPLATE, counterpart_mag=17.0, length=10.0)
        drawn = draw(alerts, ZTF)
        science, difference = aperture(drawn.science, ZTF, 4), aperture(drawn.difference, ZTF, 4)
        assert np.median(difference / science) == pytest.approx(1.0, abs=0.1)
        assert (aperture(drawn.template, ZTF, 4) < 0.1 * science).all()

    @SURVEYS
    def test_a_trailed_night_draws_out_the_stars_of_the_science_image_only(self, optics: Optics):
        alerts = scene(
            optics,
            StampSource.TRAILED_NIGHT,
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
        drawn = draw(scene(ZTF, StampSource.GHOST, length=15.0, angle=90.0), ZTF)
        far = aperture(drawn.science, ZTF, 5, dx=-12.0)
        assert (far > 0.3 * aperture(drawn.science, ZTF, 5)).all()
        assert (np.abs(aperture(drawn.template, ZTF, 5, dx=-12.0)) < 0.2 * far).all()

    @SURVEYS
    def test_beyond_the_edge_of_the_chip_nothing_is_valid(self, optics: Optics):
        distance = 4 * optics.pixel
        alerts = scene(
            optics, StampSource.EDGE, angle=90.0, length=distance, night=nights(optics, 24, rotation=0.0)
        )
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
        for kind in StampSource:
            alerts = imagine(optics, [kind] * 40, BRIGHT[optics.survey], rng, crowding=0.0)
            planes = valid(draw(alerts, optics).difference)
            centre = round(optics.centre)
            core = planes[:, centre - 4 : centre + 6, centre - 4 : centre + 6]
            noise = optics.difference_depth * alerts.night.sky_rms
            seen = np.nanmax(np.abs(core), axis=(1, 2)) > 4 * noise
            assert seen.mean() > 0.8, kind.name

    @SURVEYS
    def test_few_pixels_of_ordinary_stamps_are_masked_and_none_at_the_alert(self, optics: Optics):
        alerts = imagine(
            optics, [StampSource.TRANSIENT] * 200, BRIGHT[optics.survey], np.random.default_rng(2)
        )
        planes = valid(draw(alerts, optics).difference)
        centre = round(optics.centre)
        assert np.isnan(planes).mean() < 0.03
        assert np.isnan(planes[:, centre, centre]).mean() < 0.03


class TestTelling:
    """One number a stamp, such as an eye takes, separates contaminants from point sources."""

    @pytest.mark.parametrize("optics", [ZTF, ATLAS], ids=["ztf", "atlas"])
    def test_simple_statistics_separate_garbage_from_transients(self, optics: Optics):
        rng = np.random.default_rng(7)

        def statistics(kind: StampSource) -> dict[str, NDArray]:
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

        transient = statistics(StampSource.TRANSIENT)
        for kind, name in (
            (StampSource.DIPOLE, "negative"),
            (StampSource.PM_STAR, "negative"),
            (StampSource.TRAILED_NIGHT, "negative"),
            (StampSource.COSMIC_RAY, "sharp"),
            (StampSource.TRAIL, "elsewhere"),
            (StampSource.BAD_COLUMN, "elsewhere"),
            (StampSource.BRIGHT_STAR, "elsewhere"),
        ):
            wrong, right = statistics(kind)[name], transient[name]
            above = (wrong[:, None] > right[None, :]).mean()
            assert above > 0.9, f"{kind.name} by {name}: {above:.2f}"


@SURVEYS
def test_spikes_stand_still_on_the_chip_when_the_camera_turns(optics: Optics):
    for rotation in (0.0, 70.0) if optics.rotates else (0.0,):
        night = nights(optics, 40, rotation=rotation)
        alerts = imagine(optics, [StampSource.BRIGHT_STAR] * 40, 18.0, np.random.default_rng(6), night=night)
        angle = np.radians(alerts.angle)
        x, y = optics.to_pixels(np.sin(angle), np.cos(angle), night.rotation)
        # Four-fold: four times the angle is the same for all four spikes.
        turned = np.exp(4j * (np.arctan2(x, y) - np.radians(optics.spike_angle))).mean()
        assert abs(np.angle(turned)) < 0.2
        assert abs(turned) > 0.9
