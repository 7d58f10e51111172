"""A model made by a stranger is data: nothing in it runs, and what is wrong with it is refused."""

import ast
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vra_tui
from tests.hostile.conftest import unfit
from tests.hostile.corpus import EVERYTHING
from vra_tui.scoring.model.library import load_checked, shipped_default
from vra_tui.scoring.model.trained import CARD_FILE, ModelError, load_model
from vra_tui.scoring.model.trees import TreesFault, check_trees

ROOT = Path(vra_tui.__file__).parent
#: Modules and functions that run what a file says.
RUNS_CODE = {"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "torch", "yaml", "runpy", "code"}
CALLS = {"eval", "exec", "compile", "__import__"}


@pytest.fixture
def model(tmp_path) -> Path:
    return Path(shutil.copytree(shipped_default(), tmp_path / "model"))


def rewritten(folder: Path, change) -> Path:
    """The model with its card changed."""
    card = json.loads((folder / CARD_FILE).read_text())
    change(card)
    (folder / CARD_FILE).write_text(json.dumps(card))
    return folder


def first_booster(card: dict) -> dict:
    stage = next(iter(card["stages"].values()))
    return next(iter(stage["questions"].values()))["boosters"][0]


def test_no_module_uses_what_runs_code_from_a_file():
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not RUNS_CODE & {name.partition(".")[0] for name in names}, path
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", None)
                assert called not in CALLS, path
                assert getattr(node.func, "attr", None) not in ("read_pickle", "to_pickle", "unsafe_load"), (
                    path
                )
                pickles = [word.value for word in node.keywords if word.arg == "allow_pickle"]
                assert all(isinstance(one, ast.Constant) and one.value is False for one in pickles), path


@pytest.mark.parametrize(
    "name",
    [
        "../model/x.ubj",
        "/etc/passwd",
        "..\\x.ubj",
        "a/b.ubj",
        "..ubj/../../x.ubj",
        "x.pkl",
        "x.ubj\n",
        "\x1b[2J.ubj",
    ],
)
def test_a_card_cannot_name_files_outside_its_folder(model, name):
    with pytest.raises(ModelError, match="cannot be used"):
        load_model(rewritten(model, lambda card: first_booster(card).update(file=name)))


@pytest.mark.parametrize("kind", ["booster", "card"])
def test_links_out_of_the_folder_are_not_followed(model, tmp_path, kind):
    name = CARD_FILE if kind == "card" else first_booster(json.loads((model / CARD_FILE).read_text()))["file"]
    elsewhere = tmp_path / "elsewhere"
    shutil.move(model / name, elsewhere)
    (model / name).symlink_to(elsewhere)
    with pytest.raises(ModelError, match="leads out of"):
        load_model(model)


@pytest.mark.parametrize("where", ["/dev/zero", "pipe", "folder", "huge"])
def test_what_is_no_plain_file_of_a_models_size_is_not_read(model, where):
    name = first_booster(json.loads((model / CARD_FILE).read_text()))["file"]
    (model / name).unlink()
    if where == "pipe":
        os.mkfifo(model / name)
    elif where == "folder":
        (model / name).mkdir()
    elif where == "huge":
        with (model / name).open("wb") as file:
            file.truncate(1 << 40)  # holes: it takes no room
    else:
        (model / name).symlink_to(where)
    with pytest.raises(ModelError):
        load_model(model)


def test_an_altered_file_is_told_by_its_checksum(model):
    name = first_booster(json.loads((model / CARD_FILE).read_text()))["file"]
    data = bytearray((model / name).read_bytes())
    data[len(data) // 2] ^= 1
    (model / name).write_bytes(data)
    with pytest.raises(ModelError, match="checksum"):
        load_model(model)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"null", b"[" * 100_000, b'{"format": ' + b"9" * 10_000 + b"}", b"\xff\xfe",
     b'{"format": 1e999}', b'{"format": NaN}', b'{"a": "\\ud800"}'],
    ids=["empty", "list", "null", "deep", "digits", "bytes", "infinite", "NaN", "surrogate"],
)  # fmt: skip
def test_a_card_that_is_none_is_refused(model, text):
    (model / CARD_FILE).write_bytes(text)
    with pytest.raises(ModelError):
        load_model(model)


def test_a_card_of_hostile_words_is_shown_as_text(vra, model):
    words = EVERYTHING.encode("utf-8", "replace").decode()

    def change(card: dict) -> None:
        card.update(purpose=words, created=words, not_for=[words], caveats=[words], library={words: words})
        for stage in card["stages"].values():
            stage["data"]["source"] = words

    rewritten(model, change)
    for arguments in (
        ["models", "show", model],
        ["models", "show", model, "--json"],
        ["models", "use", model],
    ):
        written = vra(*arguments)
        assert written.code == 0
        assert not unfit(written.stdout) | unfit(written.stderr)
    rewritten(model, lambda card: card.update(name=words))
    written = vra("models", "list")
    assert words[:3].encode() not in written.stdout
    assert not unfit(written.stdout) | unfit(written.stderr)


_LOAD = """
import sys
from pathlib import Path
import numpy as np
from vra_tui.scoring.model.trained import ModelError
from vra_tui.scoring.model.library import load_checked
from vra_tui.scoring.training.boosters import margin
for folder in sys.argv[1:]:
    try:
        model = load_checked(Path(folder))
        for stage in model.card.stages.values():
            for question in stage.questions.values():
                for card in question.boosters:
                    margin(model.booster(card), np.full((3, len(card.features)), 0.5))
        print("loaded", flush=True)
    except ModelError as error:
        print("refused", flush=True)
"""


def fuzzed(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    kind = chance.randrange(4)
    if kind == 0:
        return bytes(changed[: chance.randrange(len(changed))])
    if kind == 1:
        return chance.randbytes(200)
    for _ in range(chance.choice((1, 4, 40))):
        # The head of the file holds its structure: lengths, types, names.
        at = chance.randrange(min(len(changed), 4_000) if chance.random() < 0.7 else len(changed))
        changed[at] = chance.choice((0, 0x7F, 0x80, 0xFF, changed[at] ^ (1 << chance.randrange(8))))
    return bytes(changed)


@pytest.mark.slow
def test_trees_of_nonsense_with_the_right_checksum_are_refused_without_harm(model, tmp_path):
    chance = random.Random(7)
    names = first_booster(json.loads((model / CARD_FILE).read_text()))["file"]
    data = (model / names).read_bytes()
    folders = []
    for number in range(30):
        folder = Path(shutil.copytree(model, tmp_path / f"m{number}"))
        nonsense = fuzzed(chance, data)
        (folder / names).write_bytes(nonsense)

        def change(card: dict, checksum: str = hashlib.sha256(nonsense).hexdigest()) -> None:
            for stage in card["stages"].values():
                for question in stage["questions"].values():
                    for booster in question["boosters"]:
                        if booster["file"] == names:
                            booster["sha256"] = checksum

        folders.append(str(rewritten(folder, change)))
    run = subprocess.run([sys.executable, "-c", _LOAD, *folders], capture_output=True, text=True, check=False)
    assert run.returncode == 0, (run.stdout.count("\n"), run.stderr[-2_000:])
    assert "refused" in run.stdout
    assert run.stdout.count("\n") == len(folders)
    load_checked(shipped_default())


def trees_with(change, place: int = 0) -> bytes:
    """The shipped trees as XGBoost writes them after a change to one of them."""
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(shipped_default() / "dayN.preal.ubj")
    content = json.loads(booster.save_raw("json"))
    change(content["learner"]["gradient_booster"]["model"]["trees"][place], content["learner"])
    return as_ubj(content)


def as_ubj(value) -> bytes:
    """A value as UBJSON, its arrays of whole numbers as XGBoost has them."""

    def length(count: int) -> bytes:
        return b"L" + count.to_bytes(8, "big")

    if isinstance(value, dict):
        inner = b"".join(length(len(key)) + key.encode() + as_ubj(item) for key, item in value.items())
        return b"{" + inner + b"}"
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return b"[$l#" + length(len(value)) + np.array(value, ">i4").tobytes()
    if isinstance(value, list):
        return b"[#" + length(len(value)) + b"".join(map(as_ubj, value))
    if isinstance(value, str):
        return b"S" + length(len(value)) + value.encode()
    return (
        b"l" + value.to_bytes(4, "big") if isinstance(value, int) else b"d" + np.array(value, ">f4").tobytes()
    )


CHANGES = {
    "in circles": lambda tree, learner: tree["left_children"].__setitem__(1, 1),
    "to its root": lambda tree, learner: tree["right_children"].__setitem__(1, 0),
    "out of the tree": lambda tree, learner: tree["left_children"].__setitem__(0, 10**6),
    "below nothing": lambda tree, learner: tree["left_children"].__setitem__(0, -5),
    "no such feature": lambda tree, learner: tree["split_indices"].__setitem__(0, 10**6),
    "other nodes": lambda tree, learner: tree["tree_param"].update(num_nodes="900000000"),
    "short": lambda tree, learner: tree["split_conditions"].pop(),
    "classes": lambda tree, learner: learner["learner_model_param"].update(num_class="5"),
    "features": lambda tree, learner: learner["learner_model_param"].update(num_feature="1"),
    "groups": lambda tree, learner: learner["gradient_booster"]["model"]["tree_info"].__setitem__(0, 7),
    "linear": lambda tree, learner: learner["gradient_booster"].update(name="gblinear"),
    "parents": lambda tree, learner: tree["parents"].__setitem__(1, 3),
    "categories": lambda tree, learner: tree["split_type"].__setitem__(0, 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("place", [0, 30, -1])
def test_trees_that_lead_astray_are_refused_before_xgboost_sees_them(change, place):
    with pytest.raises(TreesFault):
        check_trees(trees_with(change, place), 11)


def test_the_shipped_trees_and_the_same_written_anew_are_sound():
    check_trees(trees_with(lambda tree, learner: None), 11)
    load_checked(shipped_default())
