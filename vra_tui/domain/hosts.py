"""Choose the host of an alert among the catalogued sources near it, by one rule.

Surveys and brokers list what lies near in ways of their own: Sherlock weighs all catalogues and puts the best
first, ZTF sends the three nearest of PS1 and two of Gaia, Fink sends what other catalogues have at the place,
often without a separation. `choose_hosts` is the one rule for all of them; docs/features.md has it in words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class HostKind(IntEnum):
    """What the best match of an alert is. UNKNOWN: nobody looked or said; NONE: nothing is there."""

    UNKNOWN = 0
    NONE = 1
    GALAXY = 2
    STAR = 3
    AGN = 4
    CV = 5


#: What lies within so many arcsec of the alert is the source itself, as far as catalogues can tell.
AT_PLACE_ARCSEC = 1.5
#: A galaxy farther away is no host where one as bright stands as near by chance more often than this.
MOST_CHANCE = 0.1
#: Fink's match with MANGROVE lies within an arcminute, it does not say where: chance of one of its 800,000
#: galaxies (Ducoin et al. 2020) there.
_MANGROVE_CHANCE = 0.017
#: Other matches within so many arcsec are near.
NEAR_ARCSEC = 10.0


@dataclass(frozen=True, eq=False)
class NearSources:
    """Catalogued sources near n alerts, one row each, in the order of ``owner`` and position in its list.

    ``owner``: the row of the alert, int64, shape (m,) as all columns. Texts are "" where not told:
    ``matcher`` (`CatalogueMatch.source`), ``catalogue``, ``association_type``, ``object_type``. Numbers
    as in `domain.alert.CatalogueMatch`, NaN where not told; ``colour``: g-r.
    """

    owner: Ints
    matcher: NDArray[np.str_]
    catalogue: NDArray[np.str_]
    association_type: NDArray[np.str_]
    object_type: NDArray[np.str_]
    separation_arcsec: Floats
    north_arcsec: Floats
    east_arcsec: Floats
    z: Floats
    photoz: Floats
    distance_mpc: Floats
    direct_distance_mpc: Floats
    major_axis_arcsec: Floats
    mag: Floats
    colour: Floats
    star_score: Floats

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, rows: Bools | Ints) -> "NearSources":
        """Some of the rows."""
        return NearSources(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True, eq=False)
class Hosts:
    """The best match of n alerts, columns of shape (n,), NaN where unknown; see `NearSources`.

    ``kind``: codes of `HostKind`. ``n_other_near``: other matches within `NEAR_ARCSEC`, of the matcher that
    lists most of them; NaN where nobody looked.
    """

    kind: Ints
    separation_arcsec: Floats
    north_arcsec: Floats
    east_arcsec: Floats
    z: Floats
    photoz: Floats
    distance_mpc: Floats
    direct_distance_mpc: Floats
    major_axis_arcsec: Floats
    mag: Floats
    colour: Floats
    n_other_near: Floats


def choose_hosts(near: NearSources, context_class: NDArray[np.str_], looked: Bools) -> Hosts:
    """The best match of each alert.

    1. Sherlock's first: it has weighed all catalogues, sizes and magnitudes already.
    2. Else what stands at the place (`AT_PLACE_ARCSEC`): a star or a core there is what flared, more likely
       than what lies around. Who says what kind of source it is comes before a star score, a star score
       before a bare position; of equals the nearest.
    3. Else the galaxy that is least likely to stand so near by chance (`chance_of_galaxy`), below
       `MOST_CHANCE`: the nearest one would be a faint one in the background too often.

    What the chosen match leaves open, other matches fill in the same order: of one at the place those at the
    place, which are the same source; of a galaxy around those galaxies that tell no separation. A star has no
    redshift and no distance, whatever is written of it.

    ``context_class``: the survey's class by context, "" where there is none, shape (n,); ``looked``: whether
    somebody looked for sources near, shape (n,).
    """
    n = len(context_class)
    told = _by_word(context_class, _class_kind)
    kind, has_word = _kinds(near, told)
    rank, chance = _rank(near, kind, has_word)
    order = np.lexsort((np.arange(len(near)), _nan_last(_apart(near)), chance, rank, near.owner))
    order = order[np.isfinite(rank[order])]
    owner = near.owner[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = owner[1:] != owner[:-1]
    best = np.full(n, -1, dtype=np.int64)
    best[owner[is_first]] = order[is_first]
    has_match = best >= 0
    found = np.where(looked, int(HostKind.NONE), int(HostKind.UNKNOWN))
    # Without a match the class alone may tell what it is.
    found = np.where(told != HostKind.UNKNOWN, told, found)
    found[has_match] = kind[best[has_match]]
    others = _others_near(near, best, looked)
    return Hosts(kind=found, n_other_near=others, **_numbers(near, kind, best, order))


def chance_of_galaxy(separation_arcsec: Floats, mag: Floats) -> Floats:
    """Probability that a galaxy as bright lies as near by chance (Bloom, Kulkarni & Djorgovski 2002).

    With their counts of galaxies brighter than R: 10^(0.33 (R - 24) - 2.44) / (0.33 ln 10) an arcsec².
    """
    density = 10.0 ** (0.33 * (mag - 24.0) - 2.44) / (0.33 * np.log(10.0))
    return -np.expm1(-np.pi * separation_arcsec**2 * density)


def _numbers(near: NearSources, kind: Ints, best: Ints, order: Ints) -> Mapping[str, Floats]:
    """Each number of the chosen match, or of the next one that speaks of the same source."""
    n = len(best)
    chosen = best[near.owner[order]]
    is_here, apart = _is_at_place(near), _apart(near)
    is_sherlock = near.matcher == _SHERLOCK
    same = is_here[order] & is_here[chosen]
    same |= (kind[order] == kind[chosen]) & np.isnan(apart[order])
    # Sherlock has joined the catalogues' words on one source already.
    fills = order[(order == chosen) | (same & ~is_sherlock[order] & ~is_sherlock[chosen])]
    of_best = np.where(best >= 0, kind[best] if len(kind) else 0, 0)
    is_ours = (of_best == HostKind.STAR) | (of_best == HostKind.CV)
    found = {}
    for name in _HOST_NUMBERS:
        values = getattr(near, name)[fills]
        known = ~np.isnan(values)
        column = np.full(n, np.nan)
        # From the last to the first: of several written to one place the last one stays.
        column[near.owner[fills[known]][::-1]] = values[known][::-1]
        found[name] = np.where(is_ours, np.nan, column) if name in _OF_GALAXIES else column
    return found


_HOST_NUMBERS = tuple(one.name for one in fields(Hosts) if one.name not in ("kind", "n_other_near"))
#: What a star of our Galaxy has not, though catalogues write photometric redshifts of stars too.
_OF_GALAXIES = frozenset({"z", "photoz", "distance_mpc", "direct_distance_mpc"})
#: The order in which matches are taken, see `choose_hosts`; what tells no kind is the last resort.
_BY_SHERLOCK, _SPECIAL_WORD, _WORD, _SCORED, _BARE, _AROUND, _UNTOLD = map(float, range(7))
_SHERLOCK, _MANGROVE, _GAIA = "sherlock", "mangrove", "gaia"


def _rank(near: NearSources, kind: Ints, has_word: Bools) -> tuple[Floats, Floats]:
    """The order of matches, infinite for what is no host; and among galaxies around, the chance of each."""
    rank, chance = np.full(len(near), np.inf), np.zeros(len(near))
    apart = _apart(near)
    is_mangrove = near.matcher == _MANGROVE
    is_galaxy = kind == HostKind.GALAXY
    by_chance = np.where(is_mangrove & np.isnan(apart), _MANGROVE_CHANCE, chance_of_galaxy(apart, near.mag))
    around = is_galaxy & (by_chance < MOST_CHANCE)
    rank[around], chance[around] = _AROUND, by_chance[around]
    at_place = _is_at_place(near)
    is_known = kind != HostKind.UNKNOWN
    is_special = is_known & ((kind == HostKind.AGN) | (kind == HostKind.CV))
    scored = ~np.isnan(near.star_score)
    place_rank = np.select(
        [has_word & is_special, has_word, scored & is_known, is_known],
        [_SPECIAL_WORD, _WORD, _SCORED, _BARE],
        default=_UNTOLD,
    )
    rank[at_place], chance[at_place] = place_rank[at_place], 0.0
    is_sherlock = near.matcher == _SHERLOCK
    position = np.arange(len(near)) - _first_of(near.owner)
    rank[is_sherlock], chance[is_sherlock] = _BY_SHERLOCK, position[is_sherlock]
    return rank, chance


def _apart(near: NearSources) -> Floats:
    offset = np.hypot(near.north_arcsec, near.east_arcsec)
    return np.where(np.isnan(near.separation_arcsec), offset, near.separation_arcsec)


def _is_at_place(near: NearSources) -> Bools:
    """What lies at the place of the alert; what tells no separation was looked for there, but for a few."""
    apart = _apart(near)
    is_wide = (near.matcher == _MANGROVE) | np.isin(near.catalogue, WITHIN_A_MINUTE)
    found: Bools = (apart <= AT_PLACE_ARCSEC) | (np.isnan(apart) & ~is_wide)
    return found


def _first_of(owner: Ints) -> Ints:
    """For each row the first row of its owner; owners stand together."""
    starts = np.ones(len(owner), dtype=bool)
    starts[1:] = owner[1:] != owner[:-1]
    found: Ints = np.flatnonzero(starts)[np.cumsum(starts) - 1] if len(owner) else np.empty(0, np.int64)
    return found


def _others_near(near: NearSources, best: Ints, looked: Bools) -> Floats:
    n = len(best)
    matchers, code = np.unique(near.matcher, return_inverse=True)
    is_near = ~(near.separation_arcsec > NEAR_ARCSEC)
    is_near &= np.arange(len(near)) != best[near.owner]
    size = max(len(matchers), 1)
    count = np.bincount(near.owner[is_near] * size + code[is_near], minlength=n * size).reshape(n, size)
    return np.where(looked, count.max(axis=1).astype(np.float64), np.nan)


def _nan_last(values: Floats) -> Floats:
    return np.where(np.isnan(values), np.inf, values)


def _kinds(near: NearSources, told: Ints) -> tuple[Ints, Bools]:
    """Return what each match is, and whether somebody says so in a word."""
    association = _by_word(near.association_type, _class_kind)
    kind = np.where(association != HostKind.UNKNOWN, association, 0)
    is_sherlock = near.matcher == _SHERLOCK
    kind = np.where((kind == 0) & is_sherlock, told[near.owner], kind)
    words = _by_word(near.object_type, _type_kind)
    is_variable = np.isin(near.catalogue, _VARIABLE_STARS) & (near.object_type != "")
    words = np.where((words == 0) & is_variable, int(HostKind.STAR), words)
    variable = _by_word(near.object_type, _variable_kind)
    words = np.where(is_variable & (variable != 0), variable, words)
    kind = np.where(kind == 0, words, kind)
    has_word = (kind != 0) & np.isnan(near.star_score)
    # 0.5 is what classifiers write who cannot tell.
    scored = np.where(near.star_score > 0.5, int(HostKind.STAR), int(HostKind.GALAXY))
    scored = np.where((near.star_score == 0.5) | np.isnan(near.star_score), 0, scored)
    kind = np.where(kind == 0, scored, kind)
    is_gaia = (near.matcher == _GAIA) | (np.char.find(near.catalogue, "Gaia") == 0)
    # Nearly all that Gaia has is stars.
    kind = np.where((kind == 0) & is_gaia, int(HostKind.STAR), kind)
    return kind.astype(np.int64), has_word


def _by_word(words: NDArray[np.str_], kind_of: Callable[[str], HostKind]) -> Ints:
    """The kinds of words, each distinct one looked up once."""
    distinct, code = np.unique(words, return_inverse=True)
    kinds = np.array([int(kind_of(one)) for one in distinct.tolist()] or [0], dtype=np.int64)
    return kinds[code]


def kind_of(
    *, association_type: str, object_type: str, catalogue: str, matcher: str, star_score: float | None
) -> HostKind:
    """What one match is, as `choose_hosts` takes it; texts are "" where not told."""
    kind = _class_kind(association_type)
    if kind == HostKind.UNKNOWN:
        kind = _type_kind(object_type)
        if object_type and catalogue in _VARIABLE_STARS:
            kind = _variable_kind(object_type) or kind or HostKind.STAR
    if kind == HostKind.UNKNOWN and star_score is not None and star_score != 0.5:
        kind = HostKind.STAR if star_score > 0.5 else HostKind.GALAXY
    if kind == HostKind.UNKNOWN and (matcher == _GAIA or catalogue.startswith("Gaia")):
        kind = HostKind.STAR
    return kind


#: Sherlock's classes, of associations and of alerts.
_CLASSES: Mapping[str, HostKind] = MappingProxyType(
    {
        **dict.fromkeys(("SN", "NT"), HostKind.GALAXY),
        **dict.fromkeys(("VS", "BS", "HPMS"), HostKind.STAR),
        "AGN": HostKind.AGN,
        "CV": HostKind.CV,
        "ORPHAN": HostKind.NONE,
    }
)
#: Words of catalogues for what a source is; SIMBAD's types are those that Fink passes on.
_TYPES: Mapping[str, HostKind] = MappingProxyType(
    {
        **dict.fromkeys(
            "galaxy g gal gincl gingroup ginpair brightestcg bcg emg starburstg sbg hii_g hii lsb_g lsb ig "
            "interactingg pairg partofg bluecompg bcompg radiog rg early-typegalaxy late-typegalaxy".split(),
            HostKind.GALAXY,
        ),
        **dict.fromkeys(
            "agn qso quasar blazar bllac bl_lac seyfert seyfert_1 seyfert_2 seyfert1 seyfert2 seyfertgalaxy "
            "sy1 sy2 syg liner".split(),
            HostKind.AGN,
        ),
        **dict.fromkeys("cv cv* cataclyv* cataclysmic nova dwarfnova classicalnova no*".split(), HostKind.CV),
        "star": HostKind.STAR,
    }
)
_VARIABLE_STARS = ("VSX", "GCVS", "SPICY")
#: Catalogues that Fink matches within an arcminute, not at the place.
WITHIN_A_MINUTE = ("3HSP", "4LAC DR3")
#: How types of cataclysmic variables begin in the General Catalogue of Variable Stars and the AAVSO's index.
_CATACLYSMIC = ("UG", "NA", "NB", "NC", "NL", "NR", "CV", "AM", "DQ", "IBWD")


def _class_kind(word: str) -> HostKind:
    # Brokers write several classes with the first the best: "VS/CV".
    return _CLASSES.get(word.replace(",", "/").split("/")[0].strip().upper(), HostKind.UNKNOWN)


def _type_kind(word: str) -> HostKind:
    plain = word.strip().casefold().removesuffix("?").removesuffix("_candidate").removeprefix("candidate_")
    found = _TYPES.get(plain)
    if found is None:
        # SIMBAD marks every kind of star with an asterisk.
        return HostKind.STAR if "*" in word else HostKind.UNKNOWN
    return found


def _variable_kind(word: str) -> HostKind:
    first = word.strip().upper().split("+")[0].split("/")[0].split("|")[0].split(":")[0]
    if first == "N" or first.startswith(_CATACLYSMIC):
        return HostKind.CV
    return _TYPES.get(first.casefold(), HostKind.UNKNOWN)
