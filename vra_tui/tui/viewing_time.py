"""Measure for how long each alert was looked at; decisions keep it."""

#: A look counts as so long at the most, seconds: the scanner went away.
LONGEST = 300.0


class ViewingTimes:
    """Seconds that alerts stood under the cursor, drawn, over all looks since each was decided last."""

    def __init__(self) -> None:
        self._before: dict[int, float] = {}
        self._here: int | None = None
        self._since = 0.0

    def drawn(self, alert_id: int | None, now: float) -> None:
        """A frame went out with this alert under the cursor."""
        if alert_id == self._here:
            return
        if self._here is not None:
            self._before[self._here] = self._before.get(self._here, 0.0) + self._this_look(now)
        self._here, self._since = alert_id, now

    def seconds(self, alert_id: int, now: float) -> float | None:
        """Tell how long it was looked at by now; None when it never was."""
        if alert_id != self._here and alert_id not in self._before:
            return None
        here = self._this_look(now) if alert_id == self._here else 0.0
        return round(self._before.get(alert_id, 0.0) + here, 1)

    def decided(self, alert_id: int, now: float) -> None:
        """Looks at it count from here on for the next decision."""
        self._before.pop(alert_id, None)
        if alert_id == self._here:
            self._since = now

    def _this_look(self, now: float) -> float:
        return min(max(now - self._since, 0.0), LONGEST)
