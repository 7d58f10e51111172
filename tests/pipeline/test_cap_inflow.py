"""A bad night's alerts wait, but for the best, until they are seen again; nothing of them is discarded."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.factories import (
    FIRST_ID,
    FLAG_DATE,
    FixedModel,
    all_in_scope,
    api_object,
    ingest_objects,
    missed_quad,
    quad,
)
from vra_tui.pipeline import cap_inflow
from vra_tui.pipeline.cap_inflow import (
    NightKeys,
    RaisedKeys,
    inflow_words,
    nights_and_units,
    unusual_nights,
)
from vra_tui.pipeline.score import score
from vra_tui.ranking.policy import Policy
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.listing import list_ids, list_rows

POLICY = Policy(night_floor=6, night_factor=2, night_cap=3)
BAD = 4


def raised(number, night, *, visits=(), rb=0.99, unit="02a"):
    """An alert raised on a night, visited again on some, all by one unit; P(real) is its ``rb``."""
    rows = [row for day in (night, *visits) for row in quad(day)]
    for row in rows:
        row["expname"] = unit + row["expname"][3:]
    date = datetime.fromisoformat(FLAG_DATE) + timedelta(days=night)
    return api_object(number, lc=rows, header={"followup_flag_date": date.isoformat(), "rb_pix": rb})


def ordinary():
    """Three alerts on each of four nights."""
    return [raised(10 * night + index, night) for night in range(BAD) for index in range(3)]


def flood(count=12, **other):
    """As many alerts of one night as no night before had, the later the better ranked."""
    return [raised(1_000 + index, BAD, rb=0.90 + index / 200, **other) for index in range(count)]


def run(store, clock, policy=POLICY, raised=None):
    model = FixedModel(preal=lambda table: table.column("rb_pix"), pgal=0.0)
    return score(store, model, clock=clock, policy=policy, may_discard=all_in_scope, raised=raised)


def where(store, number):
    return list_rows(store, [FIRST_ID + number])[0].list


def lists(store, count=12):
    return [where(store, 1_000 + index) for index in range(count)]


def test_ordinary_nights_are_not_touched(store, clock):
    ingest_objects(store, ordinary(), clock)
    assert run(store, clock).warnings == []
    assert inflow_words(store) == ""
    assert {where(store, 10 * night) for night in range(BAD)} == {"extragalactic"}


def test_of_a_bad_night_the_best_are_shown_and_the_rest_waits_with_a_warning(store, clock):
    ingest_objects(store, ordinary() + flood(), clock)
    report = run(store, clock)
    assert lists(store) == ["purgatory"] * 9 + ["extragalactic"] * 3
    assert where(store, 10) == "extragalactic"
    assert report.discarded == 0
    (night,) = unusual_nights(store)
    assert (night.unit, night.alerts, night.usual, night.shown, night.held) == ("02a", 12, 3.0, 3, 9)
    assert report.warnings == [night.words()]
    assert inflow_words(store) == "bad night (02a): 9 held back"


def test_another_unit_s_alerts_of_that_night_are_shown(store, clock):
    ingest_objects(store, ordinary() + flood() + [raised(2_000, BAD, rb=0.9, unit="03a")], clock)
    run(store, clock)
    assert where(store, 2_000) == "extragalactic"


def test_a_visit_without_a_detection_frees_nothing(store, clock):
    ingest_objects(store, ordinary() + flood(), clock)
    run(store, clock)
    missed = {**raised(1_000, BAD, rb=0.9), "lcnondets": missed_quad(BAD + 2)}
    ingest_objects(store, [missed], clock)
    run(store, clock)
    assert list_rows(store, [FIRST_ID + 1_000])[0].visit == 2
    assert where(store, 1_000) == "purgatory"


def test_a_detection_on_a_normal_night_frees_an_alert(store, clock):
    ingest_objects(store, ordinary() + flood(), clock)
    run(store, clock)
    ingest_objects(store, [raised(1_000, BAD, visits=(BAD + 2,), rb=0.9)], clock)
    run(store, clock)
    assert lists(store) == ["extragalactic"] + ["purgatory"] * 8 + ["extragalactic"] * 3
    ingest_objects(store, flood(visits=(BAD + 2,)), clock)
    assert run(store, clock).warnings == []
    assert set(lists(store)) == {"extragalactic"}
    assert inflow_words(store) == ""


def test_a_visit_of_another_bad_night_frees_nothing(store, clock):
    ingest_objects(store, ordinary() + flood(), clock)
    run(store, clock)
    second = [raised(3_000 + index, BAD + 1) for index in range(20)]
    ingest_objects(store, [raised(1_000, BAD, visits=(BAD + 1,), rb=0.9), *second], clock)
    run(store, clock)
    assert where(store, 1_000) == "purgatory"


def test_a_night_that_turns_bad_while_it_is_scored_is_capped_whole(store, clock):
    ingest_objects(store, ordinary() + flood(4), clock)
    assert run(store, clock).warnings == []
    assert set(lists(store, 4)) == {"extragalactic"}
    ingest_objects(store, flood(), clock)
    run(store, clock)
    assert lists(store) == ["purgatory"] * 9 + ["extragalactic"] * 3


def test_a_late_run_files_as_nightly_ones_do(store, clock, tmp_path):
    later = flood(visits=(BAD + 2,))[:6] + flood()[6:]
    late = open_store(tmp_path / "late.db", durable=False)
    ingest_objects(late, ordinary() + later, clock)
    run(late, clock)
    for part in (ordinary(), flood(), later):
        ingest_objects(store, part, clock)
        run(store, clock)
    assert lists(store) == lists(late)
    assert unusual_nights(store) == unusual_nights(late)
    late.close()


def test_counting_again_counts_nothing_twice(store, clock):
    ingest_objects(store, ordinary() + flood(), clock)
    run(store, clock)
    before = unusual_nights(store), lists(store)
    run(store, clock)
    model = FixedModel(preal=lambda table: table.column("rb_pix"), pgal=0.0, name="other")
    score(store, model, clock=clock, policy=POLICY, everything=True, may_discard=all_in_scope)
    assert (unusual_nights(store), lists(store)) == before


def test_scanners_decisions_stay_and_nobody_moves_up_in_their_place(store, clock):
    ingest_objects(store, ordinary() + flood(), clock)
    run(store, clock)
    with transaction(store):
        decide(store, FIRST_ID + 1_011, "good", Author("zoe", "h"), clock())
    run(store, clock)
    assert lists(store) == ["purgatory"] * 9 + ["extragalactic"] * 2 + ["good"]
    with transaction(store):
        decide(store, FIRST_ID + 1_000, "eyeball", Author("zoe", "h"), clock())
    run(store, clock)
    assert where(store, 1_000) == "extragalactic"


def test_what_the_ranks_discard_they_still_discard(store, clock):
    ingest_objects(store, ordinary() + flood() + [raised(2_000, BAD, rb=0.01)], clock)
    report = run(store, clock)
    assert report.discarded == 1
    assert where(store, 2_000) == "garbage"


@pytest.mark.parametrize("policy", [Policy(), Policy(night_floor=6, night_factor=2, night_cap=100)])
def test_a_floor_or_a_cap_beyond_the_night_holds_nothing_back(store, clock, policy):
    ingest_objects(store, ordinary() + flood(), clock)
    assert run(store, clock, policy).warnings == []
    assert set(lists(store)) == {"extragalactic"}


def test_a_night_lasts_from_noon_to_noon_where_the_unit_stands(store):
    keys = NightKeys.of(store)
    codes = {name: code for code, name in keys.names.items()}
    for name, longitude in (("02a", -155.6), ("03a", 20.8), ("05r", -16.5)):
        noon = 60_000.5 - longitude / 360
        around = noon + np.array([-0.49, -0.01, 0.01, 0.49, 0.99])
        night, unit = nights_and_units(keys.at(around, np.full(5, codes[name])))
        assert night.tolist() == [60_000, 60_000, 60_001, 60_001, 60_001]
        assert set(unit) == {codes[name]}


def test_an_alert_from_the_far_future_does_not_wipe_out_what_is_usual(store, clock):
    far = api_object(9_000, header={"followup_flag_date": "2090-01-01T00:00:00"})
    ingest_objects(store, [*ordinary(), far], clock)
    run(store, clock)
    ingest_objects(store, flood(), clock)
    assert len(run(store, clock).warnings) == 1


def test_who_remembers_earlier_rounds_counts_as_one_who_reads_all_anew(store, clock, tmp_path):
    """Also where what raised an alert is told later, and where a unit is new."""
    other = open_store(tmp_path / "other.db", durable=False)
    remembered = RaisedKeys()
    early = raised(1_003, BAD - 1, visits=(BAD,), rb=0.99)
    early["object"]["followup_flag_date"] = flood()[3]["object"]["followup_flag_date"]
    for arrived in (
        ordinary(),
        flood(4),
        flood(),
        [early],
        [raised(2_000 + n, BAD, unit="03a") for n in range(9)],
        flood(visits=(BAD + 2,)),
    ):
        for one, memory in ((store, remembered), (other, None)):
            ingest_objects(one, arrived, clock)
            run(one, clock, raised=memory)
        assert unusual_nights(store) == unusual_nights(other)
        numbers = list_ids(store, "all").tolist()
        assert [(row.list, row.rank) for row in list_rows(store, numbers)] == [
            (row.list, row.rank) for row in list_rows(other, numbers)
        ]


def test_what_is_remembered_is_not_read_again(store, clock, monkeypatch):
    remembered = RaisedKeys()
    ingest_objects(store, flood(), clock)
    run(store, clock, raised=remembered)
    read = []
    sound = cap_inflow.detections_and_t0
    monkeypatch.setattr(
        cap_inflow, "detections_and_t0", lambda store, ids: (read.extend(ids), sound(store, ids))[1]
    )
    ingest_objects(store, [raised(5_000, BAD)], clock)
    run(store, clock, raised=remembered)
    assert read == [FIRST_ID + 5_000]
