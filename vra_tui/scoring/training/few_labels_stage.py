"""Make both stages of a model from few labels of a survey, and describe them on the card.

One pair of boosters a question serves both stages: `stream-1` says itself how much is known of an alert.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.rank import rank
from vra_tui.scoring.model.card import QuestionCard, QuestionName, StageCard, ValidationCard
from vra_tui.scoring.model.questions import QUESTIONS
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.describing import (
    RowsOrigin,
    booster_card,
    data_card,
    scope_card,
    validation_card,
)
from vra_tui.scoring.training.few_labels import (
    FEATURE_SET,
    Prior,
    believed,
    cross_validate_few,
    few_labels_recipe,
    fit_labels,
    survey_score,
)
from vra_tui.scoring.training.follow_up import follow_up_rows, train_follow_up
from vra_tui.scoring.training.validation import OutOfFold, figures

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SCOPE = "stream.scope.json"
# Fewer than a summary may hold: of many features one is always unusual.
_SUMMED_UP = 30


@dataclass(frozen=True, eq=False)
class StreamRows:
    """Labelled rows of a survey's alerts, of both stages together.

    ``is_entry``, shape (n,): of day1. ``listed``, shape (n,): the lists they were decided to.
    """

    rows: LabelledRows
    is_entry: Bools
    listed: NDArray[np.str_]

    def at(self, stage: Stage) -> Bools:
        """Which rows are of a stage."""
        return self.is_entry if stage == DAY1 else ~self.is_entry


@dataclass(frozen=True, eq=False)
class MadeStages:
    """The stages' cards, the files that they name, and the rows' probabilities out of fold (None without)."""

    cards: dict[Stage, StageCard]
    files: dict[str, bytes]
    folded: OutOfFold | None


def make_stages(
    survey: str,
    labelled: StreamRows,
    alerts: FeatureTable,
    source: RowsOrigin,
    *,
    seed: int,
    repeats: int,
    threads: int = 1,
    progress: Callable[[str, int, int], None] = lambda step, done, of: None,
) -> MadeStages:
    """Train on labelled rows of a survey; ``alerts``: any alerts of it, on which the starter is taught.

    ``repeats`` of cross-validation; 0 leaves it out, and the cards say so.
    """
    rows = labelled.rows
    prior = Prior.taught(survey, alerts, seed=seed, threads=threads)
    recipe = few_labels_recipe(rows.table)
    known: dict[str, Floats] = {question.name: prior.log_odds(question, rows.table) for question in QUESTIONS}
    files: dict[str, bytes] = {}
    questions: dict[QuestionName, QuestionCard] = {}
    added_trees: list[Booster] = []
    for number, question in enumerate(QUESTIONS):
        added = fit_labels(question, rows, known[question.name], recipe, seed=seed, threads=threads)
        added_trees.append(added)
        boosters = (
            booster_card(f"prior.{question.name}.ubj", prior.recipe, prior.boosters[question.name], files),
            booster_card(f"labels.{question.name}.ubj", recipe, added, files),
        )
        questions[question.name] = QuestionCard(
            feature_set=FEATURE_SET,
            positive=question.positive,
            negative=question.negative,
            boosters=boosters,
        )
        progress("training", number + 1, len(QUESTIONS))
    followed = follow_up_rows(rows, labelled.listed)
    if followed is not None:
        questions["pfollow"], more = train_follow_up(
            followed, recipe.features, FEATURE_SET, source, seed=seed
        )
        files |= more
    folded = None
    if repeats:
        folded = cross_validate_few(rows, known, recipe, seed=seed, repeats=repeats)
    scope = (scope_card(_SCOPE, rows, _most_used(added_trees), seed, files),)
    cards: dict[Stage, StageCard] = {}
    for stage in (DAY1, DAYN):
        chosen = labelled.at(stage)
        if not chosen.any():
            chosen = np.ones(len(rows), dtype=bool)
        validation = _validation(survey, rows, folded, chosen, seed) if folded is not None else None
        data = data_card(rows.table.alert_id[chosen], rows.label[chosen], source)
        cards[stage] = StageCard(questions=questions, data=data, scope=scope, validation=validation)
    return MadeStages(cards, files, folded)


def _most_used(boosters: "list[Booster]") -> tuple[str, ...]:
    """The features that gained the trees most, the best first: what no tree asks for puts nothing outside."""
    gains: dict[str, float] = defaultdict(float)
    for booster in boosters:
        for name, gain in booster.get_score(importance_type="total_gain").items():
            gains[name] += float(gain)  # type: ignore[arg-type]
    return tuple(sorted(gains, key=lambda name: -gains[name])[:_SUMMED_UP])


def _validation(
    survey: str, rows: LabelledRows, folded: OutOfFold, chosen: Bools, seed: int
) -> ValidationCard | None:
    """How well the rows of a stage are ordered out of fold; None where none of them is good."""
    judged, known = rows.where(chosen), folded.where(chosen)
    if not (judged.label == "good").any():
        return None
    starter = believed(survey, judged.table)
    orders: Mapping[str, Floats] = {
        "rank": known.rank,
        "preal": known.preal,
        "pgal": -known.pgal,
        "score": survey_score(judged.table)[np.newaxis],
        "starter": rank(starter["preal"], starter["pgal"])[np.newaxis],
    }
    return validation_card(
        "few labels upon the starter", judged, known.rank, figures(orders, judged.label), seed
    )
