"""One row of the history of labels as it travels (a decision, undo, note or mark), checked by itself."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
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

from vra_tui.domain.refusal import InputPiece, Refusal, shown
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.decision_ids import FUTURE, id_at, taken_at, timestamp
from vra_tui.store.decisions import MAX_TEXT
from vra_tui.store.epoch_marks import read_epoch
from vra_tui.store.label_names import fault_of_label
from vra_tui.store.log import HISTORY_COLUMNS, ONLY_ID, ONLY_SURVEY
from vra_tui.store.scanners import fault_of

#: The values of `HISTORY_COLUMNS`.
Row = tuple[Any, ...]
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


def _whole_epoch(value: str | None) -> str | None:
    if value is not None:
        read_epoch(value)
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
    """One row of a history, checked: decision (``list``), undo (``reverts``), mark (``epoch``) or note.

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
    epoch: Annotated[_Text, AfterValidator(_whole_epoch)] = None
    is_bad: Annotated[int | None, Field(ge=0, le=1), BeforeValidator(_without_empty)] = None

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
        if (self.epoch is None) != (self.is_bad is None):
            raise ValueError("it names an epoch and says nothing of it, or the other way round")
        if self.epoch is not None and (self.list is not None or self.reverts is not None):
            raise ValueError("it marks an epoch and decides at once")
        if self.list is self.reverts is self.note is self.epoch is None:
            raise ValueError("it is no decision, no undo, no note and no mark")
        if any(known >= self.decision_id for known in (self.follows or "").split()):
            raise ValueError("it follows what came after it")
        return self

    @property
    def row(self) -> Row:
        """The values of `HISTORY_COLUMNS`."""
        return _ROW({**self.__dict__, "timestamp": timestamp(self.timestamp)})


def _clocks(told: datetime | None, now: datetime) -> str:
    """Return what both clocks say; None is a time that no calendar has."""
    there = "" if told is None else f"of {told:%Y-%m-%d}; "
    return f" ({there}the clock here says {now:%Y-%m-%d})"


_ROW = itemgetter(*HISTORY_COLUMNS)
#: Where these stand in a row.
SURVEY, OBJECT, SCANNER, LIST, REVERTS, HOST, EPOCH = map(
    HISTORY_COLUMNS.index, ("survey", "object_id", "scanner", "list", "reverts", "host", "epoch")
)
#: What a table of labels does not tell, or in other words: notes are put on one line there.
_NOT_IN_LABELS = frozenset({"host", "visit", "seconds", "tags", "follows", "note"})
#: What histories of older versions do not tell: two rows contradict each other only where both do.
_NOT_IN_OLDER = frozenset({"seen_mjd"})
#: Older versions keep no batches: a row that passed through one of them has lost its own.
_NOT_COMPARED = frozenset({"batch_id"})


@dataclass
class Merged:
    """The numbers of new decisions, undos, notes and marks on epochs.

    ``known``: rows that were there before. ``machine``: rows of the policies, left out. Of a store also
    ``waiting``: new decisions on alerts that it does not hold (yet), and ``in_conflict``: how many of its
    alerts are in conflict now.
    """

    decisions: int = 0
    undos: int = 0
    notes: int = 0
    marks: int = 0
    known: int = 0
    machine: int = 0
    waiting: int = 0
    refused: int = 0
    in_conflict: int = 0
    #: What all that is new can be taken back by; None where nothing is.
    import_id: str | None = None

    def __add__(self, other: "Merged") -> "Merged":
        """Return what came of both, one after the other."""
        counts = {name: value for name, value in vars(self).items() if name != "import_id"}
        summed = {name: value + getattr(other, name) for name, value in counts.items()}
        import_id = self.import_id or other.import_id
        return Merged(**{**summed, "in_conflict": other.in_conflict, "import_id": import_id})


def id_of(piece: InputPiece) -> str:
    """The id that an unchecked row bears; "" where it has none."""
    return str(piece.value.get("decision_id", "")) if isinstance(piece.value, Mapping) else ""


def checked(
    pieces: Iterable[InputPiece | Refusal], now: datetime, refuse: Callable[[Refusal], None]
) -> Iterator[tuple[InputPiece, Row]]:
    """The rows that pieces hold; pieces that are no whole row, or are from the future, are refused."""
    for piece in pieces:
        if isinstance(piece, Refusal):
            refuse(piece)
            continue
        try:
            yield piece, Entry.model_validate(piece.value, context={"now": now}).row
        except ValidationError as error:
            refuse(Refusal(piece.source, piece.position, _reason(error)))


def new_rows(
    entries: Iterable[tuple[InputPiece, Row]],
    held: dict[str, Row],
    merged: Merged,
    refuse: Callable[[Refusal], None],
) -> list[Row]:
    """Those of the rows that ``held`` (rows by id) lacks; they are added to it, and counted in ``merged``.

    A row that contradicts the one that is held is refused. Rows of the policies are left out.
    """
    new: list[Row] = []
    for piece, row in entries:
        if row[SCANNER] == MACHINE:
            merged.machine += 1
            continue
        known = held.setdefault(row[0], row)
        if known is row:
            new.append(row)
        elif differing := _differing(known, row):
            what = f"decision {row[0]} is known with another {', '.join(differing)}; it stays as it was"
            refuse(Refusal(piece.source, piece.position, what, row[OBJECT]))
        else:
            merged.known += 1
    merged.decisions += sum(row[LIST] is not None for row in new)
    merged.undos += sum(row[REVERTS] is not None for row in new)
    merged.marks += sum(row[EPOCH] is not None for row in new)
    merged.notes += sum(row[LIST] is row[REVERTS] is row[EPOCH] is None for row in new)
    return new


def _differing(known: Row, row: Row) -> list[str]:
    """The columns in which two rows of one id contradict each other."""
    if known == row:
        return []
    is_partial = NOT_SAID in (known[HOST], row[HOST])
    return [
        name
        for name, ours, theirs in zip(HISTORY_COLUMNS, known, row, strict=True)
        if ours != theirs
        and not (is_partial and name in _NOT_IN_LABELS)
        and not (name in _NOT_IN_OLDER and None in (ours, theirs))
        and name not in _NOT_COMPARED
    ]


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
