"""Packed epochs give back what was delivered, to the last decimal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.lightcurve.epochs import (
    DETECTION,
    FORCED,
    NONDETECTION,
    filter_code,
    pack_detections,
    pack_forced,
    pack_nondetections,
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
        "unit": [2],
        "filter": [ord("o")],
        "exposure": [7],
    }
    return {**one, **{name: [value] for name, value in changes.items()}}


@given(
    mjd=decimals(57000, 70000, 8),
    ra=decimals(0, 359.99999, 5),
    dec=decimals(-90, 90, 5),
    mag=decimals(-25, 25, 3),
    magerr=decimals(0, 5, 3),
    limit=decimals(10, 25, 2),
)
def test_a_detection_reads_back_as_the_very_doubles_that_were_delivered(mjd, ra, dec, mag, magerr, limit):
    packed = pack_detections(columns(mjd=mjd, ra=ra, dec=dec, mag=mag, magerr=magerr, limit=limit))
    read = (packed.mjd, packed.ra, packed.dec, packed.mag, packed.magerr, packed.limit)
    assert [float(column[0]) for column in read] == [mjd, ra, dec, mag, magerr, limit]


@pytest.mark.parametrize("name", ["ra", "dec", "mag", "magerr", "limit"])
def test_a_missing_value_stays_missing(name):
    packed = pack_detections(columns(**{name: np.nan}))
    assert np.isnan(getattr(packed, name)[0])


@pytest.mark.parametrize(("name", "value"), [("mjd", 1e9), ("mjd", np.nan), ("mag", 1e6), ("limit", 99.0)])
def test_a_value_that_does_not_fit_is_refused_rather_than_wrapped(name, value):
    with pytest.raises(ValueError, match=r"mjd|does not fit"):
        pack_detections(columns(**{name: value}))


def test_a_time_that_rounds_up_to_midnight_belongs_to_the_next_day():
    assert pack_nondetections(columns(mjd=60000.9999999999)).mjd[0] == 60001.0


def test_an_error_too_large_to_hold_is_kept_as_the_largest():
    assert pack_detections(columns(magerr=50.0)).magerr[0] == pytest.approx(6.5534)


def test_the_key_of_an_exposure_sorts_by_time_and_tells_units_apart():
    times = [60000.1, 60000.1, 60000.10000001, 60001.0]
    packed = pack_nondetections(
        {"mjd": times, "limit": [19.0] * 4, "unit": [1, 2, 1, 1], "filter": [ord("o")] * 4}
    )
    assert np.all(np.diff(packed.key.astype(np.int64)) > 0)


def test_records_are_as_small_as_the_documentation_says():
    assert (DETECTION.itemsize, NONDETECTION.itemsize, FORCED.itemsize) == (26, 10, 23)


def test_forced_photometry_keeps_flux_limits_and_gaps():
    packed = pack_forced(
        {
            "mjd": [60000.5, 60000.6],
            "flux": [12.5, np.nan],
            "dflux": [2.5, np.nan],
            "mag": [19.2, 20.1],
            "magerr": [0.2, np.nan],
            "is_limit": [False, True],
            "unit": [1, 1],
            "filter": [ord("c"), ord("o")],
        }
    )
    assert packed.flux[0] == 12.5
    assert np.isnan(packed.dflux[1])
    assert packed.is_limit.tolist() == [False, True]
    assert packed.mag.tolist() == [19.2, 20.1]


def test_masks_indices_and_slices_choose_the_same_epochs():
    packed = pack_nondetections(
        {"mjd": [60000.0, 60001.0, 60002.0], "limit": [19.0] * 3, "unit": [1] * 3, "filter": [ord("o")] * 3}
    )
    by_mask = packed[np.array([False, True, True])].mjd
    assert by_mask.tolist() == packed[np.array([1, 2])].mjd.tolist() == packed[1:].mjd.tolist()


def test_filters_that_are_no_single_letter_are_unknown():
    assert [filter_code(name) for name in ("o", "c", "", "ri", "\x1b")] == [
        ord("o"),
        ord("c"),
        *[ord("?")] * 3,
    ]
