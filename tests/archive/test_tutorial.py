"""docs/tutorials/archive.md: its commands do what it says, as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lsdb", reason="needs the extra `archive` (900 MB): `make test-archive`")

import vra_tui
from tests.test_documentation import blocks_of

pytestmark = pytest.mark.slow
CHECKOUT = Path(vra_tui.__file__).parents[1]


def test_the_tutorial_finds_more_with_each_round(tmp_path: Path):
    page = (CHECKOUT / "docs" / "tutorials" / "archive.md").read_text(encoding="utf-8")
    commands = [
        line
        for block in blocks_of(page, "")
        for line in block.splitlines()
        # What runs here is installed already.
        if not line.startswith("pip install")
    ]
    vra = tmp_path / "bin" / "vra"
    vra.parent.mkdir()
    vra.write_text(
        f"#!/bin/sh\nexec {sys.executable} -W ignore -c 'from vra_tui.cli import main; main()' \"$@\"\n"
    )
    vra.chmod(0o755)
    surroundings = {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "PATH": f"{vra.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
    }
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "VRA_DB"):
        surroundings.pop(name, None)
    walked = subprocess.run(
        ["bash", "-e"],
        input="\n".join(commands),
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
    )
    said = walked.stdout + walked.stderr
    assert walked.returncode == 0, said
    assert "are unlike the rows that sky-1 was trained on" in said
    (code,) = blocks_of(page, "python")
    table = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = {line.split()[0]: int(line.split(": ")[1].split()[0]) for line in table.stdout.splitlines()}
    assert found["by_starter"] < found["by_model"]
    assert found["by_starter"] < found["by_second"]
