"""The layout of the scanning room, and how it is updated; no keys."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import nan
from typing import Protocol, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.layout import Layout
from textual.screen import Screen
from textual.timer import Timer

from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.domain.times import mjd_of
from vra_tui.errors import VraError
from vra_tui.store import StoreFault
from vra_tui.store.curves import associated_curves, light_curve
from vra_tui.store.detail import AlertDetail
from vra_tui.store.finding import UnknownAlert
from vra_tui.store.listing import ListRow
from vra_tui.store.scores import latest_mjd
from vra_tui.store.stamp_bytes import holds_stamps
from vra_tui.store.surroundings import surroundings
from vra_tui.text import counted, printable
from vra_tui.tui.alert_list import AlertList
from vra_tui.tui.alert_names import full_name
from vra_tui.tui.bars import foot_lines, key_line
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.context.headline import headline
from vra_tui.tui.context.pane import ContextPane
from vra_tui.tui.curve.pane import CurvePane, TablePane
from vra_tui.tui.decided import title_of
from vra_tui.tui.empty import empty_lines, greeting
from vra_tui.tui.headline_pane import HeadlinePane
from vra_tui.tui.jobs import Job
from vra_tui.tui.keymap import KeyMap, footer_keys, written
from vra_tui.tui.list_columns import Sight, heading, spark_cells, title_line
from vra_tui.tui.meant_alert import MeantAlert
from vra_tui.tui.neighbourhood.pane import AroundPane, AroundTablePane, MapPane
from vra_tui.tui.palette import THEMES
from vra_tui.tui.pane import Pane
from vra_tui.tui.prompt_history import PromptHistory
from vra_tui.tui.room.layout import RoomLayout, View, Wanted
from vra_tui.tui.room.layout import foot_lines as lines_of_foot
from vra_tui.tui.screen_time import screen_time
from vra_tui.tui.session import ScanSession
from vra_tui.tui.settings import Settings
from vra_tui.tui.spans import Line
from vra_tui.tui.stamps.pane import StampPane, is_bare
from vra_tui.tui.tabs import LIST_TITLES, WITH_KEYS, Bar, tabs_line
from vra_tui.tui.watcher import StoreChanges, StoreWatcher
from vra_tui.tui.writer import reason

T = TypeVar("T")

#: The keys that show more of the context.
_MORE_KEYS = {View.CONTEXT: "}"}
#: A list narrower than this is told of in few words.
_NARROW = 40

#: A foot of so many lines has one for messages alone.
_ROOMY_FOOT = 3
#: A message that shares its line with something else is shown so long, seconds.
_TOLD_FOR = 6.0
#: Keys that follow each other faster than this come from a key that is held, seconds.
_HELD = 0.12
#: While a key is held the light curve follows this often, seconds.
_HELD_PANES = 0.15
#: After so long without a key stamps are shown, seconds; and those of so many alerts are prepared.
_REST, _AHEAD = 0.06, 3
#: After so long a writing is called waiting, seconds.
_WAITING = 0.4
#: How often other programs' changes are looked for, seconds.
_POLL = 1.0


class ScanProgram(Protocol):
    """The program around the room, as far as the room calls it."""

    #: When the key that is being handled was pressed, by the clock of the events.
    key_time: float
    #: The time that the screen goes by.
    clock: Callable[[], datetime]

    @property
    def hours_open(self) -> float:
        """How long this session lasts."""


class Room(Screen[None]):
    """Lists on top; the list, the curve and the context; decisions, status and keys below."""

    AUTO_FOCUS = ""

    def __init__(
        self, session: ScanSession, watcher: StoreWatcher, host: ScanProgram, keys: KeyMap, settings: Settings
    ) -> None:
        super().__init__()
        self._compositor = FrugalCompositor()
        self.session = session
        self.watcher = watcher
        self.host = host
        self.keys = keys
        self.settings = settings
        self.theme = settings.theme or THEMES[0]
        self.history = PromptHistory(settings.history_file)
        self.meant = MeantAlert()
        self._message: Line = greeting(session)
        self._is_told = False
        self._places = RoomLayout()
        self._sight = Sight(nan)
        self._stream_mjd = nan
        #: The lines above and below that can be clicked, by the pane that shows them.
        self.bars: dict[str, Bar] = {}
        self._last_move = 0.0
        self._panes_due = False
        self._rest: Timer | None = None
        self._looking = False
        self._writing = False
        self._fetching = False
        #: The work that runs beside the screen, and the last line it wrote.
        self.job: Job | None = None
        self.progress = ""

    def compose(self) -> ComposeResult:
        """All panes; `layout.regions` says which of them are shown, and where."""
        yield Pane(id="tabs", fill="tab")
        yield Pane(id="heading")
        yield AlertList(self._row_at, self._follow, lambda: self._sight, id="list")
        yield HeadlinePane(id="headline")
        yield StampPane(
            self.session.store_path,
            self.session.codes.surveys,
            self._now_mjd,
            ascii=self.settings.look.ascii,
            images=self.settings.images != "off",
            kitty=self.settings.images == "kitty",
            id="stamps",
        )
        yield CurvePane(self.settings.look, clock=self._now_mjd, id="curve")
        yield ContextPane(
            self.session.nights,
            self.settings.policy,
            now=self._now_mjd,
            clock=lambda: mjd_of(self.host.clock()),
            is_ascii=self.settings.look.ascii,
            id="context",
        )
        yield TablePane(id="table")
        yield MapPane(is_ascii=self.settings.look.ascii, id="map")
        yield AroundTablePane(is_ascii=self.settings.look.ascii, id="around")
        yield Pane(id="empty")
        yield Pane(id="status", fill="foot")
        yield Pane(id="recent", fill="foot")
        yield Pane(id="keys", fill="keys")

    @property
    def layout(self) -> Layout:
        """Where the panes stand."""
        return self._places

    @property
    def view(self) -> View:
        """What is open."""
        return self._places.wanted.view

    def show_view(self, view: View) -> None:
        """Open a view; the alert under the cursor stays the same."""
        self._place(replace(self._places.wanted, view=view))

    def show_sheet(self, is_open: bool) -> None:
        """Give all exposures' stamps the room that the context has beside those of one."""
        self._place(replace(self._places.wanted, sheet=is_open))

    def _now_mjd(self) -> float:
        return screen_time(mjd_of(self.host.clock()), self._stream_mjd)

    def toggle_view(self, view: View) -> None:
        """Open a view, or go back from it to the list."""
        if self.view is not View.EMPTY:
            self.show_view(View.SCAN if self.view is view else view)

    def _place(self, wanted: Wanted) -> None:
        if wanted != self._places.wanted:
            self._places.wanted = wanted
            self.context.more_key = _MORE_KEYS.get(wanted.view, "M")
            self._clear_arrangement_cache()  # a refresh clears those of the ancestors alone
            self.stamps.set_full(wanted.view is View.STAMPS)
            self.refresh(layout=True)

    def on_mount(self) -> None:
        """Show the list that the session has open, and begin to look for news."""
        self.alerts = self.query_one(AlertList)
        self.stamps = self.query_one(StampPane)
        self.curve = self.query_one(CurvePane)
        self.context = self.query_one(ContextPane)
        self.headline = self.query_one(HeadlinePane)
        self.table = self.query_one(TablePane)
        self.around = self.query(AroundPane)
        self.panes = {pane.id: pane for pane in self.query(Pane)}
        self.use_theme(self.theme)
        self.show_list()
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

    def use_theme(self, theme: str) -> None:
        """Use another theme's colours."""
        self.theme = theme
        for pane in self.query(Pane):
            pane.set_styles_of(theme)
        self.alerts.set_styles_of(theme)
        self.stamps.set_styles_of(theme)

    # Which alert is meant

    @property
    def is_steady(self) -> bool:
        """Whether nothing is being written or fetched and the alert under the cursor is on the screen."""
        busy = self._writing or self._fetching or self._panes_due
        return self.meant.is_steady and not busy

    def note_displayed(self, now: float) -> None:
        """A frame went out: from now on a key means the alert under its cursor."""
        # Where a pane fills the screen no line of the list is drawn.
        named = self.alerts.drawn if self.view in (View.SCAN, View.CONTEXT) else self.headline.drawn
        shown = named if len(self.session.order) else None
        self.meant.drawn(shown, now)
        self.session.looks.drawn(shown, now)

    def row_meant(self) -> ListRow | None:
        """The alert that the key being handled means."""
        alert_id = self.meant.meant(self.session.order.current, self.host.key_time)
        return None if alert_id is None else self.session.rows.one(alert_id)

    def _row_at(self, index: int) -> ListRow | None:
        order = self.session.order
        if index >= len(order):
            return None
        try:
            return self.session.rows.row(order.ids, index)
        except StoreFault as error:
            self.call_later(self.say, f"The store cannot be read: {reason(error)}.", "failure")
            return None

    # Showing

    def show_list(self) -> None:
        """Show the whole list anew, and all around it."""
        order = self.session.order
        if not len(order):
            self.show_view(View.EMPTY)
        elif self.view is View.EMPTY:
            self.show_view(View.SCAN)
        self.alerts.show(len(order), order.cursor, self.session.marked, self.session.query.list_name)
        self._look_anew()
        self.show_heading()
        self.show_bars()
        self.show_panes()

    def _look_anew(self) -> None:
        """What the lines of the list are drawn with: the time, and sparklines that fit."""
        self._stream_mjd = latest_mjd(self.session.store)
        is_ascii, rows = self.settings.look.ascii, self.session.rows
        self._place(replace(self._places.wanted, stamps=holds_stamps(self.session.store)))
        rows.draw_sparks(spark_cells(self.alerts.columns), is_ascii)
        self._sight = Sight(self._now_mjd(), is_ascii, self.session.fresh_here, rows.spark)

    def show_cursor(self, moment: float) -> None:
        """After a move: the list at once; the panes too, unless the key is held, then now and again."""
        self.alerts.point(self.session.order.cursor)
        self.show_heading()
        held = moment - self._last_move < _HELD
        self._last_move = moment
        if self._panes_due:
            return
        if not held:
            self.call_later(self.show_panes)
            return
        self._panes_due = True
        self.set_timer(_HELD_PANES, self.show_panes)

    def _follow(self, index: int) -> None:
        """The wheel or the scrollbar left the cursor behind: it goes along, and a key means what is seen."""
        order = self.session.order
        before = order.current
        order.move_to(index)
        # Who decides while the page moves means what was under the cursor when the key was pressed.
        self.meant.leapt(before, order.current)
        self.show_cursor(events.Event().time)

    def show_panes(self) -> None:
        """The light curve and the context of the alert under the cursor."""
        self._panes_due = False
        current = self.session.order.current
        if current is None:
            self.panes["empty"].show(empty_lines(self.session, self._written))
            return
        try:
            session = self.session
            detail = session.voting.detail(session.store, current)
            asked = session.voting.opinion(session.store, detail.row)
            curve = self._light_curve(current)
            around = surroundings(session.store, current)
            others = associated_curves(session.store, current)
            codes = session.codes_of(curve, *(one.curve for one in others))
            self.curve.show_alert(detail, curve, codes, others)
        except (StoreFault, KeyError, UnknownAlert) as error:
            why = reason(error) if isinstance(error, StoreFault) else "it does not hold this alert any more"
            self.say(f"The store cannot be read: {why}.", "failure")
            return
        viewers = session.viewers.get(current, ())
        page = codes.page(detail.row)
        self.headline.show_name(current, lambda width: headline(detail, width, viewers, page))
        self.context.show_alert(detail, curve, codes, around, viewers, asked, others)
        for pane in self.around:
            pane.show_alert(detail, around)
        self.show_table()
        self._show_stamps_at_rest(detail)

    def _show_stamps_at_rest(self, detail: AlertDetail) -> None:
        """Stamps follow when no key came for a moment: no key waits for them."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST, partial(self._show_stamps, detail))

    def _show_stamps(self, detail: AlertDetail) -> None:
        self._place(replace(self._places.wanted, bare=is_bare(detail)))
        self.stamps.show_alert(detail)
        order = self.session.order
        following = order.ids[order.cursor + 1 : order.cursor + 1 + _AHEAD].tolist()
        rows = [self._row_at(order.cursor + 1 + at) for at in range(len(following))]
        self.stamps.prepare([(row.alert_id, row.survey) for row in rows if row is not None])

    def _light_curve(self, alert_id: int) -> LightCurve:
        """A light curve; where it is damaged, none, and a word on it: the rest of the alert can be seen."""
        try:
            return light_curve(self.session.store, alert_id)
        except ValueError as error:
            self.say(f"Its light curve cannot be read: {error}. `vra doctor` tells of all such.", "failure")
            return no_epochs()

    def show_table(self) -> None:
        """The table of points beside a light curve that fills the screen."""
        if self.view is View.CURVE:
            self.table.show_points(self.curve)

    def show_heading(self) -> None:
        """The lines above the list: what it is, and its columns."""
        order, query, pane = self.session.order, self.session.query, self.panes["heading"]
        width, lines = pane.size
        place = f"{order.cursor + 1:,} of {len(order):,} " if len(order) else ""
        if width < _NARROW:
            place = place.replace(" of ", "/")
        title = LIST_TITLES.get(query.list_name, query.list_name)
        both = [
            title_line(title, query.sort, query.words, place, width),
            heading(self.alerts.columns, width),
        ]
        pane.show(both[-lines:] if lines else [])

    def show_bars(self) -> None:
        """The lists, the last decisions, the status, the keys."""
        session, width = self.session, self.size.width
        counts: dict[str, int | str] = dict(session.counts)
        if session.query.words:
            name = session.query.list_name
            counts[name] = f"{len(session.order)}/{counts.get(name, '')}"
        keys = [self._written(f"list_{number}") for number in range(1, WITH_KEYS + 1)]
        bar = tabs_line(
            counts, session.new_in, session.query.list_name, width, keys, self._written("next_list")
        )
        self.bars["tabs"] = bar
        self.panes["tabs"].show([bar.line])
        self.panes["keys"].show([key_line(footer_keys(self.keys), width)])
        self.show_status()

    def show_status(self) -> None:
        """Return what just happened, and how far the scanner is."""
        width, height = self.size
        lines = lines_of_foot(height)
        progress: Line = []
        if self.job is not None:
            progress = [(f"{self.job.name}: {self.progress[-30:] or '…'}", "news")]
        message = [] if self._is_told and lines < _ROOMY_FOOT else self._message
        bars = foot_lines(self.session, message, width, lines, progress)
        # Where the keys' own line is all there is, a message takes it for a while.
        panes = ("status", "recent") if lines > 1 else ("keys",)
        if not bars:
            bars, panes = [Bar(key_line(footer_keys(self.keys), width))], ("keys",)
        for pane, bar in zip(panes, bars, strict=False):
            self.panes[pane].show([bar.line])
            self.bars[pane] = bar
        self.bars.pop("keys", None)

    def _written(self, action: str) -> str:
        """The key of an action as people write it; "" where it has none."""
        keys = self.keys.get(action)
        return written(keys[0]) if keys else ""

    def say(self, text: str, role: str = "status") -> None:
        """Put a message into the status line."""
        self.say_line([(text, role)])

    def say_line(self, line: Line) -> None:
        """Put a message of several roles into the status line.

        Where the last decisions share the line with it, they come back after a while; what failed stays.
        """
        self._message, self._is_told = line, False
        if not any(role == "failure" for _, role in line):
            self.set_timer(_TOLD_FOR, lambda: self._end(line))
        self.show_status()

    def _end(self, line: Line) -> None:
        if self._message is line:
            self._is_told = True
            self.show_status()

    def redraw(self, alert_ids: Collection[int]) -> None:
        """Draw the lines of some alerts anew, where they are in view."""
        first, last = self.alerts.in_view
        for index in range(first, last + 1):
            if int(self.session.order.ids[index]) in alert_ids:
                self.alerts.redraw(index)

    # Writing and watching

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
        if self._told_by(news) or changed or session.warnings != warnings:
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
        return bool(news.counts or news.decided or news.arrivals or news.fast_track)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the lines above and below."""
        self.call_after_refresh(self.show_bars)

    def on_stamp_pane_taken(self, message: StampPane.Taken) -> None:
        """Stamps came: one of them lies under a map that fills the screen."""
        if self.settings.images != "off":
            self.query_one(MapPane).show_under(message.stamps)

    def on_alert_list_resized(self) -> None:
        """The columns changed."""
        self._look_anew()
        self.show_heading()


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
