"""Read and write the list `doubt`, and what second looks at labels came to.

A second look is a decision with the tag `LOOK`, or `RANDOM_LOOK` where its alert was drawn at random; the
label that it looks at is the latest of those it follows. All that is told of second looks follows from
decisions, so that it survives undo and merging.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import write_all
from vra_tui.store.decision_rows import IS_REVERTED
from vra_tui.store.id_lists import json_ids
from vra_tui.store.label_names import labels_taught

#: Tags of decisions that are second looks: at a label that a model contradicts, and at one drawn at random.
LOOK, RANDOM_LOOK = "second-look", "random-look"


@dataclass(frozen=True)
class DoubtRow:
    """A label on the list: ``worth`` orders it, ``is_random``: drawn at random, ``reason``: why, in words."""

    alert_id: int
    decision_id: str
    worth: float
    is_random: bool
    reason: str


@dataclass(frozen=True)
class SecondLook:
    """A label, by what it teaches and who gave it, and what a second look made of it.

    ``first_id``: the decision that was looked at. ``is_random``: the alert was drawn at random.
    """

    alert_id: int
    survey: str
    first_id: str
    scanner: str
    before: str
    after: str
    looked_by: str
    is_random: bool

    @property
    def is_overturned(self) -> bool:
        """Whether the second look says otherwise. What is only known to be real contradicts nothing real."""
        both = {self.before, self.after}
        return len(both) > 1 and both not in ({"real", "good"}, {"real", "galactic"})


def put_doubt(connection: sqlite3.Connection, survey: str, rows: Iterable[DoubtRow]) -> None:
    """Replace a survey's part of the list. Call inside a transaction."""
    connection.execute(
        "DELETE FROM doubt WHERE alert_id IN (SELECT alert_id FROM objects WHERE survey = ?)", (survey,)
    )
    write_all(
        connection,
        "INSERT INTO doubt (alert_id, decision_id, worth, is_random, reason) VALUES (?, ?, ?, ?, ?)",
        ((row.alert_id, row.decision_id, row.worth, int(row.is_random), row.reason) for row in rows),
    )


def doubted(connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None) -> list[DoubtRow]:
    """The labels that still wait for a second look, of some alerts or of all, the most doubtful first."""
    among = "" if alert_ids is None else "AND d.alert_id IN (SELECT value FROM json_each(?))"
    rows = connection.execute(
        f"""SELECT d.alert_id, d.decision_id, d.worth, d.is_random, d.reason FROM doubt d
        JOIN standing s ON s.alert_id = d.alert_id AND s.decision_id = d.decision_id {among}
        ORDER BY d.worth DESC, d.alert_id""",
        () if alert_ids is None else (json_ids(alert_ids),),
    )
    return [DoubtRow(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


def look_tags(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The tag that makes a decision on each of some alerts a second look; none for those not on the list."""
    return {one.alert_id: (RANDOM_LOOK if one.is_random else LOOK,) for one in doubted(connection, alert_ids)}


def second_looks(connection: sqlite3.Connection) -> list[SecondLook]:
    """Every second look that was not undone, with the label that it looked at, in order of ids."""
    rows = connection.execute(
        f"""SELECT d.decision_id, d.alert_id, o.survey, d.list, d.scanner, d.follows, d.tags
        FROM decisions d LEFT JOIN objects o USING (alert_id)
        WHERE d.tags IS NOT NULL AND d.list IS NOT NULL AND NOT {IS_REVERTED}
        AND (instr(' ' || d.tags || ' ', ?) OR instr(' ' || d.tags || ' ', ?)) ORDER BY d.decision_id""",
        (f" {LOOK} ", f" {RANDOM_LOOK} "),
    ).fetchall()
    taught, found = labels_taught(connection), []
    for _, alert_id, survey, list_name, scanner, follows, tags in rows:
        first = _looked_at(connection, (follows or "").split())
        if first is None or not taught.get(first[1]) or not taught.get(list_name):
            continue
        is_random = RANDOM_LOOK in tags.split()
        found.append(
            SecondLook(
                alert_id, survey or "?", first[0], first[2], taught[first[1]], taught[list_name], scanner,
                is_random,
            )
        )  # fmt: skip
    return found


def _looked_at(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[str, str, str] | None:
    """Id, list and scanner of the latest of some decisions of people; None without any."""
    row = connection.execute(
        f"""SELECT decision_id, list, scanner FROM decisions
        WHERE decision_id IN ({", ".join("?" * len(ids))}) AND scanner != ? AND list IS NOT NULL
        ORDER BY decision_id DESC LIMIT 1""",
        (*ids, MACHINE),
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2])
