"""Uniting decisions and notes of other stores with this one's: in any order, however often, the same.

What was decided is only ever added, under the id it was given where it was taken; what stands then follows
from the set (`vra_tui.store.precedence`). A row that is not whole, or that contradicts one that is here, is
refused by itself.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic import model_validator as validator

from vra_tui.domain.refusal import Piece, Refusal
from vra_tui.ranking.lists import DECISIONS, MACHINE
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import (
    COLUMNS,
    FUTURE,
    MAX_TEXT,
    id_at,
    insert_decisions,
    insert_notes,
    new_id,
    taken_at,
    timestamp,
)
from vra_tui.store.scanners import fault_of
from vra_tui.store.standing import refresh
from vra_tui.surveys.values import shown

#: Rows that are checked and written in one transaction: screens on the same store wait no longer than that.
_CHUNK = 2_000
#: The host of what came in a table of labels, which tells less of a decision than a history does.
NOT_SAID = "?"


def _without_empty(value: object) -> object:
    return None if value == "" else value


def _digits(value: object) -> object:
    if isinstance(value, bool | float) or not str(value).isdigit() or len(str(value)) != 19:
        raise ValueError("an alert's id has 19 digits; a spreadsheet rounds it")
    return value


def _decision_list(value: object) -> object:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or value not in DECISIONS:
        raise ValueError(f"there are {', '.join(DECISIONS)}")
    return value


def _word_list(value: object) -> object:
    """Words as the store keeps them: one blank between two, none twice."""
    return " ".join(dict.fromkeys(value.split())) if isinstance(value, str) else value


def _scanner(value: object) -> object:
    # The policies' decisions are known by their name, and left out.
    if isinstance(value, str) and value != MACHINE and (why := fault_of(value)):
        raise ValueError(why)
    return value


_Id = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", max_length=36),
]
_Number = Annotated[float | None, Field(allow_inf_nan=False), BeforeValidator(_without_empty)]
_Text = Annotated[str | None, Field(max_length=MAX_TEXT), BeforeValidator(_without_empty)]
_Words = Annotated[_Text, BeforeValidator(_word_list)]


class Entry(BaseModel):
    """One row of a history, checked: a decision (``list``), an undo (``reverts``), or else a note."""

    model_config = ConfigDict(frozen=True)

    decision_id: _Id
    alert_id: Annotated[int, Field(ge=10**18, lt=2**63), BeforeValidator(_digits)]
    list: Annotated[str | None, BeforeValidator(_decision_list)]
    scanner: Annotated[str, AfterValidator(_scanner)]
    timestamp: AwareDatetime
    reverts: Annotated[_Id | None, BeforeValidator(_without_empty)] = None
    host: Annotated[str, Field(max_length=MAX_TEXT)] = NOT_SAID
    note: _Text = None
    visit: Annotated[int | None, Field(ge=0, lt=2**31), BeforeValidator(_without_empty)] = None
    preal: _Number = None
    pgal: _Number = None
    pfast: _Number = None
    rank: _Number = None
    model: _Text = None
    seconds: _Number = None
    tags: _Words = None
    follows: _Words = None
    seen_mjd: _Number = None
    batch_id: Annotated[_Id | None, BeforeValidator(_without_empty)] = None

    @validator(mode="after")
    def _is_of_the_past(self, info: ValidationInfo) -> Self:
        """Nothing is later than the clock here, handed in as ``now``: it would sort before all until then."""
        now: datetime = (info.context or {})["now"]
        if self.decision_id >= id_at(now + FUTURE):
            raise ValueError(f"decision_id is from the future{_clocks(taken_at(self.decision_id), now)}")
        if self.timestamp > now + FUTURE:
            raise ValueError(f"timestamp is from the future{_clocks(self.timestamp, now)}")
        if self.timestamp.year < 1970:
            raise ValueError("timestamp is from before 1970")
        return self

    @validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.list is not None and self.reverts is not None:
            raise ValueError("it files and reverts at once")
        if self.list is None and self.reverts is None and self.note is None:
            raise ValueError("it is no decision, no undo and no note")
        if any(known >= self.decision_id for known in (self.follows or "").split()):
            raise ValueError("it follows what came after it")
        return self

    @property
    def row(self) -> tuple[Any, ...]:
        """The values of `COLUMNS`."""
        return _ROW({**self.__dict__, "timestamp": timestamp(self.timestamp)})


def _clocks(told: datetime | None, now: datetime) -> str:
    """What both clocks say; None is a time that no calendar has."""
    there = "" if told is None else f"of {told:%Y-%m-%d}; "
    return f" ({there}the clock here says {now:%Y-%m-%d})"


@dataclass
class Merged:
    """What came of a merge. ``waiting``: decisions on alerts that the store does not hold (yet).

    ``known``: rows that were here before. ``machine``: rows of the policies, left out. ``in_conflict``: how
    many alerts of the store are in conflict now.
    """

    decisions: int = 0
    undos: int = 0
    notes: int = 0
    known: int = 0
    machine: int = 0
    waiting: int = 0
    refused: int = 0
    in_conflict: int = 0
    #: What all that is new can be taken back by; None where nothing is.
    import_id: str | None = None

    def __add__(self, other: "Merged") -> "Merged":
        """What came of both, one after the other."""
        counts = {name: value for name, value in vars(self).items() if name != "import_id"}
        summed = {name: value + getattr(other, name) for name, value in counts.items()}
        import_id = self.import_id or other.import_id
        return Merged(**{**summed, "in_conflict": other.in_conflict, "import_id": import_id})


def merge(
    connection: sqlite3.Connection,
    pieces: Iterable[Piece | Refusal],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    *,
    now: datetime,
    import_id: str | None = None,
) -> Merged:
    """Add the decisions, undos and notes that ``pieces`` hold, and derive where their alerts stand.

    A piece is a mapping with the keys `COLUMNS`, or with as many of them as a table of labels has: then it
    is kept with the host `NOT_SAID`, and agrees with whatever a history says beyond it. The policies' own
    decisions are left out: each store's policies file what no scanner decided, from the data that it has.
    What is later than ``now`` by more than clocks may differ is refused. ``import_id``: of the import that
    this is a part of. Written by the chunk: when it is cut off, what was taken is whole, and doing it again
    adds the rest.
    """
    merged = Merged()
    import_id = import_id or new_id(now)

    def refuse(refusal: Refusal) -> None:
        merged.refused += 1
        on_refusal(refusal)

    waiting = iter(pieces)
    while chunk := list(islice(waiting, _CHUNK)):
        entries = list(_checked(chunk, now, merged, refuse))
        with transaction(connection):
            _take(connection, entries, import_id, merged, refuse)
    query = "SELECT count(*) FROM standing WHERE is_in_conflict"
    merged.in_conflict = int(connection.execute(query).fetchone()[0])
    return merged


def _checked(
    chunk: Iterable[Piece | Refusal], now: datetime, merged: Merged, refuse: Callable[[Refusal], None]
) -> Iterator[tuple[Piece, tuple[Any, ...]]]:
    for piece in chunk:
        if isinstance(piece, Refusal):
            refuse(piece)
            continue
        try:
            row = Entry.model_validate(piece.value, context={"now": now}).row
        except ValidationError as error:
            refuse(Refusal(piece.source, piece.position, _reason(error)))
            continue
        if row[_SCANNER] == MACHINE:
            merged.machine += 1
        else:
            yield piece, row


_ROW = itemgetter(*COLUMNS)
_SCANNER, _LIST, _REVERTS, _HOST = (COLUMNS.index(name) for name in ("scanner", "list", "reverts", "host"))
#: What a table of labels does not tell, or in other words: notes are put on one line there.
_NOT_IN_LABELS = frozenset({"host", "visit", "seconds", "tags", "follows", "note"})
#: What histories of older versions do not tell: two rows contradict each other only where both do.
_NOT_IN_OLDER = frozenset({"seen_mjd"})
#: Older versions keep no batches: a row that passed through one of them has lost its own.
_NOT_COMPARED = frozenset({"batch_id"})
_NOTE_COLUMNS = "decision_id alert_id scanner host timestamp note".split()
_NOTE = [COLUMNS.index(name) for name in _NOTE_COLUMNS]


def _take(
    connection: sqlite3.Connection,
    entries: list[tuple[Piece, tuple[Any, ...]]],
    import_id: str,
    merged: Merged,
    refuse: Callable[[Refusal], None],
) -> None:
    """Write what is new of a chunk, and re-file its alerts."""
    stored = _stored(connection, [row[0] for _, row in entries])
    new: list[tuple[Any, ...]] = []
    for piece, row in entries:
        known = stored.setdefault(row[0], row)
        if known is row:
            new.append(row)
        elif differing := _differing(known, row):
            what = f"decision {row[0]} is known with another {', '.join(differing)}; it stays as it was"
            refuse(Refusal(piece.source, piece.position, what, row[1]))
        else:
            merged.known += 1
    decided = [row for row in new if row[_LIST] is not None or row[_REVERTS] is not None]
    noted = [row for row in new if row[_LIST] is None and row[_REVERTS] is None]
    insert_decisions(connection, decided, import_id)
    insert_notes(connection, ([row[index] for index in _NOTE] for row in noted))
    if decided:
        merged.import_id = import_id
    alerts = {row[1] for row in decided}
    refresh(connection, alerts)
    merged.decisions += sum(row[_LIST] is not None for row in decided)
    merged.undos += sum(row[_LIST] is None for row in decided)
    merged.notes += len(noted)
    held = _held(connection, alerts)
    merged.waiting += sum(row[_LIST] is not None and row[1] not in held for row in decided)


def _differing(known: tuple[Any, ...], row: tuple[Any, ...]) -> list[str]:
    """The columns in which two rows of one id contradict each other."""
    if known == row:
        return []
    is_partial = NOT_SAID in (known[_HOST], row[_HOST])
    return [
        name
        for name, ours, theirs in zip(COLUMNS, known, row, strict=True)
        if ours != theirs
        and not (is_partial and name in _NOT_IN_LABELS)
        and not (name in _NOT_IN_OLDER and None in (ours, theirs))
        and name not in _NOT_COMPARED
    ]


def _stored(connection: sqlite3.Connection, ids: list[str]) -> dict[str, tuple[Any, ...]]:
    """The rows that the store holds under these ids, with empty texts as no texts."""
    cursor = connection.cursor()
    cursor.row_factory = None
    notes = ", ".join(name if name in _NOTE_COLUMNS else "NULL" for name in COLUMNS)
    rows = cursor.execute(
        f"""SELECT {", ".join(COLUMNS)} FROM decisions WHERE decision_id IN (SELECT value FROM json_each(?1))
        UNION ALL SELECT {notes.replace("decision_id", "note_id")} FROM notes
        WHERE note_id IN (SELECT value FROM json_each(?1))""",
        (json.dumps(ids),),
    )
    return {
        row[0]: tuple(_whole(name, value) for name, value in zip(COLUMNS, row, strict=True)) for row in rows
    }


def _whole(name: str, value: Any) -> Any:
    return None if value == "" and name != "host" else value


def _held(connection: sqlite3.Connection, alert_ids: set[int]) -> set[int]:
    """Those of the alerts that the store holds."""
    rows = connection.execute(
        "SELECT alert_id FROM standing WHERE alert_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(alert_ids)),),
    )
    return {row[0] for row in rows}


def _reason(error: ValidationError) -> str:
    """The first thing that is wrong, in words that name the column and show the value."""
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    column = str(first["loc"][0])
    if first["type"] == "missing":
        return f"{column} is missing"
    return f"{column} {shown(first['input'])}: {message[:1].lower()}{message[1:]}"
