"""A catalogue is worked through partition by partition, whatever happens to some of them."""

import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("lsdb", reason="needs the extra `archive` (900 MB): `make test-archive`")

import pyarrow as pa
import pyarrow.parquet as pq
from hats.io.validation import is_valid_catalog

from tests.archive.conftest import ALERTS, Vra, partitions, rows
from vra_tui.archive.folder import begin
from vra_tui.archive.partition import objects_of, result_of
from vra_tui.archive.reading import open_catalogue
from vra_tui.archive.run import run, workers
from vra_tui.archive.task import Job
from vra_tui.errors import VraError
from vra_tui.scoring.model.starter import Starter

pytestmark = pytest.mark.slow


def test_the_simulated_catalogue_is_hats_with_every_alert_and_its_truth(catalogue: Path):
    assert is_valid_catalog(str(catalogue), strict=True, verbose=False)
    truth = pd.read_csv(f"{catalogue}.truth.csv", dtype={"object_id": str})
    assert len(truth) == ALERTS
    assert set(truth["object_id"]) == set(rows(catalogue)["object_id"])


def test_ranks_are_those_of_all_objects_at_once(catalogue: Path, ranked: Path):
    assert is_valid_catalog(str(ranked), strict=True, verbose=False)
    opened, columns = open_catalogue(str(catalogue), None, {}, {})
    whole = result_of(objects_of(opened.compute(progress_bar=False), columns), Starter.shipped("table"))
    whole = whole.sort_values("object_id", ignore_index=True)
    found = rows(ranked)
    assert len(partitions(ranked)) > 5
    pd.testing.assert_frame_equal(found[whole.columns], whole, check_dtype=False)
    assert found["rank"].notna().all()


def test_features_as_parquet_are_those_of_the_same_objects(catalogue: Path, tmp_path: Path, vra: Vra):
    out = tmp_path / "features"
    vra("archive", "features", catalogue, "--out", out, "--format", "parquet", "--workers", 0)
    opened, columns = open_catalogue(str(catalogue), None, {}, {})
    whole = result_of(objects_of(opened.compute(progress_bar=False), columns), None)
    found = pd.concat([pd.read_parquet(path) for path in out.glob("*.parquet")])
    pd.testing.assert_frame_equal(
        found.sort_values("object_id", ignore_index=True)[whole.columns],
        whole.sort_values("object_id", ignore_index=True),
        check_dtype=False,
    )


def test_a_run_that_was_cut_goes_on_where_it_stopped(catalogue: Path, ranked: Path, tmp_path: Path, vra: Vra):
    out = tmp_path / "ranked"
    vra("archive", "score", catalogue, "--out", out, "--workers", 0)
    first, *rest = partitions(out)
    kept = {path: path.stat().st_mtime_ns for path in rest}
    first.unlink()
    # What a killed worker leaves.
    first.with_name(f".{first.name}.x.part").write_bytes(b"half")
    said = vra("archive", "score", catalogue, "--out", out, "--workers", 0)
    assert f"{len(rest)} of {len(rest) + 1} partitions are there already" in said
    assert {path: path.stat().st_mtime_ns for path in rest} == kept
    assert not [*out.rglob(".*.part")]
    pd.testing.assert_frame_equal(rows(out), rows(ranked))


def test_a_damaged_partition_is_refused_by_itself_and_tried_again(catalogue: Path, tmp_path: Path, vra: Vra):
    damaged, out = tmp_path / "sky", tmp_path / "ranked"
    shutil.copytree(catalogue, damaged)
    broken, *others = partitions(damaged)
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    said = vra("archive", "score", damaged, "--out", out, "--workers", 0, code=1)
    assert said.count("refused:") == 1
    assert "1 partitions were refused" in said
    assert len(partitions(out)) == len(others)
    assert is_valid_catalog(str(out), strict=True, verbose=False)
    broken.write_bytes(whole)
    vra("archive", "score", damaged, "--out", out, "--workers", 0)
    assert len(rows(out)) == ALERTS


def test_the_folder_of_another_run_or_of_somebody_else_is_left_alone(
    catalogue: Path, ranked: Path, tmp_path: Path, vra: Vra
):
    vra("archive", "features", catalogue, "--out", ranked, "--workers", 0, code=1)
    before = json.loads((ranked / "vra_archive.json").read_text())
    assert before["what"] == "score"
    # Inside the catalogue, or around it.
    for out in (catalogue / "ranks", catalogue.parent):
        assert "lie one in the other" in vra("archive", "score", catalogue, "--out", out, code=1)
    (tmp_path / "mine.txt").write_text("mine")
    vra("archive", "features", catalogue, "--out", tmp_path, "--workers", 0, code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_best_go_into_a_store_with_their_light_curves_once(
    catalogue: Path, tmp_path: Path, ranked: Path, vra: Vra
):
    store = tmp_path / "vra.db"
    words = ("archive", "score", catalogue, "--out", ranked, "--workers", 0, "--into", store)
    assert "10 new, 0 extended" in vra(*words, "--top", 10)
    assert "0 new, 0 extended, 10 unchanged" in vra(*words, "--top", 10)
    best = rows(ranked).sort_values("rank", ascending=False).head(10)
    listed = json.loads(vra("list", "all", "--db", store, "--json"))
    assert {str(one["object_id"]) for one in listed} == set(best["object_id"])
    threshold = best["rank"].iloc[4]
    other = tmp_path / "other.db"
    assert "4 new" in vra(*words[:-1], other, "--above", threshold)


def test_a_model_that_wants_other_features_is_refused_before_anything_is_written(
    catalogue: Path, tmp_path: Path, vra: Vra
):
    out = tmp_path / "out"
    said = vra(*("archive", "score", catalogue, "--out", out, "--model", "default-1", "--workers", 0), code=1)
    assert "odel" in said
    assert not out.exists()


def test_where_nothing_is_left_to_do_no_worker_starts(catalogue: Path, ranked: Path):
    opened, columns = open_catalogue(str(catalogue), None, {}, {})
    asked = json.loads((ranked / "vra_archive.json").read_text())
    job = Job("score", columns, ranked, "hats", None, "table")
    outcome = run(opened, job, lambda: pytest.fail("workers were started"), asked=asked)
    assert outcome.before == len(outcome.finished) == len(partitions(ranked))


def test_where_nothing_can_be_written_the_run_ends_at_once(catalogue: Path, tmp_path: Path, vra: Vra):
    out = tmp_path / "out"
    out.mkdir()
    opened, columns = open_catalogue(str(catalogue), None, {}, {})
    begin(out, {})
    (out / "dataset").write_text("no folder")
    told: list[object] = []
    with (
        pytest.raises(VraError, match=r"cannot be written.*the same command goes on"),
        workers(None, 0) as client,
    ):
        run(
            opened,
            Job("score", columns, out, "hats", None, "table"),
            lambda: nullcontext(client),
            asked={},
            on_partition=lambda pixel, what: told.append(what),
        )
    assert told == []


def test_a_folder_without_results_may_be_asked_for_something_else(tmp_path: Path):
    begin(tmp_path / "out", {"what": "score"})
    begin(tmp_path / "out", {"what": "features"})
    (tmp_path / "out" / "dataset").mkdir()
    with pytest.raises(VraError, match="other what"):
        begin(tmp_path / "out", {"what": "score"})


def test_a_partition_that_lacks_a_column_is_refused(catalogue: Path, tmp_path: Path, vra: Vra):
    sky, out = tmp_path / "sky", tmp_path / "out"
    shutil.copytree(catalogue, sky)
    worse, *_ = partitions(sky)
    pd.read_parquet(worse, partitioning=None).drop(columns="lightcurve").to_parquet(worse)
    said = vra("archive", "score", sky, "--out", out, "--workers", 0, code=1)
    assert "the file lacks the column `lightcurve`" in said
    assert len(partitions(out)) == len(partitions(sky)) - 1


def test_what_cannot_be_used_is_said_before_anything_is_computed(catalogue: Path, tmp_path: Path, vra: Vra):
    words = ("archive", "score", catalogue, "--out", tmp_path / "out", "--workers", 0)
    (tmp_path / "strange.db").write_text("no store")
    assert "not a vra-tui store" in vra(*words, "--into", tmp_path / "strange.db", "--top", 5, code=1)
    assert "--bands wants pairs" in vra(*words, "--bands", "1", code=1)
    assert "no preset `nope`" in vra(*words, "--preset", "nope", code=1)
    assert "There is no" in vra("archive", "score", tmp_path / "nothing", *words[3:], code=1)
    assert not (tmp_path / "out").exists()


def test_ids_that_are_there_twice_are_one_alert_and_none_are_no_alert(
    catalogue: Path, tmp_path: Path, vra: Vra
):
    sky = tmp_path / "sky"
    shutil.copytree(catalogue, sky)
    for place, path in enumerate(partitions(sky)):
        table = pq.read_table(path, partitioning=None)
        ids = pa.array([None if place == 0 else "the same"] * len(table), pa.string())
        pq.write_table(table.set_column(table.schema.get_field_index("object_id"), "object_id", ids), path)
    words = ("archive", "score", sky, "--out", tmp_path / "out", "--workers", 0)
    said = vra(*words, "--into", tmp_path / "vra.db", "--top", 20)
    assert "vra.db: 1 new, " in said
    assert "19 of the best have the id of another one" in said
