"""Decisions carry the survey's ids, keys and encodings (DESIGN.md section 2)."""

from vra_tui.ranking.lists import DECISIONS, LIST_ORDER


def test_every_decision_has_a_key_of_its_own():
    keys = [decision.key for decision in DECISIONS.values()]
    assert len(set(keys)) == len(keys)


def test_decisions_are_encoded_as_the_survey_encodes_them():
    encoded = {name: (d.list_id, d.key, d.preal, d.pgal, d.pfast) for name, d in DECISIONS.items()}
    assert encoded == {
        "garbage": (0, "t", 0.0, None, None),
        "followup": (1, "c", 1.0, 0.0, 0.5),
        "good": (2, "g", 1.0, 0.0, None),
        "possible": (3, "p", 0.5, None, None),
        "eyeball": (4, "e", None, None, None),
        "attic": (5, "a", 1.0, 1.0, None),
        "pm": (11, "s", 0.0, 1.0, None),
        "duplicates": (13, "d", 1.0, 0.0, None),
    }


def test_labels_are_those_that_models_are_trained_on():
    assert {d.label for d in DECISIONS.values()} == {"good", "galactic", "garbage", "pm", ""}


def test_every_decision_files_into_a_list_that_is_offered():
    assert set(DECISIONS) <= set(LIST_ORDER)
