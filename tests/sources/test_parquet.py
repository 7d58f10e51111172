"""Parquet holds packets, one a row, or a table of epochs of many objects."""

from tests.sources.made import FLAT_ROWS, NAMES, NESTED_ROWS, parquet, read
from vra_tui.surveys.base import EpochTable


def test_nested_rows_are_packets():
    packets, refusals = read(parquet(NESTED_ROWS))
    assert [packet.value for packet in packets] == NESTED_ROWS
    assert [packet.position for packet in packets] == [f"row {n}" for n in range(1, len(NAMES) + 1)]
    assert not refusals


def test_a_flat_table_is_objects_with_their_rows():
    packets, refusals = read(parquet(FLAT_ROWS))
    assert [packet.value.object_id for packet in packets] == ["A", "B"]
    assert all(isinstance(packet.value, EpochTable) for packet in packets)
    assert packets[0].value.columns["mjd"].tolist() == [60_000.0, 60_002.0]
    assert not refusals


def test_whole_numbers_as_ids_stay_exact():
    rows = [{**row, "oid": 313637921267122191} for row in FLAT_ROWS]
    assert read(parquet(rows))[0][0].value.object_id == "313637921267122191"


def test_files_without_rows_are_refused():
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    for schema in (pa.schema([("a", pa.list_(pa.float64()))]), pa.schema([("mjd", pa.float64())])):
        out = io.BytesIO()
        pq.write_table(schema.empty_table(), out)
        packets, refusals = read(out.getvalue())
        assert not packets
        assert "without" in refusals[0].reason


def test_a_cut_off_file_is_refused():
    packets, refusals = read(parquet(NESTED_ROWS)[:-20])
    assert not packets
    assert "Parquet data cannot be read" in refusals[0].reason
