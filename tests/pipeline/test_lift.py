"""A rule lifts alerts to the fast track, and what it lifts no policy takes away."""

import pytest

from tests.factories import FIRST_ID, FixedModel, all_in_scope, api_object, ingest_objects, quad
from tests.tui.made import an_alert, put
from vra_tui.domain.alert import Alert, Annotation
from vra_tui.domain.light_curve import no_epochs
from vra_tui.pipeline.lift import lift
from vra_tui.pipeline.score import score
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide, undo
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import list_ids
from vra_tui.store.objects import number_of
from vra_tui.store.query import FilterError
from vra_tui.store.standing_check import differing_from_decisions
from vra_tui.tui.context.lines import context_lines

RULE = "needle.SLSN-I>0.5"
AMY = Author("amy", "here")


@pytest.fixture
def annotated(store):
    """A ZTF alert that no model scores, of which NEEDLE speaks."""

    def annotate(share, mjd, name="ZTF26aaaaaaa"):
        said = Annotation("NEEDLE", "SLSN-I", numbers={"SLSN-I": share}, mjd=mjd)
        put(store, an_alert("ztf", name, annotations=(said,)))
        return number_of("ztf", name)

    return annotate


def score_all(store, clock, lift_rule=None, **model):
    return score(store, FixedModel(**model), clock=clock, may_discard=all_in_scope, lift_rule=lift_rule)


def where(store, number):
    return alert_detail(store, number).row.list


def only(store):
    (number,) = list_ids(store, "all").tolist()
    return number


def annotate_atlas(store, share, mjd=60_002.0):
    """What a classifier says of an ATLAS alert, as an annotation of a packet of its own."""
    said = Annotation("NEEDLE", "SLSN-I", numbers={"SLSN-I": share}, mjd=mjd)
    put(store, Alert("atlas", str(FIRST_ID), 60_010.0, annotations=(said,)))


def test_an_alert_that_no_model_scores_goes_to_the_fast_track_and_back(store, clock, annotated):
    annotated(0.9, 60_000.0)
    assert score_all(store, clock, lift_rule=RULE).lifted == 1
    assert where(store, only(store)) == "fasttrack"
    assert score_all(store, clock, lift_rule=RULE).lifted == 0
    annotated(0.1, 60_003.0)
    score_all(store, clock, lift_rule=RULE)
    assert where(store, only(store)) is None


def test_a_dull_alert_with_an_old_visit_is_lifted_as_soon_as_it_is_annotated(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock, preal=0.5, pgal=0.5)
    number = only(store)
    before = where(store, number)
    assert before != "fasttrack"
    annotate_atlas(store, 0.9)
    score_all(store, clock, preal=0.5, pgal=0.5, lift_rule=RULE)
    assert where(store, number) == "fasttrack"
    assert differing_from_decisions(store, [number]) == []
    # Another program that scores without knowing of the rule leaves it.
    ingest_objects(store, [api_object(lc=quad(0) + quad(2))], clock)
    score_all(store, clock, preal=0.5, pgal=0.5)
    assert where(store, number) == "fasttrack"
    score_all(store, clock, preal=0.5, pgal=0.5, lift_rule="")
    assert where(store, number) == before


def test_why_it_stands_there_is_told(store, clock, annotated):
    number = annotated(0.9, 60_000.0)
    score_all(store, clock, lift_rule=f"host:NGC | {RULE}")
    shown = context_lines(alert_detail(store, number), no_epochs(), 100)
    lines = ["".join(text for text, _ in line) for line in shown]
    assert any(line.startswith("why") and f"lifted to the fast track: {RULE}" in line for line in lines)


def test_what_the_policies_discarded_comes_back_with_the_reason(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock, preal=0.01, pgal=0.5)
    number = only(store)
    assert where(store, number) == "garbage"
    annotate_atlas(store, 0.9)
    score_all(store, clock, preal=0.01, pgal=0.5, lift_rule=RULE)
    assert where(store, number) == "fasttrack"
    assert alert_detail(store, number).decisions[-1].note == f"brought back: {RULE}"
    # The next bad visit does not discard it again.
    ingest_objects(store, [api_object(lc=quad(0) + quad(2))], clock)
    score_all(store, clock, preal=0.01, pgal=0.5, lift_rule=RULE)
    assert where(store, number) == "fasttrack"
    assert len(alert_detail(store, number).decisions) == 2


def test_a_lifted_alert_is_not_discarded_at_entry(store, clock):
    ingest_objects(store, [api_object()], clock)
    annotate_atlas(store, 0.9)
    score_all(store, clock, preal=0.01, pgal=0.5, lift_rule=RULE)
    assert where(store, only(store)) == "fasttrack"
    assert alert_detail(store, only(store)).decisions == []


def test_a_decision_of_a_scanner_stands_and_its_undo_brings_the_alert_back(store, clock, annotated):
    number = annotated(0.9, 60_000.0)
    with transaction(store):
        decision = decide(store, number, "garbage", AMY, clock())
    score_all(store, clock, lift_rule=RULE)
    assert where(store, number) == "garbage"
    with transaction(store):
        undo(store, decision, AMY, clock())
    assert where(store, number) == "fasttrack"


def test_old_age_takes_nothing_that_is_lifted(store, clock):
    ingest_objects(store, [api_object(), api_object(1, lc=quad(0) + quad(60))], clock)
    annotate_atlas(store, 0.9)
    score_all(store, clock, lift_rule=RULE)
    assert sorted(where(store, one) for one in list_ids(store, "all").tolist()) == ["fasttrack", "purgatory"]


@pytest.mark.parametrize("rule", ["list:good", "rank>7 |", "nonsense", "a | b"])
def test_a_rule_that_is_none_is_refused_by_name_and_changes_nothing(store, clock, annotated, rule):
    number = annotated(0.9, 60_000.0)
    lift(store, RULE, clock())
    with pytest.raises(FilterError, match=r"lift\.rule"):
        lift(store, rule, clock())
    assert where(store, number) == "fasttrack"
