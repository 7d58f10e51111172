"""What a store's history says comes back from a file to the last character."""

import csv
import io
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, api_object, ingest_objects, score_all
from tests.harness.quick import examples
from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.export.label_files import HISTORY_COLUMNS, NEEDED_COLUMNS, history_labels
from vra_tui.export.tables import (
    TableError,
    escaped,
    one_line,
    read_table,
    unescaped,
    without_quote,
    write_csv,
    write_jsonl,
    write_parquet,
)
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, OnScreen, add_note, decide, undo
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.merge import merge
from vra_tui.store.scanners import fault_of

#: Whatever a scanner may write, and what is written to do harm.
TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "=1+1",
        "'",
        "''=x",
        "'=x",
        "\\",
        "\\n",
        "\n=x",
        "\x1b]52;c;eA==\x07",
        "\u202e",
        "\t@x",
        " ",
        "a,b\"c'",
        "-1",
    ]
)
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=8).filter(
    lambda word: word.isprintable() and len(word.split()) == 1
)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(TEXT)
def test_a_cell_says_the_very_text_again(text):
    assert unescaped(escaped(text)) == text


@given(TEXT)
def test_a_cell_is_one_printable_line_that_starts_no_formula(text):
    cell = escaped(text)
    assert cell.isprintable()
    assert not cell.startswith(tuple("=+-@"))


@pytest.mark.parametrize("cell", ["\\", "a\\q", "\\x1", "\\u12", "\\UFFFFFFFF", "\\U00110000"])
def test_an_escape_that_there_is_not_is_refused(cell):
    with pytest.raises(ValueError, match="no escape"):
        unescaped(cell)


def written(rows, form):
    """The bytes of a table."""
    if form == "parquet":
        out = io.BytesIO()
        write_parquet(rows, HISTORY_COLUMNS, out)
        return out.getvalue()
    text = io.StringIO()
    if form == "csv":
        write_csv(rows, HISTORY_COLUMNS, text, escaped)
    else:
        write_jsonl(rows, text)
    return text.getvalue().encode()


def read(data, needed=NEEDED_COLUMNS):
    return list(read_table(io.BufferedReader(io.BytesIO(data)), "labels", needed))


@pytest.fixture(scope="module")
def alert_file(tmp_path_factory):
    from datetime import UTC, datetime

    from tests.factories import Clock

    path = tmp_path_factory.mktemp("alert") / "vra.db"
    clock = Clock(datetime(2026, 3, 1, tzinfo=UTC))
    store = open_store(path, durable=False)
    ingest_objects(store, [api_object()], clock)
    score_all(store, clock)
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path.read_bytes()


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    note=TEXT, scanner=TEXT.filter(lambda name: fault_of(name) is None), host=TEXT, model=TEXT,
    seconds=NUMBER,
    rank=NUMBER, tags=st.lists(WORDS, max_size=3), apart=TEXT.filter(bool),
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_history_comes_back_the_same(
    form, alert_file, tmp_path_factory, clock, note, scanner, host, model, seconds, rank, tags, apart
):
    folder = tmp_path_factory.mktemp("trip")
    for name in ("here", "there"):
        (folder / f"{name}.db").write_bytes(alert_file)
    here, there = (open_store(folder / f"{name}.db", durable=False) for name in ("here", "there"))
    by = Author(scanner, host)
    with transaction(here):
        seen = OnScreen(2, 0.1 + 0.2, None, 1e-300, rank, model or None, seconds, 60_001.0 + 1 / 3)
        first = decide(here, FIRST_ID, "good", by, clock(), seen, note=note, tags=tags)
        decide(here, FIRST_ID, "possible", by, clock(), seen, note=apart)
        undo(here, first, by, clock())
        add_note(here, FIRST_ID, apart, by, clock())
    data = written(history_labels(here), form)
    merged = merge(there, read(data), lambda refusal: pytest.fail(str(refusal)), now=clock())
    assert (merged.decisions, merged.undos, merged.notes) == (2, 1, 1)
    assert list(history_rows(there, HistoryQuery())) == list(history_rows(here, HistoryQuery()))
    assert written(history_labels(there), form) == data or form == "parquet"
    assert merge(there, read(data), now=clock()).known == 4
    for store in (here, there):
        store.close()


def test_a_csv_that_a_spreadsheet_saved_again_is_read(row):
    lines = written([row], "csv").decode().splitlines()
    again = "\ufeff" + "\r\n".join([*lines, "," * (len(HISTORY_COLUMNS) - 1)]) + "\r\n"
    whole, empty = read(again.encode())
    assert whole.value["note"] == "as it was"
    assert empty.position == "line 3"


@pytest.fixture
def row():
    values = dict.fromkeys(HISTORY_COLUMNS)
    return values | {
        "decision_id": "x",
        "survey": "atlas",
        "object_id": str(FIRST_ID),
        "list": "good",
        "note": "as it was",
        "label": "good",
    }


def test_a_table_of_something_else_is_refused_as_a_whole(row):
    with pytest.raises(TableError, match=r"no column decision_id, timestamp.*--history"):
        read(b"survey,object_id,label,list,scanner\n1,2,3,4,5")
    with pytest.raises(TableError, match=r"no column decision_id, timestamp.*--history"):
        read(b"atlas_id,label,list,scanner\n1,2,3,4")


@given(TEXT.map(one_line))
def test_a_cell_for_people_says_its_line_again(line):
    assert without_quote(one_line(line)) == line or line.startswith("'")


def test_broken_lines_of_csv_are_refused_by_themselves(row):
    good = written([row], "csv").decode()
    header, line = good.splitlines()
    bad = line.replace("as it was", "a \\z"), "1,2", line.replace("as it was", "x" * 200_000)
    found = read("\n".join([header, *bad, line]).encode())
    assert [type(piece) for piece in found] == [Refusal, Refusal, Refusal, InputPiece]
    assert [piece.position for piece in found] == ["line 2", "line 3", "line 4", "line 5"]
    assert "no escape" in found[0].reason
    assert f"2 cells under {len(HISTORY_COLUMNS)} columns" in found[1].reason


def test_bytes_that_are_no_utf_8_spoil_only_their_row(row, store):
    header, line = written([row], "csv").splitlines()
    found = read(b"\n".join([header, line.replace(b"as it was", b"\xff\xfe"), line]))
    assert found[1].value["note"] == "as it was"
    assert merge(store, found, now=datetime.now(UTC)).refused == 2  # the ids, too, are none


def test_broken_lines_of_json_are_refused_by_themselves(row):
    line = written([row], "jsonl").strip()
    deep = b'{"a":' * 5_000
    found = read(b"\n".join([line, b"{broken", deep, b'{"note":"' + b"x" * (2 << 20) + b'"}', b"", line]))
    kinds = [type(piece) for piece in found]
    assert kinds == [InputPiece, Refusal, Refusal, Refusal, InputPiece]
    assert "longer than 1 MB" in found[3].reason
    assert found[4].position == "line 6"


def test_a_broken_parquet_file_is_said_to_be_broken(row):
    with pytest.raises(TableError, match="broken Parquet"):
        read(written([row], "parquet")[:-20])


def test_an_empty_file_holds_nothing():
    assert read(b"") == []


def test_without_pyarrow_the_way_to_it_is_named(row, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TableError, match="vra-tui\\[parquet\\]"):
        written([row], "parquet")


def test_parquet_keeps_ids_whole(row):
    from pyarrow import parquet

    out = io.BytesIO()
    columns = [*HISTORY_COLUMNS, "atlas_id"]
    write_parquet([row | {"atlas_id": FIRST_ID}], columns, out)
    table = parquet.read_table(out)
    assert table.column_names == columns
    assert str(table.schema.field("object_id").type) == "string"
    assert str(table.schema.field("atlas_id").type) == "int64"
    assert table["atlas_id"].to_pylist() == [FIRST_ID]
    assert next(csv.reader([written([row], "csv").decode().splitlines()[0]])) == HISTORY_COLUMNS
