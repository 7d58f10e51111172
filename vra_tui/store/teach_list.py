"""Read and write the list `teach`: alerts whose labels would teach the model most."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.store.columns import read_columns
from vra_tui.store.connection import write_all
from vra_tui.store.id_lists import json_ids
from vra_tui.store.scores import IS_OF_THIS_T0

#: The numbers known of each candidate, in the order of the columns.
COLUMNS = "alert_id preal pgal rank first_rank shadow_rank is_outside".split()


@dataclass(frozen=True, eq=False)
class Candidates:
    """Scored alerts of a survey that no scanner has decided: columns by the names in `COLUMNS`, NaN unknown.

    ``model``: which scored most of them.
    """

    survey: str
    model: str
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]]


_CANDIDATES = """
SELECT place.alert_id, place.preal, place.pgal, place.rank,
    {entry},
    {shadow},
    coalesce((SELECT i.outside != '[]' FROM insights i WHERE i.alert_id = place.alert_id), 0),
    o.survey, place.model
FROM standing place JOIN objects o USING (alert_id)
WHERE place.rank IS NOT NULL AND NOT place.is_tns_match
    AND (place.decided_by IS NULL OR place.decided_by = 'vra' OR place.is_undecided)
"""
_ENTRY = f"""(SELECT s.rank FROM scores s JOIN alerts a USING (alert_id)
        WHERE a.alert_id = place.alert_id AND s.visit = 1 AND {IS_OF_THIS_T0} ORDER BY s.score_id LIMIT 1)"""
_SHADOW = """(SELECT w.rank FROM shadow_scores w WHERE w.alert_id = place.alert_id AND w.mjd = place.mjd
    ORDER BY w.score_id DESC LIMIT 1)"""


def candidates(connection: sqlite3.Connection) -> list[Candidates]:
    """The scored alerts that no scanner has decided, by survey in the order of their names.

    Those that the policies discarded are among them; those with a TNS report are not: their rank is no
    model's.
    """
    has_shadow = connection.execute("SELECT EXISTS (SELECT 1 FROM shadow_scores)").fetchone()[0]
    columns = read_columns(
        connection, _CANDIDATES.format(entry=_ENTRY, shadow=_SHADOW if has_shadow else "NULL")
    )
    surveys, models = (np.array(column, dtype=object) for column in columns[-2:])
    numbers = {
        name: np.array(column, dtype=np.float64)
        for name, column in zip(COLUMNS[1:], columns[1:-2], strict=True)
    }
    ids = np.array(columns[0], dtype=np.int64)
    found = []
    for survey in sorted(set(surveys.tolist())):
        own = surveys == survey
        model, _ = Counter(models[own].tolist()).most_common(1)[0]
        found.append(
            Candidates(
                survey, model, {"alert_id": ids[own], **{name: part[own] for name, part in numbers.items()}}
            )
        )
    return found


def put_teach(connection: sqlite3.Connection, rows: Iterable[tuple[int, float, str]]) -> None:
    """Replace the list: rows ``alert_id, worth, reason``, the greatest worth first. Call in a transaction."""
    connection.execute("DELETE FROM teach")
    write_all(connection, "INSERT INTO teach (alert_id, worth, reason) VALUES (?, ?, ?)", rows)


def teach_reasons(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> dict[int, str]:
    """Say why those of the named alerts that are on the list are on it, by id."""
    ids = json_ids(alert_ids)
    return dict(
        connection.execute(
            "SELECT alert_id, reason FROM teach WHERE alert_id IN (SELECT value FROM json_each(?))", (ids,)
        ).fetchall()
    )
