import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.features.curves import EPOCHS, START, Epoch, context, light_curves, quad
from tests.features.fast_reference import reference
from tests.harness.quick import examples
from vra_tui.features.fast import LOOKBACK, compute_fast
from vra_tui.features.table import DAYN_FEATURES, FAST_FEATURES, FEATURE_SETS
from vra_tui.lightcurve.windows import HISTORY_DAYS


def features(epochs: list[Epoch], at: float | None = None, **about: float) -> dict[str, float]:
    table = compute_fast(light_curves([epochs]), context(1, **about), at)
    return dict(zip(table.names, table.values[0].tolist(), strict=True))


def test_the_feature_set_is_known_by_name_and_shares_no_column_with_the_published_ones() -> None:
    assert FEATURE_SETS["vra-fast-1"] == FAST_FEATURES
    assert not set(FAST_FEATURES) & set(DAYN_FEATURES)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(EPOCHS, min_size=1, max_size=4),
    st.floats(0, 80),
    st.floats(0, 1),
    st.sampled_from([math.nan, 0.02, 0.3]),
)
def test_many_alerts_at_once_agree_with_a_plain_reference(
    alerts: list[list[Epoch]], day: float, ebv: float, z: float
) -> None:
    at = START + day
    table = compute_fast(light_curves(alerts), context(len(alerts), ebv=ebv, z=z), at)
    for row, epochs in enumerate(alerts):
        expected = reference(epochs, at, ebv, z)
        np.testing.assert_allclose(
            table.values[row], [expected[name] for name in FAST_FEATURES], rtol=1e-6, atol=1e-6
        )


@settings(deadline=None)
@given(EPOCHS, EPOCHS, st.floats(0, 80))
def test_what_comes_after_the_time_asked_for_changes_nothing(
    epochs: list[Epoch], later: list[Epoch], day: float
) -> None:
    at = START + day
    known = [e for e in epochs if e.mjd <= at]
    future = [e for e in later if e.mjd > at]
    assert features(known, at) == pytest.approx(features(known + future, at), nan_ok=True, rel=0, abs=0)


@settings(deadline=None)
@given(EPOCHS, st.floats(-3, 3))
def test_a_fainter_copy_with_limits_as_much_fainter_has_the_same_features(
    epochs: list[Epoch], fainter: float
) -> None:
    step = round(fainter, 1)
    shifted = [
        Epoch(
            e.mjd,
            None if e.mag is None else e.mag + math.copysign(step, step * e.mag),
            e.error,
            e.letter,
            e.limit + step,
        )
        for e in epochs
    ]
    moved = features(shifted)
    for name, value in features(epochs).items():
        assert moved[name] == pytest.approx(value, nan_ok=True, abs=1e-5), name


def test_the_time_of_entering_the_list_plays_no_part() -> None:
    epochs = quad(0, 19.0) + quad(2, 18.5)
    assert features(epochs, t0=START) == pytest.approx(features(epochs, t0=START + 9), nan_ok=True)


def test_scoring_reads_further_back_than_the_features_look() -> None:
    # Scoring drops what lies more than the history before t0; at entry, now is up to t0.
    assert LOOKBACK < HISTORY_DAYS - 1


def test_a_riser_and_a_fader_are_told_apart_by_their_rates() -> None:
    rising = features(quad(0, 19.0) + quad(2, 18.2) + quad(4, 17.4))
    fading = features(quad(0, 17.4) + quad(2, 18.2) + quad(4, 19.0))
    assert rising["rate"] == pytest.approx(0.4, abs=0.03)
    assert fading["rate"] == pytest.approx(-0.4, abs=0.03)
    assert math.isnan(rising["rate_down"])
    assert math.isnan(fading["rate_up"])
    assert fading["faded"] == pytest.approx(1.6, abs=0.01)
    assert rising["gain"] == pytest.approx(1.6, abs=0.01)


def test_two_noisy_points_hours_apart_claim_no_wild_rate() -> None:
    noisy = features([Epoch(START, 18.0, error=0.3), Epoch(START + 0.8, 18.9, error=0.3)])
    assert abs(noisy["rate"]) < 0.4


def test_a_colour_is_no_change_of_brightness() -> None:
    bands = features(
        quad(0, 18.0, letter="c") + quad(1, 18.2, letter="o") + quad(2, 18.0, letter="c") + quad(3, 18.2)
    )
    assert abs(bands["rate"]) < 0.03
    assert bands["colour"] == pytest.approx(-0.2, abs=0.05)


def test_g_and_r_stand_in_for_c_and_o() -> None:
    here = features(quad(0, 18.0, letter="c") + quad(1, 18.3, letter="o"))
    there = features(quad(0, 18.0, letter="g") + quad(1, 18.3, letter="r"))
    assert here == pytest.approx(there, nan_ok=True)


def test_one_stray_detection_among_four_is_no_first_night() -> None:
    stray = [Epoch(START - 6, 19.2), *quad(-5.99, None)[1:]]
    assert features(stray + quad(0, 18.0))["age"] == pytest.approx(0.021, abs=1e-3)
    assert features(stray + quad(0, 18.0))["seen_nights"] == 1


def test_an_outburst_of_a_month_ago_is_not_this_episode() -> None:
    again = features(quad(-30, 17.0) + quad(-29, 17.5) + quad(0, 17.1))
    assert again["age"] < 1
    assert again["earlier_nights"] == 2


def test_a_deep_limit_demands_a_rise_and_a_bright_one_nothing() -> None:
    deep = features(quad(-2, None, limit=20.0) + quad(0, 18.0))
    bright = features(quad(-2, None, limit=17.5) + quad(0, 18.0))
    assert deep["rise_from_limit"] == pytest.approx(1.0, abs=0.02)
    assert deep["dark_days"] == pytest.approx(2.0, abs=0.05)
    assert math.isnan(bright["rise_from_limit"])


def test_a_limit_after_the_last_detection_demands_a_fall() -> None:
    gone = features(quad(0, 17.0) + quad(2, None, limit=19.0))
    assert gone["fall_to_limit"] == pytest.approx(-1.0, abs=0.02)
    assert gone["unseen_days"] == pytest.approx(2.0, abs=0.05)


def test_a_flare_shows_within_the_night() -> None:
    flare = [Epoch(START + 0.01 * i, 16.0 + 0.5 * i, error=0.02) for i in range(4)]
    assert features(flare)["night_rate"] < -20
    assert features(flare)["night_scatter"] > 0.8


def test_negative_flux_is_an_exposure_that_did_not_see_it() -> None:
    assert all(math.isnan(value) for value in features(quad(0, -18.0)).values())


def test_an_alert_without_epochs_or_before_its_first_has_no_feature() -> None:
    assert all(math.isnan(value) for value in features([]).values())
    assert all(math.isnan(value) for value in features(quad(0, 18.0), at=START - 1).values())


def test_the_host_makes_it_luminous() -> None:
    assert features(quad(0, 17.0), z=0.02)["absolute_mag"] == pytest.approx(17 - 34.70, abs=0.03)
    assert math.isnan(features(quad(0, 17.0))["absolute_mag"])


def test_no_alerts_give_an_empty_table() -> None:
    assert compute_fast(light_curves([]), context(0)).values.shape == (0, len(FAST_FEATURES))
