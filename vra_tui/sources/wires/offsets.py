"""Which messages of a partition were taken in: ranges of offsets, and what is missing between them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: A half-open range of offsets.
Range = tuple[int, int]


@dataclass(frozen=True)
class Done:
    """Offsets that were taken in, as half-open ranges in ascending order that do not touch.

    As a text: `1200` is everything before offset 1200; `1200,5000-6000` also 5000 up to 5999.
    """

    ranges: tuple[Range, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Done":
        """What a text says. Raises ValueError for one that is none of ours."""
        if not re.fullmatch(r"\d+(,\d+-\d+)*", text):
            raise ValueError(f"{text!r} is no position in a partition")
        first, *others = text.split(",")
        ranges = [(0, int(first))]
        for other in others:
            begin, _, end = other.partition("-")
            ranges.append((int(begin), int(end)))
        return cls().with_ranges(ranges)

    def __str__(self) -> str:
        begin = 1 if self.ranges and self.ranges[0][0] == 0 else 0
        return ",".join([str(self.before), *(f"{low}-{high}" for low, high in self.ranges[begin:])])

    @property
    def before(self) -> int:
        """Everything before this offset was taken in."""
        return self.ranges[0][1] if self.ranges and self.ranges[0][0] == 0 else 0

    @property
    def end(self) -> int:
        """Nothing from this offset on was taken in."""
        return self.ranges[-1][1] if self.ranges else 0

    def with_range(self, begin: int, end: int) -> "Done":
        """These, and the offsets from ``begin`` up to but not including ``end``."""
        if self.ranges and self.ranges[-1][0] <= begin <= self.ranges[-1][1]:
            # Nearly always: what comes follows what came.
            low, high = self.ranges[-1]
            return Done((*self.ranges[:-1], (low, max(high, end))))
        return self.with_ranges([(begin, end)])

    def with_ranges(self, more: Iterable[Range]) -> "Done":
        """These, and those of ``more``, which may overlap and be empty."""
        joined: list[Range] = []
        for low, high in sorted([*self.ranges, *more]):
            if high <= low:
                continue
            if joined and low <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        return Done(tuple(joined))

    def gaps(self, low: int, high: int) -> list[Range]:
        """What was not taken in of the offsets from ``low`` up to ``high``, in ascending order."""
        found, at = [], low
        for begin, end in self.ranges:
            if begin > at:
                found.append((at, min(begin, high)))
            at = max(at, end)
            if at >= high:
                break
        found.append((at, high))
        return [(begin, end) for begin, end in found if begin < end]


@dataclass(frozen=True)
class Plan:
    """Where a partition is read from: its newest messages ``at`` an offset, then the gaps before it.

    ``expired``: so many messages were deleted by the broker before they were read. ``is_anew``: the topic
    ends before the place up to which it was read: somebody made it anew.
    """

    done: Done
    at: int
    expired: int = 0
    is_anew: bool = False


def plan(done: Done | None, low: int, high: int, most: int, from_latest: bool = False) -> Plan:
    """How to go on with a partition that holds the offsets from ``low`` up to ``high``.

    ``done``: None for one that was never read: then all that it holds is read, or with ``from_latest`` only
    what comes. Where more than ``most`` messages are waiting, the newest so many come first.
    """
    if done is None:
        done = Done(((0, high if from_latest else low),))
        return Plan(done, max(done.before, high - most))
    is_anew = done.end > high
    if is_anew:
        done = Done(((0, low),))
    expired = sum(end - begin for begin, end in done.gaps(0, low))
    done = done.with_range(0, low)
    return Plan(done, max(done.end, high - most), expired, is_anew)
