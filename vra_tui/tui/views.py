"""The pane that shows the context of one alert."""

from collections.abc import Callable, Sequence

from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.domain.observability import Nights
from vra_tui.ranking.policy import Policy
from vra_tui.store.detail import AlertDetail
from vra_tui.store.second_opinions import Opinion
from vra_tui.store.surroundings import Surroundings
from vra_tui.store.viewing import Viewer
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context import context_lines
from vra_tui.tui.pane import Pane


class ContextPane(Pane):
    """The context of one alert.

    ``nights`` gives the nights at the sites from tonight on, where the store has them. ``policy``: by which
    alerts are filed.
    """

    def __init__(
        self,
        nights: Callable[[], Nights | None],
        policy: Policy,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._codes = CodeBook()
        self._around = Surroundings()
        self._policy = policy
        self._nights = nights
        self._detail: AlertDetail | None = None
        self._curve: LightCurve = no_epochs()
        self._viewers: Sequence[Viewer] = ()
        self._asked: Opinion | None = None

    def show_alert(
        self,
        detail: AlertDetail,
        curve: LightCurve,
        codes: CodeBook,
        around: Surroundings,
        viewers: Sequence[Viewer],
        asked: Opinion | None,
    ) -> None:
        """Show an alert's context, who looks at it on other screens, and what a second opinion came to."""
        self._detail, self._curve, self._viewers, self._asked = detail, curve, viewers, asked
        self._codes, self._around = codes, around
        self._write()

    def scroll_lines(self, lines: int) -> None:
        """Move on or back by so many lines."""

    def _write(self) -> None:
        if self._detail is not None:
            width, nights = self.size.width, self._nights()
            more = (self._codes, self._around, nights, self._viewers, self._asked)
            self.show(context_lines(self._detail, self._curve, width, *more, policy=self._policy))

    def on_resize(self) -> None:
        """Write to the new width."""
        super().on_resize()
        self._write()
