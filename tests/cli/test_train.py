import sys
from pathlib import Path

import pytest

from tests.harness.labelled_store import make_labelled_store
from tests.scoring.synthetic import labelled_rows, write_tables
from vra_tui.cli import main
from vra_tui.scoring.model.library import default_model, user_models
from vra_tui.scoring.model.trained import load_model
from vra_tui.scoring.training.boosters import EVEN_MIXTURE

pytestmark = pytest.mark.slow


def train(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["vra", "train", "--name", "mine", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def day1(tmp_path: Path) -> list[str]:
    features, labels = write_tables(tmp_path, labelled_rows(), "day1")
    return ["--stage", "day1", "--features", str(features), "--labels", str(labels), "--repeats", "1"]


def test_a_model_is_trained_described_saved_and_not_put_in_use(
    day1: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = default_model()
    assert train(monkeypatch, *day1, "--date", "2026-01-02", "--plot") == 0
    shown = capsys.readouterr()
    assert "day1: objects it never saw" in shown.out
    assert "rb_pix alone" in shown.out
    assert "AuRaK combined rank" in shown.out
    assert "not in use" in shown.out
    assert "cross-validation 1/1" in shown.err
    assert load_model(user_models() / "mine").card.created == "2026-01-02"
    assert default_model() == before


def test_an_existing_model_stays_unless_forced(
    day1: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train(monkeypatch, *day1)
    assert train(monkeypatch, *day1, "--seed", "2") == 2
    assert "--force" in capsys.readouterr().err
    assert load_model(user_models() / "mine").card.seed == 1
    assert train(monkeypatch, *day1, "--seed", "2", "--force") == 0
    assert load_model(user_models() / "mine").card.seed == 2


@pytest.mark.parametrize("name", ["../mine", "..", "", "a b", "-x"])
def test_a_name_that_is_no_folder_name_is_refused(
    name: str, day1: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(monkeypatch, *day1, f"--name={name}") == 2
    assert "cannot be the name of a model" in capsys.readouterr().err
    assert not user_models().exists()


def test_tables_come_with_their_labels_and_stage(
    day1: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(monkeypatch, *day1[2:]) == 2
    assert "--stage, --features and --labels are needed together" in capsys.readouterr().err
    assert train(monkeypatch, *day1[:4]) == 2
    assert "--features and --labels are needed together" in capsys.readouterr().err
    assert not user_models().exists()


def test_p_fast_is_added_to_a_model_and_described(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.pipeline.test_fast_training import made_rows
    from vra_tui.pipeline import fast_training

    monkeypatch.setattr(
        fast_training, "teaching_rows", lambda alerts, seed, progress: made_rows(seed=seed % 97)
    )
    assert train(monkeypatch, "--question", "pfast", "--base", "duck-1", "--date", "2026-01-02") == 0
    shown = capsys.readouterr().out
    assert "pfast: fast against normal, slow, none" in shown
    assert "of vra-fast-1" in shown
    assert "not in use" in shown
    assert "pfast" in load_model(user_models() / "mine").questions("dayN")


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("labelled") / "labelled.db"
    make_labelled_store(path, 240, seed=3, workers=1, mixture=EVEN_MIXTURE)
    return ["--db", str(path)]


def test_without_tables_the_labels_of_the_store_are_counted_learnt_and_compared(
    labelled: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = default_model()
    assert train(monkeypatch, *labelled, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "day1: 240 rows of 240 alerts (galactic " in shown
    assert "Enough to train dayN." in shown
    assert not user_models().exists()
    assert train(monkeypatch, *labelled, "--repeats", "1") == 0
    shown = capsys.readouterr().out
    assert "by: truth 240" in shown
    assert "against duck-2 on the same 240 held-out rows of 240 objects" in shown
    assert "`vra models use mine` puts it in use" in shown
    assert [line.split(":")[0] for line in shown.splitlines()[-3:-1]] == [
        "day1 against duck-2",
        "dayN against duck-2",
    ]
    assert default_model() == before
    assert list(load_model(user_models() / "mine").card.stages) == ["day1", "dayN"]


def test_too_few_labels_are_counted_and_nothing_is_written(
    labelled: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(monkeypatch, *labelled, "--scanner", "nobody") == 2
    said = capsys.readouterr().err
    assert "0 objects are labelled good" in said
    assert "at least 20 are needed" in said
    assert train(monkeypatch, *labelled, "--since", "2027-01-01") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not user_models().exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--since", "yesterday"], "is no date"),
        (["--grid", "--search", "3"], "not both"),
        (["--stage", "dayN"], "both are trained together"),
        (["--base", "goose-7"], "no model 'goose-7'"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    options: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(monkeypatch, *options) == 2
    assert words in capsys.readouterr().err
    assert not user_models().exists()
