"""Labels out of the store: one row a standing decision, in the formats and encodings that others read."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vra_tui.ranking.lists import DECISIONS, MACHINE
from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.store.bounds import as_typed
from vra_tui.store.log import HISTORY_KINDS, HistoryQuery, history_rows

PLAIN_COLUMNS = (
    "decision_id alert_id label list scanner timestamp note reverts preal pgal pfast rank model".split()
)
#: Names of the score table of the survey's server (DESIGN.md section 2), and the decision behind each row.
VRA_COLUMNS = (
    "transient_object_id preal pgal pfast rank is_gal_cand timestamp apiusername username "
    "decision_id list".split()
)

#: The history: the columns of labels, then what else another store needs.
HISTORY_COLUMNS = [*PLAIN_COLUMNS, *"host visit seconds tags follows seen_mjd batch_id".split()]
#: What a table must have to be taken in; one that also tells what each decision follows is a history.
NEEDED_COLUMNS = "decision_id alert_id list scanner timestamp".split()

#: All that people decided.
EVERYONE = HistoryQuery()

_STANDING = f"""
SELECT d.decision_id, d.alert_id, d.list, d.scanner, d.timestamp, d.reverts, d.preal, d.pgal, d.pfast,
    d.rank, d.model,
    coalesce(d.note, (SELECT group_concat(n.note, ' | ')
        OVER (ORDER BY n.note_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        FROM notes n WHERE n.alert_id = d.alert_id LIMIT 1)) AS note
FROM standing s JOIN decisions d ON d.decision_id = s.decision_id
WHERE d.decision_id > :after AND (d.scanner = :scanner OR :scanner IS NULL AND (:with_machine
    OR d.scanner != '{MACHINE}'))
ORDER BY d.decision_id
"""


def standing_labels(
    connection: sqlite3.Connection, query: HistoryQuery = EVERYONE
) -> Iterator[dict[str, Any]]:
    """Rows of `PLAIN_COLUMNS`, one a standing decision, in the order in which they were taken.

    The scores are those at decision time. The policies' own decisions teach a model only what it already
    believes: they are left out unless the query asks for them.
    """
    values = {"after": query.after or "", "scanner": query.scanner, "with_machine": query.with_machine}
    for row in connection.execute(_STANDING, values):
        yield _labelled(as_typed(row, HISTORY_KINDS), PLAIN_COLUMNS)


def history_labels(
    connection: sqlite3.Connection, query: HistoryQuery = EVERYONE
) -> Iterator[dict[str, Any]]:
    """Rows of `HISTORY_COLUMNS`: every decision, undo and note, oldest first; all that a merge needs."""
    for row in history_rows(connection, query):
        yield _labelled(row, HISTORY_COLUMNS)


def _labelled(row: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    values = {**row, "label": DECISIONS[row["list"]].label if row["list"] else ""}
    return {name: values[name] for name in columns}


def vra_encoded(labels: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of `VRA_COLUMNS`: each decision as the survey's VRA encodes it, in place of the model's scores.

    The rank follows from the encoding where it gives both preal and pgal. Decisions that say nothing
    (eyeball) are left out.
    """
    for label in labels:
        decision = DECISIONS[label["list"]]
        if decision.preal is None:
            continue
        preal, pgal = decision.preal, decision.pgal
        yield {
            "transient_object_id": label["alert_id"],
            "preal": preal,
            "pgal": pgal,
            "pfast": decision.pfast,
            "rank": None if pgal is None else float(rank(preal, pgal)),
            "is_gal_cand": None if pgal is None else int(is_galactic_candidate(preal, pgal)),
            "timestamp": label["timestamp"],
            "apiusername": "vra-tui",
            "username": label["scanner"],
            "decision_id": label["decision_id"],
            "list": label["list"],
        }


def label_counts(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Standing decisions by list and scanner, the policies' own among them, most first."""
    rows = connection.execute(
        """SELECT s.decided_list AS list, s.decided_by AS scanner, count(*) AS decisions
        FROM standing s WHERE s.decided_list IS NOT NULL
        GROUP BY s.decided_list, s.decided_by ORDER BY decisions DESC, list, scanner"""
    )
    return [{**dict(row), "label": DECISIONS[row["list"]].label} for row in rows]
