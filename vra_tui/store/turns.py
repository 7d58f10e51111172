"""See that of several processes that follow streams into one store, one at a time does what is done once."""

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path


class Turn:
    """The turn to do something for a store: a lock on an empty file beside it, which one has at a time.

    The system takes the lock back when its process ends, however that is. The file goes with the process
    that ends in order; one that was left by a killed process is used again. Where no file can be made beside
    the store, everybody has the turn: so it may spare work, and nothing else may depend on it.

    ``what``: `scoring` or the like, a part of the file's name.
    """

    def __init__(self, store: Path, what: str) -> None:
        self._store = store
        self._path = store.with_name(f".{store.name}-{what}")
        self._file: int | None = None
        self._is_free_for_all = False

    def is_mine(self) -> bool:
        """Whether this process has the turn; takes it where nobody has it."""
        if self._file is None and not self._is_free_for_all:
            try:
                self._file = self._taken()
            except OSError:
                self._is_free_for_all = True
        return self._file is not None or self._is_free_for_all

    def close(self) -> None:
        """Leave the turn to the next."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                if self._is_there(file):
                    self._path.unlink()
            os.close(file)

    def _taken(self) -> int | None:
        """The locked file; None where another process has the lock. Raises OSError."""
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        is_mine = False
        try:
            # Who else may write the store may take a turn: others of a group that share it.
            with suppress(PermissionError):
                os.fchmod(file, stat.S_IMODE(self._store.stat().st_mode))
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Where another took the file away just before, the next try makes a new one.
                is_mine = self._is_there(file)
        finally:
            if not is_mine:
                os.close(file)
        return file if is_mine else None

    def _is_there(self, file: int) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(file), self._path.stat())
        return False
