"""Tell what was scored and decided since a moment. Both tables only grow, so a row number marks it."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.lists import MACHINE

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Horizon:
    """The last score and decision that were seen."""

    score: int
    decision: int


@dataclass(frozen=True, eq=False)
class Changes:
    """Alerts scored, or decided by people, since a horizon, and the horizon that they reach to.

    ``decided``: whether each of those that people decided, or took back, is settled now.
    """

    scored: Ids
    decided: dict[int, bool]
    horizon: Horizon

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return len(self.scored) > 0 or bool(self.decided)


def horizon(connection: sqlite3.Connection) -> Horizon:
    """Tell where the store stands now."""
    row = connection.execute(
        """SELECT (SELECT coalesce(max(score_id), 0) FROM scores),
        (SELECT coalesce(max(sequence), 0) FROM decisions)"""
    ).fetchone()
    return Horizon(*row)


def changes_since(
    connection: sqlite3.Connection,
    past: Horizon,
    limit: int = 20_000,
    known: Collection[str] = (),
) -> Changes:
    """Return what is later than ``past``, as far as ``limit`` scores and decisions of people reach.

    ``known``: ids of decisions that the caller wrote itself and need not be told.
    """
    now = horizon(connection)
    # One row with all ids: a row each would keep the interpreter from the screen's thread.
    scored, last_score = connection.execute(
        """SELECT group_concat(alert_id), coalesce(max(score_id), ?1) FROM
        (SELECT alert_id, score_id FROM scores WHERE score_id > ?1 ORDER BY score_id LIMIT ?2)""",
        (past.score, limit),
    ).fetchone()
    decided = connection.execute(
        """SELECT d.sequence, d.decision_id, d.alert_id, coalesce(s.is_undecided, 0) AS is_undecided
        FROM decisions d LEFT JOIN standing s USING (alert_id)
        WHERE sequence > ? AND scanner != ? ORDER BY sequence LIMIT ?""",
        (past.decision, MACHINE, limit),
    ).fetchall()
    last_decision = decided[-1]["sequence"] if len(decided) == limit else now.decision
    return Changes(
        scored=np.unique(np.fromstring(scored, dtype=np.int64, sep=",")) if scored else _NONE,
        decided={
            row["alert_id"]: not row["is_undecided"] for row in decided if row["decision_id"] not in known
        },
        horizon=Horizon(last_score, last_decision),
    )


_NONE: Ids = np.empty(0, dtype=np.int64)
