"""Watching the store for what other programs write: a thread of its own, so that no key waits for it."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vra_tui.ranking.lists import ListName
from vra_tui.store.changes import Horizon, changes_since
from vra_tui.store.connection import open_store
from vra_tui.store.listing import counts, data_version, list_ids, members
from vra_tui.tui.order import Arrivals, Ids, arrivals


@dataclass(frozen=True)
class Sight:
    """What the screen shows: the open list, its ids, and the alert under the cursor."""

    list_name: str
    ids: Ids
    current: int | None


@dataclass(frozen=True)
class News:
    """What others committed since the last look.

    ``changed``: alerts with new scores or decisions. ``settled``: those that people decided. ``arrivals``:
    alerts that belong into the open list now. ``fast_track``: how many of them must be looked at now.
    ``current_grew``: whether the alert under the cursor has more data.
    """

    counts: dict[str, int]
    changed: frozenset[int]
    settled: frozenset[int]
    arrivals: Arrivals | None
    fast_track: int
    current_grew: bool


class StoreWatcher:
    """Looks when asked; `look` takes microseconds of the screen's time however long the store takes."""

    def __init__(self, path: Path, since: Horizon) -> None:
        self._path = path
        self._horizon = since
        self._version: int | None = None
        self._revision: tuple[int | None, int] = (None, 0)
        # Alerts that belong into the list and were not in it when it was last seen.
        self._owed: tuple[str, set[int]] = ("", set())
        self._connection: sqlite3.Connection | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vra-watcher")

    async def look(self, sight: Sight) -> News | None:
        """What is new; None when nothing is. Raises sqlite3.Error when the store cannot be read."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._look, sight)

    def close(self) -> None:
        """Close the connection."""
        self._pool.submit(self._disconnect)
        self._pool.shutdown(wait=True)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _look(self, sight: Sight) -> News | None:
        if self._connection is None:
            self._connection = open_store(self._path, create=False)
        store = self._connection
        version = data_version(store)
        grew = self._current_grew(store, sight.current)
        if version == self._version and not (self._owed[1] and self._owed[0] == sight.list_name):
            return None
        self._version = version
        changes = changes_since(store, self._horizon)
        self._horizon = changes.horizon
        owed = self._still_owed(store, sight, changes.scored)
        fast = members(store, ListName.FASTTRACK.value, owed) if owed else set()
        arrived = arrivals(sight.ids, list_ids(store, sight.list_name)) if owed else None
        return News(
            counts(store),
            changes.scored | changes.decided,
            changes.decided_by_people,
            arrived,
            len(fast),
            grew,
        )

    def _still_owed(self, store: sqlite3.Connection, sight: Sight, scored: frozenset[int]) -> set[int]:
        name, before = self._owed
        candidates = [*scored, *(before if name == sight.list_name else ())]
        missing = np.asarray(candidates, dtype=np.int64)
        missing = missing[~np.isin(missing, sight.ids)]
        owed = members(store, sight.list_name, missing.tolist()) if len(missing) else set()
        self._owed = (sight.list_name, owed)
        return owed

    def _current_grew(self, store: sqlite3.Connection, current: int | None) -> bool:
        row = store.execute("SELECT revision FROM alerts WHERE atlas_id = ?", (current,)).fetchone()
        before, self._revision = self._revision, (current, row["revision"] if row else 0)
        return before[0] == current and before != self._revision
