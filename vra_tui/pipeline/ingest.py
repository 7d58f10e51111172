"""Ingest: from files and streams of API responses into the store, in batches, refusing piece by piece."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.features.extinction import ebv_sfd
from vra_tui.store.alerts import Intake, UnitCodes, put_alerts, put_refusals
from vra_tui.store.connection import transaction
from vra_tui.survey.parse import AtlasObject, parse_object
from vra_tui.survey.readers import RawObject, find_files, read_file, read_stdin
from vra_tui.survey.refusal import Refusal, Refused

#: Objects written in one transaction: enough to spread its cost, few enough to bound memory.
_BATCH = 100

STDIN = Path("-")


def read_paths(
    paths: Iterable[Path], on_bytes: Callable[[int], None] = lambda size: None
) -> Iterator[RawObject | Refusal]:
    """Objects of files, folders and, for ``-``, standard input, in order; ``on_bytes`` as in `read_file`."""
    for path in paths:
        if path == STDIN:
            yield from read_stdin()
            continue
        for found in find_files([path]):
            if isinstance(found, Refusal):
                yield found
            else:
                yield from read_file(found, on_bytes)


def ingest(
    connection: sqlite3.Connection,
    pieces: Iterable[RawObject | Refusal],
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[Intake], None] = lambda intake: None,
) -> Intake:
    """Take in all pieces; what cannot be taken is reported, remembered in ``rejected``, and left out.

    Each batch is one transaction: an interrupted ingest keeps whole batches and can simply be repeated.
    """
    unit_codes = UnitCodes(connection)
    total = Intake()
    for objects, refusals in _batches(pieces, unit_codes):
        now = clock().astimezone(UTC).isoformat(timespec="seconds")
        with transaction(connection):
            unit_codes.save(connection)
            intake = put_alerts(connection, objects, now, ebv_sfd)
            put_refusals(connection, refusals, now)
        intake.refused = len(refusals)
        total += intake
        for refusal in refusals:
            on_refusal(refusal)
        on_progress(total)
    return total


def _batches(
    pieces: Iterable[RawObject | Refusal], unit_codes: UnitCodes
) -> Iterator[tuple[list[AtlasObject], list[Refusal]]]:
    objects: list[AtlasObject] = []
    refusals: list[Refusal] = []
    for piece in pieces:
        if isinstance(piece, Refusal):
            refusals.append(piece)
        else:
            try:
                objects.append(parse_object(piece.value, unit_codes))
            except Refused as refused:
                refusals.append(Refusal(piece.source, piece.position, str(refused), refused.atlas_id))
        if len(objects) + len(refusals) >= _BATCH:
            yield objects, refusals
            objects, refusals = [], []
    if objects or refusals:
        yield objects, refusals
