"""Helpers that need no store: the rank of probabilities, the image in a stamp, tables for astropy."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.errors import VraError
from vra_tui.ranking.rank import rank as _rank

if TYPE_CHECKING:
    import pandas as pd


def rank(preal: ArrayLike, pgal: ArrayLike) -> NDArray[np.float64]:
    """VRA rank, 0 (worst) to 10 (best), of probabilities of any shape that broadcast; NaN where one is NaN.

    `rank = 10 (√1.25 − √((1−preal)² + (pgal/2)²)) / √1.25` (Stevance et al. 2025).

    >>> vra.rank([1.0, 1.0, 0.0], [0.0, 1.0, 0.0]).round(2).tolist()
    [10.0, 5.53, 1.06]
    """
    return _rank(preal, pgal)


def image(data: bytes) -> NDArray[np.float64]:
    """The first image of a stamp as it came (FITS, perhaps gzipped): rows from the south, shape (ny, nx).

    Raises VraError for bytes that are no image.

    >>> vra.image(store.stamps("ZTF24demo")["data"].iloc[0]).shape
    (5, 5)
    """
    import gzip
    import io
    import warnings
    import zlib

    from astropy.io import fits

    try:
        raw = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        with warnings.catch_warnings(), fits.open(io.BytesIO(raw), memmap=False) as held:
            warnings.simplefilter("ignore")
            for part in held:
                if part.data is not None and getattr(part.data, "ndim", 0) == 2:
                    return np.asarray(part.data, dtype=np.float64)
    except (OSError, EOFError, ValueError, TypeError, zlib.error) as error:
        raise VraError(f"These {len(data):,} bytes are no FITS image: {error}.") from None
    raise VraError(f"These {len(data):,} bytes of FITS hold no image.")


def to_astropy(table: "pd.DataFrame") -> Any:
    """The table as `astropy.table.QTable`: numbers with their units, columns of MJD as `Time` in UTC.

    Numbers that are missing are NaN; texts that are missing are "".

    >>> vra.to_astropy(store.light_curve("1100000000000000000"))["flux_ujy"].unit
    Unit("uJy")
    """
    import pandas as pd
    from astropy import units as u
    from astropy.table import QTable
    from astropy.time import Time

    unit_of = table.attrs.get("units", {})
    made = QTable()
    for name in table.columns:
        column = table[name]
        if name == "mjd" or str(name).endswith("_mjd"):
            made[name] = Time(column.to_numpy(dtype=np.float64), format="mjd", scale="utc")
        elif name in unit_of:
            made[name] = u.Quantity(column.to_numpy(dtype=np.float64), u.Unit(unit_of[name]))
        elif pd.api.types.is_string_dtype(column.dtype):
            made[name] = column.fillna("").to_numpy(dtype=str)
        elif pd.api.types.is_extension_array_dtype(column.dtype):
            is_whole = not column.isna().any()
            kind: Any = column.dtype.numpy_dtype if is_whole else np.float64
            made[name] = column.to_numpy(dtype=kind, na_value=False if is_whole else np.nan)
        else:
            made[name] = column.to_numpy()
    return made
