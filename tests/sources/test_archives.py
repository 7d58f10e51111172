"""Archives are read member by member, and nothing of them is written to disk."""

import gzip

import pytest

from tests.sources.made import CSV, NAMES, container, read, tar

MEMBERS = {
    "night/a.avro": container(),
    "night/.hidden.avro": container(),
    "__MACOSX/night/a.avro": container(),
    "../../b.csv.gz": gzip.compress(CSV.encode()),
    "c.json": b'{"a": 1}',
    "notes.txt": b"hello\n",
    "d.fits": b"SIMPLE  =                    T".ljust(2880),
}


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_members_are_read_and_folders_links_and_hidden_files_passed_over(mode):
    packets, refusals = read(tar(MEMBERS, mode), "x.tar.gz")
    assert len(packets) == len(NAMES) + 2 + 1
    assert packets[0].source == "x.tar.gz:night/a.avro"
    assert {refusal.source for refusal in refusals} == {"x.tar.gz:notes.txt", "x.tar.gz:d.fits"}


def test_an_archive_inside_an_archive_is_refused():
    packets, refusals = read(tar({"in.tar.gz": tar(MEMBERS), "c.json": b"{}"}))
    assert len(packets) == 1
    assert "archive inside an archive" in refusals[0].reason


def test_a_cut_off_archive_gives_what_came_before():
    data = tar({f"{n}.json": b'{"a": "%d"}' % n + b" " * 3000 for n in range(50)}, "w")
    packets, refusals = read(data[: len(data) // 2])
    assert 10 < len(packets) < 50
    assert refusals


def test_a_cut_off_compressed_archive_gives_what_came_before():
    members = {f"{n}.json": b'{"a": "%d"}' % (n**9) for n in range(3000)}
    data = tar(members)
    packets, refusals = read(data[: len(data) // 2])
    assert 100 < len(packets) < 3000
    assert any("damaged" in refusal.reason for refusal in refusals)


def test_a_damaged_header_does_not_pass_for_the_end_of_the_archive():
    data = bytearray(tar({"a.json": b"{}", "b.json": b"{}"}, "w"))
    at = data.index(b"b.json")
    data[at : at + 300] = b"\xff" * 300
    packets, refusals = read(bytes(data))
    assert [packet.source for packet in packets] == ["here:a.json"]
    assert "what follows is not read" in refusals[0].reason


def test_no_member_is_written_to_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    read(tar(MEMBERS))
    assert not list(tmp_path.iterdir())
