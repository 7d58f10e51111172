"""Tables of epochs as text: CSV and its kin, and what the ATLAS forced-photometry server writes."""

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import EpochTable, Packet
from vra_tui.surveys.table import found_columns
from vra_tui.text import printable

if TYPE_CHECKING:
    import pandas as pd

#: A text table larger than this is refused unread.
MAX_TABLE_BYTES = 1 << 30
#: How the header of the forced-photometry server begins, with and without its marks.
_FORCED = re.compile(rb"\A[#\s]*MJD\s+m\s+dm\s+uJy\s+duJy\s+F\s", re.ASCII)
_COMMENT = re.compile(rb"\A(?:#[^\n]*\n)+")
_NAME = re.compile(rb"\s*[\w.:/()\[\]\"' -]{1,40}\s*")
#: Names of the column that tells objects apart, in the order of preference.
ID_COLUMNS = (
    "object_id objectid object oid id name diaobjectid ztfid ztf_id atlas_id source_id star_id snid source"
).split()


def is_forced_text(head: bytes) -> bool:
    """Whether a file begins as the ATLAS forced-photometry server writes it."""
    return bool(_FORCED.match(head))


def looks_like_table(head: bytes) -> bool:
    """Whether the first lines are a header and rows that have as many fields as it."""
    lines = [line for line in _COMMENT.sub(b"", head).splitlines()[:4] if line.strip()]
    if len(lines) < 2 or b"\0" in head[:4096]:
        return False
    separator = _separator(lines[0])
    fields = [len(line.split(separator)) for line in lines[:2]]
    names = lines[0].split(separator)
    is_header = all(_NAME.fullmatch(name) for name in names) and not any(map(_is_number, names))
    return (
        fields[0] >= 2
        and fields[0] == fields[1]
        and is_header
        and any(map(_is_number, lines[1].split(separator)))
    )


def read_table(stream: BinaryIO, source: str, reading: Reading) -> Iterator[Packet | Refusal]:
    """One packet an object of a table of epochs; its rows may be in any order, so all of it is read."""
    import pandas as pd

    data = stream.read(MAX_TABLE_BYTES + 1)
    if len(data) > MAX_TABLE_BYTES:
        yield Refusal(source, "file", f"it is a table of more than {MAX_TABLE_BYTES:,} bytes: split it")
        return
    is_forced = is_forced_text(data[:200])
    body = data.lstrip(b"# ") if is_forced else _COMMENT.sub(b"", data)
    separator = rb"\s+" if is_forced else _separator(body.split(b"\n", 1)[0])
    faults: list[tuple[int, str]] = []

    def on_bad_line(fields: list[str]) -> None:
        faults.append((len(faults) + 1, f"a row has {len(fields)} fields"))

    try:
        frame = pd.read_csv(
            io.BytesIO(body),
            sep=(separator or rb"\s+").decode(),
            # Ids are text: a float would round them. Numbers are read where they are used.
            dtype=str,
            keep_default_na=False,
            engine="python",
            on_bad_lines=on_bad_line,
            encoding="utf-8",
            encoding_errors="replace",
        )
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        yield Refusal(source, "file", f"it cannot be read as a table: {printable(error, 160)}")
        return
    for number, fault in faults[:1000]:
        yield Refusal(source, f"row refused {number}", f"{fault}, its header {len(frame.columns)}")
    yield from tables_of(frame, source, reading, "forced" if is_forced else "columns")


def tables_of(
    frame: "pd.DataFrame", source: str, reading: Reading, kind: str = "columns"
) -> Iterator[Packet | Refusal]:
    """The objects of a table of epochs, one packet each, in the order in which they first stand in it."""
    frame = frame.rename(columns={theirs: ours for ours, theirs in reading.columns.items()})
    if not len(frame):
        yield Refusal(source, "file", "it is a table without rows")
        return
    if kind == "columns" and not found_columns({str(name): () for name in frame.columns}):
        reason = (
            "it is a table, but no light curves: it has no columns of time and brightness that are known "
            "(mjd, jd; mag, ujy, njy, flux with zp). Say which they are: --columns mjd=NAME,mag=NAME"
        )
        yield Refusal(source, "file", reason)
        return
    by_id = None if kind == "forced" else _id_column(frame.columns)
    if by_id is None:
        object_id = reading.name or object_name_of(source)
        columns = {str(name): frame[name].to_numpy() for name in frame.columns}
        yield _packet(object_id, columns, source, reading, kind)
        return
    ids = frame[by_id].astype(str).to_numpy()
    names, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    ends = np.cumsum(np.bincount(inverse, minlength=len(names)))
    arrays = {str(name): frame[name].to_numpy()[order] for name in frame.columns if name != by_id}
    for row in np.argsort(first, kind="stable"):
        own = slice(ends[row - 1] if row else 0, ends[row])
        if not names[row].strip() or names[row] in ("nan", "None", "<NA>"):
            yield Refusal(source, f"row {first[row] + 1}", f"its column `{by_id}` is empty: no object id")
            continue
        columns = {name: values[own] for name, values in arrays.items()}
        yield _packet(names[row], columns, source, reading, kind)


def object_name_of(source: str) -> str:
    """What a file that names no object is called after: its name up to the first dot, without the band."""
    name = PurePath(source).name
    stem = name.split(".", 1)[0] or name
    return re.sub(r"_i\d+$", "", stem) or stem


def _packet(object_id: str, columns: Mapping[str, Any], source: str, reading: Reading, kind: str) -> Packet:
    table = EpochTable(object_id, columns, kind)
    size = 16 * sum(len(values) for values in columns.values())
    return Packet(source, f"object {printable(object_id, 80)}", table, "table", None, size, reading.options)


def _id_column(names: Any) -> str | None:
    by_name = {str(name).strip().lower(): str(name) for name in names}
    return next((by_name[name] for name in ID_COLUMNS if name in by_name), None)


def _separator(line: bytes) -> bytes | None:
    counts = {mark: line.count(mark) for mark in (b",", b"\t", b";", b"|")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else None


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
