"""The options of `vra ingest` that hold more than one word, as what they mean."""

from vra_tui.errors import VraError


def columns_of(text: str | None) -> dict[str, str]:
    """Our name for each of a table's columns, from ``mjd=time,mag=m``. Raises VraError."""
    if text is None:
        return {}
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if not pairs or not all(name.strip() and theirs.strip() for name, _, theirs in pairs):
        raise VraError("--columns wants pairs like mjd=time,mag=m: our name, then the table's.")
    found = {name.strip(): theirs.strip() for name, _, theirs in pairs}
    if len(found) < len(pairs):
        raise VraError("--columns says of one of our names twice what the table calls it.")
    return found


def place_of(text: str | None) -> tuple[float, float] | None:
    """RA and Dec in degrees, from ``84.132 16.642``. Raises VraError."""
    if text is None:
        return None
    try:
        ra, dec = (float(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise VraError("--at wants two numbers, RA and Dec in degrees: --at '84.132 16.642'.") from None
    return ra, dec
