"""Where each alert stands: one derived row an alert, settled from its latest score and standing decision."""

import json
import sqlite3
from collections.abc import Sequence

# A scanner's `eyeball` puts an alert in front of the scanners, and so does the end of a snooze: neither may
# wait in purgatory or be discarded by a policy.
_SETTLE = """
UPDATE standing SET
    is_undecided = decided_list IS NULL OR decided_list = 'eyeball'
        OR (decided_list = 'possible' AND visit > coalesce(decided_visit, 0)),
    is_back = decided_list IS NOT NULL AND decided_list = 'possible' AND visit > coalesce(decided_visit, 0),
    list = CASE
        WHEN decided_list IS NULL THEN filed
        WHEN decided_list = 'eyeball' OR (decided_list = 'possible' AND visit > coalesce(decided_visit, 0))
            THEN CASE WHEN filed IN ('purgatory', 'garbage') AND decided_by != 'vra'
                THEN 'extragalactic' ELSE filed END
        ELSE decided_list
    END
WHERE atlas_id IN (SELECT value FROM json_each(?))
"""


def settle(connection: sqlite3.Connection, atlas_ids: Sequence[int]) -> None:
    """Derive ``list``, ``is_undecided`` and ``is_back`` of alerts from what is filed and what is decided."""
    connection.execute(_SETTLE, (json.dumps([int(i) for i in atlas_ids]),))


def move_aged_to_purgatory(connection: sqlite3.Connection, before_mjd: float) -> int:
    """File undecided alerts whose t0 lies before ``before_mjd`` in purgatory; returns how many moved.

    What a scanner put back in front of the scanners stays there.
    """
    return connection.execute(
        """UPDATE standing SET filed = 'purgatory', list = 'purgatory'
        WHERE is_undecided AND decided_list IS NULL AND filed IS NOT NULL AND filed != 'purgatory'
        AND atlas_id IN (SELECT atlas_id FROM alerts WHERE t0_mjd < ?)""",
        (before_mjd,),
    ).rowcount
