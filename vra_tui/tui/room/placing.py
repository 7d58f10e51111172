"""The parts of the scanning room, and which of them are open where; nothing is drawn here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from math import nan
from typing import Protocol

from textual.layout import Layout
from textual.screen import Screen
from textual.timer import Timer

from vra_tui.domain.times import mjd_of
from vra_tui.tui.alert_list import AlertList
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.context.pane import ContextPane
from vra_tui.tui.curve.pane import CurvePane, TablePane
from vra_tui.tui.headline_pane import HeadlinePane
from vra_tui.tui.jobs import Job
from vra_tui.tui.keymap import KeyMap
from vra_tui.tui.list_columns import Sight
from vra_tui.tui.meant_alert import MeantAlert
from vra_tui.tui.neighbourhood.pane import AroundPane
from vra_tui.tui.palette import THEMES
from vra_tui.tui.pane import Pane
from vra_tui.tui.prompt_history import PromptHistory
from vra_tui.tui.room.layout import RoomLayout, View, Wanted
from vra_tui.tui.screen_time import screen_time
from vra_tui.tui.session import ScanSession
from vra_tui.tui.settings import Settings
from vra_tui.tui.spans import Line
from vra_tui.tui.stamps.pane import StampPane
from vra_tui.tui.tabs import Bar
from vra_tui.tui.watcher import StoreWatcher

#: The keys that show more of the context.
_MORE_KEYS = {View.CONTEXT: "}"}


class ScanProgram(Protocol):
    """The program around the room, as far as the room calls it."""

    #: When the key that is being handled was pressed, by the clock of the events.
    key_time: float
    #: The time that the screen goes by.
    clock: Callable[[], datetime]

    @property
    def hours_open(self) -> float:
        """How long this session lasts."""


class Placing(Screen[None]):
    """What the room consists of; a view opens some of its panes, and the theme colours them."""

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
        self._message: Line = []
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

    def _find_panes(self) -> None:
        """Keep the panes at hand, once they stand on the screen."""
        self.alerts = self.query_one(AlertList)
        self.stamps = self.query_one(StampPane)
        self.curve = self.query_one(CurvePane)
        self.context = self.query_one(ContextPane)
        self.headline = self.query_one(HeadlinePane)
        self.table = self.query_one(TablePane)
        self.around = self.query(AroundPane)
        self.panes = {pane.id: pane for pane in self.query(Pane)}

    @property
    def layout(self) -> Layout:
        """Where the panes stand."""
        return self._places

    @property
    def view(self) -> View:
        """What is open."""
        return self._places.wanted.view

    @property
    def shows_list(self) -> bool:
        """Whether lines of the list are shown; elsewhere the headline names the alert that a key means."""
        return self.view in (View.SCAN, View.CONTEXT)

    def show_sheet(self, is_open: bool) -> None:
        """Give all exposures' stamps the room that the context has beside those of one."""
        self._place(replace(self._places.wanted, sheet=is_open))

    def _place(self, wanted: Wanted) -> None:
        if wanted != self._places.wanted:
            self._places.wanted = wanted
            self.context.more_key = _MORE_KEYS.get(wanted.view, "M")
            self._clear_arrangement_cache()  # a refresh clears those of the ancestors alone
            self.stamps.set_full(wanted.view is View.STAMPS)
            self.refresh(layout=True)

    def _now_mjd(self) -> float:
        return screen_time(mjd_of(self.host.clock()), self._stream_mjd)

    def use_theme(self, theme: str) -> None:
        """Use another theme's colours."""
        self.theme = theme
        for pane in self.query(Pane):
            pane.set_styles_of(theme)
        self.alerts.set_styles_of(theme)
        self.stamps.set_styles_of(theme)
