"""The columns of the list: which fit, what they say, and that no line is wider than the list."""

from dataclasses import fields, replace
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.lists import ListName
from vra_tui.store.listing import ListRow
from vra_tui.tui.list_columns import (
    COLUMNS,
    Sight,
    ago,
    column_at,
    fitting,
    flags,
    gauge,
    heading,
    lead,
    row_line,
    spark_cells,
    title_line,
)
from vra_tui.tui.room.layout import list_width
from vra_tui.tui.spans import text_of, width_of

WIDTHS = st.integers(1, 160)
LISTS = st.sampled_from(["", ListName.GW.value])


def row_of(**values):
    """A row in which nothing is known but what is given."""
    known = {field.name: None for field in fields(ListRow)} | {
        "alert_id": 1, "survey": "atlas", "object_id": "1", "name": "ATLAS26bwtd", "t0_mjd": 61_000.0,
        "is_undecided": True,
    }  # fmt: skip
    return ListRow(**(known | values))


EVERYTHING = row_of(
    rank=10.0, preal=1.0, pgal=1.0, pfast=1.0, last_mag=-18.25, rise=1.0, rise_error=0.1,
    follow_up="now", is_anomaly=True, opinion="wanted", is_in_conflict=True, is_tns_match=True,
    is_gal_cand=True, is_back=True, is_outside=True, gw_level=0.5, has_note=True, list="fasttrack",
    context_class="UNCLEAR, 星 very long", sep_arcsec=1234.5, name="ATLAS 超新星 very long name",
)  # fmt: skip


@given(WIDTHS, LISTS, st.sampled_from([row_of(), EVERYTHING]), st.booleans(), st.booleans(), st.booleans())
def test_no_line_is_wider_than_the_list(width, name, row, cursor, marked, is_ascii):
    columns = fitting(width, name)
    sight = Sight(61_001.0, is_ascii, frozenset({1}), lambda alert_id: "⣀" * spark_cells(columns))
    assert width_of(heading(columns, width)) <= max(width, lead(width))
    for decided in (row, replace(row, is_undecided=False, decided_list="good")):
        line = row_line(decided, columns, sight, width, cursor=cursor, marked=marked)
        assert width_of(line) <= max(width, lead(width))


@given(WIDTHS, LISTS)
def test_whether_it_is_worth_following_has_a_column_only_where_a_model_tells_it(width, name):
    without, with_it = fitting(width, name), fitting(width, name, has_follow_up=True)
    assert "flw" not in [column.title for column in without]
    row = row_of(pfollow=0.9)
    assert width_of(row_line(row, with_it, Sight(61_001.0), width)) <= max(width, lead(width))
    if width == 160:
        titles = [column.title for column in with_it]
        assert titles[titles.index("fast") + 1] == "flw"


@given(WIDTHS, WIDTHS, LISTS)
def test_a_wider_list_of_one_kind_lacks_no_column_of_a_narrower_one(one, other, name):
    narrow, wide = sorted((one, other))
    if lead(narrow) != lead(wide):
        return  # a small screen has columns of its own
    both = [[(c.worth, c.sort) for c in fitting(width, name)] for width in (narrow, wide)]
    assert [column for column in both[1] if column in both[0]] == both[0]


@given(WIDTHS, LISTS)
def test_a_click_on_a_title_finds_its_column(width, name):
    columns = fitting(width, name)
    titles = text_of(heading(columns, width))
    for column in columns:
        if column.title.strip():
            at = titles.index(column.title.strip())
            assert column_at(columns, at, width) is column
    assert column_at(columns, width + 200, width) is None


@pytest.mark.parametrize("width", [list_width(60), list_width(80), 39])
def test_a_small_list_has_the_most_urgent_flag_of_each_alert(width):
    columns = fitting(width)
    assert text_of(row_line(EVERYTHING, columns, Sight(61_001.0), width)).endswith(" -18↑!")
    assert columns[-1].text(EVERYTHING, Sight(61_001.0)) == "!"
    assert columns[-1].text(replace(EVERYTHING, follow_up=None), Sight(61_001.0)) == "A"
    assert columns[-1].text(row_of(), Sight(61_001.0)) == ""


def test_flags_stand_from_the_most_urgent_on():
    assert flags(EVERYTHING) == "!AF2XTGZSWN"
    assert flags(row_of()) == ""


@pytest.mark.parametrize(
    ("value", "line", "plain"),
    [
        (None, "", ""), (0.0, "·", "."), (0.05, "·", "."), (0.2, "╸", "-"), (0.34, "━", "="),
        (0.5, "━╸", "=-"), (1.0, "━━━", "==="), (1.7, "━━━", "==="), (-0.3, "·", "."),
    ],
)  # fmt: skip
def test_a_gauge_goes_in_steps_of_half_a_cell(value, line, plain):
    assert gauge(value) == line
    assert gauge(value, is_ascii=True) == plain


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 8))
def test_a_higher_probability_has_no_shorter_gauge(one, other, cells):
    short, long = (gauge(value, cells) for value in sorted((one, other)))
    assert len(short) <= len(long) <= cells
    assert gauge(1.0, cells) == "━" * cells


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (-2.0, "0h"), (0.0, "0h"), (0.99, "23h"), (1.0, "1d"), (99.9, "99d"), (100.0, "14w"),
        (699.0, "99w"), (700.0, "1y"), (731.0, "2y"), (1e6, "99y"), (nan, ""),
    ],
)  # fmt: skip
def test_an_age_has_three_cells(days, text):
    assert ago(days) == text


@given(st.floats(-1e9, 1e9))
def test_every_age_fits_into_its_column(days):
    assert 2 <= len(ago(days)) <= 3


@given(st.text(max_size=30), st.text(max_size=60), st.integers(1, 120), st.booleans())
def test_the_title_keeps_the_place_in_sight_and_fits(title, words, width, reverse):
    place = "3/30 " if width < 40 else "3 of 30 "
    line = title_line(title, "-rank" if reverse else "rank", words, place, width)
    assert width_of(line) <= max(width, len(place))
    assert text_of(line).endswith(place)


def test_the_title_says_which_way_the_order_runs():
    assert "by rank ▾" in text_of(title_line("good", "rank", "", "", 60))
    assert "by rank ▴" in text_of(title_line("good", "-rank", "", "", 60))


def test_only_an_event_list_has_the_column_of_events():
    assert "gw" in [column.title for column in fitting(60, ListName.GW.value)]
    assert "gw" not in [column.title for column in fitting(160)]
    assert len(fitting(160)) == len(COLUMNS)


@pytest.mark.parametrize(
    ("mag", "text"), [(18.25, "18.2 "), (9.31, " 9.3 "), (-18.25, " -18 "), (None, "   – ")]
)
def test_a_magnitude_keeps_the_sign_of_its_flux(mag, text):
    (column,) = [column for column in COLUMNS if column.sort == "brightest"]
    assert column.text(row_of(last_mag=mag), Sight(61_001.0)) == text
