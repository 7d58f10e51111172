"""Ingest: from files and streams of API responses into the store, in batches, refusing piece by piece."""

import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vra_tui.features.extinction import ebv_sfd
from vra_tui.store.alerts import Intake, UnitCodes, not_yet_held, put_alerts, put_refusals
from vra_tui.store.connection import transaction
from vra_tui.survey.parse import AtlasObject, parse_object
from vra_tui.survey.readers import RawObject, find_files, read_file, read_stdin
from vra_tui.survey.refusal import Refusal, Refused
from vra_tui.survey.times import mjd_of

#: Objects written in one transaction: enough to spread its cost, few enough to bound memory.
_BATCH = 100
_BATCH_BYTES = 16 << 20
#: How far an exposure may lie ahead of this machine's clock, days. The latest one in the store is the time
#: by which the policies act: one from the future would age every alert.
_AHEAD_DAYS = 2.0
#: So many pieces refused in a row in one file are told one by one; those that follow are only counted.
_TOLD_IN_A_ROW = 1_000
#: After so many in a row the rest of the file is not read: it holds no alerts, only work.
_GIVEN_UP_AFTER = 100_000

STDIN = Path("-")


def read_paths(
    paths: Iterable[Path],
    on_bytes: Callable[[int], None] = lambda size: None,
    given_up: Container[str] = frozenset(),
) -> Iterator[RawObject | Refusal]:
    """Objects of files, folders and, for ``-``, standard input, in order; ``on_bytes`` as in `read_file`.

    A source that is in ``given_up``, which `ingest` fills while it takes in the pieces, is read no further.
    """
    for path in paths:
        for found in [read_stdin()] if path == STDIN else find_files([path]):
            if isinstance(found, Refusal):
                yield found
                continue
            for piece in read_file(found, on_bytes) if isinstance(found, Path) else found:
                yield piece
                if piece.source in given_up:
                    break


def ingest(
    connection: sqlite3.Connection,
    pieces: Iterable[RawObject | Refusal],
    *,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[Intake], None] = lambda intake: None,
    given_up: set[str] | None = None,
) -> Intake:
    """Take in all pieces; what cannot be taken is reported, remembered in ``rejected``, and left out.

    A source of which nothing could be taken for a long time is put into ``given_up``, see `read_paths`.
    Each batch is one transaction: an interrupted ingest keeps whole batches and can simply be repeated.
    """
    unit_codes = UnitCodes(connection)
    total = Intake()
    for batch in _batches(pieces, unit_codes, clock, set() if given_up is None else given_up):
        now = batch.now.isoformat(timespec="seconds")
        if batch.objects or batch.refusals:
            # Whoever decides waits for the end of the transaction: what can be worked out before is.
            ebv = _ebv_by_id(not_yet_held(connection, batch.objects))
            with transaction(connection):
                total += put_alerts(connection, batch.objects, now, ebv)
                put_refusals(connection, batch.refusals, now)
        total.refused += batch.refused
        for refusal in batch.refusals:
            on_refusal(refusal)
        on_progress(total)
    return total


def _ebv_by_id(objects: list[AtlasObject]) -> dict[int, float]:
    ra, dec = (np.array([getattr(item.header, name) for item in objects]) for name in ("ra", "dec"))
    return dict(zip([item.atlas_id for item in objects], ebv_sfd(ra, dec).tolist(), strict=True))


@dataclass
class _Batch:
    """What is written in one transaction; ``refused`` counts also what is not told one by one."""

    now: datetime
    objects: list[AtlasObject] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    refused: int = 0
    size: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.objects) + self.refused >= _BATCH or self.size >= _BATCH_BYTES


def _batches(
    pieces: Iterable[RawObject | Refusal],
    unit_codes: UnitCodes,
    clock: Callable[[], datetime],
    given_up: set[str],
) -> Iterator[_Batch]:
    batch: _Batch | None = None
    row = _Row()
    for piece in pieces:
        batch = batch or _Batch(clock().astimezone(UTC))
        found = _parsed(piece, unit_codes, mjd_of(batch.now) + _AHEAD_DAYS)
        if row.source != piece.source:
            batch.refusals += row.summary()
            row = _Row(piece.source)
        if isinstance(found, Refusal):
            row.length += 1
            batch.refused += 1
            batch.refusals += [found] if row.length <= _TOLD_IN_A_ROW else []
            if row.length == _GIVEN_UP_AFTER:
                given_up.add(row.source)
                reason = f"{_GIVEN_UP_AFTER:,} pieces in a row were refused: the rest is not read"
                batch.refusals.append(Refusal(row.source, piece.position, reason))
                row.length = 0
        else:
            batch.refusals += row.summary()
            row.length = 0
            batch.objects.append(found)
            batch.size += piece.size if isinstance(piece, RawObject) else 0
        if batch.is_full:
            yield batch
            batch = None
    batch = batch or _Batch(clock().astimezone(UTC))
    batch.refusals += row.summary()
    if batch.objects or batch.refusals or batch.refused:
        yield batch


@dataclass
class _Row:
    """Refusals in a row from one source."""

    source: str = ""
    length: int = 0

    def summary(self) -> list[Refusal]:
        """What is said in place of those that were not told."""
        untold = self.length - _TOLD_IN_A_ROW
        if untold <= 0:
            return []
        return [
            Refusal(self.source, "after those", f"{untold:,} more in a row were refused and are not listed")
        ]


def _parsed(piece: RawObject | Refusal, unit_codes: UnitCodes, latest_mjd: float) -> AtlasObject | Refusal:
    if isinstance(piece, Refusal):
        return piece
    try:
        found = parse_object(piece.value, unit_codes)
        if found.curve.last_mjd > latest_mjd:
            raise Refused(
                f"its exposure of MJD {found.curve.last_mjd:.1f} lies in the future: "
                f"by this machine's clock it is MJD {latest_mjd - _AHEAD_DAYS:.1f}",
                found.atlas_id,
            )
        if not found.t0_is_derived and found.t0_mjd > latest_mjd:
            raise Refused(
                f"object.followup_flag_date is {found.header.followup_flag_date:%Y-%m-%d}, in the future: "
                f"by this machine's clock it is MJD {latest_mjd - _AHEAD_DAYS:.1f}",
                found.atlas_id,
            )
    except Refused as refused:
        return Refusal(piece.source, piece.position, str(refused), refused.atlas_id)
    return found
