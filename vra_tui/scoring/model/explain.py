"""Reasons for a score: the features that changed it most, from the trees' contributions, in words.

The contributions are exact Shapley values of the trees (Lundberg et al. 2020), as XGBoost computes them, in
log-odds against the average training row; those of a question's boosters add up, as their log-odds do.
Features that say the same thing in other units (three measures of scatter) share a topic, and their
contributions are summed: one reason, put in the words of the feature with the greatest part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FEATURE_SETS, FeatureTable
from vra_tui.scoring.model.card import QuestionCard
from vra_tui.scoring.model.feature_words import describe_effect, wording
from vra_tui.scoring.model.threads import by_rows
from vra_tui.scoring.model.trained import Model

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]

#: Reasons for each question unless more are asked for.
REASONS = 3

#: Which way a rise of each question's log-odds moves the VRA rank. P(fast) is no part of it.
RANK_SIGNS = {"preal": 1, "pgal": -1, "pfast": 0, "pfollow": 0}

# Rows from which a second thread is worth starting.
_WORTH_A_THREAD = 500


@dataclass(frozen=True)
class Reason:
    """Why a probability is what it is.

    ``effect``: log-odds it added to ``question``. ``rank_effect``: +1 where that lifts the VRA rank, -1 where
    it lowers it, 0 where the rank does not depend on it. ``value``: of ``feature``; NaN where it has none.
    """

    question: str
    feature: str
    value: float
    effect: float
    rank_effect: int
    text: str


@dataclass(frozen=True, eq=False)
class QuestionReasons:
    """The k strongest reasons for one question of n alerts, strongest first; arrays of shape (n, k).

    ``feature`` indexes ``names``; an ``effect`` of 0 stands where there is no further reason. ``baseline``
    is the log-odds of the average training row; with all contributions added it gives the alert's own.
    """

    question: str
    names: tuple[str, ...]
    baseline: float
    feature: NDArray[np.int64]
    value: Floats
    effect: Floats

    def of(self, row: int) -> list[Reason]:
        """The reasons for one alert in words."""
        sign = RANK_SIGNS.get(self.question, 0)
        return [
            Reason(
                question=self.question,
                feature=self.names[feature],
                value=value,
                effect=effect,
                rank_effect=sign if effect > 0 else -sign,
                text=describe_effect(self.question, self.names[feature], value, effect),
            )
            for feature, value, effect in zip(
                self.feature[row].tolist(), self.value[row].tolist(), self.effect[row].tolist(), strict=True
            )
            if effect
        ]


@dataclass(frozen=True, eq=False)
class Explanations:
    """The reasons for the scores of n alerts, by question."""

    questions: dict[str, QuestionReasons]

    def of(self, row: int) -> list[Reason]:
        """The reasons for one alert: those of P(real) first, then P(galactic), then P(fast)."""
        return [reason for question in self.questions.values() for reason in question.of(row)]


def explain(model: Model, table: FeatureTable, stage: str, k: int = REASONS) -> Explanations:
    """The ``k`` topics that pushed each score of the table's alerts most, for every question it answers.

    Raises ModelError as ``Model.scores`` does; like there, a table without a column of P(fast) is explained
    without it.
    """
    questions = model.questions(stage)
    asked = [name for name in RANK_SIGNS if name in questions and _is_asked(name, questions[name], table)]
    return Explanations({name: _strongest(model, name, questions[name], table, k) for name in asked})


def _is_asked(name: str, question: QuestionCard, table: FeatureTable) -> bool:
    """Tell whether the table asks a question: it must where the rank rests on it."""
    return bool(RANK_SIGNS[name]) or not set(FEATURE_SETS[question.feature_set]).isdisjoint(table.names)


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each feature added to a question's log-odds: ``values`` and ``effects`` of shape (n, m)."""

    names: tuple[str, ...]
    baseline: float
    values: Floats
    effects: Floats


def contributions(model: Model, question: QuestionCard, table: FeatureTable) -> Contributions:
    """The contributions of every feature to one question, summed over its boosters.

    They and the baseline add up to the log-odds of the alert. Raises ModelError for missing columns.
    """
    names = tuple(dict.fromkeys(name for card in question.boosters for name in card.features))
    values, effects = np.empty((len(table), len(names))), np.zeros((len(table), len(names)))
    baseline = 0.0
    for card in question.boosters:
        matrix = model.matrix(card.features, table)
        columns = [names.index(name) for name in card.features]
        values[:, columns] = matrix
        if len(table):
            raw = _shapley(model.booster(card), matrix, card.features)
            effects[:, columns] += raw[:, :-1]
            baseline += float(raw[0, -1])
    return Contributions(names, baseline, values, effects)


def _shapley(booster: "Booster", matrix: Floats, names: Sequence[str]) -> Floats:
    """Contributions and, in the last column, the bias: shape (n, features + 1)."""
    import xgboost

    def of_rows(rows: Floats) -> Floats:
        data = xgboost.DMatrix(rows, feature_names=list(names), nthread=1)
        return np.asarray(booster.predict(data, pred_contribs=True), dtype=np.float64)

    return by_rows(of_rows, matrix, _WORTH_A_THREAD)


def _strongest(
    model: Model, name: str, question: QuestionCard, table: FeatureTable, k: int
) -> QuestionReasons:
    found = contributions(model, question, table)
    effect, speaker = _by_topic(found)
    strongest = np.argsort(-np.abs(effect), axis=1, kind="stable")[:, :k]
    feature = np.take_along_axis(speaker, strongest, axis=1)
    return QuestionReasons(
        question=name,
        names=found.names,
        baseline=found.baseline,
        feature=feature,
        value=np.take_along_axis(found.values, feature, axis=1),
        effect=np.take_along_axis(effect, strongest, axis=1),
    )


def _by_topic(found: Contributions) -> tuple[Floats, NDArray[np.int64]]:
    """Effect of each topic, and its feature with the greatest part in it; both of shape (n, topics)."""
    topics: dict[str, list[int]] = {}
    for index, name in enumerate(found.names):
        topics.setdefault(wording(name).topic, []).append(index)
    effect = np.empty((len(found.effects), len(topics)))
    speaker = np.empty((len(found.effects), len(topics)), dtype=np.int64)
    for position, columns in enumerate(topics.values()):
        parts = found.effects[:, columns]
        effect[:, position] = parts.sum(axis=1)
        speaking = np.argmax(parts * np.sign(effect[:, position, np.newaxis]), axis=1)
        speaker[:, position] = np.array(columns)[speaking]
    return effect, speaker
