"""Files: from paths to packets, whatever format they are in, recognised by their content."""

import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from vra_tui.domain.refusal import Refusal
from vra_tui.sources import archives, avro, parquet, table_text, tables
from vra_tui.sources.bytes import GZIP_MAGIC, Counted, Peekable, Unpacked, UnpacksTooLarge
from vra_tui.sources.json_text import LINE_SUFFIXES, WHOLE_FILE_BYTES, read_json
from vra_tui.sources.reading import Reading
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: First bytes of what holds no alerts, and what is said of it.
_FOREIGN = {
    archives.ZIP_MAGIC: "it is a zip archive inside another one, or on standard input: unpack it",
    b"SIMPLE  =": "it is a FITS image, not an alert",
    b"SQLite format 3\x00": "it is an SQLite file: `vra bundle in` takes another store's alerts",
    b"\x89HDF": "it is an HDF5 file: give its table as Parquet or CSV",
    b"\x89PNG": "it is a picture",
    b"%PDF": "it is a PDF document",
    b"<?xml": "it is XML (a VOEvent?), which holds no light curve",
    b"\xff\xfe": "it is UTF-16: text is read as UTF-8",
    b"\xfe\xff": "it is UTF-16: text is read as UTF-8",
}
#: How texts begin that hold no alerts, or hold them inside of something else, and what is said of them.
_FOREIGN_TEXT = (
    (
        re.compile(rb"\A(?:---\s)?\s*(?:interactions:|[\w-]+:[ \t]*\r?\n\s*(?:- |[\w-]+:))"),
        "it is YAML (recorded answers of a server?), which is not taken in: save the answer itself as JSON",
    ),
    (
        re.compile(rb"\A(?:#+ |[^\n]*\n)?(?:.{0,4000}?\n)?```", re.DOTALL),
        "it is a page of text (Markdown), which is not taken in: save the JSON that it quotes to a file",
    ),
    (
        re.compile(rb"\A\s*<(?:!DOCTYPE|html)", re.IGNORECASE),
        "it is a web page (HTML): an error, or a log-in?",
    ),
)
_NO_TABLE = "it is text, but no JSON and no table with a header and as many fields in each row"
_HEAD = 64 << 10


def find_files(paths: Iterable[Path]) -> Iterator[Path | Refusal]:
    """The files that ``paths`` name, folders searched in the order of their names, hidden files left out."""
    for path in paths:
        try:
            if path.is_dir():
                yield from _inside(path)
            elif path.exists():
                yield path
            else:
                yield Refusal(printable(path), "file", "there is no such file or folder")
        except OSError as error:
            yield Refusal(printable(path), "file", f"it cannot be looked at: {error.strerror or error}")


def _inside(folder: Path) -> Iterator[Path | Refusal]:
    # Links to folders are not followed, and what is no plain file (a pipe, a device) is left alone: named by
    # itself it is read, found in a folder it could hold the program up for ever.
    def is_wanted(path: Path) -> bool:
        return path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)

    inside = sorted(path for path in folder.rglob("*") if is_wanted(path))
    if not inside:
        yield Refusal(printable(folder), "folder", "it holds no file")
    yield from inside


def read_file(
    path: Path, reading: Reading, on_bytes: Callable[[int], None] = lambda size: None
) -> Iterator[Packet | Refusal]:
    """Packets of one file; what cannot be read comes as refusals.

    ``on_bytes`` is told how many bytes of the file each step has read.
    """
    source = printable(path)
    try:
        with path.open("rb") as file:
            if file.peek(4).startswith(archives.ZIP_MAGIC) and file.seekable():
                yield from archives.read_zip(
                    file, source, lambda member, name: read_stream(member, name, reading, 1), on_bytes
                )
                return
            counted = Counted(file, on_bytes)
            yield from read_stream(counted, source, reading)
    except OSError as error:
        yield Refusal(source, "file", f"it cannot be read: {error.strerror or error}")


def read_stdin(reading: Reading) -> Iterator[Packet | Refusal]:
    """Packets from standard input, see `read_file`."""
    return read_stream(sys.stdin.buffer, tables.STDIN_NAME, reading)


def read_stream(stream: Any, source: str, reading: Reading, depth: int = 0) -> Iterator[Packet | Refusal]:
    """Packets of a byte stream, whose format its content tells, or ``reading`` where it says one."""
    buffered = Peekable(stream)
    if buffered.peek(2) == GZIP_MAGIC:
        buffered = Peekable(Unpacked(buffered))
    try:
        if not buffered.peek(1):
            buffered.raise_fault()  # rather than call it empty
        if buffered.peek(3) == _BYTE_ORDER_MARK:
            buffered.drop(3)
        yield from _read_format(buffered, source, reading, depth)
        buffered.raise_fault()
    except UnpacksTooLarge as bomb:
        yield Refusal(source, f"byte {buffered.position}", f"the rest is not read: {bomb}")
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(source, f"byte {buffered.position}", f"the compressed data are damaged: {error}")


def _read_format(stream: Peekable, source: str, reading: Reading, depth: int) -> Iterator[Packet | Refusal]:
    head = stream.peek(_HEAD)
    found = reading.format or _format_of(head, source)
    if found == "json":
        lines = source.endswith(LINE_SUFFIXES)
        whole = stream.peek(WHOLE_FILE_BYTES + 1)
        for piece in read_json(stream, source, whole, lines, reading):
            yield _with_options(piece, reading)
    elif found == "avro":
        if head[:1] == b"\x00":
            message = avro.read_message(stream.read(-1), source, "message", reading)
            yield _with_options(message, reading)
        else:
            for piece in avro.read_container(stream, source, reading):
                yield _with_options(piece, reading)
    elif found == "parquet":
        import io

        # Its index stands at the end: the whole is needed before the first row.
        yield from parquet.read_parquet(io.BytesIO(stream.read(-1)), source, reading)
    elif found == "table":
        yield from tables.read_table(cast(BinaryIO, stream), source, reading)
    elif found == "tar" and depth == 0:
        yield from archives.read_tar(
            stream, source, lambda file, name: read_stream(file, name, reading, depth + 1)
        )
    else:
        yield Refusal(source, "file", found if found != "tar" else "it is an archive inside an archive")


def _format_of(head: bytes, source: str) -> str:
    """One of the formats, `tar`, or why it is none."""
    if not head.strip():
        return "it is empty"
    if head.startswith(avro.MAGIC) or _is_framed(head):
        return "avro"
    if head.startswith(parquet.MAGIC):
        return "parquet"
    mark, name = archives.TAR_MARK
    if head[mark : mark + len(name)] == name:
        return "tar"
    if head.startswith(GZIP_MAGIC):
        return "it is gzip inside gzip: unpack it once"
    foreign = next((said for first, said in _FOREIGN.items() if head.startswith(first)), None)
    if foreign:
        return foreign
    if b"\x00" in head:
        return "it is a binary file of a kind that is not known"
    if head.lstrip()[:1] in b"{[":
        return "json"
    if tables.is_forced_text(head) or table_text.looks_like_table(head):
        return "table"
    if source.endswith(LINE_SUFFIXES) or source.endswith((".json", ".json.gz")):
        return "json"
    return next((said for form, said in _FOREIGN_TEXT if form.match(head)), _NO_TABLE)


def _is_framed(head: bytes) -> bool:
    """Tell whether it begins as a Rubin message does: byte 0, then a number of a schema, such as 1100."""
    return len(head) > 100 and head[0] == avro.CONFLUENT and 100 <= int.from_bytes(head[1:5], "big") < 100_000


def _with_options(piece: Packet | Refusal, reading: Reading) -> Packet | Refusal:
    if isinstance(piece, Refusal) or not reading.options:
        return piece
    return replace(piece, options=reading.options)
