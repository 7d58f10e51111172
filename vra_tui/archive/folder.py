"""Folders of partitions: written one by one under a passing name, and finished as a HATS catalogue."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vra_tui.errors import VraError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

Format = Literal["hats", "parquet"]
#: A partition: its HEALPix order and number, nested.
Pixel = tuple[int, int]

#: What a run was asked for; a folder with another one is not touched.
JOB_FILE = "vra_archive.json"
HEALPIX = "_healpix_29"
_PASSING = ".part"


def partition_file(folder: Path, form: Format, pixel: Pixel) -> Path:
    """Where the rows of a partition lie: by HATS's rule, or side by side."""
    if form == "parquet":
        return folder / f"Norder={pixel[0]}_Npix={pixel[1]}.parquet"
    from hats.io.paths import pixel_catalog_file
    from hats.pixel_math import HealpixPixel

    return Path(str(pixel_catalog_file(folder, HealpixPixel(*pixel))))


def write_partition(path: Path, table: "pa.Table") -> None:
    """Put a partition's file in place when it is whole: what has this name is finished."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    # A partition may be worked on twice at a time, where a worker was thought lost.
    passing = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_PASSING}")
    try:
        # Not forced to the disk: what a power cut leaves has no readable end, and is made anew.
        pq.write_table(table, passing, compression="zstd", use_dictionary=False)
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)


def begin(folder: Path, job: Mapping[str, Any]) -> None:
    """Make the folder, or go on in that of the same job; another job gets it where nothing is in it yet.

    Raises VraError for a folder of anything else, and for one that cannot be made.
    """
    path = folder / JOB_FILE
    if path.is_file():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
            differing = sorted(name for name in {*before, *job} if before.get(name) != job.get(name))
        except (ValueError, TypeError, AttributeError):
            raise VraError(f"{path} cannot be read. Nothing was written: name another folder.") from None
        if not differing:
            for left in folder.rglob(f".*{_PASSING}"):
                left.unlink(missing_ok=True)
            return
        if len([*folder.iterdir()]) > 1:
            raise VraError(
                f"{folder} holds a run with other {', '.join(differing)}. Nothing was written: name another "
                "folder, or ask for the same again to go on."
            )
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise VraError(f"{folder} is there already and no run of `vra archive`. Name a new folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(job, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise VraError(f"{folder} cannot be written: {error.strerror}. Name another folder.") from None


def is_finished(path: Path) -> bool:
    """Tell whether a partition's file is there and can be read to its end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True


def finish_hats(folder: Path, name: str, pixels: Sequence[Pixel], ra: str = "ra", dec: str = "dec") -> None:
    """Write what makes a folder of partitions a HATS catalogue: properties, list, schema."""
    import pyarrow.parquet as pq
    from hats.catalog import PartitionInfo, TableProperties
    from hats.pixel_math import HealpixPixel

    files = [partition_file(folder, "hats", pixel) for pixel in pixels]
    schema = pq.read_schema(files[0])
    pq.write_metadata(schema, folder / "dataset" / "_common_metadata")
    PartitionInfo.from_healpix([HealpixPixel(*pixel) for pixel in pixels]).write_to_file(catalog_path=folder)
    TableProperties(
        catalog_name=name,
        catalog_type="object",
        total_rows=sum(pq.read_metadata(path).num_rows for path in files),
        ra_column=ra,
        dec_column=dec,
        healpix_column=HEALPIX,
        healpix_order=29,
        npix_suffix=".parquet",
    ).to_properties_file(folder)


def write_catalogue(folder: Path, name: str, batches: Iterable["pa.Table"], order: int) -> int:
    """Write tables with columns ra and dec as a new HATS catalogue of one order; the number of its rows.

    All rows are held at once: for catalogues of this program's own making.
    """
    import numpy as np
    import pyarrow as pa
    from hats.pixel_math.spatial_index import compute_spatial_index

    rows = pa.concat_tables(batches)
    index: NDArray[Any] = compute_spatial_index(rows["ra"].to_numpy(), rows["dec"].to_numpy())
    rows = rows.add_column(0, HEALPIX, pa.array(index))
    # HATS wants the rows of a partition in the order of their place.
    turn = np.argsort(index, kind="stable")
    of_pixel = index[turn] >> (2 * (29 - order))
    pixels, starts = np.unique(of_pixel, return_index=True)
    ends = [*starts[1:].tolist(), len(turn)]
    found: list[Pixel] = [(order, int(one)) for one in pixels]
    for pixel, first, end in zip(found, starts.tolist(), ends, strict=True):
        write_partition(partition_file(folder, "hats", pixel), rows.take(turn[first:end]))
    finish_hats(folder, name, found)
    return len(rows)


def table_of(frame: "pd.DataFrame", index: "NDArray[Any]") -> "pa.Table":
    """A result as Arrow's table, with the place of each row in HATS's order first; NaN is no value."""
    import pyarrow as pa

    columns = {HEALPIX: pa.array(index.astype("int64"))}
    for name, values in frame.items():
        kind = pa.string() if name == "object_id" else None
        columns[str(name)] = pa.array(values.to_numpy(), type=kind, from_pandas=True)
    return pa.table(columns)
