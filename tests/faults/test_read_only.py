"""A store that cannot be written can be read by everything that only reads; deciding says why it does not."""

import json
import os
import shutil
import subprocess
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.harness.in_turn import in_turn
from vra_tui.store.connection import StoreError, open_store
from vra_tui.store.sqlite_file import readable

#: For root, who may write everything: as who one may not.
AS_A_USER = (
    (
        "setpriv",
        "--bounding-set",
        "-dac_override,-dac_read_search",
        "--inh-caps",
        "-dac_override,-dac_read_search",
    )
    if os.geteuid() == 0
    else ()
)
pytestmark = pytest.mark.skipif(
    bool(AS_A_USER) and shutil.which("setpriv") is None,
    reason="root may write everything, and has no setpriv",
)


#: A store's folder on a disk that is mounted read-only, for root, whom permissions do not hold back.
_MOUNTED = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def on_a_read_only_disk(folder):
    """What a command is begun with; None where nobody may mount anything here."""
    prefix = ("unshare", "--mount", "sh", "-c", _MOUNTED, "sh", str(folder))
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False).returncode:
        return None
    return prefix


@dataclass(frozen=True)
class ReadOnly:
    """An alert of a store that cannot be written, and what a command is begun with to find it so."""

    alert: str
    prefix: tuple[str, ...]


@pytest.fixture(params=["file", "file and folder", "disk"])
def read_only(store_path, request):
    with closing(open_store(store_path)) as store:
        wanted = store.execute("SELECT min(alert_id) FROM alerts").fetchone()[0]
    folder = store_path.parent
    folder.joinpath("XDG_CONFIG_HOME", "vra-tui").mkdir(parents=True)
    folder.joinpath("XDG_DATA_HOME").mkdir()
    # A rule asks for drafts of what is decided, which have no place here.
    folder.joinpath("XDG_CONFIG_HOME", "vra-tui", "config.toml").write_text(
        '[source.night]\nkind = "atlas"\n[outbox.rule.moves]\nmakes = "atlas.list"\ntarget = "night"\n'
        'lists = ["good"]\n'
    )
    if request.param == "disk":
        prefix = on_a_read_only_disk(folder)
        if prefix is None:
            pytest.skip("nobody may mount anything here")
        yield ReadOnly(wanted, prefix)
        return
    store_path.chmod(0o400)
    if request.param == "file and folder":
        folder.chmod(0o500)
    yield ReadOnly(wanted, AS_A_USER)
    folder.chmod(0o700)


def test_what_only_reads_works(store_path, read_only):
    reading = [["show", read_only.alert], ["labels", "stats"], ["outbox", "list"]]
    # Of drift the verdict, which the screen of a store that can be written would show, is not kept.
    verbs = [["list", "--limit", "3", "--json"], *reading, ["drift", "--json"]]
    environment = {**os.environ, "VRA_DB": str(store_path)}
    listed, *read, drift = in_turn(verbs, environment, read_only.prefix)
    assert (listed[0], len(json.loads(listed[1]))) == (0, 3), listed
    assert [code for code, _, _ in read] == [0, 0, 0], read
    assert drift[0] in (0, 1), drift
    assert json.loads(drift[1])["status"]


def test_deciding_says_why_not(vra, read_only):
    code, out, err = vra("decide", read_only.alert, "good", prefix=read_only.prefix)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot be written" in err
    assert "permissions" in err


def test_the_screen_shows_it_and_says_why_it_cannot_decide(scanner, read_only):
    screen = scanner(prefix=read_only.prefix)
    name = screen.under_cursor()
    assert name
    screen.press("g")
    screen.wait("Not saved")
    assert any("cannot be written" in line for line in screen.lines())
    assert screen.under_cursor() == name
    screen.press("j")
    screen.look(0.3)
    assert screen.under_cursor() != name


def test_a_log_that_nothing_may_be_made_beside_is_named_with_what_helps(store_path, vra, tmp_path):
    copy = tmp_path / "copy" / "vra.db"
    copy.parent.mkdir()
    with closing(open_store(store_path)) as store:
        store.execute("INSERT INTO instruments (code, survey, name) VALUES (9, 'atlas', '09z')")
        for end in ("", "-wal"):
            shutil.copyfile(f"{store_path}{end}", f"{copy}{end}")
    copy.parent.chmod(0o500)
    code, _, err = vra("list", "--db", copy, prefix=AS_A_USER)
    copy.parent.chmod(0o700)
    assert (code, err.count("\n")) == (2, 1)
    assert "latest changes stand in the file -wal beside it" in err
    assert "copy both files to a folder of your own" in err


def test_a_log_that_cannot_be_read_is_not_passed_over(store_path, tmp_path):
    """What was decided last may stand only there."""
    with closing(open_store(store_path)) as store:
        store.execute("INSERT INTO instruments (code, survey, name) VALUES (9, 'atlas', '09z')")
        copy = tmp_path / "copy" / "vra.db"
        copy.parent.mkdir()
        shutil.copyfile(store_path, copy)
        shutil.copyfile(f"{store_path}-wal", f"{copy}-wal")
    with closing(readable(copy, only=True)) as store:
        assert store.execute("SELECT count(*) FROM instruments WHERE code = 9").fetchone()[0] == 1


def test_a_store_of_an_older_version_that_cannot_be_written_is_named(store_path, monkeypatch):
    monkeypatch.setattr("vra_tui.store.connection.SCHEMA_VERSION", 99)
    real = readable
    monkeypatch.setattr("vra_tui.store.connection.readable", lambda path: real(path, only=True))
    with pytest.raises(StoreError, match=r"cannot be written\. Copy it to a folder"):
        open_store(store_path)
