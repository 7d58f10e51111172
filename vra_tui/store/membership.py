"""Tell which alerts are in a list, in no order: what is new there is found by comparing."""

import sqlite3

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.lists import DECISIONS, ListName
from vra_tui.store.listing import list_condition

#: Lists that a scanner's own decision brings alerts to, which is no news to that scanner.
_BY_DECISION = DECISIONS.keys() - {ListName.EYEBALL.value} | {ListName.SECOND.value}


def members(connection: sqlite3.Connection, name: str, but_by: str) -> NDArray[np.int64]:
    """Ids of the alerts in a list, ascending, without those that the scanner ``but_by`` put there.

    Raises UnknownList.
    """
    condition, values = list_condition(connection, name)
    if name in _BY_DECISION:
        condition, values = f"({condition}) AND s.decided_by IS NOT ?", (*values, but_by)
    # One row with all ids: a row each would keep the interpreter from the screen's thread. Sorted after.
    found = connection.execute(
        f"SELECT CAST(group_concat(s.alert_id) AS BLOB) FROM standing s WHERE {condition}", values
    ).fetchone()[0]
    return np.empty(0, dtype=np.int64) if found is None else np.sort(np.fromstring(found, np.int64, sep=","))
