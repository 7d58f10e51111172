"""Training rows for P(fast): simulated alerts at each visit, and as a survey without limits sees them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.dust_map import DustMap
from vra_tui.features.fast import compute_fast
from vra_tui.features.table import FeatureTable
from vra_tui.features.vra import VraContext
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.pipeline.visits import N_DAYS, visits_of
from vra_tui.scoring.stages import DAY1, DAYN
from vra_tui.simulator import Batch, Scenario, Simulation, load, prepare

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Labels of rows: the speeds of the truth, and ``none`` for what has no single rise and fall.
SPEEDS = ("fast", "normal", "slow")
NO_SPEED = "none"
#: Kinds that show themselves once: without limits nobody can tell them from what was not looked at again.
ONE_NIGHT = ("m_dwarf_flare", "asteroid", "cross_talk", "trailed_night")

#: Days after the first detection at which alerts of a survey without limits are looked at, by stage.
BARE_CUTS = {DAY1: (1.0,), DAYN: (2.0, 3.0, 5.0, 7.0, 10.0)}
# Without limits: detections older than this before t0 are another outburst's.
_BARE_HISTORY = 40.0
# Share of nights lost in a bare light curve: up to this, drawn for each alert.
_LOST = 0.7
_ONE_A_NIGHT = 0.6

# Shapes are drawn wider than the populations are, in dex and mag: a model that knew supernovae by their
# usual pace would take the unusual one for whatever it is nearest to.
_PACE_DEX = 0.25
_COLOUR_SPREAD = 0.2
# A survey two magnitudes deeper, relative to the peaks: the same sources are met earlier in their rise.
_DEEPER = 2.0


@dataclass(frozen=True, eq=False)
class FastRows:
    """Feature rows with the truth, shape (n,) each: ``speed`` (see `SPEEDS`), ``kind`` of source, ``stage``;
    ``is_bare``: without limits; ``day``: of the visit, or days after the first detection where bare."""

    table: FeatureTable
    speed: NDArray[np.str_]
    kind: NDArray[np.str_]
    stage: NDArray[np.str_]
    is_bare: NDArray[np.bool_]
    day: Floats

    def __len__(self) -> int:
        return len(self.table)

    def where(self, chosen: NDArray[np.bool_]) -> "FastRows":
        """The chosen rows."""
        return FastRows(
            FeatureTable(self.table.alert_id[chosen], self.table.names, self.table.values[chosen]),
            self.speed[chosen], self.kind[chosen], self.stage[chosen], self.is_bare[chosen], self.day[chosen],
        )  # fmt: skip

    @classmethod
    def concatenate(cls, parts: Iterable["FastRows"]) -> "FastRows":
        """The rows of several parts, one after the other. Raises ValueError for no part."""
        rows = list(parts)
        table = FeatureTable(
            np.concatenate([part.table.alert_id for part in rows]),
            rows[0].table.names,
            np.concatenate([part.table.values for part in rows]),
        )
        names = ("speed", "kind", "stage", "is_bare", "day")
        return cls(table, *(np.concatenate([getattr(part, name) for part in rows]) for name in names))


def season(alerts: int) -> Scenario:
    """A season with more fast transients than the stream has, and some of all that is mistaken for one."""
    return load("training").changed(
        alerts=alerts,
        flags="time",
        forced="none",
        seasons={},
        bad_nights=(),
        mixture={"good": 0.62, "galactic": 0.22, "garbage": 0.08, "pm": 0.08},
        weights={
            "fast_blue": 12.0, "kilonova": 15.0, "nova": 3.0, "sn_ii": 1.5, "sn_iib": 2.0, "sn_ibc": 1.5,
            "trailed_night": 0.5,
        },
    )  # fmt: skip


def teaching_rows(
    alerts: int,
    seed: int,
    *,
    plan: Callable[[int], Scenario] = season,
    progress: Callable[[int], None] = lambda done: None,
) -> FastRows:
    """Rows of ``alerts`` simulated alerts: half of them at ATLAS's visits, half as another survey sees them.

    ``plan`` gives the scenario of so many alerts; ``progress`` hears of finished ones.
    Raises ScenarioError when the season cannot be simulated.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 2]))
    parts: list[FastRows] = []
    dust = DustMap()
    here = widened(prepare(plan(alerts // 2), seed, dust))
    elsewhere = _elsewhere(widened(prepare(plan(alerts - alerts // 2), seed + 1, dust)), rng)
    for batch in here:
        parts += visit_rows(batch)
        progress(len(batch))
    for batch in elsewhere:
        parts += bare_rows(batch, rng)
        progress(len(batch))
    return FastRows.concatenate(parts)


def widened(simulation: Simulation) -> Simulation:
    """The same stream with explosions of every pace and colour."""
    kinds = dict(simulation.kinds)
    for name, kind in kinds.items():
        if kind.family == "explosion":
            spread = {
                "rise": (kind.rise[0], max(kind.rise[1], _PACE_DEX)),
                "fade": (kind.fade[0], max(kind.fade[1], _PACE_DEX)),
                "colour": (kind.colour[0], max(kind.colour[1], _COLOUR_SPREAD)),
            }
            kinds[name] = kind.model_copy(update=spread)
    return replace(simulation, kinds=kinds)


def _elsewhere(simulation: Simulation, rng: np.random.Generator) -> Simulation:
    """The stream of a deeper survey with both bands every night, and with novae in galaxies nearby."""
    kinds = dict(simulation.kinds)
    for name, kind in kinds.items():
        if kind.family == "explosion":
            nearer = {"faintest": kind.faintest - _DEEPER, "brightest": kind.brightest - _DEEPER}
            kinds[name] = kind.model_copy(update=nearer)
    kinds["nova"] = kinds["nova"].model_copy(update={"host": True, "matches": kinds["sn_ii"].matches})
    schedule = simulation.survey.schedule
    letters = np.array([ord("c"), ord("o")], dtype=schedule.filter.dtype)
    both = letters[rng.integers(0, 2, len(schedule.filter))]
    survey = replace(simulation.survey, schedule=replace(schedule, filter=both))
    return replace(simulation, kinds=kinds, survey=survey)


def visit_rows(batch: Batch) -> Iterator[FastRows]:
    """A batch's rows at entry and at every visit, from the data of then."""
    curves, about = light_curves(batch), context(batch)
    visits = visits_of(curves, about.t0_mjd)
    for day in range(N_DAYS):
        rows = np.flatnonzero(visits.exists[:, day])
        table = compute_fast(curves.take(rows), about.take(rows), visits.end_mjd[rows, day])
        yield _rows(batch, rows, table, DAYN if day else DAY1, float(day), is_bare=False)


def bare_rows(batch: Batch, rng: np.random.Generator) -> Iterator[FastRows]:
    """A batch's rows in a survey without limits: one or two exposures a night, and nights lost."""
    chosen = np.flatnonzero(~np.isin(batch.truth["kind"], ONE_NIGHT))
    part = batch.take(chosen)
    about = context(part)
    curves = bare(light_curves(part).since(about.t0_mjd - _BARE_HISTORY), rng)
    first = np.full(len(curves), np.inf)
    np.minimum.at(first, curves.detection_owner, curves.detections.mjd)
    rows = np.flatnonzero(np.isfinite(first))
    for stage, cuts in BARE_CUTS.items():
        for days in cuts:
            table = _at(curves, about, rows, first[rows] + days)
            yield _rows(part, rows, table, stage, days, is_bare=True)


def _at(curves: LightCurves, about: VraContext, rows: Ints, at_mjd: Floats) -> FeatureTable:
    return compute_fast(curves.take(rows), about.take(rows), at_mjd)


def bare(curves: LightCurves, rng: np.random.Generator) -> LightCurves:
    """Light curves without limits and negative fluxes: some nights, one or two detections of each."""
    owner, mjd = curves.detection_owner, curves.detections.mjd
    _, night = np.unique(owner * (1 << 20) + np.floor(mjd).astype(np.int64), return_inverse=True)
    priority = rng.random(len(owner))
    order = np.lexsort((priority, night))
    place = np.empty(len(owner), dtype=np.int64)
    place[order] = np.arange(len(owner)) - np.searchsorted(night[order], night[order])
    lost = rng.random(night.max(initial=-1) + 1)[night] < (_LOST * rng.random(len(curves)))[owner]
    a_night = np.where(rng.random(len(curves)) < _ONE_A_NIGHT, 1, 2)[owner]
    kept = (curves.detections.mag > 0) & (place < a_night) & ~lost
    return LightCurves(
        curves.alert_id,
        curves.detections[kept],
        np.concatenate([[0], np.cumsum(kept)])[curves.detection_start],
        curves.nondetections[:0],
        np.zeros(len(curves) + 1, dtype=np.int64),
    )


def _rows(
    batch: Batch, rows: Ints, table: FeatureTable, stage: str, day: float, *, is_bare: bool
) -> FastRows:
    seen = ~np.isnan(table.column("age"))
    speed = batch.truth["speed"][rows].astype(np.str_)
    everything = FastRows(
        table,
        np.where(speed == "", NO_SPEED, speed),
        batch.truth["kind"][rows].astype(np.str_),
        np.full(len(rows), stage),
        np.full(len(rows), is_bare),
        np.full(len(rows), day),
    )
    return everything.where(seen)
