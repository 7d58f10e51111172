"""What of the outbox wants somebody, in the words of the foot."""

from collections.abc import Mapping

from vra_tui.store.outbox import State
from vra_tui.tui.spans import Line


def counts_words(counts: Mapping[State, int], key: str = "") -> Line:
    """What of the outbox wants somebody, for the foot; empty where nothing does.

    ``key``: the one that opens the outbox, as people write it; "" where none does.
    """
    begin: Line = [(f"{key} ", "foot_strong")] if key else []
    line: Line = []
    for count, words, role in (
        (counts.get(State.DRAFT, 0), "to approve", "foot_strong"),
        (counts.get(State.REFUSED, 0), "refused", "foot_warn"),
    ):
        if count:
            line += [
                *([] if line else begin),
                (", " if line else "outbox ", "foot_dim"),
                (f"{count:,}", role),
                (f" {words}", "foot_dim"),
            ]
    return line
