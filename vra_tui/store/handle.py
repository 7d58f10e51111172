"""The open store, and the error that reading or writing it raises."""

import sqlite3
from collections.abc import Callable

#: Raised by every function of `vra_tui.store` when SQLite cannot read or write;
#: `vra_tui.store.sqlite_file.reason` says why.
StoreFault = sqlite3.Error


class Store(sqlite3.Connection):
    """One open store, checked and of this version: `vra_tui.store.connection.open_store` makes it.

    The functions of `vra_tui.store`, grouped by what they are about, take it as their first argument: a class
    with a method for each of them would be one file of seven thousand lines. Outside of `store/` it is passed
    on and closed, never asked in SQL (`tests/test_architecture.py`).
    """

    #: Says that whoever waits for the lock should give up; None: waits are not interrupted. See
    #: `vra_tui.store.transaction.give_up_when`.
    is_over: Callable[[], bool] | None = None
    #: The file cannot be written: what follows from what is read cannot be kept.
    is_read_only: bool = False
