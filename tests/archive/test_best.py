"""Objects of a catalogue that go into a store are the same alerts there."""

import numpy as np

from tests.archive.test_partition import frame
from vra_tui.archive.best import alerts_of
from vra_tui.archive.columns import find_columns
from vra_tui.archive.partition import features_of, layout_of, objects_of
from vra_tui.pipeline.ingest import ingest
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.store.connection import open_store
from vra_tui.store.listing import list_ids
from vra_tui.surveys.base import Packet


def test_in_a_store_they_have_the_features_that_they_had_in_the_catalogue(tmp_path, clock):
    table = frame()
    table = table[table["mjd"].map(len) > 0]
    objects = objects_of(table, find_columns(layout_of(table), {}))
    store = open_store(tmp_path / "vra.db", durable=False)
    packets = [Packet("sky", "object", one) for one in alerts_of(objects, [*objects.object_id], "table")]
    assert ingest(store, packets, clock=clock).new == len(table)
    stored = stream_features(store, list_ids(store, "all").tolist())
    found = features_of(objects)
    assert stored.names == found.names
    for name in found.names:
        # The store has an order of its own.
        np.testing.assert_allclose(np.sort(stored.column(name)), np.sort(found.column(name)), err_msg=name)
    store.close()
