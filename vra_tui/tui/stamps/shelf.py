"""Decoded pictures of alerts, made ahead in a thread with a connection of its own, and a few of them kept."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from vra_tui.domain.stamp_frame import StampFrame
from vra_tui.errors import VraError
from vra_tui.pictures.decode import MOST_STORED, Picture, decode, no_picture
from vra_tui.pictures.stretch import Stretched
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store
from vra_tui.store.stamp_bytes import StampEpoch, stamp_bytes, stamp_epochs, stamped_association

#: Bytes of pixels that are kept.
_MOST_KEPT = 12_000_000
#: Epochs of one alert that are decoded in one go: who asks for another alert meanwhile waits for that.
_MOST_AT_ONCE = 20


@dataclass(eq=False)
class AlertStamps:
    """The epochs of an alert that have stamps, the latest last, and the pictures that were decoded.

    ``key`` changes when stamps come in. ``lender``: the other survey whose stamps of this place they are,
    "" where they are the alert's own. ``context``: the picture of the field, where one was fetched.
    ``fault``: why the store could not be read, "" where it was.
    """

    alert_id: int
    key: tuple[int, int]
    epochs: list[StampEpoch]
    context: Picture | None = None
    fault: str = ""
    lender: str = ""
    pictures: dict[int, Mapping[str, Picture]] = field(default_factory=dict)
    #: Levels of pictures, by epoch, kind, side, contrast, and whether they were not smoothed.
    levels: dict[tuple[int, str, int, int, bool], Stretched] = field(default_factory=dict)

    def keep_only(self, epochs: Sequence[int]) -> None:
        """Forget the pictures of all other epochs."""
        self.pictures = {one: held for one, held in self.pictures.items() if one in epochs}
        self.levels = {key: held for key, held in self.levels.items() if key[0] in epochs}

    @property
    def size(self) -> int:
        """Bytes of the pixels that it holds."""
        held = [picture for each in self.pictures.values() for picture in each.values()]
        if self.context is not None:
            held.append(self.context)
        levels = sum(one.levels.nbytes for one in [*self.levels.values()])
        return 2_000 + levels + sum(one.pixels.nbytes for one in held)


class StampShelf:
    """Reads and decodes stamps in its own thread; what was asked for last comes first."""

    def __init__(self, path: Path, frame_of: Callable[[str], StampFrame]) -> None:
        """``frame_of``: how the stamps of a survey lie."""
        self._path = path
        #: Called in the thread with what was read: what can be worked out before it is shown.
        self.warm: Callable[[AlertStamps], object] = lambda stamps: None
        self._frame_of = frame_of
        self._store: Store | None = None
        self._kept: OrderedDict[int, AlertStamps] = OrderedDict()
        self._lock = threading.Lock()
        self._ahead: list[Future[None]] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vra-stamps")

    def held(self, alert_id: int, key: tuple[int, int] | None = None) -> AlertStamps | None:
        """What is at hand of an alert, as of ``key`` where that is given."""
        with self._lock:
            found = self._kept.get(alert_id)
            if found is None or (key is not None and found.key != key):
                return None
            self._kept.move_to_end(alert_id)
            return found

    def fetch(self, alert_id: int, survey: str, epochs: Sequence[int] | None = None) -> "Future[AlertStamps]":
        """Read an alert's stamps before all that is prepared: the latest epoch's, or those of ``epochs``.

        Of very many pictures others than these are forgotten. Of many ``epochs`` some are read: ask again.
        """
        self._forget_ahead()
        return self._pool.submit(self._fetched, alert_id, survey, epochs)

    def prepare(self, alerts: Sequence[tuple[int, str]]) -> None:
        """Read the latest stamps of some alerts (id and survey) that are not at hand, when there is time."""
        self._forget_ahead()
        for alert_id, survey in alerts:
            if self.held(alert_id) is None:
                self._ahead.append(self._pool.submit(self._prepared, alert_id, survey))

    def close(self) -> None:
        """Close the connection."""
        self._forget_ahead()
        self._pool.submit(self._disconnect)
        self._pool.shutdown(wait=True)

    def _forget_ahead(self) -> None:
        for one in self._ahead:
            one.cancel()
        self._ahead.clear()

    def _disconnect(self) -> None:
        if self._store is not None:
            self._store.close()

    def _prepared(self, alert_id: int, survey: str) -> None:
        if self.held(alert_id) is None:
            self._fetched(alert_id, survey, None)

    def _fetched(self, alert_id: int, survey: str, wanted: Sequence[int] | None) -> AlertStamps:
        try:
            found = self._read(alert_id, survey, wanted)
        except (StoreFault, VraError) as error:
            fault = "the store cannot be read" if isinstance(error, StoreFault) else str(error)
            return AlertStamps(alert_id, (0, 0), [], fault=fault)
        self.warm(found)
        with self._lock:
            self._kept[alert_id] = found
            self._kept.move_to_end(alert_id)
            while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _read(self, alert_id: int, survey: str, wanted: Sequence[int] | None) -> AlertStamps:
        if self._store is None:
            self._store = open_store(self._path, create=False)
        frame = self._frame_of(survey)
        all_epochs = stamp_epochs(self._store, alert_id)
        key = sum(len(one.kinds) for one in all_epochs), sum(one.size for one in all_epochs)
        own = [one for one in all_epochs if "context" not in one.kinds]
        lender = None if own else stamped_association(self._store, alert_id)
        if lender is not None:
            own = [one for one in stamp_epochs(self._store, lender[0]) if "context" not in one.kinds]
            frame = self._frame_of(lender[1])
        before = self.held(alert_id, key)
        found = before or AlertStamps(alert_id, key, own, lender="" if lender is None else lender[1])
        chosen = [len(own) - 1] if wanted is None else wanted
        missing = [one for one in chosen if 0 <= one < len(own) and one not in found.pictures]
        for index in missing[:_MOST_AT_ONCE]:
            found.pictures[index] = self._pictures(own[index], frame)
        if found.size > _MOST_KEPT:
            found.keep_only(chosen)
        if found.context is None and all_epochs and "context" in all_epochs[-1].kinds:
            found.context = self._pictures(all_epochs[-1], StampFrame())["context"]
        return found

    def _pictures(self, epoch: StampEpoch, frame: StampFrame) -> dict[str, Picture]:
        assert self._store is not None
        data = stamp_bytes(self._store, list(epoch.kinds.values()), MOST_STORED)
        found = {}
        for kind, stamp_id in epoch.kinds.items():
            held = data.get(stamp_id, b"")
            negated = kind == "difference" and epoch.is_negative and frame.negative_shines
            if held is None:
                found[kind] = no_picture("too large to show")
            elif not isinstance(held, bytes) or not held:
                found[kind] = no_picture("deleted meanwhile" if stamp_id not in data else "empty")
            else:
                found[kind] = decode(held, frame, negated=negated)
        return found
