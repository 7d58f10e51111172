"""Rules for second opinions: which alerts wait for a vote, and whether votes agree.

A decision with the tag `ASK` asks. From it on, each scanner's standing decision that carries a label is a
vote, the asking one's too. Two scanners must vote; where their labels differ, a decision taken in knowledge
of both resolves it. All of it follows from the decisions alone, so that it survives undo and merging.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from vra_tui.ranking.lists import DECISIONS, MACHINE, label_of
from vra_tui.store.precedence import DecisionNode, known_to, unreverted

#: The tag of a decision that asks for a second opinion.
ASK = "second"

State = Literal["wanted", "disagree", "agree"]


@dataclass(frozen=True)
class Opinion:
    """What a second opinion came to. ``votes``: the list that each scanner voted for, first vote first.

    ``resolved_by``: who decided knowing votes that differed; the labels need not agree then.
    """

    state: State
    asked_by: str
    votes: dict[str, str]
    resolved_by: str | None = None

    def wants(self, scanner: str) -> bool:
        """Tell whether this scanner's vote is still missing."""
        return self.state == "wanted" and scanner not in self.votes


def opinion(decisions: Iterable[DecisionNode]) -> Opinion | None:
    """The state of the latest request for a second opinion; None where nobody asked."""
    rows = list(decisions)
    by_people = [row for row in unreverted(rows) if row.scanner != MACHINE]
    asked = next((row for row in reversed(by_people) if ASK in row.tags), None)
    if asked is None:
        return None
    cast = [row for row in by_people if row.decision_id >= asked.decision_id and _label(row)]
    votes = {row.scanner: row.list or "" for row in cast}
    if len(votes) < 2:
        return Opinion("wanted", asked.scanner, votes)
    resolving = next((row for row in reversed(cast) if _differed(cast, known_to(row, rows))), None)
    if resolving is not None:
        return Opinion("agree", asked.scanner, votes, resolving.scanner)
    differ = len({_said(name) for name in votes.values()}) > 1
    return Opinion("disagree" if differ else "agree", asked.scanner, votes)


def _differed(cast: list[DecisionNode], known: set[str]) -> bool:
    """Tell whether the votes among those known came from two scanners and differed."""
    before = {row.scanner: _label(row) for row in cast if row.decision_id in known}
    return len(before) > 1 and len(set(before.values())) > 1


def _label(row: DecisionNode) -> str:
    return _said(row.list)


def _said(list_name: str | None) -> str:
    """What a vote for a list says: what that teaches, or a survey's own label by its name; "" for nothing."""
    is_own = bool(list_name) and list_name not in DECISIONS
    return str(list_name) if is_own else label_of(list_name)
