"""Say of a catalogued source what a scanner asks: brightness, colour, luminosity, parallax, motion."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from vra_tui.domain.bands import BANDS, band
from vra_tui.domain.distance import absolute_magnitude, modulus_of_distance
from vra_tui.domain.extinction import extinction

#: Within so many arcsec of the centre an event is nuclear, or within this share of the width of the image.
NUCLEAR_ARCSEC, NUCLEAR_SHARE = 0.5, 0.25
#: r magnitude of a galaxy of L*, H0 = 70 km/s/Mpc: -20.44 + 5 log10(0.7) (Blanton et al. 2003, ApJ 592, 819).
STAR_LUMINOSITY_R = -21.21
#: A motion or parallax stands out that is so many times its error.
SIGNIFICANT = 5.0

#: Bands in which a host's magnitude is told, the most telling first.
_TOLD = ("r", "i", "g", "z", "o", "c", "R", "V", "G", "Ks", "J", "H")
#: Colours that are told, the most telling first.
_COLOURS = (("g", "r"), ("g", "i"), ("r", "i"), ("c", "o"), ("B", "V"), ("BP", "RP"), ("J", "Ks"))
#: Bands by the keys that Sherlock, ZTF's packets and brokers write their magnitudes under. Sherlock's `r`
#: without a prefix is what a catalogue has, Johnson's or another: it is left out.
_BAND_OF_KEY: Mapping[str, str] = MappingProxyType(
    {
        **{key.format(name): name for key in ("field_{}", "{}_mag", "{}mag", "mag_{}") for name in BANDS},
        **{"j": "J", "h": "H", "k": "Ks"},
    }
)
_BRIGHTEST, _FAINTEST = -2.0, 35.0
#: No catalogue's number.
_HUGE = 1e30
_PARALLAX = (("plx", "e_plx"), ("gaiadr3_plx", "gaiadr3_e_plx"), ("parallax", "parallax_error"))
_MOTION = tuple(
    (f"{prefix}pm{gap}ra", f"{prefix}pm{gap}{dec}")
    for prefix in ("", "gaiadr3_")
    for gap in ("", "_")
    for dec in ("dec", "de")
)


def magnitudes(mag: float | None, mag_band: str | None, extra: Mapping[str, Any]) -> dict[str, float]:
    """Magnitudes of a source by the names of `domain.bands`; what is no magnitude is left out.

    ``mag``, ``mag_band``: the one that the survey gave with the match; ``extra``: the other keys it gave.
    """
    found: dict[str, float] = {}
    for key, value in extra.items():
        name = _BAND_OF_KEY.get(key)
        if name is not None and name not in found:
            known = _magnitude(value)
            if known is not None:
                found[name] = known
    known = _magnitude(mag)
    if known is not None:
        found[band(mag_band).name or "?"] = known
    return found


def told_magnitude(known: Mapping[str, float]) -> tuple[str, float] | None:
    """The band and the magnitude by which a source is told; None where there is none."""
    return next(((name, known[name]) for name in (*_TOLD, *known) if name in known), None)


def colour(known: Mapping[str, float], ebv: float | None) -> tuple[str, float] | None:
    """A colour and its name, ``g-r``, less the dust of our Galaxy, E(B-V) ``ebv`` (None: none taken off)."""
    for blue, red in _COLOURS:
        if blue in known and red in known:
            dust = 0.0 if ebv is None else ebv * (BANDS[blue].extinction - BANDS[red].extinction)
            return f"{blue}-{red}", known[blue] - known[red] - dust
    return None


def luminosity(known: Mapping[str, float], mpc: float, ebv: float | None) -> float | None:
    """Light of a galaxy in r, in units of L*; None without r. No K correction."""
    if "r" not in known:
        return None
    dust = 0.0 if ebv is None else extinction(ebv, "r")
    absolute = float(absolute_magnitude(known["r"], modulus_of_distance(mpc), dust))
    return 10.0 ** (-0.4 * (absolute - STAR_LUMINOSITY_R)) if math.isfinite(absolute) else None


def is_nuclear(separation_arcsec: float, fwhm_arcsec: float | None) -> bool:
    """Tell whether an event lies in the centre of its host, as far as an image of that width can tell."""
    return separation_arcsec < max(NUCLEAR_ARCSEC, NUCLEAR_SHARE * (fwhm_arcsec or 0.0))


def parallax(extra: Mapping[str, Any]) -> tuple[float, float] | None:
    """Parallax and its error, mas, where it stands out of it: the source is of our Galaxy."""
    known = _by_small_letters(extra)
    for name, error_name in _PARALLAX:
        value, error = _number(known.get(name)), _number(known.get(error_name))
        if value is not None and error is not None and 0 < SIGNIFICANT * error <= value:
            return value, error
    return None


def motion_towards(extra: Mapping[str, Any]) -> tuple[float, float] | None:
    """Proper motion east (with cos dec) and north, mas a year, where a catalogue has both."""
    known = _by_small_letters(extra)
    for east_name, north_name in _MOTION:
        east, north = _number(known.get(east_name)), _number(known.get(north_name))
        if east is not None and north is not None:
            return east, north
    return None


def proper_motion(extra: Mapping[str, Any]) -> float | None:
    """Proper motion in mas a year where the catalogue has it."""
    both = motion_towards(extra)
    if both is not None:
        return math.hypot(*both)
    total = _number(_by_small_letters(extra).get("pm"))
    return total if total is not None and total > 0 else None


def _by_small_letters(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in extra.items()}


def _number(value: object) -> float | None:
    # Compared, not converted: a packet's whole number may have more digits than a float holds.
    is_known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE
    return float(value) if is_known else None  # type: ignore[arg-type]


def _magnitude(value: object) -> float | None:
    known = _number(value)
    return known if known is not None and _BRIGHTEST < known < _FAINTEST else None
