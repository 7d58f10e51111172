"""A tape: all scores of a stream by night, by one model, from which policies can file.

Features and probabilities of all visits are computed once, in a few large pieces; the nights are then told
from them by the grid of scores that scoring a store keeps (`pipeline.history`). Any number of policies can
be played over one tape.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.windows import VISITS_TO
from vra_tui.pipeline.cap_inflow import raised_keys, visit_keys
from vra_tui.pipeline.feature_tables import context_of, features_for, host_mpc_of
from vra_tui.pipeline.filing import cells_to_file, standing_at
from vra_tui.pipeline.history import ScoreGrid
from vra_tui.pipeline.replay.stream import ReplayStream
from vra_tui.pipeline.score import MayDiscard, is_reported, within_scope
from vra_tui.pipeline.visits import N_DAYS, Visits, visits_of
from vra_tui.ranking.policy import PolicyInput
from vra_tui.scoring.model.trained import Model, Scores
from vra_tui.scoring.stages import STAGES, stage_of_day
from vra_tui.store.scores import ScoreRows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Visits whose features are computed at once: bounds memory (some 200 epochs each).
_CHUNK = 4_000


@dataclass(frozen=True, eq=False)
class Tape:
    """What the policies are given to file: m visits, by night and, within a night, by day of the alert.

    ``night``, ``row``, ``day``: index of the night, of the alert in its stream, and the visit's day;
    ``key``: night and unit of the visit's last exposure (`pipeline.inflow.NightKeys`); all of shape (m,), as
    are the arrays of ``standing`` and ``is_tns``. ``reached_mjd``: the latest exposure known each night.
    ``raised``, shape (n,): night and unit that raised each alert.
    """

    model: str
    stream: ReplayStream
    nights: Floats
    reached_mjd: Floats
    raised: Ints
    night: Ints
    row: Ints
    day: Ints
    key: Ints
    is_tns: Bools
    standing: PolicyInput


@dataclass(frozen=True, eq=False)
class _Cells:
    """Visits as the nights saw them: one row for each last exposure that the visit of a day ever had."""

    night: Ints
    row: Ints
    day: Ints
    end_mjd: Floats
    key: Ints


def record(
    stream: ReplayStream,
    models: Sequence[Model],
    *,
    may_discard: MayDiscard = within_scope,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Tape]:
    """The tape of each model over a stream; ``on_progress`` hears how many of its visits are scored.

    Each night knows the exposures up to 0 h UT, and the reports that were listed by then. Raises ModelError
    where a model lacks a stage or a feature.
    """
    nights = stream.nights()
    raised = raised_keys(stream.curves, stream.records.t0_mjd, stream.keys)
    cells = _cells_of(stream, nights, raised)
    reached = _reached(stream, nights)
    tapes = []
    for model, answers in zip(models, _scored(stream, models, cells, may_discard, on_progress), strict=True):
        parts = _filings(stream, model, nights, cells, answers)
        tapes.append(Tape(model.name, stream, nights, reached, raised, *parts))
    return tapes


def _cells_of(stream: ReplayStream, nights: Floats, raised: Ints) -> _Cells:
    """Return what each night adds: visits that the nights before did not know, or knew in part."""
    t0 = stream.records.t0_mjd
    entry = visits_of(stream.curves, t0).end_mjd[:, 0]
    # What lies before t0 says no more than when the entry ended, and no visit comes after two weeks.
    later = stream.curves.since(t0).until(t0 + VISITS_TO)
    known = np.full((len(stream), N_DAYS), np.nan)
    parts = []
    for night, mjd in enumerate(nights):
        end = visits_of(later, t0, mjd).end_mjd
        end[:, 0] = np.where(t0 <= mjd, entry, np.nan)
        rows, days = np.nonzero(~np.isnan(end) & ~(known >= end))
        key = visit_keys(later, t0, Visits(end), stream.keys)[rows, days]
        key = np.where(days == 0, raised[rows], key)
        parts.append((np.full(len(rows), night), rows, days, end[rows, days], key))
        known = end
    return _Cells(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _reached(stream: ReplayStream, nights: Floats) -> Floats:
    """The latest exposure of any alert raised by each night, shape (s,)."""
    latest = np.full(len(nights) + 1, -np.inf)
    curves, t0 = stream.curves, stream.records.t0_mjd
    for epochs, owner in (
        (curves.detections, curves.detection_owner),
        (curves.nondetections, curves.nondetection_owner),
    ):
        known_from = np.searchsorted(nights, np.maximum(epochs.mjd, t0[owner]))
        np.maximum.at(latest, known_from, epochs.mjd)
    return np.asarray(np.maximum.accumulate(latest[:-1]))


@dataclass(frozen=True, eq=False)
class _Answers:
    """What a model says of m visits, shape (m,) each."""

    preal: Floats
    pgal: Floats
    pfast: Floats
    pfollow: Floats
    rank: Floats
    is_gal_cand: Bools
    may_discard: Bools


def _scored(
    stream: ReplayStream,
    models: Sequence[Model],
    cells: _Cells,
    may_discard: MayDiscard,
    on_progress: Callable[[int, int], None],
) -> list[_Answers]:
    """The answers of each model to all visits, each from the data up to its last exposure."""
    m = len(cells.row)
    answers = [
        _Answers(*(np.full(m, np.nan) for _ in range(5)), *(np.zeros(m, dtype=bool) for _ in range(2)))
        for _ in models
    ]
    context, done = context_of(stream.records), 0
    for stage in STAGES:
        mine = np.flatnonzero(np.where(cells.day == 0, stage_of_day(0), stage_of_day(1)) == stage)
        # By alert, so that a piece touches few light curves.
        mine = mine[np.argsort(cells.row[mine], kind="stable")]
        columns = {name for model in models for name in model.columns(stage)}
        for first in range(0, len(mine), _CHUNK):
            chunk = mine[first : first + _CHUNK]
            rows = cells.row[chunk]
            table = features_for(columns, stream.curves.take(rows), context.take(rows), cells.end_mjd[chunk])
            for model, kept in zip(models, answers, strict=True):
                said = model.scores(table, stage)
                for field in fields(Scores):
                    getattr(kept, field.name)[chunk] = getattr(said, field.name)
                kept.may_discard[chunk] = may_discard(model, table, stage)
            done += len(chunk)
            on_progress(done, m)
    return answers


def _filings(
    stream: ReplayStream, model: Model, nights: Floats, cells: _Cells, answers: _Answers
) -> tuple[Ints, Ints, Ints, Ints, Bools, PolicyInput]:
    """The visits that each night gives the policies to file: nights, rows, days, keys, reports, standings."""
    records = stream.records
    host_mpc = host_mpc_of(records)
    latest = np.full((len(stream), N_DAYS), -1)
    end = np.full((len(stream), N_DAYS), np.nan)
    kept = _no_scores()
    parts = []
    edges = np.searchsorted(cells.night, np.arange(len(nights) + 1))
    for night, mjd in enumerate(nights):
        fresh = np.arange(edges[night], edges[night + 1])
        cell = (cells.row[fresh], cells.day[fresh])
        latest[cell], end[cell] = fresh, cells.end_mjd[fresh]
        is_listed = stream.listed_mjd <= mjd
        tns_mjd, listed_mjd = (
            np.where(is_listed, known, np.nan) for known in (records.tns_mjd, records.tns_listed_mjd)
        )
        grid = ScoreGrid(kept, records.alert_id, Visits(end), model.name)
        for day in range(N_DAYS):
            rows = grid.rows_to_score(day)
            visit = latest[rows, day]
            said = Scores(*(getattr(answers, field.name)[visit] for field in fields(Scores)))
            is_tns = is_reported(tns_mjd, listed_mjd, grid, rows, day, np.inf)
            grid.add(day, rows, said, is_tns, answers.may_discard[visit])
        days, rows = cells_to_file(grid)
        parts.append(
            (
                np.full(len(rows), night), rows, days, cells.key[latest[rows, days]],
                grid.is_tns_match[rows, days], standing_at(grid, rows, days, host_mpc),
            )
        )  # fmt: skip
        kept = grid.kept(records.alert_id)
    joined = {
        field.name: np.concatenate([getattr(part[-1], field.name) for part in parts])
        for field in fields(PolicyInput)
    }
    night_of, row_of, day_of, key_of, tns_of = (
        np.concatenate(column) for column in zip(*(part[:-1] for part in parts), strict=True)
    )
    return night_of, row_of, day_of, key_of, tns_of, PolicyInput(**joined)


def _no_scores() -> ScoreRows:
    none = np.empty(0)
    ints, flags = none.astype(np.int64), none.astype(bool)
    return ScoreRows(ints, ints, ints, none, none.astype(object), none, none, none, none, none, flags)
