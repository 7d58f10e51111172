"""What may make drafts for the outbox: decisions taken here, and scores, since a rule looked last."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from vra_tui.store.changes import horizon
from vra_tui.store.decision_rows import IS_REVERTED
from vra_tui.store.following import keep_positions, positions_of

_DECIDED = """SELECT d.sequence, d.decision_id, d.alert_id, d.list, d.scanner, d.timestamp, d.note
    FROM decisions d"""
#: Who followed the rules stands among the sources with this before its name, which no source can have.
_RULE = "outbox:"


@dataclass(frozen=True)
class Decided:
    """A decision as a rule sees it; ``sequence``: its place among all that the store holds."""

    sequence: int
    decision_id: str
    alert_id: int
    list: str
    scanner: str
    timestamp: str
    note: str | None


def rule_position(store: sqlite3.Connection, rule: str, cause: str) -> int | None:
    """How far a rule has seen the decisions or scores (``cause``); None where it is new."""
    found = positions_of(store, _RULE + rule).get(cause)
    return int(found) if found is not None and found.isdecimal() else None


def keep_rule_position(store: sqlite3.Connection, rule: str, cause: str, position: int, now: str) -> None:
    """Keep how far a rule has seen. In the transaction that keeps its drafts."""
    keep_positions(store, _RULE + rule, {cause: str(position)}, now)


def last_causes(store: sqlite3.Connection) -> dict[str, int]:
    """Where the decisions and the scores end now: a new rule begins behind them."""
    now = horizon(store)
    return {"decisions": now.decision, "scores": now.score}


def decided_since(store: sqlite3.Connection, sequence: int, limit: int) -> tuple[list[Decided], int]:
    """Decisions taken here after a place that stand, at most so many rows; and the place up to which.

    After an undo, the decision that stands on its alert again is among them. What was imported, as from a
    server's lists or from other stores, leaves from where it was decided.
    """
    rows = store.execute(
        f"""SELECT d.sequence, d.alert_id, d.reverts, {IS_REVERTED} AS is_reverted, d.import_id
        FROM decisions d WHERE d.sequence > ? ORDER BY d.sequence LIMIT ?""",
        (sequence, limit),
    ).fetchall()
    if not rows:
        return [], sequence
    undone = sorted({row["alert_id"] for row in rows if row["reverts"] is not None})
    new = [row["sequence"] for row in rows if row["reverts"] is None and not row["is_reverted"]]
    wanted = {*new, *(one.sequence for one in standing_decisions(store, undone).values())}
    found = store.execute(
        f"""{_DECIDED} WHERE d.sequence IN (SELECT value FROM json_each(?)) AND d.import_id IS NULL
        ORDER BY d.sequence""",
        (json.dumps(sorted(wanted)),),
    )
    return [Decided(*row) for row in found], int(rows[-1]["sequence"])


def standing_decisions(store: sqlite3.Connection, alert_ids: Iterable[int]) -> dict[int, Decided]:
    """The latest decision on each alert that was not taken back; alerts without one are left out."""
    rows = store.execute(
        f"""{_DECIDED} WHERE d.alert_id IN (SELECT value FROM json_each(?)) AND d.list IS NOT NULL
        AND NOT {IS_REVERTED} ORDER BY d.decision_id""",
        (json.dumps(list(alert_ids)),),
    )
    return {row["alert_id"]: Decided(*row) for row in rows}


@dataclass(frozen=True)
class Scored:
    """A score that was given; ``at``: when, ISO 8601 in UTC."""

    score_id: int
    alert_id: int
    at: str


def scored_since(store: sqlite3.Connection, score_id: int, limit: int) -> list[Scored]:
    """Scores behind a place, at most so many, the latest of each alert alone, in their order."""
    rows = store.execute(
        """SELECT score_id, alert_id, scored_at FROM scores WHERE score_id > ? ORDER BY score_id LIMIT ?""",
        (score_id, limit),
    )
    latest = {row["alert_id"]: Scored(*row) for row in rows}
    return sorted(latest.values(), key=lambda one: one.score_id)
