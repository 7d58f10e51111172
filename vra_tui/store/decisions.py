"""Take, undo and list decisions. Each keeps what was on screen; rows are only ever added."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from vra_tui.errors import VraError
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store import healing
from vra_tui.store.bounds import as_typed, kinds_of
from vra_tui.store.decision_ids import FUTURE, id_at, new_id, timestamp
from vra_tui.store.decision_rows import IS_REVERTED, insert_decisions, insert_notes, latest_id
from vra_tui.store.label_names import known_labels
from vra_tui.store.outbox_sending import withdraw_reverted
from vra_tui.store.precedence import heads
from vra_tui.store.standing import decision_nodes, refresh
from vra_tui.text import well_formed

#: A text kept with a decision has at most so many characters: a note is no file.
MAX_TEXT = 10_000
_HISTORY = f"""SELECT d.decision_id, d.alert_id, a.name, d.list, d.reverts, d.scanner, d.host, d.timestamp,
    d.note, d.visit, d.rank, d.seconds, d.tags, d.batch_id, d.import_id, {IS_REVERTED} AS is_reverted
    FROM decisions d LEFT JOIN alerts a USING (alert_id)"""


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
    """One decision of the store. ``list`` is None for an undo, which names what it ``reverts``.

    ``batch_id``: the same for all that one key or command decided, None where that was not kept.
    ``import_id``: through which import it came, None for what was decided in this store.
    """

    decision_id: str
    alert_id: int
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
    batch_id: str | None
    import_id: str | None = field(compare=False)
    is_reverted: bool


_KINDS = kinds_of(DecisionRow)


def decide(
    connection: sqlite3.Connection,
    alert_id: int,
    list_name: str,
    author: Author,
    now: datetime,
    on_screen: OnScreen | None = None,
    note: str | None = None,
    tags: Iterable[str] = (),
    batch_id: str | None = None,
) -> str:
    """Record one decision and re-file the alert; returns its id. Call inside a transaction.

    Without ``on_screen``, the alert's latest score is taken for what was seen. ``batch_id``: the id of the
    first decision of the same key or command, None for that one.

    Raises DecisionError for a label that the store does not know, for an alert that it does not hold, for a
    tag that is not one word, and for a note of more than `MAX_TEXT` characters. Notes are kept as they were
    written: they are made fit for a terminal when they are shown.
    """
    if list_name not in DECISIONS and list_name not in (known := known_labels(connection)):
        raise DecisionError(f"There is no decision `{list_name}`; there are {', '.join(known)}.")
    if on_screen is None:
        on_screen = _latest_score(connection, alert_id)
    set_right(connection, now)
    follows = " ".join(head.decision_id for head in heads(decision_nodes(connection, alert_id)))
    decision_id = new_id(now, latest_id(connection))
    row = (
        decision_id, alert_id, list_name, None, author.scanner, author.host, timestamp(now), _text(note),
        on_screen.visit, on_screen.preal, on_screen.pgal, on_screen.pfast, on_screen.rank, on_screen.model,
        on_screen.seconds, _tags(tags), follows or None, on_screen.seen_mjd, batch_id or decision_id,
    )  # fmt: skip
    insert_decisions(connection, [row])
    refresh(connection, [alert_id])
    return decision_id


def undo(connection: sqlite3.Connection, decision_id: str, author: Author, now: datetime) -> int:
    """Revert one decision; returns the alert's id. See `undo_all`."""
    (alert_id,) = undo_all(connection, [decision_id], author, now).values()
    return alert_id


def undo_all(
    connection: sqlite3.Connection, decision_ids: Sequence[str], author: Author, now: datetime
) -> dict[str, int]:
    """Revert decisions, all or none, as one batch; returns the undos' ids, each with its alert.

    Call inside a transaction.

    On each alert the decision that stood before stands again. What they put into the outbox is withdrawn
    where it has not left. Raises DecisionError when there is no such
    decision, or when it was reverted before.
    """
    replaced = set_right(connection, now)
    known, batch_id = latest_id(connection), None
    undos: dict[str, int] = {}
    rows = []
    for decision_id in (replaced.get(one, one) for one in decision_ids):
        alert_id = _to_undo(connection, decision_id)
        seen = _score_now(connection, alert_id) or OnScreen()
        known = new_id(now, known)
        batch_id = batch_id or known
        undos[known] = alert_id
        rows.append((
            known, alert_id, None, decision_id, author.scanner, author.host, timestamp(now), None,
            seen.visit, seen.preal, seen.pgal, seen.pfast, seen.rank, seen.model, None, None, None,
            None, batch_id,
        ))  # fmt: skip
    insert_decisions(connection, rows)
    refresh(connection, undos.values())
    withdraw_reverted(connection, by=author.scanner, now=now)
    return undos


def _to_undo(connection: sqlite3.Connection, decision_id: str) -> int:
    row = connection.execute(
        f"SELECT d.alert_id, d.list, {IS_REVERTED} AS is_reverted FROM decisions d WHERE d.decision_id = ?",
        (decision_id,),
    ).fetchone()
    if row is None or row["list"] is None:
        raise DecisionError(f"There is no decision {decision_id} to undo.")
    if row["is_reverted"]:
        raise DecisionError(f"Decision {decision_id} was undone before.")
    return int(row["alert_id"])


def set_right(connection: sqlite3.Connection, now: datetime) -> dict[str, str]:
    """Replace what is from the future, if anything is and the clock was not put back.

    See `vra_tui.store.healing.set_right`.
    """
    known = latest_id(connection)
    if known is None or known < id_at(now + FUTURE):
        return {}
    return {} if healing.is_clock_behind(connection, now) else healing.set_right(connection, now)


def latest_by(connection: sqlite3.Connection, scanner: str, limit: int = 10) -> list[DecisionRow]:
    """Return what a scanner decided in this store and has not taken back, newest first.

    Undos are not among it, nor what was imported.
    """
    where = f"d.scanner = ? AND d.list IS NOT NULL AND d.import_id IS NULL AND NOT {IS_REVERTED}"
    return rows_where(connection, where, (scanner,), limit)


def rows_where(
    connection: sqlite3.Connection, condition: str, values: Sequence[object], limit: int = -1
) -> list[DecisionRow]:
    """Decisions and undos ``d`` that fulfil an SQL condition, latest first, at most ``limit`` (-1: all)."""
    query = f"{_HISTORY} WHERE {condition} ORDER BY d.decision_id DESC LIMIT ?"
    return [_decision_row(row) for row in connection.execute(query, (*values, limit))]


def history(connection: sqlite3.Connection, alert_id: int) -> list[DecisionRow]:
    """Everything decided and undone about one alert, oldest first."""
    rows = connection.execute(f"{_HISTORY} WHERE d.alert_id = ? ORDER BY d.decision_id", (alert_id,))
    return [_decision_row(row) for row in rows]


def add_note(connection: sqlite3.Connection, alert_id: int, note: str, author: Author, now: datetime) -> str:
    """Keep a note on an alert, apart from any decision; returns its id. Call inside a transaction.

    Raises DecisionError for an alert that the store does not hold, and for a note that is empty or has more
    than `MAX_TEXT` characters.
    """
    _latest_score(connection, alert_id)  # raises where there is no such alert
    text = _text(note)
    if text is None:
        raise DecisionError("The note is empty. Nothing was written.")
    note_id = new_id(now)
    insert_notes(connection, [(note_id, alert_id, author.scanner, author.host, timestamp(now), text)])
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


def _latest_score(connection: sqlite3.Connection, alert_id: int) -> OnScreen:
    found = _score_now(connection, alert_id)
    if found is None:
        raise DecisionError(f"The store holds no alert {alert_id}.")
    return found


def _score_now(connection: sqlite3.Connection, alert_id: int) -> OnScreen | None:
    row = connection.execute(
        "SELECT visit, preal, pgal, pfast, rank, model, NULL, visited_mjd FROM standing WHERE alert_id = ?",
        (alert_id,),
    ).fetchone()
    return None if row is None else OnScreen(*row)


def _decision_row(row: sqlite3.Row) -> DecisionRow:
    return DecisionRow(**{**as_typed(row, _KINDS), "is_reverted": bool(row["is_reverted"])})
