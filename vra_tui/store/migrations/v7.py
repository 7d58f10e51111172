"""Version 7: the sections of light curves are written smaller, see `vra_tui.store.sections`."""

import sqlite3

from vra_tui.store.sections import packed

#: Light curves held in memory at once.
_AT_ONCE = 2_000
_ROWS = """SELECT alert_id, detections, nondetections, forced FROM lightcurves WHERE alert_id > ?
    ORDER BY alert_id LIMIT ?"""
_PUT = "UPDATE lightcurves SET detections = ?, nondetections = ?, forced = ? WHERE alert_id = ?"


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 6 to version 7. What cannot be read stays so, for `vra doctor` to name."""
    after = -(1 << 63)
    while rows := connection.execute(_ROWS, (after, _AT_ONCE)).fetchall():
        after = rows[-1][0]
        connection.executemany(
            _PUT,
            (
                (*packed(sections), alert_id)
                for alert_id, *sections in map(tuple, rows)
                if all(isinstance(section, bytes) for section in sections)
            ),
        )
