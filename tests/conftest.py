"""What all tests share: a home of their own, a clock, a store; real data where there are any."""

import os
import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from tests.factories import Clock
from vra_tui.store.connection import open_store

# No test asserts on time: a busy machine is no failure. CI draws the same examples each time.
settings.register_profile("vra", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("vra")


@pytest.fixture(autouse=True)
def isolated_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test: no test reads or writes the user's files."""
    home = tmp_path_factory.mktemp("home")
    for name, folder in {
        "HOME": home,
        "XDG_DATA_HOME": home / "data",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_STATE_HOME": home / "state",
    }.items():
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    kept = ("VRA_REAL_DATA", "VRA_SEED")
    for name in [name for name in os.environ if name.startswith("VRA_") and name not in kept]:
        monkeypatch.delenv(name)
    return home


@pytest.fixture
def real_data() -> Path:
    """The folder with real data; the test is skipped where there is none."""
    folder = os.environ.get("VRA_REAL_DATA")
    if not folder:
        pytest.skip("real data are not part of the project: set VRA_REAL_DATA to their folder")
    return Path(folder)


@pytest.fixture
def chance() -> random.Random:
    """Randomness that VRA_SEED repeats: a test that fails prints it. In CI it is always the same."""
    seed = os.environ.get("VRA_SEED") or ("0" if os.environ.get("CI") else secrets.token_hex(4))
    print(f"drawn with VRA_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "vra.db"


@pytest.fixture
def store(store_path: Path) -> Iterator:
    connection = open_store(store_path, durable=False)
    yield connection
    connection.close()
