"""Models from Python: trained and measured as on the command line."""

import pandas as pd
import pytest

import vra_tui as vra
from tests.cli.test_evaluate_store import ALERTS, alert, decided_at
from tests.factories import FIRST_ID, ingest_objects, score_all
from vra_tui.cli import main
from vra_tui.pipeline.deciding import decide_alerts
from vra_tui.store.decisions import Author


@pytest.fixture
def labelled(store, store_path, clock):
    ingest_objects(store, [alert(number) for number in range(ALERTS)], clock)
    score_all(store, clock)
    for number in range(ALERTS):
        name = "good" if number % 2 == 0 else "garbage"
        decide_alerts(store, [FIRST_ID + number], name, Author("me", "here"), decided_at(number))
    return store_path


@pytest.mark.slow
def test_a_model_is_measured_as_by_vra_evaluate(labelled, tmp_path, monkeypatch):
    figures = tmp_path / "figures.csv"
    options = ["--db", labelled, "--resamples", 20, "--shuffles", 0, "--csv", figures]
    monkeypatch.setattr("sys.argv", ["vra", "evaluate", *map(str, options)])
    with pytest.raises(SystemExit):
        main()
    with vra.open(labelled) as store:
        table = store.evaluate(resamples=20, shuffles=0)
    kinds = {column.name: column.dtype for column in vra.TABLES["evaluation"]}
    written = pd.read_csv(figures, dtype={name: kind for name, kind in kinds.items() if kind == "string"})
    pd.testing.assert_frame_equal(table, written.astype(kinds), rtol=1e-4)
    assert table.attrs["notes"]


def test_too_few_labels_make_no_model(labelled, tmp_path):
    with vra.open(labelled) as store:
        with pytest.raises(vra.VraError, match="Nothing was trained"):
            store.train("mine", into=tmp_path)
        with pytest.raises(vra.VraError, match="no date"):
            store.train("mine", into=tmp_path, since="yesterday")
        with pytest.raises(vra.VraError, match="no model"):
            store.evaluate("nobodys")
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("option", [{"stage": "day1"}, {"balance": "none"}])
def test_what_a_model_for_another_survey_has_no_use_for_is_refused(labelled, tmp_path, option):
    with vra.open(labelled) as store, pytest.raises(vra.VraError, match="leave stage and balance out"):
        store.train("mine", survey="ztf", into=tmp_path, **option)
    assert not (tmp_path / "mine").exists()
