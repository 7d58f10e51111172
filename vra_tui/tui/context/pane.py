"""The pane that shows the context of one alert, and scrolls it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from textual import events

from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.observability import Nights
from vra_tui.domain.times import mjd_of
from vra_tui.ranking.policy import Policy
from vra_tui.store.curves import SurveyCurve
from vra_tui.store.detail import AlertDetail
from vra_tui.store.second_opinions import Opinion
from vra_tui.store.surroundings import Surroundings
from vra_tui.store.viewing import Viewer
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context.ascii import ascii_line
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.few_facts import few_facts
from vra_tui.tui.context.lines import alert_lines
from vra_tui.tui.context.section import whole_parts
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line, fit_line, width_of

#: Where fewer columns than this are left beside the words that there is more, only the key stands there.
_LEAST = 12
_WHEEL = 2


def _now() -> float:
    return mjd_of(datetime.now(UTC))


class ContextPane(Pane):
    """The context of one alert; what does not fit is scrolled to.

    ``nights`` gives the nights at the sites from tonight on, where the store has them. ``policy``: by which
    alerts are filed. ``now``: the time (MJD) that ages on the sky are counted to, ``clock``: that of
    what people did. ``more_key``: the key that shows more of it. ``is_ascii``: without signs beyond ASCII.
    """

    def __init__(
        self,
        nights: Callable[[], Nights | None],
        policy: Policy,
        *,
        now: Callable[[], float] = _now,
        clock: Callable[[], float] = _now,
        more_key: str = "M",
        is_ascii: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.more_key, self._is_ascii = more_key, is_ascii
        self._nights, self._policy, self._now, self._clock = nights, policy, now, clock
        self._facts: AlertFacts | None = None
        #: The lines of the alert that were made, those that were not yet asked for, the first one in view.
        self._made: list[Line] = []
        self._coming: Iterator[Line] = iter(())
        self._first = 0

    def show_alert(
        self,
        detail: AlertDetail,
        curve: LightCurve,
        codes: CodeBook,
        around: Surroundings,
        viewers: Sequence[Viewer],
        asked: Opinion | None,
        others: Sequence[SurveyCurve] = (),
    ) -> None:
        """Show an alert's context; of another alert from its first line on. ``others``: see `AlertFacts`."""
        before = self._facts
        if before is None or before.detail.row.alert_id != detail.row.alert_id:
            self._first = 0
        times = (self._now(), self._clock())
        more = (codes, around, self._nights(), viewers, asked, self._policy, *times, others)
        self._facts = AlertFacts(detail, curve, *more)
        self._write()

    def scroll_lines(self, lines: int) -> bool:
        """Scroll by so many lines, down where positive, as far as there is something; whether it did."""
        self._make(self._first + lines + self.size.height)
        first = min(max(0, self._first + lines), max(0, len(self._made) - self.size.height))
        if first == self._first:
            return False
        self._first = first
        self._show()
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_lines(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls back."""
        event.stop()
        self.scroll_lines(-_WHEEL)

    def _write(self) -> None:
        if self._facts is not None:
            self._made, self._coming = [], pane_lines(self._facts, *self.size, is_ascii=self._is_ascii)
            self._make(self._first + self.size.height)
            self._first = min(self._first, max(0, len(self._made) - self.size.height))
            self._show()

    def _make(self, count: int) -> None:
        """Make the first ``count`` lines, and one more, which tells that there is more."""
        self._made += islice(self._coming, max(0, count + 1 - len(self._made)))

    def _show(self) -> None:
        self.show(in_view(self._made, self._first, *self.size, self.more_key))

    def on_resize(self) -> None:
        """Write to the new size."""
        super().on_resize()
        self._write()


def pane_lines(facts: AlertFacts, width: int, height: int, *, is_ascii: bool = False) -> Iterator[Line]:
    """All lines for a pane of this size: where there is little room, what decides comes first."""
    few = few_facts(facts, width, height)
    yield from map(ascii_line, few.lines) if is_ascii else few.lines
    yield from alert_lines(facts, width, height, is_ascii=is_ascii, told=few.told)


def in_view(lines: Sequence[Line], first: int, width: int, height: int, more_key: str) -> list[Line]:
    """The lines from ``first`` on that fit; the last one says that there is more, and which key shows it.

    ``lines``: as many as were made; one beyond those in view tells that there are more.
    """
    shown = list(lines[first : first + height])
    has_more = len(lines) > first + height
    if not shown or not (has_more or first):
        return shown
    sign: Line = [
        (f" {more_key}" if more_key else "", "key"),
        (" more" if has_more else f" {first} above", "dim"),
    ]
    if width - width_of(sign) < _LEAST:
        sign = sign[:1]
    room = width - width_of(sign)
    if room > 0:
        shown[-1] = [*fit_line(whole_parts(shown[-1], room), room), *sign]
    return shown
