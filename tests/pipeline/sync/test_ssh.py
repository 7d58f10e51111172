"""How the other host is named and reached, and what is said where it is not."""

import sys

import pytest

from vra_tui.pipeline.sync.lines import SyncError
from vra_tui.pipeline.sync.near_end import synchronise
from vra_tui.pipeline.sync.ssh import Place, command, connected


@pytest.mark.parametrize(
    ("text", "host", "store"),
    [
        ("summit", "summit", None),
        ("amy@summit.example", "amy@summit.example", None),
        ("summit:/data/vra.db", "summit", "/data/vra.db"),
        ("amy@summit:~/my nights/vra.db", "amy@summit", "~/my nights/vra.db"),
        ("amy@[2001:db8::1]:vra.db", "amy@2001:db8::1", "vra.db"),
        ("summit:", "summit", None),
    ],
)
def test_a_host_is_written_as_for_scp(text, host, store):
    assert Place.of(text) == Place(host, store)


@pytest.mark.parametrize("text", ["", "-oProxyCommand=touch x", "/data/labels", "a b", ":vra.db", "./folder"])
def test_what_is_no_host_is_refused_before_ssh_sees_it(text):
    with pytest.raises(SyncError, match="no host"):
        Place.of(text)


def test_the_shell_there_gets_a_file_name_as_one_word():
    made = command(Place("summit", "/data/my night; rm -rf x.db"), "ssh -p 2222", "/opt/vra tui/vra")
    assert made[:5] == ["ssh", "-p", "2222", "-T", "--"]
    assert made[-1].endswith("sync --answer --db '/data/my night; rm -rf x.db'")
    assert command(Place("summit", "~/a b.db"))[-1] == "vra sync --answer --db ~/'a b.db'"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import sys; print('Permission denied (publickey).', file=sys.stderr); sys.exit(255)", "publickey"),
        ("import sys; sys.exit(127)", "--remote-vra"),
        ("import sys; print('No such command \\'sync\\'.', file=sys.stderr); sys.exit(2)", "older than"),
        ("print('Welcome')", "Run it again"),
        ("import sys; print('\\x1b[2Jboo', file=sys.stderr)", "boo"),
    ],
)
def test_why_the_line_broke_is_said_in_words(store, store_path, clock, script, words):
    with (
        pytest.raises(SyncError, match=words) as caught,
        connected([sys.executable, "-c", script], "summit") as pipe,
    ):
        synchronise(store, store_path, pipe, clock=clock)
    assert "\x1b" not in str(caught.value)


def test_without_ssh_nothing_is_exchanged():
    with pytest.raises(SyncError, match="cannot be started"), connected(["no-such-ssh", "summit"], "summit"):
        pass
