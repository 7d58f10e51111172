import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import DAYN_FEATURES, FAST_FEATURES
from vra_tui.scoring.model.derived import DERIVED
from vra_tui.scoring.model.feature_words import WORDS, describe_effect, describe_value, wording

KNOWN = (*DAYN_FEATURES, *FAST_FEATURES, *DERIVED)


def test_every_feature_of_the_vra_has_words_of_its_own() -> None:
    assert set(KNOWN) <= set(WORDS)


@pytest.mark.parametrize(
    ("feature", "value", "said"),
    [
        ("DET_Nsince_min5d", 16, "16 detections in 5 days"),
        ("DET_Nsince_min5d", 1, "1 detection in 5 days"),
        ("NON_N_total", math.nan, "no non-detection at this visit"),
        ("z", math.nan, "no redshift known"),
        ("z", 0.0312, "redshift 0.031"),
        ("log10_sep_arcsec", math.log10(0.3), "0.3″ from a catalogued source"),
        ("log10_std_dec_min5d", math.log10(0.5 / 3600), "Dec scatters by 0.5″"),
        ("DET_mag_median_min5d", -18.22, "magnitude 18.2 in negative flux in 5 days"),
        ("CV", 1.0, "a known cataclysmic variable (Sherlock)"),
        ("det_share_since", 0.976, "detected in about 98 % of the exposures since t0"),
        ("brightening", -0.52, "0.5 mag fainter than before t0"),
        ("brightening", 0.01, "as bright as before t0"),
        ("detected_today", 0.0, "not detected at this visit"),
        ("days_since_max", 1.0, "1 day since its brightest"),
        ("Nnondet_mean", 0.0, "no non-detection between its detections"),
        ("dec", -5.0, "Dec -5.00°"),
        ("rate_down", -0.31, "fading by 0.3 mag a day since its brightest"),
        ("rise_from_limit", 1.24, "rising by 1.2 mag a day at least, from a limit to its first night"),
        ("colour", -0.254, "blue − red -0.25 mag without dust"),
        ("age", 1.0, "first detected 1 day ago"),
    ],
)
def test_a_value_reads_as_a_scanner_would_say_it(feature: str, value: float, said: str) -> None:
    assert describe_value(feature, value) == said


def test_an_effect_says_which_way_it_pushed() -> None:
    assert describe_effect("preal", "DET_Nsince_min5d", 16, 0.4) == "16 detections in 5 days: more real"
    assert describe_effect("pgal", "z", math.nan, -0.4) == "no redshift known: less galactic"


def test_a_feature_without_words_reads_by_its_name() -> None:
    assert describe_effect("pfast", "rise_rate", 0.51234, 1.0) == "rise_rate 0.512: more fast"
    assert describe_value("rise_rate", math.nan) == "rise_rate unknown"
    assert wording("rise_rate").topic == "rise_rate"


@given(st.sampled_from(KNOWN), st.floats(-400, 400) | st.just(math.nan))
def test_any_value_of_any_feature_reads_as_one_short_line(feature: str, value: float) -> None:
    line = describe_value(feature, value)
    assert 0 < len(line) < 120
    assert "{" not in line
    assert "nan" not in line.lower().split()
    assert not any(unicodedata.category(char).startswith("C") for char in line)


@pytest.mark.parametrize("name", STREAM_1)
def test_every_feature_of_all_surveys_is_told_in_words(name):
    said, missing = describe_value(name, 1.0), describe_value(name, math.nan)
    assert "_" not in said + missing
    assert said != missing
