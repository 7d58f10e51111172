"""One quantity has one value: on a screen, in `vra show` and in its JSON."""

import re

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, quad, score_all
from vra_tui.cli.showing import CurveNames, as_record, as_text
from vra_tui.scoring.model.feature_words import describe_effect
from vra_tui.store.connection import transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.detail import alert_detail
from vra_tui.store.insight_table import Insight, put_insights
from vra_tui.tui.context.lines import context_lines
from vra_tui.tui.list_columns import trend_sign
from vra_tui.tui.spans import text_of

ABSOLUTE = re.compile(r"M [-−]?\d+\.\d|absolute magnitude [-−]?\d|peak [-−]\d+\.\d mag")
SCATTER = re.compile(r"scatters? (?:by )?\d+\.\d+")
MATCH = {"separationarcsec": 5.0, "z": 0.0141, "distance": 61.0, "catalogue_object_id": "NGC 1"}
MEASURED = {"host_abs_mag": -15.07, "absolute_mag": -17.9, "log10_scatter_arcsec": 0.23, "rate_recent": 0.8,
    "log10_std_ra_min5d": -3.4, "log10_std_ra_arcsec": 0.2, "log10_std_dec_min5d": -3.4}  # fmt: skip


#: Bands as a store names those of one letter.
NAMES = CurveNames({ord(letter): letter for letter in "co"})

#: The store of these tests holds the alert already: of two words of one time it is content that decides.
NEWER = {"date_modified": "2023-03-08T00:00:00Z"}


def alert(store, clock, *, lc, **more):
    matches = [{**MATCH, **more}]
    ingest_objects(store, [api_object(lc=lc, header=NEWER, sherlock_crossmatches=matches)], clock)
    score_all(store, clock)
    reasons = [
        {"question": "preal", "feature": name, "value": value, "effect": 9.0 - n, "rank_effect": 1,
         "text": describe_effect("preal", name, value, 1.0)}
        for n, (name, value) in enumerate(MEASURED.items())
    ]  # fmt: skip
    with transaction(store):
        put_insights(store, [Insight(
            FIRST_ID, 1, 60_000.5, "fixed-1", reasons, 0.5, [], "normal", "normal", "one peak", 20.0,
            60_003.0, -17.6, None, None, None, None,
        )])  # fmt: skip
    return alert_detail(store, FIRST_ID), light_curve(store, FIRST_ID)


def screen(detail, curve):
    return "\n".join(text_of(line) for line in context_lines(detail, curve, 110))


def test_absolute_magnitude_and_scatter_stand_there_once_and_alike(store, clock):
    detail, curve = alert(store, clock, lc=quad(0, 18.5) + quad(2, 16.5))
    on_screen, shown, record = (
        screen(detail, curve),
        "\n".join(as_text(detail, curve, NAMES)),
        as_record(detail, curve, NAMES),
    )
    for text in (on_screen, shown):
        (magnitude,) = ABSOLUTE.findall(text)
        assert magnitude == f"M {record['absolute_mag']:.1f}"
        (scatter,) = SCATTER.findall(text)
        assert scatter.endswith(f"{record['scatter_arcsec']:.2f}")
    assert "less dust" in on_screen
    assert "absolute_mag" not in record["insight"]


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({"direct_distance": 55.0}, "55 Mpc measured"),
        ({}, "61 Mpc catalogued"),
        ({"distance": None}, "61 Mpc from z"),
        ({"distance": None, "z": None, "photoz": 0.05}, "222 Mpc from photo-z"),
    ],
)
def test_the_distance_says_where_it_comes_from(store, clock, match, said):
    detail, curve = alert(store, clock, lc=quad(0), **match)
    assert said in screen(detail, curve)
    assert f"{detail.host_distance.mpc:.0f} Mpc ({detail.host_distance.source})" in "\n".join(
        as_text(detail, curve, NAMES)
    )


def test_the_trend_on_screen_is_that_of_the_light_curve_and_the_surveys_words_are_called_so(store, clock):
    detail, curve = alert(store, clock, lc=quad(0, 18.5) + quad(2, 16.5))
    assert trend_sign(detail.row) == "↑"
    for text in (screen(detail, curve), "\n".join(as_text(detail, curve, NAMES))):
        assert re.search(r"(rising 1\.00±0\.0\d mag|↑ 1\.00 ± 0\.0\d) a day in o", text)
        assert re.search(r"survey('s trend| says): rising 00.21 \(o-o\)", text)
        assert text.count("rising 00.21") == 1


def test_below_two_sigma_there_is_no_arrow_whatever_the_survey_says(store, clock):
    detail, curve = alert(store, clock, lc=quad(0, 18.5) + quad(2, 18.45))
    assert trend_sign(detail.row) == " "
    assert "a day in" not in screen(detail, curve)
    assert "none above 2 sigma" in "\n".join(as_text(detail, curve, NAMES))


@pytest.mark.parametrize(("header", "near"), [({}, True), ({"sherlockClassification": "VS"}, False)])
def test_why_calls_a_host_near_where_the_policies_do(store, clock, header, near):
    """A star with a redshift is no host to them."""
    one = api_object(sherlock_crossmatches=[MATCH], header={**NEWER, **header})
    ingest_objects(store, [one], clock)
    score_all(store, clock)
    detail = alert_detail(store, FIRST_ID)
    assert (detail.row.list == "fasttrack") == near
    assert ("host within" in screen(detail, light_curve(store, FIRST_ID))) == near


def test_stale_scores_are_said_to_be_stale(store, clock):
    detail, curve = alert(store, clock, lc=quad(0) + quad(2))
    header = {"followup_flag_date": "2023-02-27T00:00:00", "date_modified": "2023-03-09T00:00:00Z"}
    ingest_objects(store, [api_object(lc=quad(0) + quad(2), header=header)], clock)
    detail = alert_detail(store, FIRST_ID)
    for text in (screen(detail, curve), "\n".join(as_text(detail, curve, NAMES))):
        assert "to be made anew: t0 or epochs changed" in text
