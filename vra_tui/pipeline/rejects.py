"""Refused packets whose bytes were kept: written to files to be looked at, or taken in once more."""

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from vra_tui.domain.refusal import Refusal
from vra_tui.errors import VraError
from vra_tui.pipeline.ingest import ingest
from vra_tui.sources.files import read_stream
from vra_tui.sources.reading import Reading
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.following import forget_rejected, rejected_packets
from vra_tui.store.intake import Intake
from vra_tui.surveys.base import Packet


def write_rejected(store: Store, source: str | None, folder: Path) -> list[Path]:
    """Write the kept bytes of refused packets into a folder, a file each; no file that is there is touched.

    Raises VraError where the folder cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, position, content in rejected_packets(store, source):
            path = folder / _file_name(name, position, content)
            # The name holds the content's hash: a file of that name holds the same bytes.
            if not path.exists():
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(file, "wb") as opened:
                    opened.write(content)
            written.append(path)
    except OSError as error:
        raise VraError(f"{folder} cannot be written: {error.strerror or error}.") from None
    return written


def take_in_again(
    store: Store,
    source: str | None,
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    reading: Reading | None = None,
) -> Intake:
    """Take refused packets in once more; those that are taken in now count as refused no longer."""
    packets = rejected_packets(store, source)
    still: set[tuple[str, str]] = set()

    def hear(refusal: Refusal) -> None:
        still.add((refusal.source, refusal.position))
        on_refusal(refusal)

    intake = ingest(store, _read(packets, reading or Reading()), clock=clock, on_refusal=hear)
    with transaction(store):
        forget_rejected(store, [(name, place) for name, place, _ in packets if (name, place) not in still])
    return intake


def _read(packets: list[tuple[str, str, bytes]], reading: Reading) -> Iterator[Packet | Refusal]:
    for name, position, content in packets:
        for piece in read_stream(io.BytesIO(content), name, reading):
            yield replace(piece, position=position)


def _file_name(source: str, position: str, content: bytes) -> str:
    place = re.sub(r"[^A-Za-z0-9@.=-]+", "_", f"{source}_{position}").strip("._")[:80]
    kind = "json" if content.lstrip()[:1] in b"{[" and content.strip() else "bin"
    return f"{place}_{hashlib.blake2b(content, digest_size=4).hexdigest()}.{kind}"
