"""Archives are read member by member, and nothing of them is written to disk."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.sources.made import CSV, NAMES, container, read, tar
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.files import read_file
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import Packet

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


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    """A zip file, with a folder beside the members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("night/", b"")
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def read_path(path: Path) -> tuple[list[Packet], list[Refusal]]:
    """Packets and refusals of a file on disk."""
    found = list(read_file(path, Reading()))
    return [f for f in found if isinstance(f, Packet)], [f for f in found if isinstance(f, Refusal)]


def test_a_zip_is_read_as_a_tar_with_the_same_members(tmp_path):
    packets, refusals = read_path(zipped(tmp_path / "x.zip", MEMBERS))
    (tmp_path / "x.tar").write_bytes(tar(MEMBERS, "w"))
    same, alike = read_path(tmp_path / "x.tar")
    assert [packet.value for packet in packets[:9]] == [packet.value for packet in same[:9]]
    assert len(packets) == len(same)
    assert [refusal.reason for refusal in refusals] == [refusal.reason for refusal in alike]


def test_of_a_zip_a_damaged_member_is_refused_by_itself(tmp_path):
    path = zipped(tmp_path / "x.zip", {f"{n}.json": b'{"a": "%d"}' % ((n + 2) ** 400) for n in range(3)})
    data = bytearray(path.read_bytes())
    at = data.index(b"1.json") + len("1.json")
    data[at : at + 20] = b"\xff" * 20
    path.write_bytes(bytes(data))
    packets, refusals = read_path(path)
    assert [packet.source for packet in packets] == [f"{path}:0.json", f"{path}:2.json"]
    assert [refusal.source for refusal in refusals] == [f"{path}:1.json"]


def test_a_cut_off_zip_and_one_that_unpacks_to_too_much_are_refused(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a.json": b"{}" * 500})
    path.write_bytes(path.read_bytes()[:-30])
    assert "damaged" in read_path(path)[1][0].reason
    bomb = zipped(tmp_path / "bomb.zip", {"a.json": b" " * (80 << 20), "b.json": b"{}"})
    packets, refusals = read_path(bomb)
    assert len(packets) == 1
    assert "200 times" in refusals[0].reason


def test_headers_of_a_long_archive_are_not_kept(monkeypatch):
    kept = []
    monkeypatch.setattr(
        tarfile.TarFile,
        "extractfile",
        lambda archive, member: kept.append(len(archive.members)) or io.BytesIO(b"{}"),
    )
    read(tar({f"{n}.json": b"{}" for n in range(50)}))
    assert max(kept) <= 1
