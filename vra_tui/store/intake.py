"""Take alerts in: unite what arrived with what the store holds, many alerts at a time.

All that costs time is done before the store is locked, and only written under the lock. Where somebody else
changed one of the alerts meanwhile, its part is done again.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, Stamp
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.domain.uniting import NOTHING_KNOWN, KnownObject
from vra_tui.store.codes import Codes
from vra_tui.store.connection import transaction
from vra_tui.store.id_lists import json_ids
from vra_tui.store.intake_rows import ArrivedObject, State, has_moved, t0_of, write_objects
from vra_tui.store.known_objects import read_known
from vra_tui.store.objects import Name, known_numbers
from vra_tui.store.sections import packed
from vra_tui.store.transaction import one_view

#: Gives E(B-V) in magnitudes for arrays of ra and dec in degrees.
Extinction = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


@dataclass
class Intake:
    """Numbers of packets whose alerts were new, held more than the store did, held nothing new, or were
    refused; ``passed_over`` are sound packets without an alert (solar-system objects), ``left_out`` those
    that a source's `keep` does not want.

    ``by_survey``: the same for each survey; under "" what no survey knows.
    """

    new: int = 0
    extended: int = 0
    unchanged: int = 0
    refused: int = 0
    passed_over: int = 0
    left_out: int = 0
    by_survey: "dict[str, Intake]" = field(default_factory=dict)

    def __add__(self, other: "Intake") -> "Intake":
        surveys = {**self.by_survey, **other.by_survey}
        return Intake(
            self.new + other.new,
            self.extended + other.extended,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.passed_over + other.passed_over,
            self.left_out + other.left_out,
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
    curves = [TimedLightCurve.of(codes.recoded(alert), alert.as_of, alert.forced_within) for alert in alerts]
    said = [
        Said((alert.survey, alert.object_id), KnownObject.of(alert, curve), alert.stamps)
        for alert, curve in zip(alerts, curves, strict=True)
    ]
    return put_said(connection, said, now, extinction, digests)


class Said(NamedTuple):
    """What is said of an object, its light curve in this store's codes, with its stamps."""

    name: Name
    known: KnownObject
    stamps: Sequence[Stamp] = ()


def put_said(
    connection: sqlite3.Connection,
    said: Sequence[Said],
    now: str,
    extinction: Extinction,
    digests: Sequence[bytes] = (),
) -> tuple[Intake, dict[int, str]]:
    """Unite what is said of objects with what the store holds of them; all else as in `put_alerts`."""
    objects = _united(connection, said)
    refused = _without_place(objects)
    kept = [item for item in objects if not set(item.arrivals) & refused.keys()]
    _measure_dust(kept, extinction)
    _pack(kept)
    with transaction(connection):
        if late := _overtaken(connection, kept):
            redone = _united(connection, [said[place] for item in late for place in item.arrivals])
            _measure_dust(redone, extinction)
            _pack(redone)
            kept = [item for item in kept if item not in late] + redone
        write_objects(connection, kept, now)
        connection.executemany(
            "INSERT OR IGNORE INTO packets_seen (digest) VALUES (?)",
            [(digest,) for place, digest in enumerate(digests) if digest and place not in refused],
        )
    intakes: dict[str, Intake] = defaultdict(Intake)
    for place in refused:
        intakes[said[place].name[0]].refused += 1
    for item in kept:
        intake, is_new = intakes[item.name[0]], item.before is None
        intake.new += is_new
        intake.extended += sum(item.changes) - is_new
        intake.unchanged += len(item.changes) - sum(item.changes)
    return Intake.of(intakes), refused


def _united(connection: sqlite3.Connection, said: Sequence[Said]) -> list[ArrivedObject]:
    """The objects of a batch in the order in which they first arrived, each with all that arrived of it."""
    names = [one.name for one in said]
    with one_view(connection):
        held = known_numbers(connection, names)
        before = read_known(connection, list(held.values()))
        states = _states(connection, list(before))
    objects: dict[Name, ArrivedObject] = {}
    for place, (name, known, stamps) in enumerate(said):
        if name not in objects:
            number = held.get(name, 0)
            held_so_far = before.get(number)
            objects[name] = ArrivedObject(
                name, held_so_far, held_so_far or NOTHING_KNOWN, states.get(number), number=number
            )
        item = objects[name]
        united = item.known.united(known)
        is_first = item.before is None and not item.arrivals
        brings_stamps = any(_is_new(connection, item, stamp) for stamp in stamps)
        item.changes.append(is_first or brings_stamps or _says_more(item.known, united))
        item.known = united
        item.arrivals.append(place)
        item.stamps += stamps
    return list(objects.values())


def _is_new(connection: sqlite3.Connection, item: ArrivedObject, stamp: Stamp) -> bool:
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


def _states(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> dict[int, State]:
    """What changes with every change of an alert: its revision, and when things were said, which has none."""
    rows = connection.execute(
        """SELECT alert_id, revision, as_of, fact_times, times FROM alerts JOIN lightcurves USING (alert_id)
        WHERE alert_id IN (SELECT value FROM json_each(?))""",
        (json_ids(alert_ids),),
    )
    return {number: state for number, *state in map(tuple, rows)}


def _overtaken(connection: sqlite3.Connection, objects: Sequence[ArrivedObject]) -> list[ArrivedObject]:
    """Objects that somebody else entered or changed after they were read."""
    held = known_numbers(connection, [item.name for item in objects])
    now = _states(connection, list(held.values()))
    return [item for item in objects if now.get(held.get(item.name, 0)) != item.state]


def _without_place(objects: Iterable[ArrivedObject]) -> dict[int, str]:
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


def _measure_dust(objects: Sequence[ArrivedObject], extinction: Extinction) -> None:
    moved = [item for item in objects if has_moved(item)]
    if not moved:
        return
    ra, dec = (
        np.array([item.known.fact(name) for item in moved], dtype=np.float64) for name in ("ra", "dec")
    )
    for item, ebv in zip(moved, extinction(ra, dec).tolist(), strict=True):
        item.ebv = ebv if ebv == ebv else None


def _pack(objects: Iterable[ArrivedObject]) -> None:
    for item in objects:
        if item.is_changed:
            curve = item.known.curve.curve
            item.sections = packed([section.records.tobytes() for section in curve.sections])
