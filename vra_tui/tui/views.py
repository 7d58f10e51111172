"""The panes that show one alert: its light curve and its context."""

from vra_tui.lightcurve.curves import LightCurve, empty
from vra_tui.store.detail import AlertDetail
from vra_tui.tui.context import context_lines
from vra_tui.tui.curve.draw import Event, Look, draw_curve
from vra_tui.tui.curve.points import Points, points_of
from vra_tui.tui.pane import Pane


class CurvePane(Pane):
    """The light curve of one alert."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.look = Look()
        self.light_curve: LightCurve = empty()
        self._t0 = 0.0
        self._points: Points | None = None
        self._events: list[Event] = []

    def show_alert(self, detail: AlertDetail, curve: LightCurve) -> None:
        """Show an alert's curve."""
        self.light_curve = curve
        self._t0 = detail.row.t0_mjd
        self._events = [
            Event(report.discovered_mjd - self._t0, "T")
            for report in detail.tns
            if report.discovered_mjd is not None
        ]
        self._take_points()

    def use_look(self, look: Look) -> None:
        """Draw the same curve in another way."""
        self.look = look
        self._take_points()

    def _take_points(self) -> None:
        self._points = points_of(self.light_curve, self._t0, self.look.quantity, self.look.forced)
        self._draw()

    def _draw(self) -> None:
        if self._points is not None:
            width, height = self.size
            self.show(draw_curve(self._points, self._t0, width, height, self.look, self._events))

    def on_resize(self) -> None:
        """Draw to the new size."""
        super().on_resize()
        self._draw()


class ContextPane(Pane):
    """The context of one alert."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._detail: AlertDetail | None = None
        self._curve: LightCurve = empty()

    def show_alert(self, detail: AlertDetail, curve: LightCurve) -> None:
        """Show an alert's context."""
        self._detail, self._curve = detail, curve
        self._write()

    def _write(self) -> None:
        if self._detail is not None:
            self.show(context_lines(self._detail, self._curve, self.size.width))

    def on_resize(self) -> None:
        """Write to the new width."""
        super().on_resize()
        self._write()
