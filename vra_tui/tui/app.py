"""The program with the screen: opens the store, puts the scanning room up, and leaves cleanly."""

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver

from vra_tui.config.reading import load_config
from vra_tui.errors import VraError
from vra_tui.store import Store, StoreFault
from vra_tui.store.changes import horizon
from vra_tui.store.connection import open_store
from vra_tui.store.decisions import Author
from vra_tui.store.query import ListQuery
from vra_tui.tui.action_commands import ActionCommands
from vra_tui.tui.blind_voting import BlindVoting
from vra_tui.tui.frames import by_frames
from vra_tui.tui.hang_up import end_with_the_terminal
from vra_tui.tui.keymap import KeyMap, default_keys, keys_in_force, textual_keymap
from vra_tui.tui.last_place import LastPlace, LastPlaceFile
from vra_tui.tui.palette import THEMES, textual_name, textual_themes
from vra_tui.tui.presence import Presence
from vra_tui.tui.scan_screen import ScanScreen
from vra_tui.tui.session import ScanSession
from vra_tui.tui.settings import Settings, for_encoding, settings_of
from vra_tui.tui.signals import SignalWatch
from vra_tui.tui.stamps.asking import shows_pictures
from vra_tui.tui.visits import VisitFiles, Visits
from vra_tui.tui.watcher import StoreWatcher
from vra_tui.tui.writer import StoreWriter, reason

#: How often the place is written down, seconds: so much a dropped line can lose of it.
_KEEP_PLACE = 2.0
#: So long the program may take to end once it was told to, seconds.
_PATIENCE = 5.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class UnknownTheme(VraError):
    """A theme that does not exist."""


class ScanApp(App[int]):
    """The scanning program on one store."""

    CSS_PATH = "vra.tcss"
    TITLE = "vra"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionCommands}
    # The room has its own key for the palette.
    COMMAND_PALETTE_BINDING = "ctrl+backslash"

    def __init__(
        self,
        store_path: Path,
        *,
        scanner: str,
        list_name: str | None = None,
        theme: str | None = None,
        settings: Settings | None = None,
        keys: KeyMap | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        settings = settings or Settings()
        self._signs = settings.signs
        # Colours go out as they are given: palette.py knows what terminals show.
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        chosen = theme or settings.theme or self._fitting_theme()
        self.settings = replace(settings, theme=chosen)
        for each in textual_themes():
            self.register_theme(each)
        self.theme = textual_name(chosen)
        self._keys = keys or default_keys()
        self.set_keymap(textual_keymap(self._keys))
        self._connection: Store = open_store(store_path, create=False)
        author = Author(scanner, socket.gethostname())
        self._writer = StoreWriter(store_path, author, clock)
        # Whether a screen is alive is a matter of the clock on the wall, whatever time decisions are given.
        presence = Presence(store_path, author, _utc_now)
        voting = BlindVoting(scanner, settings.blind)
        own = self._writer.written
        place_file = settings.place_file
        folder = None if place_file is None else place_file.with_name("visits")
        visits = Visits(VisitFiles(folder, store_path, scanner), scanner)
        signals = SignalWatch(settings.rules)
        self._watcher = StoreWatcher(
            store_path, horizon(self._connection), presence, voting, own, visits, signals
        )
        self.session = ScanSession(self._connection, self._writer, scanner, store_path, voting)
        self.session.over_rank = settings.policy.extragalactic_rank
        self._place_file = LastPlaceFile(settings.place_file, store_path, scanner)
        place = self._place_file.read()
        if list_name is not None and (place is None or place.query.list_name != list_name):
            place = LastPlace(ListQuery(list_name, settings.query.sort), None)
        place = place or LastPlace(settings.query, None)
        self.session.start(place.query, place.alert, is_asked_for=list_name is not None)
        self._opened_at = time.monotonic()
        self._loop_running: asyncio.AbstractEventLoop | None = None
        self.clock = clock
        #: When the key that is being handled was pressed, by the clock of the events.
        self.key_time = 0.0

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this terminal, which writes each frame at once."""
        return by_frames(super().get_driver_class(), self._signs)

    def _fitting_theme(self) -> str:
        """The terminal's own colours under NO_COLOR and where there are only sixteen; else the dark theme."""
        few = self.console.color_system in (None, "standard")
        return "terminal" if self.no_color or few else "dark"

    @property
    def keys_in_force(self) -> KeyMap:
        """The keys of every action, as this scanner has them."""
        return self._keys

    @property
    def hours_open(self) -> float:
        """How long this session lasts."""
        return (time.monotonic() - self._opened_at) / 3600

    def on_mount(self) -> None:
        """Put the scanning room up."""
        self.push_screen(ScanScreen(self.session, self._watcher, self, self._keys, self.settings))
        self.set_interval(_KEEP_PLACE, self.keep_place)
        self._loop_running = asyncio.get_running_loop()

    def end(self, code: int) -> None:
        """End in order: finish what is being written, give the terminal back. May be called at any moment."""
        self.keep_place()
        # A terminal that takes nothing any more would keep the process for ever.
        deadline = threading.Timer(_PATIENCE, os._exit, (code,))
        deadline.daemon = True
        deadline.start()
        if self._loop_running is not None:
            self._loop_running.call_soon_threadsafe(self.exit, code)

    async def on_event(self, event: events.Event) -> None:
        """Remember when a key was pressed before anything is done about it."""
        if isinstance(event, events.Key):
            self.key_time = event.time
        await super().on_event(event)

    def post_display_hook(self) -> None:
        """A frame went out."""
        if isinstance(self.screen, ScanScreen):
            self.screen.note_displayed(events.Event().time)

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[object, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key says; a store that fails is told in a line and ends nothing."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except (StoreFault, VraError) as error:
            if not isinstance(self.screen, ScanScreen):
                raise
            why = reason(error) if isinstance(error, StoreFault) else str(error)
            self.screen.say(f"That did not work: {why}. What was decided before is kept.", "failure")
            return True

    def keep_place(self) -> None:
        """Write down where the scanner is, for the next start."""
        with suppress(StoreFault):  # a place that cannot be read is not worth a word
            self._place_file.keep(LastPlace(self.session.query, self.session.current_name()))

    def close_store(self) -> None:
        """Finish writing and close the store."""
        self.keep_place()
        self._watcher.close()
        self._writer.close()
        self._connection.close()


def run(
    store_path: Path,
    *,
    scanner: str,
    list_name: str | None = None,
    mouse: bool | None = None,
    theme: str | None = None,
    images: str | None = None,
    config: Path | None = None,
) -> int:
    """Open the screen on a store, until the scanner leaves; returns the process's exit code.

    What is None is taken from the configuration (``config``, or the user's file). Raises StoreError when the
    store cannot be opened, UnknownList and UnknownTheme for what does not exist, ConfigError for a
    configuration that cannot be used.
    """
    if theme is not None and theme not in THEMES:
        raise UnknownTheme(f"There is no theme `{theme}`; there are {', '.join(THEMES)}.")
    flags = {"screen.theme": ("--theme", theme), "screen.mouse": ("--no-mouse", mouse)}
    flags["screen.images"] = ("--images", images)
    loaded = load_config(config, flags=flags)
    settings, keys = settings_of(loaded), keys_in_force(loaded)
    settings = for_encoding(settings, getattr(sys.__stderr__, "encoding", None))  # Textual writes there
    if settings.images != "off":
        by_kitty = shows_pictures(settings.images, os.environ)
        settings = replace(settings, images="kitty" if by_kitty else "blocks")
    app = ScanApp(store_path, scanner=scanner, list_name=list_name, settings=settings, keys=keys)
    for number in (signal.SIGHUP, signal.SIGTERM):
        # Not a handler of the event loop: that one waits while the terminal takes nothing.
        signal.signal(number, lambda number, frame: app.end(128 + number))
    if sys.__stdin__ is not None and not sys.__stdin__.closed:
        end_with_the_terminal(sys.__stdin__.fileno())
    # What was imported stays: to look through it for garbage would hold up a key in fifty for 40 ms.
    gc.freeze()
    try:
        return app.run(mouse=settings.mouse) or 0
    finally:
        app.close_store()
