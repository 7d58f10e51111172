"""What speaks against reporting an alert: a mover, a star, an AGN, a history."""

import re
from collections.abc import Iterator

import numpy as np

from vra_tui.domain.host_facts import is_nuclear
from vra_tui.domain.hosts import HostKind
from vra_tui.export.drafts.at_form import mjd_of_text
from vra_tui.export.drafts.at_report import AtReport, day_text
from vra_tui.export.drafts.facts import REAL, SANDBOX, AlertFacts
from vra_tui.export.drafts.finding import Finding, Level
from vra_tui.lightcurve.onset import NIGHT_DAYS, PAUSE_DAYS
from vra_tui.text import counted, printable

_SOLAR_ARCSEC = 10.0
_STARS_WORDS = {
    "VS": "a variable star",
    "CV": "a CV",
    "BS": "a bright star",
    "HPMS": "a star of proper motion",
}
_GALACTIC_P = 0.5
_LOW_LATITUDE = 10.0
#: The TNS's list is renewed each day.
_STALE_DAYS = 3.0
#: Decisions that do not speak against a report.
_UNOPPOSED = ("good", "followup", "possible", "eyeball", None)


def doubts(
    report: AtReport, facts: AlertFacts, now_mjd: float, min_detections: int, is_real: bool
) -> Iterator[Finding]:
    """All of it."""
    yield from _sent(facts, is_real)
    yield from _reported(report, facts, now_mjd)
    yield from _mover(facts)
    yield from _galactic(facts)
    yield from _host(facts)
    yield from _detections(facts, min_detections)
    yield from _history(facts)
    yield from _decided(facts)


def _sent(facts: AlertFacts, is_real: bool) -> Iterator[Finding]:
    server = REAL if is_real else SANDBOX
    for one in facts.sent:
        if one.server == server:
            said = f": {printable(one.answer, 200)}" if one.answer else ""
            yield Finding(
                "sent", Level.WARN, f"a report of it is {one.state.value} in the outbox{said}",
                "Report it again only to add to that one",
            )  # fmt: skip


def _reported(report: AtReport, facts: AlertFacts, now_mjd: float) -> Iterator[Finding]:
    name = report["internal_name"].strip().lower()
    told: dict[str, tuple[float | None, str | None, bool]] = {}
    for one in facts.near:
        known = [part.strip().lower() for part in (one.known.internal_names or "").split(",")]
        told[f"{one.known.prefix} {one.known.name}"] = (one.arcsec, one.known.discoverer, name in known)
    for match in facts.detail.tns:
        bare = re.sub(r"^[A-Za-z]{2,4}\s*", "", match.designation.strip())
        if bare and not any(bare == other.split()[-1] for other in told):
            told[match.designation] = (match.separation_arcsec, match.discoverer, False)
    for designation, (arcsec, who, is_ours) in told.items():
        where = "" if arcsec is None else f", {arcsec:.1f}\u2033 away"
        by = f" by {printable(who, 60)}" if who else ""
        if is_ours:
            yield Finding(
                "reported", Level.BLOCK,
                f"the TNS has it as {printable(designation, 30)} under this internal name{where}",
                "There is nothing to report",
            )  # fmt: skip
        else:
            yield Finding(
                "reported", Level.WARN, f"the TNS has {printable(designation, 30)}{by}{where}",
                "Report it only if yours shall stand beside theirs",
            )  # fmt: skip
    if told:
        return
    until = mjd_of_text(facts.listed_until or "")
    if not facts.n_listed:
        yield Finding(
            "list", Level.WARN, "the TNS's list is not in the store: nobody looked whether it is reported",
            "`vra pull` gets it from a source of the kind tns",
        )  # fmt: skip
    elif until is not None and now_mjd - until > _STALE_DAYS:
        yield Finding(
            "list", Level.WARN, f"the TNS's list in the store is {now_mjd - until:.0f} days old",
            "`vra pull` renews it from a source of the kind tns",
        )  # fmt: skip


def _mover(facts: AlertFacts) -> Iterator[Finding]:
    told = facts.around.facts
    near = [(one.arcsec, one.name, one.mag) for one in facts.around.solar_objects]
    arcsec = told.get("solar_arcsec")
    if isinstance(arcsec, int | float):
        near.append((float(arcsec), str(told.get("solar_name") or "an object"), None))
    near = [one for one in near if 0.0 <= one[0] <= _SOLAR_ARCSEC]
    if near:
        far, name, _ = min(near, key=lambda one: one[0])
        yield Finding(
            "mover", Level.WARN, f"{printable(name, 40)} of the solar system was {far:.1f}\u2033 away",
            "Report it only if it was detected when that was elsewhere",
        )  # fmt: skip
    elif not facts.around.solar_was_sought:
        is_one_night = facts.onset is not None and _nights(facts) < 2
        yield Finding(
            "mover", Level.WARN if is_one_night else Level.NOTE,
            "nobody looked for objects of the solar system"
            + (", and all detections are of one night" if is_one_night else ""),
            "`vra pull --complete` asks a source of the kind skybot; a second night tells too"
            if is_one_night
            else "More than one night at one place speaks against them",
        )  # fmt: skip


def _nights(facts: AlertFacts) -> int:
    """How many nights the transient was detected in."""
    assert facts.onset is not None
    mjd = np.sort(facts.curve.detections.mjd[facts.onset.own])
    return 1 + int((np.diff(mjd) > NIGHT_DAYS).sum())


def _galactic(facts: AlertFacts) -> Iterator[Finding]:
    row, words = facts.detail.row, []
    if row.pgal is not None and row.pgal >= _GALACTIC_P:
        words.append(f"P(galactic) is {row.pgal:.2f}")
    if row.context_class in _STARS_WORDS:
        words.append(f"its context says {_STARS_WORDS[row.context_class]}")
    if facts.kind in (HostKind.STAR, HostKind.CV) and facts.best is not None:
        apart = facts.best.separation_arcsec
        where = "at its place" if apart is None else f"{apart:.1f}\u2033 away"
        words.append(f"a {'CV' if facts.kind is HostKind.CV else 'star'} is catalogued {where}")
    if words:
        yield Finding(
            "galactic", Level.WARN, "; ".join(words), "CVs and variables are no supernovae: see type 2",
            ("at_type",),
        )  # fmt: skip
    elif abs(facts.galactic_latitude) < _LOW_LATITUDE:
        yield Finding(
            "galactic", Level.NOTE, f"it lies at a galactic latitude of {facts.galactic_latitude:.0f}\u00b0",
            "Look once more for a star under it", ("at_type",),
        )  # fmt: skip


def _host(facts: AlertFacts) -> Iterator[Finding]:
    if facts.detail.row.context_class == "AGN" or facts.kind is HostKind.AGN:
        yield Finding(
            "agn",
            Level.WARN,
            "it lies on a known AGN",
            "AGN are not reported, unless as a flare: type 3",
            ("at_type",),
        )
        return
    host = facts.host
    if host is None or host.separation_arcsec is None or facts.kind is not HostKind.GALAXY:
        return
    if is_nuclear(host.separation_arcsec, facts.detail.psf_arcsec):
        yield Finding(
            "nuclear", Level.NOTE, f"it lies {host.separation_arcsec:.1f}\u2033 from the centre of its host",
            "Type 4 (NUC) may be right", ("at_type",),
        )  # fmt: skip


def _detections(facts: AlertFacts, least: int) -> Iterator[Finding]:
    own = 0 if facts.onset is None else len(facts.onset.own)
    if own < least:
        yield Finding(
            "detections", Level.WARN, f"it was detected {'once' if own == 1 else f'{own} times'}",
            f"Wait for {counted(least, 'detection')}, or say what makes this one sure",
        )  # fmt: skip


def _history(facts: AlertFacts) -> Iterator[Finding]:
    found = facts.onset
    if found is None:
        return
    older = found.earlier - found.single
    if older:
        yield Finding(
            "history", Level.WARN, f"{counted(older, 'detection')} at this position before the discovery",
            "Look at the whole light curve: a variable, an older outburst, or bad subtractions",
            ("discovery_datetime",),
        )  # fmt: skip
    if found.single:
        yield Finding(
            "history", Level.NOTE,
            f"{counted(found.single, 'single detection')} among limits in the {PAUSE_DAYS:.0f} days before",
            "They are taken for noise; if they are not, the discovery is earlier", ("discovery_datetime",),
        )  # fmt: skip
    if found.negative:
        yield Finding(
            "negative", Level.WARN, f"{counted(found.negative, 'detection')} of negative flux since then",
            "What fades below its template was there before: a variable or an AGN",
        )  # fmt: skip
    if facts.n_bad:
        yield Finding(
            "bad", Level.NOTE, f"{counted(facts.n_bad, 'epoch')} that scanners called bad left out",
            "Look at them once more where they are near the discovery",
        )  # fmt: skip
    if facts.forced_mjd is not None:
        yield Finding(
            "forced", Level.NOTE, f"forced photometry sees it from {day_text(facts.forced_mjd)} on",
            "If it is believed, the discovery is earlier", ("discovery_datetime",),
        )  # fmt: skip


def _decided(facts: AlertFacts) -> Iterator[Finding]:
    decided = facts.detail.row.decided_list
    if decided not in _UNOPPOSED:
        yield Finding(
            "decided",
            Level.WARN,
            f"it was decided to be `{printable(decided, 20)}`",
            "Decide anew, or say why it is told",
        )
