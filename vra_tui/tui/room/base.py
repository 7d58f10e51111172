"""The scanning room without its keys: how it opens, saves, and follows what other programs write."""

import asyncio
import os
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import TypeVar

from textual import events

from vra_tui.errors import VraError
from vra_tui.store import StoreFault
from vra_tui.store.listing import ListRow
from vra_tui.text import counted, printable
from vra_tui.tui.alert_names import full_name
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.decided import title_of
from vra_tui.tui.empty import greeting
from vra_tui.tui.room.showing import Showing
from vra_tui.tui.signals import Signal, sequences
from vra_tui.tui.spans import Line
from vra_tui.tui.watcher import StoreChanges
from vra_tui.tui.writer import reason

T = TypeVar("T")

#: After so long a writing is called waiting, seconds.
_WAITING = 0.4
#: How often other programs' changes are looked for, seconds.
_POLL = 1.0


class Room(Showing):
    """Lists on top; the list, the curve and the context; decisions, status and keys below."""

    def on_mount(self) -> None:
        """Show the list that the session has open, and begin to look for news."""
        self._find_panes()
        self.use_theme(self.theme)
        self.show_list()
        self.say_line(greeting(self.session, self.key))
        self.set_interval(_POLL, self._poll)
        self.run_worker(self._complete(), name="complete")

    async def _complete(self) -> None:
        """Count, and read the ids that were left out to be on the screen sooner."""
        await self._poll()
        query = self.session.query
        if self.session.is_partial:
            try:
                ids = await self.watcher.ids(query)
            except (StoreFault, VraError) as error:
                self.say(f"Only the first alerts are here: {why_not(error)}.", "failure")
                return
            if self.session.is_partial and self.session.query == query:
                self.session.complete(ids)
                self.alerts.grow(len(ids), self.session.order.cursor, 0)
                self.show_heading()

    async def written(self, writing: Awaitable[T], what: str) -> T:
        """Wait for a writing; say what waits when the store keeps it waiting."""
        task = asyncio.ensure_future(writing)
        self._writing = True
        try:
            done, _ = await asyncio.wait({task}, timeout=_WAITING)
            if not done:
                self.say(f"Waiting to save {what}: another program is writing …", "news")
            return await task
        finally:
            self._writing = False

    async def fetched(self, fetching: Awaitable[T]) -> T:
        """Wait for what the watcher fetches; keys pressed meanwhile wait their turn."""
        self._fetching = True
        try:
            return await fetching
        finally:
            self._fetching = False

    async def _poll(self) -> None:
        """Look for what other programs wrote."""
        if self._looking:
            return
        self._looking = True
        try:
            news = await self.watcher.look(self.session.contents(*self.alerts.in_view))
        except (StoreFault, VraError) as error:
            self.say(f"The store cannot be read: {why_not(error)}.", "failure")
            return
        finally:
            self._looking = False
        if news is not None:
            try:
                self._take(news)
            except StoreFault as error:
                self.say(f"The store cannot be read: {reason(error)}.", "failure")

    def _take(self, news: StoreChanges) -> None:
        session = self.session
        first, last = self.alerts.in_view
        before = [self._row_at(index) for index in range(first, last + 1)]
        viewers, warnings, was_empty = session.viewers, session.warnings, not len(session.order)
        outbox = session.outbox
        fresh = self._sight.fresh
        moved = session.take(news, first, last)
        if news.counts is not None and news.writings != session.writings:
            self.watcher.count_again()
        if was_empty:
            self.show_list() if len(session.order) else self.show_panes()
        elif news.arrivals is not None:
            self.alerts.grow(len(session.order), session.order.cursor, moved)
            self.show_heading()
        after = [self._row_at(index) for index in range(first + moved, last + moved + 1)]
        both = zip(before, after, strict=True)
        changed = {row.alert_id for row, now in both if row is not None and row != now}
        changed |= _differing(viewers, session.viewers)
        self.alerts.show_viewed(session.viewers)
        self._sight = replace(self._sight, fresh=session.fresh_here)
        self.redraw(changed | (fresh ^ session.fresh_here))
        if news.current_grew or session.order.current in changed:
            self.show_panes()
        if self._told_by(news) or changed or session.warnings != warnings or session.outbox != outbox:
            self.show_bars()

    def _told_by(self, news: StoreChanges) -> bool:
        """Say what concerns the scanner now; whether there is anything new for the lines above and below."""
        row = self.session.current_row()
        if row is not None and row.alert_id in news.decided:
            self.say_line(_decided_by_another(row))
        if news.fast_track:
            if self.settings.bell:
                self.app.bell()
            self.say(f"{counted(news.fast_track, 'new alert')} on the fast track.", "news")
        for signal in news.signals:
            self._signal(signal)
        return bool(news.signals or news.counts or news.decided or news.arrivals or news.fast_track)

    def _signal(self, signal: Signal) -> None:
        """Ring, notify, and say why."""
        if "bell" in signal.kinds:
            self.app.bell()
        told = sequences(signal, inside_tmux="TMUX" in os.environ, passthrough=self.settings.passthrough)
        if told and self.app._driver is not None:
            self.app._driver.write(told)
        self.say(f"{signal.text}.", "news")

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines above and below."""
        self.call_after_refresh(self.show_bars)


def _differing(before: Mapping[int, object], now: Mapping[int, object]) -> set[int]:
    """Keys whose values differ."""
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}


def _decided_by_another(row: ListRow) -> Line:
    """Return what someone else did to the alert under the cursor."""
    if has_hidden_votes(row):
        return [("A second opinion is wanted on this one; what others said is hidden.", "news")]
    if row.decided_list is None or row.decided_by is None:
        return [(f"The decision on {full_name(row)} was taken back.", "news")]
    return [(f"{printable(row.decided_by, 20)} has decided this one: {title_of(row.decided_list)}", "news")]


def why_not(error: StoreFault | VraError) -> str:
    """Say why something was not done, for the end of a sentence."""
    return reason(error) if isinstance(error, StoreFault) else str(error).rstrip(".")
