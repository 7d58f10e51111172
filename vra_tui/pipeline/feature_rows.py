"""Read alerts for scoring: their features of whichever sets are asked for, at one visit after the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.stream import STREAM_1, StreamContext, rows_of
from vra_tui.features.stream import stream_features as features_of_stream
from vra_tui.features.table import FeatureTable
from vra_tui.lightcurve.windows import HISTORY_DAYS
from vra_tui.pipeline import stream_features
from vra_tui.pipeline.feature_tables import context_of, features_for
from vra_tui.store import Store
from vra_tui.store.codes import band_names
from vra_tui.store.curves import light_curves
from vra_tui.store.scores import Records, read_records
from vra_tui.store.stream_records import read_stream_records

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OF_STREAM = frozenset(STREAM_1)


def rests_on_stream(columns: Collection[str]) -> bool:
    """Tell whether any of the columns is of `stream-1`."""
    return not _OF_STREAM.isdisjoint(columns)


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """n alerts in ascending order of id, and what their features are made of.

    Epochs count up to the time that is asked for. Facts that have no history in the store (scores, sources
    near, counts that the survey tells) are taken as they are now.
    """

    records: Records
    curves: LightCurves
    _context: StreamContext | None = None
    _bands: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        store: Store,
        alert_ids: Sequence[int],
        columns: Collection[str],
        known_by: Mapping[int, str] | None = None,
    ) -> Self:
        """Read the named alerts for features among ``columns``; ids that are not held are left out.

        ``known_by``: see `store.curves.light_curves`.
        """
        records = read_records(store, alert_ids)
        if not rests_on_stream(columns):
            # What lies before the history says nothing to the features, and is most of an old position's
            # data.
            curves = light_curves(store, alert_ids, known_by=known_by).since(records.t0_mjd - HISTORY_DAYS)
            return cls(records, curves)
        ids = records.alert_id.tolist()
        told = read_stream_records(store, ids)
        curves = light_curves(store, ids, with_forced=True, known_by=known_by)
        now = np.full(len(ids), np.inf)
        hosts = stream_features.hosts_of(store, told, dict.fromkeys(ids, np.inf))
        context = stream_features.context_of(told, hosts, curves, now)
        return cls(records, curves, context, band_names(store))

    def table(self, columns: Collection[str], rows: Ints, at_mjd: Floats) -> FeatureTable:
        """The features asked for, and maybe others, of the alerts ``rows``, each as it stood at a time."""
        curves = self.curves.take(rows)
        if self._context is None:
            return features_for(columns, curves, context_of(self.records).take(rows), at_mjd)
        found = features_of_stream(curves, rows_of(self._context, rows), self._bands, at_mjd)
        table = FeatureTable(self.records.alert_id[rows], STREAM_1, np.column_stack(list(found.values())))
        if set(columns) <= _OF_STREAM:
            return table
        curves = curves.since(self.records.t0_mjd[rows] - HISTORY_DAYS)
        other = features_for(columns, curves, context_of(self.records).take(rows), at_mjd)
        return FeatureTable(
            table.alert_id,
            (*table.names, *other.names),
            np.concatenate([table.values, other.values], axis=1),
        )
