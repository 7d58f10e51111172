"""Reach the other end by ssh, and say in words why it cannot be reached."""

import contextlib
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from vra_tui.pipeline.sync.lines import Hung, Pipe, SyncError
from vra_tui.text import printable

#: What the other end prints for people, of which the last lines are shown.
_KEPT_WORDS = 8_192
#: Seconds that the other end has to go by itself.
_LEAVES_IN = 5.0
#: Exit codes of ssh and of shells.
_SSH_FAILED, _NOT_FOUND = 255, 127


@dataclass(frozen=True)
class Place:
    """A store on a host: what ssh calls the host, and the store's file there; None: its default one."""

    host: str
    store: str | None = None

    @classmethod
    def of(cls, text: str) -> "Place":
        """Read ``[user@]host[:file]``; an address of IPv6 stands in brackets. Raises SyncError."""
        match = re.fullmatch(
            r"((?:[^@/:\[\]\s]+@)?(?:\[[0-9A-Fa-f:.%]+\]|[^@/:\[\]\s]+))(?::(.*))?", text, re.S
        )
        # ssh would take such a host for an option.
        if match is None or text.startswith("-"):
            raise SyncError(
                f"{printable(text, 80)!r} is no host. Write HOST or HOST:FILE, as ssh knows the host. "
                "For a folder that a team shares: `vra labels sync FOLDER`."
            )
        return cls(match[1].replace("[", "").replace("]", ""), match[2] or None)


def command(place: Place, ssh: str = "ssh", vra: str = "vra") -> list[str]:
    """The command that runs the other end. ``ssh``: with its options; ``vra``: what it is called there."""
    there = [*shlex.split(vra), "sync", "--answer"]
    if place.store is not None:
        there += ["--db", place.store]
    return [*shlex.split(ssh), "-T", "--", place.host, " ".join(map(_quoted, there))]


def _quoted(word: str) -> str:
    """The word for the shell there, which knows what ~ is."""
    if word.startswith("~/"):
        return f"~/{shlex.quote(word[2:])}"
    return shlex.quote(word)


@contextmanager
def connected(arguments: Sequence[str], name: str) -> Iterator[Pipe]:
    """A pipe to the other end, which is ended with the block.

    Raises SyncError: where the line breaks, it says what the other end printed.
    """
    try:
        process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise SyncError(
            f"{arguments[0]} cannot be started: {error.strerror}. Nothing was exchanged."
        ) from None
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    words = _Words()
    listener = threading.Thread(target=words.listen, args=(process.stderr,), daemon=True)
    listener.start()
    try:
        yield Pipe(process.stdout, process.stdin)
    except Hung:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LEAVES_IN)
        listener.join(_LEAVES_IN)
        raise SyncError(_why(process.returncode, name, words.text)) from None
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_LEAVES_IN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.join(_LEAVES_IN)
        process.stdout.close()
        process.stderr.close()


class _Words:
    """What the other end prints for people; the end of it."""

    def __init__(self) -> None:
        self.text = ""

    def listen(self, stream: object) -> None:
        """Read until the other end closes."""
        with contextlib.suppress(OSError, ValueError):
            for line in stream:  # type: ignore[attr-defined]
                self.text = (self.text + line.decode("utf-8", "replace"))[-_KEPT_WORDS:]


def _why(code: int | None, name: str, words: str) -> str:
    """Why the line to a host broke, in words."""
    last = [printable(line, 200).strip() for line in words.splitlines() if line.strip()][-3:]
    said = f" It said: {' / '.join(last)}" if last else ""
    if code == _SSH_FAILED:
        return f"ssh does not reach {name}, or lost it; what was exchanged before is kept.{said}"
    if code == _NOT_FOUND:
        return f"{name} finds no `vra`. Install vra-tui there, or say where it is: --remote-vra PATH.{said}"
    if "No such command" in words or "no such option" in words.lower():
        return f"the vra-tui of {name} is older than `vra sync`; update it there.{said}"
    return f"the line to {name} broke; what was exchanged before is kept. Run it again for the rest.{said}"
