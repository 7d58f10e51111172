"""Check an AT report before it may leave: what has to be mended, and what a person has to answer for.

Each rule says what it found and what to do about it. What blocks has to be mended; for what warns a person
gives a reason, which is kept with the draft; what is noted is worth a look and holds nothing up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np

from vra_tui.domain.sky import separation
from vra_tui.domain.times import mjd_of
from vra_tui.domain.tns_numbers import AB_MAGNITUDES, TnsNumbers
from vra_tui.export.drafts.at_doubts import doubts
from vra_tui.export.drafts.at_form import degrees_of, fields, mjd_of_text, number_of
from vra_tui.export.drafts.at_report import AtReport, day_text
from vra_tui.export.drafts.facts import AlertFacts
from vra_tui.export.drafts.finding import Finding, Level
from vra_tui.text import printable

#: The rules by name, for `--override RULE=REASON` and the documentation.
RULES: Mapping[str, str] = {
    "fields": "every field holds what the TNS takes",
    "name": "the internal name is as the survey makes them",
    "time": "the discovery lies after the last non-detection, before now, and is the first measurement",
    "photometry": "there is a measurement in AB magnitudes, not too many, none before the discovery",
    "limit": "the last non-detection is whole, or an archive is named in its place",
    "position": "the position is that of the detections",
    "reported": "the TNS does not have it yet",
    "sent": "no report of it left from here yet",
    "list": "the TNS's list is here, and of these days",
    "mover": "no known object of the solar system is near",
    "galactic": "it is no star, CV or other source of our Galaxy",
    "agn": "it is no known AGN",
    "nuclear": "it does not lie in the nucleus of its host",
    "detections": "it was detected at least twice",
    "history": "there is nothing at the position before it",
    "negative": "none of its detections is negative",
    "bad": "no epoch was called bad",
    "forced": "forced photometry does not see it before its discovery",
    "decided": "nobody called it something else",
    "late": "it was discovered within the last month",
}
_MOST_POINTS = 50
_LATE_DAYS = 30.0
_OFF_ARCSEC, _WRONG_ARCSEC = 3.0, 60.0
#: As a fraction of a day: times are written to a second.
_SECOND = 1.0 / 86_400.0


def check(
    report: AtReport, facts: AlertFacts, now: datetime, *, min_detections: int = 2, is_real: bool = True
) -> list[Finding]:
    """What the rules find in a report, what blocks first.

    ``facts``: of its alert, as they are now; ``is_real``: it is for the TNS itself, not for its sandbox.
    """
    now_mjd = mjd_of(now)
    found = [
        *_fields(report),
        *_name(report, facts.numbers),
        *_time(report, now_mjd),
        *_photometry(report),
        *_limit(report),
        *_position(report, facts),
        *doubts(report, facts, now_mjd, min_detections, is_real),
    ]
    order = [*Level]
    return sorted(found, key=lambda one: order.index(one.level))


def in_the_way(findings: Sequence[Finding], overrides: Mapping[str, str]) -> list[Finding]:
    """What holds a report up still. ``overrides``: by rule the reason why its warning does not count."""
    given = {rule for rule, reason in overrides.items() if reason.strip()}
    return [
        one
        for one in findings
        if one.level is Level.BLOCK or (one.level is Level.WARN and one.rule not in given)
    ]


def in_words(finding: Finding) -> str:
    """A finding in a line."""
    return f"{finding.level} {finding.rule}: {finding.what}. {finding.remedy}"


def _fields(report: AtReport) -> Iterator[Finding]:
    for one in fields(report):
        if one.fault:
            label = (
                f"{one.label} of measurement {one.name.split('.')[1]}"
                if one.name[:5] == "photo"
                else one.label
            )
            yield Finding(
                "fields",
                Level.BLOCK,
                f"{label} (`{one.name}`) {one.fault}",
                "Mend it in the form",
                (one.name,),
            )


def _name(report: AtReport, numbers: TnsNumbers | None) -> Iterator[Finding]:
    name = report["internal_name"].strip()
    if name and numbers is not None and not numbers.name_pattern.fullmatch(name):
        yield Finding(
            "name", Level.WARN, f"the internal name {printable(name, 60)} is not {numbers.name_words}",
            "Write it as the survey does, by which others find it", ("internal_name",),
        )  # fmt: skip


def _time(report: AtReport, now_mjd: float) -> Iterator[Finding]:
    name = "discovery_datetime"
    found = mjd_of_text(report[name])
    if found is None:
        return
    if found > now_mjd:
        yield Finding(
            "time", Level.BLOCK, "the discovery lies after now", "Mend the time: it is UTC", (name,)
        )
    times = [mjd for _, row in report.points() if row["flux"] and (mjd := mjd_of_text(row["obsdate"]))]
    if times and abs(min(times) - found) > 1.5 * _SECOND:
        yield Finding(
            "time", Level.BLOCK,
            f"the first measurement ({day_text(min(times))}) is not at the discovery ({day_text(found)})",
            "Give the discovery's measurement, or move the discovery", (name,),
        )  # fmt: skip
    limit = mjd_of_text(report["non_detection.obsdate"])
    if limit is not None and limit >= found:
        yield Finding(
            "time", Level.BLOCK, "the last non-detection is not before the discovery",
            "Give an earlier one, or an archive", ("non_detection.obsdate",),
        )  # fmt: skip
    if now_mjd - found > _LATE_DAYS:
        yield Finding(
            "late", Level.WARN, f"it was discovered {now_mjd - found:.0f} days ago",
            "Look whether this is the transient and not its history; say why it is told now", (name,),
        )  # fmt: skip


def _photometry(report: AtReport) -> Iterator[Finding]:
    rows = [row for _, row in report.points()]
    seen = [row for row in rows if row["flux"].strip()]
    if not seen:
        yield Finding(
            "photometry",
            Level.BLOCK,
            "there is no measurement of the transient",
            "Give that of the discovery",
        )
    if len(rows) > _MOST_POINTS:
        yield Finding(
            "photometry", Level.BLOCK, f"there are {len(rows)} measurements",
            f"Leave {_MOST_POINTS} at most: a report is no light curve",
        )  # fmt: skip
    if any(row["unit"].strip() != str(AB_MAGNITUDES) for row in rows):
        yield Finding(
            "photometry", Level.BLOCK, "a measurement is not in AB magnitudes",
            "Give magnitudes and unit 1; the TNS refuses nJy",
        )  # fmt: skip
    if any(row["flux"].strip() and not row["flux_error"].strip() for row in rows):
        yield Finding("photometry", Level.NOTE, "a measurement has no error", "Give it where it is known")


def _limit(report: AtReport) -> Iterator[Finding]:
    limit = {name: text.strip() for name, text in report.limit().items()}
    parts = ("obsdate", "limiting_flux", "unit", "filter", "instrument")
    missing = [name for name in parts if not limit[name]]
    if len(missing) == len(parts):
        if not limit["archive"] or not limit["archival_remarks"]:
            yield Finding(
                "limit", Level.BLOCK, "there is no last non-detection and no archive in its place",
                "Give a limit, or archive 0 with a remark", ("non_detection.archive",),
            )  # fmt: skip
    elif missing:
        yield Finding(
            "limit", Level.BLOCK, f"the last non-detection lacks {', '.join(missing)}",
            "Give all of it, or nothing but an archive", tuple(f"non_detection.{one}" for one in missing),
        )  # fmt: skip
    depth = number_of(limit["limiting_flux"])
    first = next((row["flux"] for _, row in report.points() if row["flux"].strip()), "")
    mag = number_of(first)
    if depth is not None and mag is not None and depth < mag:
        yield Finding(
            "limit", Level.NOTE, f"the last non-detection ({depth:g}) is shallower than the discovery",
            "It says little of when the transient began", ("non_detection.limiting_flux",),
        )  # fmt: skip


def _position(report: AtReport, facts: AlertFacts) -> Iterator[Finding]:
    ra, dec = degrees_of(report["ra"], is_ra=True), degrees_of(report["dec"], is_ra=False)
    if ra is None or dec is None:
        return
    if ra == 0.0 and dec == 0.0:
        yield Finding("position", Level.BLOCK, "the position is 0, 0", "Give the position", ("ra", "dec"))
        return
    if facts.onset is None:
        return
    seen = facts.curve.detections[facts.onset.own]
    apart = np.atleast_1d(separation(ra, dec, seen.ra, seen.dec))
    apart = apart[np.isfinite(apart)]
    if len(apart) and (far := float(np.median(apart))) > _OFF_ARCSEC:
        yield Finding(
            "position", Level.WARN if far < _WRONG_ARCSEC else Level.BLOCK,
            f"the position lies {far:.1f}\u2033 from the detections", "Give the position of the transient",
            ("ra", "dec"),
        )  # fmt: skip


def rules_named(given: Iterable[str]) -> list[str]:
    """Those of some names that are no rule's."""
    return [name for name in given if name not in RULES]
