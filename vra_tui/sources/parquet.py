"""Parquet: rows that are packets (Fink), or a table of epochs of many objects."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.reading import Reading
from vra_tui.sources.tables import tables_of
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

MAGIC = b"PAR1"
_ROWS = 200
_MAX_TABLE_ROWS = 50_000_000


def read_parquet(stream: BinaryIO, source: str, reading: Reading) -> Iterator[Packet | Refusal]:
    """Packets of a Parquet file: one a row where rows are nested, else one an object."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        reason = "it is Parquet, which needs pyarrow: pip install 'vra-tui[parquet]'"
        yield Refusal(source, "file", reason)
        return
    try:
        file = pq.ParquetFile(stream)
        is_flat = not any(pa.types.is_nested(field.type) for field in file.schema_arrow)
        if is_flat:
            if file.metadata.num_rows > _MAX_TABLE_ROWS:
                yield Refusal(source, "file", f"it holds more than {_MAX_TABLE_ROWS:,} rows: split it")
                return
            # Whole numbers beside nulls would become floats, which round ids.
            yield from tables_of(file.read().to_pandas(integer_object_nulls=True), source, reading)
            return
        number = 0
        for batch in file.iter_batches(batch_size=_ROWS):
            size = batch.nbytes // max(batch.num_rows, 1)
            for row in batch.to_pylist():
                number += 1
                yield Packet(source, f"row {number}", row, "row", None, size, reading.options)
        if not number:
            yield Refusal(source, "file", "it is a Parquet file without a row")
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        yield Refusal(source, "file", f"its Parquet data cannot be read: {_words(error)}")


def _words(error: Any) -> str:
    return printable(" ".join(str(error).split()), 160)
