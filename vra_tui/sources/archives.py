"""Archives of packets: the members of a tar or zip file, one after the other, none written to disk."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.bytes import MAX_UNPACKING, UNPACKED_FREELY
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

#: Where a tar file says that it is one.
TAR_MARK = (257, b"ustar")
#: How a zip file begins.
ZIP_MAGIC = b"PK\x03\x04"
_MAX_MEMBERS = 1_000_000


def read_tar(
    stream: Any, source: str, read_member: Callable[[BinaryIO, str], Iterator[Packet | Refusal]]
) -> Iterator[Packet | Refusal]:
    """What ``read_member`` finds in each file of a tar stream; links, devices and folders are passed over."""
    is_empty = True
    try:
        with tarfile.open(fileobj=cast(BinaryIO, stream), mode="r|", tarinfo=_Member) as archive:
            number = 0
            while (member := archive.next()) is not None:
                is_empty = False
                # It keeps every header it has read: a kilobyte a file.
                archive.members.clear()  # type: ignore[attr-defined]
                if number >= _MAX_MEMBERS:
                    yield Refusal(source, f"member {number}", "it holds too many files: the rest is not read")
                    return
                number += 1
                file = archive.extractfile(member) if member.isreg() else None
                if file is not None and not _is_hidden(member.name):
                    yield from read_member(cast(BinaryIO, file), f"{source}:{printable(member.name)}")
    except tarfile.TarError as error:
        yield Refusal(source, "file", f"the archive is damaged: {printable(error, 160)}")
    else:
        if is_empty:
            yield Refusal(source, "file", "it is an archive without a file")


def read_zip(
    file: BinaryIO,
    source: str,
    read_member: Callable[[BinaryIO, str], Iterator[Packet | Refusal]],
    on_bytes: Callable[[int], None] = lambda size: None,
) -> Iterator[Packet | Refusal]:
    """What ``read_member`` finds in each file of a zip, which must be seekable; folders are passed over.

    ``on_bytes`` is told the packed size of each member behind which it is. A locked or damaged member is
    refused by itself.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Refusal(source, "file", f"the archive is damaged: {printable(error, 160)}")
        return
    with archive:
        members = archive.infolist()
        if not members:
            yield Refusal(source, "file", "it is an archive without a file")
        for number, member in enumerate(members):
            if number >= _MAX_MEMBERS:
                yield Refusal(source, f"member {number}", "it holds too many files: the rest is not read")
                return
            if not member.is_dir() and not _is_hidden(member.filename):
                yield from _of_zip(archive, member, f"{source}:{printable(member.filename)}", read_member)
            on_bytes(member.compress_size)


def _of_zip(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    name: str,
    read_member: Callable[[BinaryIO, str], Iterator[Packet | Refusal]],
) -> Iterator[Packet | Refusal]:
    if member.file_size > max(UNPACKED_FREELY, MAX_UNPACKING * member.compress_size):
        yield Refusal(name, "file", f"it unpacks to more than {MAX_UNPACKING} times its size")
        return
    try:
        with archive.open(member) as content:
            yield from read_member(cast(BinaryIO, content), name)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        # A RuntimeError is what a locked member gives; NotImplementedError, another way of packing, is one.
        yield Refusal(name, "file", f"it cannot be unpacked: {printable(error, 160)}")


class _Member(tarfile.TarInfo):
    """A member whose damaged header is an error; Python's reader takes it for the end of the archive."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> "_Member":
        """See `tarfile.TarInfo`. Raises ReadError."""
        try:
            return super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(f"what follows is not read: {error}") from None


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/") if part not in (".", ".."))
