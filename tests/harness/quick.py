"""What makes tests quick without changing what they test: files in memory, and things made once."""

import functools
import gc
import os
import secrets
import shutil
import ssl
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import settings

from vra_tui.store import connection as opening
from vra_tui.store.identity import store_id

_MEMORY = Path("/dev/shm")
#: Less room in memory than this, bytes, and temporary files stay on the disk.
_ROOM = 2 << 30


def keep_files_in_memory(config: pytest.Config) -> None:
    """Put temporary files where waiting for the disk takes no time, if the system has such a place.

    Half of the suite's time was SQLite waiting for a disk that it shared. No test can tell the difference:
    what a power cut leaves is tested by the order of the calls, not by cutting the power.
    """
    asked = config.option.basetemp or any(name in os.environ for name in ("PYTEST_DEBUG_TEMPROOT", "TMPDIR"))
    if asked or not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None  # found anew when next asked for


def look_seldom_for_garbage() -> None:
    """Let Python look for cycles of dead objects a tenth as often as it does by itself.

    A process of tests holds a million objects of libraries and of collected tests: looking through them again
    and again took a fifth of the suite's time. What is dead and in no cycle goes at once, as before.
    """
    gc.set_threshold(10_000, 10, 10)


def leave_out_of_garbage() -> None:
    """Let Python look for garbage only among what comes from now on: what is there stays to the end."""
    gc.collect()
    gc.freeze()


def end_with_the_process() -> None:
    """Let what is there end with the process: pytest would look through all of it five times more."""
    gc.freeze()


def examples(number: int) -> int:
    """So many examples of a property where a profile draws a hundred of others, else in proportion."""
    return max(number * settings().max_examples // 100, min(number, 10))


def build_commands_once(patch: pytest.MonkeyPatch) -> None:
    """Let Typer make the tree of all verbs once a process: most of what a verb costs a test is that tree."""
    import typer.main
    import typer.testing

    once = functools.cache(typer.main.get_command)
    patch.setattr(typer.main, "get_command", once)
    patch.setattr(typer.testing, "_get_command", once)


def look_up_packages_once(patch: pytest.MonkeyPatch) -> None:
    """Let what installed packages add be looked up once a process, as long as the path is the same.

    Each intake asks for the surveys at hand, and opens a file of every installed package for the answer:
    half of what an intake of a few alerts cost.
    """
    found: dict[object, object] = {}

    def entry_points(**asked: str) -> object:
        key = (tuple(sys.path), *sorted(asked.items()))
        if key not in found:
            found[key] = metadata.entry_points(**asked)
        return found[key]

    for module in ("surveys", "pipeline.outbox.kinds", "sources.wires.kinds", "sources.wires.sending"):
        patch.setattr(f"vra_tui.{module}.entry_points", entry_points)


def look_through_trees_once(patch: pytest.MonkeyPatch) -> None:
    """Let the same trees be looked through once a process: the shipped models are loaded hundreds of times.

    What is faulty raises each time.
    """
    from vra_tui.scoring.model import trained

    patch.setattr(trained, "check_trees", functools.lru_cache(maxsize=100)(trained.check_trees))


def make_schemas_once(patch: pytest.MonkeyPatch) -> None:
    """Let the schema that stores are held against be made once a process, a version each."""
    from vra_tui.store import shape

    made = functools.cache(shape.reference)
    patch.setattr(shape, "reference", lambda version=shape.SCHEMA_VERSION: dict(made(version)))


def trust_no_authority(patch: pytest.MonkeyPatch) -> None:
    """Let the system's authorities be left unread, which takes 30 ms: no test asks whom they vouch for."""
    patch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)


def read_dust_map_once(patch: pytest.MonkeyPatch) -> None:
    """Let the map of dust be read from its file once a process: each intake of a test would read it anew."""
    from vra_tui.features import dust_map

    patch.setattr(dust_map, "_read_map", functools.cache(dust_map._read_map))


def copying(template: Path) -> Callable[[Path], None]:
    """Give what makes the file of a new store from a new store.

    Migrating an empty file through all versions takes a twentieth of a second, and thousands of tests begin
    with it. Each copy gets an id of its own, as each new store does.
    """
    opening.open_store(template).close()
    made = template.read_bytes()
    with closing(opening.readable(template)) as store:
        identity = (store_id(store) or "").encode()
    assert made.count(identity) == 1
    make_empty = opening._make_private

    def make(path: Path) -> None:
        make_empty(path)
        path.write_bytes(made.replace(identity, secrets.token_hex(len(identity) // 2).encode()))

    return make
