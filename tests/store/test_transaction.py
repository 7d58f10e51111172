"""What is read together is of one moment, and what fails is told by its own error."""

from contextlib import closing

import pytest

from tests.factories import api_object, ingest_objects
from vra_tui.store.connection import open_store
from vra_tui.store.transaction import one_view, transaction

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
