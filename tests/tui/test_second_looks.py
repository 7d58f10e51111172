"""The list `doubt` on the screen: what was said before is hidden until one decided."""

from datetime import UTC, datetime

import pytest

from tests.tui.conftest import press, scanning, shown
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, add_note, decide
from vra_tui.store.doubt_list import LOOK, DoubtRow, put_doubt, second_looks

pytestmark = pytest.mark.usefixtures("only_when_told")

BEN = Author("ben", "valley")


@pytest.fixture
def doubt(others, ids):
    """Ben's label on the first alert is doubted."""
    with transaction(others):
        now = datetime.now(UTC)
        made = decide(others, ids[0], "attic", BEN, now, note="surely a dwarf nova")
        add_note(others, ids[0], "seen in outburst before", BEN, now)
        put_doubt(others, "atlas", [DoubtRow(ids[0], made, 1.0, False, "a model says P(real) 0.03")])
    return ids[0]


async def test_label_scanner_notes_and_rank_are_hidden_until_one_decided(store_path, doubt, others):
    async with scanning(store_path, size=(200, 60), list_name="doubt") as (app, pilot):
        assert app.session.order.current == doubt
        text = "\n".join(shown(app)[1:-3])  # the lists' names stand above, the keys below
        assert "second look: what was said before is hidden" in text
        for word in ("attic", "ben", "dwarf nova", "outburst", "P(real)", "9.9"):
            assert word not in text, word
        await press(pilot, "g")
        text = "\n".join(shown(app))
        assert "ben had decided attic" in text
        assert "a model says P(real) 0.03" in text
        assert "dwarf nova" in text
    [look] = second_looks(others)
    assert (look.scanner, look.before, look.after, look.is_overturned) == ("ben", "galactic", "good", True)
    row = others.execute("SELECT rank, preal, tags FROM decisions ORDER BY sequence DESC LIMIT 1").fetchone()
    assert tuple(row) == (None, None, LOOK)  # the rank was not on the screen


async def test_in_other_lists_the_label_is_shown_and_a_decision_is_no_second_look(store_path, doubt, others):
    async with scanning(store_path, size=(200, 60), list_name="attic") as (app, pilot):
        assert "attic by ben" in "\n".join(shown(app))
        await press(pilot, "g")
        # From the list `doubt` to another one, nothing stays hidden.
        assert app.session.rows.one(doubt).decided_list == "good"
    assert second_looks(others) == []
