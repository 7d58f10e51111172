"""Read the labels that the Lasair VRA keeps as CSV: one row a label, given to one detection of an object.

Its letters are `r` real, `x` extragalactic, `g` galactic, `a` AGN, `b` bogus and `v` variable star. All rows
become decisions on the object, under ids that follow from the row: the latest stands, and a file taken in
twice changes nothing. A `b` on one detection of an object whose other detections are real says nothing of the
object: it becomes a mark on that epoch.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vra_tui.domain.refusal import InputPiece, Refusal, shown
from vra_tui.store.decision_ids import id_of, timestamp
from vra_tui.store.label_entry import NOT_SAID

#: What such a table must have.
COLUMNS = "diaSourceId diaObjectId label timestamp".split()
#: Who decided, where nobody says it: the table names no person.
LASAIR_VRA = "lasair-vra"
#: Where each letter files an object.
LETTERS: Mapping[str, str] = {
    "r": "real", "x": "good", "g": "attic", "a": "agn", "b": "garbage", "v": "variable",
}  # fmt: skip
_BOGUS = "b"
_ID = re.compile(r"[1-9]\d{0,18}")


@dataclass(frozen=True)
class _Label:
    """One row of the table, checked."""

    piece: InputPiece
    source_id: str
    object_id: str
    letter: str
    moment: datetime
    session: str


def is_lasair(value: object) -> bool:
    """Whether a row is one of such a table."""
    return isinstance(value, Mapping) and "diaObjectId" in value and "decision_id" not in value


def with_lasair(
    pieces: Iterable[InputPiece | Refusal], scanner: str = LASAIR_VRA
) -> Iterator[InputPiece | Refusal]:
    """The pieces as rows of a history; those of the Lasair VRA's tables come last, put into its words.

    ``scanner``: who gave its labels. What is no whole row is refused by itself.
    """
    labels: list[_Label] = []
    for piece in pieces:
        if isinstance(piece, Refusal) or not is_lasair(piece.value):
            yield piece
            continue
        try:
            labels.append(_label(piece))
        except ValueError as error:
            yield Refusal(piece.source, piece.position, str(error))
    yield from _entries(labels, scanner)


def _label(piece: InputPiece) -> _Label:
    value = piece.value
    source_id, object_id = (_id(value, name) for name in ("diaSourceId", "diaObjectId"))
    letter = str(value.get("label") or "").strip()
    if letter not in LETTERS:
        raise ValueError(f"label {shown(letter)}: it is none of {', '.join(LETTERS)}")
    session = str(value.get("session_id") or value.get("session") or "").strip()
    moment = _moment(value.get("timestamp"))
    return _Label(piece, source_id, object_id, letter, moment, "_".join(session.split()))


def _id(value: Mapping[str, Any], name: str) -> str:
    given = value.get(name)
    text = str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""
    if not _ID.fullmatch(text):
        rounded = " (a spreadsheet rounds ids)" if re.search(r"[eE.]", str(given)) else ""
        raise ValueError(f"{name} {shown(given)}: it is no id of LSST's{rounded}")
    return text


def _moment(given: object) -> datetime:
    """A time in ISO 8601, of UTC where it names no zone, or in seconds since 1970."""
    text = str(given or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = None
    try:
        moment = datetime.fromisoformat(text) if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"timestamp {shown(given)}: it is no time") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _entries(labels: Iterable[_Label], scanner: str) -> Iterator[InputPiece]:
    by_object: dict[str, list[_Label]] = defaultdict(list)
    for one in labels:
        by_object[one.object_id].append(one)
    for known in by_object.values():
        known.sort(key=lambda one: (one.moment, one.source_id, one.letter))
        bad = _bad_sources(known)
        before: str | None = None
        for one in known:
            if one.letter == _BOGUS and one.source_id in bad:
                yield _as_row(one, scanner, is_mark=True)
                continue
            entry = _as_row(one, scanner, follows=before)
            # The scanner corrects what they said before: no conflict.
            before = max(filter(None, (before, entry.value["decision_id"])))
            yield entry


def _bad_sources(labels: Iterable[_Label]) -> set[str]:
    """The detections that were last called bogus, of an object of which another one was last called real."""
    latest = {one.source_id: one.letter for one in labels}
    bogus = {source_id for source_id, letter in latest.items() if letter == _BOGUS}
    return bogus if len(bogus) < len(latest) else set()


def _as_row(one: _Label, scanner: str, follows: str | None = None, is_mark: bool = False) -> InputPiece:
    words = ("mark" if is_mark else "label", one.object_id, one.source_id, one.letter, one.session)
    decision_id = id_of(one.moment, "\0".join(words).encode())
    row: dict[str, Any] = {
        "decision_id": decision_id,
        "survey": "lsst",
        "object_id": one.object_id,
        "list": None,
        "scanner": scanner,
        "host": NOT_SAID,
        "timestamp": timestamp(one.moment),
    }
    if is_mark:
        reason = f"labelled bogus in session {one.session}" if one.session else "labelled bogus"
        row |= {"epoch": f"detections {one.source_id} - -", "is_bad": 1, "note": reason}
    else:
        session = f" session:{one.session}" if one.session else ""
        is_later = follows is not None and follows < decision_id
        row |= {
            "list": LETTERS[one.letter],
            "tags": f"source:{one.source_id}{session}",
            "follows": follows if is_later else None,
        }
    return InputPiece(one.piece.source, one.piece.position, row)
