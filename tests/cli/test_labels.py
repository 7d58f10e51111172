"""The log, undo, labels and bundles on the command line."""

import csv
import io
import json
import re
import sqlite3
import sys

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.cli.log import laid_out
from vra_tui.store.connection import open_store
from vra_tui.store.log import LogQuery, log_rows
from vra_tui.store.objects import names_of


@pytest.fixture
def vra(vra, monkeypatch):
    """The command line, with zoe scanning."""
    monkeypatch.setenv("VRA_SCANNER", "zoe")
    return vra


def make(path, clock, count=3):
    store = open_store(path, durable=False)
    ingest_objects(store, [api_object(n) for n in range(count)], clock)
    score_all(store, clock)
    store.close()


@pytest.fixture
def decided(vra, filled_once, store_path, clock):
    """Zoe decided good with a note and tags, then garbage; Ada pm."""

    def fill():
        make(store_path, clock)
        vra("decide", FIRST_ID, "good", "--comment", "=1+1\nhost?", "--tag", "sn", "--tag", "nuclear")
        vra("decide", FIRST_ID + 1, "garbage")
        vra("decide", FIRST_ID + 2, "pm", "--scanner", "ada")

    filled_once("decided", fill)
    return vra


@pytest.fixture
def elsewhere(tmp_path, clock):
    """Another store with the same alerts."""
    path = tmp_path / "elsewhere.db"
    make(path, clock)
    return path


def log(vra, *arguments):
    return json.loads(vra("log", "--json", *arguments)[1])


def test_the_log_in_every_format_says_the_same(decided):
    rows = log(decided)
    assert [(row["scanner"], row["list"]) for row in rows] == [
        ("ada", "pm"),
        ("zoe", "garbage"),
        ("zoe", "good"),
    ]
    assert rows[2]["tags"] == "sn nuclear"
    lines = decided("log", "--format", "jsonl")[1].splitlines()
    assert [json.loads(line) for line in lines] == rows
    table = list(csv.DictReader(io.StringIO(decided("log", "--format", "csv")[1])))
    assert [row["decision_id"] for row in table] == [row["decision_id"] for row in rows]
    assert table[2]["note"] == "'=1+1 host?"
    text = decided("log")[1]
    assert rows[0]["decision_id"][-12:] in text
    assert "\n" not in text.splitlines()[3]


SPOILT = {
    "timestamp": b"\xff2026", "scanner": b"zoe", "host": b"\x00", "note": b"seen", "rank": "high",
    "visit": "two", "preal": b"", "model": b"m", "seconds": b"\x01", "tags": b"sn", "follows": b"\xfe",
}  # fmt: skip


@pytest.mark.parametrize("column", SPOILT)
def test_a_value_of_another_kind_spoils_no_more_than_itself(decided, store_path, column):
    with sqlite3.connect(store_path) as store:
        store.execute("DROP TRIGGER decisions_are_never_changed")
        store.execute(f"UPDATE decisions SET {column} = ? WHERE list = 'good'", (SPOILT[column],))
    store.close()
    for words in (
        ["log"], ["log", "--json"], ["log", "--format", "jsonl"], ["log", "--format", "csv"],
        ["show", FIRST_ID], ["show", FIRST_ID, "--json"], ["list", "all"], ["labels", "stats"],
        ["labels", "export"], ["labels", "export", "--history"], ["labels", "export", "--encoding", "vra"],
        ["labels", "export", "--format", "jsonl"], ["report"], ["undo", "--json"],
    ):  # fmt: skip
        code, _, err = decided(*words)
        assert code == 0, (words, err)
    assert len(log(decided)) == 4


def test_the_log_fits_a_narrow_terminal_with_ids_whole(decided, store_path):
    decided("undo")
    store = open_store(store_path)
    rows = log_rows(store, LogQuery())
    named = names_of(store, [row.alert_id for row in rows])
    store.close()
    names, cells = laid_out(rows, named, 80)
    widths = [max(map(len, column)) + 2 for column in zip(names, *cells, strict=True)]
    assert sum(widths) <= 82
    assert [row[1] for row in cells] == [row.decision_id[-12:] for row in rows]
    assert cells[0][-1] == f"of {rows[2].decision_id[-12:]}"
    assert cells[2][-1] == "undone by zoe"
    assert cells[3][-1] == "sn nuclear; =1+1 host?"
    assert laid_out(rows, named, 200)[0][-2:] == ["tags", "note"]


def test_the_log_is_filtered(decided):
    assert [row["list"] for row in log(decided, "--scanner", "ada")] == ["pm"]
    assert [row["list"] for row in log(decided, "--list", "good", "--label", "good", "--tag", "sn")] == [
        "good"
    ]
    assert [row["list"] for row in log(decided, "--alert", "ATLAS23t001", "--since", "1h")] == ["garbage"]
    assert log(decided, "--undone") == log(decided, "--until", "2020-01-01") == []
    assert len(log(decided, "--limit", "2")) == 2
    assert "newest 2" in decided("log", "--limit", "2")[2]
    assert "Nothing" in decided("log", "--scanner", "nobody")[2]


def test_a_filter_that_is_none_is_wrong_usage(decided):
    for arguments in (("--since", "lately"), ("--list", "nonsense"), ("--alert", "ATLAS99x")):
        assert decided("log", *arguments)[0] == 2


def test_undo_takes_back_the_latest_and_says_what_stands(decided):
    decided("decide", FIRST_ID + 1, "attic")
    assert "garbage by zoe stands again" in decided("undo")[1]
    assert "undecided again, in extragalactic" in decided("undo")[1]
    assert [row["undone_by"] for row in log(decided, "--list", "garbage")] == ["zoe"]


def test_undo_of_several_of_anothers_and_of_nothing(decided):
    code, out, err = decided("undo", "--count", "5", "--json")
    assert (code, [int(row["object_id"]) - FIRST_ID for row in json.loads(out)]) == (0, [1, 0])
    assert decided("undo")[0] == 2
    ending = log(decided, "--scanner", "ada")[0]["decision_id"][-12:]
    assert decided("undo", ending)[0] == 0
    code, _, err = decided("undo", ending)
    assert code == 2
    assert "undone before" in err
    assert decided("undo", ending, "--count", "2")[0] == 2


def test_undo_never_takes_an_import_back_but_by_its_id(decided, elsewhere, tmp_path):
    table = tmp_path / "labels.jsonl"
    decided("labels", "export", "--history", "--out", table)
    _, _, err = decided("labels", "import", table, "--db", elsewhere)
    name = re.search(r"vra undo --batch (\w+)", err)[1]
    code, _, err = decided("undo", "--db", elsewhere)
    assert code == 2
    assert "--batch" in err
    (told,) = json.loads(decided("labels", "imports", "--json", "--db", elsewhere)[1])
    assert told["import_id"].endswith(name)
    assert told["decisions"] == told["left"] == 3
    assert name in decided("labels", "imports", "--db", elsewhere)[1]
    code, out, _ = decided("undo", "--batch", name, "--db", elsewhere)
    assert code == 0
    assert "3 decisions taken back" in out
    assert decided("undo", "--batch", name, "--db", elsewhere)[0] == 2
    assert json.loads(decided("labels", "imports", "--json", "--db", elsewhere)[1])[0]["left"] == 0
    assert decided("undo", "--batch", name, "--count", "2", "--db", elsewhere)[0] == 2


def test_a_history_from_the_future_is_refused_row_by_row(decided, elsewhere, tmp_path):
    table = tmp_path / "labels.jsonl"
    decided("labels", "export", "--history", "--out", table)
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    rows[0]["decision_id"] = f"03b{rows[0]['decision_id'][3:]}"
    table.write_text("\n".join(map(json.dumps, rows)))
    code, out, err = decided("labels", "import", table, "--db", elsewhere)
    assert code == 1
    assert "from the future" in err
    assert f"{len(rows) - 1} decisions" in out


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl", "labels.parquet"])
def test_a_history_goes_out_and_in_again_by_any_format(decided, elsewhere, tmp_path, name):
    decided("undo")
    code, out, err = decided("labels", "export", "--history", "--out", tmp_path / name)
    assert (code, out) == (0, "")
    assert "4 rows" in err
    code, out, _ = decided("labels", "import", tmp_path / name, "--db", elsewhere)
    assert (code, out) == (0, "3 decisions, 1 undos and 0 notes are new, 0 were known, 0 refused\n")
    assert (
        "8 were known" in decided("labels", "import", tmp_path / name, tmp_path / name, "--db", elsewhere)[1]
    )
    assert log(decided, "--db", elsewhere) == log(decided)


def test_decisions_on_an_alert_that_is_not_here_are_counted_and_in_the_log(
    decided, tmp_path, store_path, clock
):
    make(tmp_path / "small.db", clock, count=1)
    code, out, err = decided("labels", "import", store_path, "--db", tmp_path / "small.db")
    assert (code, out[:11]) == (0, "3 decisions")
    assert "2 are on alerts that are not here" in err
    (row,) = log(decided, "--db", tmp_path / "small.db", "--alert", FIRST_ID + 1)
    assert (row["list"], row["name"]) == ("garbage", None)


def test_another_store_is_imported_as_it_is(decided, elsewhere, store_path):
    assert decided("labels", "import", store_path, "--db", elsewhere)[1].startswith("3 decisions")
    assert log(decided, "--db", elsewhere) == log(decided)


def test_a_pipe_is_imported(decided, elsewhere, monkeypatch):
    for form in ("csv", "jsonl"):
        text = decided("labels", "export", "--history", "--format", form)[1]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode()))))
        code, out, _ = decided("labels", "import", "-", "--db", elsewhere, "--json")
        assert code == 0
        assert json.loads(out)["refused"] == 0
    assert json.loads(out)["known"] == 3


def test_refused_rows_are_named_with_their_place_and_end_in_1(decided, elsewhere, tmp_path):
    path = tmp_path / "labels.csv"
    decided("labels", "export", "--history", "--out", path)
    path.write_text(path.read_text().replace(",ada,", ",,") + "x,y\n" * 30)
    code, out, err = decided("labels", "import", path, "--db", elsewhere)
    assert code == 1
    assert out.startswith("2 decisions")
    assert "labels.csv: line 4: scanner" in err
    assert "11 more were refused" in err


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl", "labels.parquet"])
def test_a_table_of_labels_is_taken_in_and_agrees_with_the_history(decided, elsewhere, tmp_path, name):
    decided("labels", "export", "--out", tmp_path / name)
    decided("labels", "export", "--history", "--out", tmp_path / "history.csv")
    code, out, _ = decided("labels", "import", tmp_path / name, "--db", elsewhere)
    assert (code, out) == (0, "3 decisions, 0 undos and 0 notes are new, 0 were known, 0 refused\n")
    here, there = log(decided), log(decided, "--db", elsewhere)
    assert [row["decision_id"] for row in there] == [row["decision_id"] for row in here]
    assert {row["host"] for row in there} == {"?"}
    assert (
        "3 were known, 0 refused"
        in decided("labels", "import", tmp_path / "history.csv", "--db", elsewhere)[1]
    )
    assert "3 were known, 0 refused" in decided("labels", "import", tmp_path / name)[1]


def test_tables_of_something_else_and_missing_files_are_wrong_usage(decided, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    code, _, err = decided("labels", "import", tmp_path / "other.csv")
    assert code == 2
    assert "--history" in err
    assert decided("labels", "import", tmp_path / "missing.csv")[0] == 2


def test_an_export_is_narrowed(decided):
    def exported(*arguments):
        return [
            row["list"] for row in csv.DictReader(io.StringIO(decided("labels", "export", *arguments)[1]))
        ]

    assert exported("--mine") == exported("--scanner", "zoe", "--history") == ["good", "garbage"]
    first = log(decided)[-1]["decision_id"]
    assert exported("--since", first) == exported("--since", first, "--history") == ["garbage", "pm"]
    assert exported("--since", "2099-01-01") == []


def test_exports_that_cannot_be_are_said(decided, tmp_path):
    assert "--out" in decided("labels", "export", "--format", "parquet")[2]
    assert decided("labels", "export", "--history", "--encoding", "vra")[0] == 2
    assert decided("labels", "export", "--out", tmp_path)[0] == 2


def test_a_bundle_goes_out_and_its_labels_come_home_in_conflict_until_settled(decided, tmp_path):
    bundle = tmp_path / "laptop.db"
    assert "2 alerts" in decided("bundle", "out", bundle, "--alert", FIRST_ID, "--alert", "ATLAS23t001")[1]
    decided("decide", FIRST_ID, "attic", "--db", bundle, "--scanner", "eve")
    decided("decide", FIRST_ID, "pm")
    code, out, err = decided("bundle", "in", bundle)
    assert (code, out[:12]) == (0, "1 decisions,")
    assert "vra labels conflicts" in err
    (conflict,) = json.loads(decided("labels", "conflicts", "--json")[1])
    assert [(side["scanner"], side["list"]) for side in conflict["sides"]] == [
        ("eve", "attic"),
        ("zoe", "pm"),
    ]
    assert "eve" in decided("labels", "conflicts")[1]
    assert [row["atlas_id"] for row in json.loads(decided("list", "conflicts", "--json")[1])] == [FIRST_ID]
    decided("decide", FIRST_ID, "good")
    assert "No decisions" in decided("labels", "conflicts")[2]


def test_a_bundle_is_chosen_by_list_and_words(decided, tmp_path):
    code, out, _ = decided("bundle", "out", tmp_path / "a.db", "--list", "good", "--json")
    assert (code, json.loads(out)["alerts"]) == (0, 1)
    assert "2 alerts" in decided("bundle", "out", tmp_path / "b.db", "--filter", "rank>1", "--limit", "2")[1]
    for arguments in ((), ("--list", "attic"), ("--filter", "nonsense"), ("--list", "nonsense")):
        code, _, _ = decided("bundle", "out", tmp_path / "c.db", *arguments)
        assert code == 2
    assert not (tmp_path / "c.db").exists()


def test_a_team_exchanges_its_labels_by_a_shared_folder(decided, tmp_path, clock):
    elsewhere, shared = tmp_path / "elsewhere.db", tmp_path / "shared"
    make(elsewhere, clock)
    assert "There is no folder" in decided("labels", "sync", shared)[2]
    shared.mkdir()
    code, out, err = decided("labels", "sync", shared)
    assert (code, "3 decisions, 0 undos and 0 notes went to" in err) == (0, True)
    assert out.startswith("0 decisions, 0 undos and 0 notes are new, 0 were known, 0 refused")
    decided("decide", FIRST_ID + 1, "attic", "--scanner", "eve", "--db", elsewhere)
    _, out, err = decided("labels", "sync", shared, "--db", elsewhere)
    assert out.startswith("3 decisions, 0 undos and 0 notes are new, 0 were known, 0 refused")
    assert "1 decisions, 0 undos and 0 notes went to" in err
    decided("labels", "sync", shared)
    history = decided("labels", "export", "--history")[1]
    assert history == decided("labels", "export", "--history", "--db", elsewhere)[1]
    (shared / "labels-torn.jsonl").write_text('{"decision_id": "')
    code, _, err = decided("labels", "sync", shared)
    assert (code, "labels-torn.jsonl: line 1: this is no JSON" in err) == (1, True)


def test_epochs_are_marked_listed_exported_and_carried_to_another_store(decided, elsewhere, tmp_path):
    vra = decided
    assert "Nothing was said" in vra("mark", FIRST_ID)[2]
    when = "60000.5/o"
    said = vra("mark", FIRST_ID, "--epoch", when, "--epoch", "60000.49", "--bad", "--reason", "=ghost")[1]
    assert said.count(" bad ") == 2
    [first, second] = json.loads(vra("mark", FIRST_ID, "--json")[1])
    assert (first["section"], first["is_bad"], first["reason"]) == ("detections", True, "=ghost")
    vra("mark", FIRST_ID, "--epoch", "60000.49", "--good")
    table = list(csv.DictReader(io.StringIO(vra("labels", "export", "--epochs")[1])))
    assert [(row["mjd"], row["is_bad"], row["reason"]) for row in table] == [
        ("60000.5", "1", "'=ghost"), ("60000.49", "0", "")
    ]  # fmt: skip
    assert {(row["survey"], row["object_id"], row["label"]) for row in table} == {
        ("atlas", str(FIRST_ID), "good")
    }
    for form in ("csv", "jsonl"):
        history = tmp_path / f"history.{form}"
        vra("labels", "export", "--history", "--out", history)
        vra("labels", "import", history, "--db", elsewhere)
    there = json.loads(vra("mark", FIRST_ID, "--json", "--db", elsewhere)[1])
    assert [one["mark_id"] for one in there][:2] == [first["mark_id"], second["mark_id"]]
    assert len(there) == 3
    bundle = tmp_path / "bundle.db"
    vra("bundle", "out", bundle, "--alert", FIRST_ID)
    assert len(json.loads(vra("mark", FIRST_ID, "--json", "--db", bundle)[1])) == 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--epoch", "60000.5"), "Say --bad or --good"),
        (("--epoch", "60000.5", "--bad", "--good"), "Say --bad or --good"),
        (("--bad",), "Name the epochs"),
        (("--epoch", "soon", "--bad"), "no MJD"),
        (("--epoch", "60007.25", "--bad"), "the nearest are 60000.48000, 60000.49000, 60000.50000"),
        (("--epoch", "60000.5/r", "--bad"), "no epoch at MJD 60000.50000 in r"),
    ],
)
def test_an_epoch_that_is_none_is_not_marked(decided, words, why):
    code, _, error = decided("mark", FIRST_ID, *words)
    assert code == 2
    assert why in error
    assert json.loads(decided("mark", FIRST_ID, "--json")[1]) == []


def test_the_lasair_vras_table_is_taken_in_as_a_file_and_again(vra, store_path, clock, tmp_path):
    make(store_path, clock)
    table = tmp_path / "labels.csv"
    table.write_text(
        "diaSourceId,diaObjectId,label,timestamp,session_id,url\n"
        "17,170028460500000001,a,2026-03-01T00:00:00,s1,https://x\n"
        "18,170028460500000001,?,2026-03-01T00:00:00,s1,https://x\n"
    )
    code, out, error = vra("labels", "import", table)
    assert (code, out.split(" decisions")[0]) == (1, "1")
    assert "none of r, x, g, a, b, v" in error
    assert "1 were known" in vra("labels", "import", table)[1]
    table.write_text("a,b\n1,2\n")
    assert "is no table of decisions" in vra("labels", "import", table)[2]
