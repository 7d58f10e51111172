"""The best objects of a ranked catalogue, with their light curves, into a store as alerts."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vra_tui.archive.columns import ColumnMap
from vra_tui.archive.folder import Format, Pixel, partition_file
from vra_tui.archive.partition import Objects, objects_of
from vra_tui.archive.reading import Reader
from vra_tui.domain.alert import Alert, Fact
from vra_tui.domain.light_curve import TimedLightCurve
from vra_tui.surveys.base import Packet

if TYPE_CHECKING:
    from lsdb.catalog import Catalog

    from vra_tui.store import Store
    from vra_tui.store.intake import Intake


def best_objects(
    folder: Path, form: Format, pixels: Sequence[Pixel], top: int | None, above: float | None
) -> dict[Pixel, list[str]]:
    """Ids of the ``top`` objects by rank, or of all with a rank above a threshold, by their partitions.

    Of equal ranks the lower id comes first; what has no rank, or no id, is never among them. Only the best of
    each partition are held.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    kept = pd.DataFrame({"object_id": [], "rank": [], "order": [], "pixel": []})
    for order, pixel in pixels:
        path = partition_file(folder, form, (order, pixel))
        rows = pq.read_table(path, columns=["object_id", "rank"], partitioning=None).to_pandas()
        rows = rows[rows["rank"].notna() & rows["object_id"].notna()].assign(order=order, pixel=pixel)
        if above is not None:
            rows = rows[rows["rank"] > above]
        kept = pd.concat([kept, rows]) if len(kept) else rows
        if top is not None:
            kept = kept.sort_values(["rank", "object_id"], ascending=[False, True]).head(top)
    return {
        (int(order), int(pixel)): sorted(rows["object_id"])
        for (order, pixel), rows in kept.groupby(["order", "pixel"])
    }


def put_into_store(
    store: "Store",
    catalogue: "Catalog",
    columns: ColumnMap,
    chosen: dict[Pixel, list[str]],
    survey: str,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Any], None],
) -> "Intake":
    """Take the chosen objects in as alerts of a survey, as `vra ingest` would; once more changes nothing."""
    from vra_tui.pipeline.ingest import ingest

    reader = Reader.of(catalogue, columns)

    def packets() -> Iterator[Packet]:
        for pixel, ids in chosen.items():
            objects = objects_of(reader.read(pixel), columns)
            for alert in alerts_of(objects, ids, survey):
                where = f"partition Norder={pixel[0]} Npix={pixel[1]}, object {alert.object_id}"
                yield Packet(str(catalogue.name), where, alert)

    return ingest(store, packets(), clock=clock, on_refusal=on_refusal)


def alerts_of(objects: Objects, ids: Sequence[str], survey: str) -> Iterator[Alert]:
    """The objects of these ids as alerts, with their place, score and light curve."""
    names = tuple(objects.bands[code] for code in range(len(objects.bands)))
    for row in np.flatnonzero(np.isin(objects.object_id.astype(str), [*ids])).tolist():
        facts: dict[str, Fact] = {}
        if np.isfinite(objects.ra[row]) and np.isfinite(objects.dec[row]):
            facts |= {"ra": float(objects.ra[row]), "dec": float(objects.dec[row])}
        if 0.0 <= objects.score[row] <= 1.0:
            facts["real_bogus"] = float(objects.score[row])
        yield Alert(
            survey=survey,
            object_id=str(objects.object_id[row]),
            facts=facts,
            light_curve=TimedLightCurve.of(objects.curves.one(row), 0.0).curve,
            instruments=("?",),
            bands=names,
        )
