"""A simulated stream in the store is the one that its API files would have brought."""

import pytest

from tests.simulator.conftest import no_dust
from vra_tui.pipeline import simulate, simulated
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.simulator import load, prepare
from vra_tui.simulator.api_json import ALERTS_FILE, TRUTH_FILE, write
from vra_tui.simulator.instrument import Instrument
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve

#: What only responses say, and what says when something happened here.
OF_RESPONSES = {
    "trend_text", "comments", "date_modified", "extra", "other_name", "as_of", "fact_times", "ebv_sfd",
    "ingested_at", "updated_at", "revision",
}  # fmt: skip
TABLES = ("matches", "context_notes", "tns_matches")


@pytest.fixture
def plan():
    return load("ordinary").changed(alerts=60, history=30)


@pytest.fixture
def dustless(monkeypatch):
    for module in (simulate, simulated):
        monkeypatch.setattr(module, "ebv_sfd", no_dust)


def test_it_equals_what_ingesting_the_files_gives(dustless, plan, store, clock, tmp_path):
    truth = tmp_path / "truth.csv"
    assert simulate.fill_store(store, plan, 5, truth, workers=1, clock=clock) == 60
    files = tmp_path / "files"
    write(prepare(plan, 5, no_dust), files, Instrument.shipped())
    other = open_store(tmp_path / "other.db", durable=False)
    ingest(other, read_paths([files]), clock=clock)

    assert truth.read_bytes() == (files / TRUTH_FILE).read_bytes()
    mine, theirs = (
        [dict(row) for row in c.execute("SELECT * FROM alerts ORDER BY alert_id")] for c in (store, other)
    )
    assert len(mine) == len(theirs) == 60
    for one, two in zip(mine, theirs, strict=True):
        assert {k: v for k, v in one.items() if k not in OF_RESPONSES} == {
            k: v for k, v in two.items() if k not in OF_RESPONSES
        }
    for (alert_id,) in store.execute("SELECT alert_id FROM alerts"):
        mine, theirs = light_curve(store, alert_id), light_curve(other, alert_id)
        for section in ("detections", "nondetections", "forced"):
            assert getattr(mine, section).records.tobytes() == getattr(theirs, section).records.tobytes()
    for table in TABLES:
        mine, theirs = (c.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for c in (store, other))
        assert len(mine) == len(theirs) > 0
        for one, two in zip(mine, theirs, strict=True):
            given = [key for key in one.keys() if one[key] is not None and key != "discovered_mjd"]  # noqa: SIM118
            assert {key: one[key] for key in given} == {key: two[key] for key in given}
    assert (files / ALERTS_FILE).exists()
    other.close()


def test_the_number_of_processes_changes_nothing(plan, tmp_path, clock):
    import vra_tui.simulator.scenario as scenario_module

    assert scenario_module.BATCH == 4000
    made = []
    for workers in (1, 2):
        connection = open_store(tmp_path / f"{workers}.db", durable=False)
        big = plan.changed(alerts=4100, history=5, forced="none")
        simulate.fill_store(connection, big, 5, tmp_path / f"{workers}.csv", workers=workers, clock=clock)
        made.append((tmp_path / f"{workers}.csv").read_bytes())
        connection.close()
    assert made[0] == made[1]


def test_a_failure_leaves_whole_batches_and_no_truth_file(
    dustless, plan, store, clock, tmp_path, monkeypatch
):
    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(simulate, "put_alerts", broken)
    with pytest.raises(OSError, match="disk full"):
        simulate.fill_store(store, plan, 5, tmp_path / "truth.csv", workers=1, clock=clock)
    assert store.execute("SELECT count(*) FROM alerts").fetchone()[0] == 0
    assert not list(tmp_path.glob("truth*"))
