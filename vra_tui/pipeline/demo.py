"""The demo: a store made from the sample data up to its last night, and that night replayed into it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.config.locations import demo_store, shipped
from vra_tui.domain.alert import NotAnAlert
from vra_tui.pipeline.fill_teach_list import renew_teach
from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.scoring.model.judges import Judges
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.whole import into_one_file
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.atlas.as_of import as_of, epochs_of, t0_mjd
from vra_tui.surveys.base import Packet

#: The last night of the sample is the last day of its exposures: the units stand around the globe.
_NIGHT_DAYS = 1.0
#: The night arrives in so many parts, over so many seconds.
_PARTS = 24
_SECONDS = 240.0


def make_demo_store(fresh: bool = False, on_step: Callable[[str], None] = lambda step: None) -> Path:
    """The demo store's file, made and scored up to the last night unless it stands; ``fresh``: anew."""
    path = demo_store()
    if path.exists() and not fresh:
        return path
    # Made beside its place: a demo that was interrupted while it was made is not taken for a whole one.
    making = path.with_name("demo.making.db")
    for leftover in (*_files(making), *(_files(path) if fresh else ())):
        leftover.unlink(missing_ok=True)
    on_step("Making the demo store from the sample data …")
    store = open_store(making, durable=False)
    told = sample()
    _put(store, told, _end_of(told) - _NIGHT_DAYS)
    into_one_file(store)
    store.close()
    making.replace(path)
    return path


@dataclass(frozen=True)
class SamplePacket:
    """A packet of the sample and the times (MJD, in no order) at which there is something new in it.

    ATLAS's responses tell the whole past of an object, and are cut to what was there at a time; what comes
    as packets of a stream was sent once, and is there from then on.
    """

    packet: Packet
    times: tuple[float, ...]

    def at(self, mjd: float) -> Packet | None:
        """The packet as it was at a time; None before there was one."""
        if not _is_response(self.packet):
            return self.packet if self.times[0] <= mjd else None
        value = as_of(self.packet.value, mjd)
        return None if value is None else Packet(self.packet.source, self.packet.position, value)


def sample() -> list[SamplePacket]:
    """The shipped sample, in the order of its files: responses of ATLAS, packets of ZTF and LSST."""
    surveys, told = installed_surveys(), []
    for packet in read_paths([shipped("sample_data")]):
        # Its README and the truth hold no alerts.
        if not isinstance(packet, Packet):
            continue
        if _is_response(packet):
            told.append(SamplePacket(packet, (*epochs_of(packet.value), t0_mjd(packet.value))))
            continue
        with suppress(NotAnAlert):
            told.append(SamplePacket(packet, (surveys.recognise(packet).alert(packet).as_of,)))
    return told


def _is_response(packet: Packet) -> bool:
    return packet.form == "json" and "lc" in packet.value


def replay_last_night(path: Path, seconds: float = _SECONDS) -> None:
    """Bring the sample's last night into the demo store, part by part, scoring each as it arrives.

    What is already there stays as it is, so that a replay that was cut off goes on where it stopped.
    """
    store = open_store(path, durable=False)
    told = sample()
    end = _end_of(told)
    begin = end - _NIGHT_DAYS
    parts = _PARTS if seconds > 0 else 1
    for part in range(1, parts + 1):
        time.sleep(seconds / parts)
        since = begin + _NIGHT_DAYS * (part - 1) / parts
        until = begin + _NIGHT_DAYS * part / parts
        changed = [one for one in told if any(since < mjd <= until for mjd in one.times)]
        _put(store, changed, until)
    store.close()


@contextmanager
def night_arriving(path: Path) -> Iterator[None]:
    """While the block runs, another process replays the last night into the store."""
    # A process of its own: threads that compute would double the time between a key and the screen.
    with path.with_name("demo.log").open("wb") as log:
        feeding = subprocess.Popen(
            [sys.executable, "-m", "vra_tui.pipeline.demo", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            feeding.terminate()
            feeding.wait()


def _put(store: Store, told: Sequence[SamplePacket], mjd: float) -> None:
    ingest(store, (packet for one in told if (packet := one.at(mjd)) is not None), clock=_now)
    scorer = StoreScorer(Judges.configured(), _now)
    scorer.score(store)
    scorer.explain(store)
    renew_teach(store)


def _end_of(told: Sequence[SamplePacket]) -> float:
    """The latest exposure of the sample: what is reported or raised later belongs to no night of it."""
    return max(_last_exposure(one) for one in told)


def _last_exposure(one: SamplePacket) -> float:
    if not _is_response(one.packet):
        return one.times[0]
    raw = one.packet.value
    return max((row["mjd"] for row in [*raw["lc"], *raw["lcnondets"]]), default=float("-inf"))


def _files(store: Path) -> tuple[Path, ...]:
    return store, store.with_name(store.name + "-wal"), store.with_name(store.name + "-shm")


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    replay_last_night(Path(sys.argv[1]))
