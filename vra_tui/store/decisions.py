"""Decisions: append-only, each with what was on screen; undo is a decision that names the one it reverts."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vra_tui.errors import VraError
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.precedence import heads
from vra_tui.store.standing import refresh, stances
from vra_tui.text import well_formed

#: The columns of a decision in the order of the table, without its place in it.
COLUMNS = (
    "decision_id atlas_id list reverts scanner host timestamp note visit preal pgal pfast rank model "
    "seconds tags follows seen_mjd".split()
)
#: A text kept with a decision has at most so many characters: a note is no file.
MAX_TEXT = 10_000
# The bits of an id that are random after its version and variant.
_RANDOM = (1 << 62) - 1


#: SQL: whether a decision ``d`` was undone. An undo that names another alert's decision undoes nothing.
IS_REVERTED = """EXISTS (SELECT 1 FROM decisions undoing
    WHERE undoing.reverts = d.decision_id AND undoing.atlas_id = d.atlas_id)"""
_HISTORY = f"""SELECT d.decision_id, d.atlas_id, a.name, d.list, d.reverts, d.scanner, d.host, d.timestamp,
    d.note, d.visit, d.rank, d.seconds, d.tags, {IS_REVERTED} AS is_reverted
    FROM decisions d LEFT JOIN alerts a USING (atlas_id)"""


class DecisionError(VraError):
    """A decision that cannot be taken; nothing was written."""


@dataclass(frozen=True)
class Author:
    """Who decides, and on which host."""

    scanner: str
    host: str


@dataclass(frozen=True)
class OnScreen:
    """What the scanner saw of the alert when deciding; None where it had no score yet."""

    visit: int | None = None
    preal: float | None = None
    pgal: float | None = None
    pfast: float | None = None
    rank: float | None = None
    model: str | None = None
    #: How long the scanner looked at it.
    seconds: float | None = None
    #: MJD of the last exposure known of it, also after the days that are scored.
    seen_mjd: float | None = None


@dataclass(frozen=True)
class DecisionRow:
    """One decision of the store. ``list`` is None for an undo, which names what it ``reverts``."""

    decision_id: str
    atlas_id: int
    name: str | None
    list: str | None
    reverts: str | None
    scanner: str
    host: str
    timestamp: str
    note: str | None
    visit: int | None
    rank: float | None
    seconds: float | None
    tags: str | None
    is_reverted: bool


def new_id(now: datetime, after: str | None = None) -> str:
    """A UUID of version 7 (RFC 9562): sorts by time, unique without asking anyone.

    With ``after``, the greatest id known, it also sorts after that one, where the clock was put back or the
    millisecond is the same: what was decided in knowledge of something else sorts behind it.
    """
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    if after is not None and (known := int(after.replace("-", ""), 16)) >> 80 >= milliseconds:
        # A random step, not one: two stores that know the same greatest id must not meet.
        milliseconds = known >> 80
        low = (known & _RANDOM) + 1 + (random & 0xFFFFFFFF)
        if low > _RANDOM:
            milliseconds, low = milliseconds + 1, random & _RANDOM
        random = (known & ~_RANDOM & ((1 << 80) - 1)) | low
    value = (milliseconds << 80) | random
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def timestamp(now: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds")


def decide(
    connection: sqlite3.Connection,
    atlas_id: int,
    list_name: str,
    author: Author,
    now: datetime,
    on_screen: OnScreen | None = None,
    note: str | None = None,
    tags: Iterable[str] = (),
) -> str:
    """Record one decision and re-file the alert; returns its id. Call inside a transaction.

    Without ``on_screen``, the alert's latest score is taken for what was seen. Raises DecisionError for a
    list that is none of the decisions, for an alert that the store does not hold, for a tag that is not one
    word, and for a note of more than `MAX_TEXT` characters. Notes are kept as they were written: they are
    made fit for a terminal when they are shown.
    """
    if list_name not in DECISIONS:
        raise DecisionError(f"There is no decision `{list_name}`; there are {', '.join(DECISIONS)}.")
    if on_screen is None:
        on_screen = _latest_score(connection, atlas_id)
    known = " ".join(head.decision_id for head in heads(stances(connection, atlas_id)))
    decision_id = new_id(now, latest_id(connection))
    row = (
        decision_id, atlas_id, list_name, None, author.scanner, author.host, timestamp(now), _text(note),
        on_screen.visit, on_screen.preal, on_screen.pgal, on_screen.pfast, on_screen.rank, on_screen.model,
        on_screen.seconds, _tags(tags), known or None, on_screen.seen_mjd,
    )  # fmt: skip
    insert_decisions(connection, [row])
    refresh(connection, [atlas_id])
    return decision_id


def insert_decisions(connection: sqlite3.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Append rows of `COLUMNS` as they stand in the table, without re-filing anything."""
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"INSERT INTO decisions ({', '.join(COLUMNS)}) VALUES ({marks})", rows)


def latest_id(connection: sqlite3.Connection) -> str | None:
    """The greatest id of any decision in the store."""
    found: str | None = connection.execute("SELECT max(decision_id) FROM decisions").fetchone()[0]
    return found


def undo(connection: sqlite3.Connection, decision_id: str, author: Author, now: datetime) -> int:
    """Revert one decision; returns the alert's id. Call inside a transaction.

    The decision that stood before it stands again. Raises DecisionError when there is no such decision, or
    when it was reverted before.
    """
    row = connection.execute(
        f"SELECT d.atlas_id, d.list, {IS_REVERTED} AS is_reverted FROM decisions d WHERE d.decision_id = ?",
        (decision_id,),
    ).fetchone()
    if row is None or row["list"] is None:
        raise DecisionError(f"There is no decision {decision_id} to undo.")
    if row["is_reverted"]:
        raise DecisionError(f"Decision {decision_id} was undone before.")
    seen = _score_now(connection, row["atlas_id"]) or OnScreen()
    undoing = (
        new_id(now, latest_id(connection)), row["atlas_id"], None, decision_id, author.scanner, author.host,
        timestamp(now), None, seen.visit, seen.preal, seen.pgal, seen.pfast, seen.rank, seen.model,
        None, None, None, None,
    )  # fmt: skip
    insert_decisions(connection, [undoing])
    refresh(connection, [row["atlas_id"]])
    return int(row["atlas_id"])


def latest_by(connection: sqlite3.Connection, scanner: str, limit: int = 10) -> list[DecisionRow]:
    """A scanner's latest decisions that still stand unreverted, newest first; undos are not among them."""
    rows = connection.execute(
        f"""{_HISTORY} WHERE d.scanner = ? AND d.list IS NOT NULL AND NOT is_reverted
        ORDER BY d.decision_id DESC LIMIT ?""",
        (scanner, limit),
    )
    return [_decision_row(row) for row in rows]


def history(connection: sqlite3.Connection, atlas_id: int) -> list[DecisionRow]:
    """Everything decided and undone about one alert, oldest first."""
    rows = connection.execute(f"{_HISTORY} WHERE d.atlas_id = ? ORDER BY d.decision_id", (atlas_id,))
    return [_decision_row(row) for row in rows]


def add_note(connection: sqlite3.Connection, atlas_id: int, note: str, author: Author, now: datetime) -> str:
    """Keep a note on an alert, apart from any decision; returns its id. Call inside a transaction.

    Raises DecisionError for an alert that the store does not hold, and for a note that is empty or has more
    than `MAX_TEXT` characters.
    """
    _latest_score(connection, atlas_id)  # raises where there is no such alert
    text = _text(note)
    if text is None:
        raise DecisionError("The note is empty. Nothing was written.")
    note_id = new_id(now)
    connection.execute(
        "INSERT INTO notes (note_id, atlas_id, scanner, host, timestamp, note) VALUES (?, ?, ?, ?, ?, ?)",
        (note_id, atlas_id, author.scanner, author.host, timestamp(now), text),
    )
    return note_id


def _text(note: str | None) -> str | None:
    if note is not None and len(note) > MAX_TEXT:
        raise DecisionError(
            f"The note has {len(note):,} characters, more than {MAX_TEXT:,}. Nothing was written."
        )
    return well_formed(note) if note else None


def _tags(tags: Iterable[str]) -> str | None:
    words = list(dict.fromkeys(tags))
    for word in words:
        if not word.isprintable() or len(word.split()) != 1:
            raise DecisionError(f"The tag {word!r} is not one word. Nothing was decided.")
    return " ".join(words) or None


def _latest_score(connection: sqlite3.Connection, atlas_id: int) -> OnScreen:
    found = _score_now(connection, atlas_id)
    if found is None:
        raise DecisionError(f"The store holds no alert {atlas_id}.")
    return found


def _score_now(connection: sqlite3.Connection, atlas_id: int) -> OnScreen | None:
    row = connection.execute(
        "SELECT visit, preal, pgal, pfast, rank, model, NULL, visited_mjd FROM standing WHERE atlas_id = ?",
        (atlas_id,),
    ).fetchone()
    return None if row is None else OnScreen(*row)


def _decision_row(row: sqlite3.Row) -> DecisionRow:
    return DecisionRow(**{**dict(row), "is_reverted": bool(row["is_reverted"])})
