"""The verdict on drift in plain words: one sentence for each finding, and a few words for a status bar."""

from datetime import date

import numpy as np

from vra_tui.scoring.drift.garbage_rise import GarbageRise
from vra_tui.scoring.drift.stream import EntryStream
from vra_tui.scoring.drift.verdict import AlarmLimits, Assessment, Cause, DriftFinding, Status, UnitComparison

#: Columns named in a sentence; a list of all would not be read.
_NAMED = 3
#: What is not asked of a survey with one instrument.
_ALONE = (
    "There is one unit, and none to hold its garbage against: a slow rise of it is not told from the Moon's."
)
#: Date of MJD 0 as a number of days (proleptic Gregorian).
_MJD_OF_ORDINAL = 678_576


def night_words(night: int) -> str:
    """A night as the survey counts it, by the MJD of its midnight, and the date of its evening."""
    return f"{night} ({date.fromordinal(night - 1 + _MJD_OF_ORDINAL).isoformat()})"


def short_words(assessment: Assessment) -> str:
    """A few words on the gravest finding, such as ``drift: unit 05r`` or ``drift: night 60469 (02a)``.

    "" without drift.
    """
    if assessment.status is not Status.DRIFT:
        return ""
    gravest = assessment.findings[0].cause
    found = [finding for finding in assessment.findings if finding.cause is gravest]
    units = ", ".join(sorted({finding.unit for finding in found if finding.unit is not None}))
    nights = ", ".join(str(night) for night in sorted({f.night for f in found if f.night is not None}))
    if gravest in (Cause.UNUSUAL_NIGHT, Cause.SHIFTED_NIGHT):
        return f"drift: night {nights}" + (f" ({units})" if units else "")
    return f"drift: unit {units}" if units else "drift: all units"


def sentences(assessment: Assessment, stream: EntryStream, limits: AlarmLimits) -> list[str]:
    """The verdict: a headline, then a sentence for each finding, the gravest first."""
    days = assessment.recent[1] - assessment.recent[0] + 1
    if assessment.status is Status.TOO_LITTLE:
        return [_too_little(assessment, limits, days)]
    compared = f"the {days} nights to {night_words(assessment.recent[1])} against the {days} before"
    alone = [_ALONE] if len(stream.units) == 1 else []
    if assessment.status is Status.STEADY:
        return [f"No drift: {compared}. {_farthest(assessment, stream)}".rstrip(), *alone]
    said = [_say(finding, assessment, stream) for finding in assessment.findings]
    return [f"Drift: {compared}.", *said, *alone]


def _too_little(assessment: Assessment, limits: AlarmLimits, days: int) -> str:
    rows, nights = assessment.rows, assessment.nights
    return (
        f"No verdict, too few alerts: {rows[1]:,} in the last {days} nights, {rows[0]:,} in {nights[0]} of "
        f"the {days} nights before. It takes {limits.least_recent_rows}, and "
        f"{limits.least_reference_rows} in {limits.least_nights}."
    )


def _farthest(assessment: Assessment, stream: EntryStream) -> str:
    """The greatest change that is within the limits: how near to an alarm it is."""
    counts = [column.counts for column in stream.columns]
    found = [
        (float(group.shifts.psi[index]), index, group)
        for group in assessment.groups
        if group.night is None
        for index in np.flatnonzero(counts).tolist()
    ]
    if not found:
        return ""
    psi, index, group = max(found, key=lambda item: item[0])
    where = "all units" if group.unit is None else f"unit {group.unit}"
    return f"The greatest change: {stream.columns[index].words}, {where} (PSI {psi:.2f})."


def _say(finding: DriftFinding, assessment: Assessment, stream: EntryStream) -> str:
    who = "All units" if finding.unit is None else f"Unit {finding.unit}"
    night = "" if finding.night is None else night_words(finding.night)
    match finding.cause:
        case Cause.NEW_UNIT:
            beside = next((g for g in assessment.new_units if g.unit == finding.unit), None)
            return (
                f"{who} is new: first exposure in night {night}, {finding.now:.0%} of the alerts since "
                f"night {assessment.recent[0]}. {_beside(beside, stream)}"
            )
        case Cause.UNUSUAL_NIGHT:
            return f"{who}, night {night}: {finding.now:,.0f} alerts where {finding.before:,.0f} are usual."
        case Cause.UNIT_INFLOW:
            return (
                f"{who} brings {finding.now:,.0f} alerts a night, {finding.before:,.0f} before, a "
                "greater rise than that of the other units."
            )
        case Cause.GARBAGE_RISE:
            rise = next(r for r in assessment.rises if stream.units[r.unit] == finding.unit)
            times = f"{rise.factor:.1f} times ({rise.low:.1f} to {rise.high:.1f})"
            numbers = f"{finding.before:,.0f} discarded a night → {finding.now:,.0f}"
            return (
                f"{who} makes {times} as much garbage, beside the other units, since night "
                f"{_onset_words(rise)}: {numbers} (evidence {rise.evidence:.1f}). Look at its stamps "
                f"(filter `unit:{finding.unit}`) for trails, focus and flats, and tell who runs it."
            )
        case Cause.INFLOW:
            return f"{finding.now:,.0f} alerts a night, {finding.before:,.0f} before."
        case Cause.OUT_OF_SCOPE:
            return (
                f"{who}: {finding.now:.1%} of the alerts are unlike the training rows (about 1 % is usual)."
            )
        case _:
            group = next(g for g in assessment.groups if (g.unit, g.night) == (finding.unit, finding.night))
            where = f"{who}, night {night}" if night else who
            return f"{where}: {shifts_in_words(group, finding.columns, stream)}."


def _onset_words(rise: GarbageRise) -> str:
    """The night since which a unit makes more garbage, with its interval where that holds other nights."""
    since = night_words(rise.since)
    return since if rise.earliest == rise.latest else f"{since}, {rise.earliest} to {rise.latest}"


def _beside(group: UnitComparison | None, stream: EntryStream) -> str:
    """A new unit against the others of the same nights."""
    if group is None:
        return "Too few alerts yet to hold it against the other units."
    over = np.flatnonzero(group.is_over)
    if not len(over):
        return "Its alerts are otherwise like those of the other units on the same nights."
    farthest = over[np.argsort(-group.shifts.psi[over], kind="stable")]
    return f"Beside the other units: {shifts_in_words(group, tuple(farthest.tolist()), stream)}."


def shifts_in_words(group: UnitComparison, columns: tuple[int, ...], stream: EntryStream) -> str:
    """Some columns, from before to now, in the order given; the rest are counted."""
    shifts = group.shifts
    parts = [
        f"{stream.columns[index].words} {value_words(stream, index, float(shifts.before[index]))} → "
        f"{value_words(stream, index, float(shifts.now[index]))} (PSI {shifts.psi[index]:.2f})"
        for index in columns[:_NAMED]
    ]
    more = len(columns) - len(parts)
    return ", ".join(parts) + (f", and {more} more" if more else "")


def value_words(stream: EntryStream, index: int, value: float) -> str:
    """A share in per cent, or a median, with a sensible number of digits; "-" where there is none."""
    if value != value:
        return "-"
    known = stream.values[:, index]
    if bool(np.isin(known[~np.isnan(known)], (0.0, 1.0)).all()):
        return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}"
    return f"{value:.3g}"
