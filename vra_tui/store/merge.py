"""Uniting decisions and notes of other stores with this one's: in any order, however often, the same.

What was decided is only ever added, under the id it was given where it was taken; what stands then follows
from the set (`vra_tui.store.precedence`). A row that is not whole, or that contradicts one that is here, is
refused by itself.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
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

from vra_tui.domain.refusal import Piece, Refusal, shown
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import FUTURE, id_at, new_id, taken_at, timestamp
from vra_tui.store.decision_rows import COLUMNS, insert_decisions, insert_notes
from vra_tui.store.decisions import MAX_TEXT
from vra_tui.store.label_names import enter_labels, fault_of_label
from vra_tui.store.log import HISTORY_COLUMNS, ONLY_ID, ONLY_SURVEY
from vra_tui.store.objects import numbers
from vra_tui.store.scanners import fault_of
from vra_tui.store.standing import refresh

#: Rows that are checked and written in one transaction: screens on the same store wait no longer than that.
_CHUNK = 2_000
#: The host of what came in a table of labels, which tells less of a decision than a history does.
NOT_SAID = "?"
#: An id that went through a spreadsheet, 1.1E+18.
_ROUNDED = re.compile(r"\s*[0-9]+([.,][0-9]*)?[eE]\+[0-9]+\s*")
_NINETEEN = re.compile(r"[1-9][0-9]{18}")


def _without_empty(value: object) -> object:
    return None if value == "" else value


def _id_text(value: object) -> object:
    if isinstance(value, bool | float) or (isinstance(value, str) and _ROUNDED.fullmatch(value)):
        raise ValueError("an alert's id is a text; a spreadsheet rounds it")
    return str(value) if isinstance(value, int) else value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("it is empty")
    return value


def _decision_list(value: object) -> object:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or (why := fault_of_label(value)):
        raise ValueError(why if isinstance(value, str) else fault_of_label(""))
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
_Name = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_not_blank)]


class Entry(BaseModel):
    """One row of a history, checked: a decision (``list``), an undo (``reverts``), or else a note.

    Rows of versions before 5 know one survey, and name its objects in a column of its own, `ONLY_ID`.
    """

    model_config = ConfigDict(frozen=True)

    decision_id: _Id
    survey: _Name
    object_id: Annotated[_Name, BeforeValidator(_id_text)]
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

    @validator(mode="before")
    @classmethod
    def _has_a_name(cls, row: object) -> object:
        """Both words of an object's name, also where the row says one in the words of older versions."""
        if not isinstance(row, Mapping):
            return row
        only = row.get(ONLY_ID)
        if only in (None, "") or (row.get("survey") not in (None, "", ONLY_SURVEY)):
            return row
        try:
            only = _id_text(only)
            own = _id_text(row["object_id"]) if row.get("object_id") not in (None, "") else only
        except ValueError as error:
            raise ValueError(f"{ONLY_ID} {shown(only)}: {error}") from None
        if own != only:
            raise ValueError(f"object_id and {ONLY_ID} name two objects")
        return {**row, "survey": ONLY_SURVEY, "object_id": only}

    @validator(mode="after")
    def _is_an_object(self) -> Self:
        # What the first survey's ids look like is known: a spreadsheet that rounds them leaves digits out.
        if self.survey == ONLY_SURVEY and not _NINETEEN.fullmatch(self.object_id):
            raise ValueError(
                f"object_id {shown(self.object_id)}: an id of {ONLY_SURVEY} has 19 digits; "
                "a spreadsheet rounds it"
            )
        return self

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
        """The values of `HISTORY_COLUMNS`."""
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

    A piece is a mapping with the keys `HISTORY_COLUMNS`, or with as many of them as a table of labels has:
    then it is kept with the host `NOT_SAID`, and agrees with whatever a history says beyond it. Rows of
    versions before 5 name the alert in `ONLY_ID`. Objects and labels that the store does not know are
    entered: an alert by that name may come later. The policies' own
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


_ROW = itemgetter(*HISTORY_COLUMNS)
_SURVEY, _OBJECT, _SCANNER, _LIST, _REVERTS, _HOST = map(
    HISTORY_COLUMNS.index, ("survey", "object_id", "scanner", "list", "reverts", "host")
)
#: What a table of labels does not tell, or in other words: notes are put on one line there.
_NOT_IN_LABELS = frozenset({"host", "visit", "seconds", "tags", "follows", "note"})
#: What histories of older versions do not tell: two rows contradict each other only where both do.
_NOT_IN_OLDER = frozenset({"seen_mjd"})
#: Older versions keep no batches: a row that passed through one of them has lost its own.
_NOT_COMPARED = frozenset({"batch_id"})
_NOTE_COLUMNS = "decision_id alert_id scanner host timestamp note".split()
_NOTE_TRAVELS = frozenset("decision_id survey object_id scanner host timestamp note".split())
_NOTE = [COLUMNS.index(name) for name in _NOTE_COLUMNS]
_AS_ALERT, _AS_LIST, _AS_REVERTS = map(COLUMNS.index, ("alert_id", "list", "reverts"))


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
            refuse(Refusal(piece.source, piece.position, what, row[_OBJECT]))
        else:
            merged.known += 1
    held = numbers(connection, (row[_SURVEY : _OBJECT + 1] for row in new))
    enter_labels(connection, ((row[_LIST], row[_SURVEY]) for row in new if row[_LIST] is not None))
    # From here on as the table has them: with the number that this store gave to the alert.
    numbered = [(*row[:_SURVEY], held[row[_SURVEY : _OBJECT + 1]], *row[_OBJECT + 1 :]) for row in new]
    decided = [row for row in numbered if row[_AS_LIST] is not None or row[_AS_REVERTS] is not None]
    noted = [row for row in numbered if row[_AS_LIST] is None and row[_AS_REVERTS] is None]
    insert_decisions(connection, decided, import_id)
    insert_notes(connection, ([row[index] for index in _NOTE] for row in noted))
    if decided:
        merged.import_id = import_id
    alerts = {row[_AS_ALERT] for row in decided}
    refresh(connection, alerts)
    merged.decisions += sum(row[_AS_LIST] is not None for row in decided)
    merged.undos += sum(row[_AS_LIST] is None for row in decided)
    merged.notes += len(noted)
    here = _held(connection, alerts)
    merged.waiting += sum(row[_AS_LIST] is not None and row[_AS_ALERT] not in here for row in decided)


def _differing(known: tuple[Any, ...], row: tuple[Any, ...]) -> list[str]:
    """The columns in which two rows of one id contradict each other."""
    if known == row:
        return []
    is_partial = NOT_SAID in (known[_HOST], row[_HOST])
    return [
        name
        for name, ours, theirs in zip(HISTORY_COLUMNS, known, row, strict=True)
        if ours != theirs
        and not (is_partial and name in _NOT_IN_LABELS)
        and not (name in _NOT_IN_OLDER and None in (ours, theirs))
        and name not in _NOT_COMPARED
    ]


def _stored(connection: sqlite3.Connection, ids: list[str]) -> dict[str, tuple[Any, ...]]:
    """The rows that the store holds under these ids, with empty texts as no texts."""
    cursor = connection.cursor()
    cursor.row_factory = None
    notes = ", ".join(name if name in _NOTE_TRAVELS else "NULL" for name in HISTORY_COLUMNS)
    rows = cursor.execute(
        f"""SELECT {", ".join(HISTORY_COLUMNS)} FROM decisions LEFT JOIN objects USING (alert_id)
        WHERE decision_id IN (SELECT value FROM json_each(?1))
        UNION ALL SELECT {notes.replace("decision_id", "note_id")} FROM notes
        LEFT JOIN objects USING (alert_id) WHERE note_id IN (SELECT value FROM json_each(?1))""",
        (json.dumps(ids),),
    )
    return {
        row[0]: tuple(_whole(name, value) for name, value in zip(HISTORY_COLUMNS, row, strict=True))
        for row in rows
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
