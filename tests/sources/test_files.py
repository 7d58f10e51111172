"""Files are recognised by what they hold, whatever their names; what is no alert is refused with help."""

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from tests.sources.made import (
    CSV,
    FORCED_TEXT,
    NAMES,
    NESTED_ROWS,
    container,
    every_format,
    message,
    parquet,
    read,
)
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.files import find_files, read_file
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import EpochTable, Packet

FORMS = {
    "json": ("json", 1), "json list": ("json", 3), "json lines": ("json", 3), "avro": ("avro", 9),
    "avro deflate": ("avro", 9), "avro snappy": ("avro", 9), "nested parquet": ("row", 9),
    "flat parquet": ("table", 2), "csv": ("table", 2), "forced": ("table", 1), "gzip": ("table", 2),
    "tar.gz": (None, 11), "tar": (None, 11),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("called", ["x", "x.json", "x.avro", "x.txt"])
@pytest.mark.parametrize("compress", [False, True])
def test_a_format_is_told_by_content_and_not_by_the_files_name(name, called, compress):
    form, count = FORMS[name]
    data = every_format()[name]
    is_gzip = data[:2] == b"\x1f\x8b"
    packets, refusals = read(gzip.compress(data) if compress and not is_gzip else data, called)
    assert not refusals
    assert len(packets) == count
    assert form is None or {packet.form for packet in packets} == {form}


def foreign() -> dict[str, tuple[bytes, str]]:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.json", "{}")
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (a)")
    sqlite = database.serialize()
    database.close()
    return {
        "fits": (b"SIMPLE  =                    T / conforms".ljust(2880), "FITS image"),
        "zip": (zipped.getvalue(), "unpack it"),
        "sqlite": (sqlite, "vra bundle in"),
        "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "Parquet or CSV"),
        "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
        "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        "xml": (b'<?xml version="1.0"?><voe:VOEvent/>', "VOEvent"),
        "utf-16": ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        "noise": (bytes(range(1, 256)) + bytes(50) + bytes(range(255)), "binary"),
        "elf": (b"\x7fELF\x00\x01{}", "binary"),
        "prose": (b"Dear scanner,\nthis is no light curve.\n", "no JSON and no table"),
        "empty": (b"", "empty"),
        "blank": (b" \n\t ", "empty"),
        "gzip in gzip": (gzip.compress(gzip.compress(b"{}")), "unpack it once"),
        "empty gzip": (gzip.compress(b""), "empty"),
        "labels": (b"name,label\nA,good\nB,bad\n", "no JSON and no table"),
        "features": (b"ra,dec,rank\n1.0,2.0,3.0\n", "--columns"),
        "no object": (b"[1, 2,, 3]", "something else"),
    }


@pytest.mark.parametrize("name", foreign())
def test_what_holds_no_alerts_is_refused_with_a_reason_that_helps(name):
    data, reason = foreign()[name]
    packets, refusals = read(data)
    assert not packets
    assert len(refusals) == 1
    assert reason in refusals[0].reason


def test_the_format_that_the_user_names_overrules_the_content():
    _, refusals = read(CSV.encode(), format="avro")
    assert "does not begin as an Avro file" in refusals[0].reason
    packets, _ = read(b"mjd mag\n60000 18\n", format="table")
    assert isinstance(packets[0].value, EpochTable)


def test_a_byte_order_mark_is_left_out():
    packets, refusals = read(b"\xef\xbb\xbf" + CSV.encode())
    assert [packet.value.object_id for packet in packets] == ["A1", "B2"]
    assert not refusals


def test_cut_off_and_damaged_gzip_gives_what_it_can_and_says_so():
    lines = "\n".join(json.dumps({"n": n, "pad": f"{n * n}"}) for n in range(20_000)).encode()
    data = gzip.compress(lines)
    packets, refusals = read(data[: len(data) // 2])
    assert 100 < len(packets) < 20_000
    assert "damaged" in refusals[-1].reason
    packets, refusals = read(gzip.compress(b"[1, {}]")[:-4])
    assert len(packets) == 2
    assert "damaged" in refusals[-1].reason


def test_what_unpacks_out_of_proportion_is_left_unread():
    bomb = gzip.compress(b'{"a": "' + b" " * (200 << 20) + b'"}')
    packets, refusals = read(bomb)
    assert not packets
    assert any("unpacks to more than" in refusal.reason for refusal in refusals)


def test_options_of_the_user_go_with_each_packet():
    for data in (b'{"a": 1}', FORCED_TEXT.encode(), parquet(NESTED_ROWS), container(), message(703)):
        packets, _ = read(data, name="N1", ra=1.0, dec=2.0)
        for packet in packets:
            assert packet.options == {"name": "N1", "ra": 1.0, "dec": 2.0}


def test_folders_are_searched_in_the_order_of_names_without_hidden_files(tmp_path: Path):
    for name in ("deep", ".git"):
        (tmp_path / name).mkdir()
    for name in ("b.json", "a.jsonl.gz", "deep/c.avro", ".hidden.json", ".git/config.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(find_files([tmp_path]))
    assert [path.name for path in found] == ["a.jsonl.gz", "b.json", "c.avro"]


def test_a_file_named_by_itself_is_read_even_if_hidden(tmp_path: Path):
    path = tmp_path / ".hidden.json"
    path.write_text("{}")
    assert list(find_files([path])) == [path]


def test_what_is_not_there_is_said(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    missing, empty = find_files([tmp_path / "nowhere.json", tmp_path / "empty"])
    assert "no such file" in missing.reason
    assert "holds no file" in empty.reason


@pytest.mark.parametrize("name", every_format())
def test_reading_tells_how_far_it_is(tmp_path: Path, name):
    path = tmp_path / "file"
    path.write_bytes(every_format()[name])
    sizes: list[int] = []
    list(read_file(path, Reading(), sizes.append))
    assert sum(sizes) == path.stat().st_size


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path):
    assert "cannot be read" in next(iter(read_file(tmp_path, Reading()))).reason


def test_a_name_with_escape_sequences_reaches_nobody(tmp_path: Path):
    path = tmp_path / "a\x1b[2Jb.json"
    path.write_bytes(b"")
    (refusal,) = read_file(path, Reading())
    assert isinstance(refusal, Refusal)
    assert "\x1b" not in refusal.source


def test_a_folder_of_packets_is_read_as_the_packets_one_by_one(tmp_path: Path):
    for number, name in enumerate(NAMES):
        (tmp_path / f"{name}.avro").write_bytes(container([{"objectId": name, "mag": None, "stamp": None}]))
        assert number < 9
    found = [piece for path in find_files([tmp_path]) for piece in read_file(path, Reading())]
    assert [piece.value["objectId"] for piece in found if isinstance(piece, Packet)] == NAMES
