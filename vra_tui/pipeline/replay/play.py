"""Playing a tape: a policy files night by night, and a scanner who knows the truth works the lists."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.cap_inflow import Inflow, held_visits
from vra_tui.pipeline.filing import moves_of, same_runs
from vra_tui.pipeline.replay.tape import Tape
from vra_tui.pipeline.visits import N_DAYS
from vra_tui.ranking.inflow import best_of_each
from vra_tui.ranking.lists import FILED_LISTS, ListName
from vra_tui.ranking.policy import Policy, file_alerts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAST, EXTRAGALACTIC, GALACTIC, PURGATORY = (name.value for name in FILED_LISTS)
#: The lists in the order in which a scanner works through them.
LISTS = (FAST, EXTRAGALACTIC, GALACTIC, PURGATORY)
GARBAGE = ListName.GARBAGE.value
#: Instead of the key of a night: no visit.
_NONE = -1
_DECISION = {"good": "good", "galactic": "attic", "pm": "pm", "garbage": "garbage", "": "garbage"}


@dataclass(frozen=True)
class ScannerHabits:
    """How the simulated scanner works.

    Every night all of fast track, extragalactic and galactic, each best rank first, what TNS lists already
    last. Every ``purgatory_days`` (0: never) purgatory too, but for what is younger than ``purgatory_age``
    days. ``capacity``: alerts looked at in a night at most; the rest stays for the next. ``unsure``: share of
    looks that end in a snooze until the next visit instead of a decision, drawn by ``seed``.
    """

    purgatory_days: float = 7.0
    purgatory_age: float = 0.0
    capacity: int | None = None
    unsure: float = 0.0
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Outcome:
    """The results of a policy for n alerts and s nights.

    Of each alert, shape (n,): ``looks`` at it, night of the ``first_look`` (MJD, NaN without one), the
    ``list`` at the end; how often the machine discarded it (``discards``) and brought it back (``returns``).
    ``is_discarded``: whether it lies in the machine's garbage at the end.
    Of each look, in order: ``look_row``, ``look_night`` (index), ``look_list``. ``lengths``, shape (s, 4):
    of `LISTS` when the scanner comes. ``held``, shape (s,): held back by the cap.
    """

    looks: Ints
    first_look: Floats
    list: NDArray[np.object_]
    is_discarded: Bools
    discards: Ints
    returns: Ints
    look_row: Ints
    look_night: Ints
    look_list: NDArray[np.object_]
    lengths: Ints
    held: Ints


def play(tape: Tape, policy: Policy, habits: ScannerHabits | None = None) -> Outcome:
    """Replay a tape under a policy."""
    room = _Lists(tape, policy, habits or ScannerHabits())
    for night in range(len(tape.nights)):
        room.score(night)
        room.look(night)
    return room.outcome()


def unusual_keys(tape: Tape, night: int, policy: Policy) -> Ints:
    """Nights and units far from usual, as far as the ``night``-th of the tape knows."""
    known = tape.stream.records.t0_mjd <= tape.nights[night]
    key, count = np.unique(tape.raised[known], return_counts=True)
    return Inflow.judged(key, count, tape.stream.keys, policy).unusual


def nights_in_purgatory(nights: Floats, habits: ScannerHabits) -> Ints:
    """Tell on which nights (by their index) the scanner looks into purgatory."""
    every = max(round(habits.purgatory_days), 1)
    return np.arange(every - 1, len(nights), every) if habits.purgatory_days else np.arange(0)


class _Lists:
    """The state of the lists: arrays of shape (n,), changed night by night."""

    def __init__(self, tape: Tape, policy: Policy, habits: ScannerHabits) -> None:
        n, s = len(tape.stream), len(tape.nights)
        self.tape, self.policy, self.habits = tape, policy, habits
        self.wished = file_alerts(tape.standing, policy)
        self.edges = np.searchsorted(tape.night, np.arange(s + 1))
        self.rng = np.random.default_rng(habits.seed)
        # What stands: the policies' list, and the standing decision if there is one ("" without).
        self.filed = np.full(n, "", dtype=object)
        self.decided = np.full(n, "", dtype=object)
        self.by_human = np.zeros(n, dtype=bool)
        self.decided_visit = np.zeros(n, dtype=np.int64)
        # The latest score.
        self.wish = np.full(n, "", dtype=object)
        self.visit = np.zeros(n, dtype=np.int64)
        self.last_day = np.zeros(n, dtype=np.int64)
        self.rank = np.full(n, np.nan)
        self.is_tns = np.zeros(n, dtype=bool)
        self.key = np.full((n, N_DAYS), _NONE, dtype=np.int64)
        # What is reported.
        self.looks, self.discards, self.returns = (np.zeros(n, dtype=np.int64) for _ in range(3))
        self.first_look = np.full(n, np.nan)
        self.log: list[tuple[Ints, Ints, NDArray[np.object_]]] = []
        self.lengths = np.zeros((s, len(LISTS)), dtype=np.int64)
        self.held = np.zeros(s, dtype=np.int64)

    def score(self, night: int) -> None:
        """Do what a run of scoring does with the night's visits, as `pipeline.score` has it."""
        tape = self.tape
        mine = slice(int(self.edges[night]), int(self.edges[night + 1]))
        unusual = unusual_keys(tape, night, self.policy)
        self.key[tape.row[mine], tape.day[mine]] = tape.key[mine]
        held = held_visits(self.key, self.key != _NONE, unusual) if len(unusual) else None
        for part in same_runs(tape.day[mine]):
            here = slice(mine.start + part.start, mine.start + part.stop)
            rows = tape.row[here]
            moves = moves_of(
                self.wished[here],
                free=~self.by_human[rows],
                discarded=self._in_garbage(rows),
                held=None if held is None else held[rows, tape.day[here]],
            )
            self.decided[rows[moves.discards]] = GARBAGE
            self.decided[rows[moves.returns]] = ListName.EYEBALL.value
            self.discards[rows] += moves.discards
            self.returns[rows] += moves.returns
            self.filed[rows], self.wish[rows] = moves.filed, self.wished[here]
            self.visit[rows], self.last_day[rows] = tape.standing.visit[here], tape.day[here]
            self.rank[rows], self.is_tns[rows] = tape.standing.rank[here], tape.is_tns[here]
        if held is not None:
            self._cap(night, held)
        aged = tape.stream.records.t0_mjd < tape.reached_mjd[night] - self.policy.purgatory_after_days
        self.filed[aged & (self.decided == "") & (self.filed != "")] = PURGATORY

    def _in_garbage(self, rows: Ints) -> Bools:
        return np.asarray((self.decided[rows] == GARBAGE) & ~self.by_human[rows])

    def _cap(self, night: int, held: Bools) -> None:
        """As `pipeline.cap_inflow.cap_nights`."""
        rows = np.flatnonzero(held[np.arange(len(held)), self.last_day] & (self.visit > 0))
        rows = rows[np.isin(self.wish[rows], LISTS[:-1])]
        kept = best_of_each(self.rank[rows], self.tape.raised[rows], self.policy.night_cap)
        self.filed[rows] = np.where(kept, self.wish[rows], PURGATORY)
        self.held[night] = (~kept).sum()

    def lists(self) -> NDArray[np.object_]:
        """The list in which each alert stands, as `store.standing` derives it; "" before it was raised."""
        snoozed = self.decided == ListName.POSSIBLE
        is_back = snoozed & (self.visit > self.decided_visit)
        undecided = (self.decided == "") | (self.decided == ListName.EYEBALL) | is_back
        put_back = self.by_human & (self.decided != "") & (self.filed == PURGATORY)
        stands = np.where(put_back, EXTRAGALACTIC, self.filed)
        return np.where(undecided, stands, self.decided).astype(object)

    def look(self, night: int) -> None:
        """The scanner comes: looks at what is due, in order, and decides by the truth."""
        lists = self.lists()
        due = []
        for index, name in enumerate(LISTS):
            rows = np.flatnonzero(lists == name)
            self.lengths[night, index] = len(rows)
            if name == PURGATORY:
                rows = self._due_in_purgatory(night, rows)
            due.append(rows[np.lexsort((-np.nan_to_num(self.rank[rows]), self.is_tns[rows]))])
        rows = np.concatenate(due)[: self.habits.capacity]
        new = self.looks[rows] == 0
        self.first_look[rows[new]] = self.tape.nights[night]
        self.looks[rows] += 1
        self.log.append((rows, np.full(len(rows), night), lists[rows]))
        self._decide(rows)

    def _due_in_purgatory(self, night: int, rows: Ints) -> Ints:
        nights, habits = self.tape.nights, self.habits
        if night not in nights_in_purgatory(nights, habits):
            return rows[:0]
        age = nights[night] - self.tape.stream.records.t0_mjd[rows]
        return rows[age >= habits.purgatory_age]

    def _decide(self, rows: Ints) -> None:
        label = self.tape.stream.truth.label[rows]
        answer = np.array([_DECISION[str(name)] for name in label.tolist()], dtype=object)
        if self.habits.unsure > 0:
            answer[self.rng.random(len(rows)) < self.habits.unsure] = ListName.POSSIBLE.value
        self.decided[rows], self.by_human[rows] = answer, True
        self.decided_visit[rows] = self.visit[rows]

    def outcome(self) -> Outcome:
        """Return what became of all."""
        row, night, name = (np.concatenate(parts) for parts in zip(*self.log, strict=True))
        return Outcome(
            self.looks, self.first_look, self.lists(),
            self._in_garbage(np.arange(len(self.looks))), self.discards, self.returns,
            row, night, name, self.lengths, self.held,
        )  # fmt: skip
