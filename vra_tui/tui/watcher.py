"""Watch the store for changes by other programs, in a thread of its own, so that no key waits."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vra_tui.ranking.lists import ListName
from vra_tui.store import Store
from vra_tui.store.changes import Changes, Horizon, changes_since
from vra_tui.store.connection import open_store
from vra_tui.store.filter_vocabulary import FilterVocabulary, filter_vocabulary
from vra_tui.store.finding import find_near
from vra_tui.store.listing import ListRow, counts, data_version
from vra_tui.store.outbox import State
from vra_tui.store.outbox import counts as outbox_counts
from vra_tui.store.query import ListQuery, explain_empty, left_over, query_ids
from vra_tui.store.scanning import revision_of
from vra_tui.store.viewing import Viewer, viewers
from vra_tui.tui.blind_voting import BlindVoting
from vra_tui.tui.order import Arrivals, Ids, arrivals
from vra_tui.tui.presence import Presence
from vra_tui.tui.signals import Signal, SignalWatch
from vra_tui.tui.visits import Visits
from vra_tui.tui.warnings import survey_warnings

T = TypeVar("T")

#: Counting a long list, and placing arrivals in it, is followed by a rest of so many times as long.
_COUNTING_REST, _PLACING_REST = 10.0, 3.0
#: While one commit follows the other, it is counted with every second look: it is most of what a look costs.
_BETWEEN_COUNTS = 1.5
#: What changes without a score or another's decision (alerts that age) is counted after so long, seconds.
_COUNTED_AT_LEAST = 30.0


@dataclass(frozen=True, eq=False)
class ScreenContents:
    """The contents of the screen: open list, its ids, those in view, and the alert under the cursor.

    ``is_whole``: the ids are all that the list holds, neither narrowed nor its first ones only.
    """

    query: ListQuery
    ids: Ids
    view: Ids
    current: int | None
    over_rank: float
    writings: int
    is_whole: bool = True


@dataclass(frozen=True, eq=False)
class StoreChanges:
    """Changes that others committed since the last look.

    ``counts``, ``left_over`` and ``fresh`` (what came into each list since it was visited last) are None when
    they were not counted this time. ``rows``: the lines in view as
    they are now. ``decided``: alerts that people decided or took back, and whether they are settled.
    ``arrivals``: alerts that belong into the open list now. ``fast_track``: how many of them must be looked
    at now. ``current_grew``: whether the alert under the cursor has more data. ``writings``: how often the
    session had written when it was seen. ``viewers``: which alerts other screens show.
    ``warnings``: what the survey's state should make a scanner careful of.
    """

    counts: dict[str, int] | None
    left_over: int | None
    rows: list[ListRow]
    decided: dict[int, bool]
    arrivals: Arrivals | None
    fast_track: int
    current_grew: bool
    writings: int
    viewers: tuple[Viewer, ...]
    warnings: list[str]
    fresh: Mapping[str, frozenset[int]] | None = None
    #: How many items of the outbox wait for somebody: drafts, and what was refused.
    outbox: Mapping[State, int] = field(default_factory=dict)
    #: What rules have to say by this terminal.
    signals: Sequence[Signal] = ()


class StoreWatcher:
    """Looks when asked; `look` takes microseconds of the screen's time however long the store takes."""

    def __init__(
        self,
        path: Path,
        since: Horizon,
        presence: Presence,
        voting: BlindVoting,
        own: Collection[str] = (),
        visits: Visits | None = None,
        signals: SignalWatch | None = None,
    ) -> None:
        """``own``: ids of decisions that this program wrote, growing while it runs; they are no news."""
        self._path = path
        self._presence = presence
        self._voting = voting
        self._own = own
        self._visits = visits
        self._signals = signals or SignalWatch(())
        self._horizon = since
        self._version: int | None = None
        self._counted: int | None = None
        self._must_count = True
        self._viewers: tuple[Viewer, ...] = ()
        self._revision: tuple[int | None, int] = (None, 0)
        # Alerts that belong into the list and were not in it when it was last seen.
        self._owed: tuple[ListQuery | None, Ids] = (None, _NONE)
        # The ids of the list last seen, and the same sorted.
        self._sorted: tuple[Ids, Ids] = (_NONE, _NONE)
        self._counting = _LongReads(_COUNTING_REST, _BETWEEN_COUNTS)
        self._placing = _LongReads(_PLACING_REST)
        self._connection: Store | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vra-watcher")

    async def look(self, contents: ScreenContents) -> StoreChanges | None:
        """Return what is new; None when nothing is. Raises StoreFault when the store cannot be read."""
        return await self._run(lambda store: self._look(store, contents))

    async def ids(self, query: ListQuery) -> Ids:
        """The ids that a query selects. Raises UnknownList, FilterError and StoreFault."""

        def ids(store: Store) -> Ids:
            found = self._voting.ids(store, query)
            if not len(found):
                explain_empty(store, query.words)
            return found

        return await self._run(ids)

    async def find(self, text: str) -> list[int]:
        """The alerts that an id, a name, an address or a position means. Raises as `find_near`."""
        return await self._run(lambda store: find_near(store, text))

    async def vocabulary(self) -> FilterVocabulary:
        """The words that a filter may hold in this store. Raises StoreFault."""
        return await self._run(filter_vocabulary)

    async def read(self, read: Callable[[Store], T]) -> T:
        """Read something else in the watcher's thread. Raises StoreFault."""
        return await self._run(read)

    async def _run(self, read: Callable[[Store], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: read(self._store()))

    def _store(self) -> Store:
        if self._connection is None:
            self._connection = open_store(self._path, create=False)
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        self._pool.submit(self._disconnect)
        self._pool.shutdown(wait=True)

    def _disconnect(self) -> None:
        self._presence.leave()
        if self._visits is not None:
            self._visits.leave()
        if self._connection is not None:
            self._connection.close()

    def count_again(self) -> None:
        """Count with the next look, whether or not others changed anything."""
        self._must_count = True

    def _look(self, store: Store, contents: ScreenContents) -> StoreChanges | None:
        self._presence.tell(contents.current)
        if self._visits is not None:
            self._visits.look(contents.query.list_name, contents.ids, contents.is_whole)
        version = data_version(store)
        others = tuple(viewers(store, self._presence.clock(), but=self._presence.id))
        grew = self._current_grew(store, contents.current)
        is_changed = version != self._version or others != self._viewers
        is_owed = self._owed[0] == contents.query and len(self._owed[1]) > 0
        # Screens write all the time what they show; that says nothing about the lists.
        self._must_count |= version != self._counted and self._counting.rested > _COUNTED_AT_LEAST
        now = self._presence.clock()
        is_told = self._signals.is_due(now)
        if not (is_changed or is_owed or is_told or (self._must_count and self._counting.is_over)):
            return None
        changes = changes_since(store, self._horizon, known=self._own)
        self._must_count |= bool(changes)
        arrived, fast = self._placed(store, contents, self._still_owed(store, contents, changes))
        numbers, left, fresh = self._numbers(store, contents, version)
        rows = self._voting.rows(store, contents.view.tolist())
        warnings = survey_warnings(store, now)
        signals = self._signals.look(store, [*changes.scored.tolist(), *changes.decided], now)
        # Only now: a look that failed is taken again.
        self._version, self._viewers, self._horizon = version, others, changes.horizon
        return StoreChanges(
            counts=numbers,
            left_over=left,
            rows=rows,
            decided=changes.decided,
            arrivals=arrived,
            fast_track=fast,
            current_grew=grew,
            writings=contents.writings,
            viewers=others,
            warnings=warnings,
            fresh=fresh,
            # Those that have left, which are many in the end, are not counted at every change.
            outbox=outbox_counts(store, (State.DRAFT, State.REFUSED)),
            signals=signals,
        )

    def _placed(self, store: Store, contents: ScreenContents, owed: Ids) -> tuple[Arrivals | None, int]:
        """Tell where the alerts owed to the list belong, and how many of them are on the fast track."""
        if not len(owed) or not self._placing.is_over:
            return None, 0
        with self._placing:
            fast = query_ids(store, ListQuery(ListName.FASTTRACK.value), owed.tolist())
            return arrivals(contents.ids, self._voting.ids(store, contents.query), owed), len(fast)

    def _numbers(
        self, store: Store, contents: ScreenContents, version: int
    ) -> tuple[dict[str, int] | None, int | None, Mapping[str, frozenset[int]] | None]:
        """Counts of the lists, of what is left over a rank, and what is new; None if it is too soon."""
        if not self._must_count or not self._counting.is_over:
            return None, None, None
        with self._counting:
            fresh = None if self._visits is None else self._visits.fresh(store)
            numbers = counts(store), left_over(store, contents.over_rank), fresh
        self._counted, self._must_count = version, False
        return numbers

    def _still_owed(self, store: Store, contents: ScreenContents, changes: Changes) -> Ids:
        """Tell which alerts belong into the list and are not in it."""
        query, before = self._owed
        decided = np.fromiter(changes.decided, dtype=np.int64)
        candidates = np.concatenate([changes.scored, decided, before if query == contents.query else _NONE])
        missing = candidates[~self._is_in(candidates, contents.ids)]
        owed = self._voting.ids(store, contents.query, missing.tolist()) if len(missing) else _NONE
        self._owed = (contents.query, owed)
        return owed

    def _is_in(self, candidates: Ids, ids: Ids) -> NDArray[np.bool_]:
        """Which candidates are among the ids of a list, which is sorted once as long as it stays the same."""
        if not len(ids) or not len(candidates):
            return np.zeros(len(candidates), dtype=bool)
        if self._sorted[0] is not ids:
            self._sorted = (ids, np.sort(ids))
        ordered = self._sorted[1]
        found = ordered[np.minimum(np.searchsorted(ordered, candidates), len(ordered) - 1)]
        return np.asarray(found == candidates)

    def _current_grew(self, store: Store, current: int | None) -> bool:
        before, self._revision = self._revision, (current, revision_of(store, current))
        return before[0] == current and before != self._revision


_NONE: Ids = np.empty(0, dtype=np.int64)


class _LongReads:
    """Work that takes long is not done again at once: it may take a share of the time, and no more."""

    def __init__(self, times: float, least: float = 0.0) -> None:
        """``times``: a rest is so many times as long as the work, and at least ``least`` seconds."""
        self._times = times
        self._least = least
        self._begin = self._until = 0.0

    @property
    def is_over(self) -> bool:
        """Whether it may be done again."""
        return time.monotonic() >= self._until

    @property
    def rested(self) -> float:
        """Seconds since it was done last."""
        return time.monotonic() - self._begin

    def __enter__(self) -> None:
        self._begin = time.monotonic()

    def __exit__(self, *_: object) -> None:
        now = time.monotonic()
        self._until = now + max(self._times * (now - self._begin), self._least)
