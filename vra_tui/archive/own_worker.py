"""What Dask loads into the worker processes that this program itself starts."""

import signal


def dask_setup(worker: object) -> None:
    """Leave Ctrl+C to the process that was started: it ends its workers, without a traceback of each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
