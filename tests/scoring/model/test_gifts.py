"""Models are given away as one zip: the same bytes each time, and nothing but a model is taken in."""

import io
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scoring.model.test_trained import edit_card
from vra_tui.scoring.model import gifts
from vra_tui.scoring.model.gifts import export_model, import_model, looked_into, packed
from vra_tui.scoring.model.library import checksum, load_checked, shipped_default, user_models
from vra_tui.scoring.model.trained import ModelError


@pytest.fixture(scope="module")
def gift_bytes(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("gift") / "gift.zip"
    export_model(trained, target)
    return target.read_bytes()


@pytest.fixture
def gift(gift_bytes: bytes, tmp_path: Path) -> Path:
    return write(tmp_path / "gift.zip", gift_bytes)


def content_of(gift: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(gift) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(gift: Path, files: dict[str, bytes], *, with_manifest: bool = True) -> Path:
    """The gift with these files in place of its own, and a manifest that fits them."""
    if with_manifest:
        manifest = json.loads(files["made-up/manifest.json"])
        own = {name.partition("/")[2]: content for name, content in files.items()}
        manifest["files"] = {name: checksum(raw) for name, raw in own.items() if name != "manifest.json"}
        files = {**files, "made-up/manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(gift, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return gift


def refusal(gift: Path, name: str | None = None) -> str:
    before = sorted(user_models().rglob("*")) if user_models().exists() else []
    with pytest.raises(ModelError) as refused:
        import_model(gift, name)
    assert (sorted(user_models().rglob("*")) if user_models().exists() else []) == before
    return str(refused.value)


def test_a_model_arrives_as_it_was_and_is_not_in_use(gift: Path, model_folder: Path) -> None:
    received = import_model(gift)
    assert received.folder == user_models() / "made-up"
    assert {path.name: path.read_bytes() for path in received.folder.iterdir()} == {
        path.name: path.read_bytes() for path in model_folder.iterdir()
    }
    assert load_checked(received.folder).card == load_checked(model_folder).card
    assert not (user_models() / "in-use").exists()


def test_the_same_model_gives_the_same_bytes_wherever_it_lies(model_folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(model_folder, tmp_path / "elsewhere" / "renamed"))
    for path in other.iterdir():
        path.chmod(0o600)
    assert packed(model_folder) == packed(other)
    assert packed(import_model(write(tmp_path / "g.zip", packed(model_folder))).folder) == packed(
        model_folder
    )


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_zip_packed_anew_by_another_program_is_taken_too(gift: Path) -> None:
    files = content_of(gift)
    with zipfile.ZipFile(gift, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("made-up")
        for name in reversed(files):
            archive.writestr(name, files[name])
    assert import_model(gift).is_new


def test_a_shipped_model_is_there_already(tmp_path: Path) -> None:
    target = tmp_path / "shipped.zip"
    export_model(shipped_default(), target)
    received = import_model(target)
    assert (received.is_new, received.folder) == (False, shipped_default())


def test_another_name_is_on_its_card_and_with_its_scores(gift: Path) -> None:
    received = import_model(gift, "of-a-friend")
    model = load_checked(received.folder)
    assert (model.name, model.folder.name) == ("of-a-friend", "of-a-friend")


def test_the_same_model_again_is_there_already(gift: Path) -> None:
    import_model(gift)
    again = import_model(gift)
    assert (again.is_new, again.folder.name) == (False, "made-up")


@pytest.mark.parametrize("name", ["made-up", "MADE-UP"])
def test_a_name_that_is_taken_is_refused_with_another_to_take(gift: Path, name: str) -> None:
    import_model(gift)
    edit_card(user_models() / "made-up", lambda card: card.update(purpose="mine"))
    assert "--name" in refusal(gift, name)


@pytest.mark.parametrize("name", ["starter", "Starter", "../out", "a/b", "", ".hidden", "x" * 300])
def test_names_that_no_model_can_have_are_refused(gift: Path, name: str) -> None:
    refusal(gift, name)


def test_a_file_that_is_there_is_not_written_over(model_folder: Path, gift: Path) -> None:
    before = gift.read_bytes()
    with pytest.raises(ModelError, match="is there already"):
        export_model(model_folder, gift)
    assert gift.read_bytes() == before


def test_a_damaged_model_is_not_given_away(model_folder: Path, tmp_path: Path) -> None:
    (model_folder / "day1.pgal.ubj").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="checksum"):
        export_model(model_folder, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


Spoil = Callable[[dict[str, bytes]], None]


def rename(old: str, new: str) -> Spoil:
    return lambda files: files.update({new: files.pop(old)})


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (rename("made-up/card.json", "../card.json"), "no part of a model"),
        (rename("made-up/card.json", "/etc/card.json"), "no part of a model"),
        (rename("made-up/card.json", "made-up/../../card.json"), "no part of a model"),
        (rename("made-up/card.json", "..\\card.json"), "no part of a model"),
        (rename("made-up/card.json", "made-up\\card.json"), "no part of a model"),
        (rename("made-up/card.json", "other/card.json"), "one model"),
        (rename("made-up/card.json", "made-up/deeper/card.json"), "no part of a model"),
        (lambda files: files.update({"made-up/setup.py": b"import os"}), "no part of a model"),
        (lambda files: files.update({"made-up/model.pkl": b"\x80\x04."}), "no part of a model"),
        (lambda files: files.update({"made-up/more.ubj": b"?"}), "not in its manifest"),
        (lambda files: files.pop("made-up/day1.pgal.ubj"), "missing"),
        (lambda files: files.pop("made-up/manifest.json"), "has no manifest"),
        (lambda files: files.update({"made-up/manifest.json": b"{}"}), "manifest"),
        (lambda files: files.update({"made-up/manifest.json": b"[" * 100_000}), "manifest"),
        (lambda files: files.update({"made-up/day1.pgal.ubj": b"other"}), "checksum differs"),
        (lambda files: [files.update({f"made-up/{n}.ubj": b""}) for n in range(100)], "entries"),
    ],
)
def test_a_zip_that_is_no_model_is_refused_and_leaves_nothing(gift: Path, spoil: Spoil, why: str) -> None:
    files = content_of(gift)
    spoil(files)
    assert why in refusal(zipped(gift, files, with_manifest=False))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda card: card.update(name="duck-9"), "names the model duck-9"),
        (lambda card: card.update(name="starter"), "starter"),
        (lambda card: card.update(format=99), "newer"),
        (lambda card: card["stages"]["day1"]["questions"]["preal"].update(feature_set="moon-1"), "moon-1"),
        (
            lambda card: card["stages"]["day1"]["questions"]["preal"].update(feature_set="stream-1"),
            "not in its set stream-1",
        ),
        (lambda card: card["stages"].pop("dayN"), "dayN"),
        (
            lambda card: card["stages"]["day1"]["questions"]["preal"]["boosters"][0].update(file="../x.ubj"),
            "file",
        ),
    ],
)
def test_a_card_that_promises_what_the_files_do_not_hold_is_refused(gift: Path, change, why: str) -> None:
    files = content_of(gift)
    card = json.loads(files["made-up/card.json"])
    change(card)
    files["made-up/card.json"] = json.dumps(card).encode()
    assert why in refusal(zipped(gift, files))


def test_trees_that_are_none_are_refused_though_every_checksum_is_right(gift: Path) -> None:
    files = content_of(gift)
    card = json.loads(files["made-up/card.json"])
    booster = card["stages"]["day1"]["questions"]["pgal"]["boosters"][0]
    files[f"made-up/{booster['file']}"] = b"{L\xff\xff\xff\xff\xff\xff\xff\xff"
    for stage in card["stages"].values():
        for one in stage["questions"]["pgal"]["boosters"]:
            if one["file"] == booster["file"]:
                one["sha256"] = checksum(files[f"made-up/{booster['file']}"])
    files["made-up/card.json"] = json.dumps(card).encode()
    assert "trees" in refusal(zipped(gift, files))


def test_a_card_with_another_mixture_is_taken_in_and_its_figures_are_not_to_be_compared(gift: Path) -> None:
    files = content_of(gift)
    card = json.loads(files["made-up/card.json"])
    card["stages"]["day1"]["validation"]["mixture"] = {"good": 0.5, "garbage": 0.5}
    files["made-up/card.json"] = json.dumps(card).encode()
    (remark,) = import_model(zipped(gift, files)).remarks
    assert "another mixture of labels (good 50.0%, garbage 50.0%)" in remark


def test_links_in_a_zip_are_refused(gift: Path) -> None:
    files = content_of(gift)
    with zipfile.ZipFile(gift, "w") as archive:
        for name, raw in files.items():
            entry = zipfile.ZipInfo(name)
            is_link = name.endswith("card.json")
            entry.external_attr = (stat.S_IFLNK if is_link else stat.S_IFREG) << 16
            archive.writestr(entry, b"/etc/passwd" if is_link else raw)
    assert "link" in refusal(gift)


def test_a_file_that_stands_twice_in_a_zip_is_refused(gift: Path) -> None:
    with zipfile.ZipFile(gift, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("made-up/card.json", b"{}")
    assert "twice" in refusal(gift)


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_unpacks_to(
    gift: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = content_of(gift)
    monkeypatch.setattr(gifts, "MAX_FILE_BYTES", 1 << 20)
    files["made-up/day1.pgal.ubj"] = bytes(1 << 21)
    assert "larger than 1 MB" in refusal(zipped(gift, files))
    monkeypatch.setattr(gifts, "MAX_GIFT_BYTES", 1 << 20)
    assert "unpacks to more than 1 MB" in refusal(gift)
    lying = bytearray(gift.read_bytes())
    size = (1 << 21).to_bytes(4, "little")
    gift.write_bytes(lying.replace(size, (100).to_bytes(4, "little")))
    refusal(gift)


@pytest.mark.parametrize("at", [0, 10, 100, -30, -1])
def test_a_cut_or_garbled_zip_is_refused(gift: Path, at: int) -> None:
    whole = gift.read_bytes()
    gift.write_bytes(whole[:at])
    refusal(gift)
    garbled = bytearray(whole)
    garbled[at] ^= 0xFF
    gift.write_bytes(bytes(garbled))
    try:
        assert packed(import_model(gift).folder) == whole  # a byte that says nothing
    except ModelError:
        assert not (user_models() / "made-up").exists()


@pytest.mark.parametrize("what", ["folder", "missing", "pipe"])
def test_what_is_no_file_is_refused(what: str, tmp_path: Path) -> None:
    import os

    path = tmp_path / "gift.zip"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    refusal(path)


def test_an_encrypted_entry_is_refused(gift: Path) -> None:
    raw = bytearray(gift.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(signature)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(signature, at + 1)
    gift.write_bytes(bytes(raw))
    assert "encrypted" in refusal(gift)


def test_a_gift_can_be_looked_into_before_it_is_taken_in(gift: Path, model_folder: Path) -> None:
    assert looked_into(gift) == load_checked(model_folder).card
    assert not user_models().exists()
    files = content_of(gift)
    files["made-up/setup.py"] = b"import os"
    with pytest.raises(ModelError, match="no part of a model"):
        looked_into(zipped(gift, files, with_manifest=False))


def test_the_zip_holds_data_alone(gift: Path) -> None:
    names = zipfile.ZipFile(io.BytesIO(gift.read_bytes())).namelist()
    assert {Path(name).suffix for name in names} == {".json", ".ubj"}
