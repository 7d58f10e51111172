"""A light curve as numbers in JSON, and the picture of such numbers as SVG."""

import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from vra_tui.domain.bands import band
from vra_tui.domain.light_curve import LightCurve

#: What tells such a text from any other.
MARK = "vra light curve 1"
#: Size of the picture, pixels, and of the frame around the points: left, top, right, bottom.
_WIDTH, _HEIGHT = 420, 180
_LEFT, _TOP, _RIGHT, _BOTTOM = 38, 8, 8, 22
#: Epochs drawn at most; of more, the latest.
_MOST = 3_000
#: Colours of the xterm palette's cube and greys, as hexadecimal digits.
_CUBE = (0, 95, 135, 175, 215, 255)


def curve_json(curve: LightCurve, bands: Mapping[int, str]) -> str:
    """Detections (MJD, magnitude as delivered, its error, band) and limits (MJD, magnitude, band) as JSON.

    ``bands``: names by the store's codes. NaN is null.
    """
    seen, missed = curve.detections, curve.nondetections
    points = zip(
        seen.mjd.tolist(), seen.mag.tolist(), seen.magerr.tolist(), seen.records["band"].tolist(), strict=True
    )
    limits = zip(missed.mjd.tolist(), missed.limit.tolist(), missed.records["band"].tolist(), strict=True)
    return json.dumps(
        {
            "about": MARK,
            "detections": [
                [mjd, _number(mag), _number(error), bands.get(code, "?")] for mjd, mag, error, code in points
            ],
            "limits": [[mjd, _number(mag), bands.get(code, "?")] for mjd, mag, code in limits],
        }
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def curve_svg(text: str) -> str | None:
    """The picture of what `curve_json` wrote; None where the text is anything else."""
    if MARK not in text[:64]:
        return None
    try:
        found = json.loads(text)
        points = [_point(row) for row in found["detections"][-_MOST:] if row[1] is not None]
        limits = [_limit(row) for row in found["limits"][-_MOST:] if row[1] is not None]
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    if not points and not limits:
        return "<i>no epochs</i>"
    return _drawn(points, limits)


def _point(row: Sequence[Any]) -> tuple[float, float, float, str, bool]:
    """MJD, magnitude, error, band, and whether the flux is positive."""
    mjd, mag, error, name = row
    return float(mjd), abs(float(mag)), float(error or 0.0), str(name), float(mag) > 0


def _limit(row: Sequence[Any]) -> tuple[float, float, str]:
    mjd, mag, name = row
    return float(mjd), float(mag), str(name)


def _drawn(
    points: list[tuple[float, float, float, str, bool]], limits: list[tuple[float, float, str]]
) -> str:
    times = [one[0] for one in points] + [one[0] for one in limits]
    mags = [one[1] for one in points or limits]
    first, last = min(times), max(max(times), min(times) + 0.5)
    # A bright night's limits would press the points together: what is shallower than all of them is left out.
    bright = min(mags) - 0.5
    limits = [one for one in limits if one[1] > bright]
    faint = max([*mags, *(one[1] for one in limits)]) + 0.2
    across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(mjd: float) -> float:
        return round(_LEFT + across * (mjd - first) / (last - first), 1)

    def y(mag: float) -> float:
        return round(_TOP + down * (mag - bright) / (faint - bright), 1)

    parts = [
        f'<rect x="{_LEFT}" y="{_TOP}" width="{across}" height="{down}" fill="none" stroke="#999"/>',
        *(
            f'<text x="{_LEFT - 4}" y="{y(mag) + 3}" text-anchor="end">{mag:.1f}</text>'
            for mag in (bright + 0.5, faint - 0.2)
        ),
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">MJD {first:.1f}</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}" text-anchor="end">{last:.1f}</text>',
    ]
    for mjd, mag, name in limits:
        place = f"M{x(mjd) - 2},{y(mag)}h4m-2,0v4"
        parts.append(f'<path d="{place}" stroke="{_colour(name)}" opacity="0.45" fill="none"/>')
    for mjd, mag, error, name, is_positive in points:
        at, colour = (x(mjd), y(mag)), _colour(name)
        fill = colour if is_positive else "none"
        bar = f"M{at[0]},{y(mag - error)}V{y(mag + error)}"
        parts.append(f'<path d="{bar}" stroke="{colour}"/>')
        title = f"MJD {mjd:.4f}, {html.escape(name)} {mag:.2f} ± {error:.2f}"
        parts.append(
            f'<circle cx="{at[0]}" cy="{at[1]}" r="2.5" stroke="{colour}" fill="{fill}">'
            f"<title>{title}</title></circle>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'style="font: 10px sans-serif">{"".join(parts)}</svg>'
    )


def _colour(name: str) -> str:
    """The band's colour on a light ground."""
    code = band(name).light
    if code < 16:
        return "#222"
    if code >= 232:
        return "#" + f"{8 + 10 * (code - 232):02x}" * 3
    cube = code - 16
    return "#" + "".join(f"{_CUBE[part]:02x}" for part in (cube // 36, cube // 6 % 6, cube % 6))
