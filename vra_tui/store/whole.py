"""Tell whether the store is empty, and bring all of it into one file."""

import sqlite3


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether the store holds no alert."""
    return connection.execute("SELECT 1 FROM alerts LIMIT 1").fetchone() is None


def into_one_file(connection: sqlite3.Connection) -> None:
    """Bring what stands in the log beside the store into its file, so that the file can be moved alone."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
