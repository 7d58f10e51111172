"""Ranks by label, and AuRaK by telescope unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.policy import Policy
from vra_tui.scoring.evaluation.metrics import Interval, bootstrap_areas
from vra_tui.scoring.evaluation.sample import EvaluationSample, objects_in

Floats = NDArray[np.float64]

QUANTILES: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)

#: Edges of the rank's histogram; the rank goes from 0 to 10.
EDGES: Floats = np.linspace(0, 10, 21)

#: Where the default policy discards what enters, and lists it as extragalactic.
DISCARDED, LISTED = Policy().garbage_rank_at_entry, Policy().extragalactic_rank

#: Fewer good objects than this, or fewer others, say nothing about a unit.
FEWEST = 5


@dataclass(frozen=True)
class LabelRanks:
    """The ranks of one label: quantiles at QUANTILES, share of its rows in each bin of EDGES.

    ``low``: share of its rows below DISCARDED, ``high``: above LISTED.
    """

    label: str
    rows: int
    objects: int
    quantiles: tuple[float, ...]
    histogram: tuple[float, ...]
    low: float
    high: float


@dataclass(frozen=True)
class UnitRanking:
    """One telescope unit's rows. AuRaK is weighted to the stream; None where there are too few to say."""

    unit: str
    rows: int
    good: int
    median_good: float
    median_rest: float
    aurak: Interval | None
    rb_pix: Interval | None


def kinds(sample: EvaluationSample, rank: Floats) -> tuple[LabelRanks, ...]:
    """The ranks (shape (n,)) of each label, the label that stands highest first."""
    found = []
    for name, (rows, objects) in sample.counts().items():
        ranks = rank[sample.label == name]
        inside = np.clip(ranks, EDGES[0], EDGES[-1])
        found.append(
            LabelRanks(
                name,
                rows,
                objects,
                tuple(np.quantile(ranks, QUANTILES).tolist()),
                tuple((np.histogram(inside, EDGES)[0] / rows).tolist()),
                low=float(np.mean(ranks < DISCARDED)),
                high=float(np.mean(ranks > LISTED)),
            )
        )
    return tuple(sorted(found, key=lambda kind: -kind.quantiles[len(QUANTILES) // 2]))


def units(sample: EvaluationSample, rank: Floats, *, seed: int, resamples: int) -> tuple[UnitRanking, ...]:
    """Each telescope unit that is known, by name; none where the sample knows no units."""
    if sample.unit is None:
        return ()
    return tuple(
        _unit(str(name), sample.where(rows), rank[rows], seed, resamples)
        for name in np.unique(sample.unit)
        if name
        for rows in [sample.unit == name]
    )


def _unit(name: str, part: EvaluationSample, rank: Floats, seed: int, resamples: int) -> UnitRanking:
    good = part.good
    areas = None
    if min(objects_in(part.alert_id[good]), objects_in(part.alert_id[~good])) >= FEWEST:
        scores = {"rank": rank, "rb_pix": part.rows.table.column("rb_pix")}
        areas = bootstrap_areas(
            scores, part.label, seed, group=part.alert_id, mixture=part.mixture, resamples=resamples
        )
    return UnitRanking(
        unit=name,
        rows=len(part),
        good=int(good.sum()),
        median_good=float(np.median(rank[good])) if good.any() else float("nan"),
        median_rest=float(np.median(rank[~good])) if not good.all() else float("nan"),
        aurak=areas.interval("rank") if areas else None,
        rb_pix=areas.interval("rb_pix") if areas else None,
    )
