"""What an alert belongs to: separation, redshift, luminosity; what the host or the star is like."""

from vra_tui.domain import host_facts
from vra_tui.domain.hosts import HostKind
from vra_tui.store.detail import StoredMatch
from vra_tui.text import printable
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.context.words import KINDS, direction_from, labelled, name_of, seconds

#: Classes of Sherlock in words, for a source whose own kind is not told.
_NOTHING = frozenset({"ORPHAN"})


def host_section(facts: AlertFacts) -> Section:
    """Where it lies in its host, how far that is, how bright it is there; then the host itself."""
    best = facts.best
    if best is None:
        if facts.detail.row.context_class in _NOTHING:
            return Section("host", glance=[[[("nothing catalogued near", "value")]]])
        return Section("host")
    near = [place_words(facts), *(_motion(best) if facts.is_star else [redshift_words(best)])]
    kpc = [] if facts.kpc is None else [(f"{facts.kpc:.1f} kpc", "value")]
    glance: Row = [*near, absolute_words(facts), kpc]
    itself = _itself(facts, best)
    # Where there is little room, what the number is of and what dust was taken off is told further below.
    words = _of_what(facts)
    rest = [*itself, [[(f"M of the {words}", "dim")]]] if words else itself
    whole: Row = [*near, kpc, [*absolute_words(facts), (f" {words}", "dim")] if words else []]
    return Section("host", glance=[glance], rest=rest, whole=[whole, *itself])


def place_words(facts: AlertFacts) -> Part:
    """Where it lies as seen from what it belongs to: 3.1″ N of a galaxy; nuclear."""
    best = facts.best
    if best is None:
        return []
    noun = _noun(facts, best)
    article = "an" if noun[:1] in "aeiou" else "a"
    if best.separation_arcsec is None:
        return [(f"near {article} ", "value"), (noun, "strong" if facts.is_star else "value")]
    text = seconds(best.separation_arcsec)
    if _is_nuclear(facts, best):
        return [(text, "strong"), (" nuclear in a ", "value"), (noun, "value")]
    where = direction_from(best)
    return [
        (f"{text} {where}".strip(), "strong"),
        (f" {'of' if where else 'from'} {article} ", "value"),
        (noun, "strong" if facts.is_star else "value"),
    ]


def short_place_words(facts: AlertFacts) -> Part:
    """The same in fewer words, for narrow panes: 3.1″ N, galaxy; 0.2″ nuclear."""
    best = facts.best
    if best is None or best.separation_arcsec is None:
        return []
    text = seconds(best.separation_arcsec)
    if _is_nuclear(facts, best):
        return [(text, "strong"), (" nuclear", "value")]
    noun = _noun(facts, best)
    return [
        (f"{text} {direction_from(best)}".strip(), "strong"),
        (", ", "value"),
        (noun, "strong" if facts.is_star else "value"),
    ]


def _noun(facts: AlertFacts, best: StoredMatch) -> str:
    return KINDS.get(facts.kinds[best.position]) or printable(best.object_type, 20) or "source"


def _is_nuclear(facts: AlertFacts, best: StoredMatch) -> bool:
    far, is_galaxy = best.separation_arcsec, facts.kinds[best.position] == HostKind.GALAXY
    return is_galaxy and far is not None and host_facts.is_nuclear(far, facts.detail.psf_arcsec)


def redshift_words(best: StoredMatch) -> Part:
    """Its redshift, said whether it is one of a spectrum."""
    if best.z is not None:
        return labelled("z", f"{best.z:.4f}")
    if best.photoz is None:
        return []
    error = "" if best.photoz_err is None else f" ± {best.photoz_err:.3f}"
    return labelled("photo-z", f"{best.photoz:.3f}{error}", "value")


def _motion(match: StoredMatch) -> Row:
    """Parallax and proper motion of a star, where the catalogue has them."""
    row: Row = []
    parallax = host_facts.parallax(match.extra)
    if parallax is not None:
        row.append([(f"parallax {parallax[0]:.2f} ± {parallax[1]:.2f} mas", "strong")])
    motion = host_facts.proper_motion(match.extra)
    if motion is not None:
        row.append([(f"moves {motion:.0f} mas/y", "strong")])
    return row


def _of_what(facts: AlertFacts) -> str:
    """What the absolute magnitude is of, and what dust was taken off."""
    if facts.absolute_mag is None:
        return ""
    dust = facts.peak_extinction
    return "peak, dust not known" if dust is None else f"peak, less dust {dust:.2f}"


def absolute_words(facts: AlertFacts) -> Part:
    """The absolute magnitude of the peak."""
    absolute = facts.absolute_mag
    return [] if absolute is None else [(f"M {absolute:.1f}", "strong")]


def _itself(facts: AlertFacts, best: StoredMatch) -> list[Row]:
    """What the source is like: brightness, colour, light, size; distance; name."""
    known, ebv = facts.magnitudes, facts.ebv_of_colours
    looks: Row = []
    told = host_facts.told_magnitude(known)
    if told is not None:
        looks.append(labelled(told[0], f"{told[1]:.1f}", "value"))
    found = host_facts.colour(known, ebv)
    if found is not None:
        looks.append(labelled(found[0] if ebv is None else f"({found[0]})₀", f"{found[1]:+.2f}", "value"))
    distance = facts.distance
    if distance is not None and ebv == facts.detail.ebv_sfd:
        light = host_facts.luminosity(known, distance.mpc, ebv)
        if light is not None:
            looks.append([(f"{light:.2g} L*" if light < 9.5 else f"{light:.0f} L*", "value")])
    size = best.major_axis_arcsec
    if size is not None and size > 0 and not facts.is_star:
        if best.separation_arcsec is not None:
            looks.append(
                [
                    (f"{best.separation_arcsec / size:.1f}", "strong"),
                    (f" of its semi-axis {seconds(size)}", "value"),
                ]
            )
        else:
            looks.append([(f"semi-axis {seconds(size)}", "value")])
    far: Row = []
    if distance is not None:
        source = f"from {distance.source}" if distance.source.endswith("z") else distance.source
        far.append([(f"{distance.mpc:.0f} Mpc {source}", "value")])
    name = name_of(best)
    if name:
        far.append([(name, "dim")])
    return [row for row in (looks, far) if row]
