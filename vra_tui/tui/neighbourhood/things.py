"""Everything that is known to stand around one alert, gathered from catalogues, facts and the store."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from vra_tui.domain.hosts import AT_PLACE_ARCSEC, WITHIN_A_MINUTE
from vra_tui.domain.ps1_ids import place_of
from vra_tui.domain.sky import offsets
from vra_tui.store.detail import AlertDetail
from vra_tui.store.near_alerts import NearAlert
from vra_tui.store.surroundings import Neighbour, Surroundings
from vra_tui.text import printable
from vra_tui.tui.alert_names import letter_of, short_name, survey_word
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.context.facts import host_of
from vra_tui.tui.decided import title_of


class Kind(IntEnum):
    """What a thing is, the dearest first: where there is room for one of two, it is the first."""

    HOST = 0
    SOLAR = 1
    ALERT = 2
    STAR = 3
    GALAXY = 4
    SOURCE = 5


#: What a kind is called in the table.
WORDS: Mapping[Kind, str] = {
    Kind.HOST: "host", Kind.SOLAR: "asteroid", Kind.ALERT: "alert", Kind.STAR: "star",
    Kind.GALAXY: "galaxy", Kind.SOURCE: "source",
}  # fmt: skip


@dataclass(frozen=True)
class Ellipse:
    """Half the longest diameter, arcsec; the shortest by the longest; its angle from north through east.

    Where the shape is not known the ratio is 1 and the angle None.
    """

    arcsec: float
    ratio: float = 1.0
    angle: float | None = None


@dataclass(frozen=True)
class Thing:
    """One thing near an alert. Texts are fit for a terminal.

    ``arcsec``: its separation; None where it was matched and nobody said how far away: at the place if
    ``is_here``. ``east`` and ``north``: arcsec from the alert; None where the direction is not known.
    ``motion``: proper motion east and north in mas a year, or its amount alone. ``letter``: of an alert, its
    survey's. ``z_is_photometric``: of ``z``.
    """

    kind: Kind
    catalogue: str
    name: str = ""
    arcsec: float | None = None
    east: float | None = None
    north: float | None = None
    mag: float | None = None
    band: str = ""
    z: float | None = None
    z_is_photometric: bool = False
    motion: tuple[float, float] | float | None = None
    ellipse: Ellipse | None = None
    letter: str = ""
    words: str = ""
    is_here: bool = False

    @property
    def angle(self) -> float | None:
        """Direction from the alert, degrees from north through east, 0 to 360; None where not known."""
        if self.east is None or self.north is None or (self.east == 0.0 and self.north == 0.0):
            return None
        return math.degrees(math.atan2(self.east, self.north)) % 360.0

    @property
    def motion_amount(self) -> float | None:
        """Proper motion, mas a year."""
        return math.hypot(*self.motion) if isinstance(self.motion, tuple) else self.motion


#: A star score from here on is a star's, up to there a galaxy's, as the context has it.
_STAR, _GALAXY = 0.8, 0.2
#: Entries of two catalogues so near each other are one source. ATLAS's pixels have 1.9 arcsec.
_SAME_ARCSEC = 2.0
#: Two separations of one source, of which one tells no direction, differ by no more than this.
_SAME_RING = 0.5
_SAME_MAG = 1.5
#: A direction read from an id must agree with the told separation: alerts scatter around their mean place.
_AGREES_ARCSEC = 2.5
#: Bands in which a magnitude is looked for where a catalogue gives several, the one shown first.
_BANDS = "rigGozyucBVJHK"
#: Characters that the names of a source's catalogues may take together.
_CATALOGUES = 18
_MOTION = (("pmra", "pmdec"), ("pm_ra", "pm_dec"), ("pmra", "pmde"), ("propermotion_ra", "propermotion_dec"))
_RATIOS = ("axis_ratio", "axial_ratio", "b2a", "ba", "sup_ba", "k_ba")
_ANGLES = ("position_angle", "pa", "posang", "sup_phi", "k_phi")
_GALAXY_WORDS = ("galaxy", "agn", "qso", "quasar", "nucle", "blazar", "bll", "seyfert")
_STAR_WORDS = ("star", "rrlyr", "ceph", "binar", "eclbin", "lpv", "mira", "cv*", "yso", "rr", "ea", "ew")


def things_around(detail: AlertDetail, around: Surroundings) -> list[Thing]:
    """What stands around, the nearest first; what tells no separation stands last.

    The order in which catalogues were asked does not matter. Entries of several catalogues on one source are
    one thing, with all catalogues named.
    """
    host = host_of(detail)
    host_position = None if host is None else host.position
    catalogued = _one_of_each(_catalogued(detail, around.neighbours, host_position))
    is_blind = has_hidden_votes(detail.row)
    alerts = [_alert(one, is_blind) for one in around.near_alerts]
    return sorted([*catalogued, *alerts, *_solar(around.facts)], key=_order)


def _order(one: Thing) -> tuple[object, ...]:
    far = math.inf
    return (
        far if one.arcsec is None else one.arcsec, not one.is_here, one.kind, one.catalogue, one.name,
        *(far if value is None else value for value in (one.mag, one.east, one.north, one.z)), one.words,
    )  # fmt: skip


def _catalogued(
    detail: AlertDetail, neighbours: Sequence[Neighbour], host_position: int | None
) -> list[Thing]:
    if not neighbours:
        return []
    ra, dec = _places(neighbours)
    east, north = offsets(ra, dec, detail.row.ra, detail.row.dec)
    found = []
    for one, computed_east, computed_north in zip(neighbours, east.tolist(), north.tolist(), strict=True):
        arcsec = one.separation_arcsec
        if one.east_arcsec is not None and one.north_arcsec is not None:
            at: tuple[float | None, float | None] = (one.east_arcsec, one.north_arcsec)
        elif computed_east == computed_east and _agrees(arcsec, math.hypot(computed_east, computed_north)):
            at = (computed_east, computed_north)
        else:
            at = (None, None)
        if arcsec is None and at[0] is not None and at[1] is not None:
            arcsec = math.hypot(at[0], at[1])
        found.append(_thing(one, arcsec, at, one.position == host_position))
    return found


def _places(neighbours: Sequence[Neighbour]) -> tuple[np.ndarray, np.ndarray]:
    """Right ascension and declination as the catalogues say, or as the ids of Pan-STARRS do."""
    is_ps1 = [one.source == "ps1" or (one.catalogue or "").startswith("PanSTARRS") for one in neighbours]
    ids = [
        one.catalogue_object_id if is_one else None for one, is_one in zip(neighbours, is_ps1, strict=True)
    ]
    ra, dec = place_of(ids)
    for index, one in enumerate(neighbours):
        if one.ra is not None and one.dec is not None:
            ra[index], dec[index] = one.ra, one.dec
    return ra, dec


def _agrees(told: float | None, computed: float) -> bool:
    return told is None or abs(told - computed) <= _AGREES_ARCSEC


def _thing(
    one: Neighbour, arcsec: float | None, at: tuple[float | None, float | None], is_host: bool
) -> Thing:
    mag, band = _magnitude(one)
    kind = _kind(one)
    z, is_photometric = (one.z, False) if one.z is not None else (one.photoz, True)
    number = printable(one.catalogue_object_id, 40)
    return Thing(
        kind=Kind.HOST if is_host and kind is not Kind.STAR else kind,
        catalogue=printable(one.catalogue or one.source, 24),
        name="" if number.isdigit() else number,
        arcsec=arcsec,
        east=at[0],
        north=at[1],
        mag=mag,
        band=band,
        z=None if kind is Kind.STAR else z,
        z_is_photometric=is_photometric,
        motion=_motion(one.numbers),
        ellipse=None if kind is Kind.STAR else _ellipse(one),
        words=printable(one.object_type, 24),
        is_here=arcsec is None and not _is_wide(one),
    )


def _is_wide(one: Neighbour) -> bool:
    """Tell whether a matcher that says no separation looked further than at the place."""
    return one.source == "mangrove" or one.catalogue in WITHIN_A_MINUTE


def _kind(one: Neighbour) -> Kind:
    word = (one.object_type or "").casefold()
    if one.star_score is not None:
        kind = Kind.STAR if one.star_score >= _STAR else Kind.GALAXY if one.star_score <= _GALAXY else None
        return Kind.SOURCE if kind is None else kind
    if any(part in word for part in _GALAXY_WORDS):
        return Kind.GALAXY
    if any(word.startswith(part) for part in _STAR_WORDS) or (one.catalogue or "") in ("VSX", "GCVS"):
        return Kind.STAR
    # Nearly all that Gaia has is stars.
    is_gaia = one.source == "gaia" or (one.catalogue or "").startswith("Gaia")
    return Kind.STAR if is_gaia else Kind.SOURCE


def _magnitude(one: Neighbour) -> tuple[float | None, str]:
    """The magnitude that stands for the source; matchers keep several under keys of their own."""
    band = printable(one.mag_band, 3)
    if one.mag is not None:
        return one.mag, band
    for band in _BANDS:
        for key in (f"{band}_mag", f"field_{band}", band, band.casefold() if band in "JHK" else ""):
            value = one.numbers.get(key)
            if value is not None and 0 < value < 40:
                return value, band
    return None, ""


def _motion(numbers: Mapping[str, float]) -> tuple[float, float] | float | None:
    """Proper motion in mas a year, under the names that catalogues write it by."""
    if not numbers:
        return None
    # Brokers put the catalogue before the name: gaiadr3_pmRA.
    known = {name.casefold().removeprefix("gaiadr3_"): value for name, value in numbers.items()}
    for east, north in _MOTION:
        if east in known and north in known:
            return known[east], known[north]
    return known.get("pm")


def _ellipse(one: Neighbour) -> Ellipse | None:
    size = one.major_axis_arcsec
    if size is None or not size > 0:
        return None
    known = {name.casefold(): value for name, value in one.numbers.items()}
    ratio = next((known[name] for name in _RATIOS if 0 < known.get(name, 0.0) <= 1), None)
    angle = next((known[name] for name in _ANGLES if -360 <= known.get(name, 999.0) <= 360), None)
    return Ellipse(size) if ratio is None or angle is None else Ellipse(size, ratio, angle)


def _one_of_each(found: Sequence[Thing]) -> list[Thing]:
    """Entries of several catalogues on one source as one thing, whichever came first."""
    leaders: list[list[Thing]] = []
    for one in sorted(found, key=_order_of_leaders):
        near = [group for group in leaders if _is_same(group, one)]
        if near:
            min(near, key=lambda group: (_gap(group[0], one), *_order(group[0]))).append(one)
        else:
            leaders.append([one])
    return [_joined(group) for group in leaders]


def _order_of_leaders(one: Thing) -> tuple[object, ...]:
    """What has a place leads; then the host, and what has a size."""
    return (one.east is None, one.kind is not Kind.HOST, one.ellipse is None, *_order(one))


def _gap(one: Thing, other: Thing) -> float:
    if one.arcsec is None or other.arcsec is None:
        return math.inf
    if None in (one.east, one.north, other.east, other.north):
        return abs(one.arcsec - other.arcsec)
    return math.hypot(one.east - other.east, one.north - other.north)  # type: ignore[operator]


def _is_same(group: Sequence[Thing], one: Thing) -> bool:
    """Tell whether an entry is of the source of a group; two entries of one catalogue are two sources."""
    first = group[0]
    if one.catalogue in {thing.catalogue for thing in group}:
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
    rest = sorted(group[1:], key=_order)
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
    return text if len(text) <= _CATALOGUES else f"{first} +{len(others)}"


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


def _solar(facts: Mapping[str, float | str]) -> Iterator[Thing]:
    arcsec, mag = facts.get("solar_arcsec"), facts.get("solar_mag")
    if isinstance(arcsec, int | float):
        has_mag = isinstance(mag, int | float)
        yield Thing(
            kind=Kind.SOLAR,
            catalogue="solar system",
            name=printable(facts.get("solar_name"), 40),
            arcsec=float(arcsec),
            mag=float(mag) if has_mag else None,  # type: ignore[arg-type]
            band="V" if has_mag else "",
        )
