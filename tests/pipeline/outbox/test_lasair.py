"""Annotations of scores and labels: what they say, why, and that only news is told."""

import dataclasses
from typing import Any

import pytest

from tests.factories import Clock, api_object, ingest_objects, score_all
from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.pipeline.outbox.kinds import Cause, RuleError
from vra_tui.pipeline.outbox.lasair import annotation
from vra_tui.store import Store
from vra_tui.store.insight_table import Insight
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.outbox import Draft, Item, State
from vra_tui.store.outbox_causes import Decided

RULE = OutboxRule("annotations", "lasair.annotation", "day", options={"topic": "our_vra"}, where="line 3")


@pytest.fixture
def row(store: Store, clock: Clock) -> ListRow:
    ingest_objects(store, [api_object(0)], clock)
    score_all(store, clock)
    (alert_id,) = (one[0] for one in store.execute("SELECT alert_id FROM alerts"))
    return dataclasses.replace(list_rows(store, [alert_id])[0], survey="lsst", object_id="3136")


def insight(row: ListRow, *texts: str, outside: tuple[str, ...] = ()) -> Insight:
    reasons = [{"question": "preal", "text": text, "effect": 1.0} for text in texts]
    return Insight(
        row.alert_id, 1, row.score_mjd or 0.0, row.model or "", reasons, 0.5, list(outside), *([None] * 10)
    )


def made(row: ListRow, rule: OutboxRule = RULE, last: Draft | None = None, **other: Any) -> Draft | None:
    def latest(identity: str) -> Item | None:
        assert identity == f"our_vra {row.object_id}"
        if last is None:
            return None
        return Item(
            "x", last.kind, last.target, last.subject, last.content, last.identity, (), None, last.rule, None,
            "vra", "2026", State.ACCEPTED, 1, None, None, None, False,
        )  # fmt: skip

    cause = Cause(row, other.get("decision"), other.get("insight"), other.get("options", {}), latest)
    return annotation(rule, cause)


def test_an_annotation_says_what_how_sure_why_and_by_which_model(row: ListRow):
    draft = made(
        row, insight=insight(row, "3 detections on one spot", "no star near", outside=("faint host",))
    )
    assert draft is not None
    assert draft.content == {
        "object_id": "3136", "topic": "our_vra", "version": "fixed-1",
        "classification": "likely extragalactic", "url": "",
        "classdict": {"preal": 0.9, "pgal": 0.1, "rank": 9.0},
        "explanation": "3 detections on one spot; no star near; unlike the training data: faint host",
    }  # fmt: skip
    assert draft.identity == "our_vra 3136"


def test_only_what_changed_is_told(row: ListRow):
    first = made(row)
    assert made(row, last=first) is None
    assert row.preal is not None
    near = dataclasses.replace(row, preal=row.preal + 0.002, visit=2)
    assert made(near, last=first, insight=insight(row, "another reason")) is None
    for news in ({"preal": 0.5}, {"model": "duck-3"}, {"list": "galactic"}):
        assert made(dataclasses.replace(row, **news), last=first) is not None, news


@pytest.mark.parametrize(
    ("label", "said"),
    [("good", "real extragalactic"), ("attic", "real galactic"), ("garbage", "bogus"), ("agn", "agn")],
)
def test_a_decision_says_what_it_is(row: ListRow, label: str, said: str):
    decision = Decided(1, "d", row.alert_id, label, "amy", "2026-11-28", None)
    draft = made(row, decision=decision)
    assert draft is not None
    assert draft.content["classification"] == said
    assert draft.decision_id == "d"
    assert "amy" not in str(draft.content)
    decided = dataclasses.replace(row, decided_list=label, decided_by="amy")
    assert made(decided).content["classification"] == said  # type: ignore[union-attr]


def test_an_explanation_ends_within_what_lasair_keeps_and_at_a_whole_reason(row: ListRow):
    draft = made(row, insight=insight(row, *(f"{number} " + "x" * 400 for number in range(20))))
    assert draft is not None
    assert len(draft.content["explanation"]) <= 1_024
    assert draft.content["explanation"].endswith("…")


def test_reasons_of_another_model_are_not_told(row: ListRow):
    other = dataclasses.replace(insight(row, "so"), model="another")
    assert made(row, insight=other).content["explanation"] == ""  # type: ignore[union-attr]


def test_alerts_of_another_survey_and_without_a_score_are_passed_over(row: ListRow):
    assert made(row, options={"survey": "ztf"}) is None
    assert made(dataclasses.replace(row, rank=None)) is None


def test_a_label_is_told_where_no_model_has_scored_the_alert(row: ListRow):
    nothing = dict.fromkeys(("rank", "preal", "pgal", "pfast", "model"))
    draft = made(dataclasses.replace(row, **nothing, decided_list="good"))
    assert draft is not None
    told = [draft.content[name] for name in ("classification", "version", "classdict")]
    assert told == ["real extragalactic", "scanner", {}]


def test_an_address_names_the_object_and_is_one_of_the_web(row: ListRow):
    def ruled(**options: str) -> OutboxRule:
        return dataclasses.replace(RULE, options={"topic": "our_vra", **options})

    draft = made(row, ruled(url="https://example.org/{object_id}"))
    assert draft is not None
    assert draft.content["url"] == "https://example.org/3136"
    with pytest.raises(RuleError, match="https://"):
        made(row, ruled(url="file:///etc/passwd"))
    with pytest.raises(RuleError, match="topic"):
        made(row, dataclasses.replace(RULE, options={}))
    with pytest.raises(RuleError, match="is a word"):
        made(row, ruled(topic="our vra"))
    with pytest.raises(RuleError, match="did you mean `topic`"):
        made(row, ruled(topc="x"))
