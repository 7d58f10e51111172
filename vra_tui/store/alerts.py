"""Alerts in the store: taking in what arrived and uniting it with what is there."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.curves import LightCurve, merge
from vra_tui.lightcurve.epochs import Detections
from vra_tui.store.curves import light_curve
from vra_tui.store.standing import refresh
from vra_tui.store.trends import put_trends
from vra_tui.survey.models import ExternalMatch, SherlockMatch, SherlockNote, TnsMatch
from vra_tui.survey.parse import AtlasObject
from vra_tui.survey.refusal import Refusal
from vra_tui.survey.times import mjd_of

#: Gives E(B-V) in magnitudes for arrays of ra and dec in degrees.
Extinction = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


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
    """Codes of telescope units by name; a name seen for the first time gets a code, saved with the alerts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT name, code FROM telescope_units")
        self._codes: dict[str, int] = {name: code for name, code in rows}
        self._fresh: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        """The code of a unit's name, 1 to 255; 0 when there are too many."""
        code = self._codes.get(name)
        if code is None:
            # 255 names fit into the packed record; a survey has a handful, junk goes to "?".
            code = len(self._codes) if len(self._codes) < 256 else 0
            self._codes[name] = code
            if code:
                self._fresh[name] = code
        return code

    def save(self, connection: sqlite3.Connection) -> None:
        """Write the names that were new; call inside the transaction that writes their alerts."""
        connection.executemany(
            "INSERT OR IGNORE INTO telescope_units (name, code) VALUES (?, ?)", self._fresh.items()
        )
        self._fresh.clear()


def put_alerts(
    connection: sqlite3.Connection, objects: Iterable[AtlasObject], now: str, extinction: Extinction
) -> Intake:
    """Take in objects, uniting each with what the store already holds of it. Call inside a transaction.

    The epochs of a known alert are united; its record and context are replaced unless the store's came from
    a later change on the server (``date_modified``). ``now`` is an ISO 8601 time.
    """
    intake = Intake()
    fresh: list[AtlasObject] = []
    changed: list[int] = []
    for item in objects:
        known = connection.execute("SELECT * FROM alerts WHERE atlas_id = ?", (item.atlas_id,)).fetchone()
        if known is None:
            _insert(connection, item, now)
            fresh.append(item)
            changed.append(item.atlas_id)
            intake.new += 1
        elif _extend(connection, item, known, now):
            changed.append(item.atlas_id)
            intake.extended += 1
        else:
            intake.unchanged += 1
    put_trends(connection, changed)
    if fresh:
        ebv = extinction(
            np.array([item.header.ra for item in fresh]), np.array([item.header.dec for item in fresh])
        )
        connection.executemany(
            "UPDATE alerts SET ebv_sfd = ? WHERE atlas_id = ?",
            ((_value(e), item.atlas_id) for e, item in zip(ebv, fresh, strict=True)),
        )
    return intake


def put_refusals(connection: sqlite3.Connection, refusals: Iterable[Refusal], now: str) -> None:
    """Remember what was refused; the same refusal of the same place is counted, not repeated."""
    connection.executemany(
        """INSERT INTO rejected (source, position, atlas_id, reason, rejected_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (source, position, reason) DO UPDATE
        SET times = times + 1, rejected_at = excluded.rejected_at""",
        ((r.source, r.position, r.atlas_id, r.reason, now) for r in refusals),
    )


def _insert(connection: sqlite3.Connection, item: AtlasObject, now: str) -> None:
    row = {**_record(item), **_summary(item.curve), "ingested_at": now, "updated_at": now}
    _insert_row(connection, "alerts", {"atlas_id": item.atlas_id, **row})
    _write_curve(connection, item.atlas_id, item.curve)
    _write_context(connection, item)
    _hear_of_reports(connection, item, item.curve)
    _write_detection_extra(connection, item, {})
    connection.execute("INSERT INTO standing (atlas_id, is_undecided) VALUES (?, 1)", (item.atlas_id,))
    refresh(connection, [item.atlas_id])  # decisions may have arrived before the alert did


def _extend(connection: sqlite3.Connection, item: AtlasObject, known: sqlite3.Row, now: str) -> bool:
    """Unite a known alert with what arrived; whether that changed anything."""
    stored = light_curve(connection, item.atlas_id)
    curve = merge(stored, item.curve)
    grown = _sections(curve) != _sections(stored)
    if grown:
        _write_curve(connection, item.atlas_id, curve)
    changed: dict[str, Any] = _summary(curve) if grown else {}
    if (item.header.date_modified or "") >= (known["date_modified"] or ""):
        record = _record(item)
        if item.t0_is_derived:
            # A t0 guessed from the light curve moves with it; the first one stays.
            del record["t0_mjd"], record["t0_is_derived"]
        changed |= {key: value for key, value in record.items() if known[key] != value}
        context_changed = _context_differs(connection, item)
        if context_changed:
            _write_context(connection, item)
    else:
        context_changed = False
    extra_changed = _write_detection_extra(connection, item, _detection_extra(connection, item.atlas_id))
    context_changed |= _hear_of_reports(connection, item, curve)
    if not (changed or context_changed or grown or extra_changed):
        return False
    changed |= {"updated_at": now}
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


def _record(item: AtlasObject) -> dict[str, Any]:
    header = item.header
    extra = {"object": header.extra, **item.extra} if header.extra or item.extra else {}
    return {
        "name": header.name,
        "other_name": header.other_name,
        "ra": header.ra,
        "dec": header.dec,
        "t0_mjd": item.t0_mjd,
        "t0_is_derived": int(item.t0_is_derived),
        "rb_pix": header.rb_pix,
        "realbogus_factor": header.realbogus_factor,
        "sherlock_class": header.sherlock_class,
        "detection_list_id": header.detection_list_id,
        "trend": header.trend,
        "comments": header.comments,
        "date_modified": header.date_modified,
        "extra": _json(extra),
    }


def _summary(curve: LightCurve) -> dict[str, Any]:
    positive = _positive(curve.detections)
    return {
        "n_detections": len(curve.detections),
        "n_nondetections": len(curve.nondetections),
        "n_forced": len(curve.forced),
        "last_mjd": _value(curve.last_mjd),
        "last_mag": _value(positive.mag[-1]) if len(positive) else None,
        "last_mag_mjd": _value(positive.mjd[-1]) if len(positive) else None,
    }


def _positive(detections: Detections) -> Detections:
    return detections[detections.mag > 0]


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


def _detection_extra(connection: sqlite3.Connection, atlas_id: int) -> dict[str, dict[str, Any]]:
    row = connection.execute(
        "SELECT json_zlib FROM detection_extras WHERE atlas_id = ?", (atlas_id,)
    ).fetchone()
    return json.loads(zlib.decompress(row[0])) if row else {}


def _write_detection_extra(
    connection: sqlite3.Connection, item: AtlasObject, stored: dict[str, dict[str, Any]]
) -> bool:
    united = {**stored, **item.detection_extra}
    if united == stored:
        return False
    data = zlib.compress(json.dumps(united, separators=(",", ":")).encode(), 6)
    connection.execute(
        "INSERT OR REPLACE INTO detection_extras (atlas_id, json_zlib) VALUES (?, ?)", (item.atlas_id, data)
    )
    return True


def _context_rows(item: AtlasObject) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables that are replaced as a whole when a newer response arrives."""
    key = {"atlas_id": item.atlas_id}
    rows: dict[str, list[dict[str, Any]]] = {
        "sherlock_matches": [
            {**key, "position": i, **_fields(match)} for i, match in enumerate(item.matches, start=1)
        ],
        "sherlock_notes": [{**key, **_fields(item.note)}] if item.note else [],
        "external_matches": [
            {**key, "position": i, **_fields(match)} for i, match in enumerate(item.external, start=1)
        ],
    }
    return {table: table_rows for table, table_rows in rows.items() if table_rows}


def _tns_rows(item: AtlasObject) -> list[dict[str, Any]]:
    rows = []
    for number, match in enumerate(item.tns, start=1):
        fields = _fields(match)
        discovered = fields.pop("discovered_at")
        fields["designation"] = match.designation or f"unnamed {number}"
        fields["discovered_mjd"] = mjd_of(discovered) if discovered else None
        rows.append({"atlas_id": item.atlas_id, **fields})
    return rows


def _fields(section: SherlockMatch | SherlockNote | TnsMatch | ExternalMatch) -> dict[str, Any]:
    fields = {name: getattr(section, name) for name in type(section).model_fields}
    return {**fields, "extra": _json(section.extra)}


def _context_differs(connection: sqlite3.Connection, item: AtlasObject) -> bool:
    tables = {**_context_rows(item), "tns_matches": _tns_rows(item)}
    for table, rows in tables.items():
        stored = connection.execute(f"SELECT * FROM {table} WHERE atlas_id = ?", (item.atlas_id,)).fetchall()
        if table == "tns_matches":
            named = {row["designation"] for row in rows}
            stored = [row for row in stored if row["designation"] in named]
        held = [{name: row[name] for name in row.keys() if name != "heard_mjd"} for row in stored]  # noqa: SIM118
        if sorted(map(_comparable, held)) != sorted(map(_comparable, rows)):
            return True
    return False


def _comparable(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _write_context(connection: sqlite3.Connection, item: AtlasObject) -> None:
    for table, rows in _context_rows(item).items():
        connection.execute(f"DELETE FROM {table} WHERE atlas_id = ?", (item.atlas_id,))
        for row in rows:
            _insert_row(connection, table, row)
    # Reports on TNS are only ever added: an older response does not know the later ones.
    for row in _tns_rows(item):
        names = ", ".join(f"{name} = excluded.{name}" for name in row)
        _insert_row(
            connection, "tns_matches", row, end=f"ON CONFLICT (atlas_id, designation) DO UPDATE SET {names}"
        )


def _hear_of_reports(connection: sqlite3.Connection, item: AtlasObject, curve: LightCurve) -> bool:
    """Keep from when a report is known to have existed: the last exposure of the earliest response with it.

    A response without exposures is taken to know all of ``curve``. Whether anything is known better now.
    """
    mjd = item.curve.last_mjd if not np.isnan(item.curve.last_mjd) else curve.last_mjd
    if np.isnan(mjd) or not item.tns:
        return False
    heard = connection.executemany(
        """UPDATE tns_matches SET heard_mjd = ?1
        WHERE atlas_id = ?2 AND designation = ?3 AND coalesce(heard_mjd > ?1, 1)""",
        [(mjd, item.atlas_id, row["designation"]) for row in _tns_rows(item)],
    )
    return heard.rowcount > 0


def _insert_row(connection: sqlite3.Connection, table: str, row: dict[str, Any], end: str = "") -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({values}) {end}", row)


def _json(value: dict[str, Any]) -> str | None:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else None


def _value(number: float | np.floating[Any]) -> float | None:
    return None if np.isnan(number) else float(number)
