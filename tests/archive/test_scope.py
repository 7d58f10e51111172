"""A model that was trained on alerts is not believed on a catalogue without a word."""

from pathlib import Path

import pytest

pytest.importorskip("lsdb", reason="needs the extra `archive` (900 MB): `make test-archive`")

from tests.archive.conftest import Vra
from tests.harness.labelled_stream import make_labelled_stream
from vra_tui.pipeline.stream_training import StreamTrainingTask, train_stream_model
from vra_tui.scoring.training.new_model import NewModel
from vra_tui.store.connection import open_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def of_alerts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was trained on simulated alerts."""
    folder = tmp_path_factory.mktemp("alerts")
    make_labelled_stream(folder / "alerts.db", "ztf", 160, 160)
    store = open_store(folder / "alerts.db", durable=False)
    model = NewModel(name="of-alerts", folder=folder / "of-alerts", date="2026-11-28", repeats=0)
    train_stream_model(store, StreamTrainingTask(model, "ztf"), note=lambda line: None)
    store.close()
    return folder / "of-alerts"


def test_it_is_said_what_the_model_goes_by_and_the_catalogue_has_not(
    catalogue: Path, of_alerts: Path, tmp_path: Path, vra: Vra
):
    words = ("archive", "score", catalogue, "--workers", 0, "--out")
    for _ in range(2):
        # Also where nothing is left to compute.
        said = vra(*words, tmp_path / "out", "--model", of_alerts)
        assert "of-alerts goes by what no object here has:" in said
        assert "Do not believe its ranks" in said
    assert "goes by what" not in vra(*words, tmp_path / "starter")


def test_another_model_of_the_same_name_does_not_go_on_where_the_first_stopped(
    catalogue: Path, of_alerts: Path, tmp_path: Path, vra: Vra, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(of_alerts.parent)
    words = ("archive", "score", catalogue, "--workers", 0, "--out", tmp_path / "out", "--model", "of-alerts")
    vra(*words)
    card = of_alerts / "card.json"
    kept = card.read_text()
    card.write_text(kept.replace("2026-11-28", "2026-11-29"))
    assert "holds a run with other judge" in vra(*words, code=1)
    card.write_text(kept)
