"""Two votes where one asks for them: who still has to vote, whether they agree, who resolves it."""

import pytest

from vra_tui.store.precedence import DecisionNode
from vra_tui.store.second_opinions import ASK, opinion


def vote(name, list_name, scanner, follows="", asks=False):
    return DecisionNode(
        name, list_name, None, scanner, None, frozenset([ASK] if asks else []), tuple(follows)
    )


ASKED = vote("1", "good", "zoe", asks=True)


def test_without_a_request_there_is_no_opinion():
    assert opinion([vote("1", "good", "zoe"), vote("2", "pm", "ada", "1")]) is None
    assert opinion([]) is None


def test_the_asking_vote_counts_and_one_more_is_wanted():
    found = opinion([ASKED])
    assert (found.state, found.votes) == ("wanted", {"zoe": "good"})
    assert found.wants("ada")
    assert not found.wants("zoe")


def test_who_asks_without_voting_leaves_two_votes_to_others():
    rows = [vote("1", "eyeball", "zoe", asks=True), vote("2", "good", "ada", "1")]
    assert opinion(rows).state == "wanted"
    assert opinion([*rows, vote("3", "good", "eve", "2")]).state == "agree"


def test_a_surveys_own_label_is_a_vote_that_says_its_name():
    asked = vote("1", "agn", "zoe", asks=True)
    assert opinion([asked]).votes == {"zoe": "agn"}
    assert opinion([asked, vote("2", "agn", "ada", "1")]).state == "agree"
    assert opinion([asked, vote("2", "good", "ada", "1")]).state == "disagree"


@pytest.mark.parametrize("second", ["good", "followup", "duplicates"])
def test_lists_that_carry_the_same_label_agree(second):
    assert opinion([ASKED, vote("2", second, "ada", "1")]).state == "agree"


def test_labels_that_differ_disagree_until_someone_who_knows_both_decides():
    rows = [ASKED, vote("2", "pm", "ada", "1")]
    assert opinion(rows).state == "disagree"
    resolved = opinion([*rows, vote("3", "pm", "eve", "2")])
    assert (resolved.state, resolved.resolved_by) == ("agree", "eve")


def test_a_voter_may_be_convinced():
    rows = [ASKED, vote("2", "pm", "ada", "1"), vote("3", "pm", "zoe", "2")]
    assert (opinion(rows).state, opinion(rows).resolved_by) == ("agree", "zoe")


def test_a_third_vote_that_did_not_know_of_the_second_resolves_nothing():
    assert opinion([ASKED, vote("2", "pm", "ada", "1"), vote("3", "pm", "eve", "1")]).state == "disagree"


def test_possible_is_no_vote_and_neither_is_the_machine():
    rows = [ASKED, vote("2", "possible", "ada", "1"), vote("3", "garbage", "vra")]
    assert opinion(rows).state == "wanted"


def test_asking_again_begins_anew():
    rows = [ASKED, vote("2", "good", "ada", "1"), vote("3", "eyeball", "eve", "2", asks=True)]
    assert (opinion(rows).state, opinion(rows).votes) == ("wanted", {})


def test_undoing_the_request_takes_it_back():
    assert opinion([ASKED, DecisionNode("2", None, "1", "zoe")]) is None
