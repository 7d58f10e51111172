"""The panes of what stands around an alert: the map and the table."""

from collections.abc import Sequence

from vra_tui.store.detail import AlertDetail
from vra_tui.store.surroundings import Surroundings
from vra_tui.tui.neighbourhood.map import around_map
from vra_tui.tui.neighbourhood.table import around_table
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line


class AroundPane(Pane):
    """Draws the surroundings of one alert to the size that it has; while it has no place it draws nothing."""

    def __init__(self, *, is_ascii: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._is_ascii = is_ascii
        self._shown: tuple[AlertDetail, Surroundings] | None = None

    def show_alert(self, detail: AlertDetail, around: Surroundings) -> None:
        """Show what stands around an alert."""
        self._shown = (detail, around)
        if self.is_on_screen:
            self._draw()

    def on_show(self) -> None:
        """Draw what was left out while it had no place."""
        self._draw()

    def on_resize(self) -> None:
        """Draw to the new size."""
        super().on_resize()
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        if self._shown is not None and width and height:
            self.show(self._lines_of(*self._shown, width, height))

    def _lines_of(self, detail: AlertDetail, around: Surroundings, width: int, height: int) -> Sequence[Line]:
        raise NotImplementedError


class MapPane(AroundPane):
    """The map of what stands around an alert."""

    def _lines_of(self, detail: AlertDetail, around: Surroundings, width: int, height: int) -> Sequence[Line]:
        return around_map(detail, around, width, height, is_ascii=self._is_ascii)


class AroundTablePane(AroundPane):
    """The table of what stands around an alert."""

    def _lines_of(self, detail: AlertDetail, around: Surroundings, width: int, height: int) -> Sequence[Line]:
        return around_table(detail, around, width, height, is_ascii=self._is_ascii)
