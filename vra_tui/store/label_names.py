"""Keep the labels that decisions may carry: the common ones and surveys' own."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from vra_tui.ranking.lists import DECISIONS, NOT_DECIDED, label_taught
from vra_tui.store.connection import transaction

#: What a label may be called: it is typed, stands in file names and in lists of words.
_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def fault_of_label(name: str) -> str | None:
    """Why a decision may not carry this label; None where it may, whether the store knows it yet or not."""
    if name in DECISIONS:
        return None
    if name in NOT_DECIDED:
        return f"that is a list, to which nothing is decided; there are {', '.join(DECISIONS)}"
    if not _PLAIN.fullmatch(name):
        return (
            f"there are {', '.join(DECISIONS)}; a survey's own label is a plain word of small letters, "
            "digits, - and _"
        )
    return None


def known_labels(connection: sqlite3.Connection) -> list[str]:
    """The names of the labels that the store knows, the common ones first."""
    return [*DECISIONS, *own_labels(connection)]


def own_labels(connection: sqlite3.Connection) -> list[str]:
    """The names of surveys' own labels that the store knows, sorted."""
    rows = connection.execute("SELECT name FROM labels ORDER BY name")
    return [row[0] for row in rows if row[0] not in DECISIONS]


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


class OwnLabel(NamedTuple):
    """A label of a survey's own, with what it says of the three questions; None: nothing."""

    name: str
    survey: str
    preal: float | None
    pgal: float | None
    pfast: float | None


def enter_own(connection: sqlite3.Connection, labels: Iterable[OwnLabel]) -> None:
    """Let the store know of surveys' own labels and of what they teach. Call outside of a transaction.

    What several surveys call by one name is nobody's own, and teaches what they agree on. The common labels
    stay as they are, and nothing is written where all is known. Each name must be one that `fault_of_label`
    finds no fault with.
    """
    alike: dict[str, list[OwnLabel]] = defaultdict(list)
    for label in labels:
        if label.name not in DECISIONS:
            alike[label.name].append(label)
    rows = [_united(same) for _, same in sorted(alike.items())]
    known = {tuple(row) for row in connection.execute("SELECT name, survey, preal, pgal, pfast FROM labels")}
    # Nobody's own it stays, whoever else stops using it.
    if all({row, (row[0], None, *row[2:])} & known for row in rows):
        return
    with transaction(connection):
        connection.executemany(
            """INSERT INTO labels (name, survey, preal, pgal, pfast) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET preal = excluded.preal, pgal = excluded.pgal,
                pfast = excluded.pfast, survey = CASE WHEN survey IS excluded.survey THEN survey END""",
            rows,
        )


def _united(same: Iterable[OwnLabel]) -> tuple[object, ...]:
    """The row of labels of one name: in each column what all say, None where they differ."""
    columns = (set(column) for column in zip(*same, strict=True))
    return tuple(column.pop() if len(column) == 1 else None for column in columns)


def encodings(connection: sqlite3.Connection) -> dict[str, tuple[float | None, float | None, float | None]]:
    """Return what each label that the store knows says of the three questions: preal, pgal, pfast."""
    rows = connection.execute("SELECT name, preal, pgal, pfast FROM labels")
    return {name: (preal, pgal, pfast) for name, preal, pgal, pfast in rows}


def labels_taught(connection: sqlite3.Connection) -> dict[str, str]:
    """What a decision with each label teaches a model: good, galactic, garbage, pm, real; "" for nothing."""
    return {name: label_taught(*told[:2]) for name, told in encodings(connection).items()}


def surveys_met(connection: sqlite3.Connection) -> list[str]:
    """The surveys of which the store has heard of an object, from one name to the next down the index."""
    rows = connection.execute(
        """WITH RECURSIVE met (survey) AS (
            SELECT min(survey) FROM objects
            UNION ALL SELECT (SELECT min(survey) FROM objects o WHERE o.survey > met.survey) FROM met
            WHERE met.survey IS NOT NULL
        ) SELECT survey FROM met WHERE survey IS NOT NULL"""
    )
    return [row[0] for row in rows]


def enter_carried(connection: sqlite3.Connection) -> None:
    """Let the store know of the labels that its decisions carry. Call inside a transaction."""
    rows = connection.execute(
        """SELECT DISTINCT d.list, o.survey FROM decisions d JOIN objects o USING (alert_id)
        WHERE d.list NOT IN (SELECT name FROM labels)"""
    )
    enter_labels(connection, [(row[0], row[1]) for row in rows])
