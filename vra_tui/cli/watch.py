"""`vra watch`: all sources at once, for ever; what comes is taken in, scored and filed."""

import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from vra_tui.cli.common import Db, begin_rules, give_way, say, store_path


def watch(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Names of sources; default: all.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take in what there is, score it, and end.")] = False,
    model: Annotated[str | None, typer.Option(help="A model's name or folder.")] = None,
    db: Db = None,
) -> None:
    """Follow sources: take in, score and file what comes, in seconds. Ctrl+C ends it."""
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.completer import Completer
    from vra_tui.pipeline.messages import Teller, check_messages
    from vra_tui.pipeline.outbox.drafting import Rules
    from vra_tui.pipeline.outbox.running import Outgoing, opener_of
    from vra_tui.pipeline.score_store import StoreScorer
    from vra_tui.pipeline.scoring_process import ScoringProcess
    from vra_tui.pipeline.scoring_rounds import ScoringRounds
    from vra_tui.pipeline.sources import Keys, chosen_sources, open_source, real_edges
    from vra_tui.pipeline.watch import Scoring, Watch
    from vra_tui.sources.wires.base import SourceError
    from vra_tui.store.connection import open_store

    config = load_config()
    chosen = chosen_sources(config, sources or ())
    if not chosen:
        raise SourceError(
            f"{config.path} names no source. Add a table [source.NAME] there; docs/following.md has examples."
        )
    rules = Rules.of(config)
    give_way()
    path, stop = store_path(db), threading.Event()
    with closing(open_store(path, durable=False, on_step=say)) as store:
        begin_rules(store)
    rounds: Scoring
    if once:
        rounds = ScoringRounds(StoreScorer.configured(config, clock=_now, model=model, note=say), stop.is_set)
    else:
        rounds = ScoringProcess(
            path, model=model, is_stopped=stop.is_set, clock=_now, say=_print, note=say, chance=random.random
        )
        rounds.start()
    edges, keys = real_edges(stop), Keys.beside(config)
    completer = Completer(
        path,
        chosen,
        # Half of an hour's calls is left for what is new.
        lambda store, source: open_source(store, source, edges=edges, keys=keys, share=0.5),
        edges=edges,
        stop=stop,
        clock=_now,
        say=_print,
    )
    # At the end of a watch `stop` is set, whatever ended it: what is sent after it is ended by signals alone.
    ended = threading.Event() if once else stop
    sending = real_edges(ended)
    outgoing = Outgoing(
        path,
        rules,
        lambda store: opener_of(store, config, edges=sending, keys=keys),
        edges=sending,
        stop=ended,
        clock=_now,
        say=_print,
        teller=Teller(check_messages(config.message_rules), _now),
    )
    run = Watch(
        path,
        chosen,
        lambda store, source: open_source(store, source, edges=edges, keys=keys, is_patient=not once),
        rounds=rounds,
        edges=edges,
        stop=stop,
        clock=_now,
        once=once,
        say=_print,
        completer=None if once else completer,
        outgoing=None if once else outgoing,
    )
    with _ended_by_signals(stop, ended):
        _print(f"{_now():%Y-%m-%d %H:%M:%S} watching {', '.join(one.name for one in chosen)}")
        run.run()
        if once and not ended.is_set():
            outgoing.once()
    is_refused = any(one.intake.refused for one in run.watched.values())
    raise typer.Exit(_exit_code(run.gave_up, len(chosen), is_refused, once))


def _exit_code(gave_up: dict[str, str], sources: int, is_refused: bool, once: bool) -> int:
    """0 all went well; 1 part of it did not; 2 no source could be used."""
    if gave_up and len(gave_up) == sources:
        return 2
    return int(bool(gave_up) or (once and is_refused))


@contextmanager
def _ended_by_signals(*stops: threading.Event) -> Iterator[None]:
    """The first signal lets the work in hand come to its end; the second ends the program at once."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)

    def end(number: int, frame: object) -> None:
        for stop in stops:
            stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print(line: str) -> None:
    from vra_tui.text import printable

    sys.stdout.write(printable(line, 1_000) + "\n")
    sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)
