"""Rows of a list, fetched by window and kept while they are looked at."""

from collections import OrderedDict
from collections.abc import Iterable

from vra_tui.store import Store
from vra_tui.store.curves import readable_curves
from vra_tui.store.listing import ListRow
from vra_tui.tui.blind_voting import BlindVoting
from vra_tui.tui.order import Ids
from vra_tui.tui.sparkline import sparklines

#: Rows read at once, and rows kept.
WINDOW = 96
KEPT = 4_000


class RowCache:
    """Rows by id. Reading one that is missing reads its neighbours too."""

    def __init__(self, store: Store, voting: BlindVoting) -> None:
        self._connection = store
        self._voting = voting
        self._rows: OrderedDict[int, ListRow] = OrderedDict()
        self._sparks: dict[int, str] = {}
        self._spark_cells = 0
        self._spark_blocks = False

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

    def draw_sparks(self, cells: int, blocks: bool) -> None:
        """Draw sparklines in so many cells from now on, of block characters where braille may not be used."""
        if (cells, blocks) != (self._spark_cells, self._spark_blocks):
            self._spark_cells, self._spark_blocks = cells, blocks
            self._sparks.clear()

    def spark(self, alert_id: int) -> str:
        """The sparkline of an alert. Reading one that is missing reads those of its neighbours too."""
        if alert_id not in self._sparks and self._spark_cells:
            missing = [one for one in reversed(self._rows) if one not in self._sparks][:WINDOW]
            curves = readable_curves(self._connection, sorted({alert_id, *missing}))
            self._sparks.update(sparklines(curves, self._spark_cells, self._spark_blocks))
        return self._sparks.get(alert_id, "")

    def forget(self, alert_ids: Iterable[int] | None = None) -> None:
        """Read these rows again when they are next asked for; by default all, and their light curves.

        What is decided or noted of an alert leaves its light curve as it is.
        """
        if alert_ids is None:
            self._rows.clear()
            self._sparks.clear()
            return
        for alert_id in alert_ids:
            self._rows.pop(alert_id, None)

    def replace(self, rows: Iterable[ListRow]) -> None:
        """Keep these rows; all others are read again when they are next asked for."""
        before = dict(self._rows)
        self._rows.clear()
        for row in rows:
            self._rows[row.alert_id] = row
            if row != before.get(row.alert_id):
                self._sparks.pop(row.alert_id, None)

    def _read(self, alert_ids: Iterable[int]) -> None:
        for row in self._voting.rows(self._connection, [i for i in alert_ids if i not in self._rows]):
            self._rows[row.alert_id] = row
        while len(self._rows) > KEPT:
            self._sparks.pop(self._rows.popitem(last=False)[0], None)
