"""Files made to fill memory or time cost little of either, and what is sound beside them goes in."""

import gzip
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.factories import api_object
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline import ingest as pipeline
from vra_tui.pipeline.ingest import read_paths
from vra_tui.sources import bytes as bytes_module
from vra_tui.sources.files import read_file
from vra_tui.sources.reading import Reading
from vra_tui.store.connection import open_store

pytestmark = pytest.mark.slow

MEGABYTE = 1 << 20
#: Address space of the whole ingest, libraries (some 600 MB) included: what a bomb would overrun at once.
LIMIT = 1_400 * MEGABYTE

_INGEST = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))
sys.argv = ["vra", "ingest", *sys.argv[1:]]
from vra_tui.cli import main
main()
"""


def gzipped(pieces, level: int = 9) -> bytes:
    """Pieces of bytes as one gzip stream, without holding them unpacked."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(piece) for piece in pieces), packer.flush()])


def ingest(folder: Path, db: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", _INGEST, str(folder), "--db", str(db)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_bombs_are_refused_in_little_memory_and_the_rest_goes_in(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    good = json.dumps(api_object(1)).encode()
    blank = b" " * MEGABYTE
    files = {
        "0-good.json": good,
        "blank.json.gz": gzipped(blank for _ in range(9)),
        "zeros.json.gz": gzipped(bytes(MEGABYTE) for _ in range(20)),
        "string.json.gz": gzipped([b'{"object": "', *(b"a" * MEGABYTE for _ in range(80)), b'"}']),
        "line.jsonl.gz": gzipped([b'{"object": "', *(b"a" * MEGABYTE for _ in range(18)), b'"}\n']),
        "nothing.json": b"[" + b"{}," * 20_000,
        "lists.json": b'{"object": [' + b"[]," * (5 * MEGABYTE) + b"[]]}",
        "deep.json": b"[" * 5_000_000,
        "deep-object.json": good[:-1] + b', "x": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
        "deep-lines.jsonl": b'{"a":' * 100_000 + b"\n" + good.replace(b"0001", b"0002", 1),
        "digits.json": b'{"object": {"id": ' + b"9" * 1_000_000 + b"}}",
        "nested.json.gz": gzip.compress(gzip.compress(good)),
        "archive.json": b"PK\x03\x04" + bytes(100),
        "backslashes.json": b'{"object": "' + b"\\\\" * (9 * MEGABYTE) + b'"}',
        "z-good.json": json.dumps(api_object(3)).encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    run = ingest(folder, tmp_path / "s" / "v.db")
    assert run.returncode == 1, run.stderr[-2_000:]
    assert run.stdout.startswith("3 new"), run.stdout
    for name in files.keys() - {"0-good.json", "z-good.json"}:
        assert f"{name}:" in run.stderr, name
    for said in ("not a zip file", "gzip inside gzip", "unpacks to more than", "deeper than", "too long"):
        assert said in run.stderr
    assert len(run.stderr) < MEGABYTE


def found_in(path: Path) -> list:
    return list(read_paths([path]))


def test_what_unpacks_out_of_proportion_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(bytes_module, "UNPACKED_FREELY", 16 * MEGABYTE)
    bomb = tmp_path / "b.jsonl.gz"
    line = json.dumps(api_object(1)).encode() + b"\n"
    bomb.write_bytes(gzipped([line, *(b" " * MEGABYTE + b"\n" for _ in range(100))]))
    objects, refusal = found_in(bomb)
    assert objects.value["object"]["id"] == api_object(1)["object"]["id"]
    assert "more than 200 times its size" in refusal.reason


def test_real_data_do_not_unpack_out_of_proportion(tmp_path, monkeypatch):
    monkeypatch.setattr(bytes_module, "UNPACKED_FREELY", 0)
    path = tmp_path / "same.jsonl.gz"
    # The same night over and over compresses as well as any stream could.
    path.write_bytes(gzip.compress(b"\n".join(json.dumps(api_object(n)).encode() for n in range(300))))
    assert not [found for found in found_in(path) if isinstance(found, Refusal)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        ('{"object": {"name": "caf\u00e9"}}'.encode("latin-1"), "not valid JSON"),
        (b"PK\x03\x04\x14\x00", "not a zip file"),
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (gzip.compress(b"{}")[:-6], "damaged"),
        (b"\x1f\x8bnonsense", "damaged"),
    ],
    ids=["UTF-16", "picture", "latin 1", "zip", "empty", "only a mark", "cut gzip", "nonsense"],
)
def test_what_is_no_json_is_named_for_what_it_is(tmp_path, data, said):
    path = tmp_path / "x.json"
    path.write_bytes(data)
    # What a cut file holds whole is taken in before the cut is reported.
    (refusal,) = [found for found in found_in(path) if isinstance(found, Refusal)]
    assert said in refusal.reason


def test_a_mark_of_byte_order_before_utf_8_is_left_out(tmp_path):
    for name, indent in (("a.json", 1), ("b.jsonl", None)):
        (tmp_path / name).write_text(json.dumps(api_object(1), indent=indent), encoding="utf-8-sig")
        (found,) = found_in(tmp_path / name)
        assert found.value == api_object(1)


def test_of_a_key_that_is_there_twice_the_last_counts_however_it_is_read(tmp_path):
    for constant in ("1", "NaN"):  # NaN is read by another parser
        (tmp_path / "x.json").write_text(f'{{"object": 1, "object": 2, "x": {constant}}}')
        (found,) = found_in(tmp_path / "x.json")
        assert found.value["object"] == 2


def test_halves_of_characters_are_read_as_question_marks(tmp_path):
    (tmp_path / "x.json").write_bytes(b'{"a\\udc00": ["x\\ud800y", "\\ud83d\\ude00", "\xed\xa0\x80"]}')
    (found,) = found_in(tmp_path / "x.json")
    assert found.value == {"a?": ["x?y", "\U0001f600", "?"]}


def test_pipes_links_in_circles_and_files_that_cannot_be_read_in_a_folder_hold_nothing_up(tmp_path):
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "up").symlink_to(folder)
    (folder / "round.json").symlink_to(folder / "round.json")
    (folder / "device.json").symlink_to("/dev/zero")
    (folder / "dangling.json").symlink_to(tmp_path / "nowhere.json")
    os.mkfifo(folder / "pipe.json")
    (folder / "good.json").write_text(json.dumps(api_object(1)))
    (found,) = found_in(folder)
    assert found.source.endswith("good.json")


@pytest.mark.parametrize("name", ["round.json", "x" * 5_000, "a\x00b"])
def test_a_path_that_leads_nowhere_is_refused(tmp_path, name):
    (tmp_path / "round.json").symlink_to(tmp_path / "round.json")
    (refusal,) = found_in(tmp_path / name)
    assert isinstance(refusal, Refusal)


def test_a_device_named_by_itself_is_read_no_further_than_its_head():
    (refusal,) = found_in(Path("/dev/zero"))
    assert "binary" in refusal.reason


def test_a_file_that_grows_while_it_is_read_is_read_to_where_it_ends_then(tmp_path):
    path = tmp_path / "growing.jsonl"
    line = json.dumps(api_object(1)).encode() + b"\n"
    path.write_bytes(line * 2)
    reading = read_file(path, Reading())
    first = next(reading)
    with path.open("ab") as file:
        file.write(line + line[: len(line) // 2])
    rest = list(reading)
    assert not isinstance(first, Refusal)
    assert len(rest) >= 1
    assert all(not isinstance(found, Refusal) for found in rest[:1])


def test_a_file_name_that_is_no_utf_8_is_told_and_kept_like_any_other(tmp_path, clock):
    path = tmp_path / os.fsdecode(b"caf\xe9\x1b[2J.json")
    path.write_text("{")
    connection = open_store(tmp_path / "s" / "v.db")
    assert pipeline.ingest(connection, read_paths([path]), clock=clock).refused == 1
    (source,) = connection.execute("SELECT source FROM rejected").fetchone()
    assert source.endswith("caf.json")
    connection.close()


def test_a_file_of_nothing_but_refusals_is_told_shortly_and_not_read_to_its_end(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(pipeline, "_TOLD_IN_A_ROW", 10)
    monkeypatch.setattr(pipeline, "_GIVEN_UP_AFTER", 500)
    (tmp_path / "a.jsonl").write_bytes(b"{}\n" * 100_000)
    lines = [*[b"{}"] * 400, json.dumps(api_object(1)).encode(), *[b"{}"] * 400]
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(lines))
    told: list[Refusal] = []
    given_up: set[str] = set()
    connection = open_store(tmp_path / "s" / "v.db")
    intake = pipeline.ingest(
        connection,
        read_paths([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], given_up=given_up),
        clock=clock, on_refusal=told.append, given_up=given_up,
    )  # fmt: skip
    assert (intake.new, intake.refused) == (1, 500 + 800)
    assert given_up == {str(tmp_path / "a.jsonl")}
    assert len(told) < 40
    assert "the rest is not read" in told[10].reason
    assert [refusal.reason for refusal in told if "390 more" in refusal.reason]
    connection.close()
