"""Read what is known to be true of alerts: what people decided, and what was reported when."""

import sqlite3

from vra_tui.ranking.lists import MACHINE


def decided_by_people(connection: sqlite3.Connection) -> dict[int, str]:
    """The lists of the standing decisions that people took, by alert."""
    rows = connection.execute(
        "SELECT alert_id, decided_list FROM standing WHERE decided_list IS NOT NULL AND decided_by != ?",
        (MACHINE,),
    )
    return {row[0]: str(row[1]) for row in rows}


def reports(connection: sqlite3.Connection) -> list[tuple[int, float | None, str | None]]:
    """All reports at the TNS: of which alert, MJD of discovery, and the date on which it listed them.

    None where the survey did not pass them on; the date is ISO 8601.
    """
    rows = connection.execute(
        "SELECT alert_id, discovered_mjd, json_extract(extra, '$.date_added') FROM tns_matches"
    )
    return [(row[0], row[1], row[2]) for row in rows]
