"""Scoring what comes while it comes: ranks within a second or two, reasons and labels in quiet moments."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from vra_tui.pipeline.cap_inflow import RaisedKeys
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.store import Store
from vra_tui.store.listing import data_version

#: What came waits for its ranks no longer than this, seconds, nor with more packets than that.
_LATEST, _MOST = 1.0, 2_000
#: Scoring takes at most half of the time: as long as it took it rests, at most so long, seconds.
_LONGEST_REST = 5.0
#: All alerts, not only those that changed, are aged and lifted this often, seconds.
_WHOLE_EVERY = 15.0
#: Reasons and labels are derived in quiet moments; while it is never quiet, this often, seconds.
_INSIGHTS_AT_LEAST = 30.0
#: Alerts explained between two looks at whether something waits: some 2 ms each.
_EXPLAINED_AT_ONCE = 100
#: What to label next, and drift, are looked at this often while alerts come, seconds.
_TEACH_EVERY = 900.0


class _Enough(Exception):
    """Raised between two chunks of long work when there is something that comes first."""


@dataclass
class ScoringRounds:
    """Scores a store round by round. ``warnings``: what the rounds warned of and nobody has told yet."""

    scorer: StoreScorer
    is_stopped: Callable[[], bool] = lambda: False
    scored: int = 0
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What an earlier run left in the store is scored with the first round.
        self._waiting, self._since = 1, 0.0
        self._rests_until = self._teach_at = 0.0
        self._whole_at, self._is_whole = -_WHOLE_EVERY, False
        self._raised = RaisedKeys(self.scorer.sites)
        self._looked_at, self._version = -_LATEST, -1
        self._insights_at = time.monotonic()
        self._is_explained = self._is_taught = True
        self._told: set[str] = set()

    def came(self, packets: int) -> None:
        """Note that so many packets brought something."""
        if packets and not self._waiting:
            self._since = time.monotonic()
        self._waiting += packets

    def look(self, store: Store) -> None:
        """Note what other programs brought into the store; looks once a second at most."""
        now = time.monotonic()
        if self._waiting or now - self._looked_at < _LATEST:
            return
        self._looked_at = now
        if (version := data_version(store)) != self._version:
            self._version = version
            self.came(self.owed(store))

    def go_on(self, store: Store, is_quiet: bool, is_waiting: Callable[[], bool]) -> None:
        """Do what is due. ``is_quiet``: nothing waits to be taken in; ``is_waiting``: now something does."""
        now = time.monotonic()
        if self._waiting:
            is_due = is_quiet or self._waiting >= _MOST or now - self._since > _LATEST
            if is_due and now >= self._rests_until:
                self.score(store)
        elif is_quiet and not self._is_whole and now - self._whole_at > _WHOLE_EVERY:
            self.score(store)
        elif is_quiet and not self._is_explained:
            self._explain(store, is_waiting)
        elif is_quiet and not self._is_taught and now - self._teach_at > _TEACH_EVERY:
            self._teach(store)
        if not self._is_explained and now - self._insights_at > _INSIGHTS_AT_LEAST:
            self._explain(store, is_waiting)

    def score(self, store: Store) -> None:
        """Score all that is new in the store."""
        begin = time.monotonic()
        is_whole = begin - self._whole_at > _WHOLE_EVERY
        try:
            report = self.scorer.score(
                store, on_progress=self._look, only_changed=not is_whole, raised=self._raised
            )
        except _Enough:
            return
        self._is_whole = is_whole
        if is_whole:
            self._whole_at = begin
        self._waiting = 0
        self.scored += report.scores
        self._warn(report.warnings)
        if report.scores:
            self._is_explained = self._is_taught = False
        end = time.monotonic()
        self._rests_until = end + min(end - begin, _LONGEST_REST)

    def owed(self, store: Store) -> int:
        """How many alerts have changed since they were scored."""
        return self.scorer.owed(store)

    def close(self) -> None:
        """Nothing is open here."""

    def finish(self, store: Store) -> None:
        """Score and explain what is left, where the program has the time."""
        self._whole_at -= _WHOLE_EVERY
        for step in (self.score, lambda store: self._explain(store, self.is_stopped), self._teach):
            if not self.is_stopped():
                step(store)

    def _look(self, done: int, total: int) -> None:
        if done < total and self.is_stopped():
            raise _Enough

    def _explain(self, store: Store, is_waiting: Callable[[], bool]) -> None:
        def look(done: int, total: int) -> None:
            if done < total and is_waiting():
                raise _Enough

        self._insights_at = time.monotonic()
        try:
            self.scorer.explain(store, look, _EXPLAINED_AT_ONCE)
            self._is_explained = True
        except _Enough:
            pass

    def _teach(self, store: Store) -> None:
        self._warn(self.scorer.teach(store))
        self._is_taught, self._teach_at = True, time.monotonic()

    def _warn(self, warnings: list[str]) -> None:
        """Each warning is told once, however often a round repeats it with other numbers."""
        for one in warnings:
            kind = re.sub(r"[\d.,]+", "", one)
            if kind not in self._told:
                self._told.add(kind)
                self.warnings.append(one)
