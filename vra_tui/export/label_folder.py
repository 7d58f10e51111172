"""Labels in a folder that a team shares over NFS, ssh or git: files of JSON lines, each written once.

No file is ever changed, and no two programs write one: what is new goes into a file of its own, which takes
its name when it is whole. So there is nothing to lock, a copy that was cut off lacks whole files, and folders
are united by copying their files together.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.export.files import replaced
from vra_tui.export.label_files import NEEDED_COLUMNS
from vra_tui.export.tables import TableError, read_table, write_jsonl
from vra_tui.store.decision_ids import new_id
from vra_tui.store.label_entry import Merged, Row, checked, id_of, new_rows
from vra_tui.store.log import HISTORY_COLUMNS

#: The files of the folder; others are left alone.
_FILES = "labels-*.jsonl"


@dataclass(frozen=True)
class LabelFolder:
    """A shared folder as a `vra_tui.store.label_log.LabelLog`. All of it is read each time."""

    folder: Path

    def append(
        self,
        pieces: Iterable[InputPiece | Refusal],
        on_refusal: Callable[[Refusal], None] = lambda refusal: None,
        *,
        now: datetime,
    ) -> Merged:
        """Write what the folder lacks as one more file, if it lacks anything. Raises ExportError."""
        merged = Merged()

        def refuse(refusal: Refusal) -> None:
            merged.refused += 1
            on_refusal(refusal)

        given = list(checked(pieces, now, refuse))
        wanted = {row[0] for _, row in given}
        alike = (one for one in self.entries() if isinstance(one, InputPiece) and id_of(one) in wanted)
        held: dict[str, Row] = {}
        # What is wrong with rows that lie here, whoever reads them is told.
        for _, row in checked(alike, now, lambda refusal: None):
            held.setdefault(row[0], row)
        new = new_rows(given, held, merged, refuse)
        if new:
            with replaced(self.folder / f"labels-{new_id(now)}.jsonl") as file:
                write_jsonl((dict(zip(HISTORY_COLUMNS, row, strict=True)) for row in new), file)
        return merged

    def entries(self) -> Iterator[InputPiece | Refusal]:
        """All rows in the order of their ids, after what could not be read; a row in several files once."""
        pieces: list[InputPiece] = []
        for path in sorted(self.folder.glob(_FILES)):
            for piece in _read(path):
                if isinstance(piece, Refusal):
                    yield piece
                else:
                    pieces.append(piece)
        seen: dict[str, list[Any]] = {}
        for piece in sorted(pieces, key=id_of):
            alike = seen.setdefault(id_of(piece), [])
            if piece.value not in alike:
                alike.append(piece.value)
                yield piece


def _read(path: Path) -> Iterator[InputPiece | Refusal]:
    try:
        with path.open("rb") as file:
            yield from read_table(file, str(path), NEEDED_COLUMNS)
    except OSError as error:
        yield Refusal(str(path), "file", f"it cannot be read: {error.strerror or error}")
    except TableError as error:
        yield Refusal(str(path), "file", str(error))
