"""Tables as people write them: comments, a header behind a #, a row of units, quotes, decimal commas."""

import csv
import io
import re
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

_COMMENT = re.compile(rb"^[ \t]*#[^\r\n]*(?:\r?\n|\r|\Z)", re.MULTILINE)
_TOP = re.compile(rb"\A(?:[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\r))+")
#: A name of a column; an index that was written with the table has none.
_NAME = re.compile(r"[\w.:/()\[\]%\u00b5\u03bc '+-]{0,40}")
_DECIMAL_COMMA = r"\s*[+-]?\d+,\d+(?:[eE][+-]?\d+)?\s*"
#: Rows below the header in which a number must stand, for a text to be a table.
_LOOKED_AT = 3

#: Names of the column that tells objects apart, in the order of preference; case, blanks, dots and dashes
#: make no difference.
ID_SPELLINGS = (
    "object_id object objid oid id diaobjectid ztfid atlasid sourceid starid ticid tic gaiaid candidateid "
    "cid snid alertid name objectname objname targetname target iauname designation transient source"
).split()


def body_of(data: bytes) -> bytes:
    """A table from its header on, without comments and blank lines before it.

    A header that stands behind a ``#``, as the last comment above rows of numbers, is uncovered.
    """
    top = _TOP.match(data)
    rest = data[top.end() :] if top else data
    header = b""
    if top:
        written = [line.strip() for line in top[0].splitlines() if line.strip()]
        last = written[-1].lstrip(b"# \t") if written else b""
        first = rest[: 1 << 16].splitlines()[:1]
        if last and first and _is_header(last, first[0]):
            header = last + b"\n"
    return header + (_COMMENT.sub(b"", rest) if b"#" in rest else rest)


def looks_like_table(head: bytes) -> bool:
    """Whether the first lines are a header and rows that have as many fields as it, numbers among them."""
    if b"\0" in head[:4096]:
        return False
    lines = [line for line in body_of(head).splitlines()[: _LOOKED_AT + 1] if line.strip()]
    return len(lines) >= 2 and any(_is_header(lines[0], line) for line in lines[1:])


def _is_header(header: bytes, row: bytes) -> bool:
    """Tell whether a line can be the header of a row, which holds a number."""
    names, fields = fields_of(header, header), fields_of(row, header)
    return (
        2 <= len(names) == len(fields)
        and all(map(_NAME.fullmatch, names))
        and sum(not name for name in names) <= 1
        and not any(map(is_number, names))
        and any(map(is_number, fields))
    )


def separator_of(header: bytes) -> str | None:
    """Return what separates the fields of a header; None where blanks do."""
    counts = {mark: header.count(mark.encode()) for mark in ",\t;|"}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else None


def fields_of(line: bytes, header: bytes) -> list[str]:
    """The fields of a line, separated as the header is."""
    text, mark = line.decode("utf-8", "replace").strip("\r\n"), separator_of(header)
    if mark is None:
        return text.split()
    return [field.strip() for field in next(csv.reader([text], delimiter=mark, skipinitialspace=True), [])]


def is_number(field: str) -> bool:
    """Tell whether a field can be read as a number; one with a decimal comma counts."""
    try:
        float(field)
    except ValueError:
        return bool(re.fullmatch(_DECIMAL_COMMA, field))
    return True


def frame_of(
    body: bytes, mark: str | None, on_bad_line: "Callable[[list[str]], None] | Literal['error']" = "error"
) -> "pd.DataFrame":
    """The rows of a table, see `body_of`, all of them as text. Raises ValueError for what is none.

    ``on_bad_line``: takes the fields of a row that has too many of them, which is left out.
    """
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)  # of an empty field at the ends of rows
        return pd.read_csv(
            io.BytesIO(body),
            sep=mark or r"\s+",
            skipinitialspace=True,
            index_col=False,
            # Ids are text: a float would round them. Numbers are read where they are used.
            dtype=str,
            keep_default_na=False,
            engine="python",
            on_bad_lines=on_bad_line,
            encoding="utf-8",
            encoding_errors="replace",
        )


def tidied(frame: "pd.DataFrame", mark: str | None) -> "pd.DataFrame":
    """The rows of a table of text: without blanks around fields, units in the names, points for commas."""
    frame = frame.rename(columns={name: str(name).strip() for name in frame.columns})
    frame = frame.apply(lambda column: column.str.strip())
    if len(frame) > 1 and not any(map(is_number, frame.iloc[0])) and any(map(is_number, frame.iloc[1])):
        frame = frame.set_axis(list(_named(frame)), axis="columns").iloc[1:].reset_index(drop=True)
    return frame.apply(_with_points) if mark == ";" else frame


def _with_points(column: "pd.Series[str]") -> "pd.Series[str]":
    """A column with decimal points, where all of it has decimal commas."""
    filled = column[column != ""]
    is_comma = len(filled) > 0 and bool(filled.str.fullmatch(_DECIMAL_COMMA).all())
    return column.str.replace(",", ".") if is_comma else column


def _named(frame: "pd.DataFrame") -> Iterator[str]:
    """Names of columns with the unit that the first row gives, as `flux (uJy)`."""
    for name, unit in zip(frame.columns, frame.iloc[0], strict=True):
        yield f"{name} ({unit})" if unit and not str(name).endswith((")", "]")) else str(name)
