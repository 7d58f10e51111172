"""Ingest: from files and streams of packets into the store, in batches, refusing piece by piece."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vra_tui.domain.alert import Alert, NotAnAlert, Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import date_of_mjd, mjd_of
from vra_tui.features.dust_map import DustMap
from vra_tui.pipeline.keeping import unwanted
from vra_tui.pipeline.own_labels import enter_own_labels
from vra_tui.sources.files import find_files, read_file, read_stdin
from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.base import Keep
from vra_tui.store import Store
from vra_tui.store.codes import Codes
from vra_tui.store.connection import transaction
from vra_tui.store.intake import Intake, is_seen, put_alerts
from vra_tui.store.refusals import put_refusals
from vra_tui.surveys import Surveys, installed_surveys
from vra_tui.surveys.base import EpochTable, Packet, Survey

#: Packets written in one transaction at most: enough to spread its cost, few enough to bound memory and the
#: time for which a scanner's decision may have to wait (some 40 ms). Of a stream that is calm, what came.
_BATCH = 250
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
    reading: Reading | None = None,
    on_bytes: Callable[[int], None] = lambda size: None,
    given_up: Container[str] = frozenset(),
) -> Iterator[Packet | Refusal]:
    """Packets of files, folders and, for ``-``, standard input, in order; ``on_bytes`` as in `read_file`.

    A source that is in ``given_up``, which `ingest` fills while it takes in the pieces, is read no further.
    """
    how = reading or Reading()
    for path in paths:
        for found in [read_stdin(how)] if path == STDIN else find_files([path]):
            if isinstance(found, Refusal):
                yield found
                continue
            for piece in read_file(found, how, on_bytes) if isinstance(found, Path) else found:
                yield piece
                if piece.source in given_up:
                    break


def ingest_paths(
    store: Store,
    paths: Iterable[Path],
    reading: Reading | None = None,
    on_bytes: Callable[[int], None] = lambda size: None,
    **how: Any,
) -> Intake:
    """Take in all packets of files and folders; ``how`` as in `ingest`.

    What was taken in before is known by its bytes, and not decoded again.
    """
    given_up: set[str] = set()
    known = replace(reading or Reading(), is_known=lambda digest: is_seen(store, digest))
    return ingest(store, read_paths(paths, known, on_bytes, given_up), given_up=given_up, **how)


def ingest(
    store: Store,
    pieces: Iterable[Packet | Refusal],
    *,
    clock: Callable[[], datetime],
    surveys: Surveys | None = None,
    dust: DustMap | None = None,
    survey: str | None = None,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[Intake], None] = lambda intake: None,
    given_up: set[str] | None = None,
    keep: Keep | None = None,
) -> Intake:
    """Take in all pieces; what cannot be taken is reported, remembered in ``rejected``, and left out.

    ``surveys`` at hand and map of ``dust``: found and read anew without; whoever takes in often keeps them.
    ``survey``: whose packets these are; without it each packet tells. A source of which nothing could be
    taken for a long time is put into ``given_up``, see `read_paths`. ``keep``: what is wanted of it; the rest
    is counted and left out, and taken in where it comes again and is wanted. Each batch is one transaction:
    an interrupted ingest keeps whole batches and can simply be repeated.
    """
    codes, total, met = Codes(store), Intake(), set[str]()
    at_hand, extinction = surveys or installed_surveys(), dust or DustMap()
    parse = _Parse(at_hand, survey)
    for batch in _batches(pieces, parse, clock, set() if given_up is None else given_up):
        now = batch.now.isoformat(timespec="seconds")
        if keep is not None:
            batch.leave_out(unwanted(store, batch.alerts, keep))
        intake = Intake.of(batch.apart)
        refusals = batch.refusals
        if batch.alerts:
            digests = [packet.digest for packet in batch.packets]
            put, unfit = put_alerts(store, batch.alerts, now, extinction, codes, digests)
            intake += put
            held = {name for name, one in put.by_survey.items() if one.new or one.extended or one.unchanged}
            if held - met:
                met |= held
                for refusal in enter_own_labels(store, at_hand):
                    on_refusal(refusal)
            refusals = refusals + [
                Refusal(
                    batch.packets[row].source,
                    batch.packets[row].position,
                    reason,
                    batch.alerts[row].object_id,
                )
                for row, reason in unfit.items()
            ]
        if refusals:
            with transaction(store):
                put_refusals(store, refusals, now)
        total += intake
        for refusal in refusals:
            on_refusal(refusal)
        on_progress(total)
    return total


def alerts_of(
    pieces: Iterable[Packet | Refusal],
    surveys: Surveys,
    survey: str | None,
    *,
    clock: Callable[[], datetime],
) -> Iterator[tuple[Packet | Refusal, Alert | Refusal | None]]:
    """Each piece with its alert, refused as `ingest` would; None where a sound packet has none."""
    parse = _Parse(surveys, survey)
    for piece in pieces:
        yield piece, parse(piece, mjd_of(clock().astimezone(UTC)) + _AHEAD_DAYS)[1]


@dataclass
class _Batch:
    """What is written in one transaction; ``apart`` counts, by survey, what is no alert: refused, also where
    that is not told one by one, and passed over.
    """

    now: datetime
    alerts: list[Alert] = field(default_factory=list)
    #: Of each alert its packet, whose content is not kept.
    packets: list[Packet] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    apart: dict[str, Intake] = field(default_factory=lambda: defaultdict(Intake))
    pieces: int = 0
    size: int = 0

    def leave_out(self, places: Collection[int]) -> None:
        """Take the alerts at these places out again, and count them."""
        for place in places:
            self.apart[self.alerts[place].survey].left_out += 1
        self.alerts = [one for place, one in enumerate(self.alerts) if place not in places]
        self.packets = [one for place, one in enumerate(self.packets) if place not in places]

    @property
    def is_full(self) -> bool:
        return self.pieces >= _BATCH or self.size >= _BATCH_BYTES

    @property
    def is_empty(self) -> bool:
        return not (self.pieces or self.refusals)


def _batches(
    pieces: Iterable[Packet | Refusal],
    parse: "_Parse",
    clock: Callable[[], datetime],
    given_up: set[str],
) -> Iterator[_Batch]:
    batch: _Batch | None = None
    row = _Row()
    for piece in pieces:
        batch = batch or _Batch(clock().astimezone(UTC))
        survey, found = parse(piece, mjd_of(batch.now) + _AHEAD_DAYS)
        batch.pieces += 1
        if row.source != piece.source:
            batch.refusals += row.summary()
            row = _Row(piece.source)
        if isinstance(found, Refusal):
            row.length += 1
            batch.apart[survey].refused += 1
            batch.refusals += [found] if row.length <= _TOLD_IN_A_ROW else []
            if row.length == _GIVEN_UP_AFTER:
                given_up.add(row.source)
                reason = f"{_GIVEN_UP_AFTER:,} pieces in a row were refused: the rest is not read"
                batch.refusals.append(Refusal(row.source, piece.position, reason))
                row.length = 0
        else:
            batch.refusals += row.summary()
            row.length = 0
            if isinstance(piece, Packet) and piece.is_repeat:
                batch.apart[survey].unchanged += 1
            elif found is None:
                batch.apart[survey].passed_over += 1
            else:
                batch.alerts.append(found)
                digest = piece.digest if isinstance(piece, Packet) else b""
                batch.packets.append(Packet(piece.source, piece.position, None, digest=digest))
                batch.size += piece.size if isinstance(piece, Packet) else 0
        if batch.is_full:
            yield batch
            batch = None
    batch = batch or _Batch(clock().astimezone(UTC))
    batch.refusals += row.summary()
    if not batch.is_empty:
        yield batch


@dataclass
class _Row:
    """Refusals in a row from one source."""

    source: str = ""
    length: int = 0

    def summary(self) -> list[Refusal]:
        """Return what is said in place of those that were not told."""
        untold = self.length - _TOLD_IN_A_ROW
        if untold <= 0:
            return []
        return [
            Refusal(self.source, "after those", f"{untold:,} more in a row were refused and are not listed")
        ]


@dataclass(frozen=True)
class _Parse:
    """Turns packets into alerts: by the named survey, or by the one that recognises each."""

    surveys: Surveys
    survey: str | None

    def __call__(self, piece: Packet | Refusal, latest_mjd: float) -> tuple[str, Alert | Refusal | None]:
        """The survey of a packet, "" where none knows it, and its alert.

        None where it soundly has none, or was taken in before.
        """
        if isinstance(piece, Refusal):
            return "", piece
        if piece.is_repeat:
            return "", None
        name = ""
        try:
            if isinstance(piece.value, Alert):
                alert = piece.value
            else:
                survey = self._survey_of(piece)
                name = str(piece.options.get("survey") or survey.name)
                alert = survey.alert(piece)
            self._refuse_future(alert, latest_mjd)
            return alert.survey, alert
        except NotAnAlert:
            return name, None
        except Refused as refused:
            return name, Refusal(piece.source, piece.position, str(refused), refused.object_id)

    def _survey_of(self, packet: Packet) -> Survey:
        if self.survey is None:
            return self.surveys.recognise(packet)
        if isinstance(packet.value, EpochTable) and packet.value.kind == "columns":
            return self.surveys["table"]
        if self.survey not in self.surveys:
            raise Refused(f"it is no table of light curves, and none but those can be `{self.survey}`'s")
        survey = self.surveys[self.survey]
        if not survey.recognises(packet):
            raise Refused(f"it is no packet of the survey `{self.survey}`")
        return survey

    @staticmethod
    def _refuse_future(alert: Alert, latest_mjd: float) -> None:
        last = max(
            [float(section.mjd[-1]) for section in alert.light_curve.sections if len(section)], default=0.0
        )
        if last > latest_mjd:
            raise Refused(
                f"its exposure of {_day(last)} lies in the future: by this machine's clock it is "
                f"{_day(latest_mjd - _AHEAD_DAYS)}",
                alert.object_id,
            )
        t0 = alert.facts.get("t0_mjd")
        if t0 is not None and float(t0) > latest_mjd:
            raise Refused(
                f"it says that it was raised on {_day(float(t0))}, in the future: "
                f"by this machine's clock it is {_day(latest_mjd - _AHEAD_DAYS)}",
                alert.object_id,
            )


def _day(mjd: float) -> str:
    return f"{date_of_mjd(mjd)} (MJD {mjd:.1f})"
