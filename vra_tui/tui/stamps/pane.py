"""The pane of stamps: shows what the shelf has of an alert, and writes only the cells that differ."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.errors import VraError
from vra_tui.pictures.stretch import CONTRASTS
from vra_tui.store.detail import AlertDetail
from vra_tui.surveys import Surveys
from vra_tui.text import printable
from vra_tui.tui.pane import Bare
from vra_tui.tui.spans import changed_runs
from vra_tui.tui.stamps.compose import compose, wanted_epochs
from vra_tui.tui.stamps.frame import Frame, Screen, message_frame, without_pictures
from vra_tui.tui.stamps.half_blocks import Colours
from vra_tui.tui.stamps.kitty import deleted, shown
from vra_tui.tui.stamps.look import Look
from vra_tui.tui.stamps.paint import Painter, frame_rows
from vra_tui.tui.stamps.shelf import AlertStamps, StampShelf

#: After so long without its own stamps, an alert has none of another's beside it, seconds.
_PATIENCE = 0.3
#: How often it is looked whether another screen covers pictures that lie above all text, seconds.
_COVERED = 0.1


class StampPane(Bare):
    """The stamps of one alert. `show_alert` costs nothing where nothing changed, and never reads itself."""

    DEFAULT_CSS = "StampPane { height: 1fr; }"

    class Taken(Message):
        """The stamps of the alert that is wanted are at hand."""

        def __init__(self, stamps: AlertStamps) -> None:
            super().__init__()
            self.stamps = stamps

    def __init__(
        self,
        store_path: Path,
        surveys: Surveys,
        clock: Callable[[], float],
        *,
        ascii: bool = False,
        images: bool = True,
        kitty: bool = False,
        id: str | None = None,
    ) -> None:
        """``images``: whether there are pictures at all. ``kitty``: by that protocol on the full screen."""
        super().__init__(id=id)
        self._surveys = surveys
        self._clock = clock
        self._ascii = ascii
        self._images = images
        self._kitty = kitty
        #: Pictures that the terminal holds, and the timer that takes them away below another screen.
        self._held = 0
        self._watching: Timer | None = None
        self._shelf = StampShelf(store_path, self._frame_of)
        self._shelf.warm = self._warm
        self._painter = Painter("dark", ascii=ascii)
        self._look = Look()
        #: The alert that is wanted, and the key of its stamps.
        self._wanted: tuple[int, str, tuple[int, int]] | None = None
        self._why_none = ""
        self._stamps: AlertStamps | None = None
        self._index = 0
        self._frame = Frame(np.zeros((0, 0), dtype=np.uint64))
        self._strips: dict[int, Strip] = {}

    def _frame_of(self, survey: str) -> StampFrame:
        try:
            return self._surveys[survey].stamp_frame
        except VraError:
            return StampFrame()

    def _warm(self, stamps: AlertStamps) -> None:
        """Stretch what will be shown, in the thread of the shelf."""
        if stamps.epochs and self.size.area:
            compose(stamps, len(stamps.epochs) - 1, replace(self._look, sheet=False), self._screen_size())

    # What is shown

    @property
    def alert_id(self) -> int | None:
        """The alert whose stamps are on the screen; None where there are none yet."""
        return None if self._stamps is None else self._stamps.alert_id

    @property
    def has_pictures(self) -> bool:
        """Whether the alert that is shown has stamps."""
        return self._stamps is not None and bool(self._stamps.epochs)

    @property
    def look(self) -> Look:
        """How stamps are shown."""
        return self._look

    def show_alert(self, detail: AlertDetail | None) -> None:
        """Show an alert's stamps as soon as they are read: call it when keys rest."""
        if detail is None:
            self._wanted = self._stamps = None
            self._show(message_frame(self._screen_size(), ""))
            return
        key = len(detail.stamps), sum(one.size for one in detail.stamps)
        wanted = (detail.row.alert_id, detail.survey, key)
        if wanted == self._wanted:
            return
        self._wanted, self._why_none = wanted, why_none(detail)
        found = self._shelf.held(wanted[0], key)
        if found is not None:
            self._take(found)
            return
        self._stamps = None
        self.set_timer(_PATIENCE, partial(self._say_reading, wanted))
        if not detail.stamps and not detail.associations:
            self._take(AlertStamps(wanted[0], key, []))
            return
        self._fetch(None)

    def _say_reading(self, wanted: tuple[int, str, tuple[int, int]]) -> None:
        """Another alert's stamps do not stay where these take long."""
        if self._stamps is None and self._wanted == wanted:
            self._show(message_frame(self._screen_size(), "reading the stamps …"))

    def prepare(self, alerts: Sequence[tuple[int, str]]) -> None:
        """Read the stamps of these alerts (id and survey) ahead, in another thread."""
        self._shelf.prepare(alerts)

    def _fetch(self, epochs: Sequence[int] | None) -> None:
        assert self._wanted is not None
        alert_id, survey, _ = self._wanted
        coming = self._shelf.fetch(alert_id, survey, epochs)
        loop = asyncio.get_running_loop()
        coming.add_done_callback(lambda done: loop.call_soon_threadsafe(self._came, done))

    def _came(self, done: "Future[AlertStamps]") -> None:
        if done.cancelled() or self._wanted is None or not self.is_attached:
            return
        if done.exception() is not None:  # of whatever kind: a picture must not end the screen
            self._show(message_frame(self._screen_size(), "these stamps cannot be read"))
            return
        found = done.result()
        if found.alert_id == self._wanted[0]:
            if self._stamps is not None and found.alert_id == self._stamps.alert_id:
                # Stamps that came in or went meanwhile moved the exposures.
                self._stamps, self._index = found, max(0, min(self._index, len(found.epochs) - 1))
                self._draw()
            else:
                self._take(found)

    def _take(self, stamps: AlertStamps) -> None:
        self._stamps = stamps
        self._index = len(stamps.epochs) - 1
        self._draw()
        self.post_message(self.Taken(stamps))

    # What keys change

    def set_full(self, full: bool) -> None:
        """Whether the pane has the whole screen."""
        self._change(full=full, sheet=self._look.sheet and full)

    def step_time(self, step: int) -> bool:
        """The stamps of an earlier (−1) or later (1) exposure; whether there is one."""
        if self._stamps is None or not 0 <= self._index + step < len(self._stamps.epochs):
            return False
        self._index += step
        self._draw()
        return True

    def contrast(self, step: int) -> bool:
        """More contrast (1) shows fainter sources, less (−1) bright cores; whether there is such a step."""
        wanted = self._look.contrast + step
        if wanted not in CONTRASTS:
            return False
        self._change(contrast=wanted)
        return True

    def other_picture(self) -> None:
        """Turn the order of the pictures by one: the field where there is one, or the next where one fits."""
        self._change(turn=self._look.turn + 1)

    def contact_sheet(self) -> None:
        """All epochs of one picture, and back."""
        self._change(sheet=not self._look.sheet)

    def _change(self, **changes: object) -> None:
        self._look = replace(self._look, **changes)  # type: ignore[arg-type]
        self._draw()

    # Drawing

    def set_styles_of(self, theme: str) -> None:
        """Use another theme's colours."""
        self._painter = Painter(theme, plain=self.app.no_color, ascii=self._ascii)
        self._forget()
        self._draw()

    def on_resize(self) -> None:
        """Lay the pictures out anew."""
        self._forget()
        self._draw()

    def on_unmount(self) -> None:
        """Take pictures away and close the store."""
        self._take_images_away()
        self._shelf.close()

    def _forget(self) -> None:
        self._strips.clear()
        self._frame = Frame(np.zeros((0, 0), dtype=np.uint64))
        self.refresh()

    def _screen_size(self) -> Screen:
        return Screen(self.size.width, self.size.height, self._clock(), self._painter.ascii)

    def _draw(self) -> None:
        stamps, screen = self._stamps, self._screen_size()
        if stamps is None or not (screen.width and screen.height):
            return
        wanted = wanted_epochs(stamps, self._index, self._look, screen) if stamps.epochs else []
        if not stamps.fault and any(index not in stamps.pictures for index in wanted):
            # All of them: what is not asked for may be forgotten.
            self._fetch(wanted)
            if self._index not in stamps.pictures and not self._look.sheet:
                return
        if self._images:
            self._show(compose(stamps, self._index, self._look, screen, self._why_none))
        else:
            self._show(message_frame(screen, "pictures are off"))

    def _show(self, frame: Frame) -> None:
        by_kitty = self._kitty and self._look.full and not self._painter.plain
        if by_kitty:
            frame = without_pictures(frame)
        if by_kitty or self._held:
            self.call_after_refresh(self._place_images)
        before, self._frame = self._frame, frame
        height, width = frame.cells.shape
        same_size = before.cells.shape == frame.cells.shape
        rows = frame_rows(frame.cells)
        colours: Colours = (-1, -1)
        regions = []
        for y in range(height):
            line = frame.captions.get(y)
            if (
                same_size
                and line == before.captions.get(y)
                and np.array_equal(before.cells[y], frame.cells[y])
            ):
                continue
            runs = [(0, width)]
            if line is not None:
                self._strips[y] = self._painter.caption(frame, y, width)
            else:
                if same_size and y not in before.captions:
                    runs = changed_runs(before.cells[y], frame.cells[y])
                segments: list[Segment] = []
                for first, last, is_painted in _parts(runs, width):
                    more, after = self._painter.row(rows[y][first:last], colours)
                    segments += more
                    colours = after if is_painted else colours
                self._strips[y] = Strip(segments, width)
            regions += [Region(first, y, last - first, 1) for first, last in runs]
        if regions:
            self.refresh(*regions)

    def _place_images(self) -> None:
        """Write the pictures of the frame to a terminal that draws them, after the cells around them."""
        self._take_images_away()
        driver = self.app._driver
        is_seen = self._kitty and self._look.full and self.is_attached and self.app.screen is self.screen
        if driver is None or not is_seen or not self.display or not self._frame.placements:
            return
        x, y = self.region.offset
        driver.write(shown(self._frame.placements, (x, y), self._painter.is_light))
        self._held = len(self._frame.placements)
        if self._watching is None:
            self._watching = self.set_interval(_COVERED, self._yield_to_what_covers)

    def _yield_to_what_covers(self) -> None:
        """Pictures lie above all text: below the help or a question they would hide it."""
        is_covered = self.app.screen is not self.screen
        if bool(self._held) == is_covered:
            self._place_images()

    def _take_images_away(self) -> None:
        driver = self.app._driver
        if self._held and driver is not None:
            driver.write(deleted(self._held))
        self._held = 0
        if self._watching is not None and not self._look.full:
            self._watching.stop()
            self._watching = None

    def render_line(self, y: int) -> Strip:
        """One line; kept until it changes."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            return Strip([Segment(" " * self.size.width, self._painter.styles["text"])], self.size.width)
        return strip


def _parts(runs: Sequence[tuple[int, int]], width: int) -> list[tuple[int, int, bool]]:
    """A row cut at the ends of the runs that are painted."""
    parts, at = [], 0
    for first, last in runs:
        if at < first:
            parts.append((at, first, False))
        parts.append((first, last, True))
        at = last
    if at < width:
        parts.append((at, width, False))
    return parts


def is_bare(detail: AlertDetail) -> bool:
    """Tell whether an alert has no stamps, nor another survey's alert whose stamps it could borrow."""
    return not detail.stamps and not detail.associations


def why_none(detail: AlertDetail) -> str:
    """Why an alert has no stamps, as far as the store knows."""
    asked = [one for one in detail.requests if one.what == "stamps"]
    if not asked:
        return "no stamps came with this alert; docs/wires.md says which sources bring them"
    source, came = printable(asked[-1].source, 20), printable(asked[-1].came, 60)
    if asked[-1].ended_at is None:
        return f"stamps are asked for from {source}"
    return f"no stamps came from {source}: {came}" if came else f"no stamps came from {source}"
