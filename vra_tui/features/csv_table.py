"""Reading a feature table made elsewhere: CSV, columns by name, one alert or visit a row.

The csv module splits the lines, because it tells on which line a row begins and how many cells it has; pandas
counts no lines, and fills a row that is too short. The columns of numbers are pandas' work.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

import numpy as np

from vra_tui.errors import VraError
from vra_tui.features.table import FeatureTable
from vra_tui.text import harmless

#: Names the id column may have, in the order in which they are preferred.
ID_COLUMNS: tuple[str, ...] = ("atlas_id", "ATLAS_ID", "id")
#: And those of other surveys.
OTHER_ID_COLUMNS: tuple[str, ...] = ("object_id", "objectId", "diaObjectId")

_ID = re.compile(r"[0-9]{19}", re.ASCII)
_LONGEST_ID = 1_000
_LARGEST_ID = int(np.iinfo(np.int64).max)
_NO_VALUE = frozenset({"", "nan", "NaN", "NAN", "null", "None", "NA"})
_LOG_OF_ZERO = frozenset({"-inf", "-infinity"})
_BOOLEAN_COLUMNS = frozenset({"CV"})
_BOOLEANS = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}
# Rows turned into numbers at a time: bounds the memory of text cells, and keeps them near the processor.
_CHUNK = 4_000


class FeatureTableError(VraError):
    """A table that cannot be read at all: no header, no id column, or a column missing or there twice."""


class MissingColumnsError(FeatureTableError):
    """A table that lacks columns that were asked for: maybe it holds another feature set."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was left out: the line it begins on, the column at fault (None: the row) and why."""

    line: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class ReadTable:
    """The rows that were read, the ones refused, and for the former any text columns asked for.

    ``ids``: the ids as they stand in the file, in its order, under ``id_column``. ``are_atlas``: whether all
    are ATLAS's; where they are not, the table numbers its rows instead.
    """

    table: FeatureTable
    refused: tuple[RefusedRow, ...]
    texts: dict[str, tuple[str, ...]]
    ids: tuple[str, ...]
    id_column: str
    are_atlas: bool


class _Reader(Protocol):
    """What `csv.reader` returns; the module does not name it."""

    line_num: int

    def __iter__(self) -> "Iterator[list[str]]": ...
    def __next__(self) -> list[str]: ...


def read_feature_table(
    lines: TextIO,
    columns: Sequence[str],
    *,
    source: str,
    texts: Sequence[str] = (),
    welcome: Sequence[str] = (),
    any_id: bool = False,
    named: tuple[str, str] | None = None,
) -> ReadTable:
    """Read the named feature columns (and ``texts``, taken as they are) from CSV with a header.

    ``welcome``: further feature columns, read where the table has all of them. ``any_id``: an id may be any
    text of one line that a terminal shows as it is; else it is an exact integer of 19 digits. ``named``: the
    columns of a survey and of its ids; where the table has both, these name the rows, the first as a text.

    Open the file with ``errors="surrogateescape"``, so that bytes which are no UTF-8 cost their row only.
    Other columns are ignored. Empty cells are NaN; a logarithm of zero (``-inf`` in a ``log10_`` column) has
    no value and is NaN too. A row with a bad cell is refused alone.
    Raises FeatureTableError naming ``source`` when header, id column or a wanted column is missing.
    """
    reader = csv.reader(_without_mark(lines))
    names = _names(reader, source)
    columns = (*columns, *(name for name in welcome if set(welcome) <= set(names) and name not in columns))
    id_columns = (*ID_COLUMNS, *OTHER_ID_COLUMNS) if any_id else ID_COLUMNS
    if named is not None and set(named) <= set(names):
        texts, id_columns = (*texts, named[0]), (named[1],)
    width, id_at, at, text_at = _header(names, columns, texts, source, id_columns)
    ids: list[str] = []
    blocks: list[np.ndarray] = []
    refused: list[RefusedRow] = []
    kept_texts: dict[str, list[str]] = {name: [] for name in texts}
    for numbered in _chunks(_rows(reader, refused), _CHUNK):
        kept = _whole_rows(numbered, width, id_at, _fault_of_text if any_id else _fault_of_id, refused)
        block, fine = _numbers(kept, columns, at, refused)
        blocks.append(block)
        ids += [row[id_at] for (_, row), ok in zip(kept, fine, strict=True) if ok]
        for name, position in zip(texts, text_at, strict=True):
            kept_texts[name] += [row[position].strip() for (_, row), ok in zip(kept, fine, strict=True) if ok]
    values = np.concatenate(blocks) if blocks else np.empty((0, len(columns)))
    are_atlas = not any(map(_fault_of_id, ids))
    numbers = [int(text) for text in ids] if are_atlas else list(range(len(ids)))
    table = FeatureTable(np.array(numbers, dtype=np.int64), tuple(columns), values)
    refused.sort(key=lambda row: row.line)
    found_texts = {name: tuple(cells) for name, cells in kept_texts.items()}
    return ReadTable(table, tuple(refused), found_texts, tuple(ids), names[id_at], are_atlas)


_Row = tuple[int, list[str]]


def _without_mark(lines: TextIO) -> Iterator[str]:
    """The lines without the byte-order mark that spreadsheets put before the first."""
    for number, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if number == 0 else line


def _names(reader: Iterator[list[str]], source: str) -> list[str]:
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise FeatureTableError(
            f"{source} is not a CSV table: {error}. Give a text file with a header line."
        ) from error
    if not any(names):
        raise FeatureTableError(f"{source} is empty: a feature table begins with a line of column names.")
    return names


def _header(
    names: Sequence[str], columns: Sequence[str], texts: Sequence[str], source: str, id_columns: Sequence[str]
) -> tuple[int, int, list[int], list[int]]:
    id_name = next((name for name in id_columns if name in names), None)
    if id_name is None:
        raise FeatureTableError(
            f"{source} has no id column; one must be named {', '.join(id_columns[:-1])} or {id_columns[-1]}. "
            f"Its columns: {_few(names)}."
        )
    wanted = [*columns, *texts]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise MissingColumnsError(
            f"{source} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            "Nothing was read. Columns are found by name, in any order; one without values may be empty."
        )
    twice = [name for name in dict.fromkeys((id_name, *wanted)) if names.count(name) > 1]
    if twice:
        raise FeatureTableError(
            f"{source} has the column {', '.join(twice)} more than once. Nothing was read; remove one."
        )
    return (
        len(names),
        names.index(id_name),
        [names.index(name) for name in columns],
        [names.index(name) for name in texts],
    )


def _few(names: Sequence[str], limit: int = 8) -> str:
    return ", ".join(name[:25] for name in names[:limit]) + (", ..." if len(names) > limit else "")


def _rows(reader: "_Reader", refused: list[RefusedRow]) -> Iterator[_Row]:
    """Rows with the line each begins on; blank lines are skipped, what is no CSV goes to ``refused``."""
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            refused.append(RefusedRow(begins, None, str(error)))
            continue
        if row:
            yield begins, row


def _chunks(rows: Iterator[_Row], size: int) -> Iterator[list[_Row]]:
    chunk: list[_Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _fault_of_id(cell: str) -> str | None:
    """Say why a cell is no id of ATLAS."""
    text = cell.strip()
    if _ID.fullmatch(text) and int(text) <= _LARGEST_ID:
        return None
    return f"{_shown(cell)} is not an ATLAS id (19 digits)"


def _fault_of_text(cell: str) -> str | None:
    """Say why a cell is no id at all: it must come out as it went in, on whatever it is printed."""
    if not cell.strip():
        return "it is empty"
    if len(cell) > _LONGEST_ID:
        return f"{_shown(cell)} is longer than {_LONGEST_ID} characters"
    return None if harmless(cell) == cell and "\n" not in cell else f"{_shown(cell)} is not text of one line"


def _whole_rows(
    rows: list[_Row],
    width: int,
    id_at: int,
    fault_of: Callable[[str], str | None],
    refused: list[RefusedRow],
) -> list[_Row]:
    """The rows with the right number of cells and a readable id; the others go to ``refused``."""
    kept = []
    for line, row in rows:
        if len(row) != width:
            refused.append(RefusedRow(line, None, f"{len(row)} cells where the header has {width}"))
        elif fault := fault_of(row[id_at]):
            refused.append(RefusedRow(line, "id", fault))
        else:
            kept.append((line, row))
    return kept


def _numbers(
    rows: list[_Row], columns: Sequence[str], at: Sequence[int], refused: list[RefusedRow]
) -> tuple[np.ndarray, list[bool]]:
    """Values of the rows whose every wanted cell is a number, and which rows those are."""
    import pandas as pd

    by_column = list(zip(*(row for _, row in rows), strict=True))
    fine = np.ones(len(rows), dtype=np.bool_)
    block = np.empty((len(rows), len(columns)))
    if not rows:
        return block, []
    for column, (name, position) in enumerate(zip(columns, at, strict=True)):
        cells = pd.Series(by_column[position], dtype=object)
        if name in _BOOLEAN_COLUMNS:
            values, wanted = cells.str.strip().str.lower().map(_BOOLEANS), "neither True nor False"
        else:
            values, wanted = pd.to_numeric(cells, errors="coerce"), "not a finite number"
        block[:, column] = values.to_numpy(np.float64)
        without = np.flatnonzero(~np.isfinite(block[:, column]))
        block[without, column] = np.nan
        for number in without[~cells.iloc[without].isin(_NO_VALUE)].tolist():
            cell = cells[number].strip()
            if cell in _NO_VALUE or (name.startswith("log10_") and cell.lower() in _LOG_OF_ZERO):
                continue
            if fine[number]:
                refused.append(RefusedRow(rows[number][0], name, f"{_shown(cell)} is {wanted}"))
            fine[number] = False
    return block[fine], fine.tolist()


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
