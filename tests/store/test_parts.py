"""What a killed backup or restore left behind is swept, and nothing else is."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from vra_tui.store.backup import back_up, folder_of
from vra_tui.store.parts import made_beside, sweep
from vra_tui.store.restore import restore

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def snapshot(folder):
    """Every file with its content, links by where they lead; without the store at work and its log."""
    return {
        path: path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if not path.name.startswith("vra.db")
    }


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from vra_tui.store.backup import back_up
from vra_tui.store.restore import restore

def die(done, total):
    os.kill(os.getpid(), signal.SIGKILL)

store, backup = map(Path, sys.argv[2:])
now = datetime(2026, 11, 22, 4, tzinfo=UTC)
if sys.argv[1] == "restore":
    restore(backup, store, now=now, on_progress=die)
else:
    back_up(store, now=now, on_progress=die)
"""


def parts_under(folder):
    return [path for path in folder.rglob(".*") if "part" in path.name]


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["backup", "restore"])
@pytest.mark.parametrize("later", ["backup", "restore"])
def test_what_a_killed_backup_or_restore_left_is_swept_by_a_later_one(scored, store_path, verb, later):
    made = back_up(store_path, now=NOW)
    scored.close()
    done = subprocess.run([sys.executable, "-c", KILLED, verb, store_path, made.path], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = parts_under(store_path.parent)
    assert left.parent == (store_path.parent if verb == "restore" else folder_of(store_path))
    back_up(store_path, now=NOW)
    assert left.exists()  # its program may still run, on another host
    now = datetime.now(UTC) + timedelta(days=2)
    if later == "backup":
        back_up(store_path, now=now)
        assert parts_under(store_path.parent) == []
    elif verb == "restore":
        restore(made.path, store_path, now=now)
        assert parts_under(store_path.parent) == []


def test_a_part_that_is_still_being_filled_is_never_swept(scored, store_path):
    def look(done, total):
        (part,) = parts_under(folder_of(store_path))
        sweep(folder_of(store_path), datetime.now(UTC) + timedelta(days=400))
        assert (part / "part.db").exists()

    back_up(store_path, now=NOW, on_progress=look)


def test_nothing_is_swept_that_is_not_provably_a_part_of_ours(scored, store_path, tmp_path):
    folder = folder_of(store_path)
    folder.mkdir()
    (folder / ".my.partner-thesis.tex").write_text("three years of work")
    (folder / ".vra-20261101T030000Z.db.12345.part").write_text("of a version without marks")
    for name, files in {
        ".vra-part-aaaaaaaa": {"part.db": "no mark"},
        ".vra-part-bbbbbbbb": {"made-by-vra-tui": "another's words", "part.db": "x"},
        ".vra-part-cccccccc": {"made-by-vra-tui": mark_of(tmp_path), "part.db": "x", "thesis.tex": "mine"},
        ".vra-part-another's": {"made-by-vra-tui": mark_of(tmp_path), "part.db": "x"},
    }.items():
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_text(text)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "made-by-vra-tui").write_text(mark_of(tmp_path))
    (folder / ".vra-part-dddddddd").symlink_to(elsewhere)
    before = snapshot(folder) | snapshot(elsewhere)
    sweep(folder, datetime.now(UTC) + timedelta(days=400))
    assert snapshot(folder) | snapshot(elsewhere) == before


def mark_of(folder):
    with made_beside(folder / "any") as part:
        return (part.parent / "made-by-vra-tui").read_text()
