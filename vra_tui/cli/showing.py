"""One alert in words, line by line, for `vra show` and for screen readers; and as one JSON record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.cli.output import number
from vra_tui.domain.alert import Annotation
from vra_tui.domain.epochs import Epochs
from vra_tui.domain.event_words import class_words, days_words, distance_words, host_words
from vra_tui.domain.light_curve import LightCurve
from vra_tui.export.id_columns import with_atlas_id
from vra_tui.lightcurve.measures import absolute_magnitude, brightest, position_scatter
from vra_tui.lightcurve.trend import trend_words
from vra_tui.lightcurve.windows import day_number
from vra_tui.ranking.lists import DECISIONS, STARTER
from vra_tui.store.detail import AlertDetail, HeldStamp
from vra_tui.store.finding import called
from vra_tui.store.insight_table import Insight
from vra_tui.store.requests import ASKED_FOR
from vra_tui.text import plain, printable

#: Matches and numbers of an annotation that are printed.
_MATCHES = 5
_NUMBERS = 6
#: Nights of the light curve that are printed: those around t0; what lies outside is only counted.
_NIGHTS_AROUND_T0 = 20


@dataclass(frozen=True)
class CurveNames:
    """Names for what a store counts: its bands by their codes, and the survey's real/bogus score."""

    bands: Mapping[int, str] = field(default_factory=dict)
    score: str = "score"


NO_NAMES = CurveNames()


def as_text(detail: AlertDetail, curve: LightCurve, names: CurveNames = NO_NAMES) -> list[str]:
    """Lines of plain text, every one free of control characters."""
    row = detail.row
    other = [name for name in (row.name, row.other_name) if name and name != row.object_id]
    lines = [
        "  ".join([called(row.survey, row.object_id), *map(printable, other)]),
        "not scored: `vra score` ranks what is new"
        if row.rank is None and row.model is None
        else f"rank {number(row.rank)}   P(real) {number(row.preal)}   P(galactic) {number(row.pgal)}   "
        f"P(fast) {number(row.pfast)}   {_worth(row.pfollow)}list {row.list or 'unscored'}   "
        f"model {printable(row.model) or '-'}",
        *([f"lifted to the fast track: {printable(row.lifted)}"] if row.lifted and row.is_undecided else []),
        f"RA {row.ra:.5f}  Dec {row.dec:+.5f}   E(B-V) {number(detail.ebv_sfd, 3)}   "
        f"{names.score} {number(detail.rb_pix, 3)}   t0 {row.t0_mjd:.3f}   "
        f"{detail.n_detections} detections, {detail.n_nondetections} non-detections",
        f"trend {trend_words(row.rise, row.rise_error, printable(row.rise_band))}   "
        f"(the survey says: {printable(row.trend_text) or '-'})",
        f"context {printable(row.context_class) or '-'}: {plain(detail.sherlock_annotation) or '-'}",
    ]
    lines += _matches(detail)
    lines += _associations(detail)
    lines += _places(detail)
    lines += _measures(detail, curve, names.bands)
    lines += _annotations(detail.annotations)
    lines += _stamps(detail.stamps)
    lines += _reports(detail)
    lines += _requests(detail)
    lines += _insight(detail.insight) if detail.insight else []
    lines += [f"would teach the model: {printable(detail.teach)}"] if detail.teach else []
    lines += ["scores:", *_scores(detail)]
    lines += ["decisions:", *_decisions(detail)] if detail.decisions else ["decisions: none"]
    lines += [f"note by {printable(n.scanner)}: {printable(n.note)}" for n in detail.notes]
    lines += ["light curve by night (day: filter n median; limit):", *_nights(curve, row.t0_mjd, names.bands)]
    return lines


def _insight(insight: Insight) -> Iterator[str]:
    if insight.reasons:
        yield "why: " + "; ".join(printable(reason["text"]) for reason in insight.reasons)
    for outside in insight.outside:
        yield f"out of the {'starter' if insight.model == STARTER else 'model'}'s scope: {printable(outside)}"
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
    for match in detail.matches[:_MATCHES]:
        what = " ".join(filter(None, map(printable, (match.object_type, match.catalogue_object_id))))
        numbers = [
            f"{name} {number(value, digits)}"
            for name, value, digits in (
                ("z", match.z, 4),
                ("photoz", match.photoz, 3),
                (f"mag {printable(match.mag_band, 10)}".strip(), match.mag, 2),
                ("star score", match.star_score, 2),
            )
            if value is not None
        ]
        yield "  ".join(
            [
                f"  {number(match.separation_arcsec, 1)}″ {what or 'a source'} "
                f"({printable(match.catalogue) or '-'}, by {printable(match.source)})",
                *numbers,
            ]
        )
    if len(detail.matches) > _MATCHES:
        yield f"  and {len(detail.matches) - _MATCHES} more"


def _associations(detail: AlertDetail) -> Iterator[str]:
    for one in detail.associations:
        name = printable(one.name) if one.name != one.object_id else ""
        yield (
            f"also {called(one.survey, one.object_id)}{f' ({name})' if name else ''}, "
            f"{one.separation_arcsec:.2f}″ away: rank {number(one.rank)}, {one.list or 'unscored'}"
        )


def _annotations(annotations: Sequence[Annotation]) -> Iterator[str]:
    """The latest answer of each classifier, and how many it gave before."""
    latest: dict[str, Annotation] = {}
    for annotation in annotations:
        latest.setdefault(annotation.topic, annotation)
    for topic, said in latest.items():
        known = {name: value for name, value in said.numbers.items() if value is not None}
        shown = sorted(known.items(), key=lambda item: (-item[1], item[0]))[:_NUMBERS]
        numbers = [f"{printable(name, 40)} {value:.3g}" for name, value in shown]
        if len(known) > len(shown):
            numbers.append(f"and {len(known) - len(shown)} more")
        parts = [printable(said.classification), plain(said.explanation, 200), ", ".join(numbers)]
        when = "" if said.mjd is None else f" (MJD {said.mjd:.2f})"
        version = f" {printable(said.version, 20)}" if said.version else ""
        before = sum(one.topic == topic for one in annotations) - 1
        more = f"; and {before} answers before that" if before else ""
        words = "; ".join(filter(None, parts)) or "no class, no numbers"
        yield f"{printable(topic)}{version}{when}: {words}{more}"


def _stamps(stamps: Sequence[HeldStamp]) -> Iterator[str]:
    """The stamps of the latest exposure, and how many there are of earlier ones."""
    if not stamps:
        return
    newest = [stamp for stamp in stamps if stamp.mjd == stamps[0].mjd]
    kinds = ", ".join(f"{printable(stamp.kind)} {stamp.size / 1e3:.1f} kB" for stamp in newest)
    more = f"; {len(stamps) - len(newest)} of earlier exposures" if len(stamps) > len(newest) else ""
    yield f"stamps of MJD {stamps[0].mjd:.3f}: {kinds}{more}"


def _places(detail: AlertDetail) -> Iterator[str]:
    """Where it lies on the maps of events."""
    for place in detail.places:
        distance = distance_words(place.distance_mpc, place.distance_sigma_mpc)
        parts = (
            f"on the map of {printable(place.event, 40)}: at the {100 * place.level:.2f} % level",
            days_words(place.days),
            f"{distance} there" if distance else "",
            host_words(place.host_sigma),
            class_words(place.about),
        )
        yield "   ".join(filter(None, parts))


def _measures(detail: AlertDetail, curve: LightCurve, bands: Mapping[int, str]) -> Iterator[str]:
    distance, scatter = detail.host_distance, position_scatter(curve)
    if distance is not None:
        text = f"host at {distance.mpc:.0f} Mpc ({distance.source})"
        absolute = _absolute(detail, curve, bands)
        if absolute is not None:
            text += f"   M {absolute:.1f} at the brightest detection, without the Galaxy's dust"
        yield text
    if scatter is not None:
        spread = "" if detail.psf_arcsec is None else f" of a PSF of {detail.psf_arcsec:.1f}″"
        yield f"positions scatter by {scatter:.2f}″{spread}"


def _absolute(detail: AlertDetail, curve: LightCurve, bands: Mapping[int, str]) -> float | None:
    peak = brightest(curve, detail.row.t0_mjd, bands)
    if peak is None or detail.host_distance is None:
        return None
    return absolute_magnitude(peak, detail.host_distance.mpc, detail.ebv_sfd)


def _reports(detail: AlertDetail) -> Iterator[str]:
    for report in detail.tns:
        yield (
            f"TNS {printable(report.designation)}  {printable(report.type) or 'unclassified'}  "
            f"by {printable(report.discoverer) or '-'}  mag {number(report.mag)}"
        )


def _requests(detail: AlertDetail) -> Iterator[str]:
    for one in detail.requests:
        came = printable(one.came) or "on its way"
        what = ASKED_FOR.get(one.what, printable(one.what))
        yield f"asked {printable(one.source)} for {what} at {one.asked_at[:16]}: {came}"


def _worth(pfollow: float | None) -> str:
    """P(worth following up), which few models tell."""
    return "" if pfollow is None else f"P(follow) {number(pfollow)}   "


def _scores(detail: AlertDetail) -> Iterator[str]:
    if not detail.scores and detail.row.rank is not None:
        yield "  to be made anew: t0 or epochs changed"
    for score in detail.scores:
        yield (
            f"  visit {score.visit:2d}  day {score.day:2d}  rank {number(score.rank):>5}  "
            f"P(real) {number(score.preal)}  P(galactic) {number(score.pgal)}  "
            f"P(fast) {number(score.pfast)}  {_worth(score.pfollow)}{score.stage} {printable(score.model)}"
            f"{'  TNS match' if score.is_tns_match else ''}"
        )


def _decisions(detail: AlertDetail) -> Iterator[str]:
    for decision in detail.decisions:
        known = DECISIONS.get(decision.list or "")
        what = known.title if known else printable(decision.list) or f"undo of {printable(decision.reverts)}"
        undone = "  (undone)" if decision.is_reverted else ""
        note = f"  “{printable(decision.note)}”" if decision.note else ""
        yield f"  {decision.timestamp}  {printable(decision.scanner)}: {what}{undone}{note}"


def _nights(curve: LightCurve, t0_mjd: float, bands: Mapping[int, str]) -> Iterator[str]:
    seen, missed = curve.detections, curve.nondetections
    seen_day, missed_day = day_number(seen.mjd - t0_mjd), day_number(missed.mjd - t0_mjd)
    yield from _outside("before", seen_day < -_NIGHTS_AROUND_T0, missed_day < -_NIGHTS_AROUND_T0)
    days = np.unique(np.concatenate([seen_day, missed_day]))
    for day in days[np.abs(days) <= _NIGHTS_AROUND_T0]:
        tonight = seen[seen_day == day]
        parts = [
            f"{printable(bands.get(code, '?'), 20)} {len(mags)}× {np.median(mags):.2f}"
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


def as_record(detail: AlertDetail, curve: LightCurve, names: CurveNames = NO_NAMES) -> dict[str, Any]:
    """Everything as one JSON object; light-curve columns as lists (MJD, magnitudes, degrees, microjansky).

    ``real_bogus`` is the survey's score, called ``score_name`` there. ``absolute_mag`` is the value that the
    screen shows; that of the fitted peak, on which the label of the luminosity rests, stands in ``insight``
    as ``fitted_absolute_mag``.
    """
    seen, missed, forced = curve.detections, curve.nondetections, curve.forced
    record = asdict(detail)
    row, score = record.pop("row"), record.pop("rb_pix")
    row.pop("alert_id")
    for decision in record["decisions"]:
        decision.pop("alert_id")
    for request in record["requests"]:
        # The store's own numbers, and what the source calls its work.
        for name in ("request_id", "alert_id", "task"):
            request.pop(name)

    def bands(epochs: Epochs) -> list[str]:
        return [names.bands.get(code, "?") for code in epochs.band.tolist()]

    if record["insight"] is not None:
        record["insight"]["fitted_absolute_mag"] = record["insight"].pop("absolute_mag")
    return {
        **with_atlas_id([row], ())[0][0],
        "real_bogus": score,
        "score_name": names.score,
        **({names.score: score} if names.score == "rb_pix" else {}),
        **record,
        "absolute_mag": _absolute(detail, curve, names.bands),
        "scatter_arcsec": position_scatter(curve),
        "lightcurve": {
            "detections": {
                "mjd": seen.mjd.tolist(), "mag": seen.mag.tolist(), "magerr": seen.magerr.tolist(),
                "filter": bands(seen), "ra": seen.ra.tolist(), "dec": seen.dec.tolist(),
                "mag5sig": seen.limit.tolist(), "score": seen.score.tolist(),
            },
            "nondetections": {
                "mjd": missed.mjd.tolist(), "mag5sig": missed.limit.tolist(),
                "filter": bands(missed),
            },
            "forced": {
                "mjd": forced.mjd.tolist(), "uJy": forced.flux.tolist(), "duJy": forced.dflux.tolist(),
                "filter": bands(forced),
            },
        },
    }  # fmt: skip
