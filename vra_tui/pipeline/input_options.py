"""Check the options that describe the input, before anything is read."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.sources.positions import read_positions
from vra_tui.sources.reading import Reading
from vra_tui.sources.table_text import ID_SPELLINGS
from vra_tui.surveys import Surveys
from vra_tui.surveys.table import COLUMNS

_FORMATS = ("json", "avro", "parquet", "table")
#: Formats that a survey of the user's own can come in.
_OF_TABLES = ("parquet", "table")
#: What a survey may be called: it stands before the colon where an alert is named.
_OWN_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,29}")
#: Our names for the columns of a table.
OUR_COLUMNS = (ID_SPELLINGS[0], *COLUMNS)


def reading_of(
    surveys: Surveys,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    at: tuple[float, float] | None = None,
    schemas: Path | None = None,
    survey: str | None = None,
    positions: str | os.PathLike[str] | None = None,
    mark: str = "",
) -> Reading:
    """Return the options as a `Reading`. ``columns``: our name to the table's. ``at``: RA and Dec, degrees.
    ``positions``: a table of ids, RA and Dec, for tables of light curves that have none.

    ``mark`` stands before the names of options in messages: `--` on the command line. Raises VraError, saying
    which option cannot be meant, and what can.
    """
    if format is not None and format not in _FORMATS:
        raise VraError(f"There is no format `{format}`. Known are: {', '.join(_FORMATS)}.")
    if schemas is not None and not schemas.is_dir():
        raise VraError(f"{mark}schemas {schemas} is no folder.")
    pairs = dict(columns or {})
    if unknown := [ours for ours in pairs if ours not in OUR_COLUMNS]:
        raise VraError(
            f"{mark}columns: `{unknown[0]}` is none of our names; those are: {', '.join(OUR_COLUMNS)}."
        )
    if pairs and format not in (None, *_OF_TABLES):
        raise VraError(f"{mark}columns names the columns of a table, and {mark}format {format} is none.")
    if name is not None and not name.strip():
        raise VraError(f"{mark}name is empty: leave it out, or say what the object is called.")
    if positions is not None and at is not None:
        raise VraError(f"{mark}at says where one object is, {mark}positions where many are: give one.")
    place = None if at is None else _place(*at, mark)
    is_table = bool(pairs) or format in _OF_TABLES
    return Reading(
        format=format,
        columns=pairs,
        name=None if name is None else name.strip(),
        ra=None if place is None else place[0],
        dec=None if place is None else place[1],
        schemas=schemas,
        positions=None if positions is None else read_positions(Path(positions)),
        survey=None if survey is None else _survey(survey, surveys, mark, is_table=is_table),
    )


def _survey(name: str, surveys: Surveys, mark: str, *, is_table: bool) -> str:
    """A survey at hand, in whatever case it was typed; or, of tables, one with a name of the user's own."""
    lower = name.strip().lower()
    if lower in surveys.places:
        return lower
    if not is_table:
        raise VraError(
            f"There is no survey `{name}`. Known are: {', '.join(surveys)}. A table of light curves can have "
            f"a name of your own: say {mark}format table or {mark}columns with it."
        )
    if not _OWN_NAME.fullmatch(lower):
        raise VraError(
            f"{mark}survey {name}: a name of your own has up to 30 letters, digits, dots, dashes and "
            "underscores, and begins with a letter."
        )
    return lower


def _place(ra: float, dec: float, mark: str) -> tuple[float, float]:
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise VraError(f"{mark}at {ra:g} {dec:g}: this is no place on the sky.")
    return ra % 360.0, dec
