"""A scanning session without a screen: the open list and its alerts, decisions, and news."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.observability import Nights
from vra_tui.pipeline.own_labels import fault_of, own_labels_of
from vra_tui.ranking.lists import MACHINE, ListName
from vra_tui.ranking.policy import Policy
from vra_tui.store import Store, StoreFault
from vra_tui.store.batches import latest_batch
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.decisions import DecisionRow, OnScreen, latest_by
from vra_tui.store.epoch_marks import MarkedEpoch
from vra_tui.store.insight_table import NIGHTS_TABLE, survey_table
from vra_tui.store.label_names import own_labels
from vra_tui.store.listing import ListRow, counts
from vra_tui.store.objects import Name, known_numbers, names_of
from vra_tui.store.outbox import State
from vra_tui.store.query import DEFAULT_SORT, ListQuery, left_over
from vra_tui.store.tonight import decided_tonight
from vra_tui.store.viewing import Viewer
from vra_tui.surveys.base import Label
from vra_tui.tui.blind_voting import BlindVoting, has_hidden_votes, is_second_look
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.order import Ids, ListOrder
from vra_tui.tui.rows import RowCache
from vra_tui.tui.tabs import LISTS
from vra_tui.tui.viewing_time import ViewingTimes
from vra_tui.tui.watcher import ScreenContents, StoreChanges
from vra_tui.tui.writer import StoreWriter

#: So many ids are read before the first list is shown.
FIRST_IDS = 2_000

#: How many of the scanner's decisions are kept in view.
RECENT = 10
_EYEBALL = ListQuery(ListName.EYEBALL.value)
#: Where there is something to do, the most urgent first: one of these is opened in place of an empty list.
_TO_DO = (ListName.FASTTRACK, ListName.EXTRAGALACTIC, ListName.GALACTIC, ListName.EYEBALL)


@dataclass(frozen=True)
class DecidedObject:
    """The object that a decision was on."""

    survey: str
    object_id: str
    name: str | None


@dataclass
class ScanSession:
    """The state of scanning one store; the screen shows it and calls it, and holds none of its own.

    ``store`` is only read from; what is written goes through ``writer``.
    """

    store: Store
    writer: StoreWriter
    scanner: str
    store_path: Path
    voting: BlindVoting
    query: ListQuery = _EYEBALL
    order: ListOrder = field(default_factory=ListOrder)
    counts: dict[str, int] = field(default_factory=dict)
    recent: list[DecisionRow] = field(default_factory=list)
    #: Survey and object id of what was decided of late, by number.
    names: dict[int, Name] = field(default_factory=dict)
    marked: dict[int, None] = field(default_factory=dict)
    #: What came into each list since the scanner visited it last, as far as that is known.
    fresh: Mapping[str, frozenset[int]] = field(default_factory=dict)
    #: The alerts that the scanner decided since the last long rest, also in sessions before this one.
    decided_tonight: set[int] = field(default_factory=set)
    left_over: int = 0
    #: The list that was asked for at the start, where it was empty and another was opened.
    found_empty: str | None = None
    #: What is left above this rank is told beside what is left at all.
    over_rank: float = Policy().extragalactic_rank
    #: What the survey's state should make a scanner careful of.
    warnings: list[str] = field(default_factory=list)
    #: Who looks at which alert on other screens.
    viewers: dict[int, list[Viewer]] = field(default_factory=dict)
    #: How many items of the outbox wait for somebody: drafts, and what was refused.
    outbox: Mapping[State, int] = field(default_factory=dict)
    #: Whether only the first ids of the list are there yet.
    is_partial: bool = False
    #: How often this session wrote; counts taken before the latest writing are stale.
    writings: int = 0
    #: The labels of their own that surveys of this store have.
    own_labels: dict[str, Label] = field(default_factory=dict)
    _places: dict[ListQuery, int] = field(default_factory=dict)
    _nights_read: str = ""
    _nights: Nights | None = None

    def __post_init__(self) -> None:
        self.rows = RowCache(self.store, self.voting)
        self.looks = ViewingTimes()
        self.codes = CodeBook(instrument_names(self.store), band_names(self.store))
        self._read_own_labels()

    # Lists

    @property
    def is_writable(self) -> bool:
        """Whether decisions can be written: the file, and beside it the log of what is written."""
        return os.access(self.store_path, os.W_OK) and os.access(self.store_path.parent, os.W_OK)

    def start(self, query: ListQuery, named: Name | None, is_asked_for: bool = False) -> None:
        """Open the first list, at an alert in it if one is named.

        Without one, only its first ids are read: the rest comes with `complete`, the counts with the first
        news, so that a million alerts open as fast as a thousand. In place of an empty list the most urgent
        one that has something in it is opened, unless the scanner asked for this one or narrows it by words.
        """
        place = None if named is None else known_numbers(self.store, [named]).get(named)
        limit = FIRST_IDS if place is None else None
        try:
            ids = self.voting.ids(self.store, query, limit=limit)
        except StoreFault:
            # The order by rank stands in an index: of a damaged store it may be all that can be read.
            query = replace(query, sort=DEFAULT_SORT)
            ids = self.voting.ids(self.store, query, limit=limit)
        if not len(ids) and not is_asked_for and not query.words:
            query, ids = self._with_something_in_it(query, ids)
        self._show_query(query)
        self.order = ListOrder(ids)
        if place is not None:
            self.order.move_to(self.order.index_of(place) or 0)
        self.is_partial = limit is not None and len(ids) == limit
        self._read_recent()
        self.decided_tonight = decided_tonight(self.store, self.scanner, self.writer.now())

    def _with_something_in_it(self, query: ListQuery, ids: Ids) -> tuple[ListQuery, Ids]:
        for name in _TO_DO:
            other = replace(query, list_name=name.value)
            found = self.voting.ids(self.store, other, limit=FIRST_IDS)
            if len(found):
                self.found_empty = query.list_name
                return other, found
        return query, ids

    def complete(self, ids: Ids) -> None:
        """All ids of the list that `start` opened; the cursor stays on its alert."""
        self.order.replace(ids)
        self.is_partial = False

    def open(self, query: ListQuery, ids: Ids, place: int | None = None, at_top: bool = False) -> None:
        """Show the ids that a query selected, at the alert where it was left, else at ``place``."""
        self.is_partial = False
        if self.order.current is not None:
            self._places[self.query] = self.order.current
        self._show_query(query)
        self.order = ListOrder(ids)
        self.marked.clear()
        place = self._places.get(query, place)
        if place is not None and not at_top:
            self.order.move_to(self.order.index_of(place) or 0)
        self._read_anew()

    def _show_query(self, query: ListQuery) -> None:
        self.query = query
        self.voting.open_list = query.list_name

    def refresh(self, ids: Ids) -> None:
        """Show the open query's ids as they are now; the cursor stays on its alert."""
        self.order.settled.clear()
        self.order.replace(ids)
        self._read_anew()

    def _read_own_labels(self) -> None:
        """Know what may be decided beside the common labels; a name without a module is one that came so."""
        known = {name: Label(name, "") for name in own_labels(self.store)}
        brought = own_labels_of(self.store, self.codes.surveys)
        self.own_labels = known | {label.name: label for _, label in brought if fault_of(label) is None}

    def _read_anew(self) -> None:
        self.rows.forget()
        self._read_own_labels()
        self.counts = counts(self.store)
        self.left_over = left_over(self.store, self.over_rank)
        self._read_recent()

    def neighbour(self, step: int) -> str:
        """The name of the list ``step`` places after the open one, round and round."""
        name = self.query.list_name
        here = LISTS.index(name) if name in LISTS else 0
        return LISTS[(here + step) % len(LISTS)]

    def new_in(self, list_name: str) -> int:
        """How many alerts came into a list since the scanner's last visit and wait for this scanner."""
        fresh = self.fresh.get(list_name, frozenset())
        return len(fresh) - len(fresh & self.decided_tonight)

    @property
    def fresh_here(self) -> frozenset[int]:
        """What came into the open list since the scanner's last visit before this one."""
        return self.fresh.get(self.query.list_name, frozenset())

    def codes_of(self, *curves: LightCurve) -> CodeBook:
        """The names of light curves' codes, read again where another program has given new ones."""
        if not all(map(self.codes.knows, curves)):
            names = instrument_names(self.store), band_names(self.store)
            self.codes = CodeBook(*names, self.codes.surveys)
        return self.codes

    def nights(self) -> Nights | None:
        """The nights at the survey's sites from tonight on, as scoring left them; None before it did."""
        stored = survey_table(self.store, NIGHTS_TABLE)
        if stored is None:
            return None
        if stored != self._nights_read:
            self._nights_read, self._nights = stored, Nights.from_json(stored)
        return self._nights

    def current_name(self) -> Name | None:
        """Survey and object id of the alert under the cursor."""
        row = self.current_row()
        return None if row is None else (row.survey, row.object_id)

    def current_row(self) -> ListRow | None:
        """The row under the cursor."""
        return self.rows.row(self.order.ids, self.order.cursor) if len(self.order) else None

    # Decisions

    async def decide(
        self,
        rows: list[ListRow],
        list_name: str,
        now: float,
        note: str | None = None,
        tags: Sequence[str] = (),
    ) -> list[tuple[str, str]]:
        """Decide alerts as they were seen; they are decided once they are on the disk. Raises NotSaved.

        ``now``: when the key was pressed, by the clock of `looks`. Returns list and scanner of decisions that
        others took since the alerts were drawn.
        """
        on_screen = [(row.alert_id, seen(row, self.looks.seconds(row.alert_id, now))) for row in rows]
        are_looks = any(map(is_second_look, rows))
        before = await self.writer.decide(on_screen, list_name, note, tags, are_looks)
        decided = [row.alert_id for row in rows]
        for alert_id in decided:
            self.looks.decided(alert_id, now)
        if list_name == ListName.EYEBALL:
            self.decided_tonight.difference_update(decided)
        else:
            self.decided_tonight.update(decided)
        self.order.settled.update(decided)
        for alert_id in decided:
            self.marked.pop(alert_id, None)
        self._after_writing(decided)
        shown = {row.alert_id: (row.decided_list, row.decided_by) for row in rows}
        return [
            stood
            for alert_id, stood in before.items()
            if stood is not None and stood[1] not in (MACHINE, self.scanner) and stood != shown[alert_id]
        ]

    async def undo(self) -> list[DecisionRow]:
        """Take back what the scanner's latest key decided, and put the cursor on it; empty: nothing is left.

        What was imported stays, whoever decided it. Raises NotSaved.
        """
        undone = latest_batch(self.store, self.writer.author)
        if not undone:
            return []
        await self.writer.undo([decision.decision_id for decision in undone])
        # What was decided before stands again: a decision taken back may leave one of tonight.
        self.decided_tonight = decided_tonight(self.store, self.scanner, self.writer.now())
        for decision in undone:
            self.order.put_back(decision.alert_id)
        self._after_writing([decision.alert_id for decision in undone])
        return undone

    async def note(self, alert_id: int, text: str) -> None:
        """Keep a note on an alert. Raises NotSaved."""
        await self.writer.note(alert_id, text)
        self._after_writing([alert_id])

    async def mark(self, alert_id: int, epochs: Sequence[MarkedEpoch], is_bad: bool, reason: str) -> None:
        """Call epochs of an alert bad, or good again. Raises NotSaved."""
        await self.writer.mark(alert_id, epochs, is_bad, reason)
        self._after_writing([alert_id])

    def _after_writing(self, alert_ids: Iterable[int]) -> None:
        """Read again what was written; the counts move along, as counting anew takes too long for a key."""
        self.writings += 1
        for alert_id in alert_ids:
            before = self.rows.one(alert_id)
            self.rows.forget([alert_id])
            after = self.rows.one(alert_id)
            for row, step in ((before, -1), (after, 1)):
                if row is not None:
                    self._count(row, step)
        self._read_recent()

    def _read_recent(self) -> None:
        self.recent = latest_by(self.store, self.scanner, RECENT)
        self._know(self.recent)

    def _know(self, decisions: Iterable[DecisionRow]) -> None:
        unknown = {one.alert_id for one in decisions} - self.names.keys()
        if unknown:
            self.names.update(names_of(self.store, list(unknown)))

    def named(self, decision: DecisionRow) -> DecidedObject:
        """Return what a decision was on, as a screen may name it."""
        self._know([decision])
        survey, object_id = self.names.get(decision.alert_id, ("", "an alert of another store"))
        return DecidedObject(survey, object_id, decision.name)

    def _count(self, row: ListRow, step: int) -> None:
        if not self.counts or has_hidden_votes(row):
            return  # not counted yet, or not to be told where: the next news will
        if row.is_undecided:
            self.counts[ListName.EYEBALL] += step
            self.left_over += step if row.rank is not None and row.rank > self.over_rank else 0
        if row.list in self.counts:  # lists of surveys' own labels stand in no tab
            self.counts[row.list] += step

    # What others write

    def contents(self, first: int, last: int) -> ScreenContents:
        """Return the contents of the screen for the watcher; lines ``first`` to ``last`` are in view."""
        ids = self.order.ids
        return ScreenContents(
            self.query,
            ids,
            ids[first : last + 1],
            self.order.current,
            self.over_rank,
            self.writings,
            is_whole=not (self.is_partial or self.query.words),
        )

    def take(self, news: StoreChanges, first: int, last: int) -> int:
        """Take in what others wrote; lines ``first`` to ``last`` stay. See `ListOrder.admit`."""
        if news.writings == self.writings:
            if news.counts is not None and news.left_over is not None:
                self.counts, self.left_over = news.counts, news.left_over
            self.rows.replace(news.rows)
        else:
            self.rows.forget()
        if news.fresh is not None:
            self.fresh = news.fresh
        self.warnings = news.warnings
        self.outbox = news.outbox
        self.viewers = {}
        for viewer in news.viewers:
            self.viewers.setdefault(viewer.alert_id, []).append(viewer)
        for alert_id, is_settled in news.decided.items():
            (self.order.settled.add if is_settled else self.order.settled.discard)(alert_id)
        if news.arrivals is None:
            return 0
        return self.order.admit(news.arrivals, first, last)


def seen(row: ListRow, seconds: float | None) -> OnScreen:
    """Return what the scanner saw of an alert and for how long, as kept with the decision."""
    return OnScreen(row.visit, row.preal, row.pgal, row.pfast, row.rank, row.model, seconds, row.visited_mjd)
