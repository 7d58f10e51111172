"""Check what lies around a store for the doctor: rights, disk space, the kind of disk, backups."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from vra_tui.store.backup import backups_in, folder_of
from vra_tui.store.mounts import network_file_system

#: Less free space than this is called little, bytes; as is less than the store itself takes.
_LITTLE_SPACE = 200e6
_OLD_BACKUP_DAYS = 7

State = Literal["ok", "warning", "failure", "repaired"]


@dataclass(frozen=True)
class Finding:
    """The result of one check: its name, its state, and in words what was found and what helps."""

    check: str
    state: State
    text: str


def check_files(store: Path, now: datetime) -> Iterator[Finding]:
    """Check who may read the store, the space on its disk, its kind, and the age of the last backup."""
    yield _permissions(store)
    size = store.stat().st_size
    free = shutil.disk_usage(store.parent).free
    enough = free > max(_LITTLE_SPACE, size)
    text = f"{free / 1e9:.1f} GB free, the store takes {size / 1e6:.0f} MB"
    yield Finding("disk", "ok" if enough else "warning", text + ("" if enough else ": make room"))
    network = network_file_system(store)
    if network:
        yield Finding("disk", "warning", f"it lies on {network}: locks may fail there. Use a local disk")
    yield _last_backup(store, now)


def _last_backup(store: Path, now: datetime) -> Finding:
    folder = folder_of(store)
    found = backups_in(folder, store)
    if not found:
        return Finding("backup", "warning", f"there is none in {folder}: `vra backup` makes one")
    age = (now - datetime.fromtimestamp(found[-1].stat().st_mtime, UTC)).total_seconds() / 86_400
    text = f"{len(found)} in {folder}, the last {age:.1f} days old"
    if age > _OLD_BACKUP_DAYS:
        return Finding("backup", "warning", f"{text}: `vra backup` makes one")
    return Finding("backup", "ok", text)


def _permissions(store: Path) -> Finding:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    own, folder = mode(store), mode(store.parent)
    for end in ("-wal", "-shm"):
        beside = store.with_name(f"{store.name}{end}")
        if beside.exists() and mode(beside) != own:
            text = f"{beside.name} has mode {mode(beside):o}, the store {own:o}: some cannot use it"
            return Finding("permissions", "warning", text)
    if own & 0o007 and folder & 0o005:
        text = f"everybody here can read it (mode {own:o}): `chmod o= {store}`"
        return Finding("permissions", "warning", text)
    if own & 0o060 == 0o060:
        shares = folder & 0o2030 == 0o2030
        text = f"shared with group {_group(store)} (mode {own:o}, folder {folder:o})"
        helps = "" if shares else f": so that all can write, `chmod 2770 {store.parent}`"
        return Finding("permissions", "ok" if shares else "warning", text + helps)
    return Finding("permissions", "ok", f"mode {own:o} in a folder of mode {folder:o}")


def _group(path: Path) -> str:
    try:
        return path.group()
    except (KeyError, NotImplementedError):
        return str(path.stat().st_gid)
