"""Give each object (survey, object_id) its integer alert_id, the same in every store."""

import hashlib
import json
import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence

from vra_tui.errors import VraError
from vra_tui.store.id_lists import json_ids

#: An object's survey and its id there.
Name = tuple[str, str]

_MOST = (1 << 63) - 1
_TRIES = 100


class IdentityError(VraError):
    """An object that cannot be given a number of its own."""


def number_of(survey: str, object_id: str) -> int:
    """The number that an object gets where it is free: its own, where that is a long one, else from its hash.

    Ids of 15 to 19 digits (ATLAS, Rubin) are spread over the sky and differ from one another; of others,
    62 bits of the BLAKE2b hash of survey and id make one chance in millions that any two of a million meet.
    """
    if 15 <= len(object_id) <= 19 and object_id.isascii() and object_id.isdigit():
        number = int(object_id)
        if object_id[0] != "0" and number <= _MOST:
            return number
    digest = hashlib.blake2b(f"{survey}\0{object_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 2 | 1


def known_numbers(connection: sqlite3.Connection, names: Iterable[Name]) -> dict[Name, int]:
    """The numbers of those objects of which the store has heard."""
    wanted = list(dict.fromkeys(names))
    rows = connection.execute(
        """SELECT o.survey, o.object_id, o.alert_id FROM json_each(?) w
        JOIN objects o ON o.survey = w.value ->> 0 AND o.object_id = w.value ->> 1""",
        (json.dumps(wanted),),
    )
    return {(survey, object_id): number for survey, object_id, number in rows}


def numbers(connection: sqlite3.Connection, names: Iterable[Name]) -> dict[Name, int]:
    """The numbers of objects; those that are new are entered. Call inside a transaction.

    Raises IdentityError when no number can be found, which does not happen by chance.
    """
    found = known_numbers(connection, wanted := list(dict.fromkeys(names)))
    new = [name for name in wanted if name not in found]
    own = [number_of(*name) for name in new]
    taken = {
        number
        for (number,) in connection.execute(
            "SELECT alert_id FROM objects WHERE alert_id IN (SELECT value FROM json_each(?))",
            (json.dumps(own),),
        )
    }
    for name, number in zip(new, own, strict=True):
        found[name] = number if number not in taken else _free_number(connection, name, taken)
        taken.add(found[name])
    connection.executemany(
        "INSERT INTO objects (alert_id, survey, object_id) VALUES (?, ?, ?)",
        [(found[name], *name) for name in new],
    )
    return found


def _free_number(connection: sqlite3.Connection, name: Name, taken: Container[int]) -> int:
    number = number_of(*name)
    for _ in range(_TRIES):
        number = number % _MOST + 1
        is_held = connection.execute("SELECT 1 FROM objects WHERE alert_id = ?", (number,)).fetchone()
        if number not in taken and not is_held:
            return number
    raise IdentityError(f"{name[0]} {name[1][:80]} cannot be told apart from other objects")


def names_of(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> Mapping[int, Name]:
    """Survey and object id of alerts by their number; numbers that the store does not know are left out."""
    rows = connection.execute(
        """SELECT alert_id, survey, object_id FROM objects
        WHERE alert_id IN (SELECT value FROM json_each(?))""",
        (json_ids(alert_ids),),
    )
    return {number: (survey, object_id) for number, survey, object_id in rows}


def surveys_held(connection: sqlite3.Connection) -> list[str]:
    """The surveys of which the store has heard, in the order of their names."""
    # From one name to the next down the index: there are few surveys and many objects.
    rows = connection.execute(
        """WITH RECURSIVE known (survey) AS (
            SELECT min(survey) FROM objects
            UNION ALL
            SELECT (SELECT min(survey) FROM objects o WHERE o.survey > known.survey) FROM known
            WHERE known.survey IS NOT NULL)
        SELECT survey FROM known WHERE survey IS NOT NULL"""
    )
    return [row[0] for row in rows]


def of_survey(connection: sqlite3.Connection, alert_ids: Iterable[int], survey: str) -> list[int]:
    """Those of some alerts that are a survey's, ascending."""
    rows = connection.execute(
        """SELECT alert_id FROM objects WHERE survey = ?
        AND alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id""",
        (survey, json_ids(alert_ids)),
    )
    return [row[0] for row in rows]
