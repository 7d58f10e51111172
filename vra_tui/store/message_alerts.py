"""Keep which alerts each rule for messages has found and told, so that it tells each once."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vra_tui.store.decision_ids import timestamp

#: In place of a message's id: the alert fulfilled the rule before that began.
_BEFORE = ""


@dataclass(frozen=True)
class RuleState:
    """How a rule stands: which words it has, and when it told something last (ISO 8601, UTC; None: never)."""

    words: str
    told_at: str | None


def rule_state(store: sqlite3.Connection, rule: str) -> RuleState | None:
    """How a rule stands; None where it never was asked."""
    row = store.execute("SELECT words, told_at FROM message_rules WHERE rule = ?", (rule,)).fetchone()
    return None if row is None else RuleState(str(row[0]), row[1])


def begin_rule(
    store: sqlite3.Connection, rule: str, words: str, alert_ids: Iterable[int], now: datetime
) -> None:
    """Let a rule, or its new words, begin: what it finds now counts as told. Call inside a transaction."""
    at = timestamp(now)
    store.execute(
        """INSERT INTO message_rules (rule, words, begun_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (rule) DO UPDATE SET words = ?2, begun_at = ?3""",
        (rule, words, at),
    )
    store.executemany(
        "INSERT OR IGNORE INTO message_alerts (rule, alert_id, found_at, item_id) VALUES (?, ?, ?, ?)",
        ((rule, alert_id, at, _BEFORE) for alert_id in alert_ids),
    )


def known_to_rule(store: sqlite3.Connection, rule: str) -> set[int]:
    """The alerts that a rule found before."""
    rows = store.execute("SELECT alert_id FROM message_alerts WHERE rule = ?", (rule,))
    return {int(row[0]) for row in rows}


def add_found(store: sqlite3.Connection, rule: str, alert_ids: Iterable[int], now: datetime) -> None:
    """Let alerts wait for a rule's next message, unless it found them before. Inside a transaction."""
    at = timestamp(now)
    store.executemany(
        "INSERT OR IGNORE INTO message_alerts (rule, alert_id, found_at) VALUES (?, ?, ?)",
        ((rule, alert_id, at) for alert_id in alert_ids),
    )


def waiting(store: sqlite3.Connection, rule: str) -> list[int]:
    """The alerts that wait for a rule's next message."""
    rows = store.execute(
        "SELECT alert_id FROM message_alerts WHERE rule = ? AND item_id IS NULL ORDER BY alert_id", (rule,)
    )
    return [int(row[0]) for row in rows]


def mark_told(
    store: sqlite3.Connection, rule: str, alert_ids: Sequence[int], item_id: str, now: datetime
) -> None:
    """Note which message tells of alerts. Call inside a transaction."""
    store.executemany(
        "UPDATE message_alerts SET item_id = ? WHERE rule = ? AND alert_id = ? AND item_id IS NULL",
        ((item_id, rule, alert_id) for alert_id in alert_ids),
    )
    store.execute("UPDATE message_rules SET told_at = ? WHERE rule = ?", (timestamp(now), rule))
