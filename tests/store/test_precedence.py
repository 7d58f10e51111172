"""What stands follows from the set of decisions, not from the order in which they came together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.decision_ids import new_id
from vra_tui.store.precedence import DecisionNode, heads, is_in_conflict, standing_decision


def decision(name, list_name, scanner="zoe", follows=()):
    return DecisionNode(name, list_name, None, scanner, follows=tuple(follows))


def undo(name, reverts, scanner="zoe"):
    return DecisionNode(name, None, reverts, scanner)


def test_the_latest_decision_stands():
    assert standing_decision([decision("1", "good"), decision("2", "pm")]).list == "pm"


def test_a_scanner_outweighs_a_later_decision_of_the_policies():
    assert standing_decision([decision("1", "good"), decision("2", "garbage", MACHINE)]).list == "good"


def test_without_a_scanner_the_policies_latest_stands():
    rows = [decision("1", "garbage", MACHINE), decision("2", "eyeball", MACHINE)]
    assert standing_decision(rows).list == "eyeball"
    assert standing_decision([]) is None


def test_decisions_that_did_not_know_of_each_other_and_differ_are_in_conflict():
    assert is_in_conflict([decision("1", "good", "zoe"), decision("2", "pm", "ada")])
    assert not is_in_conflict([decision("1", "good", "zoe"), decision("2", "good", "ada")])


def test_who_knew_of_a_decision_and_decides_otherwise_corrects_it():
    assert not is_in_conflict([decision("1", "good", "zoe"), decision("2", "pm", "ada", "1")])


def test_who_knew_of_both_resolves_a_conflict_until_it_is_undone():
    rows = [decision("1", "good", "zoe"), decision("2", "pm", "ada"), decision("3", "pm", "eve", "12")]
    assert [head.decision_id for head in heads(rows)] == ["3"]
    assert is_in_conflict([*rows, undo("4", "3", "eve")])


def test_what_was_superseded_by_way_of_an_undone_decision_stays_superseded():
    rows = [decision("1", "good"), decision("2", "pm", follows="1"), undo("3", "2"), decision("4", "pm")]
    chained = [*rows[:3], replace(rows[3], follows=("2",))]
    assert is_in_conflict(rows)
    assert not is_in_conflict(chained)


LISTS = st.sampled_from(["good", "garbage", "pm", "eyeball", None])


@st.composite
def histories(draw):
    rows = []
    for number in range(draw(st.integers(0, 8))):
        name, scanner = f"{number:02d}", draw(st.sampled_from(["zoe", "ada", MACHINE]))
        earlier = [row.decision_id for row in rows]
        filed = draw(LISTS)
        if filed is None:
            rows.append(undo(name, draw(st.sampled_from([*earlier, "elsewhere"])), scanner))
        else:
            known = draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []
            rows.append(decision(name, filed, scanner, known))
    return rows


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_and_the_number_of_times_do_not_matter(rows, random):
    shuffled = [*rows, *rows[: len(rows) // 2]]
    random.shuffle(shuffled)
    assert standing_decision(shuffled) == standing_decision(rows)
    assert is_in_conflict(set(shuffled)) == is_in_conflict(rows)


@given(st.lists(st.integers(-3_000, 3_000), min_size=2, max_size=30))
def test_an_id_sorts_after_all_that_was_known_though_the_clock_was_put_back(milliseconds):
    start, latest = datetime(2026, 3, 1, tzinfo=UTC), None
    for step in milliseconds:
        one = new_id(start + timedelta(milliseconds=step), latest)
        assert latest is None or one > latest
        latest = one
