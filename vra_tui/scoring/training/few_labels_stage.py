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
from vra_tui.scoring.evaluation.metrics import STREAM_MIXTURE, aurak, bootstrap_areas, mixture_weights
from vra_tui.scoring.model.card import (
    BoosterCard,
    DataCard,
    FigureCard,
    QuestionCard,
    QuestionName,
    ScopeCard,
    StageCard,
    ValidationCard,
)
from vra_tui.scoring.model.library import checksum
from vra_tui.scoring.model.questions import QUESTIONS
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import LabelledRows
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
from vra_tui.scoring.training.recipes import Recipe
from vra_tui.scoring.training.scope_making import summarise_scope
from vra_tui.scoring.training.stage import RowsOrigin, resamples_of
from vra_tui.scoring.training.validation import FOLDS, OutOfFold

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
            _file(f"prior.{question.name}.ubj", prior.recipe, prior.boosters[question.name], files),
            _file(f"labels.{question.name}.ubj", recipe, added, files),
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
    scope = (_scope(rows, _most_used(added_trees), seed, files),)
    cards: dict[Stage, StageCard] = {}
    for stage in (DAY1, DAYN):
        chosen = labelled.at(stage)
        if not chosen.any():
            chosen = np.ones(len(rows), dtype=bool)
        validation = _validation(survey, rows, folded, chosen, seed) if folded is not None else None
        data = _data(rows.where(chosen), source)
        cards[stage] = StageCard(questions=questions, data=data, scope=scope, validation=validation)
    return MadeStages(cards, files, folded)


def _file(name: str, recipe: Recipe, booster: "Booster", files: dict[str, bytes]) -> BoosterCard:
    content = bytes(booster.save_raw(raw_format="ubj"))
    files[name] = content
    return BoosterCard(
        file=name,
        sha256=checksum(content),
        features=recipe.features,
        rounds=recipe.rounds,
        parameters=dict(recipe.parameters),
        monotone=dict(recipe.monotone),
    )


def _most_used(boosters: "list[Booster]") -> tuple[str, ...]:
    """The features that gained the trees most, the best first: what no tree asks for puts nothing outside."""
    gains: dict[str, float] = defaultdict(float)
    for booster in boosters:
        for name, gain in booster.get_score(importance_type="total_gain").items():
            gains[name] += float(gain)  # type: ignore[arg-type]
    return tuple(sorted(gains, key=lambda name: -gains[name])[:_SUMMED_UP])


def _scope(rows: LabelledRows, features: tuple[str, ...], seed: int, files: dict[str, bytes]) -> ScopeCard:
    content = (summarise_scope(rows, features, seed=seed).model_dump_json() + "\n").encode()
    files[_SCOPE] = content
    return ScopeCard(file=_SCOPE, sha256=checksum(content))


def _data(rows: LabelledRows, source: RowsOrigin) -> DataCard:
    found = {str(label): rows.label == label for label in np.unique(rows.label)}
    return DataCard(
        source=source.words,
        features_sha256=source.features_sha256,
        rows={label: int(chosen.sum()) for label, chosen in found.items()},
        objects={label: len(np.unique(rows.table.alert_id[chosen])) for label, chosen in found.items()},
    )


def _validation(
    survey: str, rows: LabelledRows, folded: OutOfFold, chosen: Bools, seed: int
) -> ValidationCard | None:
    """How well the rows of a stage are ordered out of fold; None where none of them is good."""
    judged = rows.where(chosen)
    good = judged.label == "good"
    if not good.any():
        return None
    weight = mixture_weights(judged.label, STREAM_MIXTURE)
    starter = believed(survey, judged.table)
    ranks = folded.rank[:, chosen]
    orders: Mapping[str, Floats] = {
        "rank": ranks,
        "preal": folded.preal[:, chosen],
        "pgal": -folded.pgal[:, chosen],
        "score": survey_score(judged.table)[np.newaxis],
        "starter": rank(starter["preal"], starter["pgal"])[np.newaxis],
    }
    areas = bootstrap_areas(
        {"rank": ranks[0]},
        judged.label,
        seed,
        group=judged.table.alert_id,
        mixture=STREAM_MIXTURE,
        resamples=resamples_of(len(judged)),
    )
    interval = areas.interval("rank")
    return ValidationCard(
        method="out of fold, few labels upon the starter",
        folds=FOLDS,
        repeats=len(ranks),
        mixture=STREAM_MIXTURE,
        ceiling=1 - STREAM_MIXTURE["good"] / 2,
        aurak={name: _figure(found, good, weight) for name, found in orders.items()},
        interval_over_objects=(round(interval.low, 5), round(interval.high, 5)),
    )


def _figure(orders: Floats, good: Bools, weight: Floats) -> FigureCard:
    found = [aurak(order, good, weight) for order in orders]
    spread = float(np.std(found, ddof=1)) if len(found) > 1 else 0.0
    return FigureCard(mean=round(float(np.mean(found)), 5), spread=round(spread, 5))
