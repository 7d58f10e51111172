"""Take alerts in: unite what arrived with what the store holds, many alerts at a time.

All that costs time is done before the store is locked, and only written under the lock. Where somebody else
changed one of the alerts meanwhile, its part is done again.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, Stamp, detail_key
from vra_tui.domain.epochs import Detections
from vra_tui.domain.flux import LIMIT_SIGMA
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.domain.uniting import KnownObject
from vra_tui.store.associations import associate
from vra_tui.store.codes import Codes
from vra_tui.store.connection import transaction
from vra_tui.store.known_objects import (
    FACT_COLUMNS,
    packed_details,
    read_known,
    said_times,
    section_rows,
    to_json,
)
from vra_tui.store.objects import Name, known_numbers, numbers
from vra_tui.store.sections import packed
from vra_tui.store.standing import refresh
from vra_tui.store.trends import put_trends

#: Gives E(B-V) in magnitudes for arrays of ra and dec in degrees.
Extinction = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


#: See `_states`.
State = list[Any]


@dataclass
class Intake:
    """Numbers of packets whose alerts were new, held more than the store did, held nothing new, or were
    refused; ``passed_over`` are sound packets without an alert (solar-system objects).

    ``by_survey``: the same for each survey; under "" what no survey knows.
    """

    new: int = 0
    extended: int = 0
    unchanged: int = 0
    refused: int = 0
    passed_over: int = 0
    by_survey: "dict[str, Intake]" = field(default_factory=dict)

    def __add__(self, other: "Intake") -> "Intake":
        surveys = {**self.by_survey, **other.by_survey}
        return Intake(
            self.new + other.new,
            self.extended + other.extended,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.passed_over + other.passed_over,
            {
                name: self.by_survey.get(name, NOTHING) + other.by_survey.get(name, NOTHING)
                for name in surveys
            },
        )

    @classmethod
    def of(cls, by_survey: "Mapping[str, Intake]") -> "Intake":
        """Return what became of the packets of all surveys."""
        return replace(sum(by_survey.values(), NOTHING), by_survey=dict(by_survey))


#: Where there were no packets.
NOTHING = Intake()


@dataclass
class _Object:
    """One object of a batch: what the store knew of it, and what it knows with what arrived."""

    name: Name
    before: KnownObject | None
    known: KnownObject
    #: The state of its rows when they were read, see `_states`.
    state: State | None = None
    arrivals: list[int] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    #: Of each arrival, whether it brought anything.
    changes: list[bool] = field(default_factory=list)
    ebv: float | None = None
    #: Of what is to be written, its sections as they lie in the store.
    sections: tuple[bytes, bytes, bytes] | None = None
    number: int = 0

    @property
    def is_changed(self) -> bool:
        return any(self.changes)


def is_seen(connection: sqlite3.Connection, digest: bytes) -> bool:
    """Tell whether the packet of this digest was taken in."""
    query = "SELECT 1 FROM packets_seen WHERE digest = ?"
    return connection.execute(query, (digest,)).fetchone() is not None


def put_alerts(
    connection: sqlite3.Connection,
    alerts: Sequence[Alert],
    now: str,
    extinction: Extinction,
    codes: Codes,
    digests: Sequence[bytes] = (),
) -> tuple[Intake, dict[int, str]]:
    """Take in alerts, uniting each with what the store holds of it. Call outside of a transaction.

    The result does not depend on the order in which packets come, see `vra_tui.domain.uniting`. ``now`` is an
    ISO 8601 time. ``digests``: of the alerts' packets, where they are to be known again; those of refused
    ones are not remembered. Returns what became of them, and the reasons for which some were refused by their
    place in ``alerts``.
    """
    curves = [TimedLightCurve.of(codes.recoded(alert), alert.as_of) for alert in alerts]
    objects = _united(connection, alerts, curves)
    refused = _without_place(objects)
    kept = [item for item in objects if not set(item.arrivals) & refused.keys()]
    _measure_dust(kept, extinction)
    _pack(kept)
    with transaction(connection):
        if late := _overtaken(connection, kept):
            again = [alerts[place] for item in late for place in item.arrivals]
            redone = _united(connection, again, [curves[place] for item in late for place in item.arrivals])
            _measure_dust(redone, extinction)
            _pack(redone)
            kept = [item for item in kept if item not in late] + redone
        _write(connection, kept, now)
        connection.executemany(
            "INSERT OR IGNORE INTO packets_seen (digest) VALUES (?)",
            [(digest,) for place, digest in enumerate(digests) if digest and place not in refused],
        )
    intakes: dict[str, Intake] = defaultdict(Intake)
    for place in refused:
        intakes[alerts[place].survey].refused += 1
    for item in kept:
        intake, is_new = intakes[item.name[0]], item.before is None
        intake.new += is_new
        intake.extended += sum(item.changes) - is_new
        intake.unchanged += len(item.changes) - sum(item.changes)
    return Intake.of(intakes), refused


def _united(
    connection: sqlite3.Connection, alerts: Sequence[Alert], curves: Sequence[TimedLightCurve]
) -> list[_Object]:
    """The objects of a batch in the order in which they first arrived, each with all that arrived of it."""
    names = [(alert.survey, alert.object_id) for alert in alerts]
    with _one_view(connection):
        held = known_numbers(connection, names)
        before = read_known(connection, list(held.values()))
        states = _states(connection, list(before))
    objects: dict[Name, _Object] = {}
    for place, (name, alert, curve) in enumerate(zip(names, alerts, curves, strict=True)):
        if name not in objects:
            number = held.get(name, 0)
            known = before.get(number)
            objects[name] = _Object(name, known, known or KnownObject(), states.get(number), number=number)
        item = objects[name]
        united = item.known.with_alert(alert, curve)
        is_first = item.before is None and not item.arrivals
        brings_stamps = any(_is_new(connection, item, stamp) for stamp in alert.stamps)
        item.changes.append(is_first or brings_stamps or _says_more(item.known, united))
        item.known = united
        item.arrivals.append(place)
        item.stamps += alert.stamps
    return list(objects.values())


def _is_new(connection: sqlite3.Connection, item: _Object, stamp: Stamp) -> bool:
    """Whether neither the store nor what arrived before in this batch has this stamp, see `_write_stamps`."""
    if any(
        (held.mjd, held.source_id, held.kind) == (stamp.mjd, stamp.source_id, stamp.kind)
        and held.data >= stamp.data
        for held in item.stamps
    ):
        return False
    query = "SELECT 1 FROM stamps WHERE alert_id = ? AND mjd = ? AND source_id = ? AND kind = ? AND data >= ?"
    key = (item.number, stamp.mjd, stamp.source_id % (1 << 63), stamp.kind.value, stamp.data)
    return item.before is None or connection.execute(query, key).fetchone() is None


def _says_more(before: KnownObject, after: KnownObject) -> bool:
    """Tell whether what is known differs, beyond the times at which it was said."""
    return not (
        _values(before.facts) == _values(after.facts)
        and _same_epochs(before.curve.curve, after.curve.curve)
        and _values(before.matches) == _values(after.matches)
        and _value(before.context) == _value(after.context)
        and _value(before.external) == _value(after.external)
        and _values(before.tns) == _values(after.tns)
        and before.annotations == after.annotations
        and before.details == after.details
        and _values(before.extra) == _values(after.extra)
    )


def _values(words: Mapping[str, tuple[float, Any]]) -> dict[str, Any]:
    return {name: value for name, (_, value) in words.items() if value not in (None, ())}


def _value(word: tuple[float, Any] | None) -> Any:
    return word[1] if word is not None and word[1] else None


def _same_epochs(a: LightCurve, b: LightCurve) -> bool:
    return a is b or all(
        mine.records.tobytes() == other.records.tobytes()
        for mine, other in zip(a.sections, b.sections, strict=True)
    )


@contextmanager
def _one_view(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read inside is of one moment, whoever writes meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def _states(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> dict[int, State]:
    """What changes with every change of an alert: its revision, and when things were said, which has none."""
    rows = connection.execute(
        """SELECT alert_id, revision, as_of, fact_times, times FROM alerts JOIN lightcurves USING (alert_id)
        WHERE alert_id IN (SELECT value FROM json_each(?))""",
        (json.dumps([int(number) for number in alert_ids]),),
    )
    return {number: state for number, *state in map(tuple, rows)}


def _overtaken(connection: sqlite3.Connection, objects: Sequence[_Object]) -> list[_Object]:
    """Objects that somebody else entered or changed after they were read."""
    held = known_numbers(connection, [item.name for item in objects])
    now = _states(connection, list(held.values()))
    return [item for item in objects if now.get(held.get(item.name, 0)) != item.state]


def _without_place(objects: Iterable[_Object]) -> dict[int, str]:
    """Arrivals of objects of which nobody has said where they are, or when they were; and why."""
    refused: dict[int, str] = {}
    for item in objects:
        name = f"{item.name[0]} {item.name[1]}"
        reason = None
        if item.known.fact("ra") is None or item.known.fact("dec") is None:
            reason = f"it does not say where {name} is (RA, Dec), and the store does not hold it yet"
        elif t0_of(item.known) is None:
            reason = f"it does not say when {name} was seen, and the store does not hold it yet"
        if reason is not None:
            refused |= dict.fromkeys(item.arrivals, reason)
    return refused


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


def _measure_dust(objects: Sequence[_Object], extinction: Extinction) -> None:
    moved = [item for item in objects if _has_moved(item)]
    if not moved:
        return
    ra, dec = (
        np.array([item.known.fact(name) for item in moved], dtype=np.float64) for name in ("ra", "dec")
    )
    for item, ebv in zip(moved, extinction(ra, dec).tolist(), strict=True):
        item.ebv = ebv if ebv == ebv else None


def _pack(objects: Iterable[_Object]) -> None:
    for item in objects:
        if item.is_changed:
            curve = item.known.curve.curve
            item.sections = packed([section.records.tobytes() for section in curve.sections])


def _has_moved(item: _Object) -> bool:
    """Tell whether its dust and its neighbours are to be looked up: however little it moved.

    What is kept of them must not depend on the way by which the position came to be what it is.
    """
    before, after = item.before, item.known
    return before is None or (before.fact("ra"), before.fact("dec")) != (after.fact("ra"), after.fact("dec"))


def _write(connection: sqlite3.Connection, objects: Sequence[_Object], now: str) -> None:
    held = numbers(connection, [item.name for item in objects])
    for item in objects:
        item.number = held[item.name]
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
    associate(connection, [item.number for item in written if _has_moved(item)])
    refresh(connection, [item.number for item in new])  # decisions may have come before the alert did


def _alert_row(item: _Object, now: str) -> dict[str, Any]:
    known, curve = item.known, item.known.curve.curve
    as_of, fact_times = said_times(known)
    row: dict[str, Any] = {
        "alert_id": item.number,
        **{name: known.fact(name) for name in FACT_COLUMNS},
        **_summary(curve),
        "t0_mjd": t0_of(known),
        "t0_is_derived": int(known.fact("t0_mjd") is None),
        "extra": to_json({name: value for name, (_, value) in known.extra.items()}),
        "as_of": as_of,
        "fact_times": fact_times,
        "updated_at": now,
    }
    if item.before is None:
        row["ingested_at"] = now
    if _has_moved(item):
        row["ebv_sfd"] = item.ebv
    return row


def _summary(curve: LightCurve) -> dict[str, Any]:
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


def _curve_row(item: _Object) -> tuple[Any, ...]:
    curve = item.known.curve
    assert item.sections is not None
    return (item.number, *item.sections, curve.packed_times())


def _write_times(connection: sqlite3.Connection, item: _Object) -> None:
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


def _write_sections(connection: sqlite3.Connection, objects: Sequence[_Object]) -> None:
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


def _write_stamps(connection: sqlite3.Connection, objects: Iterable[_Object], now: str) -> None:
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
