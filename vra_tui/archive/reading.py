"""Open a catalogue by LSDB, and read its partitions one by one, here or in a task on a worker."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.archive.columns import ColumnMap, columns_by
from vra_tui.archive.folder import HEALPIX, Pixel
from vra_tui.archive.partition import layout_of
from vra_tui.errors import VraError
from vra_tui.text import printable

if TYPE_CHECKING:
    from lsdb.catalog import Catalog
    from nested_pandas import NestedFrame
    from pandas import DataFrame


@dataclass(frozen=True, eq=False)
class Reader:
    """How a partition of a catalogue is read; small enough to go to the workers with every task.

    It is what LSDB's own tasks do, without the graph that `Catalog.get_partition` makes of all partitions for
    each one of them: the square of their number. Unlike there a column that a file lacks is an error, not a
    column of nothing. ``columns``: with the rows' places, where the catalogue tells them.
    """

    base: Any
    suffix: str
    columns: Sequence[str]

    @classmethod
    def of(cls, catalogue: "Catalog", columns: ColumnMap) -> "Reader":
        """The reader of a catalogue as `open_catalogue` returns both."""
        about = catalogue.hc_structure
        places = [HEALPIX] if about.catalog_info.healpix_column == HEALPIX else []
        return cls(about.catalog_base_dir, about.catalog_info.npix_suffix, [*columns.read, *places])

    def read(self, pixel: Pixel) -> "NestedFrame":
        """The rows of a partition. Raises whatever a file that is damaged or out of reach makes it raise."""
        from hats.io import file_io, pixel_catalog_file
        from hats.pixel_math import HealpixPixel

        path = pixel_catalog_file(self.base, HealpixPixel(*pixel), npix_suffix=self.suffix)
        is_dir = self.suffix == "/"
        try:
            return file_io.read_parquet_file_to_pandas(path, is_dir=is_dir, columns=list(self.columns))
        except ValueError as error:
            # Arrow goes on with all columns that there are.
            if found := re.match(r"No match for FieldRef\.Name\((\w+)\)", str(error)):
                raise ValueError(f"the file lacks the column `{found[1]}`") from None
            raise


def places_of(frame: "DataFrame", columns: ColumnMap) -> NDArray[np.int64]:
    """Where the rows of a partition lie on the sky, by HATS's index, shape (n,)."""
    if frame.index.name == HEALPIX:
        return frame.index.to_numpy(dtype=np.int64)
    if HEALPIX in frame:
        return frame[HEALPIX].to_numpy(dtype=np.int64)
    from hats.pixel_math.spatial_index import compute_spatial_index

    ra, dec = (frame[columns.objects[name]].to_numpy(dtype=np.float64) for name in ("ra", "dec"))
    return np.asarray(compute_spatial_index(ra, dec), dtype=np.int64)


def open_catalogue(
    path: str, preset: str | None, said: Mapping[str, str], bands: Mapping[str, str]
) -> tuple["Catalog", ColumnMap]:
    """The catalogue, of which only the needed columns are read, and their map. Raises VraError."""
    lsdb = import_lsdb()
    if "://" not in path and not Path(path).exists():
        raise VraError(f"There is no {path}: name the folder of a HATS catalogue, or an address.")
    try:
        layout = layout_of(lsdb.open_catalog(path, columns="all").meta)
        columns = columns_by(layout, preset, said, bands)
        return lsdb.open_catalog(path, columns=columns.read), columns
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        raise VraError(f"{path} cannot be opened as a HATS catalogue: {printable(str(error), 300)}") from None


def pixels_of(catalogue: "Catalog") -> list[Pixel]:
    """The partitions of a catalogue, in its order."""
    return [(int(one.order), int(one.pixel)) for one in catalogue.get_healpix_pixels()]


def import_lsdb() -> Any:
    """LSDB. Raises VraError where the extra is not installed."""
    try:
        import lsdb
    except ImportError:
        raise VraError(
            "Archives need LSDB, an extra of 900 MB: pip install 'vra-tui[archive]'. Nothing was read."
        ) from None
    return lsdb
