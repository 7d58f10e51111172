"""While a program holds the store's lock it does nothing but write: who decides waits for its end.

Every verb that writes runs in a process of its own, where nothing was imported before. Bringing an older
store up to date is the one exception: the copy of it must be of what is migrated (docs/operations.md).
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import typer

from tests.cli.test_gw import message as event_message
from tests.factories import FIRST_ID, Clock, api_object, detection, ingest_objects, quad, score_all
from vra_tui.cli import app
from vra_tui.store.backup import back_up
from vra_tui.store.bundle import bundle_out
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.outbox import Draft, put

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ALERTS = 40

#: Verbs that write into the store, with arguments that make them do so.
WRITING = {
    "ingest": ["ingest", "{folder}/night.jsonl"],
    "score": ["score"],
    "drift": ["drift"],
    "decide": ["decide", str(FIRST_ID), "good", "--comment", "seen", "--tag", "odd"],
    "undo": ["undo", "--count", "2", "--scanner", "amy"],
    "labels import": ["labels", "import", "{folder}/labels.jsonl"],
    "labels sync": ["labels", "sync", "{folder}/shared"],
    "bundle in": ["bundle", "in", "{folder}/bundle.db"],
    "restore": ["restore", "{folder}/backup.db"],
    "gw add": ["gw", "add", "{folder}/S230224ab.json"],
    "doctor": ["doctor", "--full", "--repair"],
    "simulate": ["simulate", "--db", "{folder}/new.db", "--alerts", "60", "--workers", "1"],
    "pull": ["pull", "drop"],
    "watch": ["watch", "--once"],
    "scan": ["screen"],
    "mark": ["mark", str(FIRST_ID + 10), "--epoch", str(quad(0)[0]["mjd"]), "--bad", "--scanner", "amy"],
    "sync": ["sync", "summit:{folder}/bundle.db", "--ssh", "{folder}/ssh", "--remote-vra", "{vra}"],
    "astronote": ["astronote", str(FIRST_ID), "--draft"],
    "outbox approve": ["outbox", "approve", "--all"],
    "outbox drop": ["outbox", "drop", "--all"],
}
#: Verbs that read the store, or that have nothing to do with one. ``demo`` ingests, scores and scans.
READING = {
    "demo", "list", "show", "features", "predict", "log", "train", "evaluate", "replay", "report", "backup",
    "labels export", "labels stats", "labels conflicts", "labels imports", "bundle out", "models", "config",
    "sources add", "sources list", "sources rejects", "sources test",
    "gw list", "gw show",
    "outbox list", "outbox show", "messages list", "messages test", "tns rules",
    # These write where there is something to do: `tests/pipeline/outbox`, `tests/cli` and others try them.
    "outbox send", "outbox retry", "tns report", "labels doubt", "archive features", "archive score",
}  # fmt: skip


def verbs():
    """Every verb of the command line, models and configuration as one each."""
    found = {command.name or command.callback.__name__ for command in app.registered_commands}
    for group in app.registered_groups:
        whole = group.name in ("models", "config")
        inner = [command.name for command in group.typer_instance.registered_commands]
        found |= {group.name} if whole else {f"{group.name} {name}" for name in inner}
    return found


def test_every_verb_is_known_to_write_or_to_read():
    assert isinstance(app, typer.Typer)
    assert verbs() == WRITING.keys() | READING


@pytest.fixture(scope="module")
def folder_once(tmp_path_factory):
    """A scored store with decisions and a fresh night, and what is to be brought into it."""
    folder = tmp_path_factory.mktemp("watched")
    clock = Clock(NOW)
    amy, ben = Author("amy", "summit"), Author("ben", "laptop")
    with closing(open_store(folder / "vra.db")) as store:
        ingest_objects(store, [api_object(n) for n in range(ALERTS)], clock)
        score_all(store, clock)
        bundle_out(folder / "vra.db", folder / "bundle.db", [FIRST_ID + n for n in range(10)])
        back_up(folder / "vra.db", folder / "backup.db", now=NOW)
        for number in range(4):
            with transaction(store):
                decide(store, FIRST_ID + 20 + number, "good", amy, NOW + timedelta(seconds=number))
        ingest_objects(store, [api_object(n, lc=quad(0) + quad(2)) for n in range(10, 20)], clock)
        put(
            store,
            [Draft("atlas.scores", "atlas", "scores", {"preal": 0.9}, f"scores {n}") for n in range(2)],
            by="amy",
            now=NOW,
        )
        store.execute("DROP INDEX alerts_by_name")
        store.execute("UPDATE standing SET list = 'garbage' WHERE alert_id = ?", (FIRST_ID + 20,))
    with closing(open_store(folder / "bundle.db")) as bundle:
        for number in range(5):
            with transaction(bundle):
                decide(bundle, FIRST_ID + number, "pm", ben, NOW + timedelta(minutes=number))
    lines = [
        {"decision_id": f"0193{n:04d}-0000-7000-8000-000000000000", "survey": "atlas",
         "object_id": str(FIRST_ID + n), "list": "attic", "scanner": "eve",
         "host": "elsewhere", "timestamp": "2026-11-22T02:00:00Z"}
        for n in range(30, 35)
    ]  # fmt: skip
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "shared").mkdir()
    shutil.copy(folder / "labels.jsonl", folder / "shared" / "labels-1.jsonl")
    night = [api_object(n, lc=[*quad(0), detection(0.5, expname="09q60001o0001o")]) for n in range(35, 95)]
    (folder / "night.jsonl").write_text("\n".join(map(json.dumps, night)))
    (folder / "S230224ab.json").write_bytes(event_message())
    ssh = folder / "ssh"
    ssh.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
    ssh.chmod(0o755)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("verb", WRITING)
def test_nothing_is_imported_opened_or_slept_while_the_store_is_locked(folder_once, tmp_path, verb):
    folder = tmp_path / "work"
    shutil.copytree(folder_once, folder)
    store = folder / ("new.db" if verb == "simulate" else "vra.db")
    (folder / "incoming").mkdir()
    shutil.copy(folder / "night.jsonl", folder / "incoming")
    config = folder / "config.toml"
    config.write_text(f'[source.drop]\nkind = "folder"\npath = "{folder / "incoming"}"\nsettle = 0.1\n')
    vra = f"{sys.executable} -c 'from vra_tui.cli import main; main()'"
    arguments = [word.format(folder=folder, vra=vra) for word in WRITING[verb]]
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.watched", report, store, *arguments],
        env={**os.environ, "VRA_DB": str(folder / "vra.db"), "VRA_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert report.exists(), done.stderr
    found = json.loads(report.read_text())
    assert found["code"] in (0, None), done.stderr
    assert found["transactions"] > 0, done.stdout + done.stderr
    assert found["deeds"] == {}
