"""Ask models that never saw them what they say of the labels of a store."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import DAYN_FEATURES, FeatureTable
from vra_tui.pipeline.label_rows import LabelRows, StoreLabels, label_rows
from vra_tui.pipeline.stream_training import some_alerts
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.model.questions import QUESTIONS
from vra_tui.scoring.stages import DAY1, DAYN, Stage
from vra_tui.scoring.training.boosters import LabelledRows, balanced
from vra_tui.scoring.training.few_labels import Prior, cross_validate_few, few_labels_recipe
from vra_tui.scoring.training.recipes import SHIPPED, STAGE_COLUMNS, Recipes
from vra_tui.scoring.training.table_labels import LabelError, shortage
from vra_tui.scoring.training.validation import OutOfFold, cross_validate
from vra_tui.store import Store
from vra_tui.store.evenings import decided_by_survey

if TYPE_CHECKING:
    from vra_tui.pipeline.label_training import FoldedRows

Floats = NDArray[np.float64]

#: Told of a step by name, with how much of it is done and how much there is.
Progress = Callable[[str, int, int], None]

_REPEATS = 2
_TEXTS = ("label", "decision_id")


@dataclass(frozen=True, eq=False)
class FoldedLabels:
    """Labels with what models that never saw their alerts say of these; shape (n,) each, by alert."""

    alert_id: NDArray[np.int64]
    label: NDArray[np.str_]
    decision_id: NDArray[np.str_]
    preal: Floats
    pgal: Floats

    @classmethod
    def of(cls, parts: "Sequence[FoldedRows]") -> "FoldedLabels":
        """One row an alert: the last of its rows in the last of the parts that has any.

        ``parts``: rows with their probabilities out of fold, the entries first.
        """
        rows = [rows for rows, _ in parts]
        ids = np.concatenate([one.alert_id for one in rows])
        last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
        label, decision_id = (np.concatenate([getattr(one, name) for one in rows])[last] for name in _TEXTS)
        preal, pgal = (
            np.concatenate([getattr(folded, name).mean(axis=0) for _, folded in parts])[last]
            for name in ("preal", "pgal")
        )
        return cls(ids[last], label, decision_id, preal, pgal)


@dataclass(frozen=True)
class LabelFolder:
    """Folds the labels of surveys. ``recipes``: of ATLAS's models; every other survey has small trees.

    ``seed`` of the folds; ``repeats`` of cross-validation; ``threads``: fits side by side.
    """

    store: Store
    seed: int = 1
    repeats: int = _REPEATS
    threads: int = 1
    recipes: Recipes = SHIPPED
    progress: Progress = lambda step, done, of: None

    def labels(self, survey: str) -> StoreLabels:
        """The labels of a survey, with the features that its models read."""
        columns = DAYN_FEATURES if survey == DEFAULT_SURVEY else STREAM_1
        return label_rows(self.store, columns=columns, survey=survey)

    def fold(self, survey: str, labels: StoreLabels) -> FoldedLabels:
        """Tell what models say of labels that they never saw. Raises LabelError for too few labels."""
        if missing := shortage(labels.day1.rows, f"a model for {survey}"):
            raise LabelError(f"{missing} No label of {survey} can be doubted yet.")
        parts = self._with_visits(labels) if survey == DEFAULT_SURVEY else self._of_stream(survey, labels)
        return FoldedLabels.of(parts)

    def every(self, note: Callable[[str], None]) -> Iterator[tuple[str, FoldedLabels]]:
        """The labels of each survey that has enough of them; ``note`` is told of those that have not."""
        for survey in decided_by_survey(self.store):
            try:
                yield survey, self.fold(survey, self.labels(survey))
            except LabelError as error:
                note(f"{survey}: {error}")

    def _with_visits(self, labels: StoreLabels) -> "list[FoldedRows]":
        day1 = _training_rows(labels.day1, DAY1, self.seed)
        visits = _training_rows(labels.dayN, DAYN, self.seed)
        steps: list[tuple[str, LabelRows, LabelledRows | None]] = [("entries", labels.day1, None)]
        if shortage(labels.dayN.rows, DAYN) is None:
            steps.append(("visits", labels.dayN, visits))
        return [(rows, self._validated(f"labels at {step}", day1, later)) for step, rows, later in steps]

    def _validated(self, step: str, day1: LabelledRows, visits: LabelledRows | None) -> OutOfFold:
        return cross_validate(
            day1,
            visits,
            seed=self.seed,
            repeats=self.repeats,
            threads=self.threads,
            progress=lambda done, of: self.progress(step, done, of),
            recipes=self.recipes,
        )

    def _of_stream(self, survey: str, labels: StoreLabels) -> "list[FoldedRows]":
        both = LabelledRows.concatenate([labels.day1.rows, labels.dayN.rows])
        rows = LabelledRows(both.table, both.label)
        prior = Prior.taught(survey, some_alerts(self.store, survey, self.seed), seed=self.seed)
        believed: dict[str, Floats] = {
            question.name: prior.log_odds(question, rows.table) for question in QUESTIONS
        }
        folded = cross_validate_few(
            rows, believed, few_labels_recipe(rows.table), seed=self.seed, repeats=self.repeats
        )
        first = len(labels.day1)
        return [
            (part, folded.where(chosen))
            for part, chosen in ((labels.day1, slice(first)), (labels.dayN, slice(first, None)))
        ]


def _training_rows(rows: LabelRows, stage: Stage, seed: int) -> LabelledRows:
    columns = STAGE_COLUMNS[stage]
    table = FeatureTable(rows.alert_id, columns, rows.rows.table.select(columns))
    return balanced(LabelledRows(table, rows.label), "even", seed=seed)
