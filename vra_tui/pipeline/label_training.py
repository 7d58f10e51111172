"""Train a model on scanners' labels, and compare it with the model in use on alerts that it never saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.label_cards import comparison_card, counts, labels_card, remarks, source_words
from vra_tui.pipeline.label_rows import ALL_LABELS, LabelChoice, LabelRows, StoreLabels, label_rows
from vra_tui.scoring.model.card import (
    CARD_FORMAT,
    BoosterCard,
    ModelCard,
    QuestionCard,
    QuestionName,
    SearchCard,
    Stage,
    StageCard,
)
from vra_tui.scoring.model.library import checksum, load_checked, save_model
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import DAY1, DAYN, STAGES
from vra_tui.scoring.training import search
from vra_tui.scoring.training.boosters import Balance, LabelledRows, balanced
from vra_tui.scoring.training.describing import RowsOrigin
from vra_tui.scoring.training.follow_up import follow_up_rows, train_follow_up
from vra_tui.scoring.training.from_tables import LabelledFiles, probed, read_rows
from vra_tui.scoring.training.new_model import NewModel, check_new
from vra_tui.scoring.training.recipes import SHIPPED, STAGE_COLUMNS, STAGE_FEATURE_SETS
from vra_tui.scoring.training.stage import MadeStage, make_day1, make_dayn
from vra_tui.scoring.training.table_labels import LabelError, shortage
from vra_tui.scoring.training.validation import OutOfFold
from vra_tui.store import Store

#: Told of a step by name, with how much of it is done and how much there is.
Progress = Callable[[str, int, int], None]
Note = Callable[[str], None]

# Rows that cross-validation goes through in all repeats together: few labels are worth judging more often.
_ROWS_JUDGED = 20_000
_MOST_REPEATS = 10
# The search looks at other folds than the figures on the card: far from any seed next to the one asked for.
_SEARCH_SEED = 1_000_003
#: A rank below which none of the famous transients should stand.
LOWEST_PROBE = 6.0

#: The store's rows of a stage with their probabilities out of fold.
FoldedRows = tuple[LabelRows, OutOfFold]

# What is taken over from another model stands under names of its own beside new files.
_KEPT = "kept."


@dataclass(frozen=True)
class LabelTrainingTask:
    """A task: make a model of ATLAS's alerts from the labels of a store.

    ``labels``: which of them. ``base``: the model it is compared with, which lends what is not trained.
    ``stages``: day1 alone, or both. ``base_rows``: labelled tables that teach beside the store's rows, each
    row counting ``base_weight`` of one of those. ``searched``: "grid", so many random settings, or None for
    the recipe's own trees.
    """

    model: NewModel
    base: Path
    labels: LabelChoice = ALL_LABELS
    stages: tuple[Stage, ...] = STAGES
    base_rows: Mapping[Stage, LabelledFiles] = field(default_factory=dict)
    base_weight: float = 1.0
    balance: Balance = "even"
    searched: Literal["grid"] | int | None = None
    threads: int = 2


def train_from_labels(
    store: Store,
    task: LabelTrainingTask,
    *,
    progress: Progress = lambda step, done, of: None,
    note: Note = lambda line: None,
    on_folded: Callable[[list[FoldedRows]], None] = lambda parts: None,
) -> ModelCard:
    """Train on the standing labels of scanners, save the model and return its card.

    ``on_folded`` gets the rows of each stage that was judged, with what models say that never saw them.

    A day-N stage that has too few labels is taken over from the base model, as P(fast) is; without enough
    for day 1 nothing is made. ``note`` gets remarks for the user. Raises VraError in its kinds,
    having written nothing, where labels, tables, base model or folder do not serve.
    """
    check_new(task.model)
    base = load_checked(task.base)
    labels = label_rows(store, choice=task.labels)
    if shortage(labels.day1.rows, DAY1):
        raise LabelError(" ".join([*counts(labels), "Nothing was trained."]))
    for remark in remarks(labels):
        note(remark)
    training = _Training(task, base, labels, progress, note)
    training.train_day1()
    why_not = shortage(labels.dayN.rows, DAYN) if DAYN in task.stages else "Only day1 was asked for."
    if why_not:
        training.keep_dayn_of_base(why_not)
    else:
        training.train_dayn()
    card = training.save()
    on_folded(training.folded)
    return card


@dataclass(frozen=True)
class _StageRows:
    """The rows of a stage: those of the store, and all that teach, base rows among them, weighed."""

    stage: Stage
    of_store: LabelRows
    rows: LabelledRows


class _Training:
    """A model in the making: its stages so far, and the files that they name."""

    def __init__(
        self, task: LabelTrainingTask, base: Model, labels: StoreLabels, progress: Progress, note: Note
    ) -> None:
        self._task, self._base, self._labels = task, base, labels
        self._progress, self._note = progress, note
        self._judged = labels.day1.alert_id
        self._recipes = SHIPPED
        self._stages: dict[Stage, StageCard] = {}
        self._files: dict[str, bytes] = {}
        self._caveats = list(task.model.caveats)
        self.folded: list[FoldedRows] = []
        self._day1 = self._stage_rows(DAY1, labels.day1)

    def train_day1(self) -> None:
        """Train the day1 stage."""
        rows, task = self._day1, self._task
        find = partial(
            search.search_day1,
            rows.rows,
            recipes=self._recipes,
            judged=self._judged,
            threads=task.threads,
        )
        found = self._searched(rows.stage, search.DAY1_SPACE, find)
        if found is not None:
            self._recipes = self._recipes.with_trees(day1=found.chosen)
        made = make_day1(
            rows.rows,
            self._source(rows),
            seed=task.model.seed,
            repeats=self._repeats(rows),
            threads=task.threads,
            progress=partial(self._progress, "day1: cross-validation"),
            recipes=self._recipes,
            judged=self._judged,
        )
        self._add(rows, made, found)

    def train_dayn(self) -> None:
        """Train the dayN stage upon the day1 stage."""
        rows, task = self._stage_rows(DAYN, self._labels.dayN), self._task
        both = self._day1.rows, rows.rows
        find = partial(
            search.search_dayn, *both, recipes=self._recipes, judged=self._judged, threads=task.threads
        )
        found = self._searched(rows.stage, search.DAYN_SPACE, find)
        if found is not None:
            self._recipes = self._recipes.with_trees(dayN=found.chosen)
        made = make_dayn(
            self._day1.rows,
            self._stages[DAY1],
            rows.rows,
            self._source(rows),
            seed=task.model.seed,
            repeats=self._repeats(rows),
            threads=task.threads,
            progress=partial(self._progress, "dayN: cross-validation"),
            recipes=self._recipes,
            judged=self._judged,
        )
        self._add(rows, made, found)

    def keep_dayn_of_base(self, why: str) -> None:
        """Take dayN over from the base model, with its day-1 boosters, so that visits can be scored."""
        base = self._base.card.stages.get(DAYN)
        origin = base.kept_from if base is not None and base.kept_from else self._base.name
        if base is None:
            self._note(f"{why} The model has no dayN stage, and {self._base.name} has none to lend.")
            return
        self._note(f"{why} The dayN stage is that of {origin}.")
        self._caveats.append(
            f"Ranks at entry are by new trees, those of visits by the trees of {origin}: a rank may "
            "step at the first visit for no other reason."
        )
        questions = {name: self._kept(card) for name, card in base.questions.items()}
        scope = tuple(part.model_copy(update={"file": self._copied(part.file)}) for part in base.scope)
        self._stages[DAYN] = base.model_copy(
            update={"questions": questions, "scope": scope, "kept_from": origin}
        )

    def save(self) -> ModelCard:
        """Write the model and return its card."""
        import xgboost

        task = self._task
        card = ModelCard(
            format=CARD_FORMAT,
            name=task.model.name,
            created=task.model.date,
            seed=task.model.seed,
            library={"xgboost": xgboost.__version__},
            purpose=self._base.card.purpose,
            not_for=self._base.card.not_for,
            caveats=tuple(self._caveats),
            stages=self._stages,
        )
        card = probed(card, task.model.folder, self._files)
        card = card.model_copy(update={"caveats": (*card.caveats, *self._probe_warnings(card))})
        save_model(task.model.folder, card, self._files)
        return card

    def _probe_warnings(self, card: ModelCard) -> list[str]:
        """A sentence for each stage at which a famous transient would stand low, and lower than by now."""
        warnings = []
        for stage, made in card.stages.items():
            base = self._base.card.stages.get(stage)
            name = min(made.probes, key=lambda probe: made.probes[probe])
            before = base.probes.get(name, np.inf) if base is not None else np.inf
            if made.probes[name] < min(LOWEST_PROBE, before):
                warnings.append(
                    f"A transient that nobody may miss would stand low at {stage}: {name} at rank "
                    f"{made.probes[name]:.1f}, by {self._base.name} at {before:.1f}. The labels hold few "
                    "like it; base rows may help."
                )
        return warnings

    def _stage_rows(self, stage: Stage, of_store: LabelRows) -> _StageRows:
        columns, known = STAGE_COLUMNS[stage], of_store.rows
        rows = LabelledRows(
            FeatureTable(of_store.alert_id, columns, known.table.select(columns)), known.label
        )
        table = self._task.base_rows.get(stage)
        if table is not None:
            beside = read_rows(table, stage, self._note)
            # The store knows better, and what is judged may not teach.
            new = ~np.isin(beside.table.alert_id, self._judged)
            if not new.all():
                self._note(
                    f"{int((~new).sum())} rows of {table.features} are labelled in the store; left out."
                )
            weight = np.full(int(new.sum()), self._task.base_weight)
            taken = beside.where(new)
            rows = LabelledRows.concatenate([rows, LabelledRows(taken.table, taken.label, weight)])
        return _StageRows(stage, of_store, balanced(rows, self._task.balance, seed=self._task.model.seed))

    def _searched(
        self, stage: Stage, space: search.Space, find: Callable[..., search.BestTrees]
    ) -> SearchCard | None:
        """Return what the search of a stage found; None where none was asked for."""
        wanted, seed = self._task.searched, self._task.model.seed + _SEARCH_SEED
        if wanted is None:
            return None
        trees = search.grid(space) if wanted == "grid" else search.drawn(wanted, seed)
        step = partial(self._progress, f"{stage}: search")
        found = find(candidates=trees, rounds=space["rounds"], seed=seed, progress=step)
        return SearchCard(
            how="grid" if wanted == "grid" else "random",
            space=dict(space) if wanted == "grid" else {**search.DRAWN, "rounds": space["rounds"]},
            tried=found.tried,
            chosen=dict(found.trees),
            aurak=round(found.aurak, 5),
            aurak_of_recipe=round(found.aurak_of_recipe, 5),
        )

    def _repeats(self, rows: _StageRows) -> int:
        if self._task.model.repeats is not None:
            return self._task.model.repeats
        return int(np.clip(_ROWS_JUDGED // len(rows.of_store), 1, _MOST_REPEATS))

    def _source(self, rows: _StageRows) -> RowsOrigin:
        values = np.ascontiguousarray(rows.rows.table.values)
        return RowsOrigin(source_words(rows.of_store), checksum(values.tobytes()))

    def _add(self, rows: _StageRows, made: MadeStage, found: SearchCard | None) -> None:
        """Put a trained stage in, with all that its card says beside, and P(fast) of the base model."""
        task, stage = self._task, rows.stage
        self._files |= made.files
        questions: dict[QuestionName, QuestionCard] = dict(made.card.questions)
        lent = self._base.card.stages.get(stage)
        if lent is not None and "pfast" in lent.questions:
            questions["pfast"] = self._kept(lent.questions["pfast"])
        followed = self._follow_up()
        if followed is not None:
            questions["pfollow"] = followed.model_copy(update={"feature_set": STAGE_FEATURE_SETS[stage]})
        comparison = None
        if made.folded is not None:
            self.folded.append((rows.of_store, made.folded))
        if made.folded is not None and lent is not None:
            rank = made.folded.rank[0]
            comparison = comparison_card(rows.of_store, rank, self._base, stage, task.model.seed)
        table = task.base_rows.get(stage)
        labels = labels_card(
            self._labels,
            rows.of_store,
            task.balance,
            base_rows=len(rows.rows) - len(rows.of_store),
            base_source=table.features.name if table else "",
            base_weight=task.base_weight,
        )
        self._stages[stage] = made.card.model_copy(
            update={"questions": questions, "labels": labels, "search": found, "comparison": comparison}
        )

    def _follow_up(self) -> QuestionCard | None:
        """The optional fourth question, from first looks alone; None with too few of either kind."""
        of_store = self._labels.day1
        taught = follow_up_rows(of_store.rows, of_store.listed)
        if taught is None:
            return None
        card, files = train_follow_up(
            taught,
            self._recipes.day1["preal"].features,
            STAGE_FEATURE_SETS[DAY1],
            self._source(self._day1),
            seed=self._task.model.seed,
        )
        self._files |= files
        return card

    def _kept(self, question: QuestionCard) -> QuestionCard:
        """A question of the base model, its boosters under names of their own."""
        boosters: list[BoosterCard] = [
            booster.model_copy(update={"file": self._copied(booster.file)}) for booster in question.boosters
        ]
        return question.model_copy(update={"boosters": tuple(boosters)})

    def _copied(self, name: str) -> str:
        kept = name if name.startswith(_KEPT) else _KEPT + name
        self._files[kept] = (self._base.folder / name).read_bytes()
        return kept
