"""Nothing is fetched or opened without a key, and what is kept is its owner's alone."""

import ast
import os
import socket
import stat
from pathlib import Path

import pytest

import vra_tui
from tests.factories import api_object
from tests.hostile.made import hostile_object, write_objects
from vra_tui.store.connection import open_store

pytestmark = pytest.mark.slow

ROOT = Path(vra_tui.__file__).parent
#: Modules by which something could be fetched, sent, or opened in another program.
REACHING = {
    "aiohttp", "asyncio.open_connection", "ftplib", "http", "httpx", "imaplib", "poplib", "requests",
    "smtplib", "socketserver", "ssl", "telnetlib", "urllib3", "urllib.request", "webbrowser", "xmlrpc",
}  # fmt: skip


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


#: Modules that talk to servers and brokers, by what; all others ask these.
WIRES = {"sources/wires/http.py": {"httpx", "ssl"}}


def test_no_module_but_the_wires_can_reach_out_or_open_another_program():
    for path in sorted(ROOT.rglob("*.py")):
        names = imported(path) - WIRES.get(path.relative_to(ROOT).as_posix(), set())
        assert not {
            name for name in names for way in REACHING if name == way or name.startswith(way + ".")
        }, path
        # Of sockets, only the name of this host is asked.
        if "socket" in names:
            assert "socket.gethostname()" in path.read_text()
            assert path.read_text().count("socket.") == 1, path


class Reached(Exception):
    pass


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **named):
        raise Reached(arguments)

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


def test_ingest_scores_insights_and_shows_need_no_network(vra, tmp_path, no_network):
    links = hostile_object(1, "https://pwned.example/x?a=b")
    file = write_objects(tmp_path / "a.jsonl", [api_object(0), links])
    store = tmp_path / "s" / "v.db"
    shown = [["show", "ATLAS23t000"], ["show", links["object"]["id"]]]
    for verb in (["ingest", file], ["score"], ["list", "all"], *shown, ["features"]):
        written = vra(*verb, "--db", store)
        assert written.code == 0, written.stderr


async def test_the_screen_starts_and_shows_without_a_network(tmp_path, no_network, clock):
    from tests.factories import ingest_objects, score_all
    from vra_tui.tui.app import ScanApp

    path = tmp_path / "v.db"
    store = open_store(path)
    ingest_objects(store, [hostile_object(1, "https://pwned.example/")], clock)
    score_all(store, clock)
    store.close()
    app = ScanApp(path, scanner="amy")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "f", "enter")
        assert app.session.order.current is not None
    app.close_store()


@pytest.mark.skipif(os.name != "posix", reason="permissions of Unix")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_store_and_all_beside_it_are_their_owners_alone(tmp_path, vra, mask):
    folder = tmp_path / "new" / "deeper"
    before = os.umask(mask)
    try:
        file = write_objects(tmp_path / "a.jsonl", [api_object(0)])
        assert vra("ingest", file, "--db", folder / "v.db").code == 0
        connection = open_store(folder / "v.db")
        connection.execute("BEGIN IMMEDIATE")  # the write-ahead log and its index are there now
        kept = sorted(path for path in folder.rglob("*"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in kept}
        connection.execute("ROLLBACK")
        connection.close()
    finally:
        os.umask(before)
    assert {"v.db", "v.db-wal", "v.db-shm"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    for made in (folder, folder.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="permissions of Unix")
def test_the_configuration_is_its_owners_alone(vra, monkeypatch, isolated_user):
    monkeypatch.setenv("VISUAL", "true")
    before = os.umask(0)
    try:
        assert vra("config", "edit").code == 0
    finally:
        os.umask(before)
    (file,) = isolated_user.rglob("config.toml")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
