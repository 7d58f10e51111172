"""What the options of `vra ingest` say of the input, checked before anything is read."""

from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.sources.reading import Reading

_FORMATS = ("json", "avro", "parquet", "table")


def reading_of(
    file_format: str | None,
    columns: str | None,
    name: str | None,
    at: str | None,
    schemas: Path | None,
    survey: str | None,
) -> Reading:
    """The options as a `Reading`. Raises VraError, saying which one cannot be meant."""
    if file_format is not None and file_format not in _FORMATS:
        raise VraError(f"There is no format `{file_format}`. Known are: {', '.join(_FORMATS)}.")
    if schemas is not None and not schemas.is_dir():
        raise VraError(f"--schemas {schemas} is no folder.")
    place = None if at is None else _place(at)
    return Reading(
        format=file_format,
        columns=_columns(columns),
        name=name,
        ra=None if place is None else place[0],
        dec=None if place is None else place[1],
        schemas=schemas,
        survey=survey,
    )


def _columns(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if not pairs or not all(ours.strip() and theirs.strip() for ours, _, theirs in pairs):
        raise VraError("--columns wants pairs like mjd=time,mag=m: our name, then the table's.")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _place(text: str) -> tuple[float, float]:
    parts = text.replace(",", " ").split()
    try:
        ra, dec = (float(part) for part in parts)
    except ValueError:
        raise VraError("--at wants two numbers, RA and Dec in degrees: --at '84.132 16.642'.") from None
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise VraError(f"--at {text}: this is no place on the sky.")
    return ra % 360.0, dec
