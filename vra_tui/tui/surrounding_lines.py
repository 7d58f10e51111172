"""What stands around an alert, as lines of its context: near sources, other surveys, other classifiers."""

import re
from collections.abc import Iterator, Mapping, Sequence

from vra_tui.domain.event_words import class_words, days_words, distance_words, host_words
from vra_tui.store.detail import StoredMatch
from vra_tui.store.requests import ASKED_FOR, Request
from vra_tui.store.sky_maps import MapPlace
from vra_tui.store.surroundings import Answer, Neighbour, Surroundings
from vra_tui.text import printable
from vra_tui.tui.alert_names import full_name
from vra_tui.tui.spans import Line, joined, width_of

_LABEL = 9
#: A star score from here on is a star's, up to there a galaxy's (Tachibana & Miller 2018 cut at 0.83).
_STAR, _GALAXY = 0.8, 0.2
#: A known solar-system object within so many arcsec is what was seen.
_SAME_ARCSEC = 5.0
#: Sources whose matches are told by facts of the alert.
_TOLD = frozenset({"sherlock", "gaia", "ps1"})
#: Numbers of classifiers that are probabilities, by their names; others count alerts, days, magnitudes a day.
_PROBABILITY = re.compile(r"score|prob|vs", re.IGNORECASE)
_LEAST, _NUMBERS, _ANSWERS, _ASSOCIATED = 0.05, 2, 6, 3
_EVENTS = 3


def host_of(matches: Sequence[StoredMatch], around: Surroundings) -> StoredMatch | None:
    """The first match that may be a host: what is known to be a star is none."""
    stars = {one.position for one in around.neighbours if _is_star(one)}
    return next((match for match in matches if match.position not in stars), None)


def _is_star(one: Neighbour) -> bool:
    is_gaia = one.source == "gaia" or (one.catalogue or "").startswith("Gaia")
    is_like_one = one.star_score is not None and one.star_score > 0.5
    return is_gaia or is_like_one or (one.object_type or "").casefold() == "star"


def around_line(around: Surroundings, t0_mjd: float, n_detections: int, host: StoredMatch | None) -> Line:
    """Stars and galaxies near, what the latest detection looks like; empty where nothing is known.

    ``n_detections``: how many there are here; that there were more is told. ``host`` stands elsewhere.
    """
    others = [one for one in around.neighbours if host is None or one.position != host.position]
    parts = [[part] for part in _near(around.facts)]
    parts += [[(_source_words(one), "value")] for one in _first_of_each(others)]
    parts += [[part] for part in _looks(around.facts, t0_mjd, n_detections)]
    return [("around".ljust(_LABEL), "label"), *joined(parts)] if parts else []


def _near(facts: Mapping[str, float | str]) -> Iterator[tuple[str, str]]:
    score = _number(facts, "star_score")
    if score is not None:
        kind = "star" if score >= _STAR else "galaxy" if score <= _GALAXY else "star or galaxy"
        yield f"{kind} {score:.2f}{_at(facts, 'star_arcsec')}", "strong" if score >= _STAR else "value"
    for name, prefix in (("Gaia", "gaia"), ("reference", "reference")):
        mag = _number(facts, f"{prefix}_mag")
        if mag is not None or f"{prefix}_arcsec" in facts:
            yield f"{name}{'' if mag is None else f' {mag:.1f}'}{_at(facts, f'{prefix}_arcsec')}", "value"
    arcsec = _number(facts, "solar_arcsec")
    if arcsec is not None:
        name = printable(facts.get("solar_name"), 20)
        yield f"asteroid {name}{_at(facts, 'solar_arcsec')}", "warn" if arcsec <= _SAME_ARCSEC else "value"


def _looks(facts: Mapping[str, float | str], t0_mjd: float, n_detections: int) -> Iterator[tuple[str, str]]:
    if facts.get("is_dipole"):
        yield "dipole", "warn"
    trail = _number(facts, "trail_arcsec")
    if trail:
        yield f'trail {trail:.1f}"', "value"
    if _number(facts, "n_bad_pixels"):
        yield f"{facts['n_bad_pixels']:.0f} bad pixels", "warn"
    told, first = _number(facts, "n_detections_told"), _number(facts, "first_told_mjd")
    if told is not None and told > n_detections:
        since = "" if first is None else f" since day {first - t0_mjd:+.0f}"
        yield f"seen {told:.0f} times{since}", "value"


def _number(facts: Mapping[str, float | str], name: str) -> float | None:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) else None


def _at(facts: Mapping[str, float | str], name: str) -> str:
    arcsec = _number(facts, name)
    return "" if arcsec is None else f' at {arcsec:.1f}"'


def _first_of_each(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    first: dict[str, Neighbour] = {}
    for one in neighbours:
        first.setdefault(one.source, one)
    return [one for source, one in first.items() if source not in _TOLD]


def _source_words(one: Neighbour) -> str:
    name = printable(one.catalogue_object_id, 30)
    words = [printable(one.catalogue or one.source, 20), printable(one.object_type, 20)]
    if not name.isdigit() and not name.startswith(words[0]):
        words.append(name)
    if one.separation_arcsec is not None:
        words.append(f'at {one.separation_arcsec:.1f}"')
    z, kind = (one.z, "z") if one.z is not None else (one.photoz, "photo-z")
    if z is not None and not _is_star(one):
        words.append(f"{kind} {z:.3f}")
    return " ".join(filter(None, words))


def requested_lines(requests: Sequence[Request]) -> list[Line]:
    """What sources were asked for this alert, and what came; no line where nothing was asked."""
    parts: list[Line] = [
        [
            (f"{ASKED_FOR.get(one.what, printable(one.what, 20))} from {printable(one.source, 20)}", "value"),
            (f" {printable(one.came, 60) or 'on its way'}", "value" if one.came == "came" else "dim"),
        ]
        for one in requests
    ]
    return [[("asked".ljust(_LABEL), "label"), *joined(parts)]] if parts else []


def associated_lines(around: Surroundings) -> list[Line]:
    """The alerts of other surveys at this place, nearest first; no line where there are none."""
    if not around.associated:
        return []
    parts: list[Line] = [
        [(full_name(one), "strong"), (f' at {one.separation_arcsec:.1f}"', "value")]
        for one in around.associated[:_ASSOCIATED]
    ]
    if len(around.associated) > _ASSOCIATED:
        parts.append([(f"and {len(around.associated) - _ASSOCIATED} more", "dim")])
    return [[("also".ljust(_LABEL), "label"), *joined(parts)]]


def event_lines(places: Sequence[MapPlace], width: int) -> list[Line]:
    """The events on whose sky maps it lies, the most credible first; no line without.

    Each takes a line, or two where one is too narrow for the host and for what the event may be.
    """
    lines: list[Line] = []
    for place in places[:_EVENTS]:
        label = ("" if lines else "gw").ljust(_LABEL)
        where, what = _event_parts(place)
        whole: Line = [(label, "label"), *joined([*where, *what])]
        if width_of(whole) <= width or not what:
            lines.append(whole)
        else:
            lines += [[(label, "label"), *joined(where)], [(" " * _LABEL, "label"), *joined(what)]]
    return lines


def _event_parts(place: MapPlace) -> tuple[list[Line], list[Line]]:
    """Where the alert lies as seen from the event; and what speaks for and against."""
    distance = distance_words(place.distance_mpc, place.distance_sigma_mpc)
    where = (
        (f"{printable(place.event, 24)} {100 * place.level:.1f} %", "strong"),
        (days_words(place.days), "value"),
        (f"{distance} there" if distance else "", "value"),
    )
    what = ((host_words(place.host_sigma), "value"), (class_words(place.about), "dim"))
    return [[text] for text in where if text[0]], [[text] for text in what if text[0]]


def others_lines(around: Surroundings) -> list[Line]:
    """What other classifiers say: topic, class and the greatest of their numbers; no line without."""
    parts = [part for part in map(_answer, around.answers) if part][:_ANSWERS]
    return [[("others".ljust(_LABEL), "label"), *joined(parts)]] if parts else []


def _answer(one: Answer) -> Line:
    said = printable(one.classification, 30)
    words = said or printable(one.explanation, 40)
    numbers = _greatest(one.numbers)
    if not words and not numbers:
        return []
    line: Line = [(printable(one.topic, 24), "dim")]
    if words:
        line.append((f" {words}", "strong" if said else "value"))
    text = "".join(f" {printable(name, 24)} {value:.2f}" for name, value in numbers)
    return [*line, (text, "value")] if text else line


def _greatest(numbers: Mapping[str, float | None]) -> list[tuple[str, float]]:
    """The greatest probabilities; one of 1 is a count or a flag, and small ones say what it is not."""
    known = [
        (name, value)
        for name, value in numbers.items()
        if isinstance(value, float) and _LEAST < value < 1.0 and _PROBABILITY.search(name)
    ]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:_NUMBERS]
