"""Transactions: what is written is written whole or not at all, what is read is of one moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

#: A connection of any kind: the store, or a copy of one in the making.
_C = TypeVar("_C", bound=sqlite3.Connection)


@contextmanager
def transaction(connection: _C) -> Iterator[_C]:
    """A write transaction: all of it or, when an exception leaves the block, nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # A full or failing disk makes SQLite roll back by itself; a second time is an error that would hide
        # the first.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
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
