"""Read what people decided of alerts, as the truth about them."""

import sqlite3

from vra_tui.ranking.lists import MACHINE


def decided_by_people(connection: sqlite3.Connection) -> dict[int, str]:
    """The lists of the standing decisions that people took, by alert."""
    rows = connection.execute(
        "SELECT alert_id, decided_list FROM standing WHERE decided_list IS NOT NULL AND decided_by != ?",
        (MACHINE,),
    )
    return {row[0]: str(row[1]) for row in rows}
