"""Rules make drafts of what is decided and scored after they were written, and an undo takes them back."""

import random
from collections.abc import Callable, Iterable

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all
from vra_tui.config.alert_sources import AlertSource
from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.config.reading import load_config
from vra_tui.pipeline.deciding import decide_alerts, undo_decisions
from vra_tui.pipeline.outbox.drafting import Drafted, Rules, renew_drafts
from vra_tui.pipeline.outbox.kinds import RuleError
from vra_tui.store import Store, outbox
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, latest_by
from vra_tui.store.outbox import Item, State
from vra_tui.store.outbox_causes import standing_decisions
from vra_tui.store.outbox_sending import begin, settle

ANA = Author("ana", "here")
TARGETS = {"night": AlertSource("night", "atlas", "config.toml, line 1", {})}
MOVES = OutboxRule("moves", "atlas.list", "night", lists=("good", "attic", "possible", "garbage"))
RANKS = OutboxRule("ranks", "atlas.rank", "night")


@pytest.fixture
def scored(store: Store, clock: Clock) -> Store:
    ingest_objects(store, [api_object(number) for number in range(3)], clock)
    score_all(store, clock)
    return store


@pytest.fixture
def look(scored: Store, clock: Clock) -> Callable[..., Drafted]:
    def renew(*rules: OutboxRule) -> Drafted:
        return renew_drafts(scored, Rules(rules, TARGETS), by="vra", clock=clock)

    return renew


@pytest.fixture
def decide(scored: Store, clock: Clock) -> Callable[..., str]:
    def one(to: str, number: int = 0, author: Author = ANA, note: str | None = None) -> str:
        return decide_alerts(scored, [FIRST_ID + number], to, author, clock(), note=note)[0]

    return one


def said(store: Store, states: Iterable[State] | None = None) -> list[tuple[str, str]]:
    return [(str(one.state), str(one.content.get("list"))) for one in outbox.items(store, states=states)]


def accept(store: Store, clock: Clock, item: Item) -> None:
    outbox.approve(store, [item.item_id], by="ana", now=clock())
    assert begin(store, item.item_id, owner="run", now=clock())
    settle(store, item.item_id, State.ACCEPTED, "yes", owner="run", now=clock())


def test_a_rule_begins_with_what_is_decided_after_it_was_first_seen(scored: Store, look, decide):
    decide("good")
    assert look(MOVES).made == 0
    decide("attic", 1)
    assert look(MOVES).made == 1
    assert look(MOVES).made == 0
    (item,) = outbox.items(scored)
    assert item.content == {"object_id": str(FIRST_ID + 1), "list": "attic"}
    assert (item.state, item.rule, item.made_by) == (State.DRAFT, "moves", "vra")


def test_what_a_rule_makes_may_leave_only_where_the_user_wrote_so(scored: Store, look, decide):
    own = OutboxRule("own", "atlas.list", "night", lists=("good",), approve=True)
    other = OutboxRule("other", "atlas.list", "night", lists=("attic",))
    look(own, other)
    decide("attic")
    decide("good", 1)
    look(own, other)
    states = {one.rule: one.state for one in outbox.items(scored)}
    assert states == {"own": State.APPROVED, "other": State.DRAFT}


def test_good_then_attic_is_one_move_in_whatever_pieces_it_is_seen(scored: Store, look, decide):
    look(MOVES)
    decide("good")
    look(MOVES)
    decide("attic")
    decide("good", 1)
    decide("attic", 1)
    look(MOVES)
    assert [one for one in said(scored) if one[0] != "withdrawn"] == [("draft", "attic")] * 2


def test_a_decision_that_the_rule_does_not_name_withdraws_what_has_not_left(scored: Store, look, decide):
    look(MOVES)
    decide("good")
    look(MOVES)
    decide("followup")
    assert look(MOVES).withdrawn == 1
    assert said(scored) == [("withdrawn", "good")]
    assert outbox.items(scored)[0].answer == "decided otherwise: followup"


def test_an_undo_withdraws_what_has_not_left(scored: Store, clock: Clock, look, decide):
    look(MOVES)
    decide("good")
    look(MOVES)
    undo_decisions(scored, ANA, clock())
    look(MOVES)
    assert said(scored) == [("withdrawn", "good")]


def test_an_undo_of_what_has_left_drafts_its_correction(scored: Store, clock: Clock, look, decide):
    look(MOVES)
    decide("possible")
    look(MOVES)
    accept(scored, clock, outbox.items(scored)[0])
    undo_decisions(scored, ANA, clock())
    assert look(MOVES).corrections == 1
    assert look(MOVES).corrections == 0
    left, correction = outbox.items(scored)
    assert correction.content == {"object_id": str(FIRST_ID), "list": "eyeball", "from": ["possible"]}
    assert (correction.state, correction.follows) == (State.DRAFT, left.item_id)


def test_a_correction_that_somebody_dropped_is_not_drafted_again(scored: Store, clock: Clock, look, decide):
    look(MOVES)
    decide("possible")
    look(MOVES)
    accept(scored, clock, outbox.items(scored)[0])
    undo_decisions(scored, ANA, clock())
    look(MOVES)
    outbox.withdraw(scored, [outbox.items(scored)[-1].item_id], by="ana", now=clock())
    assert look(MOVES).corrections == 0
    assert [one[0] for one in said(scored)] == ["accepted", "withdrawn"]


def test_after_an_undo_what_stood_before_is_what_holds(scored: Store, clock: Clock, look, decide):
    look(MOVES)
    decide("good")
    look(MOVES)
    accept(scored, clock, outbox.items(scored)[0])
    decide("attic")
    look(MOVES)
    accept(scored, clock, outbox.items(scored)[1])
    undo_decisions(scored, ANA, clock())
    look(MOVES)
    assert said(scored) == [("accepted", "good"), ("accepted", "attic"), ("draft", "good")]


def test_a_correction_waits_for_a_person_also_where_a_rule_approves_what_it_makes(
    scored: Store, clock: Clock, look, decide
):
    own = OutboxRule("own", "atlas.list", "night", lists=("good", "attic"), approve=True)
    look(own)
    for list_name in ("good", "attic"):
        decide(list_name)
        look(own)
        item = outbox.items(scored)[-1]
        assert begin(scored, item.item_id, owner="run", now=clock())
        settle(scored, item.item_id, State.ACCEPTED, "yes", owner="run", now=clock())
    undo_decisions(scored, ANA, clock())
    for _ in range(2):
        look(own)
        assert said(scored) == [("accepted", "good"), ("accepted", "attic"), ("draft", "good")]


def test_what_stands_again_waits_too_while_nobody_knows_what_arrived(
    scored: Store, clock: Clock, look, decide
):
    own = OutboxRule("own", "atlas.list", "night", lists=("good", "attic"), approve=True)
    look(own)
    decide("good")
    look(own)
    decide("attic")
    look(own)
    assert begin(scored, outbox.items(scored)[-1].item_id, owner="run", now=clock())
    undo_decisions(scored, ANA, clock())
    look(own)
    assert said(scored) == [("withdrawn", "good"), ("sending", "attic"), ("draft", "good")]


def test_what_stands_again_leaves_by_its_rule_where_nothing_has_left(
    scored: Store, clock: Clock, look, decide
):
    own = OutboxRule("own", "atlas.list", "night", lists=("good", "attic"), approve=True)
    look(own)
    decide("good")
    look(own)
    decide("attic")
    look(own)
    undo_decisions(scored, ANA, clock())
    look(own)
    assert said(scored) == [("withdrawn", "good"), ("withdrawn", "attic"), ("approved", "good")]


def test_the_same_decision_again_after_an_undo_is_drafted_again(scored: Store, clock: Clock, look, decide):
    look(MOVES)
    decide("good")
    undo_decisions(scored, ANA, clock())
    decide("good")
    look(MOVES)
    assert [one for one in said(scored) if one[0] == "draft"] == [("draft", "good")]


def test_the_policies_decisions_and_other_peoples_count_only_where_they_are_named(
    scored: Store, look, decide
):
    named = OutboxRule("bo", "atlas.list", "night", lists=("good", "garbage"), actors=("bo", "vra"))
    look(named)
    decide("good")
    decide("good", 1, Author("bo", "there"))
    decide("garbage", 2, Author("vra", "there"))
    look(named)
    assert sorted(one.content["object_id"] for one in outbox.items(scored)) == [
        str(FIRST_ID + 1), str(FIRST_ID + 2)
    ]  # fmt: skip


def test_what_came_from_a_servers_list_does_not_go_back_there(scored: Store, clock: Clock, look, decide):
    look(MOVES)
    decision = decide("good")
    with transaction(scored):
        scored.execute("DROP TRIGGER decisions_are_never_changed")
        scored.execute("UPDATE decisions SET import_id = 'x' WHERE decision_id = ?", (decision,))
    look(MOVES)
    assert outbox.items(scored) == []


def test_filter_words_choose_among_the_alerts(scored: Store, look, decide):
    far = OutboxRule("far", "atlas.list", "night", lists=("good",), filter="name:t001")
    look(far)
    for number in range(3):
        decide("good", number)
    look(far)
    assert [one.content["object_id"] for one in outbox.items(scored)] == [str(FIRST_ID + 1)]


def test_the_note_of_a_decision_is_a_comment_of_its_own_without_markup(scored: Store, look, decide):
    notes = OutboxRule("notes", "atlas.comment", "night", lists=("good", "attic"))
    look(notes)
    decide("good", note="<b>rising</b> \x1b[31mfast")
    decide("attic")
    decide("good", note="=cmd()")
    look(notes)
    texts = [one.content["text"] for one in outbox.items(scored)]
    assert texts == ["rising fast", "=cmd()"]


def test_new_scores_are_drafted_where_they_changed(store: Store, clock: Clock):
    rules = Rules((RANKS,), TARGETS)
    renew_drafts(store, rules, by="vra", clock=clock)
    ingest_objects(store, [api_object(number) for number in range(2)], clock)
    score_all(store, clock)
    renew_drafts(store, rules, by="vra", clock=clock)
    assert outbox.items(store) == []  # their reasons are not derived yet: it waits for them
    clock.now = clock.now.replace(hour=clock.now.hour + 1)
    assert renew_drafts(store, rules, by="vra", clock=clock).made == 2
    first = outbox.items(store)[0]
    assert set(first.content) == {"object_id", "rank", "is_gal_cand", "at"}
    with transaction(store):  # scored again with the same numbers: that is no news
        store.execute(
            """INSERT INTO scores (alert_id, visit, day, mjd, stage, model, preal, pgal, pfast, rank,
            is_gal_cand, is_tns_match, scored_at) SELECT alert_id, visit + 1, day, mjd, stage, model, preal,
            pgal, pfast, rank, is_gal_cand, is_tns_match, scored_at FROM scores"""
        )
    assert renew_drafts(store, rules, by="vra", clock=clock).made == 0


def test_a_rule_that_cannot_be_followed_holds_up_no_other(scored: Store, look, decide):
    wrong = OutboxRule("wrong", "lasair.annotation", "night", lists=("good",))
    look(wrong, MOVES)
    decide("good")
    drafted = look(OutboxRule("wrong", "atlas.list", "night", lists=("good",), options={"x": 1}), MOVES)
    assert drafted.made == 1
    assert "no option `x`" in (drafted.faults or {})["wrong"]


@pytest.mark.parametrize("seed", range(3))
def test_what_waits_does_not_depend_on_when_rules_look(scored: Store, clock: Clock, look, decide, seed: int):
    chance = random.Random(seed)
    often, late = (
        OutboxRule(name, "atlas.list", name, lists=("good", "attic", "possible"))
        for name in ("often", "late")
    )
    look(often, late)
    for _ in range(25):
        if chance.random() < 0.3 and latest_by(scored, "ana"):
            undo_decisions(scored, ANA, clock(), count=chance.choice([1, 1, 2]))
        else:
            decide(chance.choice(["good", "attic", "possible", "garbage", "pm"]), chance.randrange(3))
        if chance.random() < 0.6:
            look(often)
    look(often, late)
    waiting: dict[str, dict[str, str]] = {"often": {}, "late": {}}
    for item in outbox.items(scored, states=outbox.OPEN):
        waiting[item.target][item.content["object_id"]] = item.content["list"]
    assert waiting["often"] == waiting["late"]
    standing = standing_decisions(scored, [FIRST_ID + number for number in range(3)])
    asked = {str(one.alert_id): one.list for one in standing.values() if one.list in often.lists}
    assert waiting["late"] == asked


@pytest.mark.parametrize("seed", [2, 41, 52])
def test_in_the_end_the_server_has_what_stands_here(scored: Store, clock: Clock, look, decide, seed: int):
    chance = random.Random(seed)
    lists = ("good", "attic", "possible", "garbage")
    rule = OutboxRule("moves", "atlas.list", "night", lists=lists)
    look(rule)
    server: dict[str, str] = {}

    def take(share: float) -> None:
        """The server takes some of what waits, in its order."""
        for item in outbox.items(scored, states=outbox.OPEN):
            if chance.random() < share:
                accept(scored, clock, item)
                object_id, begins = item.content["object_id"], item.content.get("from", ["eyeball"])
                assert server.get(object_id, "eyeball") in (*begins, item.content["list"])
                server[object_id] = item.content["list"]

    for _ in range(25):
        if chance.random() < 0.4 and latest_by(scored, "ana"):
            undo_decisions(scored, ANA, clock(), count=chance.choice([1, 1, 2]))
        else:
            decide(chance.choice(lists), chance.randrange(3))
        if chance.random() < 0.6:
            look(rule)
            take(0.5)
    for _ in range(2):  # a correction is a draft, which somebody approves
        look(rule)
        take(1.0)
    standing = standing_decisions(scored, [FIRST_ID + number for number in range(3)])
    for object_id, where in server.items():
        stands = standing.get(int(object_id))
        assert where == (stands.list if stands else "eyeball")
    assert {str(one) for one in standing} <= set(server)


CONFIG = """
[source.night]
kind = "atlas"
[outbox.rule.moves]
makes = "atlas.list"
target = "night"
lists = ["good"]
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('filter = "rnk>9"', "rnk"), ('lists = ["fasttrack"]', "fasttrack"), ('makes = "atlas.lst"', "Is it"),
        ('target = "day"', r"no \[source.day\]"),
    ],
)  # fmt: skip
def test_rules_are_checked_before_anything_is_made(tmp_path, line: str, told: str):
    path = tmp_path / "config.toml"
    key = line.split(" =")[0]
    text = "\n".join(one for one in CONFIG.splitlines() if not one.startswith(key) or key == "kind")
    path.write_text(text + "\n" + line + "\n")
    with pytest.raises(RuleError, match=told):
        Rules.of(load_config(path))


def test_a_configuration_without_rules_makes_nothing(tmp_path):
    assert Rules.of(load_config(tmp_path / "none.toml")).rules == ()


def test_a_rule_whose_target_is_another_server_is_refused_at_once(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        '[source.night]\nkind = "atlas"\n[outbox.rule.notes]\nmakes = "lasair.annotation"\n'
        'target = "night"\ntopic = "ours"\n'
    )
    with pytest.raises(RuleError, match=r"outbox.rule.notes goes to `night`: it is of the kind `atlas`"):
        Rules.of(load_config(path))


def test_a_label_that_nearly_is_one_is_told_and_others_may_come_later(scored: Store, look, decide):
    slip = OutboxRule("slip", "atlas.list", "night", lists=("god", "attic"))
    own = OutboxRule("own", "atlas.list", "night", lists=("wanted-spectrum",))
    drafted = look(slip, own)
    assert list(drafted.faults or {}) == ["slip"]
    assert "no label `god`; did you mean `good`?" in (drafted.faults or {})["slip"]
