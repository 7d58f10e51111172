"""A picture lies under the map so that its sources stand where the catalogue says."""

import math

import numpy as np
import pytest

from tests.tui.conftest import press, scanning, until
from vra_tui.pictures.decode import Picture, no_picture
from vra_tui.pictures.stretch import SKY
from vra_tui.tui.neighbourhood.frame import Frame
from vra_tui.tui.neighbourhood.map import draw_map
from vra_tui.tui.neighbourhood.pane import MapPane
from vra_tui.tui.neighbourhood.things import Kind, Thing
from vra_tui.tui.neighbourhood.under import cells_over, levels_under, picture_of
from vra_tui.tui.stamps.paint import frame_rows
from vra_tui.tui.stamps.shelf import AlertStamps

WIDTH, HEIGHT = 60, 31


def picture(east=0.0, north=0.0, side=63, arcsec=1.0, shift=(0, 0)):
    """A noisy field with a round source so far from the alert, which stands ``shift`` beside the middle."""
    row, column = side // 2 + shift[0], side // 2 + shift[1]
    y, x = np.mgrid[:side, :side]
    away = np.hypot(x - (column - east / arcsec), y - (row - north / arcsec))
    noise = np.random.default_rng(0).normal(0.0, 1.0, (side, side))
    return Picture(
        (noise + 300.0 * np.exp(-0.5 * (away * arcsec / 1.2) ** 2)).astype(np.float32), row, column, arcsec
    )


def brightest(levels):
    """Mean row and column of the brightest halves of cells."""
    return np.argwhere(levels == levels.max()).mean(axis=0)


@pytest.mark.parametrize("place", [(0, 0), (0, 10), (10, 0), (-8, -6), (7, -9)])
@pytest.mark.parametrize(
    ("side", "arcsec", "shift"),
    [
        (63, 1.0, (0, 0)),
        (241, 0.25, (0, 0)),
        (63, 1.0, (4, -3)),
        (603, 0.1, (17, -9)),
        (1_201, 1.0, (90, 40)),
    ],
)
def test_a_source_stands_where_its_sign_is(place, side, arcsec, shift):
    frame = Frame.around(15.0, WIDTH, HEIGHT - 1)
    levels = levels_under(frame, picture(*place, side=side, arcsec=arcsec, shift=shift))
    assert levels.shape == (2 * frame.height, frame.width)
    row, column = brightest(levels)
    x, y = frame.dots(*place)
    # Dots are two a half of a cell; a picture's pixel is two halves wide here.
    assert (column + 0.5, row + 0.5) == (pytest.approx(x / 2, abs=1.2), pytest.approx(y / 2, abs=1.2))


@pytest.mark.parametrize("arcsec", [1e-3, 0.02, 30.0, 3_600.0])
@pytest.mark.parametrize("side", [3, 31, 2_000])
def test_any_scale_that_a_header_claims_is_drawn(side, arcsec):
    noise = np.random.default_rng(0).normal(0.0, 1.0, (side, side)).astype(np.float32)
    for at in (0, side // 2, side - 1):
        levels = levels_under(Frame.around(15.0, WIDTH, HEIGHT - 1), Picture(noise, at, at, arcsec))
        assert levels.shape == (2 * (HEIGHT - 1), WIDTH)


def test_beyond_the_picture_is_sky():
    frame = Frame.around(60.0, WIDTH, HEIGHT - 1)
    levels = levels_under(frame, picture(side=31))
    assert (levels[0] == SKY).all()
    assert (levels[:, 0] == SKY).all()
    assert levels.max() > SKY


def test_sources_leave_contrast_to_what_is_written_on_them():
    assert levels_under(Frame.around(15.0, WIDTH, HEIGHT - 1), picture()).max() <= 13


def test_signs_and_numbers_of_the_map_are_all_there():
    things = [Thing(Kind.STAR, "PS1", arcsec=10.0, east=0.0, north=10.0, mag=18.2)]
    lines = draw_map(things, WIDTH, HEIGHT)
    rows = frame_rows(cells_over(levels_under(Frame.around(15.0, WIDTH, HEIGHT - 1), picture()), lines))
    assert len(rows) == HEIGHT - 1
    for row, line in zip(rows, lines, strict=False):
        written = "".join(chr(cell[3]) if cell[3] else " " for cell in row)
        assert written == "".join(text for text, _ in line)


def test_the_picture_of_the_field_comes_before_the_template_and_that_before_science():
    template, science, field = (picture() for _ in range(3))
    stamps = AlertStamps(1, (3, 3), [object()], pictures={0: {"science": science, "template": template}})
    assert picture_of(stamps) == ("template", template)
    stamps.context = field
    assert picture_of(stamps) == ("field", field)
    unreadable = {0: {"template": no_picture("it is no picture"), "science": science}}
    assert picture_of(AlertStamps(1, (1, 1), [object()], pictures=unreadable)) == ("science stamp", science)
    unscaled = Picture(science.pixels, 31, 31, math.nan)
    assert picture_of(AlertStamps(1, (1, 1), [object()], pictures={0: {"science": unscaled}})) is None
    assert picture_of(AlertStamps(1, (0, 0), [])) is None
    assert picture_of(None) is None


def test_a_picture_without_any_contrast_is_sky():
    flat = Picture(np.ones((9, 9), dtype=np.float32), 4, 4, 1.0)
    assert (levels_under(Frame.around(15.0, WIDTH, HEIGHT - 1), flat) == SKY).all()


def caption(pane):
    return pane.render_line(pane.size.height - 1).text


async def test_a_picture_comes_under_the_map_of_its_own_alert_and_goes_with_it(store_path, ids):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "N")
        pane = app.screen.query_one(MapPane)
        await until(app, lambda: pane.is_on_screen, "there is no map")
        other = AlertStamps(ids[1], (1, 1), [object()], pictures={0: {"template": picture(3, 3)}})
        pane.show_under(other)
        assert "template" not in caption(pane)
        pane.show_under(AlertStamps(ids[0], (1, 1), [object()], pictures={0: {"template": picture(3, 3)}}))
        assert "on the template" in caption(pane)
        greys = {one.style.bgcolor.number for y in range(30) for one in pane.render_line(y) if one.style}
        assert len(greys) > 3
        await press(pilot, "j")
        await until(app, lambda: "template" not in caption(pane), "the picture of another alert is there")


async def test_without_colours_there_is_no_picture(store_path, ids, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "N")
        pane = app.screen.query_one(MapPane)
        await until(app, lambda: pane.is_on_screen, "there is no map")
        pane.show_under(AlertStamps(ids[0], (1, 1), [object()], pictures={0: {"template": picture(3, 3)}}))
        assert "template" not in caption(pane)
