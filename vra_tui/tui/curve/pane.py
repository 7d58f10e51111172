"""The panes of a light curve: the drawing, and the table of its points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from vra_tui.domain.light_curve import LightCurve, no_epochs
from vra_tui.domain.times import mjd_of
from vra_tui.store.curves import SurveyCurve
from vra_tui.store.detail import AlertDetail
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.curve.draw import Axis, CurveStyle, Event, Subject, draw_curve, point_line, shown
from vra_tui.tui.curve.points import PointKind, Points, is_fresh, points_of
from vra_tui.tui.decided import key_of
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line

#: Times are kept to 1e-9 day; a sum of them is off by some more.
_SAME_TIME = 1e-8


def mjd_now() -> float:
    """The time on the wall, MJD."""
    return mjd_of(datetime.now(UTC))


@dataclass(frozen=True, eq=False)
class EpochRead:
    """The epoch under the reading cursor: where it stands in which light curve, and whether it is bad."""

    curve: LightCurve
    section: int
    row: int
    is_bad: bool
    phase: float
    band: int


class CurvePane(Pane):
    """The light curve of one alert; ``clock`` gives the present as MJD, from which days are counted back."""

    def __init__(
        self, look: CurveStyle, *, clock: Callable[[], float] = mjd_now, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.look = look
        self.light_curve: LightCurve = no_epochs()
        #: Whose light curve it is.
        self.subject = Subject(0.0)
        #: Index of the point that is read, None while none is.
        self.reading: int | None = None
        self._clock = clock
        self._others: Sequence[LightCurve] = ()
        self._bad: LightCurve | None = None
        #: The alert that is shown.
        self.alert_id: int | None = None
        self._points: Points | None = None

    def show_alert(
        self,
        detail: AlertDetail,
        curve: LightCurve,
        codes: CodeBook,
        others: Sequence[SurveyCurve] = (),
        bad: LightCurve | None = None,
    ) -> None:
        """Show an alert's curve, and those of ``others`` at the same place; ``codes`` are of all of them.

        ``bad``: its epochs that a scanner called bad. What is read of the same alert stays read.
        """
        read = self._place_read() if detail.row.alert_id == self.alert_id else None
        self.alert_id, self._bad = detail.row.alert_id, bad
        self.light_curve, self._others = curve, [one.curve for one in others]
        surveys = [detail.row.survey, *(one.survey for one in others)]
        self.subject = Subject(detail.row.t0_mjd, self._clock(), surveys, events_of(detail), None, codes)
        self.reading = None
        self._take_points()
        if read is not None:
            self._read_at(*read)

    def _place_read(self) -> tuple[float, int, int] | None:
        points = self.points
        if self.reading is None or points is None or self.reading >= len(points):
            return None
        at = self.reading
        mjd = float(points.phase[at]) + self.subject.t0  # a bad epoch may move t0
        return mjd, int(points.band[at]), int(points.survey[at])

    def use_look(self, look: CurveStyle) -> None:
        """Draw the same curve in another way."""
        self.look = look
        self.reading = None
        self._take_points()

    @property
    def has_fit(self) -> bool:
        """Whether a fitted curve is drawn."""
        return self.subject.fit is not None

    @property
    def points(self) -> Points | None:
        """The points in view, in the order of time."""
        return None if self._points is None else shown(self._points, self.look, self.subject.now_phase)

    @property
    def next_axis(self) -> Axis:
        """The time axis that comes after the one in view; each looks different."""
        if self.look.axis is Axis.AUTO:
            is_back = self._points is not None and is_fresh(self._points, self.subject.now_phase)
            return Axis.T0 if is_back else Axis.MJD
        return Axis.MJD if self.look.axis is Axis.T0 else Axis.AUTO

    def read(self, step: int) -> None:
        """Read the point ``step`` further; the first time, the latest detection."""
        points = self.points
        if points is None or not len(points):
            return
        if self.reading is None:
            seen = np.flatnonzero(points.kind == PointKind.DETECTION)
            self.reading = int(seen[-1]) if len(seen) else len(points) - 1
        else:
            self.reading = min(max(self.reading + step, 0), len(points) - 1)
        self._draw()

    def _read_at(self, mjd: float, band: int, survey: int) -> None:
        """Read the point at a time in a band of a survey, if it is in view."""
        points = self.points
        if points is not None:
            is_then = np.abs(points.phase + self.subject.t0 - mjd) < _SAME_TIME
            is_it = is_then & (points.band == band) & (points.survey == survey)
            found = np.flatnonzero(is_it)
            self.reading = int(found[-1]) if len(found) else None
            self._draw()

    def epoch_read(self) -> "EpochRead | None":
        """The epoch that is read; None where no single one of the alert's own is."""
        points = self.points
        if self.reading is None or points is None or self.look.nightly or points.survey[self.reading]:
            return None
        at = self.reading
        is_bad = int(points.kind[at]) == PointKind.BAD
        curve = self._bad if is_bad and self._bad is not None else self.light_curve
        place = int(points.section[at]), int(points.row[at])
        return EpochRead(curve, *place, is_bad, float(points.phase[at]), int(points.band[at]))

    def _take_points(self) -> None:
        of, look = self.subject, self.look
        more = (look.quantity, look.forced, of.codes.longitude, self._others, self._bad)
        self._points = points_of(self.light_curve, of.t0, *more)
        fit = None
        if look.fit:
            # Imported with the first fit: the screen starts without it.
            from vra_tui.tui.curve.fitted import fitted

            fit = fitted(self.light_curve, of.t0)
        self.subject = replace(of, fit=fit)
        self._draw()

    def _draw(self) -> None:
        if self._points is not None:
            self.show(draw_curve(self._points, self.subject, *self.size, self.look, self.reading))

    def on_resize(self) -> None:
        """Draw to the new size."""
        super().on_resize()
        self._draw()


def events_of(detail: AlertDetail) -> list[Event]:
    """TNS discoveries (T) and decisions (their letters) as marks on the light curve."""
    t0 = detail.row.t0_mjd
    events = [
        Event(report.discovered_mjd - t0, "T") for report in detail.tns if report.discovered_mjd is not None
    ]
    for decision in detail.decisions:
        sign = key_of(decision.list)
        if sign is not None and not decision.is_reverted:
            moment = mjd_of(datetime.fromisoformat(decision.timestamp))
            events.append(Event(moment - t0, sign))
    return events


class TablePane(Pane):
    """The points of a light curve as a table; the line of the point that is read stays in view."""

    def show_points(self, curve: CurvePane) -> None:
        """Show the points that a pane shows, the latest on top."""
        points = curve.points
        if points is None:
            return
        height = max(1, self.size.height)
        last = len(points) - 1
        here = last if curve.reading is None else curve.reading
        top = min(last, max(here + height // 2, height - 1))
        lines: list[Line] = []
        for index in range(top, max(top - height, -1), -1):
            sign = ">" if index == curve.reading else " "
            point = point_line(points, index, curve.subject, self.size.width - 2)
            lines.append([(f"{sign} ", "strong"), *point])
        self.show(lines)
