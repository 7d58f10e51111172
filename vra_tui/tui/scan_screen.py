"""The scanning room: list, light curve and context, and what the keys do there."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Collection, Mapping
from typing import Protocol, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.curves import light_curve
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import ListRow
from vra_tui.text import printable
from vra_tui.tui.alert_list import AlertList
from vra_tui.tui.bars import LIST_TITLES, key_line, list_tabs, recent_line, status_line, tally
from vra_tui.tui.columns import heading
from vra_tui.tui.empty import empty_lines
from vra_tui.tui.glance import Glance
from vra_tui.tui.help import HelpScreen
from vra_tui.tui.keymap import bindings, footer_keys
from vra_tui.tui.pane import Pane
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.session import LISTS, ScanSession
from vra_tui.tui.spans import Line
from vra_tui.tui.views import ContextPane, CurvePane
from vra_tui.tui.watcher import News, StoreWatcher
from vra_tui.tui.writer import NotSaved, reason

T = TypeVar("T")

#: Narrower than this, the list keeps to its dearest columns.
NARROW = 100
#: Keys that follow each other faster than this come from a key that is held, seconds.
_HELD = 0.12
#: While a key is held the light curve follows this often, seconds.
_HELD_PANES = 0.15
#: After so long a writing is called waiting, seconds.
_WAITING = 0.4
#: How often other programs' changes are looked for, seconds.
_POLL = 1.0


class Host(Protocol):
    """What the screen asks of the program around it."""

    #: When the key that is being handled was pressed, by the clock of the events.
    key_time: float

    @property
    def hours_open(self) -> float:
        """How long this session lasts."""


class ScanScreen(Screen[None]):
    """One list at a time; decisions go to the alert that stood under the cursor when the key was pressed."""

    BINDINGS = bindings()
    AUTO_FOCUS = ""

    def __init__(
        self,
        session: ScanSession,
        watcher: StoreWatcher,
        host: Host,
        keys: Mapping[str, tuple[str, ...]],
        theme: str,
    ) -> None:
        super().__init__()
        self.session = session
        self._watcher = watcher
        self._looking = False
        self._writing = False
        self.host = host
        self._keys = keys
        self._theme = theme
        self._message: Line = []
        self._tab_starts: list[int] = []
        self._glance = Glance()
        self._last_move = 0.0
        self._panes_due = False

    def compose(self) -> ComposeResult:
        """Lists on top; the list, the curve and the context; decisions, status and keys below."""
        yield Pane(id="tabs")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Pane(id="heading")
                yield AlertList(self._row_at, id="list")
            with Vertical(id="right"):
                yield CurvePane(id="curve")
                yield ContextPane(id="context")
        yield Pane(id="empty")
        yield Pane(id="recent")
        yield Pane(id="status")
        yield Pane(id="keys")

    def on_mount(self) -> None:
        """Show the list that the session has open, and begin to look for news."""
        self.alerts = self.query_one(AlertList)
        self.curve = self.query_one(CurvePane)
        self.context = self.query_one(ContextPane)
        self.panes = {pane.id: pane for pane in self.query(Pane)}
        self.use_theme(self._theme)
        self._show_list()
        self.set_interval(_POLL, self._poll)

    def use_theme(self, theme: str) -> None:
        """Use another theme's colours."""
        self._theme = theme
        for pane in self.query(Pane):
            pane.set_styles_of(theme)
        self.alerts.set_styles_of(theme)

    # What is on the screen

    def _row_at(self, index: int) -> ListRow | None:
        order = self.session.order
        return self.session.rows.row(order.ids, index) if index < len(order) else None

    @property
    def is_steady(self) -> bool:
        """Whether nothing is being written and the alert under the cursor is on the screen."""
        return self._glance.is_steady and not self._writing

    def note_displayed(self, now: float) -> None:
        """A frame went out: from now on a key means the alert under its cursor."""
        self._glance.drawn(self.alerts.drawn if len(self.session.order) else None, now)

    def _show_list(self) -> None:
        order = self.session.order
        self.query_one("#body").display = len(order) > 0
        self.panes["empty"].display = not len(order)
        self.alerts.show(len(order), order.cursor)
        self._show_heading()
        self._show_bars()
        self._show_panes()

    def _show_cursor(self, moment: float) -> None:
        """After a move: the list at once; the panes too, unless the key is held, then now and again."""
        self.alerts.point(self.session.order.cursor)
        self._show_heading()
        held = moment - self._last_move < _HELD
        self._last_move = moment
        if self._panes_due:
            return
        if not held:
            self.call_later(self._show_panes)
            return
        self._panes_due = True
        self.set_timer(_HELD_PANES, self._show_panes)

    def _show_panes(self) -> None:
        self._panes_due = False
        current = self.session.order.current
        if current is None:
            self.panes["empty"].show(empty_lines(self.session.list_name, self.session.counts))
            return
        detail = alert_detail(self.session.connection, current)
        self.curve.show_alert(detail, light_curve(self.session.connection, current))
        self.context.show_alert(detail, self.curve.light_curve)

    def _show_heading(self) -> None:
        order, pane = self.session.order, self.panes["heading"]
        pane.show([heading(self.alerts.columns, order.cursor, len(order), pane.size.width)])

    def _show_bars(self) -> None:
        session, width = self.session, self.size.width
        line, self._tab_starts = list_tabs(LISTS, session.counts, session.list_name, width)
        self.panes["tabs"].show([line])
        self.panes["recent"].show([recent_line(session.recent, width)])
        self.panes["keys"].show([key_line(footer_keys(self._keys), width)])
        self._show_status()

    def _show_status(self) -> None:
        session = self.session
        right = tally(session.decided_here, self.host.hours_open, session.counts, session.arrived)
        self.panes["status"].show([status_line(self._message, right, self.size.width)])

    def say(self, text: str, role: str = "status") -> None:
        """Put a message into the status line."""
        self._message = [(text, role)]
        self._show_status()

    # What the keys do

    async def action_decide(self, list_name: str) -> None:
        """Decide the alert that was under the cursor when the key was pressed."""
        row = self._row_pressed()
        if row is None:
            self.say("There is no alert to decide here.")
            return
        title = DECISIONS[list_name].title
        name = _name(row)
        if row.atlas_id != self.session.order.current and row.decided_list == list_name:
            self.say(f"{name} is {title} already; the key came before the next alert was on the screen.")
            return
        try:
            await self._written(self.session.decide([row], list_name))
        except NotSaved as error:
            self.say(f"Not saved: {name} as {title}; {error}. Everything before it is.", "failure")
            return
        self._message = [(f"{DECISIONS[list_name].key} {title}", "key"), (f"  {name}", "status")]
        self._after_decision(row)

    async def action_undo(self) -> None:
        """Take back the latest decision and go to its alert."""
        try:
            undone = await self._written(self.session.undo())
        except NotSaved as error:
            self.say(f"Not undone; {error}. The decision stands.", "failure")
            return
        if undone is None:
            self.say("There is nothing left to undo.")
            return
        self._glance.stepped()  # the scanner has seen it: it was decided
        name = printable(undone.name) or str(undone.atlas_id)
        self._message = [("undone", "key"), (f"  {name} is no longer {_title(undone.list)}", "status")]
        self._show_list()

    async def action_note(self) -> None:
        """Ask for a note on the alert under the cursor, and keep it."""
        row = self._row_pressed()
        if row is None:
            return

        async def keep(text: str | None) -> None:
            if not text or not text.strip():
                return
            try:
                await self._written(self.session.note(row.atlas_id, text.strip()))
            except NotSaved as error:
                self.say(f"Not saved: the note on {_name(row)}; {error}.", "failure")
                return
            self.say(f"Noted on {_name(row)}.")
            self._redraw([row.atlas_id])
            self._show_panes()

        await self.app.push_screen(Prompt(f"Note on {_name(row)}"), keep)

    def action_move(self, step: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self.session.order.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self._move_to(self.session.order.cursor + step * self.alerts.page_length)

    def action_first(self) -> None:
        """Go to the top."""
        self._move_to(0)

    def action_last(self) -> None:
        """Go to the end."""
        self._move_to(len(self.session.order) - 1)

    def action_open_list(self, number: int) -> None:
        """Open a list by its number."""
        self._open(LISTS[number])

    def action_step_list(self, step: int) -> None:
        """Open the next or the previous list."""
        self._open(self.session.neighbour(step))

    def action_refresh_list(self) -> None:
        """Bring the list up to date."""
        self.session.refresh()
        self._message = [("List brought up to date.", "status")]
        self._show_list()

    async def action_help(self) -> None:
        """Show all keys."""
        await self.app.push_screen(HelpScreen(self._keys, self._theme))

    def action_leave(self) -> None:
        """Leave."""
        self.app.exit(0)

    # How they do it

    def _row_pressed(self) -> ListRow | None:
        atlas_id = self._glance.meant(self.session.order.current, self.host.key_time)
        return None if atlas_id is None else self.session.rows.one(atlas_id)

    async def _written(self, writing: Awaitable[T]) -> T:
        """Wait for a writing; say so when the store keeps it waiting."""
        task = asyncio.ensure_future(writing)
        self._writing = True
        try:
            done, _ = await asyncio.wait({task}, timeout=_WAITING)
            if not done:
                self.say("Waiting for the store: another program is writing …", "news")
            return await task
        finally:
            self._writing = False

    def _after_decision(self, row: ListRow) -> None:
        order = self.session.order
        self._redraw([row.atlas_id])
        if order.current == row.atlas_id:
            following = order.next_unsettled()
            if following is None:
                self._message.append(("  the last one here: ] for the next list, r to refresh", "news"))
                self._show_panes()
            else:
                order.move_to(following)
                self._glance.leapt(row.atlas_id, order.current)
                self.alerts.point(order.cursor)
                self._show_heading()
                self._show_panes()
        self._show_bars()

    def _in_view(self) -> frozenset[int]:
        first, last = self.alerts.in_view
        return frozenset(self.session.order.ids[first : last + 1].tolist())

    def _redraw(self, atlas_ids: Collection[int]) -> None:
        first, last = self.alerts.in_view
        for index in range(first, last + 1):
            if int(self.session.order.ids[index]) in atlas_ids:
                self.alerts.redraw(index)

    def _move_to(self, index: int) -> None:
        order = self.session.order
        before = order.current
        order.move_to(index)
        first, last = self.alerts.in_view
        if first <= order.cursor <= last:
            self._glance.stepped()
        else:
            self._glance.leapt(before, order.current)
        self._show_cursor(self.host.key_time)

    def _open(self, name: str) -> None:
        if name == self.session.list_name:
            return
        before = self.session.order.current
        self.session.open_list(name)
        self._glance.leapt(before, self.session.order.current)
        self._message = [(f"{LIST_TITLES[name]}: {len(self.session.order)} alerts", "status")]
        self._show_list()

    async def _poll(self) -> None:
        """Look for what other programs wrote."""
        if self._looking:
            return
        self._looking = True
        try:
            news = await self._watcher.look(self.session.sight())
        except sqlite3.Error as error:
            self.say(f"The store cannot be read: {reason(error)}.", "failure")
            return
        finally:
            self._looking = False
        if news is not None:
            self._take(news)

    def _take(self, news: News) -> None:
        was_empty = not len(self.session.order)
        touched = self._in_view() & news.changed
        before = {atlas_id: self.session.rows.one(atlas_id) for atlas_id in touched}
        moved = self.session.take(news, *self.alerts.in_view)
        if news.arrivals is not None:
            if was_empty:
                self._show_list()
            else:
                self.alerts.grow(len(self.session.order), self.session.order.cursor, moved)
                self._show_heading()
        # What this scanner decided comes back here, and is on the screen already.
        changed = {atlas_id for atlas_id, row in before.items() if self.session.rows.one(atlas_id) != row}
        self._redraw(changed)
        if news.current_grew or self.session.order.current in changed:
            self._show_panes()
        if news.fast_track:
            self.app.bell()
            self._message = [(f"{news.fast_track} new on the fast track", "news")]
        self._show_bars()

    # What the terminal and the mouse do

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout by the width."""
        self.set_class(event.size.width < NARROW, "-narrow")
        self._show_bars()

    def on_alert_list_resized(self) -> None:
        """The columns changed."""
        self._show_heading()

    def on_alert_list_clicked(self, message: AlertList.Clicked) -> None:
        """A click moves the cursor."""
        self._move_to(message.index)

    def on_click(self, event: events.Click) -> None:
        """A click on a list's name opens it."""
        if event.widget is self.panes["tabs"]:
            chosen = [index for index, start in enumerate(self._tab_starts) if 0 <= start <= event.x]
            if chosen:
                self._open(LISTS[chosen[-1]])


def _name(row: ListRow) -> str:
    return printable(row.name) or str(row.atlas_id)


def _title(list_name: str | None) -> str:
    return DECISIONS[list_name].title if list_name in DECISIONS else "decided"
