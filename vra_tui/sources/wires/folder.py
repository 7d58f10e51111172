"""A watched folder: files of alerts that others drop there (rsync, scp), each taken in once it is whole."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.files import read_file
from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    SourceSettings,
    Tools,
    Wire,
    WireFault,
    WireOptions,
    options_of,
)
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

#: How programs that copy name what is not yet whole; hidden files, as rsync's, are left out in any case.
_PARTIAL = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", "~")
#: Pieces of one delivery at most: a file may hold a night.
_AT_ONCE = 200


class FolderOptions(WireOptions):
    """Which folder is watched, and how its files are read where their content does not tell."""

    path: Annotated[str, Field(min_length=1)]
    #: Names of files that are taken, such as `*.avro`.
    pattern: str = "*"
    #: Seconds between two looks at the folder.
    every: Annotated[float, Field(ge=0.1, le=7 * 86_400)] = 2.0
    #: A file is whole when it did not change for so many seconds.
    settle: Annotated[float, Field(ge=0, le=3600)] = 2.0
    format: Literal["json", "avro", "parquet", "table"] | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    survey: str | None = None
    #: A folder of Avro schemas, for messages that come without theirs.
    schemas: str | None = None


#: Size and time of last change of a file, nanoseconds: what tells that it changed.
_State = tuple[int, int]


class Folder(Wire):
    """A folder with its sub-folders. A file is read when it stopped growing, and again when it changed.

    A position for each file: its size and time of change. What stands in a file twice, or in two of them, is
    known by its bytes. Nothing is moved or deleted.
    """

    kind: ClassVar[str] = "folder"

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._options = options_of(settings, FolderOptions)
        self._folder = Path(self._options.path).expanduser()
        schemas = self._options.schemas
        self._reading = replace(
            tools.reading,
            format=self._options.format,
            columns=self._options.columns,
            survey=self._options.survey,
            schemas=None if schemas is None else Path(schemas).expanduser(),
        )

    def check(self) -> Answered:
        """Look into the folder."""
        found = len(self._look())
        return Answered(f"{printable(self._folder)} holds {found:,} file{'' if found == 1 else 's'}")

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """What is new or changed, the newest files first. What still grows is left for the next time."""
        first = self._new(positions)
        if not first:
            return
        self.tools.edges.wait(self._options.settle)
        now = self._look()
        whole = {name: state for name, state in first.items() if now.get(name) == state}
        yield from self._deliver(whole)

    def follow(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        """What comes, for ever; see `query`."""
        taken = dict(positions)
        #: Of files that are not yet taken: how they were, and since when.
        seen: dict[str, tuple[_State, float]] = {}
        is_first = True
        while True:
            now = self.tools.edges.now()
            new = self._new(taken)
            seen = {
                name: seen[name] if name in seen and seen[name][0] == state else (state, now)
                for name, state in new.items()
            }
            # Put back, a clock must not keep files waiting.
            whole = {
                name: state for name, (state, at) in seen.items() if abs(now - at) >= self._options.settle
            }
            for delivery in self._deliver(whole):
                yield delivery
                taken.update(delivery.positions)
            # At first nothing is known to be whole: that there is nothing is said after the second look.
            if not whole and not (is_first and seen):
                yield Delivery([])
            self.tools.edges.wait(self._options.settle if is_first and seen else self._options.every)
            is_first = False

    def _new(self, positions: Mapping[str, str]) -> dict[str, _State]:
        return {
            name: state for name, state in self._look().items() if positions.get(_part(name)) != _told(state)
        }

    def _look(self) -> dict[str, _State]:
        """The files by their names below the folder, with how each is. Raises WireFault."""
        found: dict[str, _State] = {}
        try:
            for folder, folders, names in os.walk(self._folder, onerror=_raise):
                # In place: those that are left out are not walked into.
                folders[:] = [name for name in folders if not name.startswith(".")]
                for name in names:
                    if name.startswith(".") or name.lower().endswith(_PARTIAL):
                        continue
                    path = Path(folder, name)
                    if not fnmatch(name, self._options.pattern) or not path.is_file():
                        continue
                    try:
                        status = path.stat()
                    except FileNotFoundError:
                        continue  # it was moved meanwhile
                    found[str(path.relative_to(self._folder))] = (status.st_size, status.st_mtime_ns)
        except OSError as error:
            raise WireFault(
                f"`{self.name}` cannot look into {printable(self._folder)}: {error.strerror or error}."
            ) from None
        return found

    def _deliver(self, files: Mapping[str, _State]) -> Iterator[Delivery]:
        """The pieces of files, the newest file first; the position of a file comes with its last pieces."""
        for name in sorted(files, key=lambda one: (-files[one][1], one)):
            pieces: list[Packet | Refusal] = []
            for piece in read_file(self._folder / name, self._reading):
                place = f"{printable(name)}: {piece.position}"
                pieces.append(replace(piece, source=self.name, position=place))
                if len(pieces) >= _AT_ONCE:
                    yield Delivery(pieces)
                    pieces = []
            yield Delivery(pieces, self._position(name, files[name]))

    def _position(self, name: str, state: _State) -> dict[str, str]:
        """That a file was read as it was; nothing where it changed while it was read: it comes again."""
        try:
            status = (self._folder / name).stat()
        except OSError:
            return {_part(name): _told(state)}
        return {_part(name): _told(state)} if (status.st_size, status.st_mtime_ns) == state else {}


def _part(name: str) -> str:
    """The file as the store names it: bytes of a name that are no text stand as `\\xff`."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _told(state: _State) -> str:
    return f"{state[0]} bytes, {state[1]}"


def _raise(error: OSError) -> None:
    raise error
