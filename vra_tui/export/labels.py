"""Labels out of the store: one row a standing decision, in the formats and encodings that others read."""

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TextIO

from vra_tui.ranking.lists import DECISIONS
from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.text import printable

Encoding = Literal["plain", "vra"]

PLAIN_COLUMNS = (
    "decision_id atlas_id label list scanner timestamp note reverts preal pgal pfast rank model".split()
)
#: Names of the score table of the survey's server (DESIGN.md section 2), and the decision behind each row.
VRA_COLUMNS = (
    "transient_object_id preal pgal pfast rank is_gal_cand timestamp apiusername username "
    "decision_id list".split()
)

_STANDING = """
SELECT d.decision_id, d.atlas_id, d.list, d.scanner, d.timestamp, d.reverts, d.preal, d.pgal, d.pfast,
    d.rank, d.model,
    coalesce(d.note, (SELECT group_concat(n.note, ' | ') FROM notes n WHERE n.atlas_id = d.atlas_id)) AS note
FROM standing s JOIN decisions d ON d.decision_id = s.decision_id
WHERE d.scanner != 'vra' OR ?
ORDER BY d.decision_id
"""


def standing_labels(connection: sqlite3.Connection, with_machine: bool = False) -> Iterator[dict[str, Any]]:
    """Rows of `PLAIN_COLUMNS`, one a standing decision, in the order in which they were taken.

    The scores are those at decision time. The policies' own decisions teach a model only what it already
    believes: they are left out unless ``with_machine``.
    """
    for row in connection.execute(_STANDING, (with_machine,)):
        values = {**dict(row), "label": DECISIONS[row["list"]].label}
        yield {name: values[name] for name in PLAIN_COLUMNS}


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
            "transient_object_id": label["atlas_id"],
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


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str], out: TextIO) -> int:
    """Write rows with a header line; how many. Text is on one line each and cannot start a formula."""
    names = list(columns)
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow({name: _cell(row[name]) for name in names})
        count += 1
    return count


def write_jsonl(rows: Iterable[Mapping[str, Any]], out: TextIO) -> int:
    """Write one JSON object a line; how many."""
    count = 0
    for row in rows:
        out.write(json.dumps(dict(row), ensure_ascii=True) + "\n")
        count += 1
    return count


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = printable(value)
    # A spreadsheet would run what begins like a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def label_counts(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Standing decisions by list and scanner, the policies' own among them, most first."""
    rows = connection.execute(
        """SELECT s.decided_list AS list, s.decided_by AS scanner, count(*) AS decisions
        FROM standing s WHERE s.decided_list IS NOT NULL
        GROUP BY s.decided_list, s.decided_by ORDER BY decisions DESC, list, scanner"""
    )
    return [{**dict(row), "label": DECISIONS[row["list"]].label} for row in rows]
