"""Alerts in the store: taking in what arrived and uniting it with what is there."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vra_tui.lightcurve.curves import LightCurve, merge, outdone, rows_by_exposure
from vra_tui.lightcurve.epochs import Detections
from vra_tui.store.alert_rows import (
    CONTEXT,
    WATCHED,
    context_rows,
    extra_of,
    heard_in,
    packed_json,
    said_of,
    source_time,
    summary_of,
    tns_rows,
    value_of,
)
from vra_tui.store.connection import transaction
from vra_tui.store.curves import light_curve
from vra_tui.store.key_times import KeyTimes, SourceTime, greater, united
from vra_tui.store.standing import refresh
from vra_tui.store.trends import put_trends
from vra_tui.survey.parse import AtlasObject
from vra_tui.survey.refusal import Refusal
from vra_tui.survey.sections import DetectionExtra

#: Units, "?" among them, whose code fits into one byte.
_MOST_UNITS = 256


@dataclass
class Intake:
    """How many objects were new, held more than the store did, held nothing new, or were refused."""

    new: int = 0
    extended: int = 0
    unchanged: int = 0
    refused: int = 0

    def __add__(self, other: "Intake") -> "Intake":
        return Intake(
            self.new + other.new,
            self.extended + other.extended,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
        )


class UnitCodes:
    """Codes of telescope units by name, as the store has them. Ask outside of a transaction.

    A name seen for the first time gets its code in a transaction of its own, before anything is packed with
    it: whoever else writes to the store meanwhile has it too, or has given it another, which is then taken.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._codes = self._read()

    def __call__(self, name: str) -> int:
        """The code of a unit's name, 1 to 255; 0 when there are too many."""
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = self._give(name)
        return code

    def _read(self) -> dict[str, int]:
        return dict(map(tuple, self._connection.execute("SELECT name, code FROM telescope_units")))

    def _give(self, name: str) -> int:
        # 255 names fit into the packed record; a survey has a handful, junk goes to "?".
        if len(set(self._codes.values())) >= _MOST_UNITS:
            return 0
        with transaction(self._connection):
            self._codes |= self._read()
            if name in self._codes:
                return self._codes[name]
            free = sorted(set(range(_MOST_UNITS)) - set(self._codes.values()))
            if not free:
                return 0
            self._connection.execute(
                "INSERT INTO telescope_units (name, code) VALUES (?, ?)", (name, free[0])
            )
        return free[0]


def not_yet_held(connection: sqlite3.Connection, objects: Iterable[AtlasObject]) -> list[AtlasObject]:
    """The first object of each alert that the store lacks: of these more is worked out."""
    first: dict[int, AtlasObject] = {}
    for item in objects:
        first.setdefault(item.atlas_id, item)
    query = "SELECT atlas_id FROM alerts WHERE atlas_id IN (SELECT value FROM json_each(?))"
    held = {row[0] for row in connection.execute(query, (json.dumps(list(first)),))}
    return [item for atlas_id, item in first.items() if atlas_id not in held]


def put_alerts(
    connection: sqlite3.Connection, objects: Sequence[AtlasObject], now: str, ebv_sfd: Mapping[int, float]
) -> Intake:
    """Take in objects, uniting each with what the store already holds of it. Call inside a transaction.

    The epochs of a known alert are united. Of its record and context the newest word counts, key by key: a
    key or section that a response does not hold erases nothing, one that it holds and that is empty erases
    what is not newer (`store/key_times.py`). ``now`` is an ISO 8601 time. ``ebv_sfd``: E(B-V) in
    magnitudes by the id of each alert that is `not_yet_held`, worked out before the transaction began:
    everybody who writes waits for its end.
    """
    intake = Intake()
    changed: list[int] = []
    for item in objects:
        known = connection.execute("SELECT * FROM alerts WHERE atlas_id = ?", (item.atlas_id,)).fetchone()
        if known is None:
            _insert(connection, item, now, ebv_sfd.get(item.atlas_id, np.nan))
            changed.append(item.atlas_id)
            intake.new += 1
        elif _extend(connection, item, known, now):
            changed.append(item.atlas_id)
            intake.extended += 1
        else:
            intake.unchanged += 1
    put_trends(connection, changed)
    return intake


def put_refusals(connection: sqlite3.Connection, refusals: Iterable[Refusal], now: str) -> None:
    """Remember what was refused; the same refusal of the same place is counted, not repeated."""
    connection.executemany(
        """INSERT INTO rejected (source, position, atlas_id, reason, rejected_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source, position, reason) DO UPDATE
        SET times = times + 1, rejected_at = excluded.rejected_at""",
        ((r.source, r.position, r.atlas_id, r.reason, now) for r in refusals),
    )


def _insert(connection: sqlite3.Connection, item: AtlasObject, now: str, ebv_sfd: float) -> None:
    said = said_of(item)
    time = source_time(item)
    times = KeyTimes(time, dict.fromkeys(WATCHED)).with_response(time, heard_in(item, said), WATCHED)
    row = {
        **said,
        "t0_mjd": item.t0_mjd,
        "t0_is_derived": int(item.t0_is_derived),
        "date_modified": item.header.date_modified,
        "extra": packed_json(extra_of(item)),
        "key_times": times.to_json(),
        **summary_of(item.curve),
        "ebv_sfd": value_of(ebv_sfd),
        "ingested_at": now,
        "updated_at": now,
    }
    row["ra"], row["dec"] = row.pop("position")
    _insert_row(connection, "alerts", {"atlas_id": item.atlas_id, **row})
    _write_curve(connection, item.atlas_id, item.curve)
    for table, rows in context_rows(item).items():
        _replace_rows(connection, table, item.atlas_id, rows)
    _write_reports(connection, item, 1)
    _write_detection_extra(connection, item.atlas_id, {}, item.detection_extra)
    connection.execute("INSERT INTO standing (atlas_id, is_undecided) VALUES (?, 1)", (item.atlas_id,))
    refresh(connection, [item.atlas_id])  # decisions may have arrived before the alert did


def _extend(connection: sqlite3.Connection, item: AtlasObject, known: sqlite3.Row, now: str) -> bool:
    """Unite a known alert with what arrived; whether that changed anything."""
    context = {table: _stored_rows(connection, table, item.atlas_id) for table in CONTEXT}
    times = KeyTimes.of(known, {table: bool(rows) for table, rows in context.items()})
    time = source_time(item)
    age = (time > times.newest) - (time < times.newest)
    said = said_of(item)

    grown, changed = _extend_curve(connection, item, age)
    changed |= _newer_record(item, said, known, times, time)
    context_changed = False
    for table, rows in context_rows(item).items():
        old = sorted(map(_comparable, context[table]))
        new = sorted(map(_comparable, rows))
        if old != new and times.counts(table, time, old, new):
            _replace_rows(connection, table, item.atlas_id, rows)
            context_changed = True
    context_changed |= _write_reports(connection, item, times.age("tns_matches", time))

    key_times = times.with_response(time, heard_in(item, said), WATCHED).to_json()
    if not (changed or context_changed or grown):
        if key_times != known["key_times"]:
            connection.execute(
                "UPDATE alerts SET key_times = ? WHERE atlas_id = ?", (key_times, item.atlas_id)
            )
        return False
    changed |= {"key_times": key_times, "updated_at": now}
    assignments = ", ".join(f"{key} = :{key}" for key in changed)
    connection.execute(
        f"UPDATE alerts SET {assignments}, revision = revision + 1 WHERE atlas_id = :atlas_id",
        {**changed, "atlas_id": item.atlas_id},
    )
    connection.execute(
        """UPDATE standing SET pending_revision = (SELECT revision FROM alerts WHERE atlas_id = ?1)
        WHERE atlas_id = ?1""",
        (item.atlas_id,),
    )
    return True


def _extend_curve(connection: sqlite3.Connection, item: AtlasObject, age: int) -> tuple[bool, dict[str, Any]]:
    """Write the united light curve and the detections' other keys.

    Whether that changed anything, and the columns of ``alerts`` that follow from the light curve.
    """
    stored = light_curve(connection, item.atlas_id)
    extra = _detection_extra(connection, item.atlas_id)
    # Before version 4 one row of each exposure was kept: what arrives is more complete, however old it is.
    single = [key for key, rows in extra.items() if isinstance(rows, dict) and key in item.detection_extra]
    kept = stored.detections[~np.isin(stored.detections.key, np.array(single, dtype=np.uint64))]
    curve = merge(replace(stored, detections=kept), item.curve, age)
    stays = {str(key) for key in outdone(kept, item.curve.detections, age).tolist()}
    extra_changed = _write_detection_extra(
        connection, item.atlas_id, extra, _newer_extra(item, kept, extra, stays, age)
    )
    grown = _sections(curve) != _sections(stored)
    if grown:
        _write_curve(connection, item.atlas_id, curve)
    return grown or extra_changed, summary_of(curve) if grown else {}


def _newer_extra(
    item: AtlasObject, kept: Detections, stored: dict[str, Any], stays: set[str], age: int
) -> DetectionExtra:
    """The other keys of detections that replace or extend the stored ones, by the key of their exposure."""
    differing = [key for key, rows in item.detection_extra.items() if rows != stored.get(key)]
    keys = np.array(sorted(map(int, differing)), dtype=np.uint64)
    packed = [rows_by_exposure(part, keys) for part in (kept, item.curve.detections)]
    newer: DetectionExtra = {}
    for number, key in enumerate(map(str, keys.tolist())):
        mine, other = stored.get(key), item.detection_extra[key]
        if packed[0][number] == packed[1][number] and isinstance(mine, list):
            newer[key] = [united(*rows, age) for rows in zip(mine, other, strict=True)]
        elif key not in stays or packed[0][number] == packed[1][number]:
            newer[key] = other
    return newer


def _newer_record(
    item: AtlasObject, said: dict[str, Any], known: sqlite3.Row, times: KeyTimes, time: SourceTime
) -> dict[str, Any]:
    """Columns of ``alerts`` that what was said changes."""
    stored = {**known, "position": (known["ra"], known["dec"])}
    newer = {
        name: value
        for name, value in said.items()
        if stored[name] != value and times.counts(name, time, stored[name], value)
    }
    if "position" in newer:
        newer["ra"], newer["dec"] = newer.pop("position")
    if "t0_mjd" in said:
        newer["t0_is_derived"] = 0
    newer["date_modified"] = max(known["date_modified"] or "", time[0]) or None
    age = (time > times.newest) - (time < times.newest)
    extra = json.loads(known["extra"]) if known["extra"] else {}
    if age >= 0 and "object" in extra:
        extra["object"] = {k: v for k, v in extra["object"].items() if k not in item.header.nulls}
    newer["extra"] = packed_json(united(extra, extra_of(item), age, frozenset(["object", "lcnondets", "fp"])))
    return {name: value for name, value in newer.items() if known[name] != value}


def _sections(curve: LightCurve) -> tuple[bytes, bytes, bytes]:
    return (
        curve.detections.records.tobytes(),
        curve.nondetections.records.tobytes(),
        curve.forced.records.tobytes(),
    )


def _write_curve(connection: sqlite3.Connection, atlas_id: int, curve: LightCurve) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO lightcurves VALUES (?, ?, ?, ?)",
        (atlas_id, *_sections(curve)),
    )


def _detection_extra(connection: sqlite3.Connection, atlas_id: int) -> dict[str, Any]:
    row = connection.execute(
        "SELECT json_zlib FROM detection_extras WHERE atlas_id = ?", (atlas_id,)
    ).fetchone()
    return json.loads(zlib.decompress(row[0])) if row else {}


def _write_detection_extra(
    connection: sqlite3.Connection, atlas_id: int, stored: dict[str, Any], newer: DetectionExtra
) -> bool:
    """Write the other keys of detections where that changes something; whether it did."""
    both = {**stored, **newer}
    if both == stored:
        return False
    text = json.dumps(both, separators=(",", ":"), sort_keys=True)
    connection.execute(
        "INSERT OR REPLACE INTO detection_extras (atlas_id, json_zlib) VALUES (?, ?)",
        (atlas_id, zlib.compress(text.encode(), 6)),
    )
    return True


def _stored_rows(connection: sqlite3.Connection, table: str, atlas_id: int) -> list[dict[str, Any]]:
    found = connection.execute(f"SELECT * FROM {table} WHERE atlas_id = ?", (atlas_id,))
    return [dict(row) for row in found]


def _comparable(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _replace_rows(
    connection: sqlite3.Connection, table: str, atlas_id: int, rows: list[dict[str, Any]]
) -> None:
    connection.execute(f"DELETE FROM {table} WHERE atlas_id = ?", (atlas_id,))
    for row in rows:
        _insert_row(connection, table, row)


def _write_reports(connection: sqlite3.Connection, item: AtlasObject, age: int) -> bool:
    """Reports on TNS have a name of their own: they are only ever added to, and the newer words count.

    A response without a report, even an empty list, does not say that it was never made. Whether anything
    changed.
    """
    stored = {row["designation"]: row for row in _stored_rows(connection, "tns_matches", item.atlas_id)}
    changed = False
    for row in tns_rows(item):
        mine = stored.get(row["designation"])
        if mine is None or (mine != row and (age > 0 or (age == 0 and greater(mine, row)))):
            _insert_row(connection, "tns_matches", row, "INSERT OR REPLACE")
            stored[row["designation"]] = row
            changed = True
    return changed


def _insert_row(
    connection: sqlite3.Connection, table: str, row: dict[str, Any], verb: str = "INSERT"
) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(f"{verb} INTO {table} ({names}) VALUES ({values})", row)
