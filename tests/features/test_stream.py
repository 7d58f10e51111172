"""`stream-1`: equal to its plain reference on alerts of any survey, the same however they are laid out."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.features.stream_made import BANDS, NOW, blank_context, by_reference, context, made, taken
from tests.harness.quick import examples
from vra_tui.domain import distance
from vra_tui.domain.epochs import (
    Detections,
    pack_detections,
    pack_forced,
    pack_nondetections,
)
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features import stream
from vra_tui.features.stream import STREAM_1, HostKind, stream_features

SEEDS = st.integers(0, 2**32 - 1)
SKY = ("galactic_latitude_deg", "ecliptic_latitude_deg")


def assert_same(found, expected, but=(), **tolerance):
    """NaN where NaN, and equal: to the bit unless a tolerance is given."""
    assert tuple(found) == STREAM_1
    for name in STREAM_1:
        if name not in but:
            limits = {"rtol": 0.0, "atol": 0.0} | tolerance
            np.testing.assert_allclose(found[name], expected[name], err_msg=name, **limits)


def times(rng, n):
    return np.where(rng.random(n) < 0.3, np.nan, NOW - rng.uniform(-2, 20, n))


@settings(max_examples=examples(60))
@given(SEEDS)
def test_features_are_those_of_the_plain_reference(seed):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), times(rng, len(curves))
    found = stream_features(curves, about, BANDS, at)
    expected = by_reference(curves, about, BANDS, at)
    assert_same(found, expected, rtol=1e-6, atol=1e-7)


@settings(max_examples=examples(25))
@given(SEEDS, st.integers(1, 60))
def test_the_order_of_alerts_and_their_batches_make_no_difference(seed, batch):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), times(rng, len(curves))
    whole = stream_features(curves, about, BANDS, at)
    rows = rng.permutation(len(curves))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_BATCH_EPOCHS", batch)
        pieces = stream_features(curves.take(rows), taken(about, rows), BANDS, at[rows])
    # Sines in another place of an array may differ in the last digit.
    assert_same(pieces, {name: values[rows] for name, values in whole.items()}, rtol=1e-10, atol=1e-12)


@settings(max_examples=examples(25))
@given(SEEDS)
def test_epochs_after_the_time_make_no_difference(seed):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), NOW - rng.uniform(0, 20, len(curves))
    whole = stream_features(curves, about, BANDS, at)
    assert_same(whole, stream_features(curves.until(at), about, BANDS, at))


@settings(max_examples=examples(25))
@given(SEEDS, st.integers(0, 3_599_999_999))
def test_the_place_on_the_sky_in_right_ascension_makes_no_difference(seed, turn):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), times(rng, len(curves))
    records = curves.detections.records.copy()
    known = ~np.isnan(curves.detections.ra)
    records["ra"][known] = (records["ra"][known].astype(np.int64) + turn) % 3_600_000_000
    turned = replace(curves, detections=Detections(records))
    found = stream_features(turned, replace(about, ra=(about.ra + turn / 1e7) % 360.0), BANDS, at)
    assert_same(found, stream_features(curves, about, BANDS, at), but=SKY, rtol=1e-6, atol=1e-7)


@settings(max_examples=examples(25))
@given(SEEDS)
def test_the_order_of_an_alerts_rows_makes_no_difference(seed):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), times(rng, len(curves))
    shuffled = np.concatenate(
        [
            curves.detection_start[i]
            + rng.permutation(curves.detection_start[i + 1] - curves.detection_start[i])
            for i in range(len(curves))
        ]
    )
    mixed = replace(curves, detections=curves.detections[shuffled])
    expected = stream_features(curves, about, BANDS, at)
    assert_same(stream_features(mixed, about, BANDS, at), expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=examples(25))
@given(SEEDS)
def test_the_codes_that_a_store_gives_its_bands_make_no_difference(seed):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), times(rng, len(curves))
    new = rng.permutation(256).astype(np.uint8)
    names = {int(new[code]): name for code, name in BANDS.items()} | {
        int(new[0]): "H", int(new[10]): "another",
    }  # fmt: skip
    same = np.arange(256, dtype=np.uint8)
    assert curves.forced is not None
    recoded = replace(
        curves,
        detections=curves.detections.recoded(same, new),
        nondetections=curves.nondetections.recoded(same, new),
        forced=curves.forced.recoded(same, new),
    )
    expected = stream_features(curves, about, BANDS, at)
    assert_same(stream_features(recoded, about, names, at), expected, rtol=1e-12)


@settings(max_examples=15)
@given(SEEDS)
def test_without_forced_photometry_only_what_comes_from_it_is_missing(seed):
    rng = np.random.default_rng(seed)
    curves = made(rng)
    about, at = context(rng, len(curves)), NOW - rng.uniform(0, 20, len(curves))
    bare = replace(curves, forced=None, forced_start=None)
    found, whole = stream_features(bare, about, BANDS, at), stream_features(curves, about, BANDS, at)
    forced = tuple(name for name in STREAM_1 if "forced" in name)
    assert all(np.isnan(found[name]).all() for name in forced)
    # Where there are no non-detections, forced photometry stands in for them.
    from_limits = (*(name for name in STREAM_1 if "limit" in name), "detected_share")
    assert_same(found, whole, but=forced + from_limits)
    own = np.diff(curves.until(at).nondetection_start) > 0
    for name in from_limits:
        np.testing.assert_array_equal(found[name][own], whole[name][own])


def one_alert(mjd, mag, band=1, nondetections=(), forced=(), **columns):
    """The light curve of one alert; limits and forced points as (mjd, limit), (mjd, flux)."""
    mjd = np.asarray(mjd, dtype=np.float64)
    defaults = {"ra": 150.0, "dec": 2.0, "magerr": 0.05, "limit": 20.5, "score": 0.9, "instrument": 0}
    seen = {
        name: np.broadcast_to(value, mjd.shape)
        for name, value in (defaults | columns | {"mag": mag, "band": band}).items()
    }

    def plain(rows, name):
        values = np.array(rows, dtype=np.float64).reshape(-1, 2)
        zeros = np.zeros(len(values))
        return {"mjd": values[:, 0], name: values[:, 1], "instrument": zeros, "band": zeros + 1}

    dflux = {"dflux": np.full(len(forced), 5.0)}
    return LightCurves.from_bytes(
        [7],
        [pack_detections(seen | {"mjd": mjd}).records.tobytes()],
        [pack_nondetections(plain(nondetections, "limit")).records.tobytes()],
        [pack_forced(plain(forced, "flux") | dflux).records.tobytes()],
    )


def of_one(curves, about=None, at=None):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = stream_features(curves, about or blank_context(), BANDS, at)
    return {name: float(values[0]) for name, values in found.items()}


def test_two_detections_in_one_exposure_count_as_two_in_one_exposure():
    two = of_one(one_alert([NOW, NOW], [18.0, -17.0], ra=[150.0, 150.001], magerr=[0.1, 0.05],
                           nondetections=[(NOW - 1, 20.0)]))  # fmt: skip
    assert two["n_detections"] == 2
    assert two["n_nights"] == 1
    assert two["detected_share"] == 1.0
    assert two["negative_share"] == 0.5
    # The more significant one is the latest.
    assert two["latest_sign"] == -1
    assert two["mag_latest"] == 17.0
    assert two["position_scatter_arcsec"] > 1.0


def test_a_supernova_that_rises_in_two_bands_rises_as_fast_as_in_one():
    nights = np.repeat(np.arange(8.0), 2)
    mag = 19.0 - 0.1 * nights + np.tile([0.0, 0.3], 8)
    # The redder band comes in three nights late.
    late = (nights >= 3) | (np.tile([0, 1], 8) == 0)
    limits = [(-12, 22.0), (-8, 19.5), (-7.01, 19.2), (-6.99, 18.0), (0.5, 17.0)]
    limits = [(NOW + day, depth) for day, depth in limits]
    bands = np.tile([1, 8], 8)
    curves = one_alert((NOW - 7 + nights)[late], mag[late], bands[late], nondetections=limits)
    found = of_one(curves, blank_context(ebv=0.1, host_z=0.05), at=NOW + 1)
    for name in ("rise_mag_per_day", "recent_rise_mag_per_day", "main_band_rise_mag_per_day"):
        assert found[name] == pytest.approx(0.1, abs=1e-6)
    assert np.isnan(found["fade_mag_per_day"])
    assert found["night_to_night_rise_mag"] == pytest.approx(0.1, abs=1e-6)
    assert found["colour_g_r_mag"] == pytest.approx(-0.3 - 0.1 * (3.237 - 2.273), abs=1e-6)
    assert found["colour_as_g_r_mag"] == pytest.approx(found["colour_g_r_mag"], abs=2e-3)
    assert found["limit_to_first_mag"] == pytest.approx(0.2)
    assert found["limit_to_first_days"] == pytest.approx(0.01)
    # Not 20, as the limit of ten minutes before would have it.
    assert found["rise_from_limits_mag_per_day"] == pytest.approx(0.6)
    assert found["days_since_peak"] == pytest.approx(1.0)
    assert found["detected_share"] == pytest.approx(8 / 9)
    assert found["n_limits_since_latest"] == 1
    modulus = float(distance.distance_modulus(0.05))
    assert found["peak_absolute_mag"] == pytest.approx(18.3 - 0.3237 - modulus, abs=1e-6)


def test_a_mover_moves_and_a_star_across_the_pole_of_right_ascension_does_not():
    mjd = NOW + np.array([0.0, 0.02, 0.04])
    moving = of_one(one_alert(mjd, 18.0, dec=[0.0, 0.02 * 30 / 3600, 0.04 * 30 / 3600]))
    assert moving["in_night_motion_arcsec_per_day"] == pytest.approx(30.0, rel=1e-3)
    assert moving["in_night_motion_error_arcsec_per_day"] < 1.0
    still = of_one(one_alert(mjd, 18.0, ra=[359.99999, 0.00001, 359.99999], dec=0.0))
    assert still["position_scatter_arcsec"] < 0.05


def test_rubin_that_sends_no_limits_says_by_forced_flux_that_nothing_was_there():
    found = of_one(one_alert([NOW], [20.0], forced=[(NOW - 3, 1.0), (NOW - 1, -2.0), (NOW, 40.0)]))
    assert found["limit_to_first_days"] == pytest.approx(1.0)
    assert found["limit_to_first_mag"] == pytest.approx(23.9 - 2.5 * np.log10(25.0) - 20.0)
    assert found["forced_signal_to_noise_latest"] == pytest.approx(8.0)
    # Faint forced flux in the exposure that detected it is no limit before it.
    found = of_one(one_alert([NOW], [20.0], forced=[(NOW - 3, 1.0), (NOW, 10.0)]))
    assert found["limit_to_first_days"] == pytest.approx(3.0)


def test_no_alerts_have_no_features():
    found = stream_features(LightCurves.from_bytes([], [], [], []), blank_context(0), BANDS, NOW)
    assert tuple(found) == STREAM_1
    assert all(values.shape == (0,) for values in found.values())


def test_history_before_an_old_nucleus_flared_up_is_seen():
    old = np.arange(NOW - 200, NOW - 100, 10.0)
    about = blank_context(t0_mjd=NOW - 1, fwhm_arcsec=4.0, host_kind=HostKind.AGN, host_separation_arcsec=0.9,
                          host_major_axis_arcsec=9.0, host_direct_distance_mpc=100.0)  # fmt: skip
    found = of_one(one_alert([*old, NOW], 18.0, forced=[(NOW - 50, 20.0), (NOW - 40, 10.0)]), about)
    assert found["n_detections_before"] == found["n_nights_before"] == 10
    assert found["span_before_days"] == pytest.approx(90.0)
    assert found["forced_before_signal_to_noise"] == pytest.approx(30 / 5 / np.sqrt(2))
    assert found["n_forced_before_above_3_sigma"] == 1
    assert (found["host_is_agn"], found["host_is_galaxy"], found["host_is_nuclear"]) == (1, 0, 1)
    assert found["host_separation_in_sizes"] == pytest.approx(0.1)
    assert found["host_separation_kpc"] == pytest.approx(0.9 * np.radians(1e5 / 3600) / 1.0228**2, rel=1e-3)


def test_what_is_not_there_is_missing_and_not_zero():
    empty = LightCurves.from_bytes([1], [b""], [b""])
    found = of_one(empty)
    assert {name for name, value in found.items() if not np.isnan(value)} == {
        "n_detections", "n_nights", "n_bands",
    }  # fmt: skip
    none_near = of_one(empty, blank_context(host_kind=HostKind.NONE))
    assert none_near["host_is_galaxy"] == 0


def test_numbers_that_no_telescope_measures_give_no_infinity():
    mag, limit = [2000.0, 1e-6, -2000.0, 0.0], [32.0, np.nan, -32.0, 30.0]
    curves = one_alert(NOW + np.arange(4.0), mag, limit=limit, magerr=[0.0, 6.0, np.nan, 1e-4],
                       forced=[(NOW - 9, 3e38), (NOW - 8, -3e38)])  # fmt: skip
    about = blank_context(t0_mjd=NOW, ebv=1e300, ra=np.inf, dec=np.nan, host_mag=-1e308, host_z=1e308,
                          fwhm_arcsec=1e308, host_separation_arcsec=1e308, host_major_axis_arcsec=1e-308,
                          reference_mag=np.inf, real_bogus=-np.inf)  # fmt: skip
    assert not any(np.isinf(value) for value in of_one(curves, about, at=np.inf).values())


def test_a_context_of_another_length_is_refused_by_name():
    curves = one_alert([NOW], [18.0])
    with pytest.raises(ValueError, match="gaia_mag"):
        stream_features(curves, replace(blank_context(), gaia_mag=np.zeros(2)), BANDS)


def test_the_page_explains_every_feature_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    explained = [name.strip("` ") for row in rows for name in row.split(",")]
    assert explained == list(STREAM_1)
