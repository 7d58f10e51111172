"""Training P(fast) on simulated alerts, and putting it into a model beside P(real) and P(galactic)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FAST_FEATURES
from vra_tui.pipeline.fast_rows import NO_SPEED, FastRows, teaching_rows
from vra_tui.scoring.evaluation.metrics import recall_at_k
from vra_tui.scoring.model.card import (
    ModelCard,
    QuestionCard,
    Stage,
    StageCard,
    files_of,
)
from vra_tui.scoring.model.library import checksum, save_model
from vra_tui.scoring.model.trained import ModelError, load_model
from vra_tui.scoring.stages import STAGES
from vra_tui.scoring.training.boosters import fit, margin
from vra_tui.scoring.training.describing import RowsOrigin, booster_card, data_card
from vra_tui.scoring.training.new_model import NewModel, check_new
from vra_tui.scoring.training.recipes import Recipe

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]

FAST_SET = "vra-fast-1"

#: Fading, and a limit that demands it or a rise, can only speak for a fast one. Depth 3 to 5, half the step
#: with twice the rounds, and stronger leaves are all within 0.002 of this on simulated alerts.
FAST = Recipe(
    FAST_FEATURES,
    250,
    MappingProxyType(
        {
            "eta": 0.06,
            "max_depth": 4,
            "min_child_weight": 15,
            "subsample": 0.6,
            "colsample_bynode": 0.5,
            "lambda": 5,
        }
    ),
    MappingProxyType({"rise_from_limit": 1, "fall_to_limit": -1, "rate_down": -1, "faded": 1}),
)

#: Weight of all fast rows, in units of all others. More finds no more of them, and puts twice as many other
#: alerts above a P(fast) of 0.5, where they crowd the fast track.
FAST_WEIGHT = 0.3

# Far from any seed next to the one that was asked for.
_UNSEEN_SEED = 1_000_003

#: Share of the list within which the fast are looked for.
LIST_SHARES = (0.1, 0.2)


@dataclass(frozen=True)
class FastTrainingTask:
    """A task: make a model with all of ``base`` and P(fast) beside it.

    ``alerts``: how many are simulated to learn from. Those that judge it make cross-validation needless:
    ``model.repeats`` is not looked at.
    """

    model: NewModel
    base: Path
    alerts: int
    threads: int = 1


def alerts_to_simulate(task: FastTrainingTask) -> int:
    """Tell how many alerts training simulates: those to learn from, and a third as many to judge it by."""
    return task.alerts + task.alerts // 3


def train_fast(task: FastTrainingTask, *, progress: Callable[[int], None] = lambda done: None) -> ModelCard:
    """Simulate, train P(fast) for both stages and save the model; returns its card.

    The boosters of the base model are copied as they are. A third as many alerts as it is trained on, from
    another seed, are simulated to judge it; ``progress`` hears of finished ones. Raises VraError, having
    written nothing, where the base model cannot be used, the folder is taken, or nothing can be simulated.
    """
    model = task.model
    check_new(model)  # before the hours that it takes
    base = load_model(task.base)
    missing = [stage for stage in STAGES if stage not in base.card.stages]
    if missing:
        raise ModelError(
            f"Model {base.name} lacks the stage {missing[0]}. Train that first; nothing was made."
        )
    rows = teaching_rows(task.alerts, model.seed, progress=progress)
    unseen = teaching_rows(task.alerts // 3, model.seed + _UNSEEN_SEED, progress=progress)
    words = f"{task.alerts:,} alerts of the simulator, seed {model.seed}"
    files = {name: (task.base / name).read_bytes() for name in files_of(base.card)}
    stages: dict[Stage, StageCard] = dict(base.card.stages)
    for stage in STAGES:
        booster = fit_fast(rows, stage, seed=model.seed, threads=task.threads)
        figures = judge(booster, unseen, stage)
        question = _question(booster, stage, rows, words, figures, files)
        questions = {**stages[stage].questions, "pfast": question}
        stages[stage] = stages[stage].model_copy(update={"questions": questions})
    card = base.card.model_copy(
        update={
            "name": model.name,
            "created": model.date,
            "purpose": f"{base.card.purpose.removesuffix('.')}; P(fast) beside them.",
            "caveats": (*base.card.caveats, *model.caveats),
            "stages": stages,
        }
    )
    save_model(model.folder, card, files)
    return card


def fit_fast(rows: FastRows, stage: str, *, seed: int, threads: int = 1) -> "Booster":
    """The booster of a stage: fast against everything else."""
    known = rows.where(rows.stage == stage)
    target = (known.speed == "fast").astype(np.float64)
    matrix = known.table.select(FAST.features)
    return fit(FAST, matrix, target, seed=seed, weight=row_weights(known), threads=threads)


def row_weights(rows: FastRows) -> Floats:
    """Weight of each row, shape (n,), of mean 1: every alert counts alike, however often it was visited."""
    _, member, count = np.unique(rows.table.alert_id, return_inverse=True, return_counts=True)
    weight = 1.0 / count[member]
    fast = rows.speed == "fast"
    if fast.any() and not fast.all():
        weight[fast] *= FAST_WEIGHT * weight[~fast].sum() / weight[fast].sum()
    return np.asarray(weight / weight.mean())


#: Explosions and their shares in a magnitude-limited sample (ZTF Bright Transient Survey); 1.5 % are fast.
BRIGHT_SAMPLE: Mapping[str, float] = MappingProxyType(
    {
        "sn_ia": 0.74,
        "sn_ii": 0.145,
        "sn_ibc": 0.05,
        "sn_iin": 0.03,
        "slsn": 0.013,
        "sn_iib": 0.012,
        "tde": 0.01,
    }
)
FAST_SHARE = 0.015
_FAST_KINDS = ("fast_blue", "nova")


def judge(booster: "Booster", unseen: FastRows, stage: str) -> dict[str, float]:
    """Figures on simulated alerts the booster never saw.

    ``auc``: probability that a fast alert stands above another at the same stage, all kinds of real source.
    ``recall 20 % day D``: share of the fast within the first fifth of a list like that of a survey without
    limits, D days after the first detection, see `bright_sample`.
    """
    here = unseen.where((unseen.stage == stage) & ~unseen.is_bare & (unseen.speed != NO_SPEED))
    figures = {"auc": _auc(_log_odds(booster, here), here.speed == "fast")}
    for day in np.unique(unseen.day[(unseen.stage == stage) & unseen.is_bare]).tolist():
        there = unseen.where((unseen.stage == stage) & unseen.is_bare & (unseen.day == day))
        sample, weight = bright_sample(there)
        fast = sample.speed == "fast"
        if fast.any() and not fast.all():
            found = recall_within(_log_odds(booster, sample), fast, weight, LIST_SHARES)
            for share, recall in zip(LIST_SHARES, found, strict=True):
                figures[f"recall {share:.0%} day {day:g}"] = recall
    return {name: round(value, 4) for name, value in figures.items()}


def bright_sample(rows: FastRows) -> tuple[FastRows, Floats]:
    """The explosions among the rows, and weights that give them the shares of a magnitude-limited sample."""
    chosen = rows.where(np.isin(rows.kind, (*BRIGHT_SAMPLE, *_FAST_KINDS)))
    fast = chosen.speed == "fast"
    weight = np.zeros(len(chosen))
    for kind, share in BRIGHT_SAMPLE.items():
        mine = (chosen.kind == kind) & ~fast
        if mine.any():
            weight[mine] = share / mine.sum()
    if weight.any():
        weight *= (1 - FAST_SHARE) / weight.sum()
    weight[fast] = FAST_SHARE / max(int(fast.sum()), 1)
    return chosen, weight


def recall_within(
    score: Floats, relevant: NDArray[np.bool_], weight: Floats, shares: tuple[float, ...]
) -> list[float]:
    """Recall within each share of a weighted list ordered by score, best first."""
    order = np.argsort(-score, kind="stable")
    read = np.cumsum(weight[order]) / weight.sum()
    found = np.cumsum((weight * relevant)[order]) / (weight * relevant).sum()
    return [float(value) for value in np.interp(shares, read, found)]


def _auc(score: Floats, relevant: NDArray[np.bool_]) -> float:
    # The mean recall over all ranks is f / 2 + (1 - f) AUC, with f the share of the relevant.
    share = float(relevant.mean())
    if share in (0.0, 1.0):
        return float("nan")
    area = float(recall_at_k(score, relevant).mean()) - 0.5 / len(score)
    return (area - share / 2) / (1 - share)


def _log_odds(booster: "Booster", rows: FastRows) -> Floats:
    return margin(booster, rows.table.select(FAST.features))


def _question(
    booster: "Booster",
    stage: str,
    rows: FastRows,
    words: str,
    figures: dict[str, float],
    files: dict[str, bytes],
) -> QuestionCard:
    """The card of P(fast) at a stage; its booster's file is added to ``files``."""
    known = rows.where(rows.stage == stage)
    source = RowsOrigin(words, checksum(np.ascontiguousarray(known.table.values).tobytes()))
    return QuestionCard(
        feature_set=FAST_SET,
        positive=("fast",),
        negative=("normal", "slow", NO_SPEED),
        boosters=(booster_card(f"{stage}.pfast.ubj", FAST, booster, files),),
        data=data_card(known.table.alert_id, known.speed, source),
        figures=figures,
    )
