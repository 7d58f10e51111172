"""The labels that decisions carry, as a table of the store: the common ones and those of single surveys."""

import re
import sqlite3
from collections.abc import Iterable

from vra_tui.ranking.lists import ALL, DECISIONS, LIST_ORDER

#: What a label may be called: it is typed, stands in file names and in lists of words.
_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,39}")
#: Lists that no decision files to: a label of that name could not be told from them.
_LISTS = frozenset({*(name.value for name in LIST_ORDER), ALL}) - DECISIONS.keys()


def fault_of_label(name: str) -> str | None:
    """Why a decision may not carry this label; None where it may, whether the store knows it yet or not."""
    if name in DECISIONS:
        return None
    if name in _LISTS:
        return f"that is a list, to which nothing is decided; there are {', '.join(DECISIONS)}"
    if not _PLAIN.fullmatch(name):
        return (
            f"there are {', '.join(DECISIONS)}; a survey's own label is a plain word of small letters, "
            "digits, - and _"
        )
    return None


def known_labels(connection: sqlite3.Connection) -> list[str]:
    """The names of the labels that the store knows, the common ones first."""
    rows = connection.execute("SELECT name FROM labels ORDER BY name")
    own = [row[0] for row in rows if row[0] not in DECISIONS]
    return [*DECISIONS, *own]


def enter_labels(connection: sqlite3.Connection, labels: Iterable[tuple[str, str]]) -> None:
    """Let the store know of labels: pairs of label and survey. Call inside a transaction.

    What a new one teaches is not known: nothing. One that several surveys use is nobody's own, in whatever
    order they came.
    """
    connection.executemany(
        """INSERT INTO labels (name, survey) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET survey = NULL
        WHERE survey != excluded.survey""",
        sorted({(name, survey) for name, survey in labels if name not in DECISIONS}),
    )


def enter_carried(connection: sqlite3.Connection) -> None:
    """Let the store know of the labels that its decisions carry. Call inside a transaction."""
    rows = connection.execute(
        """SELECT DISTINCT d.list, o.survey FROM decisions d JOIN objects o USING (alert_id)
        WHERE d.list NOT IN (SELECT name FROM labels)"""
    )
    enter_labels(connection, [(row[0], row[1]) for row in rows])
