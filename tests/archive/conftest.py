"""Catalogues and command lines that the tests of archives share."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from vra_tui.cli import app

#: Objects of the simulated catalogue.
ALERTS = 120

Vra = Callable[..., str]


@pytest.fixture(scope="session")
def vra() -> Vra:
    """Runs the command line here, and returns what it said."""

    def run(*words: object, code: int = 0) -> str:
        found = CliRunner().invoke(app, [str(word) for word in words])
        said = f"{found.output}{found.exception or ''}"
        assert found.exit_code == code, said
        return said

    return run


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, vra: Vra) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "sky"
    vra("simulate", "--hats", folder, "--alerts", ALERTS, "--survey", "ztf")
    return folder


@pytest.fixture(scope="module")
def ranked(catalogue: Path, vra: Vra) -> Path:
    out = catalogue.with_name("ranked")
    vra("archive", "score", catalogue, "--out", out, "--workers", 0)
    return out


def partitions(folder: Path) -> list[Path]:
    return sorted(folder.rglob("Npix=*.parquet"))


def rows(folder: Path) -> pd.DataFrame:
    found = [pd.read_parquet(path, partitioning=None) for path in partitions(folder)]
    return pd.concat(found).sort_values("object_id", ignore_index=True)
