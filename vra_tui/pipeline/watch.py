"""Watching: all sources at once, for ever; what comes is taken in, scored and filed within seconds.

Each source has a thread (`feeds`), which waits until what it handed over is in the store; this one writes.
Another process scores (`scoring_process`). One more thread gets what alerts that rank high lack
(`completer`). A source that fails is told of, tried again after a while, and hinders no other.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from vra_tui.config.alert_sources import AlertSource
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import utc_text
from vra_tui.features.dust_map import DustMap
from vra_tui.pipeline.completer import Completer
from vra_tui.pipeline.feeds import Feed, Handed, Opener
from vra_tui.pipeline.outbox.running import Outgoing
from vra_tui.pipeline.pull import answers, take_in
from vra_tui.sources.wires.base import Edges
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store, reason, transaction
from vra_tui.store.following import note_state
from vra_tui.store.intake import Intake
from vra_tui.store.transaction import give_up_when
from vra_tui.surveys import Surveys, installed_surveys
from vra_tui.text import counted

#: How long the writer waits for something to come before it sees to other things, seconds.
_PATIENCE = 0.1
_MINUTE = 60.0
#: How long a source that is in the middle of a call may take to end, seconds; what it would have brought
#: comes again.
_ENDS_WITHIN = 3.0
#: How long the batch in hand waits for a store that is locked, once the program is to end, seconds.
_LAST_WAIT = 3.0


class Scoring(Protocol):
    """What scores as alerts come: in this process (`scoring_rounds`), or in another (`scoring_process`)."""

    scored: int
    warnings: list[str]

    def came(self, packets: int) -> None:
        """Note that so many packets brought something."""

    def go_on(self, store: Store, is_quiet: bool, is_waiting: Callable[[], bool]) -> None:
        """Do what is due, see `ScoringRounds.go_on`."""

    def finish(self, store: Store) -> None:
        """Score and explain what is left, where the program has the time."""

    def close(self) -> None:
        """End whatever was begun for it."""


@dataclass
class Watched:
    """What a source brought since the program began, and how it is: ``down`` says why it does not answer."""

    kind: str
    intake: Intake = field(default_factory=Intake)
    told: tuple[int, int, int] = (0, 0, 0)
    packets: int = 0
    behind: int | None = None
    down: str | None = None
    noted_at: float = 0.0

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many packets came, how many of them were refused, and how many left out as not wanted."""
        return self.packets, self.intake.refused, self.intake.left_out


class Watch:
    """Runs the sources and writes what comes.

    ``say`` gets a line a minute, and one when a source fails or answers again. ``completer``: gets what
    alerts lack meanwhile, ``outgoing`` sends what was approved, where that is wanted.
    """

    def __init__(
        self,
        path: Path,
        sources: Sequence[AlertSource],
        opener: Opener,
        *,
        rounds: Scoring | None,
        edges: Edges,
        stop: threading.Event,
        clock: Callable[[], datetime],
        once: bool = False,
        say: Callable[[str], None] = lambda line: None,
        on_refusal: Callable[[Refusal], None] = lambda refusal: None,
        surveys: Surveys | None = None,
        completer: Completer | None = None,
        outgoing: Outgoing | None = None,
    ) -> None:
        self.watched = {source.name: Watched(source.kind) for source in sources}
        self._path, self._rounds, self._stop, self._clock = path, rounds, stop, clock
        self._say, self._on_refusal = say, on_refusal
        self._surveys, self._dust = surveys or installed_surveys(), DustMap()
        # One of each source at most: what waits is bounded by the size of a delivery.
        self._handed: queue.Queue[Handed] = queue.Queue(len(sources))
        self._feeds = [Feed(path, source, opener, self._handed, stop, edges, once) for source in sources]
        self._completer, self._outgoing = completer, outgoing
        self._told_at = time.monotonic()
        self._scored_told = 0
        self._ends_at: float | None = None

    @property
    def gave_up(self) -> dict[str, str]:
        """Sources that cannot be used, or with `once` could not be asked to the end, and why."""
        return {feed.source.name: feed.gave_up for feed in self._feeds if feed.gave_up is not None}

    def run(self) -> None:
        """Until the program is to end, or no source is left. What was begun is written to its end."""
        with closing(open_store(self._path, durable=False)) as store:
            give_up_when(store, self._is_late)
            for thread in self._threads:
                thread.start()
            try:
                while not self._stop.is_set() and (self._is_fed or not self._handed.empty()):
                    self._turn(store)
                if self._rounds is not None:
                    self._rounds.finish(store)
            finally:
                self._stop.set()
                if self._rounds is not None:
                    self._rounds.close()
                until = time.monotonic() + _ENDS_WITHIN
                for thread in self._threads:
                    thread.join(max(0.0, until - time.monotonic()))
            self._tell()

    @property
    def _threads(self) -> list[threading.Thread]:
        beside = [one for one in (self._completer, self._outgoing) if one is not None]
        return [*self._feeds, *beside]

    @property
    def _is_fed(self) -> bool:
        return any(feed.is_alive() for feed in self._feeds)

    def _turn(self, store: Store) -> None:
        """Take in one delivery, if one comes, and do what else is due."""
        try:
            handed: Handed | None = self._handed.get(timeout=_PATIENCE)
        except queue.Empty:
            handed = None
        if handed is not None:
            try:
                self._take(store, handed)
            except StoreFault as error:
                handed.error = error
                self._left_out(handed, error)
            finally:
                handed.done.set()
        if self._rounds is not None:
            if self._completer is not None:
                self._rounds.came(self._completer.came())
            try:
                self._rounds.go_on(store, handed is None, self._is_waiting)
            except StoreFault as error:
                # What is not scored stays marked in the store, and is with the next round.
                self._say(f"{self._time()} not scored yet: {reason(error)}")
                time.sleep(_PATIENCE)
        if time.monotonic() - self._told_at >= _MINUTE:
            self._tell()

    def _is_late(self) -> bool:
        """Whether the program is to end, and has waited for the store's lock for long enough."""
        if not self._stop.is_set():
            return False
        if self._ends_at is None:
            self._ends_at = time.monotonic() + _LAST_WAIT
        return time.monotonic() > self._ends_at

    def _left_out(self, handed: Handed, error: StoreFault) -> None:
        """See that what is in of a broken-off batch is scored; at the end, say what was not kept."""
        if self._rounds is not None:
            self._rounds.came(1)  # its first transactions may be in
        if self._stop.is_set() and handed.delivery is not None and not handed.delivery.is_quiet:
            packets = len(handed.delivery.pieces) + len(handed.delivery.notices)
            name = handed.feed.source.name
            self._say(
                f"{self._time()} the last {counted(packets, 'packet')} of {name} could not be kept: "
                f"{reason(error)}. They come again at the next start; all that came before is in the store."
            )

    def _is_waiting(self) -> bool:
        return self._stop.is_set() or not self._handed.empty()

    def _take(self, store: Store, handed: Handed) -> None:
        name = handed.feed.source.name
        watched = self.watched[name]
        if handed.delivery is None or handed.wire is None:
            fault = handed.fault or "it does not answer"
            if watched.down is None:
                self._say(f"{self._time()} {name} is down: {fault}")
            watched.down = fault
            self._note(store, name, watched, False, fault)
            return
        if watched.down is not None:
            self._say(f"{self._time()} {name} answers again")
        was_down, watched.down, watched.behind = watched.down is not None, None, handed.delivery.behind
        if not handed.delivery.is_quiet:
            intake = take_in(
                store,
                handed.wire,
                handed.delivery,
                clock=self._clock,
                surveys=self._surveys,
                dust=self._dust,
                on_refusal=self._on_refusal,
                keep=handed.wire.keep,
            )
            watched.intake += intake
            watched.packets += len(handed.delivery.pieces) + len(handed.delivery.notices)
            watched.noted_at = time.monotonic()
            if self._rounds is not None:
                self._rounds.came(intake.new + intake.extended)
        elif was_down or time.monotonic() - watched.noted_at >= _MINUTE:
            self._note(store, name, watched, True, answers(handed.delivery.behind))

    def _note(self, store: Store, name: str, watched: Watched, is_up: bool, message: str) -> None:
        now = utc_text(self._clock())
        with transaction(store):
            note_state(store, name, watched.kind, is_up, message, now)
        watched.noted_at = time.monotonic()

    def _tell(self) -> None:
        """One line: what came of each source since the last, and what was scored."""
        parts = []
        for name, one in self.watched.items():
            came, refused, left = (now - told for now, told in zip(one.counts, one.told, strict=True))
            one.told = one.counts
            words = f"{name} {'down' if one.down else 'up'}, {came:,} in"
            words += f", {refused:,} refused" if refused else ""
            words += f", {left:,} not kept" if left else ""
            parts.append(words + (f", {one.behind:,} wait there" if one.behind else ""))
        if self._rounds is not None:
            parts.append(f"{self._rounds.scored - self._scored_told:,} scored")
            self._scored_told = self._rounds.scored
            for warning in self._rounds.warnings:
                self._say(f"{self._time()} {warning}")
            self._rounds.warnings.clear()
        self._say(f"{self._time()} {'; '.join(parts)}")
        self._told_at = time.monotonic()

    def _time(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
