"""The shelf keeps few pictures, reads what is wanted before what is prepared, and a fault is a reason."""

from concurrent.futures import wait

import pytest

from tests.tui.stamps.test_pane import NAMES, stamps_store  # noqa: F401
from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.store.connection import open_store
from vra_tui.store.finding import find_alerts
from vra_tui.tui.stamps import shelf as shelf_module
from vra_tui.tui.stamps.shelf import StampShelf


@pytest.fixture
def ids(stamps_store):  # noqa: F811
    store = open_store(stamps_store, create=False)
    found = [find_alerts(store, name)[0] for name in NAMES]
    store.close()
    return found


@pytest.fixture
def shelf(stamps_store):  # noqa: F811
    made = StampShelf(stamps_store, lambda survey: StampFrame(rows_to_north=False))
    yield made
    made.close()


def test_the_latest_exposure_is_read_and_others_when_they_are_asked_for(shelf, ids):
    found = shelf.fetch(ids[0], "ztf").result(60)
    assert [one.mjd for one in found.epochs] == sorted(one.mjd for one in found.epochs)
    assert list(found.pictures) == [1]
    assert list(shelf.fetch(ids[0], "ztf", [0]).result(60).pictures) == [1, 0]


def test_an_alert_without_stamps_is_no_fault(shelf, ids):
    found = shelf.fetch(ids[2], "ztf").result(60)
    assert (found.epochs, found.fault) == ([], "")


def test_no_more_is_kept_than_there_is_room_for(shelf, ids, monkeypatch):
    monkeypatch.setattr(shelf_module, "_MOST_KEPT", 60_000)
    for _ in range(2):
        for alert_id in ids:
            shelf.fetch(alert_id, "ztf").result(60)
    kept = [one for one in ids if shelf.held(one) is not None]
    assert ids[2] in kept
    assert sum(shelf.held(one).size for one in kept) <= 60_000 or len(kept) == 1


def test_what_was_prepared_is_at_hand(shelf, ids):
    shelf.prepare([(one, "ztf") for one in ids])
    wait(list(shelf._ahead), 60)
    assert all(shelf.held(one) is not None for one in ids)
    assert shelf.held(ids[0], (1, 1)) is None  # of another state of the alert


def test_a_store_that_cannot_be_read_is_told(tmp_path):
    shelf = StampShelf(tmp_path / "none.db", lambda survey: StampFrame())
    assert "no store" in shelf.fetch(1, "ztf").result(60).fault
    shelf.close()


def test_an_alert_of_very_many_exposures_is_read_in_pieces_and_keeps_only_what_is_shown(
    shelf, ids, monkeypatch
):
    monkeypatch.setattr(shelf_module, "_MOST_AT_ONCE", 1)
    assert len(shelf.fetch(ids[0], "ztf", [0, 1]).result(60).pictures) == 1
    assert len(shelf.fetch(ids[0], "ztf", [0, 1]).result(60).pictures) == 2
    monkeypatch.setattr(shelf_module, "_MOST_KEPT", 60_000)
    assert list(shelf.fetch(ids[0], "ztf", [0]).result(60).pictures) == [0]
