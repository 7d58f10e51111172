"""A program in a pseudo-terminal: keys in, bytes out, and what each key costs in time, bytes and CPU."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: Nothing more is expected after so long without output, seconds.
QUIET = 0.25
#: A move into the panes right of the list, on a screen of 120x40.
_PANES = re.compile(rb"\x1b\[(?:[3-9]|[12]\d|3[0-6]);(?:6[5-9]|[7-9]\d|1[012]\d)H")
#: Ends a synchronised frame.
_FRAME_END = b"\x1b[?2026l"


@dataclass(frozen=True)
class Cost:
    """What one key cost: times in ms from the key (NaN when nothing came), bytes written, CPU in ms.

    ``drawn``: when the last byte of the first frame was there that changed the panes right of the list.
    """

    first: float
    last: float
    written: int
    cpu: float
    drawn: float


class Terminal:
    """A program of ``columns`` × ``rows`` cells; answers the one question that terminals answer."""

    def __init__(
        self, command: Sequence[str], columns: int, rows: int, environment: dict[str, str] | None = None
    ) -> None:
        self.started = time.perf_counter()
        self.output = bytearray()
        # When how much of the output was there.
        self._arrived: list[tuple[int, float]] = []
        pid, self._file = pty.fork()
        if pid == 0:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            # Processes that run tests side by side name a size, which would go before the terminal's own.
            inherited = {name: os.environ[name] for name in os.environ.keys() - {"COLUMNS", "LINES"}}
            env = {**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
            os.execvpe(command[0], list(command), env)
        self._pid = pid
        self._code: int | None = None
        self._is_hung_up = False

    def read(self, quiet: float = QUIET, limit: float = 30.0) -> tuple[float, float, int]:
        """Read until nothing came for ``quiet`` seconds: clock of first and last byte, number of bytes.

        On a busy machine a program may be silent because others have the processor: it is read on.
        """
        first = last = float("nan")
        written = 0
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            ready, _, _ = select.select([self._file], [], [], quiet)
            if not ready:
                if self._is_working():
                    continue
                break
            try:
                data = os.read(self._file, 65536)
            except OSError:
                break
            if not data:
                break
            last = time.perf_counter()
            if not written:
                first = last
            written += len(data)
            self._take(data)
        return first, last, written

    def wait_for(self, text: bytes, limit: float = 30.0, since: int = 0) -> float:
        """Seconds from the start until ``text`` was written, after so many bytes. Raises TimeoutError."""
        end = time.perf_counter() + limit
        while self.output.find(text, since) < 0:
            ready, _, _ = select.select([self._file], [], [], max(0.0, end - time.perf_counter()))
            if not ready:
                raise TimeoutError(f"{text!r} was not written; the last: {bytes(self.output[-500:])!r}")
            self._take(os.read(self._file, 65536))
        return time.perf_counter() - self.started

    def _take(self, data: bytes) -> None:
        self.output += data
        self._arrived.append((len(self.output), time.perf_counter()))
        if b"\x1b[?2026$p" in data:
            os.write(self._file, b"\x1b[?2026;2$y")  # synchronised output: most terminals have it

    def since(self, size: int) -> list[tuple[float, bytes]]:
        """What was written after so many bytes, in pieces: when each came, its bytes."""
        pieces, begin = [], size
        for end, moment in self._arrived:
            if end > begin:
                pieces.append((moment, bytes(self.output[begin:end])))
                begin = end
        return pieces

    def send(self, keys: bytes) -> None:
        """Send keys and do not wait."""
        os.write(self._file, keys)

    def key(self, keys: bytes) -> Cost:
        """Send a key and wait until the screen stands still."""
        cpu, here = self.cpu(), len(self.output)
        begin = time.perf_counter()
        self.send(keys)
        first, last, written = self.read()
        spent = self.cpu() - cpu
        drawn = self._panes_drawn(here)
        times = ((moment - begin) * 1e3 for moment in (first, last, drawn))
        first, last, drawn = times
        return Cost(first, last, written, spent * 1e3, drawn)

    def _is_working(self) -> bool:
        """Whether one of its threads computes, waits for a processor, or for the disk."""
        for task in Path(f"/proc/{self._pid}/task").glob("*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                if task.read_text().rpartition(") ")[2][0] in "RD":
                    return True
        return False

    def _panes_drawn(self, since: int) -> float:
        """When the first frame was complete that changed something right of the list; NaN when none did."""
        change = _PANES.search(self.output, since)
        if change is None:
            return float("nan")
        end = self.output.find(_FRAME_END, change.end())
        return next((moment for size, moment in self._arrived if size > end >= 0), float("nan"))

    def cpu(self) -> float:
        """CPU seconds of all threads so far."""
        total = 0
        for task in Path(f"/proc/{self._pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory(self) -> float:
        """Greatest resident size so far, MB."""
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1e3
        return float("nan")

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._pid

    @property
    def has_ended(self) -> bool:
        """Whether the end of the program was waited for."""
        return self._code is not None

    def kill(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self._pid, number)

    def hang_up(self) -> None:
        """Close the terminal as a dropped line does; nothing can be read any more."""
        os.close(self._file)
        self._is_hung_up = True

    def ended(self, limit: float = 30.0, is_read: bool = True) -> int:
        """Wait for the program to end by itself; its exit code, negative for a signal (or TimeoutError)."""
        end = time.perf_counter() + limit
        while self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif time.perf_counter() > end:
                raise TimeoutError(f"the program did not end within {limit} s")
            elif self._is_hung_up or not is_read:
                time.sleep(0.005)
            else:
                self.read(quiet=0.005, limit=0.1)  # a terminal that takes nothing keeps a program waiting
        return self._code

    def close(self, keys: bytes = b"q") -> int:
        """Leave the program by a key; its exit code. A second time only tells the code."""
        if self._code is None:
            self._code = self._leave(keys)
        return self._code

    def _leave(self, keys: bytes) -> int:
        self.send(keys)
        try:
            return self.ended(limit=60.0)
        except TimeoutError:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._code = -signal.SIGKILL
            raise
