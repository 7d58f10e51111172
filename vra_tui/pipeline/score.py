"""Scoring: from the store's light curves to scores, ranks and lists in it, visit by visit."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.cap_inflow import Inflow, RaisedKeys, cap_nights, held_back, take_stock
from vra_tui.pipeline.feature_rows import FeatureRows, rests_on_stream
from vra_tui.pipeline.feature_tables import host_mpc_of
from vra_tui.pipeline.filing import file_history
from vra_tui.pipeline.history import ScoreGrid
from vra_tui.pipeline.lift import lift
from vra_tui.pipeline.score_rows import rows_of, write
from vra_tui.pipeline.sky_maps import MapWindow, renew_places
from vra_tui.pipeline.visits import N_DAYS, last_exposure, visits_of
from vra_tui.ranking.lists import ListName
from vra_tui.ranking.policy import Policy, lifted_rank
from vra_tui.scoring.evaluation.comparison import shadow_scores
from vra_tui.scoring.model.judges import Judge, scope_by
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.model.trained import Model
from vra_tui.scoring.stages import DAY1, DAYN, stage_of_day
from vra_tui.store import Store, scores
from vra_tui.store.connection import transaction
from vra_tui.store.decision_rows import latest_id
from vra_tui.store.decisions import set_right
from vra_tui.store.objects import of_survey
from vra_tui.store.standing import (
    aged,
    move_aged_to_purgatory,
    put_seen,
)

Floats = NDArray[np.float64]

#: Says which alerts of a feature table the policies may discard by the scores of a judge at a stage.
MayDiscard = Callable[[Judge, FeatureTable, str], NDArray[np.bool_]]

#: Alerts scored at once: bounds memory (some 400 epochs each).
_CHUNK = 4_000


@dataclass
class SurveyScored:
    """What a run did for one survey: who scored it (a model or the starter), and how much."""

    model: str
    alerts: int = 0
    scores: int = 0


@dataclass
class ScoreReport:
    """A report on a run of scoring, with the seconds spent on each step and what each survey got."""

    alerts: int = 0
    scores: int = 0
    discarded: int = 0
    brought_back: int = 0
    aged: int = 0
    lifted: int = 0
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    surveys: dict[str, SurveyScored] = field(default_factory=dict)

    def spend(self, step: str, since: float) -> float:
        """Count the time since ``since`` to a step; returns the time now."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - since
        return now


def score(
    store: Store,
    judges: Judge | Sequence[Judge],
    *,
    clock: Callable[[], datetime],
    policy: Policy | None = None,
    shadow: Model | Sequence[Model] | None = None,
    alert_ids: Sequence[int] | None = None,
    everything: bool = False,
    at_mjd: float = np.inf,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    may_discard: MayDiscard | None = None,
    window: MapWindow | None = None,
    lift_rule: str | None = None,
    only_changed: bool = False,
    raised: RaisedKeys | None = None,
) -> ScoreReport:
    """Score the visits of new or revisited alerts that have none yet, and file the alerts.

    ``judges``: who scores, a model or the starter, each the alerts of its own survey; those of surveys for
    which there is none stay unscored. ``shadow``: models that score the same visits and file nothing.

    Each visit is scored from the data up to its last exposure, with the day-1 models at entry and the
    day-N models after it; what is already stored and unchanged is not written again. ``everything``: look
    at all alerts, not only at those that changed. ``at_mjd``: only data up to then count. The policies age
    alerts by the time that the stream has reached, not by the clock on the wall, and discard only what
    ``may_discard`` allows: without it, what lies within the scope of the judge. ``window``: which alerts may
    belong to events with sky maps; those that changed are placed on them. ``lift_rule``: what lifts an alert
    to the fast track (`pipeline.lift`). Either is left as it was configured last where it is None.

    ``only_changed``: of those that did not change, none is aged or lifted; to look at all of a large store
    takes longer than to score what a second brings. ``raised``: what earlier runs found in this store.
    """
    policy = policy or Policy()
    all_judges = list(judges) if isinstance(judges, Sequence) else [judges]
    shadows = list(shadow) if isinstance(shadow, Sequence) else [shadow] if shadow is not None else []
    runs = [
        _Run(
            judge,
            policy,
            next((one for one in shadows if one.survey == judge.survey), None),
            at_mjd,
            may_discard or within_scope,
        )
        for judge in all_judges
    ]
    report = ScoreReport()
    chosen = {run.judge.survey: _ids_of(store, run.judge.survey, alert_ids, everything) for run in runs}
    ids = sorted(alert_id for some in chosen.values() for alert_id in some)
    since = time.perf_counter()
    # Of what changed, so before scoring takes it off the list of what waits; a rule may ask for places.
    renew_places(store, window)
    if lift_rule:
        report.lifted = lift(store, lift_rule, clock(), ids)
    report.spend("places", since)
    inflows, done = {}, 0
    for run in runs:
        survey = run.judge.survey
        since = time.perf_counter()
        inflows[survey] = take_stock(store, chosen[survey], at_mjd, policy, survey, raised)
        report.spend("counting", since)
        for first in range(0, len(chosen[survey]), _CHUNK):
            chunk = chosen[survey][first : first + _CHUNK]
            left: Sequence[int] = chunk
            while left:  # another program was faster: what it wrote may leave something to do
                left = _score_chunk(store, run, inflows[survey], left, clock(), report)
            done += len(chunk)
            on_progress(done, len(ids))
    if seen := scores.newly_visited(store, chosen, at_mjd):
        with transaction(store):
            put_seen(store, seen)
    report.warnings += _on_surveys(store, report, all_judges)
    for run in runs:
        _settle_nights(store, run, inflows[run.judge.survey], report, ids if only_changed else None)
    # A rule may ask for scores, and for alerts of other surveys.
    if lift_rule is not None:
        report.lifted += lift(store, lift_rule, clock(), ids if only_changed else None)
    return report


def _ids_of(store: Store, survey: str, alert_ids: Sequence[int] | None, everything: bool) -> list[int]:
    """The alerts of a survey to look at, ascending."""
    if alert_ids is None:
        return scores.alerts_to_score(store, survey, everything)
    return of_survey(store, alert_ids, survey)


def _on_surveys(store: Store, report: ScoreReport, judges: Sequence[Judge]) -> list[str]:
    """Say which surveys' alerts the starter ranked, and which wait."""
    said = []
    for judge in judges:
        found = report.surveys.get(judge.survey)
        if isinstance(judge, Starter) and found is not None and found.scores:
            alerts = "alert" if found.alerts == 1 else "alerts"
            said.append(
                f"{found.alerts:,} {judge.survey} {alerts} ranked by the starter, a rule: there is no model "
                f"for {judge.survey}"
            )
    for survey, count in scores.without_model(store, [judge.survey for judge in judges]).items():
        stay = "it waits" if count == 1 else "they wait"
        alerts = "alert" if count == 1 else "alerts"
        said.append(f"{count:,} {survey} {alerts}: no model for {survey}; {stay} in `eyeball`")
    return said


def _settle_nights(
    store: Store, run: "_Run", inflow: Inflow, report: ScoreReport, among: Sequence[int] | None
) -> None:
    """Hold back what unusual nights of a survey brought, and let its old alerts age, some or all."""
    survey = run.judge.survey
    now_mjd = min(scores.latest_mjd(store, survey), run.at_mjd)
    if np.isnan(now_mjd):
        return
    before_mjd = now_mjd - run.policy.purgatory_after_days
    with transaction(store):
        unusual = cap_nights(store, inflow, run.policy, run.at_mjd, survey)
    report.warnings += [night.words() for night in unusual]
    if found := aged(store, before_mjd, survey, among):
        with transaction(store):
            report.aged += move_aged_to_purgatory(store, before_mjd, found)


@dataclass(frozen=True)
class _Run:
    """What stays the same for all chunks of a survey's alerts."""

    judge: Judge
    policy: Policy
    shadow: Model | None
    at_mjd: float
    may_discard: MayDiscard

    @property
    def shadow_name(self) -> str:
        """The name under which the shadow's scores are kept."""
        return self.shadow.name if self.shadow is not None else ""

    @property
    def is_open_ended(self) -> bool:
        """Whether scores go on after the last day of visits: `stream-1` knows longer histories."""
        return rests_on_stream(self.judge.columns(DAY1))

    def columns(self, stage: str) -> set[str]:
        """The features that judge and shadow ask for."""
        asked = set(self.judge.columns(stage))
        if self.shadow is not None and stage in self.shadow.card.stages:
            asked |= set(self.shadow.columns(stage))
        return asked


def within_scope(judge: Judge, table: FeatureTable, stage: str) -> NDArray[np.bool_]:
    """Which alerts may be discarded by their rank; shape (n,).

    Of a model: those like what it was trained on, and not mostly without features. Of the starter: those that
    the survey itself flags.
    """
    return scope_by(judge, table, stage).may_discard


def _score_chunk(
    store: Store,
    run: _Run,
    inflow: Inflow,
    ids: Sequence[int],
    now: datetime,
    report: ScoreReport,
) -> list[int]:
    """Score alerts; those of which nothing was written, since another program was faster, ascending."""
    since = time.perf_counter()
    known_score = scores.latest_score(store)
    read = FeatureRows.read(store, ids, run.columns(DAY1) | run.columns(DAYN))
    records, curves = read.records, read.curves
    stored = scores.latest_scores(store, ids)
    since = report.spend("reading", since)

    visits = visits_of(curves, records.t0_mjd, run.at_mjd, is_open_ended=run.is_open_ended)
    visited = last_exposure(curves, run.at_mjd)
    grid = ScoreGrid(stored, records.alert_id, visits, run.judge.name)
    beside = ScoreGrid(scores.latest_scores(store, []), records.alert_id, visits, run.shadow_name)
    report.spend("visits", since)
    for day in range(N_DAYS):
        rows = grid.rows_to_score(day)
        if len(rows):
            stage = stage_of_day(day)
            since = time.perf_counter()
            at = visits.end_mjd[rows, day]
            table = read.table(run.columns(stage), rows, at)
            since = report.spend("features", since)
            is_tns = is_reported(records.tns_mjd, records.tns_listed_mjd, grid, rows, day, run.at_mjd)
            answers = run.judge.scores(table, stage)
            lifted = lifted_rank(answers.rank, answers.preal, answers.pfollow, run.policy.followup_weight)
            answers = replace(answers, rank=lifted)
            grid.add(day, rows, answers, is_tns, run.may_discard(run.judge, table, stage))
            if run.shadow is not None:
                said, why_not = shadow_scores(run.shadow, table, stage)
                if said is not None:
                    beside.add(day, rows, said, is_tns, np.zeros(len(rows), dtype=bool))
                elif why_not is not None and why_not not in report.warnings:
                    report.warnings.append(why_not)
            since = report.spend("trees", since)
    beside.is_fresh &= grid.is_fresh
    filing = file_history(
        grid,
        run.policy,
        host_mpc=host_mpc_of(records),
        by_human=records.by_human,
        in_garbage=records.in_garbage,
        held=held_back(curves, records.t0_mjd, visits, inflow),
        is_lifted=records.is_lifted,
    )
    since = report.spend("filing", since)
    with transaction(store):
        set_right(store, now)
        known = latest_id(store)
    found = rows_of(records, visited, grid, beside, filing, now, known)
    overtaken = write(store, records.alert_id.tolist(), found, known_score)
    report.spend("writing", since)
    is_written = ~np.isin(records.alert_id, list(overtaken))
    alerts, fresh = int(is_written.sum()), int(grid.is_fresh[is_written].sum())
    report.alerts += alerts
    report.scores += fresh
    moved = [step.list for step in filing.transitions if is_written[step.row]]
    report.discarded += moved.count(ListName.GARBAGE)
    report.brought_back += moved.count(ListName.EYEBALL)
    scored = report.surveys.setdefault(run.judge.survey, SurveyScored(run.judge.name))
    scored.alerts += alerts
    scored.scores += fresh
    return sorted(overtaken)


def is_reported(
    tns_mjd: Floats, listed_mjd: Floats, grid: ScoreGrid, rows: NDArray[np.int64], day: int, at_mjd: float
) -> NDArray[np.bool_]:
    """Tell whether a TNS report was there at the visit of a day, for the alerts of ``rows``.

    At an alert's latest visit, whether there is one by ``at_mjd`` (``tns_mjd``). At an earlier one, whether
    it is known to have been listed by the end of that visit (``listed_mjd``): who scores late may not know of
    it what nobody knew that night.
    """
    listed = listed_mjd[rows] <= grid.visits.end_mjd[rows, day]
    return np.asarray(np.where(grid.last_day[rows] == day, tns_mjd[rows] <= at_mjd, listed))
