"""Messages as brokers frame them: JSON, Avro files, Confluent framing, keys that are schemas, and poison."""

import io
import json
from pathlib import Path

import fastavro
import pytest

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.messages import MAX_BYTES, Messages, parsed_schema
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

SCHEMA = {
    "type": "record", "name": "alert", "namespace": "lsst.v10_0",
    "fields": [{"name": "diaSourceId", "type": "long"}, {"name": "band", "type": "string"}],
}  # fmt: skip
VALUE = {"diaSourceId": 7, "band": "r"}


def bare(value: dict = VALUE) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(SCHEMA), value)
    return out.getvalue()


def container(*values: dict) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, fastavro.parse_schema(SCHEMA), values, sync_interval=1)
    return out.getvalue()


def read(value: bytes, key: bytes | None = None, messages: Messages | None = None) -> list[Packet | Refusal]:
    return list((messages or Messages("night", Reading())).pieces(value, key, "t[0]@5"))


def framed(number: int = 1000) -> bytes:
    return b"\x00" + number.to_bytes(4, "big") + bare()


def test_json_avro_files_and_keys_that_are_schemas_are_told_by_their_bytes():
    for value, key in (
        (json.dumps(VALUE).encode(), b"313637921267122191"),
        (container(VALUE), None),
        (bare(), json.dumps(SCHEMA).encode()),
    ):
        (piece,) = read(value, key)
        assert isinstance(piece, Packet)
        assert (piece.value, piece.position, piece.source) == (VALUE, "t[0]@5", "night")
        assert piece.digest == Reading().digest(value)


def test_the_schema_of_a_framed_message_comes_from_the_users_folder_and_is_read_once(tmp_path: Path):
    folder = tmp_path / "10.0"
    folder.mkdir()
    messages = Messages("night", Reading(schemas=tmp_path))
    (first,) = read(framed(), messages=messages)
    assert isinstance(first, Refusal)
    assert "10.0" in first.reason
    (folder / "lsst.v10_0.alert.avsc").write_text(json.dumps(SCHEMA))
    # One that was not there is looked for again; one that was found is not.
    (second,) = read(framed(), messages=messages)
    (folder / "lsst.v10_0.alert.avsc").unlink()
    (third,) = read(framed(), messages=messages)
    for piece in (second, third):
        assert isinstance(piece, Packet)
        assert (piece.value, piece.schema) == (VALUE, "lsst.v10_0.alert")


def test_a_registry_is_asked_once_for_a_schema():
    asked: list[int] = []

    def registry(number: int) -> object:
        asked.append(number)
        if number != 1000:
            raise Refused(f"the registry holds no schema {number}")
        return parsed_schema(json.dumps(SCHEMA))

    messages = Messages("night", Reading(), registry)
    pieces = [read(framed(number), messages=messages)[0] for number in (1000, 1000, 9)]
    assert [isinstance(piece, Packet) for piece in pieces] == [True, True, False]
    assert asked == [1000, 9]


def test_an_avro_file_of_several_records_is_several_packets_at_one_place():
    pieces = read(container(VALUE, {**VALUE, "diaSourceId": 8}))
    assert [piece.position for piece in pieces] == ["t[0]@5, record 1", "t[0]@5, record 2"]


def test_what_was_taken_in_before_is_not_decoded_again():
    known = {Reading().digest(b"{broken")}
    (piece,) = read(b"{broken", messages=Messages("night", Reading(is_known=known.__contains__)))
    assert isinstance(piece, Packet)
    assert piece.is_repeat


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b"", None),
        (b"{", None),
        (b"\xff\xfe", None),
        (b"\x00", None),
        (b"\x00\x00\x00\x03\xe8", None),
        (b"Obj\x01", None),
        # Its sync marker is drawn anew each time: cases are named the same in every process.
        pytest.param(container(VALUE)[:-9], None, id="cut off"),
        (bare()[:-1], json.dumps(SCHEMA).encode()),
        (b"\x80" * 12, json.dumps(SCHEMA).encode()),
        (bare(), b'{"type": "no type"}'),
        pytest.param(b"x" * (MAX_BYTES + 1), None, id="too long"),
    ],
)
def test_poison_is_refused_and_breaks_nothing(value: bytes, key: bytes | None):
    messages = Messages("night", Reading())
    assert any(isinstance(piece, Refusal) for piece in read(value, key, messages))
    assert isinstance(read(json.dumps(VALUE).encode(), None, messages)[0], Packet)


@pytest.mark.parametrize("version", ["7.4", "10.0", "11.0"])
def test_real_rubin_packets_in_their_frame_become_alerts(version: str, real_data: Path):
    from fastavro.schema import load_schema

    major, minor = version.split(".")
    schemas = real_data / "lsst_schemas"
    schema = load_schema(str(schemas / version / f"lsst.v{major}_{minor}.alert.avsc"))
    with (real_data / "lsst_alerts" / f"fakeAlert_v{major}_{minor}.avro").open("rb") as file:
        record = next(iter(fastavro.reader(file)))
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, record)
    value = b"\x00" + (int(major) * 100 + int(minor)).to_bytes(4, "big") + out.getvalue()
    (piece,) = read(value, messages=Messages("rubin", Reading(schemas=schemas)))
    assert isinstance(piece, Packet), piece
    assert installed_surveys().recognise(piece).name == "lsst"


def test_real_messages_of_lasairs_stream_become_alerts(real_data: Path):
    stream = json.loads((real_data / "lasair" / "lsst_stream_20260205.json").read_text())
    messages = Messages("lasair", Reading())
    pieces = [piece for one in stream for piece in read(json.dumps(one).encode(), messages=messages)]
    lsst = installed_surveys()["lsst"]
    alerts = [lsst.alert(piece) for piece in pieces if isinstance(piece, Packet)]
    assert len(alerts) == len(stream) == 64
