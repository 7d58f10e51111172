"""A light curve says when its source was not there, what colour it has, and whether telescopes agree."""

import numpy as np
import pytest

from vra_tui.domain.bands import BANDS
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.light_curve import no_epochs
from vra_tui.lightcurve.recent import recent, united

T0 = 60_000.4
EAST = (-155.0,) * 256


def curve(seen, missed=()):
    """``seen``: rows (day, band, mag, unit); ``missed``: rows (day, limit) in r. Gives it and its bands."""
    days, bands, mags, units = zip(*seen, strict=True) if seen else ((), (), (), ())
    made, instruments, codes = build_light_curve(
        detections={
            "mjd": [T0 + day for day in days], "ra": [150.0] * len(days), "dec": [2.0] * len(days),
            "mag": mags, "magerr": [0.03] * len(days), "limit": [20.5] * len(days),
            "instrument": units, "band": bands,
        },
        nondetections={
            "mjd": [T0 + day for day, _ in missed], "limit": [limit for _, limit in missed],
            "instrument": ["A"] * len(missed), "band": ["r"] * len(missed),
        },
    )  # fmt: skip
    return made, {code: BANDS[name] for code, name in enumerate(codes)}, instruments


def found(seen, missed=(), **more):
    made, bands, _ = curve(seen, missed)
    return recent(made, bands, EAST, **more)


RISING = [(0.0, "r", 20.0, "A"), (1.0, "r", 19.5, "A"), (1.01, "g", 19.3, "A"), (2.0, "r", 19.0, "A")]


def test_without_detections_nothing_is_said():
    said = recent(no_epochs(), {}, EAST)
    assert (said.missed, said.colour, said.agreement, said.nights_looked) == (None, None, None, 0)


def test_the_deepest_limit_of_the_last_empty_night_is_told_and_how_long_before_it_was_seen():
    said = found(RISING, [(-3.0, 21.0), (-1.02, 20.4), (-1.0, 20.6), (-0.98, 20.2)]).missed
    assert (said.mjd, said.limit) == (pytest.approx(T0 - 1.0), pytest.approx(20.6))
    assert said.days_before == pytest.approx(1.0)


def test_a_limit_brighter_than_what_was_found_says_nothing():
    assert found(RISING, [(-1.0, 19.2)]).missed is None
    # One that is much fainter than the peak does, though the first point was fainter still.
    assert found(RISING, [(-1.0, 19.9)]).missed is not None


def test_a_limit_of_a_night_with_detections_does_not_count():
    assert found(RISING, [(-0.05, 20.6)]).missed is None


def test_nights_are_counted_from_the_first_detection_to_the_last():
    said = found(RISING, [(-3.0, 21.0), (1.5, 15.0), (2.9, 21.0), (5.0, 21.0)])
    assert (said.nights_seen, said.nights_looked) == (3, 3)
    gap = [one for one in RISING if one[0] not in (1.0, 1.01)]
    said = found(gap, [(1.0, 17.0), (5.0, 21.0)])
    assert (said.nights_seen, said.nights_looked) == (2, 3)


def test_a_colour_is_of_two_bands_of_one_night_or_the_next():
    said = found(RISING).colour
    assert (said.blue, said.red, said.is_less_dust) == ("g", "r", False)
    assert said.value == pytest.approx(-0.2, abs=1e-6)
    assert said.error == pytest.approx(np.hypot(1, 1) * np.hypot(0.03, 0.02), rel=1e-3)
    far = [(0.0, "g", 19.0, "A"), (3.0, "r", 19.0, "A")]
    assert found(far).colour is None


def test_a_colour_is_less_dust_where_that_is_known():
    said = found(RISING, ebv=0.1).colour
    assert said.is_less_dust
    assert said.value == pytest.approx(-0.2 - 0.1 * (BANDS["g"].extinction - BANDS["r"].extinction), abs=1e-6)


def test_units_agree_by_what_each_saw_in_one_band_and_night():
    said = found([(0.0, "r", 19.0, "A"), (0.1, "r", 19.1, "B"), (0.12, "g", 18.0, "B")]).agreement
    assert said.mag == pytest.approx(0.1, abs=1e-6)
    assert len(said.units) == 2
    assert found([(0.0, "r", 19.0, "A"), (1.0, "r", 19.1, "B")]).agreement is None


def test_curves_laid_together_are_those_of_one_source_in_any_order():
    whole, bands, _ = curve(RISING, [(-1.0, 20.6)])
    parts = [
        type(whole)(whole.detections[:2], whole.nondetections, whole.forced),
        type(whole)(whole.detections[2:], whole.nondetections[:0], whole.forced),
    ]
    for order in (parts, parts[::-1]):
        assert recent(united(*order), bands, EAST) == recent(whole, bands, EAST)
