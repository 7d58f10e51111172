"""Whatever way a camera stood, north is up and east is left."""

import numpy as np
import pytest

from tests.pictures.skies import brightest, starred
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.pictures.decode import decode
from vra_tui.pictures.orient import north_up
from vra_tui.simulator.stamps import ATLAS, LSST, ZTF, StampSource, draw, fits_bytes, imagine
from vra_tui.surveys import installed_surveys

FRAMES = {optics.survey: installed_surveys()[optics.survey].stamp_frame for optics in (ATLAS, ZTF, LSST)}


@pytest.mark.parametrize("optics", [ATLAS, ZTF, LSST], ids=["atlas", "ztf", "lsst"])
@pytest.mark.parametrize(("east", "north"), [(0.3, 0.0), (0.0, 0.3), (-0.25, 0.2), (0.1, -0.3)])
def test_a_host_lies_where_it_is_on_the_sky(optics, east, north):
    side = optics.size * optics.pixel
    alerts = imagine(
        optics,
        [StampSource.TRANSIENT] * 5,
        30.0,
        np.random.default_rng(9),
        crowding=0.0,
        host_mag=13.0 if optics is not LSST else 18.0,
        host_re=optics.fwhm[0] / 2,
        host_q=1.0,
        host_east=side * east,
        host_north=side * north,
    )
    drawn = draw(alerts, optics)
    for at in range(len(drawn)):
        placed = {} if optics is ZTF else {"ra": 210.0, "dec": 40.0}
        shown = decode(fits_bytes(drawn, at, **placed).science, FRAMES[optics.survey])
        assert shown.arcsec == pytest.approx(optics.pixel, rel=0.01)
        row, column = brightest(shown.pixels)
        assert (shown.column - column) * optics.pixel == pytest.approx(side * east, abs=1.6 * optics.pixel)
        assert (shown.row - row) * optics.pixel == pytest.approx(side * north, abs=1.6 * optics.pixel)


def test_without_coordinates_the_angle_of_the_camera_is_enough():
    optics, side = LSST, LSST.size * LSST.pixel
    alerts = imagine(
        optics, [StampSource.TRANSIENT] * 6, 30.0, np.random.default_rng(3), crowding=0.0, host_mag=18.0,
        host_re=0.4, host_q=1.0, host_east=0.0, host_north=side * 0.3,
    )  # fmt: skip
    drawn = draw(alerts, optics)
    for at in range(len(drawn)):
        shown = decode(fits_bytes(drawn, at).science, FRAMES["lsst"])
        row, column = brightest(shown.pixels)
        assert (shown.row - row) == pytest.approx(0.3 * optics.size, abs=1.6)
        assert column == pytest.approx(shown.column, abs=1.6)


def turned_header(degrees: float, parity: int, arcsec: float = 1.5) -> dict[str, float]:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    step = arcsec / 3600
    return {
        "CD1_1": -parity * step * cos,
        "CD1_2": step * sin,
        "CD2_1": parity * step * sin,
        "CD2_2": step * cos,
    }


@pytest.mark.parametrize("parity", [1, -1])
@pytest.mark.parametrize("degrees", [0, 1, 45, 90, 91, 137, 180, 270, 315, 359])
def test_a_star_north_east_of_the_alert_is_shown_up_left(degrees, parity):
    header = turned_header(degrees, parity)
    matrix = 3600 * np.array([[header["CD1_1"], header["CD1_2"]], [header["CD2_1"], header["CD2_2"]]])
    dx, dy = np.linalg.inv(matrix) @ np.array([6.0, 12.0])  # arcsec east, north
    shown = north_up(starred(41, 20 + dx, 20 + dy), header, StampFrame())
    row, column = brightest(shown.pixels)
    assert shown.arcsec == pytest.approx(1.5)
    assert ((shown.column - column) * 1.5, (shown.row - row) * 1.5) == pytest.approx((6.0, 12.0), abs=1.0)


def test_pixels_that_lie_along_the_axes_are_moved_and_not_changed():
    pixels = np.arange(20, dtype=np.float32).reshape(4, 5)
    for degrees in (0, 90, 180, 270):
        shown = north_up(pixels, turned_header(degrees, 1), StampFrame())
        assert sorted(shown.pixels.ravel()) == sorted(pixels.ravel())


@pytest.mark.parametrize(
    "header",
    [
        {"CD1_1": 0.0, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 0.0},
        {"CD1_1": 1e300, "CD2_2": 1e300},
        {"CD1_1": 1e-300, "CD2_2": 1e-300},
        {"CDELT1": 0.0, "CDELT2": 0.0},
        {"CDELT1": 1.0, "CDELT2": 1e12, "PC1_1": 1e200},
        {"ROTPA": 1e18},
        {"CRPIX1": -1e200, "CRPIX2": 1e200},
    ],
)
def test_a_header_that_makes_no_sense_leaves_the_surveys_own_way(header):
    shown = north_up(starred(21, 10, 14), header, StampFrame(arcsec=2.0))
    assert shown.pixels.shape[0] >= 21
    assert np.isfinite(shown.pixels).mean() > 0.5
    assert shown.arcsec == pytest.approx(2.0)
