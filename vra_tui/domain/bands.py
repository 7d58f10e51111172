"""Bands by name: wavelength, extinction coefficient, neighbours for colours, and signs on the screen.

Sources of the numbers, a table of them all and how those without a published value were worked out:
docs/sky.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, nan
from types import MappingProxyType

from vra_tui.text import printable

#: Families: bands of one family have colours with each other.
SLOAN, ATLAS, WIDE, JOHNSON, GAIA, INFRARED = "sloan", "atlas", "wide", "johnson", "gaia", "infrared"

_LONGEST_NAME = 24


@dataclass(frozen=True)
class Band:
    """A filter.

    ``wavelength_nm``: effective. ``extinction``: A / E(B-V) of SFD, recalibrated (SF11). Both NaN where
    unknown. ``family``: whose colours it has part in, "" for none. ``sign``: one cell wide. ``dark``,
    ``light``: its xterm-256 colour on a ground that is dark, that is light. ``source``: of the coefficient.
    """

    name: str
    wavelength_nm: float = nan
    extinction: float = nan
    family: str = ""
    sign: str = "+"
    dark: int = 248
    light: int = 242
    source: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the band has a wavelength: what has none stands in no colour and no rate."""
        return not isnan(self.wavelength_nm)


_SF11_LSST = "SF11 table 6, LSST"
_SF11_PS1 = "SF11 table 6, PS1"
_SF11_LANDOLT = "SF11 table 6, Landolt"
_SF11_2MASS = "SF11 table 6, 2MASS"
_BAND_PASS = "law of SF11 over 420-650 nm and 560-820 nm"
_PIVOT = "law of SF11 at the pivot wavelength"

#: Every band the program knows, by name. Case matters: ``R`` is not ``r``.
BANDS: Mapping[str, Band] = MappingProxyType(
    {
        one.name: one
        for one in (
            Band("u", 369.3, 4.145, SLOAN, "▼", 63, 54, _SF11_LSST),
            Band("g", 479.7, 3.237, SLOAN, "●", 42, 29, _SF11_LSST),
            Band("r", 619.6, 2.273, SLOAN, "■", 166, 124, _SF11_LSST),
            Band("i", 751.5, 1.684, SLOAN, "▲", 218, 126, _SF11_LSST),
            Band("z", 866.4, 1.323, SLOAN, "◆", 229, 58, _SF11_LSST),
            Band("y", 971.0, 1.088, SLOAN, "★", 250, 240, _SF11_LSST),
            Band("c", 533.0, 2.80, ATLAS, "○", 39, 33, _BAND_PASS),
            Band("o", 679.0, 1.97, ATLAS, "◇", 214, 136, _BAND_PASS),
            Band("w", 624.1, 2.341, WIDE, "□", 255, 16, _SF11_PS1),
            Band("U", 350.8, 4.334, JOHNSON, "U", 63, 54, _SF11_LANDOLT),
            Band("B", 432.9, 3.626, JOHNSON, "B", 39, 33, _SF11_LANDOLT),
            Band("V", 542.2, 2.742, JOHNSON, "V", 42, 29, _SF11_LANDOLT),
            Band("R", 642.8, 2.169, JOHNSON, "R", 166, 124, _SF11_LANDOLT),
            Band("I", 804.8, 1.505, JOHNSON, "I", 218, 126, _SF11_LANDOLT),
            Band("BP", 511.0, 2.97, GAIA, "b", 39, 33, _PIVOT),
            Band("G", 621.8, 2.25, GAIA, "G", 255, 16, _PIVOT),
            Band("RP", 776.9, 1.59, GAIA, "p", 166, 124, _PIVOT),
            Band("J", 1241.0, 0.723, INFRARED, "J", 229, 58, _SF11_2MASS),
            Band("H", 1651.4, 0.460, INFRARED, "H", 214, 136, _SF11_2MASS),
            Band("Ks", 2165.6, 0.310, INFRARED, "K", 250, 240, _SF11_2MASS),
        )
    }
)

# What surveys and catalogues write before or after a band's letter, and which bands each of them has. Within
# them case may be careless: ZTF's "G" can be nothing but g.
_SLOAN_BANDS, _JOHNSON_BANDS = "u g r i z y".split(), "U B V R I".split()
_PREFIXES: Mapping[str, list[str]] = MappingProxyType(
    {
        **dict.fromkeys(
            "lsst lsstcam lsstcomcam comcam rubin decam des hsc sdss sloan skymapper".split(), _SLOAN_BANDS
        ),
        "ztf": "g r i".split(),
        **dict.fromkeys("ps1 ps panstarrs panstarrs1 gpc1".split(), "g r i z y w".split()),
        "atlas": "c o w".split(),
        **dict.fromkeys("gaia gaia2 gaia2r gaia3 gaia3e".split(), "G BP RP".split()),
        **dict.fromkeys("johnson bessell bessel cousins landolt".split(), _JOHNSON_BANDS),
        "2mass": "J H Ks".split(),
    }
)
_LONGEST_FIRST = tuple(sorted(_PREFIXES, key=len, reverse=True))

# Names that are no letter, whatever their case.
_WORDS: Mapping[str, str] = MappingProxyType({"cyan": "c", "orange": "o"})
# Other spellings, to the letter: K short for Ks, Gaia's, ZTF's in its public light curves.
_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        **{"K": "Ks", "K_s": "Ks", "Y": "y", "zg": "g", "zr": "r", "zi": "i"},
        **dict.fromkeys("GBP Gbp gbp".split(), "BP"),
        **dict.fromkeys("GRP Grp grp".split(), "RP"),
    }
)
_SEPARATORS = re.compile(r"[\s_:.\-/'\u2032]+")
_BAND_WORD = re.compile(r"[\s_:.\-/]*(?:band|filter)$|^(?:band|filter)[\s_:.\-/]+", re.IGNORECASE)


def band(name: object, own: Mapping[str, Band] | None = None) -> Band:
    """The band of a name as strangers write it: ``g``, ``cyan``, ``ZTF_g``, ``ps1::g``, ``g-ZTF``, ``lsstg``.

    ``own``: the bands of a survey that overrules these, or has more. An unknown name gives a band of that
    name, fit for a terminal, of which nothing is known. Nothing is guessed: a bare ``rp``, which is Gaia's
    for some and Sloan's for others, stays unknown. None and NaN give a band without a name.
    """
    if isinstance(name, float) and isnan(name):
        name = None
    text = name if isinstance(name, str) else printable(name)
    known = BANDS if own is None else {**BANDS, **own}
    if text in known:
        return known[text]
    shown = printable(text, _LONGEST_NAME)
    found = _resolved(shown, known)
    return known[found] if found else Band(shown)


def _resolved(text: str, known: Mapping[str, Band]) -> str | None:
    if text in known:
        return text
    # "SLOAN/SDSS.g": the name of a filter service, facility first.
    short = _BAND_WORD.sub("", text.rsplit("/", 1)[-1])
    compact = _SEPARATORS.sub("", short)
    for spelling in (short, compact):
        if spelling in known:
            return spelling
        alias = _SPELLINGS.get(spelling) or _WORDS.get(spelling.casefold())
        if alias in known:
            return alias
    folded = compact.casefold()
    for survey in _LONGEST_FIRST:
        if folded.startswith(survey):
            rest = compact[len(survey) :]
        elif folded.endswith(survey):
            rest = compact[: -len(survey)]
        else:
            continue
        found = _of_survey(rest, _PREFIXES[survey])
        if found in known:
            return found
    return None


def _of_survey(letter: str, bands: list[str]) -> str | None:
    """The band that a letter means among the bands of one survey."""
    letter = _SPELLINGS.get(letter, letter)
    if letter in bands:
        return letter
    word = _WORDS.get(letter.casefold(), letter)
    matches = [one for one in bands if one.casefold() == word.casefold()]
    return matches[0] if len(matches) == 1 else None


def colour_pairs(names: Iterable[str], own: Mapping[str, Band] | None = None) -> list[tuple[Band, Band]]:
    """The colours that bands give: neighbours in wavelength within each family, the bluer one first.

    Of all of Rubin's and ATLAS's bands: u-g, g-r, r-i, i-z, z-y, c-o. A band that is not there leaves its
    neighbours to each other: of g and i alone, g-i. Names that mean one band count once; unknown ones have no
    colour.
    """
    bands = {band(name, own) for name in names}
    in_order = sorted((one for one in bands if one.is_known and one.family), key=_by_wavelength)
    families: dict[str, list[Band]] = {}
    for one in in_order:
        families.setdefault(one.family, []).append(one)
    pairs = [pair for family in families.values() for pair in pairwise(family)]
    return sorted(pairs, key=lambda pair: _by_wavelength(pair[0]))


def _by_wavelength(one: Band) -> tuple[float, str]:
    return one.wavelength_nm, one.name
