"""Archives of packets: the members of a tar file, one after the other, without writing any to disk."""

import tarfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from vra_tui.domain.refusal import Refusal
from vra_tui.surveys.base import Packet
from vra_tui.text import printable

#: Where a tar file says that it is one.
TAR_MARK = (257, b"ustar")
_MAX_MEMBERS = 1_000_000


def read_tar(
    stream: Any, source: str, read_member: Callable[[BinaryIO, str], Iterator[Packet | Refusal]]
) -> Iterator[Packet | Refusal]:
    """What ``read_member`` finds in each file of a tar stream; links, devices and folders are passed over."""
    is_empty = True
    try:
        with tarfile.open(fileobj=cast(BinaryIO, stream), mode="r|", tarinfo=_Member) as archive:
            for number, member in enumerate(archive):
                is_empty = False
                if number >= _MAX_MEMBERS:
                    yield Refusal(source, f"member {number}", "it holds too many files: the rest is not read")
                    return
                file = archive.extractfile(member) if member.isreg() else None
                if file is not None and not _is_hidden(member.name):
                    yield from read_member(cast(BinaryIO, file), f"{source}:{printable(member.name)}")
    except tarfile.TarError as error:
        yield Refusal(source, "file", f"the archive is damaged: {printable(error, 160)}")
    else:
        if is_empty:
            yield Refusal(source, "file", "it is an archive without a file")


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
