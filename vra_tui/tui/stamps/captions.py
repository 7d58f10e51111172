"""Words below stamps: which image, band and age, the scale, the strength of the detection."""

import math
from collections.abc import Sequence

from vra_tui.store.stamp_bytes import StampEpoch
from vra_tui.text import printable
from vra_tui.tui.spans import Line, fit, width_of
from vra_tui.tui.times import ago

#: Names of the pictures, whole and short.
_NAMES = {
    "science": ("science", "sci"),
    "template": ("template", "tmpl"),
    "difference": ("difference", "diff"),
    "context": ("field", "fld"),
}
#: Lengths of scale bars, arcsec.
_BARS = (0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600)


def scale_bar(arcsec: float, columns: int, *, ascii: bool = False) -> str:
    """A bar of a whole number of arcsec with its length, in at most ``columns``; "" where none fits.

    ``arcsec``: what one column is.
    """
    if not (math.isfinite(arcsec) and arcsec > 0.0):
        return ""
    for length in reversed(_BARS):
        cells = round(length / arcsec)
        text = f"{length:g}{chr(34) if ascii else '″'}"
        if cells >= 3 and cells + 1 + len(text) <= columns:
            ends, line = ("||", "-") if ascii else ("├┤", "─")
            return f"{ends[0]}{line * (cells - 2)}{ends[1]} {text}"
    return ""


def caption(kind: str, rights: Sequence[str], width: int, whose: str = "") -> Line:
    """Name of a picture on the left, the longest of ``rights`` that has room on the right.

    ``whose``: the other survey whose picture it is.
    """
    long, short = _NAMES.get(kind, (kind, kind))
    if whose:
        long, short = (f"{printable(whose, 5)} {name}" for name in (long, short))
    for right in (*rights, ""):
        for name in (long, short):
            if len(name) + len(right) + (1 if right else 0) <= width:
                return [(name, "text"), (fit(right, width - len(name), right=True), "dim")]
    return [(fit(short, width), "text")]


def exposure_words(epoch: StampEpoch, now_mjd: float, place: str) -> list[str]:
    """Band and age of an exposure, and which of several it is, from long to short."""
    band = printable(epoch.band, 4)
    age = ago(epoch.mjd, now_mjd)
    mag = f" {epoch.mag:.1f}" if math.isfinite(epoch.mag) and band else ""
    comma = ", " if band else ""
    told = [f"{band}{mag}{comma}{age}", f"{band}{comma}{age}", f"{band} {age}", band]
    placed = [f"{one} {place}" for one in told[:3]] if place else []
    return [one.strip() for one in (*placed, *told)]


def strength(epoch: StampEpoch, *, ascii: bool = False) -> str:
    """Signal to noise of the detection, with a minus for a negative one."""
    if not math.isfinite(epoch.sigma):
        return ""
    sign = ("-" if ascii else "−") if epoch.sigma < 0 else ""
    return f"{sign}{min(abs(epoch.sigma), 9_999):.0f}{' sigma' if ascii else 'σ'}"


def side_by_side(captions: Sequence[Line], columns: int, width: int) -> Line:
    """Captions under pictures of ``columns`` each with one blank between, in ``width``."""
    line: Line = []
    for at, one in enumerate(captions):
        if at:
            line.append((" ", "text"))
        line += one
        short = columns - width_of(one)
        if short > 0:
            line.append((" " * short, "text"))
    return line if width_of(line) <= width else line[:]
