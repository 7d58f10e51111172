"""The light curve in words: trend, colour, when it was last not there, how units agree; its quality."""

import numpy as np

from vra_tui.lightcurve.broad_labels import TOO_EARLY
from vra_tui.lightcurve.measures import position_scatter
from vra_tui.lightcurve.trend import is_significant
from vra_tui.text import printable
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.context.words import labelled, seconds, share
from vra_tui.tui.times import span_words

#: Not to have been there longer before than this, days, says nothing of how young it is.
MOST_DAYS = 30.0


def curve_section(facts: AlertFacts) -> Section:
    """How it changes and what colour it has; when it was not there; latest point; nights; agreement."""
    change: Row = [trend_part(facts), _colour(facts)]
    glance: list[Row] = [[part for part in change if part], [missed_part(facts)]]
    rest: list[Row] = [
        seen_parts(facts)[:2],
        [_nights(facts), _agreement(facts)],
        _labels(facts),
    ]
    return Section("curve", glance=glance, rest=rest)


def trend_part(facts: AlertFacts) -> Part:
    """The trend where it stands out of its error: magnitudes a day."""
    row = facts.detail.row
    if row.rise is None or row.rise_error is None or not is_significant(row.rise, row.rise_error):
        return []
    size = f"{'↑' if row.rise > 0 else '↓'} {abs(row.rise):.2f} ± {row.rise_error:.2f}"
    return [(size, "strong"), (f" a day in {printable(row.rise_band, 16)}", "value")]


def missed_part(facts: AlertFacts) -> Part:
    """When it was last not there, and how deep was looked then."""
    missed = facts.recent.missed
    if missed is None or missed.days_before > MOST_DAYS:
        return []
    band = facts.codes.band_name(missed.band)
    before = f", {span_words(missed.days_before)} before it was" if facts.is_fresh else ""
    return [
        ("not there ", "value"),
        (facts.when(missed.mjd), "strong"),
        (f"{before}: {band} > {missed.limit:.1f}", "value"),
    ]


def latest_words(facts: AlertFacts) -> str:
    """The latest detection: magnitude and band; "" without one."""
    seen = facts.curve.detections
    if not len(seen):
        return ""
    mag, name = float(seen.mag[-1]), facts.codes.band_name(int(seen.band[-1]))
    return f"{abs(mag):.2f} {name}" + (" negative flux" if mag < 0 else "")


def seen_parts(facts: AlertFacts) -> list[Part]:
    """When it was seen last and first, and on how many nights."""
    return [_latest(facts), _first_seen(facts), _nights(facts)]


def _latest(facts: AlertFacts) -> Part:
    words = latest_words(facts)
    if not words:
        return []
    return [
        ("latest ", "dim"),
        (words, "value"),
        (f" {facts.when(float(facts.curve.detections.mjd[-1]))}", "value"),
    ]


def _first_seen(facts: AlertFacts) -> Part:
    first = facts.recent.first_mjd
    return [] if first is None else [("first ", "dim"), (facts.when(first), "value")]


def _nights(facts: AlertFacts) -> Part:
    found = facts.recent
    if not found.nights_looked:
        return []
    if found.nights_looked == 1:
        return [("seen on one night", "value")]
    return [(f"seen on {found.nights_seen} of {found.nights_looked} nights", "value")]


def _colour(facts: AlertFacts) -> Part:
    found = facts.recent.colour
    if found is None:
        return []
    name = f"{found.blue}-{found.red}"
    return [
        (f"({name})₀ " if found.is_less_dust else f"{name} ", "dim"),
        (f"{found.value:+.2f}", "strong"),
        (f" ± {found.error:.2f}", "value"),
    ]


def _agreement(facts: AlertFacts) -> Part:
    found = facts.recent.agreement
    if found is None:
        return []
    own = {code for code in found.units if code in facts.curve.detections.instrument}
    noun = "units" if len(own) in (0, len(found.units)) else "surveys"
    count = {2: "two"}.get(len(found.units), str(len(found.units)))
    return [(f"{count} {noun} agree to {found.mag:.2f} mag", "value")]


def _labels(facts: AlertFacts) -> Row:
    """Speed, luminosity and structure of the fitted curve, where it is not too early for them."""
    insight = facts.detail.insight
    if insight is None:
        return []
    row: Row = []
    for name, label in (
        ("speed", insight.speed),
        ("luminosity", insight.luminosity),
        ("", insight.structure),
    ):
        if label is not None and label != TOO_EARLY:
            row.append([(f"{name} ", "dim"), (label, "value")] if name else [(label, "value")])
    if row and insight.duration_days is not None:
        row.append([(f"{insight.duration_days:.0f} d above half of peak", "value")])
    return row


def quality_section(facts: AlertFacts) -> Section:
    """How sound the detections are: the survey's score, points, scatter, dust, who saw it."""
    detail, curve = facts.detail, facts.curve
    first: Row = []
    if detail.rb_pix is not None:
        first.append(labelled(facts.codes.score_name(detail.row.survey), share(detail.rb_pix), "value"))
    noun = "detection" if detail.n_detections == 1 else "detections"
    first.append([(f"{detail.n_detections} {noun}", "value")])
    negative = int((curve.detections.mag < 0).sum())
    if negative:
        first.append([(f"{negative} negative", "warn")])
    scatter = position_scatter(curve)
    if scatter is not None:
        spread = "" if detail.psf_arcsec is None else f" of PSF {seconds(detail.psf_arcsec)}"
        first.append([(f"scatter {scatter:.2f}″{spread}", "value")])
    second: Row = []
    if detail.ebv_sfd is not None:
        second.append(labelled("E(B-V)", f"{detail.ebv_sfd:.2f}", "value"))
    units = np.flatnonzero(np.bincount(curve.detections.instrument, minlength=1)).tolist()
    seen_by = " ".join(facts.codes.instrument(code) for code in units) if len(curve.detections) else ""
    if seen_by:
        second.append(labelled("by", seen_by, "value"))
    return Section("quality", rest=[first, second])
