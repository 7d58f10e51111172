"""The light curve as text: bright on top, limits and negative fluxes as what they are, no squashed axis."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from tests.tui.curve.made import T0, curve, drawn
from vra_tui.domain.bands import BANDS, band
from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.curve.draw import Axis, CurveStyle, Event, Subject, draw_curve, shown
from vra_tui.tui.curve.fitted import fitted
from vra_tui.tui.curve.points import Limits, Quantity, Window, points_of, value_range
from vra_tui.tui.palette import THEMES, faint_role_of, role_of, styles_of
from vra_tui.tui.spans import text_of, width_of


def is_dots(char: str) -> bool:
    return "\u2800" < char <= "\u28ff"


def row_of(lines: list[str], sign: str) -> int:
    rows = [number for number, line in enumerate(lines[1:-1]) if sign in line]
    assert len(rows) == 1, rows
    return rows[0]


def test_the_brighter_point_stands_higher():
    lines = drawn(curve([(-1, 18.0, 0.0, "c"), (0, 17.0, 0.0, "o")]))
    assert row_of(lines, "◇") < row_of(lines, "○")


def test_the_later_point_stands_further_right():
    lines = drawn(curve([(-4, 18.0, 0.0, "c"), (0, 18.0, 0.0, "o")]))
    line = lines[1 + row_of(lines, "○")]
    assert line.index("○") < line.index("◇")


def test_an_error_bar_reaches_from_one_end_to_the_other():
    lines = drawn(curve([(2, 18.0, 0.3, "o"), (-5, 17.0, 0, "o"), (-6, 19.0, 0, "o")]), height=22)
    column = max(line.rfind("◇") for line in lines[1:-1])
    row = next(number for number, line in enumerate(lines) if line[column] == "◇")
    bar = [number for number, line in enumerate(lines[:-1]) if is_dots(line[column])]
    assert {row - 1, row + 1} <= set(bar)
    mag_of = {number: float(line[:5]) for number, line in enumerate(lines[1:-1], 1) if line[:5].strip()}
    (first, low), (last, high) = min(mag_of.items()), max(mag_of.items())
    rows_per_mag = (last - first) / (high - low)
    assert abs(max(bar) - min(bar) + 1 - 0.6 * rows_per_mag) <= 2


def test_bars_of_two_bands_keep_their_colours_in_cells_side_by_side():
    light_curve = curve([(0, 18.0, 0.3, "c"), (0, 18.0, 0.3, "o"), (3, 17.5, 0.0, "o")])
    lines = draw_curve(points_of(light_curve, T0), Subject(T0), 60, 18)
    roles = {role for line in lines[1:-1] for text, role in line if any(map(is_dots, text))}
    assert roles == {"t0", "band_c", "band_o"}


def test_a_limit_is_no_detection():
    lines = drawn(curve([(0, 18.0, 0.0, "o")], [(-2, 19.0)]))
    assert row_of(lines, "↓") > row_of(lines, "◇")
    assert "◇ o 1 " in lines[0]
    assert "↓ limit" in lines[0]


def test_a_negative_flux_stands_at_the_bottom_and_does_not_move_the_axis():
    without = drawn(curve([(0, 18.0, 0.1, "o"), (-3, 18.5, 0.1, "o")]))
    lines = drawn(curve([(0, 18.0, 0.1, "o"), (-3, 18.5, 0.1, "o"), (-6, -16.0, 0.1, "o")]))
    assert row_of(lines, "×") == len(lines) - 3
    assert [line[:6] for line in lines[1:]] == [line[:6] for line in without[1:]]
    assert "× negative" in lines[0]


def test_in_flux_a_negative_flux_stands_below_zero():
    look = CurveStyle(quantity=Quantity.FLUX)
    lines = drawn(curve([(0, 18.0, 0.05, "o"), (-3, -18.0, 0.05, "c")]), look=look)
    zero = next(number for number, line in enumerate(lines[1:-1]) if line[:5].strip() == "0")
    assert row_of(lines, "◇") < zero < row_of(lines, "×")


@pytest.mark.filterwarnings("error")
def test_a_wild_flux_stands_on_the_edge_on_its_own_side():
    night = [(number / 10 - 20, 100.0, 10.0) for number in range(200)]
    look = CurveStyle(quantity=Quantity.FLUX, forced=True, window=Window.ALL)
    low = drawn(curve(forced=[*night, (0, -1e30, 10.0)]), look=look)
    high = drawn(curve(forced=[*night, (0, 1e30, 10.0)]), look=look)
    assert "+" in low[-2]
    assert "+" not in low[1]
    assert "+" in high[1]
    assert "+" not in high[-2]


def test_an_empty_light_curve_is_drawn_as_an_empty_plot():
    lines = drawn(no_epochs())
    assert len(lines) == 18
    assert "no detections" in lines[0]


def test_forced_photometry_is_shown_on_request_only():
    light_curve = curve([(0, 18.0, 0.0, "o")], forced=[(-3, 500.0, 10.0), (-4, 5.0, 10.0)])
    assert "forced" not in drawn(light_curve)[0]
    assert "+ forced" in drawn(light_curve, look=CurveStyle(forced=True))[0]
    lines = drawn(light_curve, look=CurveStyle(forced=True))
    row_of(lines, "+")  # one of them: below three sigma it is no point


def test_in_ascii_there_is_nothing_but_ascii():
    light_curve = curve([(0, 18.0, 0.3, "o"), (1, 17.0, 0.1, "c"), (-2, -18, 0.1, "c")], [(-3, 19)])
    text = "".join(drawn(light_curve, look=CurveStyle(ascii=True)))
    assert text.isascii()


def test_a_field_too_small_for_a_plot_is_left_blank():
    assert drawn(curve([(0, 18, 0.1, "o")]), width=12, height=3) == ["", "", ""]


measured = st.tuples(st.floats(-400, 400), st.floats(10, 22), st.floats(0, 5), st.sampled_from("cow")).map(
    lambda p: (p[0], -p[1] if int(p[0]) % 7 == 3 else p[1], p[2], p[3])
)


@settings(max_examples=examples(40))
@given(
    detections=st.lists(measured, max_size=30),
    limits=st.lists(st.tuples(st.floats(-400, 400), st.floats(14, 21)), max_size=30),
    window=st.sampled_from(Window),
    quantity=st.sampled_from(Quantity),
    by_night=st.booleans(),
    limited=st.sampled_from(Limits),
    axis=st.sampled_from(Axis),
    now=st.none() | st.floats(T0 - 400, T0 + 500),
    reading=st.none() | st.integers(0, 70),
    width=st.integers(30, 120),
    height=st.integers(5, 40),
)
def test_every_light_curve_fits_its_field(
    detections, limits, window, quantity, by_night, limited, axis, now, reading, width, height
):
    light_curve = curve(sorted(detections), sorted(limits))
    look = CurveStyle(window=window, quantity=quantity, nightly=by_night, limits=limited, axis=axis)
    points = points_of(light_curve, T0, quantity)
    lines = draw_curve(points, Subject(T0, now), width, height, look, reading)
    assert len(lines) == height
    assert all(width_of(line) == width for line in lines[1:-1])
    low, high = sorted(value_range(points))
    assert np.isfinite([low, high]).all()
    assert high > low


RISE_AND_FALL = [
    (day, 18.0 + 0.02 * (day - 6) ** 2, 0.05, letter) for day in range(0, 13, 2) for letter in "co"
]


def with_fit(light_curve: LightCurve, quantity: Quantity = Quantity.MAGNITUDE) -> list[str]:
    return drawn(light_curve, 70, 20, CurveStyle(quantity=quantity), fit=fitted(light_curve, T0))


def dotted(lines: list[str]) -> int:
    return sum(map(is_dots, "".join(lines[1:-1])))


@pytest.mark.parametrize("quantity", list(Quantity))
def test_the_fitted_curve_runs_through_the_plot_with_its_uncertainty(quantity):
    light_curve = curve(RISE_AND_FALL, limits=[(-4, 19.5), (-2, 19.5)])
    plain = drawn(light_curve, 70, 20, CurveStyle(quantity=quantity))
    assert dotted(with_fit(light_curve, quantity)) > dotted(plain) + 50
    ascii = drawn(light_curve, 70, 20, CurveStyle(quantity=quantity, ascii=True), fit=fitted(light_curve, T0))
    assert sum(line.count("-") for line in ascii[1:-1]) > 10
    assert any("." in line[6:] for line in ascii[1:-1])


def test_a_steep_fit_has_no_holes():
    class Steep:
        def levels(self, phases, quantity):
            yield ord("o"), phases * np.nan, np.where(phases < 6, 19.5, 18.0), phases * np.nan

    lines = drawn(curve([(0, 19.5, 0.0, "o"), (12, 18.0, 0.0, "o")]), fit=Steep())
    rows = [number for number, line in enumerate(lines[1:-1]) if any(map(is_dots, line[10:]))]
    assert rows == list(range(rows[0], rows[-1] + 1))
    assert len(rows) > 8


def test_the_fit_goes_through_the_data():
    fit = fitted(curve(RISE_AND_FALL), T0)
    _, low, middle, high = next(iter(fit.levels(np.array([6.0]), Quantity.MAGNITUDE)))
    assert abs(middle[0] - 18.0) < 0.2
    assert high[0] <= middle[0] <= low[0]  # brighter is a smaller magnitude


def test_what_was_never_detected_has_no_fit():
    assert fitted(curve(limits=[(-2, 19.0), (1, 19.0)]), T0) is None
    assert fitted(no_epochs(), T0) is None


def test_limits_that_say_something_all_or_none_are_shown():
    light_curve = curve([(0, 18.0, 0.0, "o")], limits=[(-8, 18.4), (-6, 19.0), (-4, 18.46), (-2, 14.0)])
    count = {
        limits: sum(line.count("↓") for line in drawn(light_curve, look=CurveStyle(limits=limits))[1:-1])
        for limits in Limits
    }
    # 18.4 and 14.0 are no 0.45 mag below the peak; 14.0 is far above the plot.
    assert count == {Limits.DEEP: 2, Limits.ALL: 3, Limits.NONE: 0}
    assert "no limits" in drawn(light_curve, look=CurveStyle(limits=Limits.NONE))[0]


def test_of_each_column_the_deepest_limit_is_shown():
    limits = [(-5 + 0.001 * n, 19.0 + 0.1 * n) for n in (3, 0, 5, 1, 4, 2)]
    lines = drawn(curve([(0, 18.0, 0.0, "o")], limits))
    assert sum(line.count("↓") for line in lines[1:-1]) == 1
    deepest = drawn(curve([(0, 18.0, 0.0, "o")], [limits[2]]))
    assert row_of(lines, "↓") == row_of(deepest, "↓")


def test_a_limit_below_the_plot_stands_on_its_bottom_line():
    lines = drawn(curve([(0, 14.0, 0.0, "o"), (1, 14.2, 0.0, "o")], [(-4, 21.0), (-3, 21.5)]))
    assert lines[-2].count("↓") == 2
    assert max(float(line[:5]) for line in lines[1:-1] if line[:5].strip()) < 17


def test_where_another_band_holds_the_cell_a_point_moves_towards_its_own_half():
    def columns(phase: float) -> tuple[int, int]:
        points = [(0, 18.0, 0.0, "c"), (phase, 18.0, 0.0, "o"), (-10, 18.3, 0.0, "c"), (10, 18.3, 0.0, "c")]
        line = next(line for line in drawn(curve(points), 86)[1:-1] if "◇" in line)
        return line.index("○"), line.index("◇")

    apart = [second - first for first, second in map(columns, np.linspace(-0.2, 0.2, 41))]
    assert set(apart) == {-1, 1}


def test_every_band_of_a_busy_night_is_seen():
    night = [(0.0, 18.0, 0.0, letter) for letter in "gri"]
    lines = drawn(curve([(-8, 18.5, 0.0, "g"), *night, (8, 18.5, 0.0, "g")]))
    assert all(sign in "".join(lines[1:-1]) for sign in "●■▲")


def test_the_order_in_which_epochs_came_changes_nothing():
    points = [(0.01 * n, 18.0 + 0.1 * (n % 3), 0.1, "gri"[n % 3]) for n in range(12)]
    assert drawn(curve(points)) == drawn(curve(sorted(points, key=lambda p: p[1])))


@pytest.mark.parametrize("height", range(5, 30))
@pytest.mark.parametrize("quantity", list(Quantity))
def test_three_values_or_more_are_labelled_wherever_there_are_three_rows(height, quantity):
    lines = drawn(curve(RISE_AND_FALL), height=height, look=CurveStyle(quantity=quantity))
    labels = [float(line[:5]) for line in lines[1:-1] if line[:5].strip()]
    assert len(labels) >= 3
    assert np.allclose(np.diff(labels), labels[1] - labels[0])


@pytest.mark.parametrize("width", [44, 48, 65, 66, 127])
@pytest.mark.parametrize("age", [0.2, 1, 3, 8, 14, 20, 29])
@pytest.mark.parametrize("axis", [None, Axis.AUTO, Axis.MJD])
def test_three_times_or_more_are_labelled(width, age, axis):
    nights = np.arange(0, age + 0.1, 1)
    light_curve = curve([(day, 18.0, 0.1, "o") for day in nights], [(-12, 19.0), (-5, 19.1)])
    now, look = None if axis is None else T0 + nights[-1] + 0.3, CurveStyle(axis=axis or Axis.AUTO)
    line = drawn(light_curve, width, 13, look, now=now)[-1]
    labels = re.findall(r"[+-]?[\d.]+|now", line)
    assert len(labels) >= 3
    assert ("now" in labels) == (axis is Axis.AUTO)
    numbers = [float(text) for text in labels if text != "now"]
    assert numbers == sorted(numbers)


def test_what_is_fresh_counts_its_days_back_from_now():
    light_curve = curve([(0, 18.0, 0.1, "o"), (2, 17.5, 0.1, "o"), (4, 17.2, 0.1, "o")])
    fresh, old = (drawn(light_curve, now=T0 + now)[-1] for now in (4.5, 400.0))
    assert fresh.rstrip().endswith("now")
    assert "-4" in fresh
    assert "+" not in fresh
    assert "now" not in old
    assert "+2" in old
    assert drawn(light_curve, now=T0 + 4.5, look=CurveStyle(axis=Axis.T0))[-1].count("+") >= 2
    assert "60002" in drawn(light_curve, now=T0 + 4.5, look=CurveStyle(axis=Axis.MJD))[-1]


def test_a_young_alert_has_most_of_the_width_and_its_limits_stay():
    limits = [(-14.0, 19.0), (-10.0, 19.2), (-6.0, 19.1)]
    light_curve = curve([(0.1 * n, 18.0 - 0.05 * n, 0.0, "o") for n in range(10)], limits)
    lines = drawn(light_curve, 66, now=T0 + 1.2)
    plot = [line[6:] for line in lines[1:-1]]
    first, last = min(line.find("◇") % 99 for line in plot), max(line.rfind("◇") for line in plot)
    assert last - first >= 30
    assert sum(line.count("↓") for line in plot) == 3
    broken = lines[-1].index("╱╱") - 6
    assert max(line.rfind("↓") for line in plot) < broken <= first


def test_a_full_time_axis_has_no_break():
    lines = drawn(curve([(day, 18.0, 0.0, "o") for day in range(-14, 15)]))
    assert "╱" not in lines[-1]


def test_the_curves_of_several_surveys_stand_in_one_plot_with_a_legend_that_names_them():
    ztf = curve([(0.5, 18.2, 0.0, "g"), (2.5, 18.0, 0.0, "r"), (3, 17.9, 0.0, "r")], [(-5, 19.0, "g")])
    lines = drawn(curve([(0, 18.0, 0.0, "c"), (2, 17.8, 0.0, "o")]), 70, others={"ztf": ztf})
    assert lines[0].split() == "mag ATLAS ○ c 1 ◇ o 1 ZTF ● g 1 ■ r 2 ↓ limit".split()
    assert all(any(sign in line for line in lines[1:-1]) for sign in "○◇●■↓")
    read = drawn(curve([(0, 18.0, 0.0, "c")]), 70, others={"ztf": ztf}, reading=4)[0]
    assert {"17.90", "ZTF"} <= set(read.split())


def test_a_legend_without_room_leaves_out_numbers_before_signs():
    ztf = curve([(0.5, 18.2, 0.0, "g"), (2.5, 18.0, 0.0, "r"), (3, 17.9, 0.0, "i")])
    legend = drawn(curve([(0, 18.0, 0.0, "c"), (2, 17.8, 0.0, "o")]), 44, others={"ztf": ztf})[0]
    assert legend.split() == "mag ATLAS ○ c ◇ o ZTF ● g ■ r ▲ i".split()


def test_a_night_of_two_surveys_is_a_point_of_each():
    one, other = curve([(0, 18.0, 0.1, "r"), (0.01, 18.0, 0.1, "r")]), curve([(0.02, 19.0, 0.1, "r")])
    points = points_of(one, T0, others=[other])
    merged = shown(points, CurveStyle(nightly=True))
    assert merged.value.tolist() == [18.0, 19.0]
    assert merged.survey.tolist() == [0, 1]


def test_the_point_that_is_read_is_told_first_and_marked_where_it_stands():
    light_curve = curve([(-3, 18.5, 0.1, "c"), (0, 18.0, 0.12, "o")], [(-6, 19.0)])
    lines = draw_curve(points_of(light_curve, T0), Subject(T0, T0 + 1.5), 60, 18, reading=2)
    assert text_of(lines[0]).split()[:8] == ["18.00", "±", "0.12", "o", "day", "+0.00", "1.5", "d"]
    plain = draw_curve(points_of(light_curve, T0), Subject(T0, T0 + 1.5), 60, 18)
    # The line through it hides nothing, least of all its error bar.
    assert dotted(list(map(text_of, lines))) == dotted(list(map(text_of, plain)))
    marked = "".join(text.strip() for line in lines[1:-1] for text, role in line if role == "mark")
    assert marked.replace(":", "") == "◇"
    old = text_of(draw_curve(points_of(light_curve, T0), Subject(T0), 60, 18, reading=0)[0])
    assert {">19.00", "limit"} <= set(old.split())
    assert "ago" not in old


def test_an_event_hides_no_point():
    bright = [(day, 18.0 if day == 3 else 19.4, 0.0, "o") for day in range(7)]
    lines = drawn(curve(bright), events=[Event(3.0, "T")])
    assert sum(line.count("◇") for line in lines[1:-1]) == 7


def test_more_bands_than_a_byte_counts_layers_are_all_drawn():
    light_curve = curve([(0.1 * n, 18.0 + 0.01 * n, 0.1, "g") for n in range(250)])
    records = light_curve.detections.records.copy()
    records["band"] = np.arange(250)
    many = LightCurve(type(light_curve.detections)(records), light_curve.nondetections, light_curve.forced)
    lines = draw_curve(points_of(many, T0), Subject(T0), 200, 60, reading=3)
    assert len(lines) == 60


def test_the_legend_tells_of_detections_that_the_window_leaves_out():
    light_curve = curve([(-99, 18.0, 0.0, "o"), (0, 18.0, 0.0, "o")], [(-80, 19.0), (-70, 19.0), (-60, 19.0)])
    assert drawn(light_curve)[0].endswith(" 1 seen outside")
    assert "outside" not in drawn(light_curve, look=CurveStyle(window=Window.ALL))[0]


@pytest.mark.parametrize(("mag", "told"), [(22.4, "3.98 ± 0.18"), (17.0, "575 ± 26")])
def test_faint_flux_has_decimals(mag, told):
    look = CurveStyle(quantity=Quantity.FLUX)
    assert told in drawn(curve([(0, mag, 0.05, "o")]), look=look, reading=0)[0]


def test_events_and_t0_stand_on_the_top_line():
    events = [Event(3.0, "T"), Event(99.0, "g")]
    lines = drawn(curve([(-3, 18.5, 0.1, "c"), (6, 18.0, 0.1, "o")]), events=events)
    assert lines[1].split()[-2:] == ["t0", "T"]
    assert "g" not in lines[1]


ALL_BANDS = {"u": "▼", "g": "●", "r": "■", "i": "▲", "z": "◆", "y": "★", "c": "○", "o": "◇", "w": "□"}


def test_each_band_has_its_sign_in_the_legend_the_bluest_first():
    letters = "wyozirguc"
    lines = drawn(curve([(-0.3 * n, 18.0 + 0.1 * n, 0.0, b) for n, b in enumerate(letters)]), width=90)
    assert lines[0].split()[1:] == " ".join(f"{ALL_BANDS[b]} {b} 1" for b in "ugcrwoizy").split()
    for sign in ALL_BANDS.values():
        assert any(sign in line for line in lines[1:-1])


@pytest.mark.parametrize("theme", THEMES)
def test_bands_have_colours_in_every_theme(theme):
    styles = styles_of(theme)
    for name in [*BANDS, "clear", "\x1b[2J"]:
        assert role_of(band(name)) in styles
        assert faint_role_of(band(name)) in styles
    if theme == "dark":
        colours = {styles[role_of(BANDS[name])].color for name in ALL_BANDS}
        assert len(colours) == len(ALL_BANDS)


def test_a_band_that_nobody_knows_is_named_and_drawn():
    codes = CodeBook({}, {200: "Hα\x1b[2J narrow"})
    light_curve = curve([(-1, 18.0, 0.1, "g"), (0, 18.2, 0.1, "r")])
    for code, name in ((200, "Hα narrow"), (201, "?")):
        records = light_curve.detections.records.copy()
        records["band"] = code
        other = LightCurve(
            type(light_curve.detections)(records), light_curve.nondetections, light_curve.forced
        )
        lines = draw_curve(points_of(other, T0), Subject(T0, codes=codes), 60, 18)
        assert f"+ {name} 2" in text_of(lines[0])
        assert sum("+" in text_of(line) for line in lines[1:-1]) == 2


def test_the_fit_is_drawn_in_the_two_bands_with_most_detections():
    points = [(0.4 * n, 18.0 + 0.05 * n, 0.05, b) for n, b in enumerate("gggggrrrrriiic")]
    found = fitted(curve(points), T0)
    assert [chr(code) for code, *_ in found.levels(np.linspace(0, 5, 20), Quantity.MAGNITUDE)] == ["g", "r"]
