"""Run a long command of `vra` in a process beside the screen, and show its progress."""

import asyncio
import os
import pty
import re
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from vra_tui.text import printable

_START = "from vra_tui.cli import main; main()"
_BREAK = re.compile(rb"[\r\n]+")
#: How long a job may take to end by itself once it was asked to, seconds.
_PATIENCE = 5.0


class Job:
    """One process. It runs on a terminal of its own, as progress is only told to one."""

    def __init__(self, arguments: Sequence[str], on_line: Callable[[str], None]) -> None:
        self.arguments = tuple(arguments)
        self.is_cancelled = False
        self._on_line = on_line
        self._process: asyncio.subprocess.Process | None = None
        self._rest = b""
        self.last_line = ""

    @property
    def name(self) -> str:
        """The verb."""
        return self.arguments[0]

    async def run(self) -> int:
        """Run to the end; the process's exit code. Lines come to ``on_line`` as they are written."""
        ours, theirs = pty.openpty()
        os.set_blocking(ours, False)
        loop = asyncio.get_running_loop()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _START, *self.arguments,
                stdin=asyncio.subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True,
                # The keys come first: the work is done with what they leave.
                preexec_fn=_be_nice,
            )  # fmt: skip
            os.close(theirs)
            loop.add_reader(ours, self._read, ours)
            return await self._process.wait()
        finally:
            self._read(ours)
            loop.remove_reader(ours)
            os.close(ours)

    async def cancel(self) -> None:
        """Ask the process to end; what it had committed stays."""
        self.is_cancelled = True
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(self._process.wait(), _PATIENCE)
            except TimeoutError:
                self._process.kill()

    def _read(self, ours: int) -> None:
        try:
            data = os.read(ours, 65_536)
        except OSError:  # nothing to read, or the other end is closed
            return
        *whole, self._rest = _BREAK.split(self._rest + data)
        # A progress line has no end yet and is worth showing all the same.
        shown = [printable(line.decode(errors="replace"), 300) for line in (*whole, self._rest)]
        for line in filter(None, shown):
            self.last_line = line
            self._on_line(line)


def _be_nice() -> None:
    os.nice(10)
