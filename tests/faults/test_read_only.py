"""A store that cannot be written can be read by everything that only reads; deciding says why it does not."""

import json
import os
import shutil
from contextlib import closing

import pytest

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


@pytest.fixture(params=["file", "file and folder"])
def read_only(store_path, request):
    with closing(open_store(store_path)) as store:
        wanted = store.execute("SELECT min(alert_id) FROM alerts").fetchone()[0]
    folder = store_path.parent
    folder.joinpath("XDG_CONFIG_HOME").mkdir()
    folder.joinpath("XDG_DATA_HOME").mkdir()
    store_path.chmod(0o400)
    if request.param == "file and folder":
        folder.chmod(0o500)
    yield wanted
    folder.chmod(0o700)


def test_what_only_reads_works(vra, read_only):
    code, out, err = vra("list", "--limit", "3", "--json", prefix=AS_A_USER)
    assert (code, len(json.loads(out))) == (0, 3), err
    assert vra("show", read_only, prefix=AS_A_USER)[0] == 0
    assert vra("labels", "export", prefix=AS_A_USER)[0] == 0
    code, out, _ = vra("doctor", prefix=AS_A_USER)
    assert code == 0, out


def test_deciding_says_why_not(vra, read_only):
    code, out, err = vra("decide", read_only, "good", prefix=AS_A_USER)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot be written" in err
    assert "permissions" in err


def test_the_screen_shows_it_and_says_why_it_cannot_decide(scanner, read_only):
    screen = scanner(prefix=AS_A_USER)
    name = screen.under_cursor()
    assert name
    screen.press("g")
    screen.wait("Not saved")
    assert any("cannot be written" in line for line in screen.lines())
    assert screen.under_cursor() == name
    screen.press("j")
    screen.look(0.3)
    assert screen.under_cursor() != name


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
    with pytest.raises(StoreError, match="cannot be written"):
        open_store(store_path)
