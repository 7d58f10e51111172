"""Gather what stands around one alert from catalogues, facts, sources and the store."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain import host_facts
from vra_tui.domain.hosts import WITHIN_A_MINUTE, HostKind
from vra_tui.domain.ps1_ids import place_of
from vra_tui.domain.sky import offsets
from vra_tui.store.alert_hosts import belongs_to, kinds_of
from vra_tui.store.detail import AlertDetail, StoredMatch
from vra_tui.store.near_alerts import NearAlert
from vra_tui.store.surroundings import SolarObject, Surroundings
from vra_tui.text import printable
from vra_tui.tui.alert_names import letter_of, short_name, survey_word
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.decided import title_of
from vra_tui.tui.neighbourhood.same_source import one_of_each, order_of
from vra_tui.tui.neighbourhood.things import Ellipse, Kind, Thing

Offset = tuple[float, float] | tuple[None, None]

#: Between these star scores nobody knows: as in the context.
_GALAXY, _STAR = 0.2, 0.8
#: A direction read from an id must agree with the told separation: alerts scatter around their mean place.
_AGREES_ARCSEC = 2.5
_KINDS = {
    HostKind.GALAXY: Kind.GALAXY, HostKind.AGN: Kind.GALAXY, HostKind.STAR: Kind.STAR, HostKind.CV: Kind.STAR,
}  # fmt: skip
#: Names under which catalogues write the shortest diameter by the longest, and the angle of the longest.
_RATIOS = ("axis_ratio", "axial_ratio", "b2a", "ba", "sup_ba", "k_ba")
_ANGLES = ("position_angle", "pa", "posang", "sup_phi", "k_phi")
_NOWHERE: Offset = (None, None)


def things_around(detail: AlertDetail, around: Surroundings) -> list[Thing]:
    """What stands around, the nearest first; what tells no separation stands last.

    The order in which catalogues were asked does not matter. Entries of several catalogues on one source are
    one thing, with all catalogues named.
    """
    catalogued = [*_catalogued(detail), *_told_as_facts(detail.matches, around.facts)]
    is_blind = has_hidden_votes(detail.row)
    alerts = (_alert(one, is_blind) for one in around.near_alerts)
    return sorted([*one_of_each(catalogued), *alerts, *_solar(around)], key=order_of)


def _catalogued(detail: AlertDetail) -> Iterator[Thing]:
    matches = detail.matches
    if not matches:
        return
    kinds = kinds_of(detail)
    best = belongs_to(matches, kinds)
    ra, dec = _places(matches)
    east, north = offsets(ra, dec, detail.row.ra, detail.row.dec)
    for one, *computed in zip(matches, east.tolist(), north.tolist(), strict=True):
        kind = told = _KINDS.get(kinds[one.position], Kind.SOURCE)
        if one.star_score is not None and _GALAXY < one.star_score < _STAR:
            kind = Kind.SOURCE
        # Of a star, the map says that it is one, though the alert may belong to it.
        if one is best and told is not Kind.STAR:
            kind = Kind.HOST
        yield _thing(one, kind, _offset(one, computed[0], computed[1]))


def _places(matches: Sequence[StoredMatch]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right ascension and declination as the catalogues say, or as the ids of Pan-STARRS do."""
    ids = [one.catalogue_object_id if _is_ps1(one) else None for one in matches]
    ra, dec = place_of(ids)
    for index, one in enumerate(matches):
        if one.ra is not None and one.dec is not None:
            ra[index], dec[index] = one.ra, one.dec
    return ra, dec


def _is_ps1(one: StoredMatch) -> bool:
    return one.source == "ps1" or (one.catalogue or "").startswith("PanSTARRS")


def _offset(one: StoredMatch, east: float, north: float) -> Offset:
    """How far east and north it stands: as told, else as follows from its place (NaN where it has none)."""
    if one.east_arcsec is not None and one.north_arcsec is not None:
        return one.east_arcsec, one.north_arcsec
    told, found = one.separation_arcsec, math.hypot(east, north)
    if math.isnan(found) or (told is not None and abs(told - found) > _AGREES_ARCSEC):
        return _NOWHERE
    return east, north


def _thing(one: StoredMatch, kind: Kind, at: Offset) -> Thing:
    arcsec = one.separation_arcsec
    if arcsec is None and at[0] is not None and at[1] is not None:
        arcsec = math.hypot(at[0], at[1])
    known = host_facts.magnitudes(one.mag, one.mag_band, one.extra)
    band, mag = host_facts.told_magnitude(known) or (printable(one.mag_band, 3), one.mag)
    z, is_photometric = (one.z, False) if one.z is not None else (one.photoz, True)
    name = printable(one.catalogue_object_id, 40)
    is_star = kind is Kind.STAR
    return Thing(
        kind=kind,
        catalogue=printable(one.catalogue or one.source, 24),
        name="" if name.isdigit() else name,
        arcsec=arcsec,
        east=at[0],
        north=at[1],
        mag=mag,
        band=band if mag is not None else "",
        z=None if is_star else z,
        z_is_photometric=is_photometric,
        motion=host_facts.motion_towards(one.extra) or host_facts.proper_motion(one.extra),
        ellipse=None if is_star else _ellipse(one.major_axis_arcsec, one.extra),
        words=printable(one.object_type, 24),
        matcher=one.source,
        is_here=arcsec is None and not _is_wide(one),
    )


def _is_wide(one: StoredMatch) -> bool:
    """Tell whether a matcher that says no separation looked further than at the place."""
    return one.source == "mangrove" or one.catalogue in WITHIN_A_MINUTE


def _ellipse(arcsec: float | None, extra: Mapping[str, Any]) -> Ellipse | None:
    if arcsec is None or not arcsec > 0:
        return None
    known = {name.casefold(): value for name, value in extra.items() if type(value) in (int, float)}
    ratio = next((known[name] for name in _RATIOS if 0 < known.get(name, 0.0) <= 1), None)
    angle = next((known[name] for name in _ANGLES if -360 <= known.get(name, 999.0) <= 360), None)
    return Ellipse(arcsec) if ratio is None or angle is None else Ellipse(arcsec, float(ratio), float(angle))


def _told_as_facts(matches: Sequence[StoredMatch], facts: Mapping[str, float | str]) -> Iterator[Thing]:
    """Sources of which the packet tells in numbers of its own, where no catalogue's entry says as much."""
    score = _number(facts, "star_score")
    if not any(one.star_score is not None for one in matches) and score is not None:
        kind = Kind.STAR if score >= _STAR else Kind.GALAXY if score <= _GALAXY else Kind.SOURCE
        yield Thing(kind, "star score", arcsec=_number(facts, "star_arcsec"), words=f"{score:.2f}")
    gaia = _number(facts, "gaia_arcsec")
    if gaia is not None and not any((one.catalogue or "").startswith("Gaia") for one in matches):
        yield Thing(Kind.STAR, "Gaia", arcsec=gaia, mag=_number(facts, "gaia_mag"), band="G")
    reference = _number(facts, "reference_arcsec")
    if reference is not None:
        yield Thing(Kind.SOURCE, "reference", arcsec=reference, mag=_number(facts, "reference_mag"))


def _number(facts: Mapping[str, float | str], name: str) -> float | None:
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) else None


def _alert(one: NearAlert, is_blind: bool) -> Thing:
    said = [] if one.rank is None else [f"rank {one.rank:.1f}"]
    # Who votes blind here may not read off a twin what others made of it.
    if one.list is not None and not is_blind:
        said.append(title_of(one.list))
    return Thing(
        kind=Kind.ALERT,
        catalogue=survey_word(one.survey),
        name=short_name(one),
        arcsec=math.hypot(one.east_arcsec, one.north_arcsec),
        east=one.east_arcsec,
        north=one.north_arcsec,
        mag=None if one.last_mag is None else abs(one.last_mag),
        letter=letter_of(one.survey),
        words=", ".join(said),
    )


def _solar(around: Surroundings) -> Iterator[Thing]:
    """Objects with their places, if the nearest of them is the one that the facts tell of; else that one."""
    arcsec, name = _number(around.facts, "solar_arcsec"), around.facts.get("solar_name")
    if arcsec is None:
        return
    listed = around.solar_objects
    if not listed or (listed[0].name, listed[0].arcsec) != (name, arcsec):
        # A later packet told of another moment: the list is of the one before.
        listed = (SolarObject(str(name or ""), "", _number(around.facts, "solar_mag"), arcsec, None, None),)
    for one in listed:
        yield Thing(
            kind=Kind.SOLAR,
            catalogue="solar system",
            name=printable(one.name, 40),
            arcsec=one.arcsec,
            east=one.east_arcsec,
            north=one.north_arcsec,
            mag=one.mag,
            band="" if one.mag is None else "V",
            words=printable(one.kind, 24),
        )
