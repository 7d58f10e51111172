"""Score in a process of its own, beside the one that takes alerts in: this is what runs there.

`vra_tui.pipeline.scoring_process` starts it and tells it, a line of JSON each, that something came
(``{"came": 12}``), that it may end once all is scored (``finish``), or that it is to end now (``end``). It
answers in the same way. What waits to be scored stands in the store, so that it may be killed at any moment
and started again.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

from vra_tui.config.reading import load_config
from vra_tui.errors import VraError
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.pipeline.scoring_rounds import ScoringRounds
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store, reason
from vra_tui.store.transaction import give_up_when
from vra_tui.store.turns import Turn

Order = Mapping[str, Any]
Tell = Callable[..., None]

#: How long nothing must come for the moment to count as quiet, seconds.
_PATIENCE = 0.1


class Orders:
    """What this process is told, read in a thread: `stop` is set once it is to end.

    Where the other end hangs up without a word, its process was killed; this one has nobody to score for.
    """

    def __init__(self, lines: Iterable[str], hung_up: Callable[[], object]) -> None:
        self.stop = threading.Event()
        self._waiting: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._lines, self._hung_up = lines, hung_up
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        for line in self._lines:
            order: Order = json.loads(line)
            if "end" in order:
                self.stop.set()
            self._waiting.put(order)
        if not self.stop.is_set():
            self._hung_up()
            self.stop.set()

    @property
    def is_waiting(self) -> bool:
        """Whether something was told that nobody looked at yet, or this is to end."""
        return self.stop.is_set() or not self._waiting.empty()

    def all_new(self, patience: float) -> list[Order]:
        """What was told since; waits so many seconds for something, where there is nothing."""
        found = []
        with suppress(queue.Empty):
            found.append(self._waiting.get(timeout=patience))
            while True:
                found.append(self._waiting.get_nowait())
        return found


def serve(store: Store, rounds: ScoringRounds, orders: Orders, tell: Tell, turn: Turn) -> None:
    """Score what comes until it is to end. A store that cannot be written is told of, and tried again.

    Of several that serve one store, the one that has the turn scores what all of them bring; another takes
    over when it ends.
    """
    told, is_last, is_second = 0, False, False
    while not orders.stop.is_set():
        new = orders.all_new(_PATIENCE)
        is_last = is_last or any("finish" in order for order in new)
        if not turn.is_mine():
            if not is_second:
                tell(second=True)
            is_second = True
            if is_last:
                return
            continue
        if is_second:
            tell(second=False)
        is_second = False
        rounds.came(sum(int(order.get("came", 0)) for order in new))
        is_done = False
        try:
            rounds.look(store)
            if is_last:
                rounds.finish(store)
                is_done = True
            else:
                rounds.go_on(store, not new, lambda: orders.is_waiting)
        except StoreFault as error:
            if not orders.stop.is_set():
                tell(fault=f"not scored yet: {reason(error)}")
            orders.stop.wait(_PATIENCE)
        if rounds.scored != told or rounds.warnings:
            tell(scored=rounds.scored - told, warnings=rounds.warnings)
            told, rounds.warnings = rounds.scored, []
        if is_done:
            return
    if not is_second and (owed := rounds.owed(store)):
        tell(fault=f"{owed:,} alerts that came last have no new rank yet: the next start scores them")


def main() -> None:
    """Run the worker on standard input and output; the first line names the store and the model."""
    # A key or a service manager signals all processes of a group: the one that gives the orders answers it,
    # and started this one with those signals blocked.
    tell = _teller(_own_output())
    settings = json.loads(sys.stdin.readline())
    orders = Orders(sys.stdin, lambda: os._exit(1))
    try:
        scorer = StoreScorer.configured(
            load_config(), clock=_now, model=settings["model"], note=lambda sentence: tell(note=sentence)
        )
        path = Path(settings["store"])
        with (
            closing(open_store(path, create=False, durable=False)) as store,
            closing(Turn(path, "scoring")) as turn,
        ):
            give_up_when(store, orders.stop.is_set)
            tell(ready=True)
            serve(store, ScoringRounds(scorer, orders.stop.is_set), orders, tell, turn)
    except VraError as error:
        tell(error=str(error))
        _leave(error.exit_code)
    except BrokenPipeError:
        _leave(1)
    except Exception as error:
        tell(fault=f"an error that should not be: {type(error).__name__}: {error}")
        _leave(1)
    _leave(0)


def _own_output() -> TextIO:
    """Standard output for answers alone: what a library prints goes to the log instead."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output


def _teller(output: TextIO) -> Tell:
    def tell(**words: object) -> None:
        output.write(json.dumps(words) + "\n")
        output.flush()

    return tell


def _leave(code: int) -> NoReturn:
    """End at once: the interpreter would wait for the thread that sits in a read."""
    os._exit(code)


def _now() -> datetime:
    return datetime.now(UTC)
