"""Columns that are compared for drift: features, most used first; scores and lists; missing values."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.drift.stream import DriftColumn
from vra_tui.scoring.drift.verdict import DISCARDED, OUT_OF_SCOPE, SHOWN
from vra_tui.scoring.model.feature_words import wording
from vra_tui.scoring.model.scope import most_used, scope, shares_of_gain
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import DAY1

Floats = NDArray[np.float64]

#: The stage whose rows are compared: alerts at their entry. Later visits are chosen by the policies.
STAGE = DAY1

#: Features that follow where and how often the survey looked and how bright the Moon was: they differ from
#: week to week without any fault. Their shifts are shown, and never raise the alarm by themselves.
FOLLOWS_SKY_AND_MOON = frozenset(
    {
        *("ra", "dec", "abs_gal_lat", "ebv_sfd", "DET_mag_median_min5d", "mag_unreddened"),
        *("DET_Nsince_min5d", "NON_Nsince_min5d"),
    }
)


def feature_columns(model: Model) -> tuple[DriftColumn, ...]:
    """The features of the model's trees for P(real) and P(galactic), by their share of the gain."""
    counted = set(most_used(model, STAGE)) - FOLLOWS_SKY_AND_MOON
    return tuple(
        DriftColumn(name, wording(name).short, share, name in counted)
        for name, share in shares_of_gain(model, STAGE).items()
    )


def entry_columns(
    model: Model, table: FeatureTable, policy: Policy, decided: Mapping[str, Floats]
) -> tuple[tuple[DriftColumn, ...], Floats]:
    """The columns of n alerts at their entry, and the values, shape (n, m).

    ``decided``: how the alerts stand decided, by name, each of shape (n,): ``policies`` (they discarded it),
    and labels (NaN where no scanner's stands). They are shown and raise no alarm: what was decided by now
    depends on how long the alert has been there.
    """
    features = feature_columns(model)
    matrix = model.matrix([column.name for column in features], table)
    scores = model.scores(table, STAGE)
    unlike = scope(model, table, STAGE).measure
    flags = {
        (DISCARDED, "discarded at entry"): (scores.rank < policy.garbage_rank_at_entry),
        (SHOWN, "shown at entry"): (scores.rank > policy.extragalactic_rank),
        (OUT_OF_SCOPE, "unlike the training rows"): np.where(np.isnan(unlike), np.nan, unlike > 1),
    }
    numbers = {("preal", "P(real)"): scores.preal, ("pgal", "P(galactic)"): scores.pgal}
    numbers[("rank", "rank")] = scores.rank
    missing = np.isnan(matrix)
    some = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))
    columns = [
        *features,
        *(DriftColumn(name, words, np.nan, True) for name, words in (*numbers, *flags)),
        *(
            DriftColumn(f"missing_{column.name}", f"no {column.words}", np.nan, column.counts)
            for column in (features[index] for index in some.tolist())
        ),
        *(DriftColumn(f"decided_{name}", _decided_words(name), np.nan, False) for name in decided),
    ]
    values = [matrix, *(part[:, np.newaxis] for part in (*numbers.values(), *flags.values()))]
    values += [missing[:, some], *(part[:, np.newaxis] for part in decided.values())]
    return tuple(columns), np.concatenate(values, axis=1, dtype=np.float64)


def _decided_words(name: str) -> str:
    return "discarded by now" if name == "policies" else f"{name} among those labelled"
