"""Whether a model may be asked about a catalogue at all: it may go by what no object there has."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from vra_tui.archive.partition import by_stage
from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.feature_words import wording
from vra_tui.scoring.model.judges import Judge
from vra_tui.scoring.model.scope import scope, shares_of_gain
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import Stage

#: Said from this share of what the model goes by on: less does not turn ranks over.
_WORTH_SAYING = 0.05
#: Said where more of the objects than this are unlike the training rows, of which 1 % are by their making.
_MANY_OUTSIDE = 0.2
#: A feature that fewer training rows than this lack is one the model could rely on.
_RARELY_MISSING = 0.5
_NAMED = 4


def warnings_for(judge: Judge, table: FeatureTable) -> Iterator[str]:
    """Sentences that say why a model's ranks of these objects are not to be believed; none where they may be.

    The starter says by itself of what it is silent.
    """
    if isinstance(judge, Starter):
        return
    if not (n := len(table)):
        return
    lost: dict[str, float] = {}
    outside, faults = 0, Counter[str]()
    for stage, rows in by_stage(table):
        part = FeatureTable(table.alert_id[rows], table.names, table.values[rows])
        weight = len(part) / n
        for name, share in missing_here(judge, table, stage).items():
            lost[name] = lost.get(name, 0.0) + weight * share
        found = scope(judge, part, stage)
        outside += int((~found.may_discard).sum())
        faults.update(dict(zip(found.features, found.outside.sum(axis=0).tolist(), strict=True)))
    if (share := sum(lost.values())) >= _WORTH_SAYING:
        yield (
            f"{judge.name} goes by what no object here has: {_named(lost)} ({share:.0%} of what its trees go "
            "by). The rows that it was trained on had them. Do not believe its ranks: train a model on "
            "objects of this catalogue."
        )
    if outside > _MANY_OUTSIDE * n:
        named = _named({name: count for name, count in faults.items() if count})
        most = f", most of them by: {named}" if named else ""
        yield (
            f"{outside / n:.0%} of the first {n:,} objects are unlike the rows that {judge.name} was trained "
            f"on{most}."
        )


def _named(weights: Mapping[str, float]) -> str:
    """The features of the greatest weights, in words; those that read alike are one."""
    order = sorted(weights, key=lambda name: (-weights[name], name))
    words = list(dict.fromkeys(wording(name).short for name in order))
    others = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {others} others" if others > 0 else "")


def missing_here(model: Model, table: FeatureTable, stage: Stage) -> dict[str, float]:
    """Features that no row has although the training rows had them, with their shares of the model's gain."""
    used = shares_of_gain(model, stage)
    lacked = {
        name: share
        for summary in model.scope_summaries(stage)
        for name, share in zip(summary.features, summary.missing, strict=True)
    }
    is_missing = np.isnan(model.matrix(tuple(used), table))
    unknown = np.flatnonzero(np.asarray(is_missing.all(axis=0))).tolist()
    names = [*used]
    return {
        names[place]: used[names[place]]
        for place in unknown
        if lacked.get(names[place], 0.0) < _RARELY_MISSING
    }
