"""Transactions: what is written is written whole or not at all, what is read is of one moment."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from vra_tui.store import sqlite_file
from vra_tui.store.handle import Store

#: A connection of any kind: the store, or a copy of one in the making.
_C = TypeVar("_C", bound=sqlite3.Connection)
#: How often one who waits for the lock looks whether it should give up, milliseconds.
_LOOKS = 200


def give_up_when(store: Store, is_over: Callable[[], bool]) -> None:
    """Let transactions of this store, while they wait for the lock, give up once ``is_over`` says so.

    SQLite's own wait cannot be interrupted, and would keep a program that is to end for 45 s. It is cut into
    short ones; who waits for the lock waits as long as before in all.
    """
    store.is_over = is_over
    store.execute(f"PRAGMA busy_timeout = {_LOOKS}")


@contextmanager
def transaction(connection: _C) -> Iterator[_C]:
    """A write transaction: all of it or, when an exception leaves the block, nothing of it."""
    _begin(connection)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # A full or failing disk makes SQLite roll back by itself; a second time is an error that would hide
        # the first.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Take the lock. Raises sqlite3.OperationalError where others hold it for too long."""
    is_over = connection.is_over if isinstance(connection, Store) else None
    until = time.monotonic() + sqlite_file.BUSY_TIMEOUT
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if is_over is None or not sqlite_file.is_locked(error):
                raise
            if is_over() or time.monotonic() >= until:
                raise


@contextmanager
def one_view(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read inside is of one moment, whoever writes meanwhile; nothing is to be written inside.

    Inside of a transaction that is so already.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        # A failing disk ends it: see `transaction`.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
