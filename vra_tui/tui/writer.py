"""Write decisions in a thread with its own durable connection, so that the screen never waits."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from vra_tui.errors import VraError
from vra_tui.pipeline.own_labels import enter_own_labels
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, OnScreen, add_note, decide, undo_all
from vra_tui.store.doubt_list import look_tags
from vra_tui.store.epoch_marks import MarkedEpoch
from vra_tui.store.scanning import standing_decision
from vra_tui.store.sqlite_file import reason
from vra_tui.surveys import installed_surveys

T = TypeVar("T")


def _enter_own_labels(store: Store) -> None:
    # A store that was filled before its survey's module had labels of its own.
    enter_own_labels(store, installed_surveys())


class NotSaved(VraError):
    """Something that could not be written; the message says why, in words for the scanner."""


class StoreWriter:
    """Writes in the order asked, each in a transaction that is on the disk before the call returns."""

    def __init__(self, path: Path, author: Author, clock: Callable[[], datetime]) -> None:
        self._path = path
        #: Who decides, and on which host.
        self.author = author
        self._clock = clock
        self._connection: Store | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vra-writer")
        #: Ids of the decisions and undos written here.
        self.written: set[str] = set()

    def now(self) -> datetime:
        """The time by the clock that decisions are given theirs by."""
        return self._clock()

    async def decide(
        self,
        decisions: list[tuple[int, OnScreen]],
        list_name: str,
        note: str | None = None,
        tags: Sequence[str] = (),
        are_looks: bool = False,
    ) -> dict[int, tuple[str, str] | None]:
        """Decide alerts at one moment, all or none; returns what stood on each: list and scanner, or None.

        ``are_looks``: they stood in the list `doubt`, and get the tags of second looks. Raises NotSaved.
        """

        def write(store: Store) -> dict[str, tuple[int, tuple[str, str] | None]]:
            now, batch = self._clock(), None  # one for all: what was decided by one key is undone by one
            found = {}
            looks = look_tags(store, [alert_id for alert_id, _ in decisions]) if are_looks else {}
            for alert_id, seen in decisions:
                before = standing_decision(store, alert_id)
                own = (*tags, *looks.get(alert_id, ()))
                one = decide(store, alert_id, list_name, self.author, now, seen, note, own, batch)
                batch = batch or one
                found[one] = (alert_id, before)
            return found

        found = await self._run(write, before=None if list_name in DECISIONS else _enter_own_labels)
        self.written.update(found)
        return dict(found.values())

    async def undo(self, decision_ids: list[str]) -> None:
        """Take decisions back, all or none. Raises NotSaved."""
        undos = await self._run(lambda store: undo_all(store, decision_ids, self.author, self._clock()))
        self.written.update(undos)

    async def mark(
        self, alert_id: int, epochs: Sequence[MarkedEpoch], is_bad: bool, reason: str
    ) -> list[str]:
        """Call epochs of an alert bad, or good again; returns the marks' ids. Raises NotSaved."""
        # It brings along what takes alerts in, which no other key needs.
        from vra_tui.store.marked_alerts import mark_epochs

        return await self._run(
            lambda store: mark_epochs(store, alert_id, epochs, is_bad, self.author, self._clock(), reason)
        )

    async def note(self, alert_id: int, text: str) -> str:
        """Keep a note on an alert; returns its id. Raises NotSaved."""
        return await self._run(lambda store: add_note(store, alert_id, text, self.author, self._clock()))

    async def change(self, write: Callable[[Store, str, datetime], T]) -> T:
        """Write something else in a transaction, as this scanner, now. Raises NotSaved."""
        return await self._run(lambda store: write(store, self.author.scanner, self._clock()))

    async def work(self, do: Callable[[Store], T]) -> T:
        """Do something that writes in transactions of its own. Raises NotSaved."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, do)

    def close(self) -> None:
        """Finish what is being written, and close the connection."""
        self._pool.submit(self._disconnect)
        self._pool.shutdown(wait=True)

    async def _run(self, write: Callable[[Store], T], before: Callable[[Store], object] | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._write, write, before)

    def _write(self, write: Callable[[Store], T], before: Callable[[Store], object] | None) -> T:
        def do(store: Store) -> T:
            if before is not None:
                before(store)
            with transaction(store):
                return write(store)

        return self._work(do)

    def _work(self, do: Callable[[Store], T]) -> T:
        try:
            if self._connection is None:
                self._connection = open_store(self._path, create=False, durable=True)
            return do(self._connection)
        except StoreFault as error:
            raise NotSaved(reason(error)) from error
        except VraError as error:
            raise NotSaved(str(error)) from error

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
