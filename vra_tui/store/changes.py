"""What was scored and decided since a moment; both tables only ever grow, so a number each marks it."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from vra_tui.ranking.lists import MACHINE


@dataclass(frozen=True)
class Horizon:
    """The last score and decision that were seen."""

    score: int
    decision: int


@dataclass(frozen=True)
class Changes:
    """Alerts scored or decided since a horizon, and the horizon that they reach to."""

    scored: frozenset[int]
    decided: frozenset[int]
    decided_by_people: frozenset[int]
    horizon: Horizon

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.scored or self.decided)


def horizon(connection: sqlite3.Connection) -> Horizon:
    """Where the store stands now."""
    row = connection.execute(
        """SELECT (SELECT coalesce(max(score_id), 0) FROM scores),
        (SELECT coalesce(max(sequence), 0) FROM decisions)"""
    ).fetchone()
    return Horizon(row[0], row[1])


def changes_since(
    connection: sqlite3.Connection,
    past: Horizon,
    limit: int = 20_000,
    known: Collection[str] = (),
) -> Changes:
    """Alerts whose scores or decisions are later than ``past``, as far as ``limit`` rows of each reach.

    ``known``: ids of decisions that the caller wrote itself and need not be told.
    """
    scores = connection.execute(
        "SELECT score_id, atlas_id FROM scores WHERE score_id > ? ORDER BY score_id LIMIT ?",
        (past.score, limit),
    ).fetchall()
    decisions = connection.execute(
        """SELECT sequence, decision_id, atlas_id, scanner FROM decisions WHERE sequence > ?
        ORDER BY sequence LIMIT ?""",
        (past.decision, limit),
    ).fetchall()
    news = [row for row in decisions if row["decision_id"] not in known]
    return Changes(
        scored=frozenset(row["atlas_id"] for row in scores),
        decided=frozenset(row["atlas_id"] for row in news),
        decided_by_people=frozenset(row["atlas_id"] for row in news if row["scanner"] != MACHINE),
        horizon=Horizon(
            scores[-1]["score_id"] if scores else past.score,
            decisions[-1]["sequence"] if decisions else past.decision,
        ),
    )
