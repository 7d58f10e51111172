"""What of the outbox wants somebody, in the words of the foot."""

from collections.abc import Mapping

from vra_tui.store.outbox import State
from vra_tui.tui.spans import Line


def counts_words(counts: Mapping[State, int]) -> Line:
    """What of the outbox wants somebody, for the foot; empty where nothing does."""
    line: Line = []
    for count, words, role in (
        (counts.get(State.DRAFT, 0), "to approve", "foot_strong"),
        (counts.get(State.REFUSED, 0), "refused", "foot_warn"),
    ):
        if count:
            line += [
                (", " if line else "outbox ", "foot_dim"),
                (f"{count:,}", role),
                (f" {words}", "foot_dim"),
            ]
    return line
