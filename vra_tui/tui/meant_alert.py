"""Find the alert that a key means: the one on the screen when it was pressed, not one that came up since."""

from collections import deque
from dataclasses import dataclass
from math import inf


@dataclass
class _CursorJump:
    """The cursor went from one alert to another that was not yet seen; ``seen_at`` is when it was drawn."""

    came_from: int | None
    to: int | None
    seen_at: float = inf


class MeantAlert:
    """Follows what is on the screen, and tells for a moment which alert a decision meant.

    The scanner's own steps to a line in view count at once: who presses down twice and decides means the
    second line below. A leap (the way on after a decision, another page, another list) counts only once a
    frame has shown where it led; a key pressed before that means the alert it was pressed at.
    """

    def __init__(self) -> None:
        # The latest last. Keys are handled within moments: leaps of long ago matter to none of them.
        self._leaps: deque[_CursorJump] = deque(maxlen=32)

    @property
    def is_steady(self) -> bool:
        """Whether the alert under the cursor has been drawn."""
        return not self._leaps or self._leaps[-1].seen_at != inf

    def stepped(self) -> None:
        """The scanner moved the cursor to a line that was in view."""
        self._leaps.clear()

    def leapt(self, came_from: int | None, to: int | None) -> None:
        """The cursor went to an alert that the scanner has not looked at."""
        if not self.is_steady:
            came_from = self._leaps.pop().came_from
        if came_from != to:
            self._leaps.append(_CursorJump(came_from, to))

    def drawn(self, alert_id: int | None, now: float) -> None:
        """A frame went out with this alert under the cursor."""
        if not self.is_steady and self._leaps[-1].to == alert_id:
            self._leaps[-1].seen_at = now

    def meant(self, current: int | None, moment: float) -> int | None:
        """The alert that a key pressed at ``moment`` means, ``current`` being under the cursor now."""
        for leap in reversed(self._leaps):
            if moment >= leap.seen_at:
                break
            current = leap.came_from
        return current
