"""Make feature tables of `stream-1` from stored alerts, as known at a given time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.hosts import HostKind, Hosts, choose_hosts
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features import stream
from vra_tui.features.table import FeatureTable
from vra_tui.store import Store
from vra_tui.store.codes import band_names
from vra_tui.store.curves import light_curves
from vra_tui.store.stream_records import StreamRecords, read_stream_records

Floats = NDArray[np.float64]

#: Alerts that are read and worked on at once: their light curves take some tens of megabytes.
_BATCH = 4_000


def stream_features(store: Store, alert_ids: Sequence[int], at_mjd: ArrayLike | None = None) -> FeatureTable:
    """The features `STREAM_1` of the named alerts, in ascending order of id, as they stood at a time.

    ``at_mjd``: MJD (UTC), one for all or one for each of ``alert_ids``; not given, or not finite: now, by
    everything that the store holds. Epochs after it, and words of packets after it, are not known. Ids that
    the store does not hold are left out, repeated ones stand once. Raises ValueError for times of another
    shape than the ids.
    """
    ids = np.asarray(alert_ids, dtype=np.int64).reshape(-1)
    at = np.broadcast_to(np.asarray(np.inf if at_mjd is None else at_mjd, dtype=np.float64), ids.shape)
    ids, first = np.unique(ids, return_index=True)
    at = np.where(np.isfinite(at[first]), at[first], np.inf)
    names = band_names(store)
    parts = [
        _batch(store, ids[start : start + _BATCH], at[start : start + _BATCH], names)
        for start in range(0, len(ids), _BATCH)
    ]
    found = [alert_id for alert_id, _ in parts]
    values = [columns for _, columns in parts]
    return FeatureTable(
        np.concatenate(found) if found else np.empty(0, np.int64),
        stream.STREAM_1,
        np.concatenate(values) if values else np.empty((0, len(stream.STREAM_1))),
    )


def _batch(
    store: Store, ids: NDArray[np.int64], at: Floats, bands: Mapping[int, str]
) -> tuple[NDArray[np.int64], Floats]:
    times = dict(zip(ids.tolist(), at.tolist(), strict=True))
    records = read_stream_records(store, ids.tolist(), times)
    curves = light_curves(store, records.alert_id.tolist(), with_forced=True)
    until = np.array([times[number] for number in records.alert_id.tolist()])
    context = context_of(records, hosts_of(store, records, times), curves, until)
    columns = stream.stream_features(curves, context, bands, until)
    return records.alert_id, np.column_stack([columns[name] for name in stream.STREAM_1])


def context_of(
    records: StreamRecords, hosts: Hosts, curves: LightCurves, at_mjd: Floats
) -> stream.StreamContext:
    """Return what the features take from records beside light curves, as it stood at a time, shape (n,)."""
    return stream.StreamContext(
        t0_mjd=_t0_by_then(records, curves, at_mjd),
        ra=records.ra,
        dec=records.dec,
        ebv=records.ebv,
        host=hosts,
        **records.facts,
    )


def hosts_of(store: Store, records: StreamRecords, at_mjd: Mapping[int, float]) -> Hosts:
    """The best match of each alert by `choose_hosts`; of one without, that of the nearest alert of another
    survey at its place that has one: it is the same transient, and stands beside the same galaxy.
    """
    own = choose_hosts(records.near, records.context_class, records.looked)
    row, other_id = records.associated.T
    lacking = own.kind[row] <= HostKind.NONE
    row, other_id = row[lacking], other_id[lacking]
    if not len(row):
        return own
    columns = {one.name: getattr(own, one.name).copy() for one in fields(Hosts)}
    at = np.array([at_mjd[number] for number in records.alert_id.tolist()])
    is_free = np.ones(len(records), dtype=bool)
    # The nearest of each alert first, then the next: few have more than one.
    for pairs in _rounds(row):
        mine, other = row[pairs], other_id[pairs]
        mine, other = mine[is_free[mine]], other[is_free[mine]]
        found = _hosts_at(store, other, at[mine])
        has_one = found.kind > HostKind.NONE
        is_free[mine[has_one]] = False
        for name, values in columns.items():
            values[mine[has_one]] = getattr(found, name)[has_one]
    return Hosts(**columns)


def _hosts_at(store: Store, ids: NDArray[np.int64], at_mjd: Floats) -> Hosts:
    """The best match of alerts at times, shape (k,), by their own records; ids may be repeated."""
    columns = {one.name: np.full(len(ids), np.nan) for one in fields(Hosts)}
    columns["kind"] = np.full(len(ids), int(HostKind.UNKNOWN))
    for chosen in _rounds(ids):
        times = dict(zip(ids[chosen].tolist(), at_mjd[chosen].tolist(), strict=True))
        theirs = read_stream_records(store, list(times), times)
        found = choose_hosts(theirs.near, theirs.context_class, theirs.looked)
        at = np.searchsorted(theirs.alert_id, ids[chosen])
        for name, values in columns.items():
            values[chosen] = getattr(found, name)[at]
    return Hosts(**columns)


def _rounds(keys: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Indices of the first occurrence of each key, then of the second of those that have one, and so on."""
    left = np.arange(len(keys))
    while len(left):
        _, first = np.unique(keys[left], return_index=True)
        yield left[first]
        left = np.delete(left, first)


def _t0_by_then(records: StreamRecords, curves: LightCurves, at_mjd: Floats) -> Floats:
    """t0 where it was known by then; of one derived from later data the first detection stands in."""
    n = len(records)
    first = np.full(n, np.nan)
    np.fmin.at(first, curves.detection_owner, curves.detections.mjd)
    by_then = np.where(records.t0_is_derived & (first <= at_mjd), first, np.nan)
    return np.where(records.t0_mjd <= at_mjd, records.t0_mjd, by_then)
