"""The panes of what stands around an alert: the map and the table."""

from collections.abc import Sequence

from textual.strip import Strip

from vra_tui.store.detail import AlertDetail
from vra_tui.store.surroundings import Surroundings
from vra_tui.tui.neighbourhood.gathering import things_around
from vra_tui.tui.neighbourhood.map import around_map, frame_of, scale_line
from vra_tui.tui.neighbourhood.table import around_table
from vra_tui.tui.neighbourhood.under import cells_over, levels_under, picture_of
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line, to_strip
from vra_tui.tui.stamps.paint import Painter, frame_rows
from vra_tui.tui.stamps.shelf import AlertStamps

#: A narrower map has no picture under it: signs and numbers would cover it.
_LEAST_WITH_PICTURE = 36


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
    """The map of what stands around an alert; over the whole screen with a picture of the field under it."""

    def __init__(self, *, is_ascii: bool = False, id: str | None = None) -> None:
        super().__init__(is_ascii=is_ascii, id=id)
        self._painter = Painter("dark", ascii=is_ascii)
        self._stamps: AlertStamps | None = None
        #: Strips with the picture, of the alert and the lines that are shown now; empty without one.
        self._painted: dict[int, Strip] = {}

    def set_styles_of(self, theme: str) -> None:
        """Use another theme's colours."""
        self._painter = Painter(theme, plain=self.app.no_color, ascii=self._is_ascii)
        self._painted.clear()
        super().set_styles_of(theme)
        self._lay_under()

    def show_alert(self, detail: AlertDetail, around: Surroundings) -> None:
        """Show what stands around an alert; another one without a picture: that comes when keys rest."""
        if self._stamps is not None and self._stamps.alert_id != detail.row.alert_id:
            self._stamps = None
            self._take_away()
        super().show_alert(detail, around)

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        if list(lines) != self.lines:
            self._take_away()
        super().show(lines)

    def _take_away(self) -> None:
        if self._painted:
            self._painted.clear()
            self.refresh()

    def show_under(self, stamps: AlertStamps) -> None:
        """Lay a picture of the alert that is shown under its map, where there is one and room for it."""
        self._stamps = stamps
        if self.is_on_screen:
            self._lay_under()

    def _lay_under(self) -> None:
        found, shown, (width, height) = picture_of(self._stamps), self._shown, self.size
        if found is None or self._stamps is None or shown is None or width < _LEAST_WITH_PICTURE:
            return
        if shown[0].row.alert_id != self._stamps.alert_id or self._painter.plain:
            return
        kind, picture = found
        frame = frame_of(things_around(*shown), width, height)
        rows = frame_rows(cells_over(levels_under(frame, picture), self.lines))
        self._painted = {y: Strip(self._painter.row(row, (-1, -1))[0], width) for y, row in enumerate(rows)}
        caption = scale_line(frame, width, self._is_ascii, kind)
        self._painted[frame.height] = to_strip(caption, width, self._styles)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line as a strip."""
        painted = self._painted.get(y)
        return super().render_line(y) if painted is None else painted

    def on_resize(self) -> None:
        """Draw to the new size."""
        self._painted.clear()
        super().on_resize()

    def _draw(self) -> None:
        super()._draw()
        if not self._painted:
            self._lay_under()

    def _lines_of(self, detail: AlertDetail, around: Surroundings, width: int, height: int) -> Sequence[Line]:
        return around_map(detail, around, width, height, is_ascii=self._is_ascii)


class AroundTablePane(AroundPane):
    """The table of what stands around an alert."""

    def _lines_of(self, detail: AlertDetail, around: Surroundings, width: int, height: int) -> Sequence[Line]:
        return around_table(detail, around, width, height, is_ascii=self._is_ascii)
