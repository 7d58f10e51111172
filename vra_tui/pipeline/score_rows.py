"""What a chunk of alerts got by scoring, as rows for the store, and writing them in small transactions."""

import platform
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import repeat
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.filing import Filing
from vra_tui.pipeline.history import ScoreGrid
from vra_tui.ranking.lists import MACHINE
from vra_tui.scoring.stages import stage_of_day
from vra_tui.store import Store, scores
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import insert_decisions
from vra_tui.store.standing import put_machine_decisions, put_scores, put_visited

Floats = NDArray[np.float64]
Row = tuple[object, ...]
#: A place in each list of `ScoredRows`.
_Places = tuple[int, ...]

#: Alerts whose scores are written in one transaction: for so many a scanner's decision may have to wait.
_SLICE = 400
#: Where the alert's id stands in the rows of each list of `ScoredRows`.
_ID_PLACES = (0, 0, 1, -3, 0)


@dataclass(frozen=True)
class ScoredRows:
    """What a chunk of alerts got, as rows for the store; each list in ascending order of the alerts' ids.

    ``unchanged``: ids, revisions and last exposures of the alerts that got nothing new.
    """

    scores: list[Row]
    shadows: list[Row]
    decisions: list[Row]
    standing: list[Row]
    unchanged: list[tuple[int, int, float | None]]

    def upto(self, last: int, done: "_Places") -> tuple["ScoredRows", "_Places"]:
        """The rows from the places ``done`` up to those of alert ``last``, and the places behind them."""
        lists = [getattr(self, field.name) for field in fields(self)]
        ends = _Places(
            bisect_right(rows, last, lo=place, key=itemgetter(key))
            for rows, place, key in zip(lists, done, _ID_PLACES, strict=True)
        )
        return ScoredRows(*(rows[a:b] for rows, a, b in zip(lists, done, ends, strict=True))), ends

    def without(self, alert_ids: Collection[int]) -> "ScoredRows":
        """The rows of all other alerts."""
        if not alert_ids:
            return self
        lists = [getattr(self, field.name) for field in fields(self)]
        return ScoredRows(
            *(
                [row for row in rows if row[place] not in alert_ids]
                for rows, place in zip(lists, _ID_PLACES, strict=True)
            )
        )


def rows_of(
    records: scores.Records,
    visited: Floats,
    grid: ScoreGrid,
    beside: ScoreGrid,
    filing: Filing,
    now: datetime,
    known: str | None,
) -> ScoredRows:
    """The rows of a chunk. ``beside``: of a shadow. Decisions sort after ``known``, the latest there is."""
    is_changed = grid.is_fresh.any(axis=1)
    changed, unchanged = np.flatnonzero(is_changed), np.flatnonzero(~is_changed)
    t0_mjd = records.t0_mjd[np.nonzero(grid.is_fresh)[0]].tolist()
    return ScoredRows(
        scores=[
            (*row, pfollow, t0)
            for row, pfollow, t0 in zip(
                _score_rows(records, grid, timestamp(now)),
                _nullable(grid.pfollow[grid.is_fresh]),
                t0_mjd,
                strict=True,
            )
        ],
        shadows=list(_score_rows(records, beside, timestamp(now))),
        decisions=list(_machine_decisions(records, grid, filing, now, known)),
        standing=list(_standing_rows(records, visited, grid, filing, changed)),
        unchanged=list(
            zip(
                records.alert_id[unchanged].tolist(),
                records.revision[unchanged].tolist(),
                _nullable(visited[unchanged]),
                strict=True,
            )
        ),
    )


def write(store: Store, alert_ids: Sequence[int], rows: ScoredRows, known_score: int) -> set[int]:
    """Write a chunk in small transactions, so that no scanner's decision has to wait for long.

    ``known_score``: the latest score when the chunk was read. Returns the alerts that another program has
    scored since: of these nothing is written, for it would be written twice.
    """
    done, latest = _Places((0, 0, 0, 0, 0)), known_score
    overtaken: set[int] = set()
    for first in range(0, len(alert_ids), _SLICE):
        ids = alert_ids[first : first + _SLICE]
        part, done = rows.upto(int(ids[-1]), done)
        with transaction(store):
            if scores.latest_score(store) != latest:
                late = scores.scored_after(store, known_score, ids)
                part, overtaken = part.without(late), overtaken | late
            scores.append_scores(store, part.scores)
            insert_decisions(store, part.decisions)
            put_machine_decisions(store, ((d[0], d[2], MACHINE, d[8], d[1]) for d in part.decisions))
            put_scores(store, part.standing)
            put_visited(store, part.unchanged)
            scores.append_shadow_scores(store, part.shadows)
            latest = scores.latest_score(store)
    return overtaken


def _score_rows(records: scores.Records, grid: ScoreGrid, now: str) -> Iterable[Row]:
    rows, days = np.nonzero(grid.is_fresh)
    cell = (rows, days)
    return zip(
        records.alert_id[rows].tolist(),
        grid.visits.number[cell].tolist(),
        grid.visits.day_of(records.t0_mjd, rows, days).tolist(),
        grid.visits.end_mjd[cell].tolist(),
        map(stage_of_day, days.tolist()),
        repeat(grid.model),
        _nullable(grid.preal[cell]),
        _nullable(grid.pgal[cell]),
        _nullable(grid.pfast[cell]),
        _nullable(grid.rank[cell]),
        grid.is_gal_cand[cell].astype(int).tolist(),
        grid.is_tns_match[cell].astype(int).tolist(),
        repeat(now),
    )


def _machine_decisions(
    records: scores.Records, grid: ScoreGrid, filing: Filing, now: datetime, known: str | None
) -> Iterable[Row]:
    """Rows of the policies' decisions; their ids sort after ``known``, though the clock was put back."""
    host, decision_id = platform.node(), known
    for step in sorted(filing.transitions, key=lambda step: step.row):
        cell = (step.row, step.day)
        seen = (grid.preal[cell], grid.pgal[cell], grid.pfast[cell], grid.rank[cell])
        # Several on one alert in one run: each sorts after the one before.
        decision_id = new_id(now, decision_id)
        yield (
            decision_id, int(records.alert_id[step.row]), step.list, None, MACHINE, host, timestamp(now),
            step.reason, int(grid.visits.number[cell]), *_nullable(np.array(seen)), grid.model,
            None, None, None, None, None,
        )  # fmt: skip


def _standing_rows(
    records: scores.Records, visited: Floats, grid: ScoreGrid, filing: Filing, changed: NDArray[np.int64]
) -> Iterable[Row]:
    cell = (changed, grid.last_day[changed])
    return zip(
        filing.filed[changed].tolist(),
        grid.visits.number[cell].tolist(),
        grid.visits.day_of(records.t0_mjd, *cell).tolist(),
        grid.visits.end_mjd[cell].tolist(),
        repeat(grid.model),
        _nullable(grid.rank[cell]),
        _nullable(grid.preal[cell]),
        _nullable(grid.pgal[cell]),
        _nullable(grid.pfast[cell]),
        grid.is_gal_cand[cell].astype(int).tolist(),
        grid.is_tns_match[cell].astype(int).tolist(),
        _nullable(grid.max_rank()[cell]),
        _nullable(grid.mean_rank()[cell]),
        records.revision[changed].tolist(),
        records.alert_id[changed].tolist(),
        _nullable(visited[changed]),
        _nullable(grid.pfollow[cell]),
    )


def _nullable(values: Floats) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]
