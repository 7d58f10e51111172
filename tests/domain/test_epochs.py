"""Packed epochs give back what was delivered, to the last decimal, and know which is which."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.alert import detail_key
from vra_tui.domain.epochs import (
    DETECTION,
    FORCED,
    NONDETECTION,
    exposure_numbers,
    pack_detections,
    pack_forced,
    pack_nondetections,
    place_ids,
    source_id_of,
)


def decimals(low: float, high: float, digits: int) -> st.SearchStrategy[float]:
    """Numbers as a survey writes them: so many decimals."""
    scale = 10**digits
    return st.integers(int(low * scale), int(high * scale)).map(
        lambda whole: float(f"{whole / scale:.{digits}f}")
    )


def columns(**changes):
    one = {
        "mjd": [60000.123],
        "ra": [10.0],
        "dec": [-5.0],
        "mag": [18.0],
        "magerr": [0.1],
        "limit": [19.0],
        "score": [0.5],
        "instrument": [2],
        "band": [ord("o")],
        "source_id": [7],
    }
    return {**one, **{name: [value] for name, value in changes.items()}}


@given(
    mjd=decimals(57000, 70000, 8),
    ra=decimals(0, 359.99999, 5),
    dec=decimals(-90, 90, 5),
    mag=decimals(-25, 25, 3),
    magerr=decimals(0, 5, 3),
    limit=decimals(10, 25, 2),
    score=decimals(0, 1, 4),
)
def test_a_detection_reads_back_as_the_very_doubles_that_were_delivered(**delivered):
    packed = pack_detections(columns(**delivered))
    assert {name: float(getattr(packed, name)[0]) for name in delivered} == delivered


@pytest.mark.parametrize("name", ["ra", "dec", "mag", "magerr", "limit", "score"])
def test_a_missing_value_stays_missing(name):
    packed = pack_detections(columns(**{name: np.nan}))
    assert np.isnan(getattr(packed, name)[0])


@pytest.mark.parametrize("missing", ["source_id", "score"])
def test_ids_and_scores_may_be_left_out(missing):
    rest = {name: values for name, values in columns().items() if name != missing}
    packed = pack_detections(rest)
    assert packed.source_id[0] == (0 if missing == "source_id" else 7)
    assert np.isnan(packed.score[0]) == (missing == "score")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mjd", 1e9), ("mjd", np.nan), ("mjd", np.inf), ("mjd", 49_999.9), ("mjd", 100_000.0), ("mag", 1e6),
        ("mag", np.inf), ("mag", -np.inf), ("limit", 99.0), ("limit", -32.768), ("ra", -1e-6),
        ("ra", 429.4967295), ("dec", 300.0), ("mag", -2147.483648),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_rather_than_wrapped(name, value):
    with pytest.raises(ValueError, match=r"mjd|does not fit"):
        pack_detections(columns(**{name: value}))


@pytest.mark.parametrize(("name", "value"), [("limit", 32.767), ("limit", -32.767), ("mag", 2147.483647)])
def test_the_last_value_that_fits_is_kept(name, value):
    assert getattr(pack_detections(columns(**{name: value})), name)[0] == value


def test_a_flux_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        pack_forced({"mjd": [60000.0], "flux": [1e39], "dflux": [1.0], "instrument": [0], "band": [0]})


@pytest.mark.parametrize(("score", "kept"), [(-0.5, 0.0), (1.5, 1.0)])
def test_a_score_beyond_its_range_is_kept_as_its_end(score, kept):
    assert pack_detections(columns(score=score)).score[0] == kept


def test_a_time_that_rounds_up_to_midnight_belongs_to_the_next_day():
    assert pack_nondetections(columns(mjd=60000.9999999999)).mjd[0] == 60001.0


def test_an_error_too_large_to_hold_is_kept_as_the_largest():
    assert pack_detections(columns(magerr=50.0)).magerr[0] == pytest.approx(6.5534)


def test_the_number_of_an_exposure_sorts_by_time_and_tells_instruments_apart():
    times = [60000.1, 60000.1, 60000.10000001, 60001.0]
    packed = pack_nondetections(
        {"mjd": times, "limit": [19.0] * 4, "instrument": [1, 2, 1, 1], "band": [ord("o")] * 4}
    )
    assert np.all(np.diff(packed.exposure.astype(np.int64)) > 0)
    assert packed.moment[0] == packed.moment[1]


@given(st.lists(st.floats(50_000.0, 99_999.0), max_size=5))
def test_numbers_of_exposures_by_their_times_are_the_moments_of_the_records(times):
    n = len(times)
    packed = pack_nondetections(
        {"mjd": times, "limit": np.full(n, 19.0), "instrument": np.full(n, 3), "band": np.zeros(n)}
    )
    assert exposure_numbers(times).tolist() == packed.moment.tolist()


def test_records_are_as_small_as_the_documentation_says():
    assert (DETECTION.itemsize, NONDETECTION.itemsize, FORCED.itemsize) == (34, 10, 23)


def test_forced_photometry_keeps_flux_limits_and_gaps():
    packed = pack_forced(
        {
            "mjd": [60000.5, 60000.6],
            "flux": [12.5, np.nan],
            "dflux": [2.5, np.nan],
            "mag": [19.2, 20.1],
            "magerr": [0.2, np.nan],
            "is_limit": [False, True],
            "instrument": [1, 1],
            "band": [ord("c"), ord("o")],
        }
    )
    assert packed.flux[0] == 12.5
    assert np.isnan(packed.dflux[1])
    assert packed.is_limit.tolist() == [False, True]
    assert packed.mag.tolist() == [19.2, 20.1]


def test_magnitudes_of_forced_fluxes_have_their_sign_and_what_is_faint_is_a_3_sigma_limit():
    flux = {"flux": [100.0, -100.0, 20.0, -20.0, 0.0], "dflux": [10.0] * 5}
    packed = pack_forced({"mjd": np.arange(5) + 60_000.0, **flux, "instrument": [0] * 5, "band": [0] * 5})
    # 23.9 - 2.5 log10(100) = 18.9; of 30 microjansky 20.207; 2.5 / ln 10 * 0.1 = 0.1086.
    assert packed.mag == pytest.approx([18.9, -18.9, 20.207197, 20.207197, 20.207197], abs=1e-6)
    assert packed.is_limit.tolist() == [False, False, True, True, True]
    assert packed.magerr[:2] == pytest.approx([0.1086, 0.1086])
    assert np.isnan(packed.magerr[2:]).all()


def test_masks_indices_and_slices_choose_the_same_epochs():
    packed = pack_nondetections(
        {"mjd": [60000.0, 60001.0, 60002.0], "limit": [19.0] * 3, "instrument": [1] * 3, "band": [0] * 3}
    )
    by_mask = packed[np.array([False, True, True])].mjd
    assert by_mask.tolist() == packed[np.array([1, 2])].mjd.tolist() == packed[1:].mjd.tolist()


def test_epochs_are_told_in_other_codes_without_touching_the_first():
    packed = pack_detections(columns(instrument=1, band=0))
    told = packed.recoded(np.array([9, 8], np.uint8), np.array([7], np.uint8))
    assert (told.instrument[0], told.band[0]) == (8, 7)
    assert (packed.instrument[0], packed.band[0]) == (1, 0)
    assert told.mag[0] == packed.mag[0]


class TestIdentity:
    """What tells one detection from another."""

    @given(st.integers(1, 2**63 - 1))
    def test_a_whole_number_is_its_own_id(self, number):
        assert source_id_of(number) == number
        assert pack_detections(columns(source_id=number)).source_id[0] == number
        assert pack_detections(columns(source_id=number)).has_own_id[0]

    @given(st.text(min_size=1), st.text(min_size=1))
    def test_texts_have_ids_of_their_own_that_no_whole_number_is_confused_with_by_its_sign(self, one, other):
        a, b = source_id_of(one), source_id_of(other)
        assert 0 <= a < 1 << 63
        assert (a == b) == (one == other)

    def test_a_text_has_the_same_id_on_every_machine(self):
        assert source_id_of("02a59543o0040o_006230") == 3073550216732997828

    @pytest.mark.parametrize("none", [None, ""])
    def test_no_id_is_none(self, none):
        assert source_id_of(none) == 0
        assert not pack_detections(columns(source_id=0)).has_own_id[0]

    @given(decimals(-20_000, 20_000, 2), decimals(-20_000, 20_000, 2), st.sampled_from([0.01, -0.01, 5.0]))
    def test_places_on_the_detector_tell_detections_apart_to_a_hundredth_of_a_pixel(self, x, y, step):
        same, right, up = place_ids([x, x + step, x], [y, y, y + step]).tolist()
        assert len({same, right, up}) == 3
        assert place_ids(x, y).tolist() == same

    def test_a_place_is_no_id_of_its_own(self):
        packed = pack_detections(columns(source_id=int(place_ids([10.5], [20.25])[0])))
        assert packed.source_id[0] != 0
        assert not packed.has_own_id[0]

    @pytest.mark.parametrize("x", [np.nan, np.inf, 1e9, -1e9])
    def test_a_place_that_is_none_is_no_id(self, x):
        assert place_ids([x, 1.0], [1.0, x]).tolist() == [0, 0]

    def test_details_are_kept_by_the_id_or_by_exposure_and_place(self):
        place = int(place_ids([10.5], [20.25])[0])
        assert detail_key(123, 5) == detail_key(123, 6) == "123"
        assert detail_key(place, 5) != detail_key(place, 6)
        assert detail_key(0, 5) == "5/0"
