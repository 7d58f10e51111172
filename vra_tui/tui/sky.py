"""Positions on the sky as people write them; pure functions, without astropy's half second of imports."""

import math

# Rotation from J2000 equatorial to galactic coordinates: ESA SP-1200 (Hipparcos), volume 1, section 1.5.3.
_GALACTIC = (
    (-0.0548755604, -0.8734370902, -0.4838350155),
    (0.4941094279, -0.4448296300, 0.7469822445),
    (-0.8676661490, -0.1980763734, 0.4559837762),
)


def galactic(ra: float, dec: float) -> tuple[float, float]:
    """Galactic longitude and latitude, degrees, of a J2000 position in degrees."""
    alpha, delta = math.radians(ra), math.radians(dec)
    vector = (
        math.cos(delta) * math.cos(alpha),
        math.cos(delta) * math.sin(alpha),
        math.sin(delta),
    )
    x, y, z = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in _GALACTIC)
    return math.degrees(math.atan2(y, x)) % 360.0, math.degrees(math.asin(max(-1.0, min(1.0, z))))


def sexagesimal(ra: float, dec: float) -> str:
    """``hh:mm:ss.ss ±dd:mm:ss.s`` of a position in degrees."""
    hundredths = round(ra / 15 * 360_000) % (24 * 360_000)
    seconds, hundredths = divmod(hundredths, 100)
    tenths = round(abs(dec) * 36_000)
    arcseconds, tenths = divmod(tenths, 10)
    sign = "-" if dec < 0 else "+"
    return (
        f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{hundredths:02d} "
        f"{sign}{arcseconds // 3600:02d}:{arcseconds // 60 % 60:02d}:{arcseconds % 60:02d}.{tenths}"
    )
