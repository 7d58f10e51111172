"""The line that names the alert; where no list is shown, a key means the alert that stands there."""

from textual.strip import Strip

from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line


class HeadlinePane(Pane):
    """One line with the name of an alert; `drawn` is the alert that was named when it was drawn last."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._named: int | None = None
        self.drawn: int | None = None

    def show_name(self, alert_id: int, line: Line) -> None:
        """Name an alert."""
        self._named = alert_id
        if self.lines and self.lines[0] == line:
            self.drawn = alert_id  # the very words are on the screen: they are not drawn again
        self.show([line])

    def render_line(self, y: int) -> Strip:
        """The line as a strip."""
        self.drawn = self._named
        return super().render_line(y)
