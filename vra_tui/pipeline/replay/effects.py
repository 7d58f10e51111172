"""What a policy does to a stream, told at once for all nights: as `play` tells, thirty times as fast.

As long as a scanner looks at all that is shown and decides it, each alert's course is its own, and follows
from the ranks of its visits alone: nothing has to be played night by night. Where alerts depend on one
another (a capacity, snoozes drawn by chance, a night held back by the cap), the stream is played.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.replay.play import ScannerHabits, nights_in_purgatory, play, unusual_keys
from vra_tui.pipeline.replay.tape import Tape
from vra_tui.ranking.policy import Policy, PolicyInput, rules_that_hold

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NEVER = -1


@dataclass(frozen=True, eq=False)
class Effects:
    """What a policy does to n alerts of a stream, shape (n,) each.

    ``looks`` at each; ``first_look``: night of the first (MJD), NaN without one; ``is_discarded``: lies in
    the machine's garbage at the end.
    """

    looks: Ints
    first_look: Floats
    is_discarded: Bools


class PolicyTrial:
    """A tape, prepared to try many policies on it under the same habits of the scanner."""

    def __init__(self, tape: Tape, habits: ScannerHabits | None = None) -> None:
        self.tape, self.habits = tape, habits or ScannerHabits()
        order = np.lexsort((tape.day, tape.night, tape.row))
        self._standing = PolicyInput(
            **{field.name: getattr(tape.standing, field.name)[order] for field in fields(PolicyInput)}
        )
        row, self._night = tape.row[order], tape.night[order]
        starts = np.flatnonzero(np.diff(row, prepend=_NEVER))
        #: Alerts that were ever filed, and the first and the last visit of each among the sorted ones.
        self._rows, self._starts = row[starts], starts
        self._ends = np.append(starts[1:], len(row))
        #: Of each visit the first one of its alert, and whether no other comes in the same night.
        self._start_of = np.repeat(starts, self._ends - starts)
        self._is_last = np.diff(row * len(tape.nights) + self._night, append=_NEVER) != 0
        t0 = tape.stream.records.t0_mjd
        self._t0, self._reached = t0[row], tape.reached_mjd[self._night]
        self._due = nights_in_purgatory(tape.nights, self.habits)
        self._at_due = self._latest_visits(row)
        self._may_be_due = (
            tape.nights[self._due] - t0[self._rows, np.newaxis] >= self.habits.purgatory_age
        ) & (self._at_due != _NEVER)
        self._has_unusual: dict[tuple[float, float], bool] = {}

    def _latest_visits(self, row: Ints) -> Ints:
        """The latest visit of each alert by each night on which purgatory is read, shape (a, d); -1: none."""
        nights = len(self.tape.nights)
        by_then = self._rows[:, np.newaxis] * nights + self._due
        last = np.searchsorted(row * nights + self._night, by_then, side="right") - 1
        return np.where(last >= self._starts[:, np.newaxis], last, _NEVER)

    def of(self, policy: Policy) -> Effects:
        """Return what a policy does, exactly as `play` does."""
        if self.must_be_played(policy):
            played = play(self.tape, policy, self.habits)
            return Effects(played.looks, played.first_look, played.is_discarded)
        return self._told(policy)

    def must_be_played(self, policy: Policy) -> bool:
        """Tell whether what becomes of an alert depends on the others."""
        if self.habits.capacity is not None or self.habits.unsure > 0:
            return True
        key = (policy.night_floor, policy.night_factor)
        if key not in self._has_unusual:
            nights = range(len(self.tape.nights))
            self._has_unusual[key] = any(len(unusual_keys(self.tape, night, policy)) for night in nights)
        return self._has_unusual[key]

    def _told(self, policy: Policy) -> Effects:
        rules = rules_that_hold(self._standing, policy)
        is_shown = rules.fasttrack | rules.extragalactic | rules.galactic
        is_garbage = rules.garbage & ~is_shown
        place = np.arange(len(is_shown))
        # In the garbage: the last visit that was not for purgatory was for the garbage.
        said = np.maximum.accumulate(np.where(is_shown | is_garbage, place, _NEVER))
        in_garbage = (said >= self._start_of) & is_garbage[said]
        was_in_garbage = np.maximum.accumulate(np.where(is_garbage, place, _NEVER)) >= self._start_of
        # What has grown old waits in purgatory, unless it was brought back from the garbage.
        is_old = (self._t0 < self._reached - policy.purgatory_after_days) & ~was_in_garbage
        is_looked_at = is_shown & self._is_last & ~is_old
        night = np.full(len(self._rows), len(self.tape.nights))
        if len(place):
            seen = np.where(is_looked_at, self._night, len(self.tape.nights))
            night = np.minimum.reduceat(seen, self._starts)
        if len(self._due):
            waits = self._may_be_due & ~in_garbage[self._at_due]
            due = np.where(waits.any(axis=1), self._due[waits.argmax(axis=1)], len(self.tape.nights))
            night = np.minimum(night, due)
        return self._effects(night, in_garbage)

    def _effects(self, night: Ints, in_garbage: Bools) -> Effects:
        """Effects on all alerts, from the night of the first look at those that were ever filed."""
        n = len(self.tape.stream)
        is_seen = night < len(self.tape.nights)
        first_look, is_discarded = np.full(n, np.nan), np.zeros(n, dtype=bool)
        first_look[self._rows[is_seen]] = self.tape.nights[night[is_seen]]
        if len(self._rows):
            is_discarded[self._rows] = ~is_seen & in_garbage[self._ends - 1]
        return Effects((~np.isnan(first_look)).astype(np.int64), first_look, is_discarded)
