"""Simulated alerts as the rest of the program sees alerts: light curves, context, rows for the store."""

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.extinction import ebv_sfd
from vra_tui.features.vra import Context
from vra_tui.lightcurve.curves import LightCurves
from vra_tui.lightcurve.epochs import (
    DETECTION,
    FORCED,
    NONDETECTION,
    Detections,
    ForcedPhotometry,
    NonDetections,
    pack_detections,
    pack_forced,
    pack_nondetections,
)
from vra_tui.survey.simulator import Batch
from vra_tui.survey.simulator.api_json import forced_magnitudes, truth_rows
from vra_tui.survey.simulator.words import classification_row, match_row, tns_row

_EYEBALL_LIST = 4

_MATCH_COLUMNS = {
    "catalogue_object_id": "catalogue_object_id",
    "catalogue": "catalogue_table_name",
    "association_type": "association_type",
    "object_type": "catalogue_object_type",
    "separation_arcsec": "separationarcsec",
    "north_arcsec": "northseparationarcsec",
    "east_arcsec": "eastseparationarcsec",
    "z": "z",
    "photoz": "photoz",
    "photoz_err": "photozerr",
    "distance_mpc": "distance",
    "physical_separation_kpc": "physical_separation_kpc",
    "ra": "radeg",
    "dec": "decdeg",
}
_NOTE_COLUMNS = ("classification", "annotation", "summary")
_TNS_COLUMNS = {
    "designation": "external_designation",
    "mag": "mag",
    "discoverer": "discoverer",
    "internal_name": "other_info",
    "separation_arcsec": "separation",
    "url": "url",
}
#: Keys of a report that the input models do not name: the store keeps them beside it, as ingesting does.
_TNS_EXTRA = ("date_added", "id", "matched_list", "transient_object_id")


def light_curves(batch: Batch) -> LightCurves:
    """The detections and non-detections of a batch, packed; units keep the simulator's numbers."""
    seen, missed = batch.detections, batch.nondetections
    return LightCurves(
        batch.alerts["atlas_id"].astype(np.int64),
        _pack_detections(batch, np.arange(256, dtype=np.uint8)),
        seen.start,
        pack_nondetections(missed.columns),
        missed.start,
    )


def context(batch: Batch) -> Context:
    """What the features take from the record of each alert of a batch."""
    alerts = {name: batch.alerts[name].astype(np.float64) for name in ("t0_mjd", "ra", "dec", "rb_pix")}
    matches = {name: batch.matches[name].astype(np.float64) for name in ("z", "photoz", "separation")}
    return Context(
        **alerts,
        z=matches["z"],
        photoz=matches["photoz"],
        sep_arcsec=matches["separation"],
        ebv_sfd=ebv_sfd(alerts["ra"], alerts["dec"]),
        is_cv=batch.alerts["sherlock"] == "CV",
    )


@dataclass(frozen=True)
class StoreRows:
    """One batch as rows for the store, and its truth."""

    alerts: list[tuple[object, ...]]
    curves: list[tuple[int, bytes, bytes, bytes]]
    context: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]]
    truth: list[list[object]]


def store_rows(batch: Batch, codes: NDArray[np.uint8], tired: bool) -> StoreRows:
    """A batch as rows for the store. ``codes``: the store's code of each of the instrument's units."""
    ids = batch.alerts["atlas_id"].tolist()
    detections = _pack_detections(batch, codes)
    missed = batch.nondetections
    nondetections = pack_nondetections({**missed.columns, "unit": codes[missed["unit"].astype(int)]})
    forced = _pack_forced(batch, codes)
    curves = zip(
        ids,
        _cut(detections.records, batch.detections.start, DETECTION.itemsize),
        _cut(nondetections.records, missed.start, NONDETECTION.itemsize),
        _cut(forced.records, batch.forced.start, FORCED.itemsize),
        strict=True,
    )
    return StoreRows(
        _alert_rows(batch, ids, detections, nondetections),
        list(curves),
        _context(batch),
        truth_rows(batch, tired),
    )


def _pack_detections(batch: Batch, codes: NDArray[np.uint8]) -> Detections:
    seen = batch.detections
    unit = codes[seen["unit"].astype(int)]
    return pack_detections({**seen.columns, "unit": unit, "exposure": seen["number"]})


def _pack_forced(batch: Batch, codes: NDArray[np.uint8]) -> ForcedPhotometry:
    section = batch.forced
    mag, magerr, is_limit = forced_magnitudes(section)
    unit = codes[section["unit"].astype(int)]
    return pack_forced({**section.columns, "mag": mag, "magerr": magerr, "is_limit": is_limit, "unit": unit})


def _cut(records: NDArray[np.void], start: NDArray[np.int64], size: int) -> list[bytes]:
    data = records.tobytes()
    edges = (start * size).tolist()
    return [data[low:high] for low, high in pairwise(edges)]


def _alert_rows(
    batch: Batch, ids: list[int], detections: Detections, nondetections: NonDetections
) -> list[tuple[object, ...]]:
    """Rows of `ALERT_COLUMNS`."""
    n, alerts = len(batch), batch.alerts
    ends = np.stack(
        [_last(detections.mjd, batch.detections.start), _last(nondetections.mjd, batch.nondetections.start)]
    )
    positive = detections.mag > 0
    owner = np.repeat(np.arange(n), np.diff(batch.detections.start))[positive]
    start = np.searchsorted(owner, np.arange(n + 1))
    columns: list[list[Any]] = [
        ids,
        alerts["name"].tolist(),
        [None] * n,
        *(
            alerts[name].tolist()
            for name in ("ra", "dec", "t0_mjd", "rb_pix", "realbogus_factor", "sherlock")
        ),
        ebv_sfd(alerts["ra"].astype(float), alerts["dec"].astype(float)).tolist(),
        [_EYEBALL_LIST] * n,
        [None] * n,
        [None] * n,
        np.diff(batch.detections.start).tolist(),
        np.diff(batch.nondetections.start).tolist(),
        np.diff(batch.forced.start).tolist(),
        np.nanmax(ends, axis=0).tolist(),
        _last(detections.mag[positive], start).tolist(),
        _last(detections.mjd[positive], start).tolist(),
    ]
    return list(zip(*columns, strict=True))


def _last(values: NDArray[np.float64], start: NDArray[np.int64]) -> NDArray[np.float64]:
    """The last value of each alert, NaN where it has none."""
    full = np.diff(start) > 0
    result = np.full(len(full), np.nan)
    result[full] = values[start[1:][full] - 1]
    return result


def _context(batch: Batch) -> dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]]:
    matches, notes, reports = [], [], []
    for row, atlas_id in enumerate(batch.alerts["atlas_id"].tolist()):
        match = match_row(batch, row)
        if match is not None:
            matches.append((atlas_id, 1, *(match[key] for key in _MATCH_COLUMNS.values())))
        note = classification_row(batch, row, match)
        notes.append((atlas_id, *(note[key] for key in _NOTE_COLUMNS)))
        report = tns_row(batch, row)
        if report is not None:
            found = float(batch.tns["discovered"][row])
            extra = json.dumps({key: report[key] for key in _TNS_EXTRA}, separators=(",", ":"))
            reports.append((atlas_id, found, extra, *(report[key] for key in _TNS_COLUMNS.values())))
    return {
        "sherlock_matches": (("atlas_id", "position", *_MATCH_COLUMNS), matches),
        "sherlock_notes": (("atlas_id", *_NOTE_COLUMNS), notes),
        "tns_matches": (("atlas_id", "discovered_mjd", "extra", *_TNS_COLUMNS), reports),
    }
