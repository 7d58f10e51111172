"""The pages of an SQLite file that belong to a table or an index (https://sqlite.org/fileformat2.html)."""

import random
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

_PAGE = 4_096
_INNER = {2, 5}


def leaves(path: Path, name: str) -> list[int]:
    """Numbers of the leaf pages of a table or index, in the order of its keys."""
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = store.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
    return _leaves(path.read_bytes(), root)


def _leaves(data: bytes, number: int) -> list[int]:
    page = data[(number - 1) * _PAGE : number * _PAGE]
    if page[0] not in _INNER:
        return [number]
    cells = struct.unpack_from(">H", page, 3)[0]
    starts = struct.unpack_from(f">{cells}H", page, 12)
    children = [struct.unpack_from(">I", page, start)[0] for start in starts]
    children.append(struct.unpack_from(">I", page, 8)[0])
    return [leaf for child in children for leaf in _leaves(data, child)]


def damage(path: Path, number: int) -> None:
    """Overwrite a page with what a failing disk leaves."""
    with path.open("r+b") as file:
        file.seek((number - 1) * _PAGE)
        file.write(random.Random(number).randbytes(_PAGE))


def damage_middle(path: Path, name: str) -> None:
    """Overwrite a page in the middle of a table or index."""
    found = leaves(path, name)
    damage(path, found[len(found) // 2])
