"""The program with the screen: opens the store, puts the scanning room up, and leaves cleanly."""

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from textual import events
from textual.app import App

from vra_tui.store.changes import horizon
from vra_tui.store.connection import open_store
from vra_tui.store.decisions import Author
from vra_tui.tui.keymap import default_keys
from vra_tui.tui.palette import textual_name, textual_themes
from vra_tui.tui.scan_screen import ScanScreen
from vra_tui.tui.session import ScanSession
from vra_tui.tui.watcher import StoreWatcher
from vra_tui.tui.writer import StoreWriter


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ScanApp(App[int]):
    """The scanning program. ``theme`` None chooses by what the terminal can show."""

    CSS_PATH = "vra.tcss"
    TITLE = "vra"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        store_path: Path,
        *,
        scanner: str,
        list_name: str = "eyeball",
        theme: str | None = None,
        keys: Mapping[str, tuple[str, ...]] | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        # Colours go out as they are given: palette.py knows what terminals show.
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        for each in textual_themes():
            self.register_theme(each)
        self._chosen_theme = theme or self._fitting_theme()
        self.theme = textual_name(self._chosen_theme)
        self._keys = dict(keys or default_keys())
        self._connection: sqlite3.Connection = open_store(store_path, create=False)
        author = Author(scanner, socket.gethostname())
        self._writer = StoreWriter(store_path, author, clock)
        self._watcher = StoreWatcher(store_path, horizon(self._connection))
        self.session = ScanSession(self._connection, self._writer, scanner)
        self.session.open_list(list_name)
        self._opened_at = time.monotonic()
        #: When the key that is being handled was pressed, by the clock of the events.
        self.key_time = 0.0

    def _fitting_theme(self) -> str:
        """The terminal's own colours under NO_COLOR and where there are only sixteen; else the dark theme."""
        few = self.console.color_system in (None, "standard")
        return "terminal" if self.no_color or few else "dark"

    @property
    def hours_open(self) -> float:
        """How long this session lasts."""
        return (time.monotonic() - self._opened_at) / 3600

    def on_mount(self) -> None:
        """Put the scanning room up."""
        self.push_screen(ScanScreen(self.session, self._watcher, self, self._keys, self._chosen_theme))

    async def on_event(self, event: events.Event) -> None:
        """Remember when a key was pressed before anything is done about it."""
        if isinstance(event, events.Key):
            self.key_time = event.time
        await super().on_event(event)

    def post_display_hook(self) -> None:
        """A frame went out."""
        if isinstance(self.screen, ScanScreen):
            self.screen.note_displayed(events.Event().time)

    def close_store(self) -> None:
        """Finish writing and close the store."""
        self._watcher.close()
        self._writer.close()
        self._connection.close()


def run(
    store_path: Path,
    *,
    scanner: str,
    list_name: str = "eyeball",
    mouse: bool = True,
    theme: str | None = None,
) -> int:
    """Open the screen on a store, until the scanner leaves; returns the process's exit code.

    Raises StoreError when the store cannot be opened, UnknownList for a list that does not exist.
    """
    # Textual would otherwise wait 100 ms for each Escape; ssh lines deliver sequences whole.
    os.environ.setdefault("ESCDELAY", "50")
    app = ScanApp(store_path, scanner=scanner, list_name=list_name, theme=theme)
    try:
        return app.run(mouse=mouse) or 0
    finally:
        app.close_store()
