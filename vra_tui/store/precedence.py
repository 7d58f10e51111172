"""Rules for which of an alert's decisions stands, whatever order the decisions came in.

Decisions of several stores are united by throwing them together. What stands follows from the set alone: from
the ids, which sort by time and after everything that was known when they were given, and from ``follows``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vra_tui.ranking.lists import MACHINE


@dataclass(frozen=True)
class DecisionNode:
    """A decision or undo, for the rules of which one stands. ``follows``: the decisions known to it."""

    decision_id: str
    list: str | None
    reverts: str | None
    scanner: str
    visit: int | None = None
    tags: frozenset[str] = frozenset()
    follows: tuple[str, ...] = ()
    seen_mjd: float | None = None


def unreverted(decisions: Iterable[DecisionNode]) -> list[DecisionNode]:
    """The decisions that nobody undid, in the order of their ids."""
    rows = list(decisions)
    reverted = {row.reverts for row in rows}
    kept = [row for row in rows if row.list is not None and row.decision_id not in reverted]
    return sorted(kept, key=lambda row: row.decision_id)


def standing_decision(decisions: Iterable[DecisionNode]) -> DecisionNode | None:
    """The latest decision of a scanner that was not undone; without one, the latest of the policies.

    A scanner outweighs the policies whenever they decided: a store that did not know of the scanner's
    decision may have discarded the alert after it.
    """
    rows = unreverted(decisions)
    candidates = [row for row in rows if row.scanner != MACHINE] or rows
    return candidates[-1] if candidates else None


def heads(decisions: Iterable[DecisionNode]) -> list[DecisionNode]:
    """The scanners' decisions that stand and that no other standing one was taken in knowledge of."""
    rows = list(decisions)
    standing = [row for row in unreverted(rows) if row.scanner != MACHINE]
    superseded = _reached((earlier for row in standing for earlier in row.follows), rows)
    return [row for row in standing if row.decision_id not in superseded]


def is_in_conflict(decisions: Iterable[DecisionNode]) -> bool:
    """Tell whether decisions that did not know of each other file the alert differently."""
    return len({head.list for head in heads(decisions)}) > 1


def known_to(one: DecisionNode, decisions: Iterable[DecisionNode]) -> set[str]:
    """Ids of the decisions known when ``one`` was taken, and of those known to these, and so on."""
    return _reached(one.follows, decisions)


def _reached(ids: Iterable[str], decisions: Iterable[DecisionNode]) -> set[str]:
    follows = {row.decision_id: row.follows for row in decisions}
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        earlier = waiting.pop()
        if earlier not in found:
            found.add(earlier)
            waiting.extend(follows.get(earlier, ()))
    return found
