"""A watched folder: whole files once, in any order of arrival, whatever program drops them there."""

import json
import os
from pathlib import Path

import pytest

from tests.factories import api_object
from tests.sources.wires.conftest import MadeTime, MadeTools
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import Delivery, SourceError, SourceSettings, Stopped, WireFault
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dropped" / "night").mkdir(parents=True)
    return tmp_path / "dropped"


def put(folder: Path, name: str, *numbers: int, at: float = 1.7e9) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(api_object(number)) + "\n" for number in numbers))
    os.utime(path, (at, at))
    return path


def opened(folder: Path, tools: MadeTools, **options: object):
    return open_wire(SourceSettings("drop", "folder", {"path": str(folder), **options}), tools.made())


def ids(deliveries) -> list[str]:
    atlas = installed_surveys()["atlas"]
    return [
        atlas.alert(piece).object_id
        for one in deliveries
        for piece in one.pieces
        if isinstance(piece, Packet) and not piece.is_repeat
    ]


def id_of(number: int) -> str:
    return str(api_object(number)["object"]["id"])


def kept(deliveries) -> dict[str, str]:
    return {part: at for one in deliveries for part, at in one.positions.items()}


def test_files_come_once_the_newest_first_from_sub_folders_too(folder: Path, tools: MadeTools):
    put(folder, "a.json", 0, at=1.7e9)
    put(folder, "night/b.json", 1, 2, at=1.7e9 + 5)
    wire = opened(folder, tools)
    first = list(wire.query({}))
    assert ids(first) == [id_of(1), id_of(2), id_of(0)]
    assert {piece.source for one in first for piece in one.pieces} == {"drop"}
    assert first[0].pieces[1].position == "night/b.json: line 2"
    assert list(wire.query(kept(first))) == []


def test_a_file_that_changed_comes_again_and_what_stood_in_it_is_known(folder: Path, tools: MadeTools):
    put(folder, "a.jsonl", 0, 1)
    wire = opened(folder, tools)
    first = list(wire.query({}))
    tools.known.update(piece.digest for one in first for piece in one.pieces)
    put(folder, "a.jsonl", 0, 1, 2, at=1.7e9 + 60)
    assert ids(wire.query(kept(first))) == [id_of(2)]


def test_a_copy_under_another_name_is_known_by_its_bytes(folder: Path, tools: MadeTools):
    put(folder, "a.jsonl", 0, 1)
    wire = opened(folder, tools)
    first = list(wire.query({}))
    tools.known.update(piece.digest for one in first for piece in one.pieces)
    put(folder, "b.jsonl", 0, 1)
    (second,) = wire.query(kept(first))
    assert [piece.is_repeat for piece in second.pieces] == [True, True]


@pytest.mark.parametrize("name", [".a.json.x7Qz", "a.json.part", "a.json~", ".rsync/a.json", "a.json.TMP"])
def test_what_copying_programs_have_not_finished_is_left_alone(name: str, folder: Path, tools: MadeTools):
    (folder / name).parent.mkdir(exist_ok=True)
    put(folder, name, 0)
    assert list(opened(folder, tools).query({})) == []


def test_a_file_that_still_grows_is_left_for_the_next_time(folder: Path, tools: MadeTools):
    path = put(folder, "a.json", 0)
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    put(folder, "b.json", 1)

    class Growing(MadeTime):
        def wait(self, seconds: float) -> None:
            super().wait(seconds)
            path.write_bytes(whole)

    tools.time = Growing()
    first = list(opened(folder, tools).query({}))
    assert ids(first) == [id_of(1)]
    tools.time = MadeTime()
    assert ids(opened(folder, tools).query(kept(first))) == [id_of(0)]


def test_a_file_that_changes_while_it_is_read_comes_again(folder: Path, tools: MadeTools):
    path = put(folder, "a.jsonl", *range(250))
    wire = opened(folder, tools)
    deliveries = wire.query({})
    first = next(deliveries)
    os.utime(path, (1.7e9 + 9, 1.7e9 + 9))
    rest = list(deliveries)
    assert len(ids([first, *rest])) == 250
    assert kept([first, *rest]) == {}


def test_a_long_file_comes_in_pieces_and_its_position_with_the_last(folder: Path, tools: MadeTools):
    put(folder, "a.jsonl", *range(450))
    deliveries = list(opened(folder, tools).query({}))
    assert [len(one.pieces) for one in deliveries] == [200, 200, 50]
    assert [len(one.positions) for one in deliveries] == [0, 0, 1]


def test_a_broken_file_is_refused_by_itself_and_not_read_again(folder: Path, tools: MadeTools):
    (folder / "broken.json").write_text('{"object": ')
    put(folder, "good.json", 0)
    wire = opened(folder, tools)
    first = list(wire.query({}))
    refused = [piece for one in first for piece in one.pieces if isinstance(piece, Refusal)]
    assert refused
    assert all(piece.position.startswith("broken.json") for piece in refused)
    assert ids(first) == [id_of(0)]
    assert list(wire.query(kept(first))) == []


def test_only_files_of_the_pattern_are_taken(folder: Path, tools: MadeTools):
    put(folder, "a.json", 0)
    put(folder, "a.log", 1)
    assert ids(opened(folder, tools, pattern="*.json").query({})) == [id_of(0)]


def test_links_to_folders_and_what_is_no_file_are_left_alone(folder: Path, tools: MadeTools):
    put(folder, "night/a.json", 0)
    (folder / "again").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.json")
    assert ids(opened(folder, tools).query({})) == [id_of(0)]


def test_a_folder_is_followed_and_files_are_taken_when_they_are_whole(folder: Path, tools: MadeTools):
    """A file dropped in three writes, each seen by a look at the folder, comes once and whole."""
    path = folder / "a.json"
    whole = json.dumps(api_object(0)).encode()
    parts = [whole[:50], whole[:500], whole]

    class Dropping(MadeTime):
        looks = 0

        def wait(self, seconds: float) -> None:
            super().wait(seconds)
            if self.looks < len(parts):
                path.write_bytes(parts[self.looks])
            self.looks += 1
            if self.looks == 12:
                raise Stopped

    tools.time = Dropping()
    came: list[Delivery] = []
    with pytest.raises(Stopped):
        came.extend(opened(folder, tools, every=1.0, settle=3.0).follow({}))
    assert ids(came) == [id_of(0)]
    assert not [piece for one in came for piece in one.pieces if isinstance(piece, Refusal)]
    assert list(kept(came)) == ["a.json"]


def test_a_folder_that_goes_away_is_a_fault_in_words(tmp_path: Path, tools: MadeTools):
    wire = opened(tmp_path / "gone", tools)
    with pytest.raises(WireFault, match="No such file"):
        list(wire.query({}))
    with pytest.raises(WireFault, match="cannot look into"):
        wire.check()


def test_a_test_counts_the_files(folder: Path, tools: MadeTools):
    put(folder, "a.json", 0)
    assert "1 file" in opened(folder, tools).check().message


@pytest.mark.parametrize(
    ("options", "why"),
    [({"path": ""}, "`path`"), ({"pth": "x"}, "is it `path`"), ({"format": "xml"}, "`format`")],
)
def test_options_that_cannot_be_used_are_named(options: dict, why: str, tools: MadeTools):
    with pytest.raises(SourceError, match=why):
        open_wire(SourceSettings("drop", "folder", options), tools.made())


def test_a_file_whose_name_is_no_text_is_taken_like_any_other(folder: Path, tools: MadeTools):
    path = put(folder, "a.json", 0)
    os.rename(os.fsencode(path), os.fsencode(folder) + b"/\xff\xfe.json")
    found = list(opened(folder, tools).query({}))
    assert ids(found) == [id_of(0)]
    (name,) = kept(found)
    assert name.encode()
    assert list(opened(folder, tools).query(kept(found))) == []


def test_two_files_whose_names_are_no_texts_are_told_apart(folder: Path, tools: MadeTools):
    for number, name in enumerate((b"/\xff.json", b"/\xfe.json")):
        os.rename(os.fsencode(put(folder, "a.json", number)), os.fsencode(folder) + name)
    found = list(opened(folder, tools).query({}))
    assert sorted(ids(found)) == [id_of(0), id_of(1)]
    assert len(kept(found)) == 2
