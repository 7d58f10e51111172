"""Teach the optional fourth question, worth following up or not, by what scanners did with good alerts."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.scoring.model.card import QuestionCard
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import PFOLLOW
from vra_tui.scoring.training.boosters import LabelledRows, fit, margin, rows_of_object, split_objects
from vra_tui.scoring.training.describing import RowsOrigin, booster_card, data_card
from vra_tui.scoring.training.recipes import Recipe
from vra_tui.scoring.training.table_labels import FEWEST_OBJECTS
from vra_tui.scoring.training.validation import FOLDS

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]

FILE = "labels.pfollow.ubj"
#: Few labels, and a matter of taste: small trees that cannot say much.
_TREES = {
    "eta": 0.05,
    "max_depth": 2,
    "min_child_weight": 2.0,
    "subsample": 0.7,
    "colsample_bynode": 0.3,
    "lambda": 10.0,
}
_ROUNDS = 80


def follow_up_rows(rows: LabelledRows, listed: NDArray[np.str_]) -> LabelledRows | None:
    """The rows that teach it, labelled by the list they were decided to; None with too few of either kind."""
    chosen = PFOLLOW.teaches(listed)
    kept = rows.where(chosen)
    found = LabelledRows(kept.table, listed[chosen])
    for side in (PFOLLOW.positive, PFOLLOW.negative):
        objects = np.unique(found.table.alert_id[np.isin(found.label, side)])
        if len(objects) < FEWEST_OBJECTS:
            return None
    return found


def train_follow_up(
    rows: LabelledRows, features: tuple[str, ...], feature_set: str, source: RowsOrigin, *, seed: int
) -> tuple[QuestionCard, dict[str, bytes]]:
    """The question's card and its file, from the rows of `follow_up_rows`; judged out of fold by object."""
    recipe = Recipe(features, _ROUNDS, _TREES)
    files: dict[str, bytes] = {}
    card = QuestionCard(
        feature_set=feature_set,
        positive=PFOLLOW.positive,
        negative=PFOLLOW.negative,
        boosters=(booster_card(FILE, recipe, _fitted(recipe, rows, seed), files),),
        data=data_card(rows.table.alert_id, rows.label, source),
        figures={"AUC out of fold (0.5 tells nothing)": round(_auc_out_of_fold(recipe, rows, seed), 4)},
    )
    return card, files


def _fitted(recipe: Recipe, rows: LabelledRows, seed: int) -> "Booster":
    """Both kinds count alike, and so does every object."""
    target, weight = PFOLLOW.target(rows.label), 1 / rows_of_object(rows.table.alert_id)
    for side in (0.0, 1.0):
        weight[target == side] *= 0.5 * weight.sum() / weight[target == side].sum()
    return fit(recipe, feature_matrix(rows.table, recipe.features), target, seed=seed, weight=weight)


def _auc_out_of_fold(recipe: Recipe, rows: LabelledRows, seed: int) -> float:
    """Chance that one that was followed up has more than one that was not, by trees that saw neither."""
    part = split_objects(rows.table.alert_id, rows.label, FOLDS, seed)
    found = np.empty(len(rows))
    matrix = feature_matrix(rows.table, recipe.features)
    for fold in range(FOLDS):
        asked = part == fold
        found[asked] = margin(_fitted(recipe, rows.where(~asked), seed), matrix[asked])
    target = PFOLLOW.target(rows.label) > 0
    yes, no = found[target], np.sort(found[~target])
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.mean() / (2 * len(no)))
