"""Rows of a list, fetched by window and kept while they are looked at."""

from collections import OrderedDict
from collections.abc import Iterable

from vra_tui.store import Store
from vra_tui.store.listing import ListRow
from vra_tui.tui.blind_voting import BlindVoting
from vra_tui.tui.order import Ids

#: Rows read at once, and rows kept.
WINDOW = 96
KEPT = 4_000


class RowCache:
    """Rows by id. Reading one that is missing reads its neighbours too."""

    def __init__(self, store: Store, voting: BlindVoting) -> None:
        self._connection = store
        self._voting = voting
        self._rows: OrderedDict[int, ListRow] = OrderedDict()

    def row(self, ids: Ids, index: int) -> ListRow | None:
        """The row of the alert at ``index`` of ``ids``; None when the store does not hold it any more."""
        alert_id = int(ids[index])
        if alert_id not in self._rows:
            start = max(0, index - WINDOW // 4)
            self._read(int(i) for i in ids[start : start + WINDOW])
        return self._rows.get(alert_id)

    def one(self, alert_id: int) -> ListRow | None:
        """The row of one alert."""
        if alert_id not in self._rows:
            self._read([alert_id])
        return self._rows.get(alert_id)

    def forget(self, alert_ids: Iterable[int] | None = None) -> None:
        """Read these rows (or all) again when they are next asked for."""
        if alert_ids is None:
            self._rows.clear()
            return
        for alert_id in alert_ids:
            self._rows.pop(alert_id, None)

    def replace(self, rows: Iterable[ListRow]) -> None:
        """Keep these rows; all others are read again when they are next asked for."""
        self._rows.clear()
        self._rows.update((row.alert_id, row) for row in rows)

    def _read(self, alert_ids: Iterable[int]) -> None:
        for row in self._voting.rows(self._connection, [i for i in alert_ids if i not in self._rows]):
            self._rows[row.alert_id] = row
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)
