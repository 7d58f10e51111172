"""What stands around an alert: sources near, the look of its latest detection, other surveys, sky maps."""

import math
from collections.abc import Iterator, Mapping

from vra_tui.domain import host_facts
from vra_tui.domain.event_words import class_words, days_words, distance_words, host_words
from vra_tui.domain.hosts import HostKind
from vra_tui.store.detail import StoredMatch
from vra_tui.store.sky_maps import MapPlace
from vra_tui.text import printable
from vra_tui.tui.alert_names import full_name
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.context.words import KINDS, compass, direction_to, name_of, seconds
from vra_tui.tui.decided import title_of

#: A star score from here on is a star's, up to there a galaxy's (Tachibana & Miller 2018 cut at 0.83).
_STAR, _GALAXY = 0.8, 0.2
#: A known solar-system object within so many arcsec is what was seen.
_SAME_ARCSEC = 5.0
#: A fitted trail shorter than this is that of a point.
_TRAIL_ARCSEC = 2.0
#: Nearer than this, arcsec, a direction is noise.
_HERE_ARCSEC = 0.1
_GLANCE, _MOST = 2, 8
_ASSOCIATED, _EVENTS = 5, 3


def around_section(facts: AlertFacts) -> Section:
    """The nearest sources and what looks wrong at a glance; all of them in columns where there is room."""
    near = [_source(facts, one) for one in facts.others_near[:_MOST]]
    table = [_source(facts, one, in_columns=True) for one in facts.others_near[:_MOST]]
    told = [[part] for part in _told(facts)]
    looks = [[part] for part in _looks(facts)]
    alerts = _alerts_near(facts)
    glance: Row = [*told, *near[:_GLANCE], *looks, *alerts]
    # What was told at a glance is not told again.
    rest: list[Row] = [[part] for part in near[_GLANCE:]]
    whole: list[Row] = [told, *([part] for part in table), alerts, looks]
    return Section("around", glance=[glance], rest=rest, whole=whole, is_right=True)


def _source(facts: AlertFacts, one: StoredMatch, *, in_columns: bool = False) -> Part:
    """A source: what it is, how bright, where it stands, how far it is or how it moves."""
    kind = facts.kinds[one.position]
    score = one.star_score
    unsure = score is not None and _GALAXY < score < _STAR and kind in (HostKind.STAR, HostKind.GALAXY)
    noun = "star?" if unsure else KINDS.get(kind) or printable(one.object_type, 16) or "source"
    told = host_facts.told_magnitude(host_facts.magnitudes(one.mag, one.mag_band, one.extra))
    where = "" if one.separation_arcsec is None else seconds(one.separation_arcsec)
    words = [noun, "" if told is None else f"{told[0]} {told[1]:.1f}", f"{where} {direction_to(one)}".strip()]
    if in_columns:
        text = f"{words[0]:<8} {words[1]:<7} {where:>6} {direction_to(one):<2}".rstrip()
    else:
        text = " ".join(filter(None, words))
    part: Part = [(text, "value")]
    if kind not in (HostKind.STAR, HostKind.CV):
        z, name = (one.z, "z") if one.z is not None else (one.photoz, "photo-z")
        if z is not None:
            part.append((f" {name} {z:.3f}", "value"))
    parallax, motion = host_facts.parallax(one.extra), host_facts.proper_motion(one.extra)
    if parallax is not None:
        part.append((f" plx {parallax[0]:.1f} mas", "strong"))
    if motion is not None:
        part.append((f" pm {motion:.0f} mas/y", "value"))
    name = name_of(one) if told is None or one.separation_arcsec is None else ""
    return [*part, (f" {name}", "dim")] if name else part


def _told(facts: AlertFacts) -> Iterator[tuple[str, str]]:
    """Facts of near sources that the packet tells in numbers of its own."""
    known, matches = facts.around.facts, facts.detail.matches
    # A catalogue's own rows say more than the packet's summary of them, where they say as much.
    has_mag = {one.source for one in matches if one.mag is not None}
    score = _number(known, "star_score")
    if score is not None and not any(one.star_score is not None for one in matches):
        kind = "star" if score >= _STAR else "galaxy" if score <= _GALAXY else "star or galaxy"
        yield f"{kind} {score:.2f}{_at(known, 'star_arcsec')}", "strong" if score >= _STAR else "value"
    for name, prefix in (("Gaia", "gaia"), ("reference", "reference")):
        if prefix in has_mag:
            continue
        mag = _number(known, f"{prefix}_mag")
        if mag is not None or f"{prefix}_arcsec" in known:
            yield f"{name}{'' if mag is None else f' {mag:.1f}'}{_at(known, f'{prefix}_arcsec')}", "value"
    arcsec, name = _number(known, "solar_arcsec"), printable(known.get("solar_name"), 20)
    if arcsec is None and facts.around.solar_objects:
        nearest = facts.around.solar_objects[0]
        arcsec, name = nearest.arcsec, printable(nearest.name, 20)
    if arcsec is not None:
        yield f"asteroid {name} at {seconds(arcsec)}", "warn" if arcsec <= _SAME_ARCSEC else "value"


def _alerts_near(facts: AlertFacts) -> Row:
    """The nearest other alert of the field, and how many there are: many of them are a history.

    The view of the neighbourhood names them all.
    """
    # Those of the same source are told as its other names.
    same = {(one.survey, one.object_id) for one in facts.detail.associations}
    near = [one for one in facts.around.near_alerts if (one.survey, one.object_id) not in same]
    if not near:
        return []
    one = near[0]
    far = math.hypot(one.east_arcsec, one.north_arcsec)
    where = f" {compass(one.north_arcsec, one.east_arcsec)}" if far >= _HERE_ARCSEC else ""
    part: Part = [(f"alert {full_name(one)} {seconds(far)}{where}", "value")]
    if one.list and not has_hidden_votes(facts.detail.row):
        part.append((f" {title_of(one.list)}", "dim"))
    if len(near) > 1:
        part.append((f" and {len(near) - 1} more", "dim"))
    return [part]


def _looks(facts: AlertFacts) -> Iterator[tuple[str, str]]:
    """What the latest detection looks like, and how often there was one here before."""
    known = facts.around.facts
    if known.get("is_dipole"):
        yield "dipole", "warn"
    trail = _number(known, "trail_arcsec")
    if trail is not None and trail >= _TRAIL_ARCSEC:
        yield f"trail {trail:.1f}″", "value"
    if _number(known, "n_bad_pixels"):
        yield f"{known['n_bad_pixels']:.0f} bad pixels", "warn"
    told, first = _number(known, "n_detections_told"), _number(known, "first_told_mjd")
    if told is not None and told > facts.detail.n_detections:
        since = "" if first is None else f" since {facts.when(first)}"
        yield f"seen {told:.0f} times{since.removesuffix(' ago')}", "value"


def _number(facts: Mapping[str, float | str], name: str) -> float | None:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) else None


def _at(facts: Mapping[str, float | str], name: str) -> str:
    arcsec = _number(facts, name)
    return "" if arcsec is None else f" at {seconds(arcsec)}"


def also_section(facts: AlertFacts) -> Section:
    """The alerts of other surveys at this place, nearest first."""
    found = facts.detail.associations
    row: Row = [
        [(full_name(one), "strong"), (f" at {one.separation_arcsec:.1f}″", "value")]
        for one in found[:_ASSOCIATED]
    ]
    if len(found) > _ASSOCIATED:
        row.append([(f"and {len(found) - _ASSOCIATED} more", "dim")])
    return Section("also", rest=[row] if row else [], is_right=True)


def events_section(facts: AlertFacts) -> Section:
    """The events on whose sky maps it lies, the most credible first; a row each."""
    return Section("gw", glance=[_event(place) for place in facts.detail.places[:_EVENTS]])


def _event(place: MapPlace) -> Row:
    """Where the alert lies as seen from the event, and what speaks for and against."""
    distance = distance_words(place.distance_mpc, place.distance_sigma_mpc)
    parts = (
        (f"{printable(place.event, 24)} {100 * place.level:.1f} %", "strong"),
        (days_words(place.days), "value"),
        (f"{distance} there" if distance else "", "value"),
        (host_words(place.host_sigma), "value"),
        (class_words(place.about), "dim"),
    )
    return [[part] for part in parts if part[0]]
