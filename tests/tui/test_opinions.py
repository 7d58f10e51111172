"""Second opinions on the screen: asking, voting, and voting blind."""

from datetime import UTC, datetime

import pytest

from tests.tui.conftest import look, press, scanning, shown, until
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, add_note, decide
from vra_tui.store.label_names import OwnLabel, enter_own
from vra_tui.store.second_opinions import ASK
from vra_tui.tui.settings import Settings

pytestmark = pytest.mark.usefixtures("only_when_told")

BEN = Author("ben", "valley")
BLIND = Settings(blind=True)


@pytest.fixture
def asked(others, ids):
    """Ben voted attic on the first alert, and asks for a second opinion."""
    with transaction(others):
        now = datetime.now(UTC)
        decide(others, ids[0], "attic", BEN, now, note="surely a dwarf nova", tags=[ASK])
        add_note(others, ids[0], "seen in outburst before", BEN, now)
    return ids[0]


def tags_of(store):
    return [tuple(row) for row in store.execute("SELECT list, tags FROM decisions ORDER BY sequence")]


async def test_the_next_decision_asks_and_the_one_after_it_does_not(store_path, ids, others):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "O", "g")
        assert "second opinion asked" in "\n".join(shown(app))
        assert app.session.rows.one(ids[0]).opinion == "wanted"
        await press(pilot, "t")
    assert tags_of(others) == [("good", ASK), ("garbage", None)]


async def test_asked_twice_it_asks_without_a_vote(store_path, others):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "O", "O")
    assert tags_of(others) == [("eyeball", ASK)]


async def test_escape_takes_the_question_back(store_path, others):
    async with scanning(store_path) as (_, pilot):
        await press(pilot, "O", "escape", "g")
    assert tags_of(others) == [("good", None)]


async def test_votes_are_shown_to_who_does_not_vote_blind(store_path, asked):
    async with scanning(store_path, size=(200, 60), list_name="second") as (app, _):
        text = "\n".join(shown(app))
    assert "ben asks for another" in text
    assert "attic by ben" in text
    assert "dwarf nova" in text


async def test_votes_are_hidden_from_who_votes_blind_until_the_vote(store_path, asked):
    async with scanning(store_path, size=(200, 60), list_name="second", settings=BLIND) as (app, pilot):
        assert app.session.order.current == asked
        text = "\n".join(shown(app)[1:-3])  # the lists' names stand above, the keys below
        assert "ben asks for your vote" in text
        for word in ("attic", "dwarf nova", "outburst", "decided by"):
            assert word not in text
        await press(pilot, "g")
        text = "\n".join(shown(app))
        assert "ben had decided attic" in text
        assert "they differ" in text
        assert "attic by ben" in text
        assert "good by amy" in text
        assert "dwarf nova" in text
        assert app.session.rows.one(asked).opinion == "disagree"


async def test_the_list_of_a_decision_does_not_tell_a_hidden_vote(store_path, asked):
    async with scanning(store_path, list_name="attic", settings=BLIND) as (app, _):
        assert len(app.session.order) == 0
    async with scanning(store_path, list_name="attic") as (app, _):
        assert app.session.order.current == asked


async def test_nor_does_the_list_of_a_surveys_own_label(store_path, ids, others):
    enter_own(others, [OwnLabel("agn", "atlas", 1.0, None, None)])
    with transaction(others):
        decide(others, ids[0], "agn", BEN, datetime.now(UTC), tags=[ASK])
    async with scanning(store_path, list_name="agn", settings=BLIND) as (app, _):
        assert len(app.session.order) == 0
    async with scanning(store_path, list_name="agn") as (app, pilot):
        assert app.session.order.current == ids[0]
        await press(pilot, "right_square_bracket", "left_square_bracket")


async def test_a_hidden_vote_on_the_alert_under_the_cursor_is_not_told_when_it_comes(store_path, ids, others):
    async with scanning(store_path, size=(160, 40), settings=BLIND) as (app, pilot):
        with transaction(others):
            decide(others, ids[0], "attic", BEN, datetime.now(UTC), tags=[ASK])
        await look(pilot)
        assert "A second opinion is wanted on this one" in shown(app)[-3]
        assert "attic" not in "\n".join(shown(app)[1:-1])


async def test_counts_are_right_after_a_blind_vote(store_path, asked):
    async with scanning(store_path, list_name="second", settings=BLIND) as (app, pilot):
        await look(pilot)
        await press(pilot, "g")
        # Counting may rest between two looks.
        await until(app, lambda: app.session.counts["attic"] == 0, "not counted anew", lambda: look(pilot))
        counts = app.session.counts
        assert (counts["eyeball"], counts["good"], counts["attic"]) == (29, 1, 0)
