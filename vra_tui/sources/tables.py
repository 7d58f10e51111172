"""Read tables of epochs from text: CSV and its kin, and files of ATLAS's forced-photometry server."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.reading import Reading
from vra_tui.sources.table_text import ID_SPELLINGS, body_of, frame_of, separator_of, tidied
from vra_tui.surveys.base import EpochTable, Packet
from vra_tui.surveys.table import extent, missing_columns, squeezed
from vra_tui.text import printable

if TYPE_CHECKING:
    import pandas as pd

#: A text table larger than this is refused unread.
MAX_TABLE_BYTES = 1 << 30
#: How the header of the forced-photometry server begins, with and without its marks.
_FORCED = re.compile(rb"\A[#\s]*MJD\s+m\s+dm\s+uJy\s+duJy\s+F\s", re.ASCII)
#: A table without ids whose rows lie further apart than this is of several objects, degrees.
_ONE_PLACE = 1.0 / 60.0
STDIN_NAME = "<stdin>"


def is_forced_text(head: bytes) -> bool:
    """Tell whether a file begins as the ATLAS forced-photometry server writes it."""
    return bool(_FORCED.match(head))


def read_table(stream: BinaryIO, source: str, reading: Reading) -> Iterator[Packet | Refusal]:
    """One packet an object of a table of epochs; its rows may be in any order, so all of it is read."""
    data = stream.read(MAX_TABLE_BYTES + 1)
    if len(data) > MAX_TABLE_BYTES:
        yield Refusal(source, "file", f"it is a table of more than {MAX_TABLE_BYTES:,} bytes: split it")
        return
    is_forced = is_forced_text(data[:200])
    body = data.lstrip(b"# ") if is_forced else body_of(data)
    mark = None if is_forced else separator_of(body.split(b"\n", 1)[0])
    faults: list[tuple[int, str]] = []

    def on_bad_line(fields: list[str]) -> None:
        faults.append((len(faults) + 1, f"a row has {len(fields)} fields"))

    try:
        frame = frame_of(body, mark, on_bad_line)
    except ValueError as error:
        yield Refusal(source, "file", f"it cannot be read as a table: {printable(error, 160)}")
        return
    for number, fault in faults[:1000]:
        yield Refusal(source, f"row refused {number}", f"{fault}, its header {len(frame.columns)}")
    if not is_forced and len(frame):
        frame = tidied(frame, mark)
    yield from tables_of(frame, source, reading, "forced" if is_forced else "columns")


def tables_of(
    frame: "pd.DataFrame", source: str, reading: Reading, kind: str = "columns"
) -> Iterator[Packet | Refusal]:
    """The objects of a table of epochs, one packet each, in the order in which they first stand in it."""
    # What the user says is called so takes the place of what is called so in the table.
    said = {theirs: ours for ours, theirs in reading.columns.items() if theirs in frame.columns}
    frame = frame.drop(columns=[ours for ours in said.values() if ours in frame.columns and ours not in said])
    frame = frame.rename(columns=said)
    if not len(frame):
        yield Refusal(source, "file", "it is a table without rows")
        return
    if kind == "columns" and (missing := missing_columns(map(str, frame.columns))):
        theirs = printable(", ".join(map(str, frame.columns)), 200)
        yield Refusal(
            source,
            "file",
            f"it is a table, but no light curves: it has {missing}. Its columns are: {theirs}",
        )
        return

    def made(object_id: str, columns: Mapping[str, Any], hashes: NDArray[np.uint64]) -> Packet:
        told = repr((kind, object_id, *columns)).encode("utf-8", "replace") + hashes.tobytes()
        return _packet(object_id, columns, source, reading, kind, reading.digest(told))

    by_id = None if kind == "forced" else _id_column(frame.columns)
    if by_id is None:
        columns = {str(column): frame[column].to_numpy() for column in frame.columns}
        if source == STDIN_NAME and not reading.name:
            yield Refusal(source, "file", "it names no object: name it with --name ID")
        elif kind == "columns" and extent(columns) > _ONE_PLACE:
            yield Refusal(
                source,
                "file",
                "its rows lie at several places, and no column of object ids is known: say which it is: "
                "--columns object_id=NAME",
            )
        else:
            yield made(reading.name or object_name_of(source), columns, _row_hashes(frame))
        return
    if frame[by_id].dtype.kind == "f" and frame[by_id].notna().any():
        reason = (
            f"its column `{by_id}` holds ids as floating-point numbers, which round them: write them as text"
        )
        yield Refusal(source, "file", reason)
        return
    ids = frame[by_id].astype(object).where(frame[by_id].notna(), "").map(str).to_numpy(dtype=np.str_)
    names, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    ends = np.cumsum(np.bincount(inverse, minlength=len(names)))
    arrays = {str(column): frame[column].to_numpy()[order] for column in frame.columns if column != by_id}
    hashes = _row_hashes(frame)[order]
    for row in np.argsort(first, kind="stable"):
        own = slice(ends[row - 1] if row else 0, ends[row])
        if not names[row].strip() or names[row] in ("nan", "None", "<NA>"):
            yield Refusal(source, f"row {first[row] + 1}", f"its column `{by_id}` is empty: no object id")
            continue
        yield made(str(names[row]), {column: values[own] for column, values in arrays.items()}, hashes[own])


def _row_hashes(frame: "pd.DataFrame") -> NDArray[np.uint64]:
    """A number of 64 bits for each row, the same for the same values, shape (n,)."""
    from pandas.util import hash_pandas_object

    hashes: NDArray[np.uint64] = hash_pandas_object(frame, index=False).to_numpy(dtype=np.uint64)
    return hashes


def object_name_of(source: str) -> str:
    """What a file that names no object is called after: its name up to the first dot, without the band."""
    name = PurePath(source).name
    stem = name.split(".", 1)[0] or name
    return re.sub(r"_i\d+$", "", stem) or stem


def _packet(
    object_id: str, columns: Mapping[str, Any], source: str, reading: Reading, kind: str, digest: bytes
) -> Packet:
    position = f"object {printable(object_id, 80)}"
    if reading.is_known(digest):
        return Packet(source, position, None, "table", digest=digest, is_repeat=True)
    size = 16 * sum(len(values) for values in columns.values())
    table = EpochTable(object_id, columns, kind)
    return Packet(source, position, table, "table", None, size, reading.options, digest)


def _id_column(names: Any) -> Any:
    by_name = {squeezed(str(name)): name for name in names}
    known = map(squeezed, ID_SPELLINGS)
    return next((by_name[name] for name in known if name in by_name), None)
