"""Give the objects of another store the numbers that they have in this one."""

import sqlite3
from contextlib import suppress

from vra_tui.store.log import ONLY_SURVEY
from vra_tui.store.objects import Name, numbers

#: The survey of an object of which no more than its number in a damaged store could be read.
LOST = "?"
#: The index holds the whole table once more.
_FROM_INDEX = """SELECT alert_id, survey, object_id FROM objects INDEXED BY sqlite_autoindex_objects_1
    WHERE survey > ''"""


class Renumbering:
    """Numbers of ``source`` as those of ``target``, where the objects are entered. Use inside a transaction.

    Stores of versions before 5 number the objects of their one survey by its ids.
    """

    def __init__(self, source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        self._source, self._target = source, target
        self._is_old = not has_names(source)
        self._known: dict[int, int] = {}
        self._in_index: dict[int, Name] | None = None

    def __call__(self, number: int) -> int:
        """The number there of the object that has this one here."""
        if number not in self._known:
            name = self.name(number)
            self._known[number] = numbers(self._target, [name])[name]
        return self._known[number]

    def name(self, number: int) -> Name:
        """Survey and object id of the object with this number here."""
        if self._is_old:
            return ONLY_SURVEY, str(number)
        with suppress(sqlite3.DatabaseError):
            query = "SELECT survey, object_id FROM objects WHERE alert_id = ?"
            if row := self._source.execute(query, (number,)).fetchone():
                return str(row[0]), str(row[1])
        return self._indexed().get(number, (LOST, str(number)))

    def _indexed(self) -> dict[int, Name]:
        if self._in_index is None:
            self._in_index = {}
            with suppress(sqlite3.DatabaseError):
                for number, survey, object_id in self._source.execute(_FROM_INDEX):
                    self._in_index[number] = str(survey), str(object_id)
        return self._in_index


def has_names(connection: sqlite3.Connection) -> bool:
    """Tell whether a store has names of objects beside their numbers: all from version 5 on."""
    row = connection.execute("SELECT type FROM sqlite_master WHERE name = 'objects'").fetchone()
    return row is not None


def name_all(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Enter the objects of a copy whose names were not read: from the index of ``source``, else as lost."""
    lacking = [
        row[0]
        for row in target.execute(
            """SELECT alert_id FROM (SELECT alert_id FROM alerts UNION SELECT alert_id FROM decisions
                UNION SELECT alert_id FROM notes UNION SELECT alert_id FROM epoch_marks)
            WHERE alert_id NOT IN (SELECT alert_id FROM objects)"""
        )
    ]
    if not lacking:
        return
    named = Renumbering(source, target)
    target.executemany(
        "INSERT OR IGNORE INTO objects (alert_id, survey, object_id) VALUES (?, ?, ?)",
        [(number, *named.name(number)) for number in lacking],
    )
