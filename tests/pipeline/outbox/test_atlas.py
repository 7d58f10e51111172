"""What leaves for the ATLAS server: by its names, only what changed, of its own survey alone."""

import dataclasses
from typing import Any

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all
from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.pipeline.outbox.atlas import comment, move, rank, scores
from vra_tui.pipeline.outbox.kinds import Cause, Maker, RuleError
from vra_tui.store import Store
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.outbox import Draft, Item, State
from vra_tui.store.outbox_causes import Decided

RULE = OutboxRule("rule", "atlas.scores", "night", where="line 3")
GOOD = Decided(1, "d", FIRST_ID, "good", "amy", "2026-11-28T03:04:05.678+00:00", "<i>rising</i>")


@pytest.fixture
def row(store: Store, clock: Clock) -> ListRow:
    ingest_objects(store, [api_object(0)], clock)
    score_all(store, clock)
    return list_rows(store, [FIRST_ID])[0]


def kept(draft: Draft, state: State = State.ACCEPTED) -> Item:
    return Item(
        "x", draft.kind, draft.target, draft.subject, draft.content, draft.identity, (), None, None, None,
        "vra", "2026", state, 1, None, None, None, False,
    )  # fmt: skip


def made(maker: Maker, row: ListRow, last: Draft | None = None, **other: Any) -> Draft | None:
    before = None if last is None else kept(last)
    cause = Cause(
        row, other.pop("decision", None), None, {}, lambda identity: before,
        lambda identity: [] if before is None else [before], at="2026-11-28T03:04:05.678+00:00", **other,
    )  # fmt: skip
    return maker(RULE, cause)


def test_scores_have_the_servers_names_and_the_time_at_which_they_were_given(row: ListRow):
    draft = made(scores, row)
    assert draft is not None
    assert draft.content == {
        "object_id": str(FIRST_ID), "preal": 0.9, "pgal": 0.1, "pfast": None, "rank": 9.0, "is_gal_cand": 0,
        "at": "2026-11-28T03:04:05",
    }  # fmt: skip
    assert made(rank, row).content.keys() == {"object_id", "rank", "is_gal_cand", "at"}  # type: ignore[union-attr]


@pytest.mark.parametrize("maker", [scores, rank])
def test_only_what_changed_is_sent(row: ListRow, maker: Maker):
    first = made(maker, row)
    assert row.rank is not None
    assert made(maker, row, first) is None
    assert made(maker, dataclasses.replace(row, rank=row.rank + 0.0001), first) is None
    assert made(maker, dataclasses.replace(row, rank=row.rank + 0.01), first) is not None
    assert made(maker, dataclasses.replace(row, is_gal_cand=True), first) is not None


def test_a_move_knows_where_earlier_ones_put_the_object(row: ListRow):
    first = made(move, row, decision=GOOD)
    assert first is not None
    assert first.content == {"object_id": str(FIRST_ID), "list": "good"}
    later = made(move, row, first, decision=dataclasses.replace(GOOD, list="attic"))
    assert later is not None
    assert later.content == {"object_id": str(FIRST_ID), "list": "attic", "from": ["good"]}
    again = made(move, row, later, decision=dataclasses.replace(GOOD, list="attic"))
    assert again is not None
    assert again.content == later.content  # the same move: nothing new is to leave


def test_a_note_is_a_comment_and_no_note_is_none(row: ListRow):
    draft = made(comment, row, decision=GOOD)
    assert draft is not None
    assert (draft.content["text"], draft.identity) == ("rising", f"{FIRST_ID} d")
    assert made(comment, row, decision=dataclasses.replace(GOOD, note=None)) is None
    long = made(comment, row, decision=dataclasses.replace(GOOD, note="so " * 200))
    assert long is not None
    assert len(long.content["text"]) <= 256


@pytest.mark.parametrize("maker", [move, scores, rank, comment])
def test_other_surveys_and_unknown_options_are_not_for_it(row: ListRow, maker: Maker):
    assert made(maker, dataclasses.replace(row, survey="ztf"), decision=GOOD) is None
    with pytest.raises(RuleError, match="no option `x`"):
        maker(dataclasses.replace(RULE, options={"x": 1}), Cause(row, GOOD, None, {}, lambda identity: None))
