"""What stores give each other: keys of all that they hold of a kind, and the rows behind keys.

A key has sixteen bytes and follows from the row alone, so that two stores that hold the same row have the
same key. Rows name alerts by (survey, object_id).
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.id_lists import json_ids
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.objects import Name, known_numbers

if TYPE_CHECKING:
    from vra_tui.store.intake import Extinction, Intake

Row = dict[str, Any]

_LABEL_IDS = f"""SELECT decision_id FROM decisions WHERE scanner != '{MACHINE}'
UNION ALL SELECT note_id FROM notes WHERE scanner != '{MACHINE}'
UNION ALL SELECT mark_id FROM epoch_marks WHERE scanner != '{MACHINE}'"""
#: What `decision_rows.IS_REPLACED` says, asked once of the few undos and not of each decision.
_REPLACED = """SELECT d.decision_id FROM decisions mark JOIN decisions d
    ON d.decision_id = mark.reverts AND d.alert_id = mark.alert_id
WHERE mark.reverts IS NOT NULL AND mark.decision_id < mark.reverts"""
_ANSWERS = """SELECT o.survey, o.object_id, a.said FROM annotations a JOIN objects o USING (alert_id)"""


def label_keys(connection: sqlite3.Connection) -> list[bytes]:
    """Keys of the decisions, undos, notes and marks of people: their ids, which sort by time."""
    cursor = connection.cursor()
    cursor.row_factory = None
    ids = {row[0] for row in cursor.execute(_LABEL_IDS)}
    ids.difference_update(row[0] for row in cursor.execute(_REPLACED))
    return [bytes.fromhex(one.replace("-", "")) for one in ids]


def label_rows(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[Row]:
    """The rows of `log.HISTORY_COLUMNS` behind keys; those that are not held are left out."""
    return list(history_rows(connection, HistoryQuery(ids=[_id_text(key) for key in keys])))


def _id_text(key: bytes) -> str:
    text = key.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def annotation_keys(connection: sqlite3.Connection) -> dict[bytes, tuple[Name, str]]:
    """What classifiers said, by key: half of it tells the alert (`name_key`), half what was said."""
    names: dict[Name, bytes] = {}
    found = {}
    for survey, object_id, said in connection.execute(_ANSWERS):
        name = (survey, object_id)
        if name not in names:
            names[name] = name_key(name)
        key = names[name] + hashlib.blake2b(said.encode(), digest_size=8).digest()
        found[key] = (name, said)
    return found


def name_key(name: Name) -> bytes:
    """Eight bytes that tell an object."""
    return hashlib.blake2b("\0".join(name).encode(), digest_size=8).digest()


def alert_names(connection: sqlite3.Connection) -> dict[bytes, Name]:
    """The alerts that the store holds, by `name_key`."""
    rows = connection.execute("SELECT survey, object_id FROM alerts JOIN objects USING (alert_id)")
    return {name_key(name): name for name in map(tuple, rows)}


def put_annotations(
    connection: sqlite3.Connection, rows: Iterable[Row], now: datetime, extinction: "Extinction"
) -> "Intake":
    """Take in what classifiers said of alerts that are here; of others nothing is kept.

    A row holds ``survey``, ``object_id`` and ``said`` (`domain.uniting.annotation_text`), checked before.
    """
    # What takes alerts in weighs more than all else here, and is not needed where nothing comes.
    from vra_tui.domain.uniting import KnownObject
    from vra_tui.store.intake import Said, put_said

    said: defaultdict[Name, set[str]] = defaultdict(set)
    for row in rows:
        said[(row["survey"], row["object_id"])].add(row["said"])
    held = known_numbers(connection, said)
    pieces = [
        Said(name, KnownObject(annotations=frozenset(texts))) for name, texts in said.items() if name in held
    ]
    return put_said(connection, pieces, timestamp(now), extinction)[0]


def alert_keys(
    connection: sqlite3.Connection, alert_ids: Sequence[int] | None = None
) -> Iterator[tuple[bytes, int]]:
    """Keys of alerts with their numbers here; ``alert_ids``: of these alone.

    The second half of a key changes with what is said of the alert: it follows from its facts, from when each
    was said, and from how many epochs there are and when they were told.
    """
    from vra_tui.store.known_objects import FACT_COLUMNS

    query = f"""SELECT a.alert_id, o.survey, o.object_id, a.as_of, a.fact_times, l.times, a.last_mjd,
    a.n_detections, a.n_nondetections, a.n_forced, {", ".join(f"a.{name}" for name in FACT_COLUMNS)}
FROM alerts a JOIN objects o USING (alert_id) JOIN lightcurves l USING (alert_id)"""
    where, values = "", []
    if alert_ids is not None:
        where, values = " WHERE a.alert_id IN (SELECT value FROM json_each(?))", [json_ids(alert_ids)]
    for number, survey, object_id, *state in map(tuple, connection.execute(query + where, values)):
        digest = hashlib.blake2b(repr(state).encode(), digest_size=8).digest()
        yield name_key((survey, object_id)) + digest, number
