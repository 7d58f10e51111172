"""Watching: what comes is in, scored and filed; one that fails hinders no other; killed, nothing is lost."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time as clock
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import api_object
from tests.harness.kafka import Cluster
from tests.surveys.lsst import made as lsst
from vra_tui.config.alert_sources import AlertSource
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.pipeline.scoring_rounds import ScoringRounds
from vra_tui.pipeline.sources import real_edges
from vra_tui.pipeline.watch import Watch
from vra_tui.scoring.model.judges import Judges
from vra_tui.scoring.model.library import load_in_use
from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    Edges,
    SourceError,
    SourceSettings,
    Tools,
    Wire,
    WireFault,
)
from vra_tui.sources.wires.budget import unlimited
from vra_tui.store import Store
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.following import positions_of, rejected_packets, source_states
from vra_tui.store.listing import list_ids
from vra_tui.surveys.base import Packet

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
#: What is not there after so many seconds hangs; how long it may take is nowhere asked.
_HANGS = 300.0


def tools() -> Tools:
    return Tools(real_edges(), lambda word: None, lambda limit: unlimited())


class Script(Wire):
    """A wire that does what a test says, each time that it is opened."""

    kind = "script"

    def __init__(self, name: str, steps: Iterator[Delivery | Exception]) -> None:
        super().__init__(SourceSettings(name, self.kind, {"every": 1}), tools())
        self.steps = steps

    def check(self) -> Answered:
        return Answered("answers")

    def _run(self) -> Iterator[Delivery]:
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            yield step


class Followed(Script):
    def follow(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        self.began = dict(positions)
        yield from self._run()


class Asked(Script):
    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        yield from self._run()


def delivery(number: int, position: str, source: str = "a") -> Delivery:
    packet = Packet(source, f"t@{number}", api_object(number), digest=bytes([number] * 16))
    return Delivery([packet], {"t[0]": position}, {f"t@{number}": b"the bytes"})


NOTHING = Delivery([])


class Run:
    """A watch over scripted sources, in a store of its own."""

    def __init__(self, tmp_path: Path, once: bool = True, **scripts: list[Delivery | Exception]) -> None:
        self.path = tmp_path / "watch.db"
        open_store(self.path).close()
        self.lines: list[str] = []
        self.wires: list[Script] = []
        self.stop = threading.Event()
        steps = {name: iter(script) for name, script in scripts.items()}

        def opener(store: Store, source: AlertSource) -> Wire:
            kind = Asked if source.kind == "asked" else Followed
            wire = kind(source.name, steps[source.name])
            self.wires.append(wire)
            return wire

        self.watch = Watch(
            self.path,
            [AlertSource(name, "asked" if name == "server" else "script", "", {}) for name in scripts],
            opener,
            rounds=ScoringRounds(StoreScorer(Judges.alone(load_in_use()[0]), lambda: NOW)),
            edges=Edges(clock.time, self._wait, lambda: 0.0),
            stop=self.stop,
            clock=lambda: NOW,
            once=once,
            say=self.lines.append,
        )

    def _wait(self, seconds: float) -> None:
        real_edges(self.stop).wait(min(seconds, 0.01))

    def until(self, is_so: Callable[[Store], bool]) -> None:
        """Run, and end it as a signal does, once something holds of the store."""
        running = threading.Thread(target=self.watch.run)
        running.start()
        store = open_store(self.path)
        until = clock.monotonic() + _HANGS
        while not is_so(store) and clock.monotonic() < until:
            clock.sleep(0.02)
        self.stop.set()
        running.join(_HANGS)
        assert not running.is_alive()
        assert is_so(store)

    @property
    def store(self) -> Store:
        return open_store(self.path)


def test_what_comes_of_all_sources_is_in_and_has_a_rank(tmp_path: Path):
    run = Run(tmp_path, a=[delivery(0, "1"), delivery(1, "2"), NOTHING], server=[delivery(2, "7", "server")])
    run.watch.run()
    assert len(list_ids(run.store, "all")) == 3
    scored = run.store.execute("SELECT count(*) FROM standing WHERE rank IS NOT NULL").fetchone()[0]
    assert scored == 3
    assert positions_of(run.store, "a") == {"t[0]": "2"}
    assert run.watch.gave_up == {}
    assert "a up, 2 in; server up, 1 in; 3 scored" in run.lines[-1]


def test_what_an_earlier_run_left_unscored_is_scored_though_nothing_comes(tmp_path: Path):
    run = Run(tmp_path, a=[NOTHING])
    from vra_tui.pipeline.ingest import ingest

    ingest(run.store, [Packet("x", "1", api_object(5))], clock=lambda: NOW)
    run.watch.run()
    assert run.store.execute("SELECT rank FROM standing").fetchone()[0] is not None


def test_a_source_that_is_down_is_told_of_tried_again_and_hinders_no_other(tmp_path: Path):
    broken = [WireFault("`b`: no connection."), RuntimeError("a bug"), delivery(3, "1", "b")]
    run = Run(tmp_path, once=False, a=[delivery(0, "1"), delivery(1, "2")], b=broken)
    run.until(lambda store: len(list_ids(store, "all")) == 3)
    told = " | ".join(run.lines)
    assert "b is down: `b`: no connection." in told
    assert "b answers again" in told
    assert {state.source: state.is_up for state in source_states(run.store)} == {"a": True, "b": True}


def test_since_when_a_source_is_down_is_kept(tmp_path: Path):
    run = Run(tmp_path, once=False, b=[WireFault("`b`: no connection."), WireFault("`b`: no host.")] * 9)
    run.until(lambda store: len(run.wires) > 3)
    (state,) = source_states(run.store)
    assert (state.is_up, state.since) == (False, "2026-11-28T03:00:00+00:00")
    assert sum("b is down" in line for line in run.lines) == 1


def test_a_source_that_cannot_be_used_ends_and_the_others_go_on(tmp_path: Path):
    run = Run(tmp_path, a=[delivery(0, "1"), NOTHING], b=[SourceError("[source.b]: `topic` is missing.")])
    run.watch.run()
    assert run.watch.gave_up == {"b": "[source.b]: `topic` is missing."}
    assert len(list_ids(run.store, "all")) == 1


def test_a_server_is_asked_again_and_again(tmp_path: Path):
    class Endless:
        def __init__(self) -> None:
            self.number = 0

        def __iter__(self) -> "Endless":
            return self

        def __next__(self) -> Delivery:
            self.number += 1
            if self.number % 3 == 0:
                raise StopIteration
            return delivery(self.number, str(self.number), "server")

    run = Run(tmp_path, once=False, server=Endless())  # type: ignore[arg-type]
    run.until(lambda store: len(list_ids(store, "all")) >= 5)


def test_poison_is_put_aside_with_its_bytes_and_what_follows_goes_in(tmp_path: Path):
    broken = Delivery(
        [Refusal("a", "t@1", "no JSON"), Packet("a", "t@2", {"strange": 1}), *delivery(0, "3").pieces],
        {"t[0]": "3"},
        {"t@1": b"{poison", "t@2": b"strange", "t@0": b"good"},
    )
    run = Run(tmp_path, a=[broken, NOTHING])
    run.watch.run()
    kept = rejected_packets(run.store, "a")
    assert [(position, content) for _, position, content in kept] == [
        ("t@1", b"{poison"),
        ("t@2", b"strange"),
    ]
    assert len(list_ids(run.store, "all")) == 1
    assert positions_of(run.store, "a") == {"t[0]": "3"}


def test_a_packet_that_breaks_the_program_is_refused_and_does_not_come_again_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from vra_tui.surveys.atlas import Atlas

    sound = Atlas.alert

    def alert(self: Atlas, packet: Packet):
        if packet.position == "t@1":
            raise ZeroDivisionError("a bug in a survey")
        return sound(self, packet)

    monkeypatch.setattr(Atlas, "alert", alert)
    many = [delivery(number, "x").pieces[0] for number in range(3)]
    contents = {f"t@{number}": b"%d" % number for number in range(3)}
    run = Run(tmp_path, a=[Delivery(many, {"t[0]": "3"}, contents), NOTHING])
    run.watch.run()
    assert len(list_ids(run.store, "all")) == 2
    assert [content for _, _, content in rejected_packets(run.store)] == [b"1"]
    assert positions_of(run.store, "a") == {"t[0]": "3"}


def test_while_the_store_is_locked_nothing_is_lost_and_then_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vra_tui.store.sqlite_file.BUSY_TIMEOUT", 0.1)
    run = Run(tmp_path, once=False, a=[delivery(0, "1")] * 50)
    locking = run.store
    running = threading.Thread(target=run.watch.run)
    with transaction(locking):
        running.start()
        clock.sleep(1.0)
    wait_until(lambda: positions_of(locking, "a") == {"t[0]": "1"})
    run.stop.set()
    running.join(_HANGS)
    assert positions_of(locking, "a") == {"t[0]": "1"}
    assert len(list_ids(locking, "all")) == 1


# --- the real program on a real protocol ---


def message(number: int) -> bytes:
    return json.dumps({**lsst.ROW, "diaObjectId": lsst.OBJECT + number, "ra": 10.0 + number * 0.01}).encode()


class Program:
    """`vra watch` in a process of its own."""

    def __init__(
        self, folder: Path, address: str, topic: str, *arguments: str, before: str = "", group: str = ""
    ) -> None:
        config = folder / "config.toml"
        config.write_text(
            f'[source.night]\nkind = "lasair-kafka"\nbrokers = "{address}"\ntopic = "{topic}"\ntimeout = 3\n'
            + (f'group = "{group}"\n' if group else "")
        )
        environment = {**os.environ, "VRA_CONFIG": str(config), "VRA_DB": str(folder / "vra.db")}
        command = f"{before}\nfrom vra_tui.cli import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, "watch", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @property
    def worker(self) -> int | None:
        """The number of the process that scores, as soon as there is one."""
        own = self.process.pid
        for child in Path(f"/proc/{own}/task/{own}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"scoring_worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return None

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=_HANGS)
        return self.process.returncode, output


def held(folder: Path) -> set[int]:
    path = folder / "vra.db"
    if not path.exists():
        return set()
    store = open_store(path)
    ids = {int(row[0]) - lsst.OBJECT for row in store.execute("SELECT object_id FROM objects")}
    store.close()
    return ids


def wait_until(is_so: Callable[[], bool]) -> None:
    until = clock.monotonic() + _HANGS
    while not is_so():
        assert clock.monotonic() < until, "it did not come about"
        clock.sleep(0.05)


@pytest.mark.slow
def test_killed_at_any_moment_and_started_again_it_loses_and_doubles_nothing(
    cluster: Cluster, tmp_path: Path
):
    topic = "lasair_2killed"
    cluster.make(topic)
    sent = 0
    for _ in range(3):
        program = Program(tmp_path, cluster.address, topic)
        before = len(held(tmp_path))
        # More than a delivery holds, or there is no middle.
        for partition in range(4):
            cluster.put(topic, [message(number) for number in range(sent, sent + 200)], partition)
            sent += 200
        # Somewhere in the middle of what it reads.
        wait_until(lambda before=before: len(held(tmp_path)) > before)
        program.end(signal.SIGKILL)
    program = Program(tmp_path, cluster.address, topic)
    wait_until(lambda: held(tmp_path) == set(range(sent)))
    store = open_store(tmp_path / "vra.db")
    wait_until(lambda: positions_of(store, "night") == {f"{topic}[{n}]": str(sent // 4) for n in range(4)})
    code, output = program.end()
    assert code == 0, output
    assert store.execute("SELECT count(*) FROM alerts").fetchone()[0] == sent


def test_once_it_takes_in_what_there_is_and_ends_with_what_it_refused(cluster: Cluster, tmp_path: Path):
    topic = "lasair_2once"
    cluster.make(topic)
    cluster.put(topic, [message(1), b"{poison", message(2)])
    program = Program(tmp_path, cluster.address, topic, "--once")
    code, output = program.ended()
    assert code == 1, output
    assert "night up, 3 in, 1 refused" in output
    assert held(tmp_path) == {1, 2}


#: Notes in a file what is taken in; who waits for the lock without being asked to end waits for ever.
_TAKING = """
from vra_tui.pipeline import watch
from vra_tui.store import sqlite_file
sqlite_file.BUSY_TIMEOUT = 86_400
take_in = watch.take_in
def noted(*given, **more):
    with open({path!r}, "a") as file:
        file.write(".")
    return take_in(*given, **more)
watch.take_in = noted
"""


@pytest.mark.slow
def test_a_signal_ends_it_though_the_store_is_locked_and_it_says_what_was_kept(
    cluster: Cluster, tmp_path: Path
):
    topic = "lasair_2locked"
    cluster.make(topic)
    taking = tmp_path / "taking"
    program = Program(tmp_path, cluster.address, topic, before=_TAKING.format(path=str(taking)))
    cluster.put(topic, [message(1)])
    wait_until(lambda: held(tmp_path) == {1})
    locking = open_store(tmp_path / "vra.db")
    with transaction(locking):
        before = taking.stat().st_size
        cluster.put(topic, [message(2), message(3)])
        wait_until(lambda: taking.stat().st_size > before)
        code, output = program.end()
    assert code == 0, output
    # The broker may have handed over both at once, or one after the other.
    assert re.search(
        "the last (1 packet|2 packets) of night could not be kept: another program has locked the store",
        output,
    )
    code, output = Program(tmp_path, cluster.address, topic, "--once").ended()
    assert held(tmp_path) == {1, 2, 3}, output


@pytest.mark.slow
def test_both_processes_end_on_a_signal_to_one_or_to_all_and_none_stays_when_one_is_killed(
    cluster: Cluster, tmp_path: Path
):
    topic = "lasair_2group"
    cluster.make(topic)
    cases = [(os.kill, signal.SIGTERM, 0), (os.killpg, signal.SIGINT, 0), (os.kill, signal.SIGKILL, -9)]
    for number, (send, sign, code) in enumerate(cases):
        program = Program(tmp_path, cluster.address, topic)
        cluster.put(topic, [message(number)])
        wait_until(lambda number=number: number in held(tmp_path))
        worker = program.worker
        assert worker is not None
        send(program.process.pid, sign)
        ended, output = program.ended()
        assert ended == code, output
        assert "Traceback" not in output
        wait_until(lambda worker=worker: not Path(f"/proc/{worker}").exists())


@pytest.mark.slow
def test_a_signal_ends_it_cleanly_while_its_broker_is_away(tmp_path: Path):
    program = Program(tmp_path, "127.0.0.1:1", "lasair_2away")

    def is_down() -> bool:
        path = tmp_path / "vra.db"
        return path.exists() and [state.is_up for state in source_states(open_store(path))] == [False]

    wait_until(is_down)
    code, output = program.end(signal.SIGINT)
    assert code == 0, output
    assert "night is down: `night`: 127.0.0.1:1: no connection" in output
    assert "Traceback" not in output


def test_without_a_source_it_says_what_to_add(tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-c", "from vra_tui.cli import main; main()", "watch"],
        env={**os.environ, "VRA_CONFIG": str(tmp_path / "none.toml"), "VRA_DB": str(tmp_path / "x.db")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "[source.NAME]" in run.stderr
