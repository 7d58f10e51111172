"""What the tests of scoring share: a model to be spoilt."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def model_folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of the small trained model."""
    return Path(shutil.copytree(trained, tmp_path / "made-up"))
