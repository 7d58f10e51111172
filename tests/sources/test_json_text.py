"""JSON is read from whatever holds it, and what is broken is refused piece by piece."""

import gzip
import json
import math

import pytest

from tests.factories import api_object
from tests.sources.made import read
from vra_tui.domain.refusal import Refusal
from vra_tui.sources import files, json_text

OBJECTS = [api_object(n) for n in range(3)]
WANTED = [item["object"]["id"] for item in OBJECTS]


def ids(packets):
    return [packet.value["object"]["id"] for packet in packets]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=2),
        json.dumps(OBJECTS)[:-1] + ",]",
        "\n".join(map(json.dumps, OBJECTS)),
        "\n\n".join(map(json.dumps, OBJECTS)) + "\n",
        "\r\n".join(map(json.dumps, OBJECTS)),
        "\n".join(json.dumps(item, indent=1) for item in OBJECTS),
        ",\n".join(map(json.dumps, OBJECTS)) + ",",
    ],
    ids=["list", "pretty", "trailing comma", "lines", "blank lines", "windows lines", "pretty one by one",
         "lines with commas"],
)  # fmt: skip
@pytest.mark.parametrize("compress", [False, True])
def test_a_file_may_hold_a_list_or_objects_one_by_one(text, compress):
    packets, refusals = read(gzip.compress(text.encode()) if compress else text.encode())
    assert ids(packets) == WANTED
    assert not refusals


def test_a_file_may_hold_one_object():
    packets, refusals = read(json.dumps(OBJECTS[0], indent=1).encode())
    assert ids(packets) == WANTED[:1]
    assert not refusals


def test_a_large_file_is_cut_into_objects_with_the_same_result(monkeypatch):
    monkeypatch.setattr(json_text, "WHOLE_FILE_BYTES", 100)
    monkeypatch.setattr(files, "WHOLE_FILE_BYTES", 100)
    packets, refusals = read(json.dumps(OBJECTS).encode())
    assert ids(packets) == WANTED
    assert not refusals


def test_a_cut_off_list_gives_what_is_whole_and_says_where_the_rest_began():
    data = json.dumps(OBJECTS).encode()
    packets, refusals = read(data[:-10])
    assert ids(packets) == WANTED[:2]
    begin = data.rindex(b'{"object"')
    assert refusals[0].position == f"byte {begin}"
    assert "does not end" in refusals[0].reason


def test_a_broken_line_loses_only_itself():
    lines = [json.dumps(item) for item in OBJECTS]
    lines[1] = lines[1][:50]
    packets, refusals = read("\n".join(lines).encode())
    assert ids(packets) == [WANTED[0], WANTED[2]]
    assert refusals == [Refusal("here", "line 2", refusals[0].reason)]
    assert "not valid JSON" in refusals[0].reason


def test_a_line_too_long_is_skipped_unread_and_the_next_one_is_taken(monkeypatch):
    monkeypatch.setattr(json_text, "MAX_OBJECT_BYTES", 20_000)
    long = json.dumps({"object": {"id": 1, "pad": "x" * 5_000_000}})
    packets, refusals = read(f"{long}\n{json.dumps(OBJECTS[1])}\n".encode(), "a.jsonl")
    assert ids(packets) == WANTED[1:2]
    assert refusals[0].position == "line 1"
    assert "too long" in refusals[0].reason


def test_nan_and_infinity_from_pythons_writer_are_read_so_that_the_packet_can_be_judged():
    packets, _ = read(b'{"a": NaN, "b": -Infinity, "c": [NaN]}')
    assert math.isnan(packets[0].value["a"])
    assert packets[0].value["b"] == -math.inf


def test_a_line_with_nan_is_a_line():
    packets, refusals = read(b'{"a": NaN}\n{"a": 2}\n')
    assert len(packets) == 2
    assert not refusals


def test_whole_numbers_of_19_digits_stay_exact():
    packets, _ = read(b'{"diaObjectId": 313637921267122191, "x": NaN}')
    assert packets[0].value["diaObjectId"] == 313637921267122191


def test_halves_of_characters_become_question_marks():
    packets, _ = read(b'{"a": "\\ud83d x"}')
    packets[0].value["a"].encode()


def test_json_nested_without_end_is_refused():
    packets, refusals = read(b'{"object": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")
    assert not packets
    assert refusals
