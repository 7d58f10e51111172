"""Magnitudes become flux with its sign, and exposures without a detection become data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.flux import flux_error, magnitude, microjansky
from vra_tui.domain.light_curve import LightCurve, LightCurves
from vra_tui.lightcurve.flux_epochs import Photometry, photometry, photometry_of

ORANGE = ord("o")
SIGNED = st.floats(5.0, 25.0).flatmap(lambda mag: st.sampled_from([mag, -mag]))


def detections(mag, magerr=0.1, mjd=60_000.3, limit=19.0):
    n = len(mag)
    names = {"mjd": mjd, "ra": 1.0, "dec": 2.0, "magerr": magerr, "limit": limit}
    columns = {name: np.broadcast_to(value, n) for name, value in names.items()}
    whole = {"instrument": [1] * n, "band": [ORANGE] * n}
    return pack_detections({**columns, **whole, "mag": mag})


def nondetections(limit, mjd=60_001.3):
    n = len(limit)
    return pack_nondetections({"mjd": [mjd] * n, "limit": limit, "instrument": [1] * n, "band": [ORANGE] * n})


def forced(flux=(), dflux=(), mjd=()):
    n = len(flux)
    none = {"mag": [np.nan] * n, "magerr": [np.nan] * n, "is_limit": [0] * n}
    return pack_forced(
        {"mjd": mjd, "flux": flux, "dflux": dflux, "instrument": [1] * n, "band": [ORANGE] * n, **none}
    )


def many(seen, missed):
    return LightCurves.from_bytes([1], [seen.records.tobytes()], [missed.records.tobytes()])


def test_the_zero_point_is_that_of_ab_magnitudes():
    assert microjansky(23.9) == pytest.approx(1.0)
    assert microjansky(16.4) == pytest.approx(1000.0)


@given(SIGNED)
def test_magnitude_undoes_flux_whatever_the_sign(mag):
    assert magnitude(microjansky(mag)) == pytest.approx(mag)


def test_a_negative_magnitude_is_a_negative_difference_flux():
    assert photometry(many(detections([-18.0]), nondetections([]))).flux[0] == pytest.approx(
        -microjansky(18.0)
    )


def test_a_small_magnitude_error_is_the_relative_flux_error():
    assert flux_error(100.0, 0.01) == pytest.approx(0.92, abs=0.01)


def test_a_nondetection_is_no_flux_with_a_fifth_of_the_limit():
    data = photometry(many(detections([]), nondetections([19.0])))
    assert data.flux.tolist() == [0.0]
    assert data.dflux[0] == pytest.approx(microjansky(19.0) / 5)
    assert data.is_limit.tolist() == [True]


def test_exposures_without_magnitude_or_limit_are_left_out():
    data = photometry(many(detections([np.nan, 18.0]), nondetections([np.nan, 19.0])))
    assert len(data) == 2


def test_a_detection_without_error_takes_that_of_its_limit():
    data = photometry(many(detections([17.0], magerr=np.nan, limit=19.0), nondetections([])))
    assert data.dflux[0] == pytest.approx(microjansky(19.0) / 5)


def test_forced_photometry_stands_in_for_the_exposure_it_was_forced_in():
    curve = LightCurve(
        detections([17.0, 17.1], mjd=[60_000.3, 60_002.3]),
        nondetections([19.0]),
        forced([650.0, -3.0], [20.0, 18.0], [60_000.3, 60_001.3]),
    )
    data = photometry_of(curve)
    assert sorted(data.flux.round(1).tolist()) == sorted([650.0, -3.0, round(float(microjansky(17.1)), 1)])
    assert not data.is_limit.any()


def test_joined_alerts_keep_their_own_exposures():
    one = photometry(many(detections([17.0]), nondetections([])))
    two = photometry(many(detections([18.0, 18.5]), nondetections([19.0])))
    both = Photometry.join([one, two, one])
    assert both.n == 3
    assert np.bincount(both.owner).tolist() == [1, 3, 1]
    assert both.keep(both.owner == 1).flux.tolist() == two.flux.tolist()


def test_each_alert_is_cut_at_its_own_time():
    one = photometry(many(detections([17.0, 17.0], mjd=[60_000.3, 60_005.3]), nondetections([])))
    cut = Photometry.join([one, one]).between(0, np.array([60_001.0, 60_009.0]))
    assert np.bincount(cut.owner).tolist() == [1, 2]
