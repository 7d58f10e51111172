"""Read what the drift measurement needs of the store, and keep its latest verdict."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.lists import MACHINE, ListName
from vra_tui.store.id_lists import json_ids
from vra_tui.store.insight_table import put_survey_table, survey_table
from vra_tui.store.label_names import labels_taught

_TABLE = "drift"


@dataclass(frozen=True)
class StoredVerdict:
    """The latest verdict. ``words`` for the status bar; ``sentences`` in full.

    ``t0_mjd``: of the latest alert it rests on; ``days`` and ``model`` as asked for.
    """

    status: str
    words: str
    sentences: list[str]
    units: list[str]
    nights: list[int]
    t0_mjd: float
    days: int
    model: str
    made_at: str


def latest_t0(connection: sqlite3.Connection, at_mjd: float = np.inf, survey: str | None = None) -> float:
    """t0 of the latest alert (of a survey) that entered by ``at_mjd``; NaN without any."""
    of_survey = "" if survey is None else "JOIN objects o USING (alert_id) WHERE o.survey = :survey AND"
    (found,) = connection.execute(
        f"SELECT max(t0_mjd) FROM alerts {of_survey or 'WHERE'} t0_mjd <= :at",
        {"at": min(at_mjd, 1e9), "survey": survey},
    ).fetchone()
    return np.nan if found is None else float(found)


def entered_between(connection: sqlite3.Connection, first_mjd: float, last_mjd: float) -> list[int]:
    """Ids of the alerts whose t0 lies between two times, both included, ascending."""
    rows = connection.execute(
        "SELECT alert_id FROM alerts WHERE t0_mjd BETWEEN ? AND ? ORDER BY alert_id", (first_mjd, last_mjd)
    )
    return [row[0] for row in rows]


def decided_shares(
    connection: sqlite3.Connection, alert_ids: Sequence[int]
) -> dict[str, NDArray[np.float64]]:
    """Tell how the named alerts (ascending) stand decided, each of shape (n,).

    ``policies``: 1 where they discarded the alert and that stands, else 0. For each label: 1 where a scanner
    gave it, 0 where a scanner gave another, NaN where no scanner's label stands.
    """
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        """SELECT decided_by, decided_list FROM standing
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id""",
        (json_ids(alert_ids),),
    ).fetchall()
    taught = labels_taught(connection)
    by_machine = np.array([by == MACHINE for by, _ in rows], dtype=bool)
    lists = [name for _, name in rows]
    label = np.array([taught.get(name, "") for name in lists], dtype=np.str_)
    discarded = by_machine & np.array([name == ListName.GARBAGE for name in lists], dtype=bool)
    known = ~by_machine & (label != "")
    labels = sorted({text for text in taught.values() if text})
    return {
        "policies": discarded.astype(np.float64),
        **{name: np.where(known, label == name, np.nan) for name in labels},
    }


def put_verdict(connection: sqlite3.Connection, verdict: StoredVerdict) -> None:
    """Keep a verdict in place of the one before. Call inside a transaction."""
    put_survey_table(connection, _TABLE, json.dumps(asdict(verdict)))


def stored_verdict(connection: sqlite3.Connection) -> StoredVerdict | None:
    """The latest verdict; None before the first."""
    value = survey_table(connection, _TABLE)
    return None if value is None else StoredVerdict(**json.loads(value))


def drift_words(connection: sqlite3.Connection) -> str:
    """The latest verdict in a few words for a status bar; "" while there is no drift."""
    verdict = stored_verdict(connection)
    return "" if verdict is None else verdict.words
