"""A simulated survey as a HATS catalogue of light curves, to try archives on."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.archive.folder import write_catalogue
from vra_tui.simulator import Batch

if TYPE_CHECKING:
    import pyarrow as pa


def write_simulated(folder: Path, batches: Iterable[Batch], order: int = 1) -> int:
    """Write the light curves of simulated alerts as a new catalogue; the number of its objects.

    Columns: object_id, ra, dec, realbogus (the object's score), and the nested `lightcurve` of mjd (UTC),
    mag, magerr, limit (5 sigma) and band; a non-detection has no mag. All is held at once.
    """
    return write_catalogue(folder, folder.name, (table_of_batch(batch) for batch in batches), order)


def table_of_batch(batch: Batch) -> "pa.Table":
    """A row an alert, its epochs in order of time."""
    import pyarrow as pa

    seen, missed, n = batch.detections, batch.nondetections, len(batch)
    owner = np.concatenate([np.repeat(np.arange(n), np.diff(part.start)) for part in (seen, missed)])
    unknown = np.full(len(missed), np.nan)
    columns: dict[str, NDArray[Any]] = {
        "mjd": np.concatenate([seen["mjd"], missed["mjd"]]),
        "mag": np.concatenate([seen["mag"], unknown]),
        "magerr": np.concatenate([seen["magerr"], unknown]),
        "limit": np.concatenate([seen["limit"], missed["limit"]]),
    }
    letters = np.concatenate([seen["filter"], missed["filter"]]).astype(np.uint8)
    turn = np.lexsort((columns["mjd"], owner))
    start = pa.array(np.searchsorted(owner[turn], np.arange(n + 1)).astype(np.int32))
    lists = {
        name: pa.ListArray.from_arrays(start, pa.array(values[turn].astype(np.float64)))
        for name, values in columns.items()
    }
    bands = pa.array(letters[turn].view("S1").astype(str))
    lists["band"] = pa.ListArray.from_arrays(start, bands)
    return pa.table(
        {
            "object_id": pa.array(batch.alerts["object_id"].astype(str)),
            "ra": pa.array(batch.alerts["ra"].astype(np.float64)),
            "dec": pa.array(batch.alerts["dec"].astype(np.float64)),
            "realbogus": pa.array(batch.alerts["rb_pix"].astype(np.float64)),
            "lightcurve": pa.StructArray.from_arrays([*lists.values()], [*lists]),
        }
    )
