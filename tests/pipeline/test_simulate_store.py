"""A simulated stream in the store is the one that its own files would have brought, whatever the survey."""

import numpy as np
import pytest

from tests.harness import small_batches
from tests.simulator.conftest import no_dust
from vra_tui.pipeline import simulate_store as simulate
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.simulator import api_json, load, prepare
from vra_tui.simulator.instrument import Instrument
from vra_tui.simulator.packets import write
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curve

pytestmark = pytest.mark.slow

TABLES = ("matches", "context_notes", "tns_matches", "stamps", "associations")


@pytest.fixture
def plan():
    return load("ordinary").changed(alerts=20, history=30)


@pytest.fixture
def dustless(monkeypatch):
    monkeypatch.setattr(simulate, "DustMap", lambda: no_dust)


def rows(connection, query):
    return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize(
    ("survey", "form"), [("atlas", "json"), ("atlas", "avro"), ("ztf", "avro"), ("lsst", "avro")]
)
def test_it_equals_what_ingesting_the_files_gives(dustless, plan, store, clock, tmp_path, survey, form):
    truth, plan = tmp_path / "truth.csv", plan.by(survey)
    assert simulate.fill_store(store, plan, 5, truth, form=form, workers=1, clock=clock) == 20
    files = tmp_path / "files"
    if form == "json":
        api_json.write(prepare(plan, 5, no_dust), files, Instrument.shipped())
    else:
        write.write(prepare(plan, 5, no_dust), files)
    other = open_store(tmp_path / "other.db", durable=False)
    ingest(other, (p for p in read_paths([files]) if "truth" not in p.source), clock=clock)

    assert truth.read_bytes() == (files / "truth.csv").read_bytes()
    query = """SELECT alert_id, name, ra, dec, real_bogus, context_class, n_detections, n_nondetections,
        n_forced, last_mjd, last_mag, last_mag_mjd, as_of FROM alerts ORDER BY alert_id"""
    assert rows(store, query) == rows(other, query)
    assert len(rows(store, query)) >= 15
    for (alert_id,) in rows(store, "SELECT alert_id FROM alerts"):
        mine, theirs = light_curve(store, alert_id), light_curve(other, alert_id)
        for section in ("detections", "nondetections", "forced"):
            assert getattr(mine, section).records.tobytes() == getattr(theirs, section).records.tobytes()
    for table in TABLES:
        names = [row[1] for row in rows(store, f"PRAGMA table_info({table})")]
        told = ", ".join(name for name in names if name not in ("taken_in", "stamp_id"))
        query = f"SELECT {told} FROM {table} ORDER BY {told}"
        assert rows(store, query) == rows(other, query)
    other.close()


def seen(store):
    """The detections of every alert: time, place, magnitude, error; and their units and bands by name."""
    names = [dict(rows(store, f"SELECT code, name FROM {table}")) for table in ("instruments", "bands")]
    numbers, words = {}, {}
    for alert_id, object_id in rows(store, "SELECT alert_id, object_id FROM objects"):
        found = light_curve(store, alert_id).detections
        order = np.lexsort((found.mag, found.mjd))
        numbers[object_id] = np.array([found.mjd, found.ra, found.dec, found.mag, found.magerr])[:, order]
        codes = zip(found.instrument[order].tolist(), found.band[order].tolist(), strict=True)
        words[object_id] = [(names[0][unit], names[1][band]) for unit, band in codes]
    return numbers, words


def test_atlas_gives_the_same_detections_by_api_and_by_packets(dustless, plan, clock, tmp_path):
    stores, files = {}, tmp_path / "packets"
    write.write(prepare(plan, 5, no_dust), files)
    for form in ("json", "avro"):
        stores[form] = open_store(tmp_path / f"{form}.db", durable=False)
        simulate.fill_store(
            stores[form], plan, 5, tmp_path / f"{form}.csv", form=form, workers=1, clock=clock
        )
    assert (tmp_path / "json.csv").read_bytes() == (tmp_path / "avro.csv").read_bytes()
    (by_api, words), (by_packets, same_words) = seen(stores["json"]), seen(stores["avro"])
    assert len(by_api) == 20
    assert words == same_words
    for object_id, told in by_api.items():
        assert by_packets[object_id] == pytest.approx(told, abs=1e-4)
    # Both in one store: no detection counts twice.
    ingest(stores["json"], (p for p in read_paths([files]) if "truth" not in p.source), clock=clock)
    assert seen(stores["json"])[1] == words
    for store in stores.values():
        store.close()


def test_the_number_of_processes_changes_nothing(plan, tmp_path, clock, monkeypatch):
    # Three batches for two processes, in them as here.
    monkeypatch.setattr(simulate, "_make", small_batches.make)
    small_batches.apply(monkeypatch.setattr)
    plan = plan.changed(alerts=2 * small_batches.ALERTS + 7, history=1, forced="none")
    assert plan.batches == 3
    made = []
    for workers in (1, 2):
        connection = open_store(tmp_path / f"{workers}.db", durable=False)
        truth = tmp_path / f"{workers}.csv"
        simulate.fill_store(connection, plan, 5, truth, workers=workers, clock=clock)
        query = "SELECT alert_id, last_mjd, last_mag, n_detections FROM alerts ORDER BY alert_id"
        made.append((truth.read_bytes(), rows(connection, query)))
        connection.close()
    assert made[0] == made[1]
    assert len(made[0][1]) > 2 * small_batches.ALERTS


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
