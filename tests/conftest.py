"""What all tests share: a home of their own, a clock, a store; real data where there are any."""

import itertools
import os
import random
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.factories import Clock
from tests.harness.quick import (
    build_commands_once,
    copying,
    end_with_the_process,
    keep_files_in_memory,
    leave_out_of_garbage,
    look_seldom_for_garbage,
    look_through_trees_once,
    look_up_packages_once,
    make_schemas_once,
    read_dust_map_once,
    trust_no_authority,
)
from vra_tui.store.connection import open_store

if TYPE_CHECKING:
    from tests.harness.kafka import Cluster

# No test asserts on time: a busy machine is no failure. CI draws the same examples each time.
settings.register_profile("vra", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=50)
# `make test-fast` draws fewer, for a first answer: what they miss, `make test` finds.
settings.register_profile("quick", settings.get_profile("vra"), max_examples=20)
# Before a release: `--hypothesis-profile=thorough`.
settings.register_profile("thorough", settings.get_profile("vra"), max_examples=1_000)
settings.load_profile("vra")


def pytest_configure(config: pytest.Config) -> None:
    keep_files_in_memory(config)
    look_seldom_for_garbage()


@pytest.hookimpl(optionalhook=True)  # unknown without the plugin that runs tests side by side
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some tests wait for other processes, or for a broker."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    leave_out_of_garbage()


def pytest_sessionfinish() -> None:
    end_with_the_process()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case of long bytes by its argument: packed bytes differ between processes, names may not."""
    return argname if isinstance(val, bytes) and len(val) > 20 else None


@pytest.fixture(scope="session", autouse=True)
def what_stays_the_same_is_done_once() -> Iterator[None]:
    """Verbs, packages, shipped trees, the schema and the map of dust are looked up, made and read once."""
    with pytest.MonkeyPatch.context() as patch:
        build_commands_once(patch)
        look_up_packages_once(patch)
        look_through_trees_once(patch)
        make_schemas_once(patch)
        read_dust_map_once(patch)
        trust_no_authority(patch)
        yield


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not there yet, one after another."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def isolated_user(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test: no test reads or writes the user's files."""
    home = next(homes)
    home.mkdir(mode=0o700)
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


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """What makes the file of a new store by copying one."""
    return copying(tmp_path_factory.mktemp("template") / "vra.db")


@pytest.fixture(autouse=True)
def new_stores_are_copied(new_store: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """New stores are copies of one. Tests of how a store is made put a fixture of this name in its place."""
    monkeypatch.setattr("vra_tui.store.connection._make_private", new_store)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of both stages, trained once on made-up rows. Who spoils it takes a copy."""
    from tests.scoring.made_up_model import train_made_up

    return train_made_up(tmp_path_factory.mktemp("trained"))


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


@pytest.fixture(scope="module")
def cluster() -> "Iterator[Cluster]":
    """A Kafka broker by the real protocol, on loopback."""
    from tests.harness import kafka

    with kafka.cluster() as found:
        yield found


@pytest.fixture
def topic(cluster: "Cluster", request: pytest.FixtureRequest) -> str:
    """A topic of this test's own on the broker, named as Lasair names its topics."""
    name = f"lasair_{abs(hash(request.node.name))}"
    cluster.make(name)
    return name
