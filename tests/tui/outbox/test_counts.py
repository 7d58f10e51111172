"""The foot tells what of the outbox wants somebody."""

from vra_tui.store.outbox import State
from vra_tui.tui.outbox.counts import counts_words
from vra_tui.tui.spans import text_of


def test_the_foot_names_what_wants_somebody_and_nothing_else():
    assert text_of(counts_words({State.DRAFT: 3, State.REFUSED: 1})) == "outbox 3 to approve, 1 refused"
    assert text_of(counts_words({State.REFUSED: 2})) == "outbox 2 refused"
    assert text_of(counts_words({State.DRAFT: 3}, "Q")) == "Q outbox 3 to approve"
    assert counts_words({State.ACCEPTED: 12}, "Q") == []
    assert counts_words({State.ACCEPTED: 12, State.APPROVED: 1}) == []
