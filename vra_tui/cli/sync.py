"""`vra sync`: bring the store here and one on another host to the same labels, over ssh."""

import os
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import (
    AsJson,
    Db,
    give_way,
    open_existing,
    print_json,
    print_json_line,
    say,
    store_path,
)

if TYPE_CHECKING:
    from vra_tui.pipeline.sync.kinds import Took
    from vra_tui.pipeline.sync.near_end import Synced
    from vra_tui.store import Store

#: What is counted, one of it and more.
_NAMES = {
    "decisions": ("decision", "decisions"), "undos": ("undo", "undos"), "notes": ("note", "notes"),
    "marks": ("mark on an epoch", "marks on epochs"),
    "waiting": ("waits for its alert", "wait for their alerts"),
    "annotations": ("annotation", "annotations"), "new alerts": ("new alert", "new alerts"),
    "alerts with more data": ("alert with more data", "alerts with more data"),
}  # fmt: skip
_SPAN = re.compile(r"(\d{1,6})\s*([smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600}
#: Least seconds between two rounds, and most after rounds that failed.
_SHORTEST, _LONGEST = 5, 900


def sync(
    host: Annotated[
        str | None, typer.Argument(metavar="HOST[:STORE]", help="The other host, as ssh knows it.")
    ] = None,
    db: Db = None,
    every: Annotated[
        str | None, typer.Option(metavar="TIME", help="Go on for ever, so often: 60s, 5m.")
    ] = None,
    alerts: Annotated[
        str | None, typer.Option(metavar="LIST", help="Alerts of this list travel too, both ways.")
    ] = None,
    words: Annotated[str, typer.Option("--filter", metavar="WORDS", help="Only those alerts.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many alerts, best rank first.")] = None,
    ssh: Annotated[str, typer.Option(metavar="COMMAND", help="ssh, with options of its own.")] = "ssh",
    remote_vra: Annotated[str, typer.Option(metavar="PATH", help="What vra is called there.")] = "vra",
    answer: Annotated[bool, typer.Option("--answer", hidden=True)] = False,
    as_json: AsJson = False,
) -> None:
    """Exchange labels and annotations with a store on another host.

    Decisions, undos, notes, second opinions: both ways, only what is missing. When the
    line breaks, run it again: what was exchanged is kept.
    """
    from vra_tui.errors import VraError
    from vra_tui.pipeline.sync.ssh import Place, command

    if answer:
        _answer(db)
        return
    if host is None:
        raise VraError(
            "Name the other host: vra sync HOST, or HOST:FILE for a store that is not its default."
        )
    if (words or limit) and alerts is None:
        alerts = "all"
    wanted = None if alerts is None else (alerts, words, limit)
    place, seconds = Place.of(host), None if every is None else _seconds(every)
    run = _Run(open_existing(db), store_path(db), command(place, ssh, remote_vra), host, wanted, as_json)
    if seconds is None:
        raise typer.Exit(run.once())
    give_way()
    run.for_ever(seconds)


def _answer(db: Path | None) -> None:
    """Be the other end: speak on standard input and output, of which nobody else may write a letter."""
    from vra_tui import __version__
    from vra_tui.errors import VraError
    from vra_tui.pipeline.sync.far_end import answer
    from vra_tui.pipeline.sync.lines import Pipe
    from vra_tui.store.schema import SCHEMA_VERSION

    writer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        store = open_existing(db)
    except VraError as error:
        raise VraError(f"(on the other host) {error}") from None
    pipe = Pipe(sys.stdin.buffer, writer)
    answer(store, store_path(db), pipe, version=__version__, schema=SCHEMA_VERSION, clock=_now)


class _Run:
    """Exchanges with one host."""

    def __init__(
        self,
        store: "Store",
        path: Path,
        arguments: list[str],
        host: str,
        alerts: tuple[str, str, int | None] | None,
        as_json: bool,
    ) -> None:
        self._store, self._path, self._arguments = store, path, arguments
        self._host, self._alerts, self._as_json = host, alerts, as_json

    def once(self) -> int:
        """Exchange once and tell; the exit code: 1 where a row was refused. Raises SyncError."""
        synced = self._exchange()
        if self._as_json:
            print_json(self._record(synced))
        else:
            _tell(self._host, synced, is_quiet=False)
        return int(bool(synced.came.refused or synced.went.refused))

    def for_ever(self, seconds: float) -> None:
        """Exchange again and again until Ctrl+C; a round that fails is told, and tried again later."""
        from vra_tui.errors import VraError
        from vra_tui.text import printable

        stop, failed = threading.Event(), 0
        say(f"exchanging with {printable(self._host)} every {seconds:g} s; Ctrl+C ends it")
        while not stop.is_set():
            try:
                synced = self._exchange()
                if self._as_json:
                    print_json_line(self._record(synced))
                else:
                    _tell(self._host, synced, is_quiet=True)
                failed = 0
            except VraError as error:
                failed += 1
                say(f"{_now():%H:%M:%S} {printable(str(error))}")
            try:
                stop.wait(min(seconds * 2 ** min(failed, 8), max(seconds, _LONGEST)))
            except KeyboardInterrupt:
                return

    def _record(self, synced: "Synced") -> dict[str, Any]:
        """What an exchange came to, for machines."""
        came, went = vars(synced.came), vars(synced.went)
        return {"host": self._host, "came": came, "went": went, "remarks": synced.remarks}

    def _exchange(self) -> "Synced":
        from vra_tui.pipeline.sync.ssh import connected

        with connected(self._arguments, self._host) as pipe:
            # While the other end starts.
            from vra_tui.pipeline.sync.near_end import WantedAlerts, synchronise

            alerts = None if self._alerts is None else WantedAlerts(*self._alerts)
            return synchronise(
                self._store, self._path, pipe, clock=_now, alerts=alerts, on_progress=_progress
            )


def _progress(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty() and done:
        sys.stderr.write(f"\r{what}: {done:,} of {of:,}\x1b[K")
        sys.stderr.flush()


def _tell(host: str, synced: "Synced", is_quiet: bool) -> None:
    """Say what came and went; ``is_quiet``: only where something did."""
    from vra_tui.text import printable

    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    name = printable(host, 80)
    for remark in synced.remarks:
        say(printable(remark, 300))
    came, went = _words(synced.came), _words(synced.went)
    if came or went or not is_quiet:
        typer.echo(f"{_now():%H:%M:%S} from {name}: {came or 'nothing new'}; to it: {went or 'nothing new'}")
    for way, took in (("from", synced.came), ("to", synced.went)):
        for reason in took.reasons:
            say(printable(f"refused {way} {name}: {reason}", 300))
        if took.refused > len(took.reasons):
            say(f"... and {took.refused - len(took.reasons)} more were refused")


def _words(took: "Took") -> str:
    from vra_tui.text import counted

    return ", ".join(
        counted(count, *_NAMES.get(name, (name, name))) for name, count in took.counts.items() if count
    )


def _seconds(text: str) -> float:
    from vra_tui.errors import VraError

    match = _SPAN.fullmatch(text.strip())
    if match is None or (seconds := int(match[1]) * _SECONDS[match[2]]) < _SHORTEST:
        raise VraError(
            f"{text[:40]!r} is no time between rounds. Write 60s, 5m or 1h; {_SHORTEST}s at least."
        )
    return float(seconds)


def _now() -> datetime:
    return datetime.now(UTC)
