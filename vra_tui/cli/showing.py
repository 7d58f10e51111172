"""One alert in words, line by line, for `vra show` and for screen readers; and as one JSON record."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.cli.output import number
from vra_tui.domain.light_curve import LightCurve
from vra_tui.lightcurve.measures import absolute_magnitude, brightest, position_scatter
from vra_tui.lightcurve.trend import trend_words
from vra_tui.lightcurve.windows import day_number
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.detail import AlertDetail
from vra_tui.store.insights import Insight
from vra_tui.text import plain, printable

#: Nights of the light curve that are printed: those around t0; what lies outside is only counted.
_NIGHTS_AROUND_T0 = 20


def as_text(detail: AlertDetail, curve: LightCurve) -> list[str]:
    """Lines of plain text, every one free of control characters."""
    row = detail.row
    lines = [
        f"{printable(row.name) or 'unnamed'}  {row.alert_id}",
        f"rank {number(row.rank)}   P(real) {number(row.preal)}   P(galactic) {number(row.pgal)}   "
        f"P(fast) {number(row.pfast)}   list {row.list or 'unscored'}   model {printable(row.model) or '-'}",
        f"RA {row.ra:.5f}  Dec {row.dec:+.5f}   E(B-V) {number(detail.ebv_sfd, 3)}   "
        f"rb_pix {number(detail.rb_pix, 3)}   t0 {row.t0_mjd:.3f}   "
        f"{detail.n_detections} detections, {detail.n_nondetections} non-detections",
        f"trend {trend_words(row.rise, row.rise_error, printable(row.rise_band))}   "
        f"(the survey says: {printable(row.trend_text) or '-'})",
        f"Sherlock {printable(row.context_class) or '-'}: {plain(detail.sherlock_annotation) or '-'}",
    ]
    lines += _matches(detail)
    lines += _measures(detail, curve)
    lines += _reports(detail)
    lines += _insight(detail.insight) if detail.insight else []
    lines += [f"would teach the model: {printable(detail.teach)}"] if detail.teach else []
    lines += ["scores:", *_scores(detail)]
    lines += ["decisions:", *_decisions(detail)] if detail.decisions else ["decisions: none"]
    lines += [f"note by {printable(n.scanner)}: {printable(n.note)}" for n in detail.notes]
    lines += ["light curve by night (day: filter n median; limit):", *_nights(curve, row.t0_mjd)]
    return lines


def _insight(insight: Insight) -> Iterator[str]:
    if insight.reasons:
        yield "why: " + "; ".join(printable(reason["text"]) for reason in insight.reasons)
    for outside in insight.outside:
        yield f"out of the model's scope: {printable(outside)}"
    duration = "" if insight.duration_days is None else f" ({insight.duration_days:.0f} d above half of peak)"
    yield (
        f"light curve: speed {insight.speed or '-'}{duration}, "
        f"luminosity {insight.luminosity or '-'}, structure {insight.structure or '-'}"
    )
    if insight.follow_up:
        what = "fast follow-up candidate, now" if insight.follow_up == "now" else "follow-up candidate"
        yield f"{what}: {insight.follow_up_rule}"
    if insight.anomaly:
        yield f"anomaly: {printable(insight.anomaly)}"
    if insight.window_ends_mjd is not None:
        yield f"observing window ends MJD {insight.window_ends_mjd:.0f}"


def _matches(detail: AlertDetail) -> Iterator[str]:
    for match in detail.matches[:3]:
        yield (
            f"  {number(match.separation_arcsec, 1)}″ {printable(match.object_type)} "
            f"{printable(match.catalogue_object_id)} ({printable(match.catalogue)})  "
            f"z {number(match.z, 4)}  photoz {number(match.photoz, 3)}"
        )


def _measures(detail: AlertDetail, curve: LightCurve) -> Iterator[str]:
    distance, scatter = detail.host_distance, position_scatter(curve)
    if distance is not None:
        text = f"host at {distance.mpc:.0f} Mpc ({distance.source})"
        absolute = _absolute(detail, curve)
        if absolute is not None:
            text += f"   M {absolute:.1f} at the brightest detection, without the Galaxy's dust"
        yield text
    if scatter is not None:
        spread = "" if detail.psf_arcsec is None else f" of a PSF of {detail.psf_arcsec:.1f}″"
        yield f"positions scatter by {scatter:.2f}″{spread}"


def _absolute(detail: AlertDetail, curve: LightCurve) -> float | None:
    peak = brightest(curve, detail.row.t0_mjd)
    if peak is None or detail.host_distance is None:
        return None
    return absolute_magnitude(peak, detail.host_distance.mpc, detail.ebv_sfd)


def _reports(detail: AlertDetail) -> Iterator[str]:
    for report in detail.tns:
        yield (
            f"TNS {printable(report.designation)}  {printable(report.type) or 'unclassified'}  "
            f"by {printable(report.discoverer) or '-'}  mag {number(report.mag)}"
        )


def _scores(detail: AlertDetail) -> Iterator[str]:
    if not detail.scores and detail.row.rank is not None:
        yield "  to be made anew: t0 has moved"
    for score in detail.scores:
        yield (
            f"  visit {score.visit:2d}  day {score.day:2d}  rank {number(score.rank):>5}  "
            f"P(real) {number(score.preal)}  P(galactic) {number(score.pgal)}  "
            f"P(fast) {number(score.pfast)}  {score.stage} {printable(score.model)}"
            f"{'  TNS match' if score.is_tns_match else ''}"
        )


def _decisions(detail: AlertDetail) -> Iterator[str]:
    for decision in detail.decisions:
        known = DECISIONS.get(decision.list or "")
        what = known.title if known else printable(decision.list) or f"undo of {printable(decision.reverts)}"
        undone = "  (undone)" if decision.is_reverted else ""
        note = f"  “{printable(decision.note)}”" if decision.note else ""
        yield f"  {decision.timestamp}  {printable(decision.scanner)}: {what}{undone}{note}"


def _nights(curve: LightCurve, t0_mjd: float) -> Iterator[str]:
    seen, missed = curve.detections, curve.nondetections
    seen_day, missed_day = day_number(seen.mjd - t0_mjd), day_number(missed.mjd - t0_mjd)
    yield from _outside("before", seen_day < -_NIGHTS_AROUND_T0, missed_day < -_NIGHTS_AROUND_T0)
    days = np.unique(np.concatenate([seen_day, missed_day]))
    for day in days[np.abs(days) <= _NIGHTS_AROUND_T0]:
        tonight = seen[seen_day == day]
        parts = [
            f"{chr(code)} {len(mags)}× {np.median(mags):.2f}"
            for code in np.unique(tonight.band)
            for mags in [tonight.mag[tonight.band == code]]
        ]
        limits = missed.limit[missed_day == day]
        if len(limits):
            parts.append(f"{len(limits)} missed, limit {number(np.fmax.reduce(limits))}")
        yield f"  {int(day):+4d}: " + "; ".join(parts)
    yield from _outside("after", seen_day > _NIGHTS_AROUND_T0, missed_day > _NIGHTS_AROUND_T0)


def _outside(where: str, seen: NDArray[np.bool_], missed: NDArray[np.bool_]) -> Iterator[str]:
    if seen.any() or missed.any():
        yield f"  {where} that: {seen.sum()} detections, {missed.sum()} non-detections"


def as_record(detail: AlertDetail, curve: LightCurve) -> dict[str, Any]:
    """Everything as one JSON object; light-curve columns as lists (MJD, magnitudes, degrees, microjansky).

    ``absolute_mag`` is the value that the screen shows; that of the fitted peak, on which the label of the
    luminosity rests, stands in ``insight`` as ``fitted_absolute_mag``.
    """
    seen, missed, forced = curve.detections, curve.nondetections, curve.forced
    record = asdict(detail)
    row = record.pop("row")
    if record["insight"] is not None:
        record["insight"]["fitted_absolute_mag"] = record["insight"].pop("absolute_mag")
    return {
        **row,
        **record,
        "absolute_mag": _absolute(detail, curve),
        "scatter_arcsec": position_scatter(curve),
        "lightcurve": {
            "detections": {
                "mjd": seen.mjd.tolist(), "mag": seen.mag.tolist(), "magerr": seen.magerr.tolist(),
                "filter": [chr(f) for f in seen.band], "ra": seen.ra.tolist(), "dec": seen.dec.tolist(),
                "mag5sig": seen.limit.tolist(),
            },
            "nondetections": {
                "mjd": missed.mjd.tolist(), "mag5sig": missed.limit.tolist(),
                "filter": [chr(f) for f in missed.band],
            },
            "forced": {
                "mjd": forced.mjd.tolist(), "uJy": forced.flux.tolist(), "duJy": forced.dflux.tolist(),
                "filter": [chr(f) for f in forced.band],
            },
        },
    }  # fmt: skip
