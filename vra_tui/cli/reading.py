"""What the options of `vra ingest` say of the input, checked before anything is read."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.sources.reading import Reading

_FORMATS = ("json", "avro", "parquet", "table")
#: Formats that a survey of the user's own can come in.
_OF_TABLES = ("parquet", "table")
#: What a survey may be called: it stands before the colon where an alert is named.
_OWN_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,29}")


def reading_of(
    file_format: str | None,
    columns: str | None,
    name: str | None,
    at: str | None,
    schemas: Path | None,
    survey: str | None,
    known: Collection[str],
    ours: Collection[str],
) -> Reading:
    """The options as a `Reading`; ``known``: surveys at hand; ``ours``: names that a column can have for us.

    Raises VraError, saying which option cannot be meant, and what can.
    """
    if file_format is not None and file_format not in _FORMATS:
        raise VraError(f"There is no format `{file_format}`. Known are: {', '.join(_FORMATS)}.")
    if schemas is not None and not schemas.is_dir():
        raise VraError(f"--schemas {schemas} is no folder.")
    place = None if at is None else _place(at)
    pairs = _columns(columns, ours)
    if pairs and file_format not in (None, *_OF_TABLES):
        raise VraError(f"--columns names the columns of a table, and --format {file_format} is none.")
    if name is not None and not name.strip():
        raise VraError("--name is empty: leave it out, or say what the object is called.")
    return Reading(
        format=file_format,
        columns=pairs,
        name=None if name is None else name.strip(),
        ra=None if place is None else place[0],
        dec=None if place is None else place[1],
        schemas=schemas,
        survey=_survey(survey, known, is_table=bool(pairs) or file_format in _OF_TABLES),
    )


def _survey(name: str | None, known: Collection[str], *, is_table: bool) -> str | None:
    """A survey at hand, in whatever case it was typed; or, of tables, one with a name of the user's own."""
    if name is None:
        return None
    lower = name.strip().lower()
    if lower in known:
        return lower
    if not is_table:
        raise VraError(
            f"There is no survey `{name}`. Known are: {', '.join(known)}. A table of light curves can have a "
            "name of your own: say --format table or --columns with it."
        )
    if not _OWN_NAME.fullmatch(lower):
        raise VraError(
            f"--survey {name}: a name of your own has up to 30 letters, digits, dots, dashes and "
            "underscores, and begins with a letter."
        )
    return lower


def _columns(text: str | None, ours: Collection[str]) -> Mapping[str, str]:
    if text is None:
        return {}
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    if not pairs or not all(name.strip() and theirs.strip() for name, _, theirs in pairs):
        raise VraError("--columns wants pairs like mjd=time,mag=m: our name, then the table's.")
    names = [name.strip() for name, _, _ in pairs]
    if unknown := [name for name in names if name not in ours]:
        raise VraError(f"--columns: `{unknown[0]}` is none of our names; those are: {', '.join(ours)}.")
    if len(set(names)) < len(names):
        raise VraError("--columns says of one of our names twice what the table calls it.")
    return dict(zip(names, (theirs.strip() for _, _, theirs in pairs), strict=True))


def _place(text: str) -> tuple[float, float]:
    parts = text.replace(",", " ").split()
    try:
        ra, dec = (float(part) for part in parts)
    except ValueError:
        raise VraError("--at wants two numbers, RA and Dec in degrees: --at '84.132 16.642'.") from None
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise VraError(f"--at {text}: this is no place on the sky.")
    return ra % 360.0, dec
