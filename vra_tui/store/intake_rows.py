"""Write the rows of alerts that are taken in: the alert, its light curve, sections and stamps."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vra_tui.domain.alert import Stamp, detail_key
from vra_tui.domain.epoch_identity import CodeNames, EpochName, split
from vra_tui.domain.epochs import Detections
from vra_tui.domain.flux import LIMIT_SIGMA
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.uniting import KnownObject
from vra_tui.store.associations import associate
from vra_tui.store.bad_epochs import bad_epochs, code_names
from vra_tui.store.known_objects import (
    FACT_COLUMNS,
    packed_details,
    said_times,
    section_rows,
    to_json,
)
from vra_tui.store.objects import Name, numbers
from vra_tui.store.standing import refresh
from vra_tui.store.trends import put_trends

#: The state of an alert's rows when they were read, see `vra_tui.store.intake`.
State = list[Any]


@dataclass
class ArrivedObject:
    """One object of a batch: what the store knew of it, and what it knows with what arrived."""

    name: Name
    before: KnownObject | None
    known: KnownObject
    #: The state of its rows when they were read, see `State`.
    state: State | None = None
    arrivals: list[int] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    #: Of each arrival, whether it brought anything.
    changes: list[bool] = field(default_factory=list)
    ebv: float | None = None
    #: Of what is to be written, its sections as they lie in the store.
    sections: tuple[bytes, bytes, bytes] | None = None
    number: int = 0
    #: What is known without the epochs that a scanner called bad, where there are any.
    good: KnownObject | None = None

    @property
    def is_changed(self) -> bool:
        """Whether any arrival brought something."""
        return any(self.changes)


def t0_of(known: KnownObject) -> float | None:
    """t0 (MJD): as the survey says it; else the earliest detection, else forced flux above 5 sigma.

    Of an object without epochs, the first detection that the survey tells of, or the time of the packet.
    """
    said = known.fact("t0_mjd")
    if said is not None:
        return float(said)
    curve = known.curve.curve
    positive = curve.detections.mag > 0
    if positive.any():
        return float(curve.detections.mjd[positive][0])
    if len(curve.detections):
        return float(curve.detections.mjd[0])
    is_bright = curve.forced.flux >= LIMIT_SIGMA * curve.forced.dflux
    if is_bright.any():
        return float(curve.forced.mjd[is_bright][0])
    for section in (curve.forced, curve.nondetections):
        if len(section):
            return float(section.mjd[-1])
    told = known.fact("first_told_mjd")
    newest = max((time for time, _ in known.facts.values()), default=0.0)
    return float(told) if told is not None else newest or None


def without_bad(known: KnownObject, bad: Collection[EpochName], names: CodeNames) -> KnownObject:
    """What is known without bad epochs, to be judged and not to be kept: their times are left as they are."""
    if not bad:
        return known
    rest, _ = split(known.curve.curve, bad, names)
    return replace(known, curve=replace(known.curve, curve=rest))


def has_moved(item: ArrivedObject) -> bool:
    """Tell whether its dust and its neighbours are to be looked up: however little it moved.

    What is kept of them must not depend on the way by which the position came to be what it is.
    """
    before, after = item.before, item.known
    return before is None or (before.fact("ra"), before.fact("dec")) != (after.fact("ra"), after.fact("dec"))


def write_objects(connection: sqlite3.Connection, objects: Sequence[ArrivedObject], now: str) -> None:
    """Write objects that are new or changed, and what follows from their rows. Inside a transaction."""
    held = numbers(connection, [item.name for item in objects])
    for item in objects:
        item.number = held[item.name]
    _leave_out_bad(connection, objects)
    new = [item for item in objects if item.before is None]
    if new:
        _insert(connection, "alerts", [_alert_row(item, now) for item in new])
        connection.executemany(
            "INSERT INTO standing (alert_id, is_undecided) VALUES (?, 1)", [(item.number,) for item in new]
        )
    changed = [item for item in objects if item.before is not None and item.is_changed]
    for item in changed:
        _update(connection, item.number, _alert_row(item, now))
    for item in objects:
        if item.before is not None and not item.is_changed:
            # Only when it was said is new: so that what comes later is told from what came before.
            _write_times(connection, item)
    written = [*new, *changed]
    connection.executemany(
        "INSERT OR REPLACE INTO lightcurves VALUES (?, ?, ?, ?, ?)", map(_curve_row, written)
    )
    _write_sections(connection, written)
    connection.executemany(
        """UPDATE standing SET pending_revision = (SELECT revision FROM alerts a
        WHERE a.alert_id = standing.alert_id) WHERE alert_id = ?""",
        [(item.number,) for item in changed],
    )
    _write_stamps(connection, objects, now)
    put_trends(connection, [item.number for item in written])
    associate(connection, [item.number for item in written if has_moved(item)])
    refresh(connection, [item.number for item in new])  # decisions may have come before the alert did


def _leave_out_bad(connection: sqlite3.Connection, objects: Sequence[ArrivedObject]) -> None:
    """A mark may be there before its alert, and a marked epoch may come again."""
    bad = bad_epochs(connection, [item.number for item in objects])
    if bad:
        names = code_names(connection)
        for item in objects:
            item.good = without_bad(item.known, bad.get(item.number, ()), names)


def _alert_row(item: ArrivedObject, now: str) -> dict[str, Any]:
    known = item.known
    good = item.good or known
    as_of, fact_times = said_times(known)
    row: dict[str, Any] = {
        "alert_id": item.number,
        **{name: known.fact(name) for name in FACT_COLUMNS},
        **summary(good.curve.curve),
        "t0_mjd": t0_of(good) or t0_of(known),
        "t0_is_derived": int(known.fact("t0_mjd") is None),
        "extra": to_json({name: value for name, (_, value) in known.extra.items()}),
        "as_of": as_of,
        "fact_times": fact_times,
        "updated_at": now,
    }
    if item.before is None:
        row["ingested_at"] = now
    if has_moved(item):
        row["ebv_sfd"] = item.ebv
    return row


def summary(curve: LightCurve) -> dict[str, Any]:
    """What the row of an alert says of its light curve."""
    positive = _positive(curve.detections)
    times = [section.mjd[-1] for section in curve.sections if len(section)]
    return {
        "n_detections": len(curve.detections),
        "n_nondetections": len(curve.nondetections),
        "n_forced": len(curve.forced),
        # Forced photometry alone tells of visits where a survey sends no limits.
        "last_mjd": float(max(times)) if times else None,
        "last_mag": _or_none(positive.mag[-1]) if len(positive) else None,
        "last_mag_mjd": _or_none(positive.mjd[-1]) if len(positive) else None,
    }


def _positive(detections: Detections) -> Detections:
    return detections[detections.mag > 0]


def _or_none(value: np.floating[Any]) -> float | None:
    return None if np.isnan(value) else float(value)


def _curve_row(item: ArrivedObject) -> tuple[Any, ...]:
    curve = item.known.curve
    assert item.sections is not None
    return (item.number, *item.sections, curve.packed_times())


def _write_times(connection: sqlite3.Connection, item: ArrivedObject) -> None:
    as_of, fact_times = said_times(item.known)
    connection.execute(
        """UPDATE alerts SET as_of = ?, fact_times = ?
        WHERE alert_id = ? AND (as_of, fact_times) IS NOT (?, ?)""",
        (as_of, fact_times, item.number, as_of, fact_times),
    )
    if item.before is not None and item.before.curve is not item.known.curve:
        connection.execute(
            "UPDATE lightcurves SET times = ? WHERE alert_id = ?",
            (item.known.curve.packed_times(), item.number),
        )


def _write_sections(connection: sqlite3.Connection, objects: Sequence[ArrivedObject]) -> None:
    rows: dict[str, list[dict[str, Any]]] = {}
    for item in objects:
        before = section_rows(item.number, item.before) if item.before is not None else {}
        for table, found in section_rows(item.number, item.known).items():
            if found == before.get(table, []):
                continue
            if item.before is not None:
                connection.execute(f"DELETE FROM {table} WHERE alert_id = ?", (item.number,))
            rows.setdefault(table, []).extend(found)
    for table, found in rows.items():
        _insert(connection, table, found)
    connection.executemany(
        "INSERT OR REPLACE INTO detection_extras (alert_id, json_zlib) VALUES (?, ?)",
        [(item.number, details) for item in objects if (details := packed_details(_present(item.known)))],
    )


def _present(known: KnownObject) -> KnownObject:
    """Without details of detections that the light curve does not hold (any more)."""
    if not known.details:
        return known
    seen = known.curve.curve.detections
    keys = set(map(detail_key, seen.source_id.tolist(), seen.moment.tolist()))
    if keys.issuperset(known.details):
        return known
    return replace(known, details={key: row for key, row in known.details.items() if key in keys})


def _write_stamps(connection: sqlite3.Connection, objects: Iterable[ArrivedObject], now: str) -> None:
    connection.executemany(
        """INSERT INTO stamps (alert_id, source_id, kind, mjd, taken_in, data) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (alert_id, mjd, source_id, kind) DO UPDATE SET data = excluded.data
        WHERE excluded.data > data""",
        (
            # SQLite's whole numbers have a sign.
            (item.number, stamp.source_id % (1 << 63), stamp.kind.value, stamp.mjd, now, stamp.data)
            for item in objects
            for stamp in item.stamps
        ),
    )


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        names = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)


def _update(connection: sqlite3.Connection, alert_id: int, row: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = :{name}" for name in row if name != "alert_id")
    connection.execute(
        f"UPDATE alerts SET {assignments}, revision = revision + 1 WHERE alert_id = :alert_id",
        {**row, "alert_id": alert_id},
    )
