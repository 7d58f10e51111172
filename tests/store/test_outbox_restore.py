"""What left after a backup was made does not leave again when the backup takes the store's place."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import Clock
from tests.store.test_outbox import move
from vra_tui.store import Store, outbox
from vra_tui.store.backup import back_up
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.outbox import State
from vra_tui.store.outbox_causes import keep_rule_position, rule_position
from vra_tui.store.outbox_sending import begin, settle
from vra_tui.store.restore import restore
from vra_tui.store.salvage import salvage

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def approved(store: Store, clock: Clock) -> str:
    return outbox.put(store, [move("good")], by="ana", now=clock(), is_approved=True)[0]


def test_an_older_backup_learns_what_left_and_how_far_rules_have_seen(
    store: Store, store_path: Path, clock: Clock, approved: str
):
    made = back_up(store_path, now=NOW)
    begin(store, approved, owner="run", now=clock())
    settle(store, approved, State.ACCEPTED, "yes", owner="run", now=clock())
    later = outbox.put(store, [move("attic")], by="ana", now=clock())[0]
    with transaction(store):
        keep_rule_position(store, "moves", "decisions", 7, "2026-11-28")
    before = [outbox.item(store, one) for one in (approved, later)]
    histories = [one.history for one in before]
    store.close()
    restore(made.path, store_path, now=NOW)
    with closing(open_store(store_path)) as restored:
        after = [outbox.item(restored, one) for one in (approved, later)]
        assert after == before
        assert [one.history for one in after] == histories
        assert rule_position(restored, "moves", "decisions") == 7


def test_on_another_machine_it_is_asked_first_whether_it_has_left(
    store: Store, store_path: Path, clock: Clock, approved: str, tmp_path: Path
):
    made = back_up(store_path, now=NOW)
    elsewhere = tmp_path / "elsewhere" / "vra.db"
    elsewhere.parent.mkdir()
    restore(made.path, elsewhere, now=NOW)
    with closing(open_store(elsewhere)) as restored:
        claim = begin(restored, approved, owner="run", now=clock())
        assert claim is not None
        assert claim.must_ask


def test_a_salvaged_store_asks_first(
    store: Store, store_path: Path, clock: Clock, approved: str, tmp_path: Path
):
    store.close()
    salvage(store_path, tmp_path / "saved" / "vra.db")
    with closing(open_store(tmp_path / "saved" / "vra.db")) as saved:
        claim = begin(saved, approved, owner="run", now=clock())
        assert claim is not None
        assert claim.must_ask
