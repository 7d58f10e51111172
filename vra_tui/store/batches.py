"""Find what one key, one command or one import decided, so that it can be undone together."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.decision_ids import taken_at
from vra_tui.store.decision_rows import IS_REVERTED
from vra_tui.store.decisions import Author, DecisionError, DecisionRow, rows_where

_ENDING = re.compile(r"[0-9a-f]{12}")
# An id is given at most so far behind the one before it in the same millisecond (`decision_ids.new_id`).
_STEP = 1 << 32
_LOW = (1 << 62) - 1


def latest_batch(connection: sqlite3.Connection, author: Author) -> list[DecisionRow]:
    """What the scanner's latest key or command in this store decided and nobody took back, latest first.

    Imported decisions are in no such batch, whoever took them. Of a store that kept no batches (before
    schema 4) only what was decided on this host counts: the scanner's others may have been imported.
    """
    newest = rows_where(
        connection,
        f"""d.scanner = ? AND d.list IS NOT NULL AND d.import_id IS NULL AND NOT {IS_REVERTED}
        AND (d.batch_id IS NOT NULL OR d.host = ?)""",
        (author.scanner, author.host),
        limit=1,
    )
    if not newest:
        return []
    latest = newest[0]
    if latest.batch_id is None:
        return _one_behind_the_other(connection, latest)
    return rows_where(
        connection,
        f"""d.batch_id = ? AND d.scanner = ? AND d.list IS NOT NULL AND d.import_id IS NULL
        AND NOT {IS_REVERTED}""",
        (latest.batch_id, author.scanner),
    )


def _one_behind_the_other(connection: sqlite3.Connection, latest: DecisionRow) -> list[DecisionRow]:
    """Decisions of one moment whose ids were given one behind the other: a key of the time before batches.

    Equal times alone do not tell: an import has many of them.
    """
    rows = rows_where(
        connection,
        """d.scanner = ? AND d.host = ? AND d.timestamp = ? AND d.list IS NOT NULL AND d.batch_id IS NULL
        AND d.import_id IS NULL AND d.decision_id <= ?""",
        (latest.scanner, latest.host, latest.timestamp, latest.decision_id),
    )
    found = [latest]
    for row in rows[1:]:
        if not _was_given_behind(found[-1].decision_id, row.decision_id):
            break
        found.append(row)
    return [row for row in found if not row.is_reverted]


def _was_given_behind(later: str, earlier: str) -> bool:
    try:
        after, before = (int(one.replace("-", ""), 16) for one in (later, earlier))
    except ValueError:
        return False
    return after & ~_LOW == before & ~_LOW and 0 < after - before <= _STEP


@dataclass(frozen=True)
class Import:
    """What one import brought, when (None: not kept), and how much of it was not taken back."""

    import_id: str
    moment: datetime | None
    decisions: int
    left: int


def imports(connection: sqlite3.Connection) -> list[Import]:
    """The imports of the store, latest first."""
    rows = connection.execute(
        f"""SELECT d.import_id, count(*) AS decisions, sum(NOT {IS_REVERTED}) AS left FROM decisions d
        WHERE d.import_id IS NOT NULL AND d.list IS NOT NULL GROUP BY d.import_id ORDER BY d.import_id DESC"""
    )
    return [Import(row[0], taken_at(row[0]) if "-7" in row[0] else None, row[1], row[2]) for row in rows]


def batch(connection: sqlite3.Connection, text: str) -> list[DecisionRow]:
    """Return what is left of a batch or an import, whoever decided it, latest first.

    ``text``: its id or the last 12 characters of it. Raises DecisionError where there is none, or nothing is
    left of it.
    """
    wanted = text.strip().lower()
    ids = [wanted]
    if _ENDING.fullmatch(wanted):
        ids = [
            row[0]
            for name in ("batch_id", "import_id")
            for row in connection.execute(
                f"SELECT DISTINCT {name} FROM decisions WHERE {name} IS NOT NULL AND substr({name}, 25) = ?",
                (wanted,),
            )
        ]
    if len(set(ids)) > 1:
        raise DecisionError(f"More than one batch or import ends in {wanted}. Name it whole.")
    # One of the two indexes each: an OR of both would read every decision.
    found = [
        row
        for name in ("batch_id", "import_id")
        for one in ids
        for row in rows_where(connection, f"d.{name} = ? AND d.list IS NOT NULL", (one,))
    ]
    if not found:
        raise DecisionError(
            f"No key, command or import is called {text[:60]!r}. `vra log --format jsonl` shows the batch_id "
            "of each decision, `vra labels imports` the imports."
        )
    left = {row.decision_id: row for row in found if not row.is_reverted and row.scanner != MACHINE}
    if not left:
        raise DecisionError(f"All decisions of {text[:60]} were taken back before.")
    return sorted(left.values(), key=lambda row: row.decision_id, reverse=True)
