"""Have a process of its own score what comes: so that taking alerts in and scoring them share no core.

The process is `vra_tui.pipeline.scoring_worker`. It is told what came, and answers what it scored. One that
dies is started again after a while; nothing is lost with it, since the store knows what waits.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vra_tui.errors import VraError
from vra_tui.sources.wires.budget import backoff
from vra_tui.store import Store

#: How long it may take until the worker has its model, seconds.
_READY_WITHIN = 120.0
#: How long a worker that was told to end may take, seconds: it ends between two chunks. Then it is killed.
_ENDS_WITHIN = 5.0
#: An order that must be heard is given again this often, seconds, while the pipe to the worker is full.
_AGAIN = 0.1
#: Between two starts of a worker that dies: at first, and at most, seconds; and how long one must have lived
#: for its death to count as the first.
_FIRST_WAIT, _LONGEST_WAIT, _SOUND_AFTER = 1.0, 300.0, 60.0
#: With the module path of this process, so that it runs the same program. Told by a pipe: a process list
#: shows a line that people can read.
_START = "import json, sys; sys.path[:] = json.loads(sys.stdin.readline()); " + (
    "from vra_tui.pipeline.scoring_worker import main; main()"
)


class ScoringProcess:
    """Scores what comes in another process. ``scored``: visits scored so far; ``warnings``: not told yet.

    ``is_stopped``: the program is to end. ``say`` gets a line when the worker cannot score, dies, or is
    started again; ``note`` gets sentences on the models. ``environment``: the worker's, where it is not this
    process's own.
    """

    def __init__(
        self,
        path: Path,
        *,
        model: str | None,
        is_stopped: Callable[[], bool],
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        note: Callable[[str], None] = lambda sentence: None,
        chance: Callable[[], float] = lambda: 0.5,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.scored = 0
        self.warnings: list[str] = []
        self._path, self._model, self._clock, self._is_stopped = path, model, clock, is_stopped
        self._say, self._note, self._chance = say, note, chance
        self._environment = environment
        self._worker: _Worker | None = None
        self._began = self._again_at = 0.0
        self._deaths = 0
        self._said = ""

    @property
    def pid(self) -> int | None:
        """The number of the worker's process; None while there is none."""
        return None if self._worker is None else self._worker.process.pid

    def start(self) -> None:
        """Start the worker, and wait until it can score. Raises VraError where it never will."""
        try:
            self._begin()
            self._await_ready()
        except BaseException:
            self.close()
            raise

    def _await_ready(self) -> None:
        assert self._worker is not None
        until = time.monotonic() + _READY_WITHIN
        while time.monotonic() < until:
            answer = self._worker.answer(timeout=0.2)
            if answer is None:
                if self._worker.is_gone:
                    raise VraError(
                        "The process that scores ended before it could begin; the lines above say why."
                    )
            elif "error" in answer:
                raise VraError(str(answer["error"]))
            elif "ready" in answer:
                return
            else:
                self._hear(answer)
        raise VraError(f"The process that scores was not ready within {_READY_WITHIN:.0f} s.")

    def came(self, packets: int) -> None:
        """Note that so many packets brought something."""
        if packets and self._worker is not None:
            self._worker.tell({"came": packets})

    def go_on(self, store: Store, is_quiet: bool, is_waiting: Callable[[], bool]) -> None:
        """Hear what the worker says, and start another where it died."""
        if self._worker is None:
            if time.monotonic() >= self._again_at:
                self._begin_again()
            return
        self._listen()
        if self._worker.is_gone:
            self._bury(self._worker)

    def finish(self, store: Store) -> None:
        """Let the worker score and explain what is left, where the program has the time, and end."""
        if self._is_stopped():
            return
        if self._worker is None:
            self._begin_again()
        worker, is_told = self._worker, False
        while worker is not None and not worker.is_gone and not self._is_stopped():
            is_told = is_told or worker.tell({"finish": True})
            self._listen(patience=_AGAIN)

    def close(self) -> None:
        """End the worker: what it has in hand comes to its end, or stays as it was."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        is_by_itself = worker.end()
        while (answer := worker.answer(0.0)) is not None:
            self._hear(answer)
        if not is_by_itself:
            self._tell("the process that scores did not end by itself and was killed: the next start goes on")

    def _begin(self) -> None:
        self._began = time.monotonic()
        settings = {"store": str(self._path.absolute()), "model": self._model}
        self._worker = _Worker(settings, self._environment)

    def _begin_again(self) -> None:
        """Start another worker; where the machine has no room for one now, later."""
        try:
            self._begin()
        except OSError as error:
            wait = self._later()
            self._tell(f"no process that scores could be started ({error}): tried again in {wait:.0f} s")

    def _listen(self, patience: float = 0.0) -> None:
        assert self._worker is not None
        while (answer := self._worker.answer(patience)) is not None:
            self._hear(answer)

    def _hear(self, answer: Mapping[str, Any]) -> None:
        self.scored += int(answer.get("scored", 0))
        self.warnings += answer.get("warnings", [])
        if "note" in answer:
            self._note(str(answer["note"]))
        if answer.get("scored"):
            self._said = ""
        if "second" in answer:
            self._tell(
                "another process follows streams into this store and scores: this one takes over when it ends"
                if answer["second"]
                else "the other process ended: this one scores now"
            )
        for words in (answer.get("fault"), answer.get("error")):
            # Once as long as it stays the same: a locked store would be told of ten times a second.
            if words and words != self._said:
                self._said = str(words)
                self._tell(self._said)

    def _bury(self, worker: "_Worker") -> None:
        """Tell of a worker that died, and when another is started."""
        self._worker = None
        code = worker.process.wait()
        worker.end()
        wait = self._later()
        how = f"was killed (signal {-code})" if code < 0 else f"ended with code {code}"
        self._tell(f"the process that scores {how}: it is started again in {wait:.0f} s; nothing is lost")

    def _later(self) -> float:
        """Note when another worker is started after the one that died; in how many seconds."""
        lived = time.monotonic() - self._began
        self._deaths = 0 if lived > _SOUND_AFTER else self._deaths + 1
        wait = backoff(self._deaths, self._chance(), _FIRST_WAIT, _LONGEST_WAIT)
        self._again_at = time.monotonic() + wait
        return wait

    def _tell(self, words: str) -> None:
        self._say(f"{self._clock().astimezone(UTC):%Y-%m-%d %H:%M:%S} {words}")


class _Worker:
    """One process of the worker, and a thread that reads what it says."""

    def __init__(self, settings: Mapping[str, Any], environment: Mapping[str, str] | None) -> None:
        # -P: no module is taken from the folder in which the program happens to be run.
        with _signals_kept_back():
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=None if environment is None else dict(environment),
            )
        assert self.process.stdin is not None
        self._orders = self.process.stdin.fileno()
        self._answers: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._is_silent = False
        self._reading = threading.Thread(target=self._read, name="answers of scoring", daemon=True)
        self._reading.start()
        self.tell(sys.path)
        self.tell(settings)
        # The writer never waits for the worker: an order that finds the pipe full is one of many that say
        # the same.
        os.set_blocking(self._orders, False)

    @property
    def is_gone(self) -> bool:
        """Whether it ended, and all that it said was heard."""
        return self._is_silent and self._answers.empty()

    def tell(self, order: object) -> bool:
        """Say something to it, and whether it can hear it: not where it is dead, or too busy to listen."""
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._orders, json.dumps(order).encode() + b"\n")
            return True
        return False

    def answer(self, timeout: float) -> Mapping[str, Any] | None:
        """The next thing that it said; None where it says nothing within so many seconds."""
        try:
            found = self._answers.get(timeout=timeout) if timeout else self._answers.get_nowait()
        except queue.Empty:
            return None
        if found is None:
            self._is_silent = True
        return found

    def end(self) -> bool:
        """Tell it to end, and kill it where it does not; whether it ended by itself."""
        assert self.process.stdin is not None
        until, is_told, is_by_itself = time.monotonic() + _ENDS_WITHIN, False, True
        while self.process.poll() is None:
            is_told = is_told or self.tell({"end": True})
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_AGAIN)
            if time.monotonic() > until and self.process.poll() is None:
                is_by_itself = False
                self.process.kill()
                self.process.wait()
        with suppress(OSError):
            self.process.stdin.close()
        self._reading.join(_ENDS_WITHIN)
        return is_by_itself

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                with suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict):
                        self._answers.put(said)
        self._answers.put(None)


@contextmanager
def _signals_kept_back() -> Iterator[None]:
    """Let a process that is started inside never see the signals that its parent answers for both.

    It inherits the mask: ignoring them itself, it would die of one that comes before it has got that far.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
