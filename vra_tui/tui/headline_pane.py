"""The line that names the alert; where no list is shown, a key means the alert that stands there."""

from collections.abc import Callable

from textual.strip import Strip

from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line


class HeadlinePane(Pane):
    """One line with the name of an alert; `drawn` is the alert that was named when it was drawn last."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._named: int | None = None
        self._line_of_width: Callable[[int], Line] = lambda width: []
        self._width = 0
        self.drawn: int | None = None

    def show_name(self, alert_id: int, line_of_width: Callable[[int], Line]) -> None:
        """Name an alert by a line of the width that there is."""
        before = list(self.lines)
        self._named, self._line_of_width = alert_id, line_of_width
        self._write()
        if before == self.lines:
            self.drawn = alert_id  # the very words are on the screen: they are not drawn again

    def on_resize(self) -> None:
        """Write to the new width."""
        super().on_resize()
        self._write()

    def render_line(self, y: int) -> Strip:
        """The line as a strip."""
        if self._width != self.size.width:
            self._write()  # what is drawn must hold the name, also before the new size was told
        self.drawn = self._named
        return super().render_line(y)

    def _write(self) -> None:
        self._width = self.size.width
        self.show([self._line_of_width(self._width)])
