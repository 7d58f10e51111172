"""Who looks at which alert: told while a screen lives, forgotten when it does not."""

from datetime import UTC, datetime, timedelta

from tests.factories import FIRST_ID
from vra_tui.store.decisions import Author
from vra_tui.store.viewing import STALE, Viewer, stop_viewing, tell_viewing, viewers

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ADA, BEN = Author("ada", "summit"), Author("ben", "valley")
SECOND = timedelta(seconds=1)


def seen(store, now=NOW, but=""):
    return [(viewer.scanner, viewer.alert_id - FIRST_ID) for viewer in viewers(store, now, but)]


def test_a_screen_is_told_of_the_others_and_not_of_itself(store):
    tell_viewing(store, "one", ADA, FIRST_ID, NOW)
    tell_viewing(store, "two", BEN, FIRST_ID + 1, NOW + SECOND)
    assert seen(store) == [("ada", 0), ("ben", 1)]
    assert seen(store, but="one") == [("ben", 1)]


def test_since_when_counts_from_the_move_and_not_from_the_last_word(store):
    tell_viewing(store, "one", ADA, FIRST_ID, NOW)
    tell_viewing(store, "one", ADA, FIRST_ID, NOW + 10 * SECOND)
    assert viewers(store, NOW + 10 * SECOND) == [
        Viewer(FIRST_ID, "ada", "summit", NOW.isoformat(timespec="milliseconds"))
    ]
    tell_viewing(store, "one", ADA, FIRST_ID + 1, NOW + 11 * SECOND)
    assert viewers(store, NOW + 11 * SECOND)[0].since > NOW.isoformat()


def test_a_screen_that_is_not_heard_of_is_forgotten(store):
    tell_viewing(store, "one", ADA, FIRST_ID, NOW)
    assert seen(store, NOW + STALE - SECOND)
    assert not seen(store, NOW + STALE + SECOND)


def test_a_clock_that_was_put_back_keeps_no_screen_alive(store):
    tell_viewing(store, "one", ADA, FIRST_ID, NOW)
    assert not seen(store, NOW - timedelta(hours=1))


def test_one_scanner_may_have_two_screens(store):
    tell_viewing(store, "one", ADA, FIRST_ID, NOW)
    tell_viewing(store, "two", ADA, FIRST_ID, NOW)
    assert seen(store, but="one") == [("ada", 0)]


def test_a_screen_that_closes_leaves_nothing_and_clears_up_after_the_dead(store):
    tell_viewing(store, "dead", BEN, FIRST_ID, NOW - timedelta(hours=2))
    tell_viewing(store, "one", ADA, FIRST_ID, NOW)
    stop_viewing(store, "one", NOW)
    assert store.execute("SELECT count(*) FROM viewing").fetchone()[0] == 0
