"""The light curve as text: bright on top, limits and negative fluxes as what they are, no squashed axis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from vra_tui.domain.bands import BANDS, band
from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.curve.axes import label_row, nice_step, ticks
from vra_tui.tui.curve.draw import CurveStyle, draw_curve, shown
from vra_tui.tui.curve.fitted import fitted
from vra_tui.tui.curve.points import (
    PointKind,
    Quantity,
    Window,
    nightly,
    points_of,
    span_of,
    value_range,
)
from vra_tui.tui.palette import THEMES, faint_role_of, role_of, styles_of
from vra_tui.tui.spans import text_of, width_of

T0 = 60_000.0


def curve(detections=(), limits=(), forced=()) -> LightCurve:
    """Detections as (phase, mag, error, filter), limits as (phase, limit), forced as (phase, flux, dflux)."""
    phase, mag, error, letter = zip(*detections, strict=True) if detections else ((), (), (), ())
    n = len(phase)
    seen = pack_detections(
        {
            "mjd": T0 + np.array(phase, dtype=float), "ra": np.full(n, 10.0), "dec": np.full(n, 20.0),
            "mag": np.array(mag, dtype=float), "magerr": np.array(error, dtype=float),
            "limit": np.full(n, 19.5), "instrument": np.ones(n), "band": [ord(f) for f in letter],
                    }
    )  # fmt: skip
    days, deep = zip(*limits, strict=True) if limits else ((), ())
    missed = pack_nondetections(
        {
            "mjd": T0 + np.array(days, dtype=float),
            "limit": np.array(deep, dtype=float),
            "instrument": np.ones(len(days)),
            "band": [ord("o")] * len(days),
        }
    )
    at, flux, dflux = zip(*forced, strict=True) if forced else ((), (), ())
    m = len(at)
    photometry = pack_forced(
        {
            "mjd": T0 + np.array(at, dtype=float), "flux": flux, "dflux": dflux, "mag": np.full(m, np.nan),
            "magerr": np.full(m, np.nan), "is_limit": np.zeros(m), "instrument": np.ones(m),
            "band": [ord("o")] * m,
        }
    )  # fmt: skip
    return LightCurve(seen, missed, photometry)


def drawn(
    light_curve: LightCurve, width: int = 60, height: int = 18, look: CurveStyle | None = None
) -> list[str]:
    look = look or CurveStyle()
    points = points_of(light_curve, T0, look.quantity, look.forced)
    return [text_of(line) for line in draw_curve(points, T0, width, height, look)]


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
    lines = drawn(curve([(0, 18.0, 0.3, "o"), (-5, 17.0, 0, "o"), (-6, 19.0, 0, "o")]), height=22)
    point = next(n for n, line in enumerate(lines[1:-1], 1) if "◇" in line and "│" not in line[7:])
    assert point
    column = max(line.rfind("◇") for line in lines[1:-1])
    bar = [line[column] for line in lines[1:-1] if len(line) > column and line[column] in "│╷╵◇"]
    assert 6 <= len(bar) <= 8  # 0.6 mag of the 2.2 mag in 20 lines


def test_a_limit_is_no_detection():
    lines = drawn(curve([(0, 18.0, 0.0, "o")], [(-2, 19.0)]))
    assert row_of(lines, "▿") > row_of(lines, "◇")
    assert "o 1" in lines[0]
    assert "limit 1" in lines[0]


def test_a_negative_flux_stands_at_the_bottom_and_does_not_move_the_axis():
    without = drawn(curve([(0, 18.0, 0.1, "o"), (-3, 18.5, 0.1, "o")]))
    lines = drawn(curve([(0, 18.0, 0.1, "o"), (-3, 18.5, 0.1, "o"), (-6, -16.0, 0.1, "o")]))
    assert row_of(lines, "×") == len(lines) - 3
    assert [line[:6] for line in lines[1:]] == [line[:6] for line in without[1:]]
    assert "negative 1" in lines[0]


def test_in_flux_a_negative_flux_stands_below_zero():
    look = CurveStyle(quantity=Quantity.FLUX)
    lines = drawn(curve([(0, 18.0, 0.05, "o"), (-3, -18.0, 0.05, "c")]), look=look)
    zero = next(number for number, line in enumerate(lines[1:-1]) if line[:5].strip() == "0")
    assert row_of(lines, "◇") < zero < row_of(lines, "×")


def test_flux_is_in_microjansky():
    points = points_of(curve([(0, 23.9, 0.1, "o"), (1, -18.9, 0.0, "o")]), T0, Quantity.FLUX)
    assert points.value == pytest.approx([1.0, -100.0])
    assert points.error[0] == pytest.approx(0.0921034, rel=1e-5)


@pytest.mark.parametrize("old", [-900.0, -40.0])
def test_an_old_point_does_not_squash_the_axis(old):
    points = points_of(curve([(old, 18.0, 0.1, "o"), (0, 18.5, 0.1, "o")]), T0)
    assert span_of(points, Window.AUTO) == (-15.0, 2.0)


def test_years_of_later_limits_do_not_squash_the_axis():
    points = points_of(curve([(0, 18.5, 0.1, "o")], [(day, 19.0) for day in range(1, 900, 7)]), T0)
    assert span_of(points, Window.AUTO) == (-15.0, 30.0)


def test_an_alert_without_detections_near_t0_shows_its_latest_ones():
    points = points_of(curve([(-200, 18.0, 0.1, "o")], [(0, 19.0)]), T0)
    left, right = span_of(points, Window.AUTO)
    assert left < -200 < right < 0


@pytest.mark.parametrize("window", [Window.DAYS_5, Window.DAYS_15, Window.DAYS_100])
def test_a_window_of_days_ends_at_the_last_exposure(window):
    points = points_of(curve([(-300, 18, 0.1, "o"), (3, 18, 0.1, "o")], [(7, 19)]), T0)
    left, right = span_of(points, window)
    assert left == 7 - window.days
    assert right > 7


def test_all_shows_everything():
    points = points_of(curve([(-300, 18, 0.1, "o")], [(7, 19)]), T0)
    left, right = span_of(points, Window.ALL)
    assert left < -300
    assert right > 7


def test_an_empty_light_curve_is_drawn_as_an_empty_plot():
    lines = drawn(no_epochs())
    assert len(lines) == 18
    assert "no detections" in lines[0]


def test_forced_photometry_is_shown_on_request_only():
    light_curve = curve([(0, 18.0, 0.0, "o")], forced=[(-3, 500.0, 10.0), (-4, 5.0, 10.0)])
    assert "forced" not in drawn(light_curve)[0]
    assert (
        "forced 1" in drawn(light_curve, look=CurveStyle(forced=True))[0]
    )  # below three sigma it is no point


def test_a_night_becomes_one_point_at_the_weighted_mean():
    points = points_of(
        curve([(-0.6, 18.0, 0.1, "o"), (-0.5, 18.4, 0.2, "o"), (-0.4, 19.0, 0.1, "c"), (2, 18, 0.1, "o")]), T0
    )
    merged = nightly(points)
    orange = merged.where((merged.band == ord("o")) & (merged.phase < 0))
    assert len(merged) == 3
    assert orange.value == pytest.approx([18.08])
    assert orange.error == pytest.approx([0.0894427], rel=1e-5)


def a_night(longitude: float, night: int, hours=(-5, -4.5, 4, 4.5)) -> list[float]:
    """Phases of exposures so many hours from the local midnight of a site."""
    return [night - longitude / 360 + hour / 24 for hour in hours]


@pytest.mark.parametrize("longitude", [-155.6, 20.8, -70.8, -16.5])
@pytest.mark.parametrize("known", [True, False])
@given(t0=st.floats(0, 1))
def test_a_night_is_one_point_wherever_t0_lies_in_it(longitude, known, t0):
    phases = [phase for night in (3, 5, 6) for phase in a_night(longitude, night)]
    east = np.full(256, longitude if known else np.nan)
    light_curve = curve([(phase, 18.0, 0.1, "o") for phase in phases], [(phase, 19.0) for phase in phases])
    merged = nightly(points_of(light_curve, T0 + t0, longitude=east))
    assert len(merged.of(PointKind.DETECTION)) == len(merged.of(PointKind.LIMIT)) == 3
    assert merged.of(PointKind.DETECTION).error == pytest.approx([0.05] * 3)


def test_the_edge_of_the_window_does_not_cut_a_night_in_two():
    light_curve = curve([(-15.1, 18.0, 0.1, "o"), (-14.9, 19.0, 0.1, "o"), (0, 18.0, 0.1, "o")])
    seen = shown(points_of(light_curve, T0), CurveStyle(nightly=True))
    assert len(seen) in (1, 2)
    assert 19.0 not in seen.value.tolist()


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
    width=st.integers(30, 120),
    height=st.integers(5, 40),
)
def test_every_light_curve_fits_its_field(detections, limits, window, quantity, by_night, width, height):
    light_curve = curve(sorted(detections), sorted(limits))
    look = CurveStyle(window=window, quantity=quantity, nightly=by_night)
    points = points_of(light_curve, T0, quantity)
    lines = draw_curve(points, T0, width, height, look)
    assert len(lines) == height
    assert all(width_of(line) == width for line in lines[1:-1])
    low, high = sorted(value_range(points, quantity))
    assert np.isfinite([low, high]).all()
    assert high > low


@given(low=st.floats(-1e5, 1e5), span=st.floats(1e-3, 1e5), most=st.integers(1, 12))
def test_ticks_are_round_and_inside(low, span, most):
    values = ticks(low, low + span, most)
    step = nice_step(span, most)
    assert len(values) <= most + 1
    assert all(low - 1e-6 * step <= value <= low + span + 1e-6 * step for value in values)


@given(low=st.floats(-1000, 60_000), span=st.floats(0.01, 5000), width=st.integers(10, 150))
def test_labels_of_the_days_never_run_into_each_other(low, span, width):
    text, columns = label_row(low, low + span, width)
    assert len(text) == width
    assert columns == sorted(set(columns))


def test_points_come_in_the_order_of_time():
    points = points_of(curve([(0, 18, 0.1, "o"), (2, 18, 0.1, "o")], [(1, 19.0)]), T0)
    assert points.kind.tolist() == [PointKind.DETECTION, PointKind.LIMIT, PointKind.DETECTION]


RISE_AND_FALL = [
    (day, 18.0 + 0.02 * (day - 6) ** 2, 0.05, letter) for day in range(0, 13, 2) for letter in "co"
]


def with_fit(light_curve: LightCurve, quantity: Quantity = Quantity.MAGNITUDE) -> list[str]:
    points = points_of(light_curve, T0, quantity, False)
    fit = fitted(light_curve, T0)
    return [text_of(line) for line in draw_curve(points, T0, 70, 20, CurveStyle(quantity=quantity), fit=fit)]


@pytest.mark.parametrize("quantity", list(Quantity))
def test_the_fitted_curve_runs_through_the_plot_with_its_uncertainty(quantity):
    light_curve = curve(RISE_AND_FALL, limits=[(-4, 19.5), (-2, 19.5)])
    lines = with_fit(light_curve, quantity)
    plain = [text_of(line) for line in draw_curve(points_of(light_curve, T0, quantity, False), T0, 70, 20)]
    assert sum(line.count("─") for line in lines) > 10
    assert any("·" in line for line in lines[1:-1])
    assert not any("─" in line for line in plain)


def test_the_fit_goes_through_the_data():
    fit = fitted(curve(RISE_AND_FALL), T0)
    _, low, middle, high = next(iter(fit.levels(np.array([6.0]), Quantity.MAGNITUDE)))
    assert abs(middle[0] - 18.0) < 0.2
    assert high[0] <= middle[0] <= low[0]  # brighter is a smaller magnitude


def test_what_was_never_detected_has_no_fit():
    assert fitted(curve(limits=[(-2, 19.0), (1, 19.0)]), T0) is None
    assert fitted(no_epochs(), T0) is None


def test_limits_can_be_left_out():
    light_curve = curve([(0, 18.0, 0.0, "o")], limits=[(-2, 19.0), (-1, 19.1)])
    assert any("▿" in line for line in drawn(light_curve)[1:])
    without = drawn(light_curve, look=CurveStyle(limits=False))
    assert not any("▿" in line for line in without)
    assert "no limits" in without[0]


ALL_BANDS = {"u": "▼", "g": "●", "r": "■", "i": "▲", "z": "◆", "y": "★", "c": "○", "o": "◇", "w": "□"}


def test_each_band_has_its_sign_in_the_legend_the_bluest_first():
    letters = "wyozirguc"
    lines = drawn(curve([(-0.3 * n, 18.0 + 0.1 * n, 0.0, b) for n, b in enumerate(letters)]), width=90)
    assert lines[0].split()[1:19] == " ".join(f"{ALL_BANDS[b]} {b} 1" for b in "ugcrwoizy").split()[:18]
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
        lines = draw_curve(points_of(other, T0), T0, 60, 18, codes=codes)
        assert f"+ {name} 2" in text_of(lines[0])
        assert sum("+" in text_of(line) for line in lines[1:-1]) == 2


def test_the_fit_is_drawn_in_the_two_bands_with_most_detections():
    points = [(0.4 * n, 18.0 + 0.05 * n, 0.05, b) for n, b in enumerate("gggggrrrrriiic")]
    found = fitted(curve(points), T0)
    assert [chr(code) for code, *_ in found.levels(np.linspace(0, 5, 20), Quantity.MAGNITUDE)] == ["g", "r"]
