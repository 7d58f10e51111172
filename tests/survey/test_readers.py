"""Responses are read from whatever holds them, and what is broken is refused piece by piece."""

import gzip
import io
import json
from pathlib import Path

import pytest

from tests.factories import api_object
from vra_tui.survey import readers
from vra_tui.survey.readers import RawObject, find_files, read_file, read_stream
from vra_tui.survey.refusal import Refusal


def read(data: bytes, **options):
    found = list(read_stream(io.BytesIO(data), "here", **options))
    return [f for f in found if isinstance(f, RawObject)], [f for f in found if isinstance(f, Refusal)]


def ids(objects):
    return [found.value["object"]["id"] for found in objects]


OBJECTS = [api_object(n) for n in range(3)]
WANTED = [item["object"]["id"] for item in OBJECTS]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=2),
        "\n".join(map(json.dumps, OBJECTS)),
        "\n\n".join(map(json.dumps, OBJECTS)) + "\n",
        "\r\n".join(map(json.dumps, OBJECTS)),
    ],
    ids=["list", "pretty list", "lines", "blank lines", "windows lines"],
)
@pytest.mark.parametrize("compress", [False, True])
def test_a_file_may_hold_a_list_or_a_line_each_compressed_or_not(text, compress):
    data = gzip.compress(text.encode()) if compress else text.encode()
    objects, refusals = read(data)
    assert ids(objects) == WANTED
    assert not refusals


def test_a_file_may_hold_one_object():
    objects, refusals = read(json.dumps(OBJECTS[0], indent=1).encode())
    assert ids(objects) == WANTED[:1]
    assert not refusals


def test_a_large_file_is_cut_into_objects_with_the_same_result(monkeypatch):
    monkeypatch.setattr(readers, "_WHOLE_FILE_BYTES", 100)
    objects, refusals = read(json.dumps(OBJECTS).encode())
    assert ids(objects) == WANTED
    assert not refusals


def test_a_cut_off_list_gives_what_is_whole_and_says_where_the_rest_began():
    data = json.dumps(OBJECTS).encode()
    objects, refusals = read(data[:-10])
    assert ids(objects) == WANTED[:2]
    begin = data.rindex(b'{"object"')
    assert refusals[0].position == f"byte {begin}"
    assert "does not end" in refusals[0].reason


def test_a_broken_line_loses_only_itself():
    lines = [json.dumps(item) for item in OBJECTS]
    lines[1] = lines[1][:50]
    objects, refusals = read("\n".join(lines).encode())
    assert ids(objects) == [WANTED[0], WANTED[2]]
    assert refusals == [Refusal("here", "line 2", refusals[0].reason)]
    assert "not valid JSON" in refusals[0].reason


def test_a_line_too_long_is_skipped_unread_and_the_next_one_is_taken(monkeypatch):
    monkeypatch.setattr(readers, "MAX_OBJECT_BYTES", 20_000)
    long = json.dumps({"object": {"id": 1, "pad": "x" * 5_000_000}})
    objects, refusals = read(f"{long}\n{json.dumps(OBJECTS[1])}\n".encode(), lines=True)
    assert ids(objects) == WANTED[1:2]
    assert refusals[0].position == "line 1"
    assert "too long" in refusals[0].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x7fELF\x00\x01{}", "binary"),
        (b"hello", "something else"),
        (gzip.compress(b"x" * 5000, mtime=0)[:-9], "damaged"),
    ],
    ids=["empty", "blank", "binary", "text", "cut-off gzip"],
)
def test_a_file_that_is_something_else_is_refused_with_the_reason(data, reason):
    objects, refusals = read(data)
    assert not objects
    assert reason in refusals[0].reason


def test_nan_from_pythons_writer_is_read_so_that_the_object_can_be_judged():
    objects, _ = read(b'{"object": {"id": 1}, "rb_pix": NaN}')
    assert objects[0].value["rb_pix"] != objects[0].value["rb_pix"]


def test_json_nested_without_end_is_refused():
    deep = b'{"object": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    objects, refusals = read(deep)
    assert not objects
    assert refusals


def test_folders_are_searched_in_order_and_other_files_left_alone(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    for name in ("b.json", "a.jsonl.gz", "deep/c.ndjson", "notes.txt"):
        (tmp_path / name).write_text("{}")
    assert [p.name for p in find_files([tmp_path])] == ["a.jsonl.gz", "b.json", "c.ndjson"]


def test_what_is_not_there_is_said(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    missing, empty = find_files([tmp_path / "nowhere.json", tmp_path / "empty"])
    assert "no such file" in missing.reason
    assert "holds no file" in empty.reason


def test_reading_tells_how_far_it_is(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, OBJECTS)))
    sizes: list[int] = []
    list(read_file(path, sizes.append))
    assert sum(sizes) == path.stat().st_size


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path):
    assert "cannot be read" in next(iter(read_file(tmp_path))).reason
