"""Read a position on the sky from the text in which people write or paste it."""

import math
import re
import warnings
from typing import NamedTuple

#: The radius around a position that names none, arcseconds.
RADIUS_ARCSEC = 10.0
#: No position is written in more characters than this.
_LONGEST = 200

_SIGNS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-", "\u2032": "'", "\u2019": "'", "\u2033": '"',
     "\u201d": '"', "\u201c": '"', "\u00b0": "d", "\u00ba": "d", "\u03b1": " ra ", "\u03b4": " dec ",
     "\u02b0": "h", "\u1d50": "m", "\u02e2": "s", "\u00a0": " "}
)  # fmt: skip
#: What is written around the numbers and changes nothing.
_LABELS = re.compile(
    r"""\b(?:right[ ]ascension|declination|(?:ra|decl?)_?deg|mean_?(?:ra|dec)|r\.a\.|ra|decl?\.?|de)
        (?![a-z])(?:\s*\((?:j2000(?:\.0)?|icrs|deg|degrees|hms|dms|[hd])\))?\s*[=:]?
    | \b(?:j2000(?:\.0)?|icrs|fk5)\b | [][(){};&?|] """,
    re.VERBOSE,
)
# Two parts alone need a colon: with a blank `10 12.5 5` would be no position with a radius any more.
_SEXAGESIMAL = (
    r"(?:\d{1,3}(?:\s*:\s*|\s+)\d{1,2}(?:\s*:\s*|\s+)\d{1,2}(?:\.\d*)?|\d{1,3}\s*:\s*\d{1,2}(?:\.\d*)?)"
)
_HOURS = r"""\d{1,2}\s*h\s*\d{1,2}\s*(?:m|')\s*\d{1,2}(?:\.\d*)?\s*(?:s|"|'')?"""
_DEGREES = r"""\d{1,3}\s*d\s*\d{1,2}\s*(?:m|')\s*\d{1,2}(?:\.\d*)?\s*(?:s|"|'')?"""
_DECIMAL = r"\d{1,3}(?:\.\d*)?"
_PAIR = re.compile(
    rf"""(?P<ra>{_HOURS}|{_DEGREES}|{_SEXAGESIMAL}|{_DECIMAL}\s*(?:d(?:eg)?\b)?)
    (?:\s*,\s*|\s+|(?=[-+]))
    (?P<dec>[-+]?\s*(?:{_DEGREES}|{_SEXAGESIMAL}|{_DECIMAL}\s*(?:d(?:eg)?\b)?))""",
    re.VERBOSE,
)
_RADIUS = re.compile(
    r"""(?:r(?:adius)?\s*[=:]\s*)?(?P<radius>\d+(?:\.\d*)?)
    \s*(?P<unit>"|'|arcsec(?:onds?)?|arcmin(?:utes?)?|deg(?:rees?)?|d)?""",
    re.VERBOSE,
)
#: Whether a text may be a position at all: importing astropy to hear that it is none takes half a second.
_PLAUSIBLE = re.compile(r"""j?[-+]?\d[-+\d.:,\s'"hmsdradegpci]*""")


class Position(NamedTuple):
    """A place on the sky, degrees (ICRS), and how far around it is meant, arcseconds."""

    ra: float
    dec: float
    radius_arcsec: float = RADIUS_ARCSEC


def parse_position(text: str) -> Position | None:
    """The position that a text gives; None when it gives none.

    Hours or degrees: `12:34:56.7 +12:34:56`, `12 34 56.7 12 34 56`, `12h34m56.7s, +12d34m56s`, `188.7 12.58`,
    `ra=188.7 dec=12.58`, `J123456.7+123456`, and what else `astropy.coordinates` reads. Sexagesimal right
    ascension is in hours, unless its unit says degrees; decimal right ascension is in degrees. A number
    behind it is a radius: `10"`, `0.5'`, `r=5`.
    """
    if len(text) > _LONGEST or not any(char.isdigit() for char in text):
        return None
    plain = re.sub(r'"(?=\s*[a-z])|(?<=[a-z])"', " ", text.translate(_SIGNS).lower())
    bare = " ".join(_LABELS.sub(" ", plain).split()).strip(" ,;=")
    found = _PAIR.match(bare)
    behind = None if found is None else bare[found.end() :].strip(" ,")
    if found is None or (behind and not _RADIUS.fullmatch(behind)):
        return _by_astropy(bare)
    return _of_parts(found["ra"], found["dec"], _radius(behind or ""))


def _radius(text: str) -> float:
    """The radius in arcseconds that stands behind a position."""
    found = _RADIUS.fullmatch(text)
    if found is None:
        return RADIUS_ARCSEC
    unit = found["unit"] or ""
    scale = 60.0 if unit == "'" or unit.startswith("arcm") else 3600.0 if unit.startswith("d") else 1.0
    return float(found["radius"]) * scale


def _of_parts(first: str, second: str, radius: float) -> Position | None:
    """The position of both coordinates' texts; None where it is not on the sky."""
    ra, dec = _angle(first), _angle(second)
    if ra is None or dec is None:
        return None
    in_hours = "d" not in first and len(re.findall(r"\d+(?:\.\d*)?", first)) > 1
    return _checked(ra * (15.0 if in_hours else 1.0), dec, radius)


def _angle(text: str) -> float | None:
    """The number that parts of sixty make; None where a part is sixty or more."""
    parts = [float(part) for part in re.findall(r"\d+(?:\.\d*)?", text)]
    if any(part >= 60.0 for part in parts[1:]):
        return None
    value = sum(part / 60.0**power for power, part in enumerate(parts))
    return -value if text.lstrip().startswith("-") else value


def _by_astropy(text: str) -> Position | None:
    if not _PLAUSIBLE.fullmatch(text) or len(re.findall(r"\d", text)) < 4 or text.isdigit():
        return None
    from astropy.coordinates import SkyCoord
    from astropy.units import UnitsError, deg, hourangle

    is_decimal = len(text.split()) <= 2 and re.match(r"[-+]?\d+(?:\.\d*)?[\s,]", text) is not None
    try:
        with warnings.catch_warnings(action="error"):  # 24 h and 60 m are taken, with a warning
            place = SkyCoord(
                text.upper() if text.startswith("j") else text, unit=(deg if is_decimal else hourangle, deg)
            )
    except (ValueError, UnitsError, TypeError, IndexError, Warning):
        return None
    if not place.isscalar:
        return None
    return _checked(float(place.ra.deg), float(place.dec.deg), RADIUS_ARCSEC)


def _checked(ra: float, dec: float, radius: float) -> Position | None:
    if not (0.0 <= ra < 360.0 and -90.0 <= dec <= 90.0 and math.isfinite(radius)):
        return None
    return Position(ra, dec, radius)
