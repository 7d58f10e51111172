"""Watching the store for what other programs write: a thread of its own, so that no key waits for it."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from vra_tui.ranking.lists import ListName
from vra_tui.store.changes import Horizon, changes_since
from vra_tui.store.connection import open_store
from vra_tui.store.detail import find_alert
from vra_tui.store.listing import counts, data_version
from vra_tui.store.query import ListQuery, left_over, near, parse_position, query_ids
from vra_tui.tui.order import Arrivals, Ids, arrivals

T = TypeVar("T")

#: A look that took so long is followed by a rest of so many times as long.
_SHARE = 10.0


@dataclass(frozen=True)
class Sight:
    """What the screen shows: the open list, its ids, and the alert under the cursor."""

    query: ListQuery
    ids: Ids
    current: int | None
    over_rank: float
    writings: int


@dataclass(frozen=True)
class News:
    """What others committed since the last look.

    ``changed``: alerts with new scores or decisions. ``settled``: those that people decided. ``arrivals``:
    alerts that belong into the open list now. ``fast_track``: how many of them must be looked at now.
    ``current_grew``: whether the alert under the cursor has more data. ``writings``: how often the session
    had written when it was seen.
    """

    counts: dict[str, int]
    left_over: int
    changed: frozenset[int]
    settled: frozenset[int]
    arrivals: Arrivals | None
    fast_track: int
    current_grew: bool
    writings: int


class StoreWatcher:
    """Looks when asked; `look` takes microseconds of the screen's time however long the store takes."""

    def __init__(self, path: Path, since: Horizon, own: Collection[str] = ()) -> None:
        """``own``: ids of decisions that this program wrote, growing while it runs; they are no news."""
        self._path = path
        self._own = own
        self._horizon = since
        self._version: int | None = None
        self._revision: tuple[int | None, int] = (None, 0)
        # Alerts that belong into the list and were not in it when it was last seen.
        self._owed: tuple[ListQuery | None, list[int]] = (None, [])
        self._rest_until = 0.0
        self._connection: sqlite3.Connection | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vra-watcher")

    async def look(self, sight: Sight) -> News | None:
        """What is new; None when nothing is. Raises sqlite3.Error when the store cannot be read."""
        return await self._run(lambda store: self._look(store, sight))

    async def ids(self, query: ListQuery) -> Ids:
        """The ids that a query selects. Raises UnknownList, FilterError and sqlite3.Error."""
        return await self._run(lambda store: query_ids(store, query))

    async def find(self, text: str) -> list[int]:
        """The alerts that an id, a name or a position means. Raises UnknownAlert and sqlite3.Error."""

        def find(store: sqlite3.Connection) -> list[int]:
            position = parse_position(text)
            return [find_alert(store, text)] if position is None else near(store, *position)

        return await self._run(find)

    async def _run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: read(self._store()))

    def _store(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_store(self._path, create=False)
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        self._pool.submit(self._disconnect)
        self._pool.shutdown(wait=True)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def count_again(self) -> None:
        """Take the next look for a first one: counts may have been overtaken."""
        self._version = None

    def _look(self, store: sqlite3.Connection, sight: Sight) -> News | None:
        begin = time.monotonic()
        if begin < self._rest_until:
            return None
        try:
            return self._news(store, sight)
        finally:
            # Beside a long scoring of a very long list, looking takes a tenth of the time at the most.
            self._rest_until = begin + _SHARE * (time.monotonic() - begin)

    def _news(self, store: sqlite3.Connection, sight: Sight) -> News | None:
        version = data_version(store)
        grew = self._current_grew(store, sight.current)
        if version == self._version and not (self._owed[1] and self._owed[0] == sight.query):
            return None
        is_first, self._version = self._version is None, version
        changes = changes_since(store, self._horizon, known=self._own)
        self._horizon = changes.horizon
        if not (changes or grew or is_first or self._owed[1]):
            return None
        owed = self._still_owed(store, sight, changes.scored)
        fast = len(query_ids(store, ListQuery(ListName.FASTTRACK.value), owed)) if owed else 0
        arrived = arrivals(sight.ids, query_ids(store, sight.query)) if owed else None
        return News(
            counts(store),
            left_over(store, sight.over_rank),
            changes.scored | changes.decided,
            changes.decided_by_people,
            arrived,
            fast,
            grew,
            sight.writings,
        )

    def _still_owed(self, store: sqlite3.Connection, sight: Sight, scored: frozenset[int]) -> list[int]:
        query, before = self._owed
        candidates = np.asarray([*scored, *(before if query == sight.query else ())], dtype=np.int64)
        missing = candidates[~np.isin(candidates, sight.ids)].tolist()
        owed = query_ids(store, sight.query, missing).tolist() if missing else []
        self._owed = (sight.query, owed)
        return owed

    def _current_grew(self, store: sqlite3.Connection, current: int | None) -> bool:
        row = store.execute("SELECT revision FROM alerts WHERE atlas_id = ?", (current,)).fetchone()
        before, self._revision = self._revision, (current, row["revision"] if row else 0)
        return before[0] == current and before != self._revision
