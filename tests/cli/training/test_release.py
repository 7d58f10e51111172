"""`vra train --release`: from a release of alerts to tables and a model."""

from pathlib import Path

import pytest

from tests.cli.conftest import Vra
from vra_tui.cli.training.release import ProgressLines
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.scoring.model.library import user_models
from vra_tui.scoring.model.trained import load_model
from vra_tui.simulator import load, prepare
from vra_tui.simulator.api_json import write
from vra_tui.store.intake import Intake


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hundred and twenty alerts and their labels."""
    folder = tmp_path_factory.mktemp("release")
    simulation = prepare(
        load("training").changed(alerts=120, nights=40, seasons={}, bad_nights=()), 3, ebv_sfd
    )
    write(simulation, folder, simulation.survey.instrument)
    header, *rows = (folder / "truth.csv").read_text().splitlines()
    at, label = header.split(",").index("object_id"), header.split(",").index("label")
    told = [row.split(",") for row in rows]
    (folder / "labels.csv").write_text(
        "ATLAS_ID,type\n" + "".join(f"{row[at]},{row[label]}\n" for row in told)
    )
    return folder


@pytest.fixture
def arguments(simulated: Path, tmp_path: Path) -> list[str]:
    of = {
        "release": simulated / "alerts.jsonl.gz",
        "labels": simulated / "labels.csv",
        "rows": tmp_path / "rows",
    }
    return [
        "train",
        "--name",
        "mine",
        *(part for name, path in of.items() for part in (f"--{name}", str(path))),
    ]


@pytest.mark.slow
def test_a_release_becomes_tables_and_a_model_of_both_stages(
    vra: Vra, arguments: list[str], tmp_path: Path
) -> None:
    code, out, err = vra(*arguments, "--repeats", "0", "--last-day", "6")
    assert code == 0, err
    assert "120 new, 0 known from before, 0 refused." in err
    assert "Saved in" in out
    card = load_model(user_models() / "mine").card
    assert list(card.stages) == ["day1", "dayN"]
    assert sum(card.stages["day1"].data.objects.values()) == 120
    first = {path.name: path.read_bytes() for path in (tmp_path / "rows").glob("*.csv")}
    code, _, err = vra(*arguments, "--repeats", "0", "--last-day", "6")
    assert code == 2
    assert "--force" in err
    code, _, err = vra(*arguments, "--rows-only", "--last-day", "6")
    assert (code, "0 new, 120 known from before" in err) == (0, True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "rows").glob("*.csv")} == first


def test_what_is_broken_is_told_and_the_exit_code_says_so(
    vra: Vra, arguments: list[str], simulated: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text('{"object": {"id": 3}}')
    code, _, err = vra(*arguments, "--release", tmp_path / "broken.json", "--rows-only")
    assert code == 1
    assert "broken.json" in err
    assert "120 new, 0 known from before, 1 refused." in err
    code, out, err = vra(*arguments, "--release", tmp_path / "broken.json", "--dry-run")
    assert code == 1
    assert "2 files" in out
    assert "1 are refused" in out
    assert "Nothing was kept." in out


def test_labels_that_cannot_be_used_are_refused_before_the_hours(
    vra: Vra, arguments: list[str], simulated: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("ATLAS_ID,type\n1131118541142830100,good\n1131118541142830100,pm\n")
    code, _, err = vra(*arguments, "--labels", labels)
    assert code == 2
    assert "labelled 'pm' here and 'good' before" in err
    assert not (tmp_path / "rows").exists()
    code, _, err = vra(*arguments[:5])
    assert code == 2
    assert "--labels and --rows are needed" in err


def test_a_line_now_and_then_says_how_long_the_rest_takes() -> None:
    said: list[str] = []
    now = [0.0]
    lines = ProgressLines(40_000_000_000, said.append, lambda: now[0])
    for minute in range(1, 4):
        now[0] = 60.0 * minute
        lines.on_bytes(400_000_000)
        lines.on_progress(Intake(new=4_000 * minute))
        lines.on_progress(Intake(new=4_000 * minute))
    assert said[0] == "4,000 alerts taken in, 0 known from before, 0.40 of 40.00 GB; 1 h 39 min to go"
    assert len(said) == 3
