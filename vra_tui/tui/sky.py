"""Positions on the sky as people write them."""


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
