"""Pictures lie side by side in any pane, with their captions; the middle pixel is the alert's."""

import numpy as np
import pytest

from tests.tui.stamps.made import NOW, alert_stamps, field
from vra_tui.pictures.decode import no_picture
from vra_tui.pictures.stretch import stretch
from vra_tui.tui.spans import text_of, width_of
from vra_tui.tui.stamps import cells as grid
from vra_tui.tui.stamps.compose import compose, wanted_epochs
from vra_tui.tui.stamps.frame import Screen, without_pictures
from vra_tui.tui.stamps.look import Look, plan
from vra_tui.tui.stamps.paint import frame_rows


def levels_of(frame, column: int, side: int) -> np.ndarray:
    """The greys of one picture as cells show them; below a character -1."""
    top, bottom, _, character = grid.halves(frame.cells[: (side + 1) // 2, column : column + side])
    rows = np.stack([top, bottom], axis=1).reshape(-1, side).astype(int)
    rows[np.stack([character, character], axis=1).reshape(-1, side) > 0] = -1
    return rows[:side]


@pytest.mark.parametrize(
    ("size", "side", "count"),
    [
        ((65, 12), 21, 3),
        ((95, 17), 31, 3),
        ((47, 9), 15, 3),
        ((48, 10), 15, 3),
        ((31, 12), 21, 1),
        ((21, 9), 15, 1),
    ],
)
def test_as_many_pictures_as_fit_of_the_largest_side_that_fits(size, side, count):
    found = plan(*size, 3, False)
    assert (found.side, found.count) == (side, count)


@pytest.mark.parametrize("survey", ["ztf", "lsst", "atlas"])
@pytest.mark.parametrize(("width", "height", "side"), [(65, 12, 21), (95, 17, 31), (47, 9, 15)])
def test_cells_are_the_levels_of_each_picture_in_the_order_that_scanners_know(survey, width, height, side):
    stamps = alert_stamps(survey)
    frame = compose(stamps, 0, Look(), Screen(width, height, NOW))
    for at, (kind, picture) in enumerate(stamps.pictures[0].items()):
        expected = stretch(picture.pixels, (picture.row, picture.column), side).levels.astype(int)
        found = levels_of(frame, at * (side + 1), side)
        seen = found >= 0
        assert seen.mean() > 0.9, kind
        np.testing.assert_array_equal(found[seen], expected[seen])
    words = text_of(frame.captions[(side + 1) // 2])
    assert words.startswith("sci")
    assert width_of(frame.captions[(side + 1) // 2]) <= width


def test_a_survey_without_template_has_two_pictures_and_its_scale():
    frame = compose(alert_stamps("atlas"), 0, Look(), Screen(65, 12, NOW))
    assert (grid.halves(frame.cells)[0][:11, 44:] == grid.GROUND).all()
    assert "″" in text_of(frame.captions[11])


def test_the_crosshair_leaves_the_middle_free():
    for side in (15, 21, 31, 39, 63):
        square = grid.grey_field(side)
        grid.add_crosshair(square, side)
        characters = grid.halves(square)[3]
        rows, columns = np.nonzero(characters)
        middle = side // 2
        vertical = columns == middle
        assert vertical.any()
        assert (2 * rows[vertical] + 1 <= middle - 2).all()
        assert (~vertical).any()
        assert (columns[~vertical] - middle > 2).all()


def test_with_room_for_one_picture_it_is_the_difference_and_a_key_shows_the_others():
    stamps, screen = alert_stamps("ztf"), Screen(31, 12, NOW)
    words = [text_of(compose(stamps, 0, Look(turn=turn), screen).captions[11])[:3] for turn in range(4)]
    assert words == ["dif", "sci", "tem", "dif"]


def test_the_field_takes_a_place_when_the_order_is_turned():
    stamps = alert_stamps("ztf", context=field())
    first, turned = (
        text_of(compose(stamps, 0, Look(turn=turn), Screen(65, 12, NOW)).captions[11]) for turn in (0, 1)
    )
    assert "field" not in first
    assert "field" in turned
    assert "science" not in turned


def test_the_field_shows_all_of_itself():
    stamps = alert_stamps("atlas", context=field())
    frame = compose(stamps, 0, Look(), Screen(65, 12, NOW))
    shown = levels_of(frame, 44, 21)
    # A galaxy a third of the field west of north of the middle… east: columns 20 to 40 of 120.
    assert (shown[9:12, 3:7] > 10).all()
    assert "field" in text_of(frame.captions[11])


def test_a_picture_that_cannot_be_shown_is_grey_and_says_why():
    stamps = alert_stamps("ztf")
    stamps.pictures[0]["template"] = no_picture("2,000 × 2,000 pixels: too large to show")
    frame = compose(stamps, 0, Look(), Screen(65, 12, NOW))
    rows = frame_rows(frame.cells)
    text = " ".join("".join(chr(cell[3]) if cell[3] else " " for cell in row[22:43]) for row in rows[:11])
    assert "2,000 × 2,000 pixels: too large to show" in " ".join(text.split())


@pytest.mark.parametrize("width", [0, 1, 5, 8, 20, 44, 65, 200])
@pytest.mark.parametrize("height", [0, 1, 2, 6, 12, 60])
@pytest.mark.parametrize("look", [Look(), Look(full=True), Look(sheet=True), Look(turn=7, contrast=-2)])
def test_no_size_fails(width, height, look):
    for survey in ("ztf", "lsst"):
        frame = compose(alert_stamps(survey, 5, field()), 4, look, Screen(width, height, NOW))
        assert frame.cells.shape == (height, width)
        assert all(0 <= row < height for row in frame.captions) or height == 0


def test_the_sheet_shows_every_exposure_in_the_order_of_time_and_marks_the_one_that_is_open():
    stamps, screen = alert_stamps("ztf", 12), Screen(120, 30, NOW)
    frame = compose(stamps, 3, Look(sheet=True, full=True), screen)
    assert wanted_epochs(stamps, 3, Look(sheet=True), screen) == list(range(12))
    marked = [text for line in frame.captions.values() for text, role in line if role == "key"]
    assert len(frame.placements) == 12
    assert marked[0] == "r"


def test_a_sheet_that_is_too_long_shows_the_page_of_the_open_exposure():
    stamps, screen = alert_stamps("ztf", 20), Screen(50, 20, NOW)
    for index in range(20):
        shown = wanted_epochs(stamps, index, Look(sheet=True), screen)
        assert index in shown
        assert len(shown) == 6


def test_the_full_screen_shows_whole_pictures_and_enlarges_small_ones():
    frame = compose(alert_stamps("ztf"), 0, Look(full=True), Screen(200, 50, NOW))
    assert [one.levels.shape for one in frame.placements] == [(63, 63)] * 3
    frame = compose(alert_stamps("lsst"), 0, Look(full=True), Screen(200, 50, NOW))
    assert [(one.columns, one.rows) for one in frame.placements] == [(62, 31)] * 3


def test_under_pixels_of_the_terminal_cells_are_empty():
    frame = without_pictures(compose(alert_stamps("ztf"), 0, Look(full=True), Screen(120, 40, NOW)))
    assert (grid.halves(frame.cells)[0] == grid.GROUND).all()
    assert frame.placements


def test_below_whole_pictures_other_exposures_fill_the_room():
    stamps = alert_stamps("ztf", 5)
    look = Look(full=True)
    tall, low = Screen(120, 36, NOW), Screen(120, 24, NOW)
    assert wanted_epochs(stamps, 4, look, tall) == [0, 1, 2, 3, 4]
    assert wanted_epochs(stamps, 4, look, low) == [4]
    frame = compose(stamps, 4, look, tall)
    assert len(frame.placements) == 3 + 5
    words = " ".join(text_of(frame.captions[row]) for row in sorted(frame.captions))
    assert "-4.0 d" in words
    assert "difference 5 of 5" in words
    assert len(compose(stamps, 4, look, low).placements) == 3
