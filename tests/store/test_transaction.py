"""What is read together is of one moment, and what fails is told by its own error."""

import threading
from contextlib import closing

import pytest

from tests.factories import api_object, ingest_objects
from vra_tui.store import StoreFault
from vra_tui.store.connection import open_store, reason
from vra_tui.store.transaction import give_up_when, one_view, transaction

COUNT = "SELECT count(*) FROM alerts"


def test_what_is_read_together_is_of_one_moment_whoever_writes_meanwhile(store, store_path, clock):
    with closing(open_store(store_path)) as reader:
        with one_view(reader):
            before = reader.execute(COUNT).fetchone()[0]
            ingest_objects(store, [api_object()], clock)
            assert reader.execute(COUNT).fetchone()[0] == before
        assert reader.execute(COUNT).fetchone()[0] == before + 1


def test_inside_of_a_transaction_it_stays_open_and_whole(store):
    with transaction(store):
        store.execute("INSERT INTO survey_tables (name, value) VALUES ('mine', '1')")
        with one_view(store):
            store.execute(COUNT).fetchone()
        assert store.in_transaction
    assert store.execute("SELECT value FROM survey_tables WHERE name = 'mine'").fetchone()[0] == "1"


def test_where_reading_fails_and_ends_the_transaction_its_own_error_is_told(store):
    """As on a failing disk, where SQLite rolls back by itself."""

    def read():
        with one_view(store):
            store.execute("ROLLBACK")
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        read()
    assert not store.in_transaction


def locked_by_another(store_path, seconds, is_enough=None):
    """A thread that has the lock on a store for so long, or until it is told that it is enough."""
    holds, is_enough = threading.Event(), is_enough or threading.Event()

    def hold():
        with closing(open_store(store_path)) as other, transaction(other):
            holds.set()
            is_enough.wait(seconds)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    return thread


def test_who_waits_for_the_lock_gives_up_once_the_program_is_to_end(store, store_path):
    is_over, is_enough = threading.Event(), threading.Event()
    give_up_when(store, is_over.is_set)
    other = locked_by_another(store_path, 30.0, is_enough)
    threading.Timer(0.3, is_over.set).start()
    with pytest.raises(StoreFault) as error, transaction(store):
        """Never reached."""
    assert other.is_alive()
    assert reason(error.value) == "another program has locked the store; try again"
    is_enough.set()
    other.join()


def test_who_may_give_up_waits_as_long_as_others_as_long_as_nothing_ends(store, store_path):
    give_up_when(store, lambda: False)
    other = locked_by_another(store_path, 1.0)
    with transaction(store):
        store.execute("INSERT INTO survey_tables (name, value) VALUES ('mine', '1')")
    other.join()


def test_what_is_no_lock_is_told_at_once(store):
    give_up_when(store, lambda: False)
    with transaction(store), pytest.raises(StoreFault, match="within a transaction"), transaction(store):
        """Never reached."""
