"""The verdict on drift: find the units, nights and features that have changed more than the limits allow."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.policy import Policy
from vra_tui.scoring.drift.garbage_rise import GarbageRise, NightlyCounts, rises
from vra_tui.scoring.drift.shift import Reference, Shifts, ShiftSample, compare, holm
from vra_tui.scoring.drift.stream import EntryStream, UnusualNights, unusual_nights

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Span = tuple[int, int]

#: Name of the column that says whether an alert is unlike the training rows.
OUT_OF_SCOPE = "out_of_scope"
#: Names of the columns that say whether the policies discard an alert at its entry, or show it.
DISCARDED, SHOWN = "discarded", "shown"
#: Scatter of the logarithms of nightly numbers that is believed at least.
_LEAST_SCATTER = 0.3


@dataclass(frozen=True)
class AlarmLimits:
    """Limits beyond which drift raises the alarm; docs/drift.md says how they were chosen.

    A column has shifted when its corrected probability is below ``probability`` and both effects reach their
    limits, ``psi`` and ``distance`` (for a single night ``night_distance``). ``unit_rise``: of a unit's
    numbers beside the other units', ``rise``: of all numbers; both by ``deviate`` times their error.
    ``garbage_evidence`` and ``garbage_factor``: of a unit that has made more garbage since some night.
    """

    psi: float = 0.1
    distance: float = 0.15
    night_distance: float = 0.3
    probability: float = 1e-4
    rise: float = 3.0
    unit_rise: float = 1.8
    deviate: float = 4.5
    garbage_evidence: float = 3.0
    garbage_factor: float = 1.5
    out_of_scope: float = 0.05
    least_nights: int = 4
    least_reference_rows: int = 200
    least_recent_rows: int = 50
    least_unit_rows: int = 100
    least_new_unit_rows: int = 20


class Status(StrEnum):
    """The three verdicts."""

    DRIFT = "drift"
    STEADY = "steady"
    TOO_LITTLE = "too little data"


class Cause(StrEnum):
    """What a finding is about, the gravest first."""

    NEW_UNIT = "new unit"
    UNUSUAL_NIGHT = "unusual night"
    SHIFTED_UNIT = "shifted unit"
    GARBAGE_RISE = "more garbage of a unit"
    UNIT_INFLOW = "inflow of a unit"
    SHIFTED_NIGHT = "shifted night"
    OUT_OF_SCOPE = "out of scope"
    INFLOW = "inflow"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class DriftFinding:
    """One thing over the limit. ``columns``: indices of those that shifted, the farthest first.

    ``before``, ``now``: alerts a night, of more garbage the discarded ones alone; for a new unit and for
    scope, ``now`` is a share of the alerts.
    """

    cause: Cause
    unit: str | None = None
    night: int | None = None
    columns: tuple[int, ...] = ()
    before: float = np.nan
    now: float = np.nan


@dataclass(frozen=True, eq=False)
class UnitComparison:
    """Recent alerts, of one unit or all, of one night or all, held against earlier ones of the same unit.

    ``is_over``, shape (m,): columns over the limits. Of a new unit the other units' alerts of the same
    nights are the reference.
    """

    unit: str | None
    night: int | None
    reference_rows: int
    recent_rows: int
    shifts: Shifts
    is_over: Bools


@dataclass(frozen=True, eq=False)
class Assessment:
    """All that was found. ``reference`` and ``recent``: first and last night, both included.

    ``rows`` and ``nights``: how many alerts and nights with alerts each of the two has, unusual ones left
    out of the reference. ``new_units``: against the others on the same nights. ``rises``: the likeliest rise
    in the garbage of each unit over all nights there are, the strongest first, over the limit or not.
    """

    status: Status
    reference: Span
    recent: Span
    rows: tuple[int, int]
    nights: tuple[int, int]
    unusual: UnusualNights
    findings: tuple[DriftFinding, ...] = ()
    groups: tuple[UnitComparison, ...] = ()
    new_units: tuple[UnitComparison, ...] = ()
    rises: tuple[GarbageRise, ...] = ()


def assess(
    stream: EntryStream, last_night: int, days: int, limits: AlarmLimits, policy: Policy
) -> Assessment:
    """Hold the ``days`` nights up to ``last_night`` against as many before them.

    Unusual nights are named, and left out of all other comparisons: one alone would outweigh all else.
    ``stream`` should reach back to a fortnight before them, to know what was usual.
    """
    recent = (last_night - days + 1, last_night)
    reference = (recent[0] - days, recent[0] - 1)
    unusual = unusual_nights(stream, policy)
    everything = stream.between(*recent)
    usual = stream.where(~unusual.mask(stream))
    before, now = usual.between(*reference), usual.between(*recent)
    rows = (len(before), len(everything))
    nights = (len(np.unique(before.night)), len(np.unique(everything.night)))
    found = Assessment(Status.TOO_LITTLE, reference, recent, rows, nights, unusual)
    if (
        nights[0] < limits.least_nights
        or rows[0] < limits.least_reference_rows
        or rows[1] < limits.least_recent_rows
    ):
        return found
    is_new = (stream.first_night >= recent[0]) & (
        np.bincount(everything.unit, minlength=len(stream.units)) >= limits.least_new_unit_rows
    )
    old = now.where(~is_new[now.unit])
    groups = _marked(list(_groups(before, old, limits)), stream, limits)
    counts = nightly_counts(usual.where(usual.night <= last_night))
    rising = () if counts is None else tuple(rises(counts))
    findings = [
        *_of_new_units(everything, is_new),
        *_of_unusual_nights(unusual, stream, recent),
        *_of_groups(groups),
        *_of_garbage(rising, counts, stream, limits),
        *_of_unit_inflow(before, old, limits),
        *_of_scope(now, limits),
        *_of_inflow(before, old, limits),
    ]
    findings.sort(key=lambda finding: list(Cause).index(finding.cause))
    return replace(
        found,
        status=Status.DRIFT if findings else Status.STEADY,
        findings=tuple(findings),
        groups=tuple(groups),
        new_units=tuple(_beside_the_others(now, is_new, limits)),
        rises=rising,
    )


def nightly_counts(stream: EntryStream) -> NightlyCounts | None:
    """Alerts, discarded and shown ones of each night and unit; None where no column says which they are."""
    names = {column.name for column in stream.columns}
    if not {DISCARDED, SHOWN} <= names:
        return None
    nights = np.unique(stream.night)
    discarded, shown = (stream.where(stream.column(name) == 1).counts(nights) for name in (DISCARDED, SHOWN))
    return NightlyCounts(nights, stream.counts(nights), discarded, shown)


def _groups(before: EntryStream, now: EntryStream, limits: AlarmLimits) -> Iterator[UnitComparison]:
    """All alerts and each unit's; of each the recent nights together, and one by one."""
    for unit in (None, *range(len(before.units))):
        old, new = (before, now) if unit is None else (before.of_unit(unit), now.of_unit(unit))
        if len(old) < limits.least_unit_rows:
            continue
        name = None if unit is None else before.units[unit]
        # Judged by the earlier nights: what begins to drift must not hide behind a scatter that it makes.
        reference = Reference.of(old.sample)
        if len(new) >= limits.least_unit_rows:
            yield _group(name, None, reference, new.sample)
        for night, rows in zip(*np.unique(new.night, return_counts=True), strict=True):
            if rows >= limits.least_recent_rows:
                yield _group(name, int(night), reference, new.between(int(night), int(night)).sample)


def _beside_the_others(now: EntryStream, is_new: Bools, limits: AlarmLimits) -> Iterator[UnitComparison]:
    """Each new unit against the other units on its nights: the Moon and the season are the same."""
    for index in np.flatnonzero(is_new).tolist():
        mine = now.of_unit(index)
        others = now.where(~is_new[now.unit] & np.isin(now.night, mine.night))
        if min(len(mine), len(others)) >= limits.least_recent_rows:
            group = _group(now.units[index], None, Reference.of(others.sample), mine.sample)
            yield from _marked([group], now, limits)


def _group(unit: str | None, night: int | None, reference: Reference, now: ShiftSample) -> UnitComparison:
    shifts = compare(reference, now)
    return UnitComparison(
        unit, night, reference.rows, len(now), shifts, np.zeros(len(shifts.psi), dtype=bool)
    )


def _marked(groups: list[UnitComparison], stream: EntryStream, limits: AlarmLimits) -> list[UnitComparison]:
    """Mark what is over the limits, the probabilities corrected for all groups and columns together."""
    if not groups:
        return []
    counts = np.array([column.counts for column in stream.columns])
    p_values = holm(np.array([np.where(counts, group.shifts.p_value, np.nan) for group in groups]))
    marked = []
    for group, p_value in zip(groups, p_values, strict=True):
        least = limits.distance if group.night is None else limits.night_distance
        with np.errstate(invalid="ignore"):
            is_over = (p_value < limits.probability) & (group.shifts.psi >= limits.psi)
        marked.append(replace(group, is_over=is_over & counts & (group.shifts.distance >= least)))
    return marked


def _of_new_units(everything: EntryStream, is_new: Bools) -> Iterator[DriftFinding]:
    for unit in np.flatnonzero(is_new).tolist():
        share = float((everything.unit == unit).mean())
        yield DriftFinding(
            Cause.NEW_UNIT, everything.units[unit], int(everything.first_night[unit]), now=share
        )


def _of_unusual_nights(unusual: UnusualNights, stream: EntryStream, recent: Span) -> Iterator[DriftFinding]:
    rows = zip(unusual.night, unusual.unit, unusual.count, unusual.usual, strict=True)
    for night, unit, count, usual in rows:
        if recent[0] <= night <= recent[1]:
            unit_name = stream.units[unit]
            yield DriftFinding(
                Cause.UNUSUAL_NIGHT, unit_name, int(night), before=float(usual), now=float(count)
            )


def _of_groups(groups: list[UnitComparison]) -> Iterator[DriftFinding]:
    for group in groups:
        over = np.flatnonzero(group.is_over)
        if len(over):
            farthest = tuple(over[np.argsort(-group.shifts.psi[over], kind="stable")].tolist())
            cause = Cause.SHIFTED if group.unit is None else Cause.SHIFTED_UNIT
            cause = cause if group.night is None else Cause.SHIFTED_NIGHT
            yield DriftFinding(cause, group.unit, group.night, farthest)


def _of_garbage(
    rising: tuple[GarbageRise, ...], counts: NightlyCounts | None, stream: EntryStream, limits: AlarmLimits
) -> Iterator[DriftFinding]:
    """A unit that has discarded ones enough more than before, since some night, whatever the others do."""
    for rise in rising:
        if counts is None or rise.evidence < limits.garbage_evidence or rise.factor < limits.garbage_factor:
            continue
        is_open = counts.alerts[:, rise.unit] > 0
        before, now = (
            float(counts.discarded[is_open & side, rise.unit].mean())
            for side in (counts.nights < rise.since, counts.nights >= rise.since)
        )
        yield DriftFinding(Cause.GARBAGE_RISE, stream.units[rise.unit], before=before, now=now)


def _of_unit_inflow(before: EntryStream, now: EntryStream, limits: AlarmLimits) -> Iterator[DriftFinding]:
    """A unit whose numbers rise beside those of the others: the Moon and the season raise all alike."""
    counts = [part.counts(np.unique(part.night)) for part in (before, now)]
    for unit, name in enumerate(before.units):
        old, new = (_beside_the_rest(count, unit) for count in counts)
        if _has_risen(old, new, limits.unit_rise, limits.deviate):
            usual, number = (float(np.mean(count[count[:, unit] > 0, unit])) for count in counts)
            yield DriftFinding(Cause.UNIT_INFLOW, name, before=usual, now=number)


def _beside_the_rest(count: NDArray[np.int64], unit: int) -> Floats:
    """Logarithms of a unit's numbers less the mean ones of the others, on nights on which both have any."""
    logs = np.log(np.where(count > 0, count, np.nan).astype(np.float64))
    mine, others = logs[:, unit], np.delete(logs, unit, axis=1)
    both = ~np.isnan(mine) & ~np.isnan(others).all(axis=1)
    return np.asarray(mine[both] - np.nanmean(others[both], axis=1))


def _of_inflow(before: EntryStream, now: EntryStream, limits: AlarmLimits) -> Iterator[DriftFinding]:
    old, new = (np.unique(part.night, return_counts=True)[1] for part in (before, now))
    if _has_risen(np.log(old), np.log(new), limits.rise, limits.deviate):
        yield DriftFinding(Cause.INFLOW, before=float(old.mean()), now=float(new.mean()))


def _has_risen(old: Floats, new: Floats, rise: float, deviate: float) -> bool:
    """Tell whether the mean logarithm rose by that of ``rise``, and by ``deviate`` times its error."""
    if min(len(old), len(new)) < 2:
        return False
    squares = ((old - old.mean()) ** 2).sum() + ((new - new.mean()) ** 2).sum()
    scatter = max(float(np.sqrt(squares / (len(old) + len(new) - 2))), _LEAST_SCATTER)
    error = scatter * np.sqrt(1 / len(old) + 1 / len(new))
    found = new.mean() - old.mean()
    return bool(found > np.log(rise) and found > deviate * error)


def _of_scope(now: EntryStream, limits: AlarmLimits) -> Iterator[DriftFinding]:
    """Too many alerts unlike the training rows, of all or of a unit, whichever single night is left out."""
    outside = now.column(OUT_OF_SCOPE)
    if np.isnan(outside).any():
        # A model that keeps nothing of its training rows cannot tell.
        return
    for unit in (*range(len(now.units)), None):
        mine = np.ones(len(now), dtype=bool) if unit is None else now.unit == unit
        nights = np.unique(now.night[mine])
        if mine.sum() < limits.least_unit_rows or len(nights) < 2:
            continue
        least = min(float(np.nanmean(outside[mine & (now.night != night)])) for night in nights)
        if least > limits.out_of_scope:
            share = float(np.nanmean(outside[mine]))
            yield DriftFinding(Cause.OUT_OF_SCOPE, None if unit is None else now.units[unit], now=share)
