"""Workers that are processes: killed, cut by Ctrl+C, joining late, or of another version."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

pytest.importorskip("lsdb", reason="needs the extra `archive` (900 MB): `make test-archive`")

from distributed import Client

from tests.archive.conftest import Vra, partitions, rows
from vra_tui.archive.folder import begin
from vra_tui.archive.reading import open_catalogue
from vra_tui.archive.run import Outcome, run, workers
from vra_tui.archive.task import Job
from vra_tui.archive.worker import RunOnWorker
from vra_tui.errors import VraError

pytestmark = pytest.mark.slow

#: Seconds after which something hangs, however busy the machine is.
_HANGS = 300
Start = Callable[..., subprocess.Popen[bytes]]


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    for _ in range(_HANGS * 5):
        if is_so():
            return
        time.sleep(0.2)
    pytest.fail(f"{what}: not within {_HANGS} s")


def work_through(catalogue: Path, out: Path, client: Client, at_first: Callable[[], None]) -> Outcome:
    """Rank a catalogue; when the first partition is done, something happens."""
    opened, columns = open_catalogue(str(catalogue), None, {}, {})
    waiting = [at_first]

    def step(pixel: object, what: object) -> None:
        if waiting:
            waiting.pop()()

    job = Job("score", columns, out, "hats", None, "table")
    outcome = run(opened, job, lambda: nullcontext(client), asked={}, on_partition=step)
    assert not waiting
    return outcome


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts programs of Dask for the time of a test."""
    running: list[subprocess.Popen[bytes]] = []

    def begin_one(*words: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "dask", *map(str, words), "--no-dashboard"]
        running.append(subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL))
        return running[-1]

    yield begin_one
    for one in running:
        one.kill()
        one.wait()


@pytest.fixture
def scheduler(start: Start, tmp_path: Path) -> Path:
    """A scheduler's file, with its address."""
    found = tmp_path / "scheduler.json"
    start("scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", found)
    wait_for(found.exists, "the scheduler")
    return found


def of(scheduler: Path, *, threads: int = 1) -> tuple[object, ...]:
    """A worker of this scheduler that nobody starts again."""
    return "worker", "--scheduler-file", scheduler, "--no-nanny", "--nthreads", threads


def an_old_version(folder: Path) -> tuple[object, ...]:
    preload = folder / "old.py"
    preload.write_text("import vra_tui\nvra_tui.__version__ = '0.0.1'\n")
    return "--preload", preload


def test_a_worker_that_is_killed_costs_nothing_but_time(catalogue: Path, ranked: Path, tmp_path: Path):
    with workers(None, 2) as client:
        pids = sorted(client.run(os.getpid).values())
        outcome = work_through(
            catalogue, tmp_path / "ranked", client, lambda: os.kill(pids[0], signal.SIGKILL)
        )
    assert not outcome.refused
    pd.testing.assert_frame_equal(rows(tmp_path / "ranked"), rows(ranked))


def test_a_worker_that_joins_late_takes_over_from_those_that_are_gone(
    catalogue: Path, ranked: Path, tmp_path: Path, start: Start, scheduler: Path
):
    gone = [start(*of(scheduler)) for _ in range(2)]
    with Client(scheduler_file=str(scheduler)) as client:
        wait_for(lambda: len(client.nthreads()) == 2, "two workers")

        def replace_them() -> None:
            for one in gone:
                one.kill()
            # Two threads: models and maps are shared by the tasks of a worker.
            start(*of(scheduler, threads=2))
            wait_for(lambda: [*client.nthreads().values()] == [2], "the late worker")

        outcome = work_through(catalogue, tmp_path / "ranked", client, replace_them)
        assert not outcome.refused
        # What the run left on the cluster is gone with it.
        assert client.run(lambda dask_worker: [*dask_worker.plugins]) == {
            address: ["shuffle"] for address in client.nthreads()
        }
    pd.testing.assert_frame_equal(rows(tmp_path / "ranked"), rows(ranked))


def test_a_worker_of_another_version_is_refused_in_words(
    catalogue: Path, tmp_path: Path, vra: Vra, start: Start, scheduler: Path
):
    good = start(*of(scheduler))
    with Client(scheduler_file=str(scheduler)) as client:
        wait_for(lambda: len(client.nthreads()) == 1, "a worker")

        def replace_it() -> None:
            good.kill()
            start(*of(scheduler), *an_old_version(tmp_path))
            wait_for(lambda: good_one not in client.nthreads() and len(client.nthreads()) == 1, "the old one")

        (good_one,) = client.nthreads()
        # One that joins late is told apart by its first task ...
        with pytest.raises(VraError, match=r"has vra-tui 0\.0\.1.*There is no other worker"):
            work_through(catalogue, tmp_path / "late", client, replace_it)
        # ... one that is there before anything is computed.
        address = client.scheduler.address
        said = vra(
            *("archive", "score", catalogue, "--out", tmp_path / "out", "--scheduler", address), code=1
        )
    assert "has vra-tui 0.0.1" in said
    assert partitions(tmp_path / "out") == []


def test_a_worker_without_the_folder_or_the_model_says_so(catalogue: Path, tmp_path: Path):
    columns = open_catalogue(str(catalogue), None, {}, {})[1]
    worker = SimpleNamespace(address="tcp://host:1")

    def fault(out: Path, model: str | None) -> str:
        plugin = RunOnWorker(Job("score", columns, out, "hats", model, "table", run="one"))
        plugin.setup(worker)
        return plugin.fault or "none"

    assert "tcp://host:1" in (said := fault(tmp_path / "elsewhere", None))
    assert "does not see" in said
    begin(tmp_path / "out", {})
    assert fault(tmp_path / "out", None) == "none"
    assert "cannot rank: There is no model 'mine'" in fault(tmp_path / "out", "mine")
    other = RunOnWorker(Job("score", columns, tmp_path / "out", "hats", None, "table", judge="0", run="two"))
    other.setup(worker)
    assert "has another starter than this machine" in str(other.fault)


def test_after_ctrl_c_the_same_command_goes_on(catalogue: Path, ranked: Path, tmp_path: Path, vra: Vra):
    import shutil

    sky, out = tmp_path / "sky", tmp_path / "out"
    shutil.copytree(catalogue, sky)
    # Who reads a pipe that nobody writes waits for ever: the run cannot be over before it is cut.
    last = partitions(sky)[-1]
    whole = last.read_bytes()
    last.unlink()
    os.mkfifo(last)
    words = ["archive", "score", str(sky), "--out", str(out)]
    code = "from vra_tui.cli import main; main()"
    cut = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: bool(partitions(out)) or cut.poll() is not None, "the first partition")
    os.killpg(cut.pid, signal.SIGINT)
    _, said = cut.communicate(timeout=_HANGS)
    assert cut.returncode == 130
    assert f"Stopped. What is whole stays in {out}: the same command goes on from there." in said
    assert "Traceback" not in said
    last.unlink()
    last.write_bytes(whole)
    assert "are there already; the rest follows" in vra(*words, "--workers", 0)
    pd.testing.assert_frame_equal(rows(out), rows(ranked))
