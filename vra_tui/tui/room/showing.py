"""The list, and everything that is shown of the alert under the cursor."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from textual import events
from textual.app import ComposeResult

from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.domain.times import mjd_of
from vra_tui.store import StoreFault
from vra_tui.store.curves import associated_curves, curve_and_bad
from vra_tui.store.detail import AlertDetail
from vra_tui.store.finding import UnknownAlert
from vra_tui.store.listing import ListRow
from vra_tui.store.scores import latest_mjd
from vra_tui.store.stamp_bytes import holds_stamps
from vra_tui.store.surroundings import surroundings
from vra_tui.tui.alert_list import AlertList
from vra_tui.tui.context.headline import headline
from vra_tui.tui.context.pane import ContextPane
from vra_tui.tui.curve.pane import CurvePane, TablePane
from vra_tui.tui.empty import empty_lines
from vra_tui.tui.headline_pane import HeadlinePane
from vra_tui.tui.list_columns import Sight, spark_cells
from vra_tui.tui.neighbourhood.pane import AroundTablePane, MapPane
from vra_tui.tui.pane import Pane
from vra_tui.tui.room.layout import View
from vra_tui.tui.room.telling import Telling
from vra_tui.tui.stamps.pane import StampPane, is_bare
from vra_tui.tui.writer import reason

#: Keys that follow each other faster than this come from a key that is held, seconds.
_HELD = 0.12
#: While a key is held the light curve follows this often, seconds.
_HELD_PANES = 0.15
#: After so long without a key stamps are shown, seconds; and those of so many alerts are prepared.
_REST, _AHEAD = 0.06, 3


class Showing(Telling):
    """The list follows each key at once; the light curve a held key now and again; stamps come at rest."""

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
    def is_steady(self) -> bool:
        """Whether nothing is being written or fetched and the alert under the cursor is on the screen."""
        busy = self._writing or self._fetching or self._panes_due
        return self.meant.is_steady and not busy

    def note_displayed(self, now: float) -> None:
        """A frame went out: from now on a key means the alert under its cursor."""
        named = self.alerts.drawn if self.shows_list else self.headline.drawn
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

    def show_view(self, view: View) -> None:
        """Open a view; the alert under the cursor stays the same."""
        self._place(replace(self._places.wanted, view=view))
        if self._panes_due and not self.shows_list:
            self.show_panes()  # from here on the headline says which alert is meant

    def toggle_view(self, view: View) -> None:
        """Open a view, or go back from it to the list."""
        if self.view is not View.EMPTY:
            self.show_view(View.SCAN if self.view is view else view)

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
        self._panes_due = True
        if held:
            self.set_timer(_HELD_PANES, self.show_panes)
        else:
            self.call_later(self.show_panes)

    def move_to(self, index: int) -> None:
        """Move the cursor to an index, or to the nearest that exists.

        A step to a line in view is the scanner's own; a leap out of view counts once it was drawn.
        """
        order = self.session.order
        before = order.current
        order.move_to(index)
        first, last = self.alerts.in_view
        if self.shows_list and first <= order.cursor <= last:
            self.meant.stepped()
        else:
            self.meant.leapt(before, order.current)
        self.show_cursor(self.host.key_time)

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
            curve, bad = self._light_curves(current)
            around = surroundings(session.store, current)
            others = associated_curves(session.store, current)
            codes = session.codes_of(curve, bad, *(one.curve for one in others))
            self.curve.show_alert(detail, curve, codes, others, bad)
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

    def _light_curves(self, alert_id: int) -> tuple[LightCurve, LightCurve]:
        """A light curve and its bad epochs; of a damaged one none, and a word on it: the rest can be seen."""
        try:
            return curve_and_bad(self.session.store, alert_id)
        except ValueError as error:
            self.say(f"Its light curve cannot be read: {error}. `vra doctor` tells of all such.", "failure")
            return no_epochs(), no_epochs()

    def show_table(self) -> None:
        """The table of points beside a light curve that fills the screen."""
        if self.view is View.CURVE:
            self.table.show_points(self.curve)

    def redraw(self, alert_ids: Collection[int]) -> None:
        """Draw the lines of some alerts anew, where they are in view."""
        first, last = self.alerts.in_view
        for index in range(first, last + 1):
            if int(self.session.order.ids[index]) in alert_ids:
                self.alerts.redraw(index)

    def on_stamp_pane_taken(self, message: StampPane.Taken) -> None:
        """Stamps came: one of them lies under a map that fills the screen."""
        if self.settings.images != "off":
            self.query_one(MapPane).show_under(message.stamps)

    def on_alert_list_resized(self) -> None:
        """The columns changed."""
        self._look_anew()
        self.show_heading()
