"""Tables of a release are the same bytes however it was packed, ordered, repeated or interrupted."""

import csv
import io
import itertools
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES
from vra_tui.pipeline import ingest
from vra_tui.pipeline.feature_tables import feature_table
from vra_tui.pipeline.release_estimate import estimate
from vra_tui.pipeline.release_rows import (
    STORE_FILE,
    ReleaseTables,
    RowCounts,
    read_ids,
    take_in,
    write_tables,
)
from vra_tui.scoring.stages import STAGES
from vra_tui.simulator import load, prepare
from vra_tui.simulator.api_json import objects
from vra_tui.store.connection import open_store
from vra_tui.store.intake import Intake
from vra_tui.store.objects import known_numbers
from vra_tui.store.scores import read_records

Item = dict[str, Any]


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Twenty alerts as the server's JSON."""
    simulation = prepare(
        load("training").changed(alerts=20, nights=40, seasons={}, bad_nights=()), 3, ebv_sfd
    )
    return [item for batch in simulation for item in objects(batch, simulation.survey.instrument)]


@pytest.fixture
def labels(items: list[Item]) -> dict[int, str]:
    names = itertools.cycle(["good", "galactic", "garbage", "pm", "AGN"])
    return {item["object"]["id"]: label for item, label in zip(items, names, strict=False)}


def clock() -> datetime:
    return datetime(2026, 11, 28, tzinfo=UTC)


def made(
    folder: Path, paths: list[Path], labels: dict[int, str], **how: Any
) -> tuple[Intake, RowCounts, dict[str, bytes]]:
    """Take files in, write the tables, and give what they hold."""
    folder.mkdir(exist_ok=True)
    with closing(open_store(folder / STORE_FILE, durable=False)) as store:
        intake = take_in(store, paths, clock=clock)
        counts = write_tables(store, labels, folder, **how)
    return intake, counts, {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def lines(items: list[Item]) -> bytes:
    return b"".join(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in items)


def files_in(folder: Path, items: list[Item]) -> Path:
    folder.mkdir()
    for item in items:
        (folder / f"{item['object']['id']}.json").write_bytes(orjson.dumps(item))
    return folder


def packed(path: Path, items: list[Item]) -> Path:
    contents = {f"data/{item['object']['id']}.json": orjson.dumps(item) for item in items}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def plain(tmp_path: Path, items: list[Item], labels: dict[int, str]) -> dict[str, bytes]:
    """The tables of one file with an object a line."""
    (tmp_path / "all.jsonl").write_bytes(lines(items))
    return made(tmp_path / "plain", [tmp_path / "all.jsonl"], labels)[2]


def test_however_it_is_packed_and_ordered_the_tables_are_the_same_bytes(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    shuffled = [items[row] for row in np.random.default_rng(1).permutation(len(items))]
    for number, paths in enumerate(
        (
            [files_in(tmp_path / "folder", items)],
            [packed(tmp_path / "x.tar.gz", shuffled)],
            [packed(tmp_path / "x.zip", shuffled[:12]), packed(tmp_path / "y.zip", shuffled[9:])],
        )
    ):
        intake, _, tables = made(tmp_path / f"rows{number}", paths, labels)
        assert intake.refused == 0
        assert tables == plain


def test_an_object_that_comes_in_pieces_is_one(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    halves = [
        {**item, "lc": item["lc"][cut], "lcnondets": item["lcnondets"] if n else []}
        for item in items
        for n, cut in enumerate((slice(0, None, 2), slice(1, None, 2)))
        if not any(row["dup"] for row in item["lc"])
    ]
    whole = [item for item in items if any(row["dup"] for row in item["lc"])]
    (tmp_path / "all.jsonl").write_bytes(lines([*halves, *whole]))
    tables = made(tmp_path / "rows", [tmp_path / "all.jsonl"], labels)[2]
    assert tables == plain


def test_interrupted_and_taken_up_again_the_tables_are_the_same_bytes(
    tmp_path: Path,
    items: list[Item],
    labels: dict[int, str],
    plain: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ingest, "_BATCH", 4)
    path = packed(tmp_path / "x.tar.gz", items)
    (tmp_path / "rows").mkdir()

    def stop(intake: Intake) -> None:
        if intake.new >= 8:
            raise KeyboardInterrupt

    store = open_store(tmp_path / "rows" / STORE_FILE, durable=False)
    with closing(store), pytest.raises(KeyboardInterrupt):
        take_in(store, [path], clock=clock, on_progress=stop)
    intake, _, tables = made(tmp_path / "rows", [path], labels)
    assert (intake.new, intake.unchanged) == (12, 8)
    assert tables == plain
    assert made(tmp_path / "rows", [path], labels)[2] == plain


def test_a_write_that_fails_leaves_the_tables_that_were_there(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    def stop(done: int, of: int) -> None:
        raise OSError("the disk is full")

    folder = tmp_path / "plain"
    with pytest.raises(OSError, match="full"):
        made(folder, [], dict(list(labels.items())[:5]), progress=stop)
    assert not list(folder.glob("*.part"))
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == plain


def test_broken_pieces_are_refused_by_themselves(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    broken = b'{"object": {"id": 12}}\n{"object": \n[]\n' + lines(items) + b'{"lc": []}\n'
    (tmp_path / "broken.jsonl").write_bytes(broken)
    (tmp_path / "notes.txt").write_text("hello\n")
    (tmp_path / "cut.json.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    paths = [tmp_path / name for name in ("notes.txt", "broken.jsonl", "cut.json.gz", "missing.json")]
    intake, _, tables = made(tmp_path / "rows", paths, labels)
    assert intake.refused >= 6
    assert tables == plain


def rows_of(content: bytes) -> Iterator[list[str]]:
    yield from csv.reader(io.StringIO(content.decode()))


def test_each_row_holds_what_was_known_at_its_visit(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    at = ReleaseTables(tmp_path).features("dayN").name
    header, *rows = rows_of(plain[at])
    assert header == ["ATLAS_ID", *DAYN_FEATURES]
    keys = [(int(row[0]), float(row[1])) for row in rows]
    assert keys == sorted(set(keys))
    item = items[4]
    number = item["object"]["id"]
    with closing(open_store(tmp_path / "plain" / STORE_FILE)) as store:
        (alert_id,) = known_numbers(store, [("atlas", str(number))]).values()
        mine = [row for row in rows if int(row[0]) == number]
        assert mine
        t0 = float(read_records(store, [alert_id]).t0_mjd[0])
        for row in mine:
            # The end of the visit's day, before the next visit's first exposure.
            known = feature_table(store, "vra-dayN-1", [alert_id], t0 + float(row[1]))
            values = [float(cell) if cell else np.nan for cell in row[1:]]
            np.testing.assert_array_equal(values, known.select(DAYN_FEATURES)[0])
    header, *rows = rows_of(plain[ReleaseTables(tmp_path).features("day1").name])
    assert header == ["ATLAS_ID", *DAY1_FEATURES]
    assert [int(row[0]) for row in rows] == sorted(labels)


def test_objects_held_out_teach_nothing_and_have_tables_of_their_own(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    apart = read_ids(io.StringIO("ATLAS_ID,x\n" + "".join(f"{number},1\n" for number in sorted(labels)[::3])))
    _, counts, tables = made(tmp_path / "plain", [], labels, held_out=apart)
    assert counts.held_out == len(apart) == 7
    for stage in STAGES:
        ours, theirs = (
            {
                int(row[0])
                for row in list(rows_of(tables[ReleaseTables(tmp_path, out).features(stage).name]))[1:]
            }
            for out in (False, True)
        )
        assert not ours & theirs
        assert theirs <= apart
    of_both = sorted(tables["X_train_dayN.csv"].split(b"\n") + tables["X_heldout_dayN.csv"].split(b"\n"))
    assert [row for row in of_both if row[:1].isdigit()] == sorted(
        plain["X_train_dayN.csv"].split(b"\n")[1:-1]
    )


def test_labels_without_an_object_and_others_that_teach_nothing_are_counted(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    first = next(iter(labels))
    told = {**labels, first: "mover", 1_999_999_999_999_999_999: "good"}
    _, counts, tables = made(tmp_path / "plain", [], told, last_day=2)
    assert (counts.objects, counts.missing, counts.untaught) == (19, 1, 1)
    days = {float(row[1]) for row in list(rows_of(tables["X_train_dayN.csv"]))[1:]}
    assert days <= {1.0, 2.0}


def test_an_estimate_keeps_nothing_and_counts_as_the_whole_does(
    tmp_path: Path, items: list[Item], labels: dict[int, str], plain: dict[str, bytes]
) -> None:
    ticks = itertools.count()
    found = estimate(
        [tmp_path / "all.jsonl"], labels, sample=500, clock=clock, stopwatch=lambda: float(next(ticks))
    )
    assert (found.files, found.alerts, found.refused, found.labelled) == (1, 20, 0, 20)
    assert found.bytes == (tmp_path / "all.jsonl").stat().st_size
    assert found.rows == sum(table.count(b"\n") - 1 for name, table in plain.items() if name[0] == "X")
    assert found.seconds == pytest.approx(1.0)


def test_rows_of_two_real_objects_are_the_golden_features(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "atlas_api"
    with (folder / "golden_features.csv").open(newline="") as lines:
        golden = {(int(row["atlas_id"]), float(row["dayN"])): row for row in csv.DictReader(lines)}
    told = dict.fromkeys((number for number, _ in golden), "good")
    intake, counts, tables = made(tmp_path / "rows", [folder], told)
    assert (intake.new, intake.refused, counts.objects) == (2, 1, 2)  # the table among the files is no alert
    header, *rows = rows_of(tables["X_train_dayN.csv"])
    assert len(rows) == 15
    for row in rows:
        known = golden[int(row[0]), float(row[1])]
        for name, cell in zip(header[1:], row[1:], strict=True):
            assert (cell == "") == (known[name] in ("", "nan"))
            if cell:
                assert float(cell) == pytest.approx(float(known[name]), abs=1e-6)
