"""Budgets: how many calls of a server are left within the hour, and how long to wait for the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HOUR = 3600.0


def seconds_until_free(called_at: Sequence[float], now: float, an_hour: int) -> float:
    """How long to wait until one more call keeps to ``an_hour`` calls within any hour; 0 where it does now.

    ``called_at``: times of earlier calls, seconds since 1970, in any order. Those of the future (a clock that
    was put back) count as made now.
    """
    recent = sorted(min(at, now) for at in called_at if at > now - HOUR)
    if len(recent) < an_hour:
        return 0.0
    return recent[len(recent) - an_hour] + HOUR - now


def backoff(attempt: int, chance: float, first: float = 1.0, longest: float = 60.0) -> float:
    """Seconds to wait before the next of several attempts (the first is 0): exponential with full jitter.

    Full jitter keeps clients that failed together from coming back together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). At least a tenth is waited.
    """
    most = min(longest, first * 2.0 ** min(attempt, 30))
    return most * (0.1 + 0.9 * chance)


@dataclass(frozen=True)
class Budget:
    """Calls of one account: kept by the store, so that a restart begins no new hour.

    ``calls`` gives the times of the last hour's calls, ``note`` keeps one more. ``an_hour``: how many are
    allowed; None: no limit is known.
    """

    an_hour: int | None
    calls: Callable[[], Sequence[float]]
    note: Callable[[float], None]

    def wait(self, now: float) -> float:
        """Seconds until the next call is allowed."""
        return 0.0 if self.an_hour is None else seconds_until_free(self.calls(), now, self.an_hour)

    def left(self, now: float) -> int | None:
        """How many calls are left now; None where no limit is known."""
        if self.an_hour is None:
            return None
        return max(0, self.an_hour - sum(at > now - HOUR for at in self.calls()))


def unlimited() -> Budget:
    """A budget without a limit, which keeps nothing."""
    return Budget(None, lambda: (), lambda at: None)
