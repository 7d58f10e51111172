"""Partitions that are worked on together have the rows that each has alone, and fail each for itself."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pyarrow", reason="needs the extra `parquet`")

from tests.archive.test_partition import frame
from vra_tui.archive import task
from vra_tui.archive.columns import find_columns
from vra_tui.archive.folder import HEALPIX, Pixel, partition_file
from vra_tui.archive.partition import layout_of
from vra_tui.archive.task import CannotWrite, Counts, Job, work
from vra_tui.scoring.model.starter import Starter


class Sky:
    """Partitions in memory; what is an error is raised when it is read."""

    def __init__(self, frames: list[pd.DataFrame | Exception]) -> None:
        self.frames = frames

    def read(self, pixel: Pixel) -> pd.DataFrame:
        found = self.frames[pixel[1]]
        if isinstance(found, Exception):
            raise found
        return found


def sky(n: int = 4) -> list[Any]:
    return [frame(20, seed).assign(**{HEALPIX: np.arange(20) + 100 * seed}) for seed in range(n)]


def worked(frames: list[Any], out: Path) -> dict[Pixel, Counts | str]:
    job = Job("score", find_columns(layout_of(frame()), {}), out, "parquet", None, "table")
    return work([(0, place) for place in range(len(frames))], Sky(frames), job, Starter.shipped("table"))


def rows(out: Path, place: int) -> pd.DataFrame:
    return pd.read_parquet(partition_file(out, "parquet", (0, place)))


@pytest.mark.parametrize("limits", [(1, 10**9), (700, 10**9), (10**9, 50), (1, 1)])
def test_together_alone_or_in_pieces_they_come_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
):
    frames = sky()
    together = worked(frames, tmp_path / "together")
    monkeypatch.setattr(task, "TOGETHER", limits[0])
    monkeypatch.setattr(task, "AT_A_TIME", limits[1])
    assert worked(frames, tmp_path / "other") == together
    assert [one.objects for one in together.values()] == [20] * 4
    assert [one.epochs for one in together.values()] == [int(own["mjd"].map(len).sum()) for own in frames]
    for place, own in enumerate(frames):
        found = rows(tmp_path / "other", place)
        pd.testing.assert_frame_equal(found, rows(tmp_path / "together", place))
        assert found[HEALPIX].tolist() == own[HEALPIX].tolist()
        assert found["object_id"].tolist() == own["objectid"].astype(str).tolist()


def test_what_is_damaged_takes_nothing_else_with_it(tmp_path: Path):
    frames = sky()
    frames[1] = OSError("no parquet\x1b[2J at all\nsecond line")
    frames[2].at[3, "mag"] = np.append(frames[2].at[3, "mag"], 19.0)
    done = worked(frames, tmp_path)
    assert done[0, 1] == "OSError: no parquet at all"
    assert "`mag` are not as long" in str(done[0, 2])
    for place in (0, 3):
        assert isinstance(done[0, place], Counts)
        assert len(rows(tmp_path, place)) == 20
    assert not partition_file(tmp_path, "parquet", (0, 2)).exists()


def test_an_empty_partition_is_a_file_without_rows(tmp_path: Path):
    frames = sky(2)
    frames[0] = frames[0].iloc[:0]
    done = worked(frames, tmp_path)
    assert done[0, 0] == Counts()
    assert len(rows(tmp_path, 0)) == 0
    assert len(rows(tmp_path, 1)) == 20


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_partition(tmp_path: Path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CannotWrite, match="cannot be written"):
        worked(sky(), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"
