from pathlib import Path

from vra_tui.scoring.model.card import describe
from vra_tui.scoring.model.trained import load_model


def test_the_card_in_words_says_what_it_was_made_of_how_well_it_does_and_what_it_is_not_for(
    trained: Path,
) -> None:
    text = "\n".join(describe(load_model(trained).card))
    assert "trained on: made-up rows" in text
    assert "garbage 30 rows of 30 objects" in text
    assert "AuRaK combined rank: 0." in text
    assert "Not for\n" in text
    assert "Keep in mind\n  - made up" in text


def test_a_stage_that_was_not_validated_says_so(trained: Path) -> None:
    card = load_model(trained).card
    assert card.stages["dayN"].validation is None
    assert "not cross-validated" in "\n".join(describe(card))


def test_the_card_holds_what_is_needed_to_make_the_model_again(trained: Path) -> None:
    card = load_model(trained).card
    assert (card.seed, card.created, set(card.library)) == (7, "2026-11-22", {"xgboost"})
    for stage in card.stages.values():
        assert len(stage.data.features_sha256) == 64
        assert sum(stage.data.objects.values()) == 120
        assert all(booster.parameters for part in stage.questions.values() for booster in part.boosters)
