"""Feature tables of any length, a part at a time, so that a whole store's light curves fit into memory."""

from collections.abc import Iterator, Sequence

from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.feature_tables import feature_table
from vra_tui.store import Store

_PART = 4_000


def feature_parts(
    store: Store, feature_set: str, alert_ids: Sequence[int], at_mjd: float | None = None
) -> Iterator[FeatureTable]:
    """The table of a feature set as `feature_table` makes it, in parts that together are in order of id.

    There is one part at least, however few the alerts.
    """
    ids = sorted(set(alert_ids))
    for first in range(0, max(len(ids), 1), _PART):
        yield feature_table(store, feature_set, ids[first : first + _PART], at_mjd)
