"""Where objects are, from a table beside their light curves: ids, RA and Dec, one object a row."""

import codecs
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from vra_tui.errors import VraError
from vra_tui.sources.table_text import ID_SPELLINGS, body_of, frame_of, separator_of, tidied
from vra_tui.surveys.numbers import degrees
from vra_tui.surveys.table import COLUMNS, squeezed


@dataclass(frozen=True)
class Positions:
    """RA and Dec in degrees by object id. ``digest``: of the file, by which two tables are told apart."""

    digest: str
    by_id: Mapping[str, tuple[float, float]] = field(repr=False, compare=False)


def read_positions(path: Path) -> Positions:
    """The positions in a table, CSV or Parquet; rows without a place on the sky are left out.

    Positions with colons are hours and degrees, numbers are degrees. Raises VraError where it is no such
    table, naming the column that is missing, and where one object stands at two places.
    """
    import pandas as pd

    try:
        content = path.read_bytes()
        if content[:4] == b"PAR1":
            frame = pd.read_parquet(path)
        else:
            body = body_of(content.removeprefix(codecs.BOM_UTF8))
            mark = separator_of(body.split(b"\n", 1)[0])
            frame = frame_of(body, mark)
            frame = tidied(frame, mark) if len(frame) else frame
    except (OSError, ValueError, ImportError) as error:
        raise VraError(f"The positions in {path} cannot be read: {error}.") from None
    by_name = {squeezed(str(name)): name for name in frame.columns}

    def column(what: str, spellings: Sequence[str]) -> str:
        found = next((by_name[one] for one in map(squeezed, spellings) if one in by_name), None)
        if found is None:
            raise VraError(
                f"{path} is no table of positions: it has no column of {what}. Its columns are: "
                f"{', '.join(map(str, frame.columns))[:200]}."
            )
        return str(found)

    ids = frame[column("object ids", ID_SPELLINGS)].astype(str).str.strip()
    ra = degrees(frame[column("right ascensions (ra)", COLUMNS["ra"])].to_numpy(), 15.0)
    dec = degrees(frame[column("declinations (dec)", COLUMNS["dec"])].to_numpy())
    known = np.isfinite(ra) & (np.abs(dec) <= 90.0) & (ids != "").to_numpy()
    found: dict[str, tuple[float, float]] = {}
    for name, place in zip(ids[known], zip(ra[known] % 360.0, dec[known], strict=True), strict=True):
        if found.setdefault(name, place) != place:
            raise VraError(f"{path} has two places for {name[:80]}. Nothing was taken in.")
    return Positions(hashlib.sha256(content).hexdigest(), MappingProxyType(found))
