"""Report refused input of `vra ingest`: a few pieces of each reason one by one, the rest as a number."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice

from vra_tui.domain.refusal import Refusal
from vra_tui.text import printable

#: So many of one reason are told one by one, and so many reasons.
_TOLD_OF_EACH, _REASONS_TOLD = 3, 30
_NUMBER = re.compile(r"\d[\d.,:]*")


class RefusalReport:
    """Hears of refusals while they happen, and says at the end how many more there were of each reason.

    ``say`` writes a line. Reasons that differ by the object's name or by numbers count as one.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._times: Counter[str] = Counter()
        self._last: dict[str, Refusal] = {}

    def __call__(self, refusal: Refusal) -> None:
        """Tell of one refusal, unless enough like it were told."""
        reason = _kind_of(refusal)
        self._times[reason] += 1
        self._last[reason] = refusal
        if self._times[reason] <= _TOLD_OF_EACH and len(self._times) <= _REASONS_TOLD:
            self._say(printable(f"refused: {_place(refusal)} {refusal.reason}"))

    def close(self) -> None:
        """Tell how many were not told one by one, most frequent first."""
        others = 0
        told_of = set(islice(self._times, _REASONS_TOLD))
        for place, (reason, times) in enumerate(self._times.most_common()):
            told = _TOLD_OF_EACH if reason in told_of else 0
            if times <= told:
                continue
            if place >= _REASONS_TOLD:
                others += times - told
                continue
            last = self._last[reason]
            self._say(
                printable(f"refused: {times - told:,} more like the last, {_place(last)} {last.reason}")
            )
        if others:
            self._say(f"refused: {others:,} more for other reasons")


def _kind_of(refusal: Refusal) -> str:
    reason = refusal.reason
    if refusal.object_id:
        reason = reason.replace(refusal.object_id, "…")
    return _NUMBER.sub("#", reason)


def _place(refusal: Refusal) -> str:
    """Tell where it stood, and which object it is, where the place does not say so."""
    position = refusal.position
    if refusal.object_id and refusal.object_id not in position:
        position += f": {refusal.object_id}"
    return f"{refusal.source}: {position}:"
