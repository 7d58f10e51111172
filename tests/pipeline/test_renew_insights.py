"""Insights follow an alert's data and scores, for those that wait and those that are followed."""

import pytest

from tests.factories import FIRST_ID, T0, api_object, ingest_objects, missed_quad, quad
from vra_tui.config.locations import shipped
from vra_tui.pipeline.renew_insights import renew_insights
from vra_tui.pipeline.score import score
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.insight_table import NIGHTS_TABLE, insight, survey_table
from vra_tui.store.listing import list_ids

BRIGHT = {"header": {"rb_pix": 0.999}}
NEAR = [
    {"separationarcsec": 8.0, "z": 0.01, "catalogue_object_id": "NGC 1", "catalogue_object_type": "galaxy"}
]


@pytest.fixture(scope="module")
def model():
    return load_model(default_model())


def put(store, clock, model, *objects):
    ingest_objects(store, list(objects), clock)
    score(store, model, clock=clock)
    return renew_insights(store, model)


def known(store, number=0):
    return insight(store, FIRST_ID + number)


def test_every_alert_that_waits_gets_reasons_for_every_question(store, clock, model):
    assert put(store, clock, model, api_object(**BRIGHT)) == 1
    reasons = known(store).reasons
    assert {reason["question"] for reason in reasons} == {"preal", "pgal", "pfast"}
    assert all(reason["text"] and reason["effect"] for reason in reasons)
    assert known(store).scope is not None


def test_renewing_again_derives_nothing_and_new_data_do(store, clock, model):
    put(store, clock, model, api_object(**BRIGHT))
    assert renew_insights(store, model) == 0
    assert put(store, clock, model, api_object(**BRIGHT, lc=quad(0) + quad(1))) == 1
    assert known(store).mjd == quad(1)[-1]["mjd"]


def test_what_was_discarded_gets_none(store, clock, model):
    bogus = api_object(header={"rb_pix": 0.21}, lcnondets=missed_quad(-1), sherlock_crossmatches=[])
    put(store, clock, model, bogus)
    (standing,) = store.execute("SELECT list FROM standing").fetchone()
    assert (known(store) is None) == (standing == "garbage")


def test_two_nights_are_too_early_for_a_label(store, clock, model):
    put(store, clock, model, api_object(**BRIGHT, lc=quad(0) + quad(1)))
    assert known(store).speed == "too early to say"
    assert known(store).duration_days is None


def test_a_rise_and_fall_within_a_week_is_fast_in_time(store, clock, model):
    nights = [(0, 18.0), (1, 17.0), (3, 17.6), (5, 18.4), (7, 19.1)]
    rows = [row for day, mag in nights for row in quad(day, mag)]
    put(store, clock, model, api_object(**BRIGHT, lc=rows, lcnondets=missed_quad(-1) + missed_quad(-3)))
    assert known(store).speed == "fast"
    assert known(store).duration_days < 12


def test_a_near_one_that_comes_out_of_nothing_is_one_to_look_at_now(store, clock, model):
    put(store, clock, model, api_object(**BRIGHT, sherlock_crossmatches=NEAR))
    assert known(store).follow_up == "now"
    assert "P(fast)" in known(store).follow_up_rule


def test_a_near_one_is_a_follow_up_candidate_and_the_rule_is_told(store, clock):
    without_pfast = load_model(shipped("models") / "duck-1")
    put(store, clock, without_pfast, api_object(**BRIGHT, sherlock_crossmatches=NEAR))
    assert known(store).follow_up == "candidate"
    assert "Mpc" in known(store).follow_up_rule
    assert known(store).absolute_mag == pytest.approx(18.5 - 33.2, abs=1.0)


@pytest.mark.parametrize(("band", "coefficient"), [("c", 2.80), ("o", 1.97), ("g", 3.237), ("w", 2.97)])
def test_the_absolute_magnitude_is_behind_the_dust_in_the_band_of_its_peak(
    store, clock, model, band, coefficient
):
    """A band is what the store calls it: the code of a name of several letters is no letter's."""
    rows = [row | {"filter": band} for day in (0, 1) for row in quad(day, 17.0)]
    put(store, clock, model, *(api_object(n, **BRIGHT, lc=rows, sherlock_crossmatches=NEAR) for n in (0, 1)))
    store.execute("UPDATE alerts SET ebv_sfd = 0 WHERE alert_id = ?", (FIRST_ID,))
    store.execute("UPDATE alerts SET ebv_sfd = 1 WHERE alert_id = ?", (FIRST_ID + 1,))
    store.execute("UPDATE bands SET name = 'BP' WHERE name = 'w'")
    store.execute("DELETE FROM insights")
    assert renew_insights(store, model) == 2
    dimmed = known(store).absolute_mag - known(store, 1).absolute_mag
    assert dimmed == pytest.approx(coefficient, abs=1e-6)


def test_in_a_band_of_unknown_extinction_there_is_no_luminosity(store, clock, model):
    rows = [row | {"filter": "x"} for day in (0, 1) for row in quad(day, 17.0)]
    put(store, clock, model, api_object(**BRIGHT, lc=rows, sherlock_crossmatches=NEAR))
    assert known(store).absolute_mag is None
    assert known(store).luminosity is None
    assert known(store).speed is not None


def test_the_nights_at_the_sites_are_worked_out_once(store, clock, model):
    put(store, clock, model, api_object(**BRIGHT))
    table = survey_table(store, NIGHTS_TABLE)
    assert table
    put(store, clock, model, api_object(1, **BRIGHT))
    assert survey_table(store, NIGHTS_TABLE) == table


def test_a_position_that_the_sun_moves_towards_is_closing(store, clock, model):
    # In late February the Sun stands near RA 338 degrees.
    put(store, clock, model, api_object(header={"ra": 75.0, "dec": 10.0, "rb_pix": 0.999}))
    assert known(store).window_ends_mjd > T0
    store.execute("UPDATE insights SET window_ends_mjd = ?", (T0 + 5,))
    assert list_ids(store, "closing").tolist() == [FIRST_ID]
    store.execute("UPDATE insights SET window_ends_mjd = ?", (T0 + 60,))
    assert list_ids(store, "closing").tolist() == []


def test_a_followed_one_that_brightens_again_is_an_anomaly(store, clock, model):
    days = [*range(0, 30, 2), 34, 36, 38, 40]
    mags = [17.5 + 0.05 * abs(day - 8) for day in range(0, 30, 2)] + [17.2, 17.0, 16.9, 16.8]
    rows = [row for day, mag in zip(days, mags, strict=True) for row in quad(day, mag)]
    put(store, clock, model, api_object(**BRIGHT, lc=rows))
    with transaction(store):
        decide(store, FIRST_ID, "followup", Author("zoe", "h"), clock())
    put(store, clock, model, api_object(**BRIGHT, lc=rows + quad(42, 16.8)))
    assert known(store).anomaly
    assert list_ids(store, "anomalies").tolist() == [FIRST_ID]


def test_an_alert_scored_by_another_model_is_not_explained_by_this_one(store, clock, model):
    put(store, clock, model, api_object(**BRIGHT))
    store.execute("UPDATE standing SET model = 'other-1'")
    renew_insights(store, model)
    assert known(store).reasons == []
    assert known(store).scope is None


def test_a_hosts_distance_is_that_of_an_expanding_universe_not_of_hubbles_law_alone(store, clock, model):
    far = [
        {"separationarcsec": 3.0, "z": 0.1, "catalogue_object_id": "G 1", "catalogue_object_type": "galaxy"}
    ]
    given = [{**far[0], "distance": 460.0}]
    put(store, clock, model, api_object(0, **BRIGHT, sherlock_crossmatches=far))
    put(store, clock, model, api_object(1, **BRIGHT, sherlock_crossmatches=given))
    # 460 Mpc is the luminosity distance at z = 0.1 (H0 = 70, matter 0.3); Hubble's law alone says 428.
    assert known(store, 0).absolute_mag == pytest.approx(known(store, 1).absolute_mag, abs=0.01)
