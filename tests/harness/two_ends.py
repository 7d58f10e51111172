"""Two ends of `vra sync` in one process, with a line between them that can be cut after so many bytes."""

import os
import threading
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from vra_tui.pipeline.sync.far_end import answer
from vra_tui.pipeline.sync.lines import Pipe
from vra_tui.pipeline.sync.near_end import Synced, WantedAlerts, synchronise
from vra_tui.store.connection import open_store
from vra_tui.store.schema import SCHEMA_VERSION


class Line:
    """The writing end of a pipe; ``last`` bytes pass, then it breaks. ``passed`` counts what did."""

    def __init__(self, file: IO[bytes], last: int | None = None) -> None:
        self._file, self._last, self.passed = file, last, 0

    def write(self, data: bytes) -> None:
        """Pass bytes on, as far as the line holds."""
        room = len(data) if self._last is None else max(0, self._last - self.passed)
        self._file.write(data[:room])
        self.passed += min(room, len(data))
        if room < len(data):
            self._file.close()
            raise BrokenPipeError

    def flush(self) -> None:
        """See `io`."""
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        """See `io`."""
        if not self._file.closed:
            self._file.close()


def sync_once(
    near: Path,
    far: Path,
    *,
    now: datetime,
    far_now: datetime | None = None,
    alerts: WantedAlerts | None = None,
    to_far: int | None = None,
    to_near: int | None = None,
) -> tuple[Synced, int]:
    """Synchronise two stores, and tell how many bytes passed; ``to_far``, ``to_near``: so many pass at most.

    Raises as `synchronise`.
    """
    out_of_near, into_far = os.pipe()[::-1], None
    out_of_far = os.pipe()[::-1]
    near_writes = Line(os.fdopen(out_of_near[0], "wb"), to_far)
    far_writes = Line(os.fdopen(out_of_far[0], "wb"), to_near)
    into_far, into_near = os.fdopen(out_of_near[1], "rb"), os.fdopen(out_of_far[1], "rb")
    faults: list[BaseException] = []

    def serve() -> None:
        writer: Any = far_writes
        try:
            with closing(open_store(far, durable=False)) as store:
                answer(
                    store,
                    far,
                    Pipe(into_far, writer),
                    version="9.9",
                    schema=SCHEMA_VERSION,
                    clock=lambda: far_now or now,
                )
        except BaseException as fault:
            faults.append(fault)
        finally:
            far_writes.close()
            into_far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        writer: Any = near_writes
        with closing(open_store(near, durable=False)) as store:
            synced = synchronise(store, near, Pipe(into_near, writer), clock=lambda: now, alerts=alerts)
    finally:
        near_writes.close()
        into_near.close()
        thread.join()
    assert not faults, faults
    return synced, near_writes.passed + far_writes.passed
