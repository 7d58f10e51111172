"""Whatever strangers write, the command line puts nothing on a terminal that it would act on: raw bytes."""

import json
import subprocess
import sys

import pytest

from tests.harness.terminal import Terminal
from tests.hostile.conftest import VRA, kinds_of_sequences, unfit
from tests.hostile.corpus import EVERYTHING, SEQUENCES
from tests.hostile.made import benign_object, fill, write_objects
from vra_tui.store.connection import open_store

#: In an argument there can be no NUL; what is no UTF-8 comes as halves of characters.
ARGUMENT = EVERYTHING.replace("\x00", "").encode("utf-8", "replace").decode() + "\udcff"


@pytest.mark.parametrize(
    "verb",
    [
        ["list", "all"],
        ["list", "all", "--format", "csv"],
        ["list", "all", "--format", "json"],
        ["labels", "export"],
        ["labels", "export", "--format", "jsonl"],
        ["labels", "export", "--encoding", "vra"],
        ["labels", "stats"],
        ["labels", "stats", "--json"],
        ["features"],
        ["report"],
        ["report", "--format", "md"],
        ["log", "--machine"],
        ["log", "--machine", "--format", "csv"],
        ["labels", "export", "--history"],
        ["doctor"],
    ],
    ids=" ".join,
)
def test_what_is_printed_of_a_hostile_store_is_only_text(vra, hostile_store, verb):
    written = vra(*verb, "--db", hostile_store)
    assert written.code == 0, written.stderr
    assert len(written.stdout) > 20
    assert not unfit(written.stdout) | unfit(written.stderr)


def test_every_hostile_alert_is_shown_as_text_only(vra, hostile_store):
    connection = open_store(hostile_store)
    ids = [row[0] for row in connection.execute("SELECT alert_id FROM alerts")]
    connection.close()
    for alert_id in ids:
        for form in ((), ("--json",)) if alert_id in ids[-2:] else ((),):
            written = vra("show", alert_id, "--db", hostile_store, *form)
            assert written.code == 0, written.stderr
            assert not unfit(written.stdout) | unfit(written.stderr)
            assert len(written.stdout) < 300_000  # a name of a megabyte is cut, wherever it stands


def test_drafts_on_hostile_alerts_are_text_only(vra, hostile_store):
    connection = open_store(hostile_store)
    ids = [str(row[0]) for row in connection.execute("SELECT object_id FROM objects LIMIT 3")]
    connection.close()
    for form in ((), ("--json",), ("--md",)):
        note = vra("astronote", *ids, *form, "--db", hostile_store)
        report = vra("tns", "report", *ids, *[one for one in form if one == "--json"], "--db", hostile_store)
        for written in (note, report):
            assert written.code in (0, 1), written.stderr
            assert b"should not have" not in written.stderr, written.stderr
            assert len(written.stdout) > 100
            assert not unfit(written.stdout) | unfit(written.stderr)


def test_refusals_quote_hostile_input_as_text(vra, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    broken = [{"object": {"id": text, "ra": text, "dec": 0.0}, text: text} for text in SEQUENCES.values()] + [
        {"object": text} for text in SEQUENCES.values()
    ]
    write_objects(folder / "\x1b]0;own\x07\x9b2J\u202e.jsonl", broken)
    (folder / b"\xff\x1b[2J.json".decode("utf-8", "surrogateescape")).write_text("{")
    written = vra("ingest", folder, "--db", tmp_path / "s" / "v.db")
    assert written.code == 1
    # Three of each reason are told, the others counted; most reasons quote what they refuse.
    assert written.stderr.count(b"refused:") > 20
    assert not unfit(written.stdout) | unfit(written.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", ARGUMENT],
        ["show", ARGUMENT],
        ["decide", ARGUMENT, "good"],
        ["decide", "1100000000000000000", ARGUMENT],
        ["decide", "1100000000000000000", "good", "--comment", ARGUMENT, "--scanner", ARGUMENT],
        ["list", "--limit", ARGUMENT],
        [ARGUMENT],
        ["list", f"--{ARGUMENT}"],
        ["ingest", ARGUMENT],
        ["ingest", ARGUMENT[:80] + "A" * 100_000],
        ["predict", ARGUMENT[:80], "--stage", "day1"],
        ["models", "show", ARGUMENT[:80]],
        ["score", "--model", ARGUMENT[:80]],
        ["features", ARGUMENT],
        ["tns", "report", ARGUMENT],
        ["tns", "report", "1100000000000000000", "--set", f"remarks={ARGUMENT}"],
        ["tns", "report", "1100000000000000000", "--set", f"{ARGUMENT}=x"],
        ["tns", "report", "1100000000000000000", "--override", f"{ARGUMENT}=x", "--spelling", ARGUMENT[:80]],
        ["astronote", "1100000000000000000", "--template", ARGUMENT[:80]],
    ],
    ids=lambda arguments: " ".join(word if len(word) < 20 else "…" for word in arguments),
)
def test_hostile_arguments_come_back_as_text(vra, hostile_store, arguments):
    written = vra(*arguments, "--db", hostile_store) if arguments[0] != "models" else vra(*arguments)
    assert b"should not have" not in written.stderr, written.stderr
    assert written.code in (0, 1, 2)
    assert not unfit(written.stdout) | unfit(written.stderr)


def test_hostile_cells_and_columns_of_tables_come_back_as_text(vra, tmp_path):
    table = tmp_path / "t.csv"
    for header in (f"alert_id,{ARGUMENT!r},x\n", f"{EVERYTHING},a\n", "alert_id,ra\n"):
        table.write_bytes((header + f"1100000000000000000,{EVERYTHING}\n").encode("utf-8", "surrogatepass"))
        for verb in (
            ["predict", table, "--stage", "day1"],
            ["train", "--name", "x", "--stage", "day1", "--features", table, "--labels", table],
        ):
            written = vra(*verb)
            assert b"should not have" not in written.stderr, written.stderr
            assert written.code in (1, 2)
            assert not unfit(written.stdout) | unfit(written.stderr)


def test_a_hostile_configuration_is_refused_in_text(vra, tmp_path, monkeypatch):
    file = tmp_path / "config.toml"
    monkeypatch.setenv("VRA_CONFIG", str(file))
    for line in (
        f"[screen]\ntheme = {json.dumps(EVERYTHING)}\n",
        f"[{json.dumps(EVERYTHING)}]\nx = 1\n",
        f"[keys]\n{json.dumps(EVERYTHING)} = 'x'\n",
        f"[screen]\n{EVERYTHING}\n",
    ):
        file.write_bytes(line.encode("utf-8", "surrogatepass"))
        written = vra("config", "show")
        assert written.code == 2
        assert b"should not have" not in written.stderr, written.stderr
        assert not unfit(written.stdout) | unfit(written.stderr)


_RAISING = """
import sys
sys.argv = ["vra", "config", "path", "--debug"]
import vra_tui.config.reading as config
def raising():
    raise RuntimeError({text!r})
config.config_path = raising
from vra_tui.cli import main
main()
"""


def test_tracebacks_asked_for_are_text(tmp_path):
    script = _RAISING.format(text=EVERYTHING)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert b"Traceback" in run.stderr
    assert b"pwned" not in run.stdout
    assert not unfit(run.stderr)


def test_on_a_terminal_a_hostile_list_has_the_same_sequences_as_any_other(tmp_path, hostile_store, clock):
    pytest.importorskip("pty", reason="needs a Unix terminal")
    benign = tmp_path / "benign.db"
    connection = open_store(benign, durable=False)
    fill(connection, write_objects(tmp_path / "b.jsonl", map(benign_object, range(5))), clock, ["amy"] * 5)
    connection.close()
    kinds = []
    for store in (benign, hostile_store):
        terminal = Terminal([*VRA, "list", "all", "--db", str(store)], 120, 40)
        terminal.wait_for(b"rank")
        terminal.read(quiet=1.0)
        terminal.close(b"")
        kinds.append(kinds_of_sequences(bytes(terminal.output)))
    assert kinds[1].keys() <= kinds[0].keys(), kinds[1]
    assert not any(kind.startswith(("OSC", "string", "character")) for kind in kinds[0])
