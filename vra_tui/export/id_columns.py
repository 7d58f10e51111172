"""Columns by which files name an alert: survey and object id, and `atlas_id` where all are of ATLAS."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vra_tui.store.log import ONLY_ID, ONLY_SURVEY

#: The columns that tell an alert from every other.
ID_COLUMNS = ("survey", "object_id")
#: What programs of the ATLAS server read; it stands last, where all rows are ATLAS's.
ATLAS_ID, _ATLAS = ONLY_ID, ONLY_SURVEY


def with_atlas_id(
    records: Iterable[Mapping[str, Any]], columns: Sequence[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Records that hold `ID_COLUMNS`, and their columns, with the number `atlas_id` where all are ATLAS's.

    An id that is no number stays the text that it is. Of no records at all the columns have it: who reads an
    empty file misses nothing.
    """
    rows = [dict(record) for record in records]
    if any(row["survey"] != _ATLAS for row in rows):
        return rows, list(columns)
    for row in rows:
        row[ATLAS_ID] = _number(row["object_id"])
    return rows, [*columns, ATLAS_ID]


def _number(object_id: str) -> int | str:
    return int(object_id) if object_id.isascii() and object_id.isdigit() else object_id
