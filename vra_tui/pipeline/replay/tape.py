"""A tape: everything that scoring a stream night by night gives the policies to file, for one model.

Features and probabilities of all visits are computed once, in a few large pieces; the nights are then told
from them by the grid of scores that scoring a store keeps (`pipeline.history`). Any number of policies can
be played over one tape.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.curves import LightCurves
from vra_tui.pipeline.features import context_of, features_for, host_mpc_of
from vra_tui.pipeline.filing import cells_to_file, standing_at
from vra_tui.pipeline.history import ScoreGrid
from vra_tui.pipeline.inflow import raised_keys, visit_keys
from vra_tui.pipeline.replay.stream import Stream
from vra_tui.pipeline.score import MayDiscard, is_reported, stage_of, within_scope
from vra_tui.pipeline.visits import N_DAYS, Visits, visits_of
from vra_tui.ranking.policy import Standing
from vra_tui.scoring.model import Model, Scores
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
    stream: Stream
    nights: Floats
    reached_mjd: Floats
    raised: Ints
    night: Ints
    row: Ints
    day: Ints
    key: Ints
    is_tns: Bools
    standing: Standing


@dataclass(frozen=True, eq=False)
class _Cells:
    """Visits as the nights saw them: one row for each last exposure that the visit of a day ever had."""

    night: Ints
    row: Ints
    day: Ints
    end_mjd: Floats


def record(
    stream: Stream,
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
    t0 = stream.records.t0_mjd
    raised = raised_keys(stream.curves, t0, stream.keys)
    # What lies before t0 says no more than when the entry ended.
    later = stream.curves.since(t0)
    entry = visits_of(stream.curves, t0).end_mjd[:, 0]
    ends = [_ends(later, t0, entry, night) for night in nights]
    cells = _new_cells(ends)
    keys = _keys_of(cells, ends, later, raised, stream)
    reached = np.array([_reached(later, end, t0, night) for end, night in zip(ends, nights, strict=True)])
    tapes = []
    for model, answers in zip(models, _scored(stream, models, cells, may_discard, on_progress), strict=True):
        parts = _filings(stream, model, ends, cells, keys, answers)
        tapes.append(Tape(model.name, stream, nights, reached, raised, *parts))
    return tapes


def _ends(later: LightCurves, t0_mjd: Floats, entry: Floats, night: float) -> Floats:
    end = visits_of(later, t0_mjd, night).end_mjd
    end[:, 0] = np.where(t0_mjd <= night, entry, np.nan)
    return end


def _reached(later: LightCurves, end: Floats, t0_mjd: Floats, night: float) -> float:
    """The latest exposure of any alert raised by a night."""
    latest = np.nanmax(end, initial=-np.inf)
    for epochs, owner in (
        (later.detections, later.detection_owner),
        (later.nondetections, later.nondetection_owner),
    ):
        known = (epochs.mjd <= night) & (t0_mjd[owner] <= night)
        latest = max(latest, epochs.mjd[known].max(initial=-np.inf))
    return float(latest)


def _new_cells(ends: Sequence[Floats]) -> _Cells:
    """What each night adds: visits that the nights before did not know, or knew in part."""
    parts = []
    known = np.full(ends[0].shape, np.nan)
    for night, end in enumerate(ends):
        rows, days = np.nonzero(~np.isnan(end) & ~(known >= end))
        parts.append((np.full(len(rows), night), rows, days, end[rows, days]))
        known = end
    return _Cells(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _keys_of(cells: _Cells, ends: Sequence[Floats], later: LightCurves, raised: Ints, stream: Stream) -> Ints:
    """Night and unit of each cell, shape (m,)."""
    keys = np.empty(len(cells.row), dtype=np.int64)
    for night, end in enumerate(ends):
        mine = cells.night == night
        of_visit = visit_keys(later, stream.records.t0_mjd, Visits(end), stream.keys)
        keys[mine] = of_visit[cells.row[mine], cells.day[mine]]
    return np.where(cells.day == 0, raised[cells.row], keys)


@dataclass(frozen=True, eq=False)
class _Answers:
    """What a model says of m visits, shape (m,) each."""

    preal: Floats
    pgal: Floats
    pfast: Floats
    rank: Floats
    is_gal_cand: Bools
    may_discard: Bools


def _scored(
    stream: Stream,
    models: Sequence[Model],
    cells: _Cells,
    may_discard: MayDiscard,
    on_progress: Callable[[int, int], None],
) -> list[_Answers]:
    """The answers of each model to all visits, each from the data up to its last exposure."""
    m = len(cells.row)
    answers = [
        _Answers(*(np.full(m, np.nan) for _ in range(4)), *(np.zeros(m, dtype=bool) for _ in range(2)))
        for _ in models
    ]
    context, done = context_of(stream.records), 0
    for stage in ("day1", "dayN"):
        mine = np.flatnonzero(np.where(cells.day == 0, stage_of(0), stage_of(1)) == stage)
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
    stream: Stream, model: Model, ends: Sequence[Floats], cells: _Cells, keys: Ints, answers: _Answers
) -> tuple[Ints, Ints, Ints, Ints, Bools, Standing]:
    """The visits that each night gives the policies to file: nights, rows, days, keys, reports, standings."""
    records, nights = stream.records, stream.nights()
    host_mpc = host_mpc_of(records)
    latest = np.full((len(stream), N_DAYS), -1)
    kept = _no_scores()
    parts = []
    edges = np.searchsorted(cells.night, np.arange(len(ends) + 1))
    for night, end in enumerate(ends):
        fresh = np.arange(edges[night], edges[night + 1])
        latest[cells.row[fresh], cells.day[fresh]] = fresh
        tns_mjd = np.where(stream.listed_mjd <= nights[night], records.tns_mjd, np.nan)
        grid = ScoreGrid(kept, records.atlas_id, Visits(end), model.name)
        for day in range(N_DAYS):
            rows = grid.rows_to_score(day)
            cell = latest[rows, day]
            said = Scores(*(getattr(answers, field.name)[cell] for field in fields(Scores)))
            is_tns = is_reported(tns_mjd, grid, rows, day, np.inf)
            grid.add(day, rows, said, is_tns, answers.may_discard[cell])
        days, rows = cells_to_file(grid)
        parts.append(
            (
                np.full(len(rows), night), rows, days, keys[latest[rows, days]],
                grid.is_tns_match[rows, days], standing_at(grid, rows, days, host_mpc),
            )
        )  # fmt: skip
        kept = grid.kept(records.atlas_id)
    joined = {
        field.name: np.concatenate([getattr(part[-1], field.name) for part in parts])
        for field in fields(Standing)
    }
    night_of, row_of, day_of, key_of, tns_of = (
        np.concatenate(column) for column in zip(*(part[:-1] for part in parts), strict=True)
    )
    return night_of, row_of, day_of, key_of, tns_of, Standing(**joined)


def _no_scores() -> ScoreRows:
    none = np.empty(0)
    ints, flags = none.astype(np.int64), none.astype(bool)
    return ScoreRows(ints, ints, none, none.astype(object), none, none, none, none, flags)
