"""Notice that the terminal is gone, also where nobody says so: no line may leave a program behind."""

import os
import select
import signal
import threading


def end_with_the_terminal(fd: int) -> None:
    """Send this process SIGHUP once the terminal ``fd`` hangs up; does nothing where it is no terminal.

    The system tells the leader of a session alone. Where that is `make`, or a script that lives on, the
    screen would read the end of its input over and over, as fast as a processor can.
    """
    if os.isatty(fd) and hasattr(select, "poll"):
        threading.Thread(target=_wait, args=(fd,), name="vra-hang-up", daemon=True).start()


def _wait(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, 0)  # a hang-up is told whatever is asked for, and nothing else is
    if any(told & select.POLLHUP for _, told in poll.poll()):
        os.kill(os.getpid(), signal.SIGHUP)
