"""`vra sync` as its user runs it: with something in ssh's place, and with a real server on loopback."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from vra_tui.pipeline.sync.kinds import Took
from vra_tui.pipeline.sync.near_end import Synced
from vra_tui.store.connection import open_store
from vra_tui.store.log import HistoryQuery, history_rows

#: The program on the other host.
START = datetime(2026, 3, 1, tzinfo=UTC)
PROGRAM = [sys.executable, "-c", "from vra_tui.cli import main; main()"]
SSHD = shutil.which("sshd") or shutil.which("/usr/sbin/sshd")


def quoted(words):
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


@pytest.fixture
def there(tmp_path):
    """The store of a colleague on another host."""
    path = tmp_path / "their night's.db"
    fill(path)
    return path


@pytest.fixture
def here(store_path):
    fill(store_path)
    return store_path


def fill(path):
    with closing(open_store(path, durable=False)) as store:
        ingest_objects(store, [api_object(n) for n in range(3)], Clock(START))


@pytest.fixture
def ssh(tmp_path):
    """Something in ssh's place that runs the command here, with a greeting of the login before it."""
    script = tmp_path / "ssh"
    script.write_text('#!/bin/sh\necho "Welcome to summit."\nfor last; do :; done\nexec sh -c "$last"\n')
    script.chmod(0o755)
    return str(script)


def rows(path):
    with closing(open_store(path)) as store:
        return list(history_rows(store, HistoryQuery()))


def test_both_ways_and_twice_nothing(vra, here, there, ssh):
    assert vra("decide", FIRST_ID, "good", "--scanner", "amy")[0] == 0
    assert vra("decide", FIRST_ID + 1, "garbage", "--scanner", "bob", "--db", there)[0] == 0
    how = ("sync", f"summit:{there}", "--ssh", ssh, "--remote-vra", quoted(PROGRAM))
    code, out, _ = vra(*how)
    assert (code, out.count("1 decision")) == (0, 2)
    assert rows(here) == rows(there) != []
    code, out, _ = vra(*how, "--json")
    told = json.loads(out)
    assert code == 0
    assert not any(told["came"]["counts"].values())
    assert not any(told["went"]["counts"].values())


def test_a_strangers_file_at_the_far_end_is_told_and_nothing_written(vra, here, tmp_path, ssh):
    stranger = tmp_path / "other.db"
    stranger.write_bytes(b"SQLite format 3\0" + bytes(200))
    before = stranger.read_bytes()
    code, _, err = vra("sync", f"summit:{stranger}", "--ssh", ssh, "--remote-vra", quoted(PROGRAM))
    assert code == 2
    assert "on the other host" in err
    assert "Traceback" not in err
    assert stranger.read_bytes() == before
    assert rows(here) == []


def test_a_store_that_is_not_there_is_not_made(vra, here, tmp_path, ssh):
    code, _, err = vra(
        "sync", f"summit:{tmp_path / 'none.db'}", "--ssh", ssh, "--remote-vra", quoted(PROGRAM)
    )
    assert code == 2
    assert "none.db" in err
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    "words", [[], ["-oProxyCommand=x"], ["summit", "--every", "1s"], ["summit", "--every", "soon"]]
)
def test_wrong_usage_is_told_in_words(vra, here, words):
    code, _, err = vra("sync", *words)
    assert code == 2
    assert "Traceback" not in err


def test_rounds_for_machines_are_an_object_a_line(vra, here, monkeypatch):
    waits = iter([False, KeyboardInterrupt])

    def wait(event, seconds):
        if (now := next(waits)) is KeyboardInterrupt:
            raise now

    monkeypatch.setattr("vra_tui.cli.sync.threading.Event.wait", wait)
    monkeypatch.setattr(
        "vra_tui.cli.sync._Run._exchange", lambda run: Synced(Took({"labels": 2}), Took(), [])
    )
    code, out, _ = vra("sync", "summit", "--every", "60s", "--json")
    assert code == 0
    rounds = [json.loads(line) for line in out.splitlines()]
    assert [one["came"]["counts"] for one in rounds] == [{"labels": 2}] * 2


@pytest.fixture
def sshd(tmp_path):
    """A real server of ssh on loopback, and the command of a client that may log in."""
    if SSHD is None or shutil.which("ssh-keygen") is None:
        pytest.skip("no sshd on this machine")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    (tmp_path / "allowed").write_bytes((tmp_path / "user.pub").read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {tmp_path}/allowed\nStrictModes no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=(tmp_path / "log").open("wb"))
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        known = tmp_path / "known_hosts"
        known.write_text(f"[127.0.0.1]:{port} {(tmp_path / 'host.pub').read_text()}")
        yield (
            f"ssh -F none -p {port} -i {tmp_path}/user -o UserKnownHostsFile={known} -o IdentitiesOnly=yes "
            "-o BatchMode=yes"
        )
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.slow
def test_three_stores_over_a_real_ssh_come_to_the_same_and_a_refused_key_is_told(
    vra, here, there, tmp_path, sshd, isolated_user
):
    third = tmp_path / "third.db"
    fill(third)
    for number, (name, path) in enumerate((("amy", here), ("bob", there), ("cleo", third))):
        assert vra("decide", FIRST_ID + number, "good", "--scanner", name, "--db", path)[0] == 0
    home = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(("HOME", "XDG_"))]
    program = quoted(["env", f"PYTHONPATH={os.pathsep.join(sys.path)}", *home, *PROGRAM])
    for one, other in ((here, there), (there, third), (here, there)):
        code, _, err = vra("sync", f"127.0.0.1:{other}", "--db", one, "--ssh", sshd, "--remote-vra", program)
        assert code == 0, err
    assert rows(here) == rows(there) == rows(third)
    assert len(rows(here)) == 3
    (tmp_path / "allowed").write_text("")
    code, _, err = vra("sync", f"127.0.0.1:{there}", "--ssh", sshd, "--remote-vra", program)
    assert code == 2
    assert "Permission denied" in err
    assert "what was exchanged before is kept" in err
