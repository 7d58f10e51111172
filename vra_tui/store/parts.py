"""Write a file beside its place and move it there when it is whole; sweep what killed programs left."""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from vra_tui.private import make_private

_BEGINNING = ".vra-part-"
#: A folder as `tempfile.mkdtemp` names it.
_FOLDER = re.compile(re.escape(_BEGINNING) + r"[a-z0-9_]{8}")
#: What such a folder holds: the part, what SQLite puts beside it, and the mark that says whose it is.
_PART, _MARK = "part.db", "made-by-vra-tui"
_FILES = (_PART, f"{_PART}-journal", f"{_PART}-wal", f"{_PART}-shm")
_WORDS = b"vra-tui fills a file here and moves it to its place. Where no vra-tui runs, it may be deleted.\n"
#: A part is swept when it is so old and nobody holds its lock: on a network disk the lock of a program on
#: another host may not be seen.
_OLD_SECONDS = 86_400.0


@contextmanager
def made_beside(target: Path, mode: int = 0o600) -> Iterator[Path]:
    """A private file to fill, that takes the place of ``target`` when the block ends well, synced.

    It is filled in a folder of its own beside ``target``, with a mark that `sweep` knows.
    """
    if not target.parent.exists():
        make_private(target.parent)
        if mode & 0o060 == 0o060:  # of a store that a group shares
            target.parent.chmod(0o2770)
    folder = Path(tempfile.mkdtemp(prefix=_BEGINNING, dir=target.parent))
    mark = -1
    try:
        mark = os.open(folder / _MARK, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with suppress(OSError):  # a file system without locks: then age alone keeps it from being swept
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(mark, _WORDS)
        part = folder / _PART
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield part
        os.chmod(part, mode)
        sync(part)
        part.replace(target)
        sync(target.parent)
    finally:
        _remove(folder)
        if mark >= 0:
            os.close(mark)


def sweep(folder: Path, now: datetime) -> None:
    """Drop the parts that killed programs left in a folder: ours by name, owner, mark and content alone."""
    with suppress(OSError):
        for part in [path for path in folder.iterdir() if _FOLDER.fullmatch(path.name)]:
            with suppress(OSError):
                _sweep_one(part, now)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _sweep_one(folder: Path, now: datetime) -> None:
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        return
    if now.timestamp() - about.st_mtime <= _OLD_SECONDS or not set(os.listdir(folder)) <= {*_FILES, _MARK}:
        return
    try:
        mark = os.open(folder / _MARK, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        folder.rmdir()  # killed before it made anything; a folder with something in it stays
        return
    try:
        # Killed while it wrote the mark, it had made nothing else.
        if _WORDS.startswith(os.read(mark, len(_WORDS) + 1)):
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else it still runs, however long
            _remove(folder)
    finally:
        os.close(mark)


def _remove(folder: Path) -> None:
    # The mark goes last: a sweep that is killed is completed by the next.
    for name in (*_FILES, _MARK):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()
