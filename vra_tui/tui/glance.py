"""Which alert a key means: the one the scanner saw when pressing it, not one that came up meanwhile."""

from dataclasses import dataclass
from math import inf


@dataclass
class _Leap:
    """The cursor went from one alert to another that was not yet seen; ``seen_at`` is when it was drawn."""

    came_from: int | None
    to: int | None
    seen_at: float = inf


class Glance:
    """Follows what is on the screen, and tells for a moment which alert a decision meant.

    The scanner's own steps to a line in view count at once: who presses down twice and decides means the
    second line below. A leap (the way on after a decision, another page, another list) counts only once a
    frame has shown where it led; a key pressed before that means the alert it was pressed at.
    """

    def __init__(self) -> None:
        self._leap: _Leap | None = None

    def stepped(self) -> None:
        """The scanner moved the cursor to a line that was in view."""
        self._leap = None

    def leapt(self, came_from: int | None, to: int | None) -> None:
        """The cursor went to an alert that the scanner has not looked at."""
        if self._leap is not None and self._leap.seen_at == inf:
            came_from = self._leap.came_from
        self._leap = None if came_from == to else _Leap(came_from, to)

    def drawn(self, atlas_id: int | None, now: float) -> None:
        """A frame went out with this alert under the cursor."""
        if self._leap is not None and self._leap.to == atlas_id and self._leap.seen_at == inf:
            self._leap.seen_at = now

    def meant(self, current: int | None, moment: float) -> int | None:
        """The alert that a key pressed at ``moment`` means, ``current`` being under the cursor now."""
        if self._leap is not None and moment < self._leap.seen_at:
            return self._leap.came_from
        return current
