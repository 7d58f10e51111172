"""Samples made for the tests of evaluation."""

import numpy as np

from tests.scoring.synthetic import KINDS, labelled_rows
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.evaluation.sample import EvaluationSample
from vra_tui.scoring.evaluation.scorers import Probabilities
from vra_tui.scoring.model.card import StageCard
from vra_tui.scoring.training.boosters import LabelledRows


def sample_of(
    label: list[str], rb_pix: list[float] | None = None, alert_id: list[int] | None = None
) -> EvaluationSample:
    """Rows with these labels and nothing but rb_pix for a feature."""
    values = np.full(len(label), 0.5) if rb_pix is None else np.array(rb_pix)
    ids = np.arange(len(label)) if alert_id is None else np.array(alert_id)
    table = FeatureTable(ids, ("rb_pix",), values[:, np.newaxis])
    return EvaluationSample("day1", LabelledRows(table, np.array(label)))


def drawn_sample(rows: int, seed: int = 0, apart: float = 1.0) -> tuple[EvaluationSample, np.ndarray]:
    """Rows of all kinds in turn, and a score that is higher by ``apart`` for the good ones."""
    label = [KINDS[number % len(KINDS)] for number in range(rows)]
    score = np.random.default_rng(seed).normal(size=rows) + apart * (np.array(label) == "good")
    return sample_of(label, rb_pix=np.random.default_rng(seed + 1).random(rows).tolist()), score


def answers_of(preal: list[float], pgal: list[float] | None = None) -> Probabilities:
    given = np.array(preal)
    return Probabilities(given, np.zeros(len(given)) if pgal is None else np.array(pgal))


def shortened(stage: StageCard, rounds: int = 20) -> StageCard:
    """The recipe of a stage with few trees, for tests that grow it often."""
    questions = {
        name: card.model_copy(
            update={"boosters": tuple(one.model_copy(update={"rounds": rounds}) for one in card.boosters)}
        )
        for name, card in stage.questions.items()
    }
    return stage.model_copy(update={"questions": questions})


def day1_sample(objects: int = 160, seed: int = 0) -> EvaluationSample:
    return EvaluationSample("day1", labelled_rows(objects, seed=seed))
