"""Labels come out whole, once each, in the encodings that others read."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from vra_tui.domain.refusal import InputPiece
from vra_tui.export.files import ExportError, replaced
from vra_tui.export.label_files import (
    HISTORY_COLUMNS,
    PLAIN_COLUMNS,
    VRA_COLUMNS,
    history_columns,
    history_labels,
    label_counts,
    labels_elsewhere,
    plain_columns,
    standing_labels,
    vra_encoded,
)
from vra_tui.export.tables import write_csv, write_jsonl
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.label_names import OwnLabel, enter_own
from vra_tui.store.log import HistoryQuery
from vra_tui.store.merge import merge

ZOE = Author("zoe", "summit")


@pytest.fixture
def decided(store, clock):
    """Alert n filed by the n-th decision there is, one undone, and one discarded by the machine."""
    ingest_objects(store, [api_object(n) for n in range(len(DECISIONS) + 1)], clock)
    score_all(store, clock)
    ingest_objects(store, [api_object(50)], clock)
    score_all(store, clock, preal=0.01, pgal=0.9)
    with transaction(store):
        for number, name in enumerate(DECISIONS):
            decide(store, FIRST_ID + number, "garbage", ZOE, clock())
            decide(store, FIRST_ID + number, name, ZOE, clock(), note=f"as {name}")
        undone = decide(store, FIRST_ID + len(DECISIONS), "good", ZOE, clock())
        undo(store, undone, ZOE, clock())
    return store


def test_there_is_one_row_a_standing_decision_with_what_was_on_screen(decided):
    rows = list(standing_labels(decided))
    assert [row["list"] for row in rows] == list(DECISIONS)
    assert [int(row["object_id"]) - FIRST_ID for row in rows] == list(range(len(DECISIONS)))
    first = rows[0]
    assert list(first) == plain_columns(decided) == [*PLAIN_COLUMNS, "atlas_id"]
    assert (first["survey"], first["object_id"], first["atlas_id"]) == ("atlas", str(FIRST_ID), FIRST_ID)
    assert (first["label"], first["scanner"], first["note"], first["model"]) == (
        "garbage", "zoe", "as garbage", "fixed-1",
    )  # fmt: skip
    assert first["preal"] == 0.9
    assert first["rank"] == pytest.approx(9.0, abs=0.1)


def test_the_machines_own_decisions_are_labels_only_when_asked_for(decided):
    rows = standing_labels(decided, HistoryQuery(with_machine=True))
    machine = [row for row in rows if row["scanner"] == "vra"]
    assert [int(row["object_id"]) - FIRST_ID for row in machine] == [50]


def test_the_vra_encoding_is_that_of_the_survey(decided):
    rows = {row["list"]: row for row in vra_encoded(decided, standing_labels(decided))}
    assert set(rows) == set(DECISIONS) - {"eyeball"}
    assert all(list(row) == list(VRA_COLUMNS) for row in rows.values())
    encoded = {name: (row["preal"], row["pgal"], row["pfast"]) for name, row in rows.items()}
    assert encoded["followup"] == (1.0, 0.0, 0.5)
    assert encoded["garbage"] == (0.0, None, None)
    assert encoded["pm"] == (0.0, 1.0, None)
    assert rows["good"]["rank"] == pytest.approx(10)
    assert rows["attic"]["is_gal_cand"] == 1


def test_a_surveys_own_label_is_exported_counted_and_encoded_by_what_it_teaches(store, clock):
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    enter_own(
        store,
        [OwnLabel("agn", "x", 1.0, None, None), OwnLabel("variable", "x", 1.0, 1.0, None),
         OwnLabel("mover", "x", 0.0, None, None)],
    )  # fmt: skip
    with transaction(store):
        for n, name in enumerate(("agn", "variable", "mover")):
            decide(store, FIRST_ID + n, name, ZOE, clock())
    assert [row["label"] for row in standing_labels(store)] == ["real", "galactic", "garbage"]
    assert {row["list"]: row["label"] for row in label_counts(store)}["agn"] == "real"
    encoded = [(row["preal"], row["pgal"], row["rank"]) for row in vra_encoded(store, standing_labels(store))]
    assert encoded == [(1.0, None, None), (1.0, 1.0, pytest.approx(5.53, abs=0.01)), (0.0, None, None)]


def test_a_note_taken_apart_from_a_decision_comes_out_with_it(store, clock):
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock)
    with transaction(store):
        add_note(store, FIRST_ID, "spectrum tonight", ZOE, clock())
        decide(store, FIRST_ID, "followup", ZOE, clock())
    assert next(standing_labels(store))["note"] == "spectrum tonight"


def test_notes_come_out_in_the_order_in_which_they_were_taken_not_in_which_they_arrived(store, clock):
    ingest_objects(store, [api_object()], clock)
    early, late = clock(), clock()
    with transaction(store):
        decide(store, FIRST_ID, "good", ZOE, clock())
        # Labels travel: the later note was here first.
        add_note(store, FIRST_ID, "second", ZOE, late)
        add_note(store, FIRST_ID, "first", ZOE, early)
    assert next(standing_labels(store))["note"] == "first | second"


def test_csv_and_jsonl_hold_the_same(decided):
    text, lines = io.StringIO(), io.StringIO()
    assert write_csv(standing_labels(decided), PLAIN_COLUMNS, text) == len(DECISIONS)
    assert write_jsonl(standing_labels(decided), lines) == len(DECISIONS)
    from_csv = list(csv.DictReader(io.StringIO(text.getvalue())))
    from_json = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [row["decision_id"] for row in from_csv] == [row["decision_id"] for row in from_json]
    assert [row["object_id"] for row in from_csv] == [row["object_id"] for row in from_json]


@pytest.mark.parametrize(
    ("note", "cell"),
    [
        ("=HYPERLINK(A1)", "'=HYPERLINK(A1)"),
        ("+1", "'+1"),
        ("@x", "'@x"),
        ('two\nlines, quoted "x"', 'two lines, quoted "x"'),
        ("\x1b[31mred", "red"),
    ],
)
def test_cells_can_neither_run_in_a_spreadsheet_nor_move_a_cursor(note, cell):
    out = io.StringIO()
    write_csv([{"note": note}], ["note"], out)
    assert next(csv.DictReader(io.StringIO(out.getvalue())))["note"] == cell


def test_counts_are_by_list_and_scanner(decided):
    counts = {(row["list"], row["scanner"]): row["decisions"] for row in label_counts(decided)}
    assert counts[("garbage", "zoe")] == 1
    assert counts[("garbage", "vra")] == 1


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("before")

    def fail() -> None:
        with replaced(path) as file:
            file.write("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with replaced(path) as file:
        file.write("after")
    assert path.read_text() == "after"


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_lost(tmp_path):
    with pytest.raises(ExportError, match="untouched"), replaced(tmp_path / "nowhere" / "labels.csv"):
        pass


@pytest.fixture
def mixed(decided):
    """Alerts of ATLAS and, of decisions alone, of ZTF; one of them with a label of its own."""
    rows = [
        {
            "decision_id": f"01a20364-804b-715b-85af-{n:012x}", "survey": "ztf",
            "object_id": f"ZTF18aaaaaa{n}", "list": name, "scanner": "ada", "host": "far",
            "timestamp": "2026-03-01T00:00:00+00:00",
        }
        for n, name in enumerate(["good", "agn"])
    ]  # fmt: skip
    merged = merge(
        decided, [InputPiece("f", "row", row) for row in rows], now=datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert merged.decisions == 2
    put_alert(decided, "ztf", "ZTF18aaaaaa0")
    put_alert(decided, "ztf", "ZTF18aaaaaa1")
    return decided


def put_alert(store, survey, object_id):
    """An alert of which no more is known than where and when."""
    import numpy as np

    from vra_tui.domain.alert import Alert
    from vra_tui.store.codes import Codes
    from vra_tui.store.intake import put_alerts

    alert = Alert(survey, object_id, 60_000.0, {"ra": 1.0, "dec": 2.0, "t0_mjd": 60_000.0})
    put_alerts(store, [alert], "2026-03-01", lambda ra, dec: np.zeros(len(ra)), Codes(store))


def test_every_row_names_survey_and_object_and_the_id_of_atlas_stands_only_where_all_are(mixed):
    rows = list(standing_labels(mixed))
    assert all(list(row) == plain_columns(mixed) == PLAIN_COLUMNS for row in rows)
    found = [(row["object_id"], row["list"], row["label"]) for row in rows if row["survey"] == "ztf"]
    assert found == [("ZTF18aaaaaa0", "good", "good"), ("ZTF18aaaaaa1", "agn", "")]
    assert history_columns(mixed) == HISTORY_COLUMNS
    assert all(list(row) == HISTORY_COLUMNS for row in history_labels(mixed))
    # Of the selection, not of the store.
    zoe, ada = HistoryQuery(scanner="zoe"), HistoryQuery(scanner="ada")
    assert plain_columns(mixed, zoe) == [*PLAIN_COLUMNS, "atlas_id"]
    assert plain_columns(mixed, ada) == PLAIN_COLUMNS
    columns = history_columns(mixed, zoe)
    assert columns == [*PLAIN_COLUMNS, "atlas_id", *HISTORY_COLUMNS[len(PLAIN_COLUMNS) :]]
    for row in history_labels(mixed, zoe):
        assert list(row) == columns
        assert str(row["atlas_id"]) == row["object_id"]


def test_no_integer_of_the_store_leaves_it(mixed):
    inside = {str(row[0]) for row in mixed.execute("SELECT alert_id FROM objects WHERE survey = 'ztf'")}
    assert len(inside) == 2
    lines = io.StringIO()
    write_jsonl(standing_labels(mixed), lines)
    write_jsonl(history_labels(mixed), lines)
    assert not [number for number in inside if number in lines.getvalue()]
    assert "alert_id" not in lines.getvalue()


def test_who_reads_an_empty_table_misses_no_column(store, mixed):
    nobody = HistoryQuery(scanner="nobody")
    assert plain_columns(store, nobody) == [*PLAIN_COLUMNS, "atlas_id"]
    assert sorted(history_columns(store, nobody)) == sorted([*HISTORY_COLUMNS, "atlas_id"])


def test_the_table_of_the_atlas_server_holds_atlas_alone_and_says_how_many_are_left_out(mixed):
    rows = list(vra_encoded(mixed, standing_labels(mixed)))
    assert {row["username"] for row in rows} == {"zoe"}
    assert all(isinstance(row["transient_object_id"], int) for row in rows)
    assert labels_elsewhere(mixed) == 2


def test_labels_of_a_surveys_own_are_counted(mixed):
    counts = {(row["list"], row["label"], row["scanner"]): row["decisions"] for row in label_counts(mixed)}
    assert counts["agn", "", "ada"] == 1
    assert counts["good", "good", "ada"] == counts["good", "good", "zoe"] == 1
