"""The outbox as it stands on the screen: a list of what is to leave, and one item in full."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from textual import events
from textual.app import ComposeResult
from textual.layout import Layout

from vra_tui.domain.times import mjd_of
from vra_tui.store import Store, StoreFault
from vra_tui.store.outbox import Item
from vra_tui.tui.bars import on_foot
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.help import HelpScreen
from vra_tui.tui.keymap import KeyMap, key_of_action
from vra_tui.tui.modal import Modal
from vra_tui.tui.outbox.actions import OUTBOX_ACTIONS
from vra_tui.tui.outbox.editing import Desk
from vra_tui.tui.outbox.layout import outbox_regions
from vra_tui.tui.outbox.lines import (
    SELECTIONS,
    detail_lines,
    empty_lines,
    item_line,
    keys_line,
    selections_line,
)
from vra_tui.tui.outbox.reading import OutboxContents, OutboxReader
from vra_tui.tui.pane import Pane
from vra_tui.tui.room.layout import PlacedLayout
from vra_tui.tui.spans import Line, fit_line
from vra_tui.tui.writer import NotSaved, reason

#: How often it is looked whether something changed, seconds.
_POLL = 1.0
#: A change of the outbox: the store, who makes it, and when.
Change = Callable[[Store, str, datetime], object]


class OutboxHost(Protocol):
    """What the outbox asks of the room around it."""

    def read_outbox(self, read: Callable[[Store], OutboxContents]) -> Awaitable[OutboxContents]:
        """Read beside the screen. Raises StoreFault."""

    def change_outbox(self, change: Change) -> Awaitable[object]:
        """Write beside the screen. Raises NotSaved."""

    def renew_outbox(self) -> Awaitable[list[str]]:
        """Draft what the rules ask for; what hindered them. Raises NotSaved."""

    def send_item(self, item_id: str) -> str | None:
        """Begin to send an item in a process beside the screen; why not, where that cannot be."""

    async def edit_as_form(self, item: Item) -> str | None:
        """Open the form of an item; what was wrong, where it cannot be opened."""

    @property
    def sending(self) -> str:
        """What the process that sends said last; "" where none runs."""

    @property
    def told(self) -> Line:
        """What the room said last, as when a process ended."""

    def outbox_clock(self) -> datetime:
        """The time that the screen goes by."""


class OutboxPanes(Modal[int | None]):
    """The outbox without the keys that change something. Ends with the alert to go to, or None."""

    def __init__(self, host: OutboxHost, theme: str, desk: Path, keys: KeyMap) -> None:
        super().__init__()
        self._compositor = FrugalCompositor()
        self._places = PlacedLayout(outbox_regions)
        self._host, self._theme, self._desk, self._keys = host, theme, Desk(desk), keys
        self._selection = next(iter(SELECTIONS))
        self._contents = OutboxContents((), {}, None, {})
        self._chosen: str | None = None
        self._top = self._scrolled = 0
        self._detail: list[Line] = []
        #: The key that has to be pressed twice, and on what.
        self._asked: tuple[str, str] | None = None
        self._message: Line = []
        self._reader = OutboxReader()
        self._looks = 0
        self._is_begun = self._is_looking = self._is_writing = self._is_sending = False

    @property
    def layout(self) -> Layout:
        """Where the panes stand."""
        return self._places

    def compose(self) -> ComposeResult:
        """Selections, list, one item, what just happened, and the keys."""
        yield Pane(id="outbox-tabs", fill="tab")
        yield Pane(id="outbox-list")
        yield Pane(id="outbox-item")
        yield Pane(id="outbox-status", fill="foot")
        yield Pane(id="outbox-keys", fill="keys")

    async def on_mount(self) -> None:
        """Read what waits before any key means something; show it, and look for changes from now on."""
        self._panes = {pane.id: pane for pane in self.query(Pane)}
        for pane in self._panes.values():
            pane.set_styles_of(self._theme)
        await self._look()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Show it once the panes have their places; then draft what rules ask for."""
        self.set_interval(_POLL, self._look)
        self._show()
        self._is_begun = True
        self.run_worker(self._renew(), name="outbox")

    async def _renew(self) -> None:
        """Draft what was decided since rules looked last: nobody else may be running who does."""
        try:
            faults = await self._host.renew_outbox()
        except NotSaved as error:
            faults = [str(error)]
        if not self.is_attached:
            return
        if faults:
            self._say(f"Rules made nothing: {'; '.join(faults)}", "failure")
        await self._look()

    def on_resize(self) -> None:
        """Lay everything out for the size."""
        self.call_after_refresh(self._show)

    @property
    def is_steady(self) -> bool:
        """Whether nothing is being read or written."""
        return self._is_begun and not self._is_looking and not self._is_writing

    # Showing

    async def _look(self) -> None:
        """Read the selection, and show what is different."""
        self._looks += 1
        if self._is_looking:
            return
        self._is_looking = True
        try:
            seen = 0
            while seen != self._looks:  # a key may have come meanwhile
                seen, asked = self._looks, self._chosen
                read = partial(self._reader, states=SELECTIONS[self._selection], chosen=asked)
                contents = await self._host.read_outbox(read)
                if asked == self._chosen:
                    self._contents = contents
                    self._chosen = None if contents.chosen is None else contents.chosen.item_id
        except StoreFault as error:
            self._say(f"The store cannot be read: {reason(error)}.", "failure")
            return
        finally:
            self._is_looking = False
        if self.is_attached:
            self._tell_sent()
            self._show()

    def _tell_sent(self) -> None:
        """Say what came of sending, once it is over."""
        was_sending, self._is_sending = self._is_sending, bool(self._host.sending)
        if was_sending and not self._is_sending:
            self._message = list(self._host.told)

    @property
    def _item(self) -> Item | None:
        """The item under the cursor, which a key means; with its history once that is read."""
        chosen = self._contents.chosen
        if chosen is not None and chosen.item_id == self._chosen:
            return chosen
        return next((one for one in self._contents.items if one.item_id == self._chosen), None)

    @property
    def _index(self) -> int:
        ids = [one.item_id for one in self._contents.items]
        return ids.index(self._chosen) if self._chosen in ids else 0

    def _show(self) -> None:
        panes, contents, width = self._panes, self._contents, self.app.size.width
        panes["outbox-tabs"].show([selections_line(self._selection, contents.counts, width)])
        now = self._host.outbox_clock()
        wide, high = panes["outbox-list"].size
        self._top = min(max(self._top, self._index - high + 1), self._index) if high else 0
        shown = contents.items[self._top : self._top + high]
        lines = [item_line(one, one.item_id == self._chosen, mjd_of(now), wide) for one in shown]
        panes["outbox-list"].show(lines if contents.items else empty_lines(self._selection, self._keys, wide))
        wide, high = panes["outbox-item"].size
        self._detail = [] if self._item is None else detail_lines(self._item, contents.names, now, wide)
        self._scrolled = max(0, min(self._scrolled, len(self._detail) - high))
        panes["outbox-item"].show(self._detail[self._scrolled :])
        panes["outbox-keys"].show([keys_line(self._item, self._keys, width)])
        self._show_status()

    def _show_status(self) -> None:
        total, width = len(self._contents.items), self.app.size.width
        place = f"{self._index + 1:,} of {total:,} " if total else ""
        sending = self._host.sending
        message = self._message or ([(f"sending: {sending}", "news")] if sending else [])
        left = fit_line([(" ", "foot"), *on_foot(message)], max(width - len(place), 0), "foot")
        self._panes["outbox-status"].show([[*left, (place, "foot_dim")]])

    def _say(self, text: str, role: str = "status") -> None:
        self._message = [(text, role)] if text else []
        self._show_status()

    def _key(self, name: str) -> str:
        """The key of an action of the outbox as people write it, or what a key map calls the action."""
        return key_of_action(self._keys, f"outbox_{name}") or f"`outbox_{name}`"

    async def action_help(self) -> None:
        """Show the keys of the outbox."""
        self._asked = None
        await self.app.push_screen(HelpScreen(self._keys, self._theme, OUTBOX_ACTIONS.values(), about=()))

    # Moving

    async def action_step(self, step: int) -> None:
        """Another item."""
        items = self._contents.items
        if items:
            index = max(0, min(self._index + step, len(items) - 1))
            self._chosen, self._scrolled, self._asked = items[index].item_id, 0, None
            self._message = []
            self._show()
            await self._look()

    async def on_click(self, event: events.Click) -> None:
        """A click on a line of the list moves the cursor there."""
        if event.widget is not None and event.widget.id == "outbox-list":
            await self.action_step(self._top + event.y - self._index)

    async def action_page(self, pages: int) -> None:
        """A page of items."""
        await self.action_step(pages * max(1, self._panes["outbox-list"].size.height - 1))

    def action_scroll_item(self, pages: int) -> None:
        """On or back in the item, by as much as is in view."""
        self._asked = None
        self._scrolled += pages * max(1, self._panes["outbox-item"].size.height - 2)
        self._show()

    async def action_select(self, step: int) -> None:
        """Another selection of states; the item stays where it is in both."""
        names = list(SELECTIONS)
        self._selection = names[(names.index(self._selection) + step) % len(names)]
        self._asked = None
        self._say("")
        await self._look()

    def action_go(self) -> None:
        """Go to the alert of the item, in the list."""
        if self._item is not None and self._item.alert_ids:
            self.dismiss(self._item.alert_ids[0])
        else:
            self._say("It is about no alert of this store.")

    def action_leave(self) -> None:
        """Back to the list of alerts."""
        self.dismiss(None)
