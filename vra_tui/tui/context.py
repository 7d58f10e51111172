"""The context of an alert as lines: each fact at a fixed place, the most important on top."""

from collections.abc import Sequence

import numpy as np

from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.observability import Nights
from vra_tui.domain.sky import galactic
from vra_tui.lightcurve.measures import absolute_magnitude, brightest, position_scatter
from vra_tui.lightcurve.trend import is_significant, trend_words
from vra_tui.lightcurve.windows import nights_of_units
from vra_tui.ranking.policy import Policy
from vra_tui.ranking.policy import host_distance as policy_distance
from vra_tui.store.decisions import DecisionRow
from vra_tui.store.detail import AlertDetail, StoredMatch, host_distance
from vra_tui.store.listing import ListRow
from vra_tui.store.scores import HOST_CLASSES
from vra_tui.store.second_opinions import Opinion
from vra_tui.store.surroundings import Surroundings
from vra_tui.store.viewing import Viewer
from vra_tui.surveys.base import Link
from vra_tui.text import plain, printable
from vra_tui.tui.alert_names import full_name
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.decided import title_of
from vra_tui.tui.insight_lines import label_lines, reason_lines, window_line
from vra_tui.tui.list_columns import bar, extragalactic, flags, rank_text
from vra_tui.tui.sky import sexagesimal
from vra_tui.tui.spans import Line, joined, link, wrap
from vra_tui.tui.surrounding_lines import (
    around_line,
    associated_lines,
    event_lines,
    host_of,
    others_lines,
    requested_lines,
)

_LABEL = 9

_TNS = "https://www.wis-tns.org/object/"

_CLASSES = {
    "VS": "variable star",
    "CV": "cataclysmic variable",
    "BS": "bright star",
    "AGN": "active nucleus",
    "NT": "nuclear transient",
    "SN": "supernova in a galaxy",
    "ORPHAN": "no catalogued source near",
    "UNCLEAR": "unclear",
    "HPMS": "high-proper-motion star",
}

_FLAG_WORDS = {
    "!": "follow up now",
    "A": "anomaly",
    "F": "fast",
    "2": "second opinion wanted",
    "X": "opinions differ",
    "T": "TNS",
    "G": "galactic candidate",
    "Z": "back from snooze",
    "S": "out of scope",
    "N": "note",
    "W": "on a GW map",
}


def context_lines(
    detail: AlertDetail,
    curve: LightCurve,
    width: int,
    codes: CodeBook | None = None,
    around: Surroundings | None = None,
    nights: Nights | None = None,
    viewers: Sequence[Viewer] = (),
    asked: Opinion | None = None,
    policy: Policy | None = None,
) -> list[Line]:
    """Everything worth a glance, in fixed places; the caller cuts what does not fit below.

    ``codes`` name bands and instruments; ``around`` is what stands around the alert; ``nights`` are those at
    the sites from tonight on; ``viewers`` look at it on other screens; ``asked`` is what a second opinion
    came to; ``policy`` filed it.
    """
    row = detail.row
    codes, around = codes or CodeBook(), around or Surroundings()
    names = {"name": row.name, "other_name": row.other_name}
    pages = codes.links(row.survey, row.object_id, names)
    host = host_of(detail.matches, around)
    near = around_line(around, row.t0_mjd, detail.n_detections, host)
    # Where no classifier of contexts spoke, what the survey says is near stands in its place.
    says_nothing = not row.context_class and not detail.sherlock_summary
    lines = [
        headline(row, viewers, pages[0].url if pages else None),
        _scores(row),
        near if says_nothing and near else _sherlock(detail),
        _host(detail, curve, host, codes),
        _tns(detail, pages[1:]),
        _latest(row, curve, codes),
        _position(row),
        _quality(detail, curve, codes),
        _history(detail, width),
        _why(detail, policy or Policy()),
        *event_lines(detail.places, width),
        *associated_lines(around),
        *_teach(detail),
        *reason_lines(detail.insight, row.pfast, width),
        *label_lines(detail.insight),
        *([] if says_nothing or not near else [near]),
        *others_lines(around),
        *requested_lines(detail.requests),
        *window_line(detail.insight, nights, row.ra, row.dec, width),
        *_opinion(row, asked),
        *_decisions(detail),
        *_notes(detail, width),
    ]
    annotation = plain(detail.sherlock_annotation)
    if annotation:
        lines.append([])
        lines += [[(piece, "dim")] for piece in wrap(f"Sherlock says: {annotation}", width, 8)]
    return lines


def _label(text: str) -> tuple[str, str]:
    return (text.ljust(_LABEL), "label")


def headline(row: ListRow, viewers: Sequence[Viewer] = (), page: str | None = None) -> Line:
    """Name, which leads to the object's page; age, list, who else looks at it, and flags."""
    line: Line = [(full_name(row), link("title", page) if page else "title")]
    if row.day is not None:
        line.append((f"  day {row.day}", "strong"))
    line.append((f"  {row.list or 'not scored yet'}", "value"))
    if viewers:
        people = ", ".join(f"{printable(one.scanner, 20)} ({printable(one.host, 20)})" for one in viewers)
        verb = "is" if len(viewers) == 1 else "are"
        line.append((f"  @ {people} {verb} looking at it", "news"))
    words = [_FLAG_WORDS[sign] for sign in flags(row)]
    if words:
        line.append(("  " + ", ".join(words), "news"))
    return line


def _scores(row: ListRow) -> Line:
    rank = "–" if row.rank is None else f"{row.rank:.1f}"
    values = (("real", row.preal), ("xgal", extragalactic(row)), ("fast", row.pfast))
    parts = (f"{name} {bar(value)}{'–' if value is None else f'{value:.2f}'}" for name, value in values)
    line: Line = [_label("rank"), (rank.ljust(6), "strong"), ("  ".join(parts), "value")]
    if row.model:
        line.append((f"  {printable(row.model)}", "dim"))
    return line


def _sherlock(detail: AlertDetail) -> Line:
    name = printable(detail.row.context_class)
    meaning = _CLASSES.get(name, "")
    summary = plain(detail.sherlock_summary)
    parts: list[Line] = [[(name or "–", "strong")]]
    if meaning:
        parts.append([(meaning, "value")])
    if summary:
        parts.append([(summary, "value")])
    return [_label("Sherlock"), *joined(parts, ", ")]


def _host(detail: AlertDetail, curve: LightCurve, best: StoredMatch | None, codes: CodeBook) -> Line:
    if best is None:
        return [_label("host"), ("–", "dim")]
    parts: list[Line] = []
    if best.separation_arcsec is not None:
        parts.append([(f'{best.separation_arcsec:.1f}"{_towards(best)}', "strong")])
    if best.z is not None:
        parts.append([(f"z {best.z:.4f}", "strong")])
    elif best.photoz is not None:
        error = "" if best.photoz_err is None else f"±{best.photoz_err:.3f}"
        parts.append([(f"photo-z {best.photoz:.3f}{error}", "value")])
    distance = detail.host_distance if best is detail.matches[0] else host_distance(best)
    if distance is not None:
        source = f"from {distance.source}" if distance.source.endswith("z") else distance.source
        parts.append([(f"{distance.mpc:.0f} Mpc {source}", "value")])
        peak = brightest(curve, detail.row.t0_mjd, codes.bands)
        if peak is not None:
            absolute = absolute_magnitude(peak, distance.mpc, detail.ebv_sfd)
            if absolute is not None:
                parts.append([(f"M {absolute:.1f}", "strong"), (" peak, less dust", "value")])
    if best.physical_separation_kpc is not None:
        parts.append([(f"{best.physical_separation_kpc:.1f} kpc", "value")])
    number = printable(best.catalogue_object_id)
    name = f"{printable(best.object_type)} {'' if number.isdigit() else number}".strip()
    parts.append([(f"{name}  {printable(best.catalogue)}".strip(), "dim")])
    return [_label("host"), *joined(parts)]


def _towards(match: StoredMatch) -> str:
    """Tell where the alert lies as seen from the host."""
    if match.north_arcsec is None or match.east_arcsec is None:
        return ""
    vertical = "S" if match.north_arcsec > 0 else "N"
    horizontal = "W" if match.east_arcsec > 0 else "E"
    steep = abs(match.north_arcsec) / max(abs(match.east_arcsec), 1e-9)
    return vertical if steep > 2.4 else horizontal if steep < 0.42 else vertical + horizontal


def _tns(detail: AlertDetail, pages: Sequence[Link]) -> Line:
    """Return what is reported, and pages about the object elsewhere."""
    if not detail.tns:
        named = [[(one.title, link("value", one.url))] for one in pages]
        return [_label("TNS"), *joined([[("not reported", "dim")], *named])]
    report = detail.tns[0]
    designation = printable(report.designation, 40)
    # A broker may pass on that there is a report, and not its name.
    is_named = not designation.startswith("unnamed ")
    parts: list[Line] = [
        [(designation, link("strong", f"{_TNS}{designation}")) if is_named else ("reported", "strong")]
    ]
    if report.type:
        parts.append([(printable(report.type), "strong")])
    if report.separation_arcsec is not None:
        parts.append([(f'{report.separation_arcsec:.1f}"', "value")])
    if report.discoverer:
        parts.append([(f"by {printable(report.discoverer, 30)}", "value")])
    if report.discovered_mjd is not None:
        parts.append([(f"day {report.discovered_mjd - detail.row.t0_mjd:+.1f}", "value")])
    if report.mag is not None:
        parts.append([(f"at {report.mag:.1f}", "value")])
    if report.object_z is not None:
        parts.append([(f"z {report.object_z:.4f}", "value")])
    if len(detail.tns) > 1:
        parts.append([(f"and {len(detail.tns) - 1} more", "dim")])
    # The report above leads to its own page at the TNS.
    parts += [[(one.title, link("value", one.url))] for one in pages if one.title != "TNS"]
    return [_label("TNS"), *joined(parts)]


def _position(row: ListRow) -> Line:
    longitude, latitude = galactic(row.ra, row.dec)
    return [
        _label("position"),
        (sexagesimal(row.ra, row.dec), "value"),
        (f"  l {longitude:.0f} b {latitude:+.0f}", "value"),
        (f"  {row.ra:.5f} {row.dec:+.5f}", "dim"),
    ]


def _latest(row: ListRow, curve: LightCurve, codes: CodeBook) -> Line:
    parts: list[Line] = []
    seen = curve.detections
    if len(seen):
        name, mag = codes.band_name(int(seen.band[-1])), float(seen.mag[-1])
        when = float(seen.mjd[-1]) - row.t0_mjd
        size = f"{abs(mag):.2f} {name}" + (" negative flux" if mag < 0 else "")
        parts.append([(size, "strong"), (f" day {when:+.1f}", "value")])
    if is_significant(row.rise, row.rise_error):
        parts.append([(printable(trend_words(row.rise, row.rise_error, row.rise_band)), "value")])
    before = _last_missed(curve, codes)
    if before is not None:
        mjd, limit = before
        parts.append([(f"not seen day {mjd - row.t0_mjd:+.1f} to {limit:.1f}", "value")])
    return [_label("latest"), *joined(parts)]


def _last_missed(curve: LightCurve, codes: CodeBook) -> tuple[float, float] | None:
    """Time and limit of the last non-detection before the run of detections that goes on now."""
    seen, missed = curve.detections, curve.nondetections
    if not len(seen) or not len(missed):
        return None
    nights = nights_of_units(
        np.concatenate([seen.mjd, missed.mjd]),
        np.concatenate([seen.instrument, missed.instrument]),
        codes.longitude,
    )
    clean = ~np.isin(nights[len(seen) :], nights[: len(seen)])
    before = np.flatnonzero(clean & (missed.mjd < seen.mjd[-1]) & np.isfinite(missed.limit))
    if not len(before):
        return None
    index = before[-1]
    return float(missed.mjd[index]), float(missed.limit[index])


def _quality(detail: AlertDetail, curve: LightCurve, codes: CodeBook) -> Line:
    parts = [
        f"E(B−V) {'–' if detail.ebv_sfd is None else f'{detail.ebv_sfd:.2f}'}",
        f"{codes.score_name(detail.row.survey)} {'–' if detail.rb_pix is None else f'{detail.rb_pix:.2f}'}",
        f"{detail.n_detections} points",
    ]
    scatter = position_scatter(curve)
    if scatter is not None:
        spread = "" if detail.psf_arcsec is None else f' of PSF {detail.psf_arcsec:.1f}"'
        parts.append(f'scatter {scatter:.2f}"{spread}')
    seen_by = " ".join(codes.instrument(code) for code in np.unique(curve.detections.instrument).tolist())
    if seen_by:
        parts.append(seen_by)
    if detail.row.trend_text:
        parts.append(f"survey's trend: {printable(detail.row.trend_text, 40)}")
    line: Line = [_label("quality"), ("  ".join(parts), "value")]
    negative = int((curve.detections.mag < 0).sum())
    if negative:
        line.append((f"  {negative} negative", "warn"))
    return line


def _history(detail: AlertDetail, width: int) -> Line:
    if not detail.scores:
        said = "not scored yet" if detail.row.rank is None else "to be made anew: t0 has moved"
        return [_label("ranks"), (said, "dim")]
    ranks = [score.rank for score in detail.scores]
    bars = "".join(bar(None if rank is None else rank / 10) for rank in ranks)
    line: Line = [_label("ranks"), (bars, "bar"), ("  ", "text")]
    room = max(1, (width - _LABEL - len(bars) - 2) // 10)
    last = (f"d{score.day} {rank_text(score.rank).strip()}" for score in detail.scores[-room:])
    line.append(("  ".join(last), "value"))
    return line


def _why(detail: AlertDetail, rules: Policy) -> Line:
    """Say why it stands where it stands: the policies' rules (DESIGN.md section 3), as they hold for it."""
    row, reasons = detail.row, []
    if row.decided_list is not None and not row.is_undecided:
        reasons.append(f"decided by {printable(row.decided_by, 40)}")
    if row.lifted is not None and row.is_undecided:
        reasons.append(f"lifted to the fast track: {printable(row.lifted, 120)}")
    if row.is_tns_match:
        reasons.append("TNS match: rank 10")
    if is_nearby(detail, rules):
        reasons.append(f"host within {rules.nearby_mpc:.0f} Mpc")
    if row.pfast is not None and row.pfast >= rules.fast_probability:
        reasons.append(f"fast {row.pfast:.2f} ≥ {rules.fast_probability}")
    if row.rank is not None:
        sign = ">" if row.rank > rules.extragalactic_rank else "≤"
        reasons.append(f"rank {row.rank:.1f} {sign} {rules.extragalactic_rank:.0f}")
    if row.is_gal_cand:
        reasons.append("galactic candidate")
    if row.is_back:
        reasons.append("looked at again since it was snoozed")
    return [_label("why"), (", ".join(reasons) or "–", "value")]


def is_nearby(detail: AlertDetail, rules: Policy) -> bool:
    """Tell whether the policies take its host for near: by their own rule, as they applied it."""
    if not detail.matches:
        return False
    best = detail.matches[0]
    direct, distance, z = np.array(
        [[best.direct_distance_mpc], [best.distance_mpc], [best.z]], dtype=np.float64
    )  # None becomes NaN
    is_host = np.array([detail.row.context_class in HOST_CLASSES])
    return bool(policy_distance(direct, distance, z, is_host)[0] <= rules.nearby_mpc)


def _teach(detail: AlertDetail) -> list[Line]:
    return [[_label("teaches"), (printable(detail.teach, 120), "value")]] if detail.teach else []


def _opinion(row: ListRow, asked: Opinion | None) -> list[Line]:
    if asked is None:
        return []
    who = printable(asked.asked_by, 40)
    if has_hidden_votes(row):
        said = f"{who} asks for your vote; what others said is hidden until you gave it"
        return [[_label("opinions"), (said, "news")]]
    votes = ", ".join(f"{printable(one, 40)}: {title_of(name)}" for one, name in asked.votes.items())
    role = {"wanted": "news", "disagree": "warn", "agree": "value"}[asked.state]
    state = {"wanted": f"{who} asks for another", "disagree": "they differ", "agree": "they agree"}[
        asked.state
    ]
    if asked.resolved_by is not None:
        state = f"resolved by {printable(asked.resolved_by, 40)}"
    return [[_label("opinions"), (f"{votes}; " if votes else "", "value"), (state, role)]]


def _decisions(detail: AlertDetail) -> list[Line]:
    if not detail.decisions:
        return [[_label("decided"), ("not yet", "dim")]]
    lines: list[Line] = []
    for decision in reversed(detail.decisions):
        label = "" if lines else "decided"
        text, role = _decision_text(decision)
        lines.append([_label(label), (text, role), (f"  {decision.timestamp[:16].replace('T', ' ')}", "dim")])
    return lines[:6]


def _decision_text(decision: DecisionRow) -> tuple[str, str]:
    who = printable(decision.scanner, 40)
    if decision.list is None:
        return f"undone by {who}", "dim"
    title = title_of(decision.list)
    note = f": {printable(decision.note, 200)}" if decision.note else ""
    return f"{title} by {who}{note}", "dim" if decision.is_reverted else "value"


def _notes(detail: AlertDetail, width: int) -> list[Line]:
    lines: list[Line] = []
    for note in reversed(detail.notes):
        text = f"{printable(note.note)} ({printable(note.scanner, 40)})"
        for piece in wrap(text, max(10, width - _LABEL), 3):
            lines.append([_label("" if lines else "notes"), (piece, "value")])
    return lines[:6]
