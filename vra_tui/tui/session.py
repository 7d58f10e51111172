"""A scanning session without a screen: which list is open, what is in it, what was decided, what is new."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from vra_tui.ranking.lists import ALL, LIST_ORDER, ListName
from vra_tui.store.decisions import DecisionRow, OnScreen, latest_by
from vra_tui.store.listing import ListRow, counts, list_ids
from vra_tui.tui.order import ListOrder
from vra_tui.tui.rows import RowCache
from vra_tui.tui.watcher import News, Sight
from vra_tui.tui.writer import StoreWriter

#: The lists in the order of the keys 1 to 9, then `]`.
LISTS = (*(name.value for name in LIST_ORDER), ALL)

#: How many of the scanner's decisions are kept in view.
RECENT = 10


@dataclass
class ScanSession:
    """The state of scanning one store; the screen shows it and calls it, and holds none of its own.

    ``connection`` is only read from; what is written goes through ``writer``.
    """

    connection: sqlite3.Connection
    writer: StoreWriter
    scanner: str
    list_name: str = ListName.EYEBALL.value
    order: ListOrder = field(default_factory=ListOrder)
    counts: dict[str, int] = field(default_factory=dict)
    recent: list[DecisionRow] = field(default_factory=list)
    arrived: int = 0
    decided_here: int = 0
    _places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = RowCache(self.connection)

    # Lists

    def open_list(self, name: str) -> None:
        """Open a list, at the alert where it was left, else at its top. Raises UnknownList."""
        ids = list_ids(self.connection, name)
        if self.order.current is not None:
            self._places[self.list_name] = self.order.current
        self.list_name = name
        self.order = ListOrder(ids)
        place = self._places.get(name)
        if place is not None:
            self.order.move_to(self.order.index_of(place) or 0)
        self.rows.forget()
        self.arrived = 0
        self._look_around()

    def refresh(self) -> None:
        """Bring the open list up to date: new alerts in, decided ones out; the cursor stays on its alert."""
        self.order.settled.clear()
        self.order.replace(list_ids(self.connection, self.list_name))
        self.rows.forget()
        self.arrived = 0
        self._look_around()

    def neighbour(self, step: int) -> str:
        """The name of the list ``step`` places after the open one, round and round."""
        here = LISTS.index(self.list_name) if self.list_name in LISTS else 0
        return LISTS[(here + step) % len(LISTS)]

    def current_row(self) -> ListRow | None:
        """The row under the cursor."""
        return self.rows.row(self.order.ids, self.order.cursor) if len(self.order) else None

    # Decisions

    async def decide(self, rows: list[ListRow], list_name: str, note: str | None = None) -> None:
        """Decide alerts as they were seen; they are decided once they are on the disk. Raises NotSaved."""
        await self.writer.decide([(row.atlas_id, seen(row)) for row in rows], list_name, note)
        decided = [row.atlas_id for row in rows]
        self.decided_here += len(decided)
        self.order.settled.update(decided)
        self._after_writing(decided)

    async def undo(self) -> DecisionRow | None:
        """Take back the scanner's latest decision and put the cursor on its alert; None: there is none.

        Raises NotSaved.
        """
        latest = latest_by(self.connection, self.scanner, 1)
        if not latest:
            return None
        await self.writer.undo([latest[0].decision_id])
        self.decided_here = max(0, self.decided_here - 1)
        self.order.put_back(latest[0].atlas_id)
        self._after_writing([latest[0].atlas_id])
        return latest[0]

    async def note(self, atlas_id: int, text: str) -> None:
        """Keep a note on an alert. Raises NotSaved."""
        await self.writer.note(atlas_id, text)
        self._after_writing([atlas_id])

    def _after_writing(self, atlas_ids: Iterable[int]) -> None:
        """Read again what was written; the counts move along, as counting anew takes too long for a key."""
        for atlas_id in atlas_ids:
            before = self.rows.one(atlas_id)
            self.rows.forget([atlas_id])
            after = self.rows.one(atlas_id)
            for row, step in ((before, -1), (after, 1)):
                if row is not None:
                    self._count(row, step)
        self.recent = latest_by(self.connection, self.scanner, RECENT)

    def _count(self, row: ListRow, step: int) -> None:
        if row.is_undecided:
            self.counts[ListName.EYEBALL] += step
        if row.list is not None:
            self.counts[row.list] += step

    def _look_around(self) -> None:
        self.counts = counts(self.connection)
        self.recent = latest_by(self.connection, self.scanner, RECENT)

    # What others write

    def sight(self) -> Sight:
        """What the watcher must know to tell what is new here."""
        return Sight(self.list_name, self.order.ids, self.order.current)

    def take(self, news: News, first: int, last: int) -> int:
        """Take in what others wrote; lines ``first`` to ``last`` stay. See `ListOrder.admit`."""
        self.counts = news.counts
        self.order.settled |= news.settled
        self.rows.forget(news.changed)
        if news.arrivals is None:
            return 0
        self.arrived += len(news.arrivals.ids)
        return self.order.admit(news.arrivals, first, last)


def seen(row: ListRow) -> OnScreen:
    """What the scanner saw of an alert, as it is kept with the decision."""
    return OnScreen(row.visit, row.preal, row.pgal, row.pfast, row.rank, row.model)
