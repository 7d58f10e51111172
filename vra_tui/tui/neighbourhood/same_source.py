"""Join what several catalogues list of one source."""

import math
from collections.abc import Sequence
from dataclasses import replace

from vra_tui.domain.hosts import AT_PLACE_ARCSEC
from vra_tui.tui.neighbourhood.things import Kind, Thing

#: Entries of two catalogues so near each other are one source. ATLAS's pixels have 1.9 arcsec.
_SAME_ARCSEC = 2.0
#: Two separations of one source, of which one tells no direction, differ by no more than this.
_SAME_RING = 0.5
_SAME_MAG = 1.5
#: Characters that the names of a source's catalogues may take together.
_CATALOGUES = 18


def order_of(one: Thing) -> tuple[object, ...]:
    """The order of the table: by separation; what tells none stands last."""
    far = math.inf
    return (
        far if one.arcsec is None else one.arcsec, not one.is_here, one.kind, one.catalogue, one.name,
        *(far if value is None else value for value in (one.mag, one.east, one.north, one.z)), one.words,
    )  # fmt: skip


def one_of_each(found: Sequence[Thing]) -> list[Thing]:
    """Entries of several catalogues on one source as one thing, whichever came first."""
    leaders: list[list[Thing]] = []
    for one in sorted(found, key=_leads):
        near = [group for group in leaders if _is_same(group, one)]
        if near:
            min(near, key=lambda group: (_gap(group[0], one), *order_of(group[0]))).append(one)
        else:
            leaders.append([one])
    return [_joined(group) for group in leaders]


def _leads(one: Thing) -> tuple[object, ...]:
    """What has a place leads; then the host, and what has a size."""
    return (one.east is None, one.kind is not Kind.HOST, one.ellipse is None, *order_of(one))


def _gap(one: Thing, other: Thing) -> float:
    if one.arcsec is None or other.arcsec is None:
        return math.inf
    if None in (one.east, one.north, other.east, other.north):
        return abs(one.arcsec - other.arcsec)
    return math.hypot(one.east - other.east, one.north - other.north)  # type: ignore[operator]


def _is_same(group: Sequence[Thing], one: Thing) -> bool:
    """Tell whether an entry is of the source of a group; a matcher lists a catalogue's source once."""
    first = group[0]
    if (one.matcher, one.catalogue) in {(thing.matcher, thing.catalogue) for thing in group}:
        return False
    differ = {_broad(first.kind), _broad(one.kind)} == {Kind.STAR, Kind.GALAXY}
    if one.is_here:
        return not differ and _is_at_place(first)
    if first.arcsec is None or one.arcsec is None or (differ and not _is_bare(one)):
        return False
    if one.east is not None:
        return _gap(first, one) <= _SAME_ARCSEC
    alike = first.mag is None or one.mag is None or abs(first.mag - one.mag) <= _SAME_MAG
    return alike and _gap(first, one) <= _SAME_RING


def _is_at_place(one: Thing) -> bool:
    return one.is_here or (one.arcsec is not None and one.arcsec <= AT_PLACE_ARCSEC)


def _broad(kind: Kind) -> Kind:
    return Kind.GALAXY if kind is Kind.HOST else kind


def _is_bare(one: Thing) -> bool:
    """Gaia lists cores of galaxies, too: only its name makes a star of them."""
    return one.catalogue.startswith("Gaia") and not one.words


def _joined(group: Sequence[Thing]) -> Thing:
    first = group[0]
    if len(group) == 1:
        return first
    rest = sorted(group[1:], key=order_of)
    catalogues = sorted({one.catalogue for one in rest} - {first.catalogue})
    with_z = next((one for one in group if one.z is not None), first)
    with_mag = next((one for one in (first, *rest) if one.mag is not None), first)
    kind = first.kind
    if kind is Kind.SOURCE:
        kind = min((one.kind for one in rest), default=kind)
    return replace(
        first,
        kind=kind,
        catalogue=_named(first.catalogue, catalogues),
        name=first.name or next((one.name for one in rest if one.name), ""),
        mag=with_mag.mag,
        band=with_mag.band,
        z=None if kind is Kind.STAR else with_z.z,
        z_is_photometric=with_z.z_is_photometric,
        motion=next((one.motion for one in (first, *rest) if one.motion is not None), None),
        ellipse=next((one.ellipse for one in (first, *rest) if one.ellipse is not None), None),
        words=first.words or next((one.words for one in rest if one.words), ""),
    )


def _named(first: str, others: Sequence[str]) -> str:
    """The catalogues of one source, by number where their names are too many."""
    text = ", ".join([first, *others])
    return text if len(text) <= _CATALOGUES or not others else f"{first} +{len(others)}"
