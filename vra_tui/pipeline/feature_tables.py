"""Make feature tables of stored alerts from the data up to a given time."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.errors import VraError
from vra_tui.features.fast import compute_fast
from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES, FAST_FEATURES, VISIT_FEATURES, FeatureTable
from vra_tui.features.vra import VraContext, compute
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.ranking.policy import host_distance
from vra_tui.store import Store
from vra_tui.store.curves import light_curves
from vra_tui.store.scores import Records, read_records

Floats = NDArray[np.float64]

#: The sets that `feature_table` computes, with the columns of their tables in order.
TABLE_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vra-day1-1": DAY1_FEATURES,
        "vra-dayN-1": (*DAY1_FEATURES, *VISIT_FEATURES),
        "vra-fast-1": FAST_FEATURES,
        "stream-1": STREAM_1,
    }
)


def columns_of_set(feature_set: str) -> tuple[str, ...]:
    """The columns of a feature set's table, in order. Raises VraError for a set that is not known."""
    columns = TABLE_COLUMNS.get(feature_set)
    if columns is None:
        raise VraError(
            f"No feature set is called {feature_set[:60]!r}. There are {', '.join(TABLE_COLUMNS)}."
        )
    return columns


def feature_table(
    store: Store, feature_set: str, alert_ids: Sequence[int], at_mjd: float | None = None
) -> FeatureTable:
    """The table of a feature set by its name, one row for each alert that is held, in ascending order of id.

    ``at_mjd``: as it stood at that MJD (UTC); all that is known where it is not given. ``stream-1`` serves
    alerts of any survey, the others are defined for ATLAS. Raises VraError for a set that is not known.
    """
    columns = columns_of_set(feature_set)
    if feature_set == "stream-1":
        return stream_features(store, alert_ids, at_mjd)
    found = features_at(store, alert_ids, at_mjd, columns)
    return FeatureTable(found.alert_id, columns, found.select(columns))


def features_for(
    columns: Collection[str], curves: LightCurves, context: VraContext, at_mjd: ArrayLike | None = None
) -> FeatureTable:
    """The published features, and those of ``vra-fast-1`` beside them when ``columns`` asks for any."""
    table = compute(curves, context, at_mjd)
    if set(columns) <= set(table.names):
        return table
    fast = compute_fast(curves, context, at_mjd)
    return FeatureTable(
        table.alert_id, (*table.names, *fast.names), np.concatenate([table.values, fast.values], axis=1)
    )


def features_at(
    store: Store,
    alert_ids: Sequence[int],
    at_mjd: float | None = None,
    columns: Collection[str] = DAYN_FEATURES,
) -> FeatureTable:
    """The feature table of the named alerts, in ascending order of id, from the data up to ``at_mjd``."""
    context = context_of(read_records(store, alert_ids))
    return features_for(columns, light_curves(store, alert_ids), context, at_mjd)


def context_of(records: Records) -> VraContext:
    """Return what the features take from the records of alerts."""
    return VraContext(
        t0_mjd=records.t0_mjd,
        ra=records.ra,
        dec=records.dec,
        rb_pix=records.rb_pix,
        z=records.z,
        photoz=records.photoz,
        sep_arcsec=records.sep_arcsec,
        ebv_sfd=records.ebv_sfd,
        is_cv=records.is_cv,
    )


def host_mpc_of(records: Records) -> Floats:
    """Distance of each alert's host in Mpc; NaN where unknown."""
    return host_distance(records.direct_distance_mpc, records.distance_mpc, records.z, records.is_host)
