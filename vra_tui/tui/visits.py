"""Remember what each list held when a scanner looked at it last, to tell what is new there since."""

import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np

from vra_tui.private import make_private
from vra_tui.store import Store
from vra_tui.store.membership import members
from vra_tui.tui.order import Ids
from vra_tui.tui.tabs import LISTS, UNTOLD

#: A list counts as visited once it was open for so many looks at the store, about a second apart: who steps
#: through the lists with `]` has not seen what is new in each.
_LOOKS = 2
#: A file that says it holds more than this is not ours, bytes.
_MOST = 1 << 28


class VisitFiles:
    """The alerts seen in each list, a small file for each list of a store and scanner.

    A file is replaced as a whole and read again when another screen replaced it: of two screens that visit
    one list the later visit holds, and neither touches what the other keeps of other lists. Losing a file
    loses no more than the marks of what is new.
    """

    def __init__(self, folder: Path | None, store: Path, scanner: str) -> None:
        """``folder``: None keeps everything in memory, for as long as the program runs."""
        digest = sha256(f"{store.resolve()} {scanner}".encode("utf-8", "surrogateescape")).hexdigest()
        self._folder = None if folder is None else folder / digest[:16]
        self._seen: dict[str, Ids] = {}
        self._stamps: dict[str, tuple[int, int]] = {}

    def read(self, name: str) -> Ids | None:
        """The alerts seen in a list, ascending; None where nothing is known of it."""
        if self._folder is not None:
            with suppress(OSError, ValueError, zlib.error):  # a lost visit keeps nobody from the list
                stamp = self._stamp(name)
                if stamp != self._stamps.get(name):
                    self._seen[name] = _unpacked(self._file(name).read_bytes())
                    self._stamps[name] = stamp
        return self._seen.get(name)

    def keep(self, name: str, ids: Ids) -> None:
        """Write down what was seen of a list. A file that cannot be written is let be."""
        self._seen[name] = ids = np.unique(ids)
        if self._folder is None:
            return
        with suppress(OSError, ValueError):
            make_private(self._folder)
            beside = self._folder / f"{name}.{os.getpid()}"
            beside.write_bytes(_packed(ids))
            beside.replace(self._file(name))
            self._stamps[name] = self._stamp(name)

    def _file(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{name}.seen"

    def _stamp(self, name: str) -> tuple[int, int]:
        known = self._file(name).stat()
        return known.st_mtime_ns, known.st_ino


class Visits:
    """Follows which list is open, and tells what is new in each; called from one thread and no other."""

    def __init__(self, files: VisitFiles, scanner: str) -> None:
        self._files = files
        self._scanner = scanner
        self._open: str | None = None
        self._before: Ids | None = None
        self._shown: Ids = np.empty(0, dtype=np.int64)
        self._is_whole = True
        self._looks = 0

    def look(self, name: str, ids: Ids, is_whole: bool) -> None:
        """A list is open with these ids; ``is_whole``: they are all that it holds."""
        if name != self._open:
            self.leave()
            self._open, self._before, self._looks = name, self._files.read(name), 0
        self._shown, self._is_whole = ids, is_whole
        self._looks += 1

    def leave(self) -> None:
        """The open list is left: it was visited, if it was open long enough to be looked at."""
        if self._open is None or self._looks < _LOOKS or self._open in UNTOLD:
            return
        seen = self._shown
        if not self._is_whole and (before := self._files.read(self._open)) is not None:
            seen = np.concatenate([seen, before])
        self._files.keep(self._open, seen)
        self._open = None

    def fresh(self, store: Store, lists: Iterable[str] = LISTS) -> dict[str, frozenset[int]]:
        """Alerts in each list that were not in it when it was visited last, the scanner's own doing apart.

        In the open list: before it was opened. Where no visit is known, this is one: a first start marks
        nothing. Raises StoreFault.
        """
        found = {}
        for name in lists:
            if name in UNTOLD:
                continue
            ids = members(store, name, self._scanner)
            seen = self._before if name == self._open else self._files.read(name)
            if seen is None:
                self._files.keep(name, ids)
                seen = ids
                if name == self._open:
                    self._before = ids
            found[name] = frozenset(_without(ids, seen).tolist())
        return found


def _without(ids: Ids, seen: Ids) -> Ids:
    """Those of the ids that were not seen; both ascending."""
    if not len(seen):
        return ids
    places = np.minimum(np.searchsorted(seen, ids), len(seen) - 1)
    return ids[seen[places] != ids]


def _packed(ids: Ids) -> bytes:
    """Ascending ids by their differences, which are small and alike: a byte or two each."""
    return zlib.compress(np.diff(ids, prepend=0).astype("<i8").tobytes(), 1)


def _unpacked(packed: bytes) -> Ids:
    """The ids of `_packed`. Raises ValueError and zlib.error for what it did not write."""
    reader = zlib.decompressobj()
    raw = reader.decompress(packed, _MOST)
    if not reader.eof:
        raise ValueError("cut short, or too long")
    return np.cumsum(np.frombuffer(raw, "<i8"), dtype=np.int64)
