"""The short questions of a screen, and of a store as a whole."""

from datetime import UTC, datetime

from tests.factories import FIRST_ID, api_object, ingest_objects
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.scanning import awaiting_opinions, revision_of, standing_decision
from vra_tui.store.viewing import open_for_viewing
from vra_tui.store.whole import into_one_file, is_empty

AMY, NOW = Author("amy", "here"), datetime(2026, 1, 1, tzinfo=UTC)


def test_a_revision_grows_with_the_data_and_is_0_where_there_is_no_alert(store, clock):
    assert revision_of(store, FIRST_ID) == revision_of(store, None) == 0
    ingest_objects(store, [api_object()], clock)
    before = revision_of(store, FIRST_ID)
    ingest_objects(
        store, [api_object(header={"rb_pix": 0.5, "date_modified": "2023-03-08T00:00:00Z"})], clock
    )
    assert revision_of(store, FIRST_ID) > before > 0


def test_what_stands_on_an_alert_is_its_list_and_who_took_it(store, clock):
    ingest_objects(store, [api_object(n) for n in range(2)], clock)
    assert standing_decision(store, FIRST_ID) is None
    with transaction(store):
        decide(store, FIRST_ID, "good", AMY, NOW)
        decide(store, FIRST_ID + 1, "attic", AMY, NOW, tags=("second",))
    assert standing_decision(store, FIRST_ID) == ("good", "amy")
    assert awaiting_opinions(store) == [FIRST_ID + 1]


def test_a_store_is_empty_until_an_alert_is_in_it_and_can_be_moved_as_one_file(
    store, store_path, clock, tmp_path
):
    assert is_empty(store)
    ingest_objects(store, [api_object()], clock)
    assert not is_empty(store)
    into_one_file(store)
    alone = tmp_path / "alone.db"
    alone.write_bytes(store_path.read_bytes())
    connection = open_for_viewing(alone)
    assert not is_empty(connection)
    assert connection.execute("PRAGMA busy_timeout").fetchone()[0] <= 50
    connection.close()
