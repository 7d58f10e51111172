"""Write tables of rows as CSV, JSON lines and Parquet, and read them back."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, TextIO

import orjson

from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.errors import VraError
from vra_tui.text import printable

# A spreadsheet would run what begins like a formula.
_FORMULA = tuple("=+-@＝＋－＠")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile(r"\\(?:([\\nrt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.?))", re.DOTALL)
_PLAIN = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
#: Columns that are not text, by the names they have wherever they occur.
_INT64 = frozenset({"atlas_id", "transient_object_id", "visit", "is_gal_cand", "is_bad"})
_FLOAT64 = frozenset({"preal", "pgal", "pfast", "rank", "seconds", "seen_mjd", "mjd"})
#: The column by which a history is known: the texts of its CSV are `escaped`.
HISTORY_MARK = "follows"
#: Rows of a Parquet file that are in memory at once, when it is written and when it is read.
_BATCH = 20_000
#: A line of JSON longer than this is no row of labels.
_MAX_LINE = 1 << 20


class TableError(VraError):
    """A table that cannot be read or written as a whole."""


def one_line(value: Any) -> Any:
    """A text as a CSV cell for people: one line, nothing a terminal acts on, no formula."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def escaped(value: Any) -> Any:
    """A text as a CSV cell that holds all of it: what is not printable as an escape, no formula.

    `unescaped` gives the very text again: a backslash is doubled, and a leading quote gets another.
    """
    if not isinstance(value, str):
        return value
    text = "".join(map(_escape, value)) if not value.isprintable() or "\\" in value else value
    return f"'{text}" if text.startswith(("'", *_FORMULA)) else text


def unescaped(cell: str) -> str:
    """The text of a cell that `escaped` made. Raises ValueError for an escape that there is not."""
    text = cell.removeprefix("'")
    return _ESCAPED.sub(_unescape, text) if "\\" in text else text


def without_quote(cell: str) -> str:
    """The text of a cell that `one_line` made."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return _PLAIN[match[1]]
    digits = match[2] or match[3] or match[4]
    if digits is None or int(digits, 16) > 0x10FFFF:
        raise ValueError(f"{match[0]!r} is no escape; a backslash itself is written twice")
    return chr(int(digits, 16))


def write_csv(
    rows: Iterable[Mapping[str, Any]],
    columns: Iterable[str],
    out: TextIO,
    cell: Callable[[Any], Any] = one_line,
) -> int:
    """Write rows with a header line; how many. ``cell`` makes a value safe: `one_line` or `escaped`."""
    names = list(columns)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow([cell(row[name]) for name in names])
        count += 1
    return count


def write_jsonl(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    """Write one JSON object a line; how many."""
    count = 0
    for row in rows:
        out.write(json.dumps(dict(row), ensure_ascii=True) + "\n")
        count += 1
    return count


def write_parquet(rows: Iterable[Mapping[str, Any]], columns: Iterable[str], out: BinaryIO) -> int:
    """Write rows as Parquet, numbers as such; how many. Raises TableError where pyarrow is not installed."""
    pyarrow, parquet = _pyarrow()
    kinds = {name: pyarrow.int64() for name in _INT64} | {name: pyarrow.float64() for name in _FLOAT64}
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in columns])
    waiting, count = iter(rows), 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while batch := [dict(row) for row in islice(waiting, _BATCH)]:
            writer.write_table(pyarrow.Table.from_pylist(batch, schema))
            count += len(batch)
    return count


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise TableError(
            "Parquet needs pyarrow, which is not installed: `pip install 'vra-tui[parquet]'`. "
            "CSV and JSON lines need nothing."
        ) from None
    return pyarrow, parquet


def read_table(
    file: BinaryIO, source: str, needed: Sequence[Sequence[str]]
) -> Iterator[InputPiece | Refusal]:
    """Rows of a CSV, JSON lines or Parquet file, told apart by how it begins.

    The cells of a CSV with a column `HISTORY_MARK` are `escaped`, those of another one `one_line`. What
    cannot be read is refused row by row. Raises TableError for a CSV or Parquet file that has all columns of
    none of the sets in ``needed``, and for a Parquet file that is broken.
    """
    start = _peek(file)
    if start.startswith(b"PAR1"):
        yield from _read_parquet(file, source, needed)
    elif start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        yield from _read_jsonl(file, source)
    else:
        yield from _read_csv(file, source, needed)


def _peek(file: BinaryIO) -> bytes:
    """The first bytes of a file, which stay to be read."""
    peek = getattr(file, "peek", None)
    if peek is not None:
        return bytes(peek(64)[:64])
    start = file.read(64)
    file.seek(0)
    return start


def _read_csv(file: BinaryIO, source: str, needed: Sequence[Sequence[str]]) -> Iterator[InputPiece | Refusal]:
    # What is no UTF-8 spoils its own row only: such bytes become characters that are refused there.
    text = (line.decode("utf-8", "surrogateescape") for line in file)
    reader = csv.reader(line.removeprefix("\ufeff") if n == 0 else line for n, line in enumerate(text))
    names: list[str] = []
    text_of = unescaped
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(source, place, f"this is no line of CSV: {error}")
            continue
        if not names:
            names = cells
            _check_columns(source, names, needed)
            text_of = unescaped if HISTORY_MARK in names else without_quote
        elif len(cells) != len(names):
            if cells:
                yield Refusal(source, place, f"{len(cells)} cells under {len(names)} columns")
        else:
            try:
                values = {name: text_of(cell) for name, cell in zip(names, cells, strict=True)}
            except ValueError as error:
                yield Refusal(source, place, str(error))
            else:
                yield InputPiece(source, place, values)


def _check_columns(source: str, names: Iterable[str], needed: Sequence[Sequence[str]]) -> None:
    held = set(names)
    lacking = min(([name for name in one if name not in held] for one in needed), key=len)
    if lacking:
        raise TableError(
            f"{source} is no table of decisions: it has no column {', '.join(lacking)}. "
            "`vra labels export --history` writes one. Nothing was taken from it."
        )


def _read_jsonl(file: BinaryIO, source: str) -> Iterator[InputPiece | Refusal]:
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        place = f"line {number}"
        if len(line) == _MAX_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(_MAX_LINE)
            yield Refusal(source, place, "this line is longer than 1 MB")
            continue
        if not line.strip(b"\xef\xbb\xbf \t\r\n"):
            continue
        try:
            value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError as error:
            yield Refusal(source, place, f"this is no JSON: {error}")
        else:
            yield InputPiece(source, place, value)


def _read_parquet(
    file: BinaryIO, source: str, needed: Sequence[Sequence[str]]
) -> Iterator[InputPiece | Refusal]:
    pyarrow, parquet = _pyarrow()
    number = 0
    try:
        table = parquet.ParquetFile(file)
        _check_columns(source, table.schema_arrow.names, needed)
        for batch in table.iter_batches(_BATCH):
            for values in batch.to_pylist():
                number += 1
                yield InputPiece(source, f"row {number}", values)
    except (pyarrow.ArrowException, OSError) as error:
        raise TableError(
            f"{source} is a broken Parquet file: {printable(error, 200)}. "
            f"The {number} rows before that were read."
        ) from None
