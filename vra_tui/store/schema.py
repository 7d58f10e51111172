"""The version of the store's schema, and the migration of older stores to it."""

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from vra_tui.store.migrations.scripts import TRIGGERS, views_set_aside

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

#: Brings a connection's store to the next version.
Step = Callable[[sqlite3.Connection], None]

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "TRIGGERS", "load", "migrate", "step_after"]

#: Version of the schema, kept in the file's ``user_version``; a store with a greater one is refused.
SCHEMA_VERSION = 8
#: Marks the file as a vra-tui store (``application_id``): the letters VRAt.
APPLICATION_ID = 0x56524174
#: What brings a store to version 1, 2, ...; the names stand in every store (``_sqlite_migrations``).
_STEPS = (
    "v1_the_spine",
    "v2_insights",
    "v3_labels_that_travel",
    "v4_trust",
    "v5_any_survey",
    "v6_wires",
    "v7_smaller_curves",
    "v8_wires_out",
)


def step_after(version: int) -> str | None:
    """The step of the migration that a store of a version has not taken; None for the current one."""
    return _STEPS[version] if version < len(_STEPS) else None


def load() -> "tuple[type[Database], Migrations, tuple[Step, ...]]":
    """What migrating takes: half the start-up time of the screen, needed only where there is an old store.

    Call it before the store is locked: who waits for the lock would wait for the imports.
    """
    from sqlite_utils import Database, Migrations

    from vra_tui.store.migrations import v1, v2, v3, v4, v5, v6, v7, v8

    return Database, Migrations("vra-tui"), tuple(module.apply for module in (v1, v2, v3, v4, v5, v6, v7, v8))


def migrate(connection: sqlite3.Connection, stop_before: str | None = None) -> None:
    """Bring a store (or an empty file) to `SCHEMA_VERSION`. Call inside a transaction.

    ``stop_before`` names a step of the migration: what a store of an older version looks like.
    """
    database_of, migrations, steps = load()
    for name, step in zip(_STEPS, steps, strict=True):
        migrations(name=name)(_on_database(step))
    # Plugins of sqlite-utils that somebody has installed have no business in the store, nor under its lock.
    database = database_of(connection, execute_plugins=False)
    with views_set_aside(connection):
        migrations.apply(database, stop_before=stop_before)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    version = SCHEMA_VERSION if stop_before is None else _STEPS.index(stop_before)
    connection.execute(f"PRAGMA user_version = {version}")


def _on_database(step: Step) -> Callable[["Database"], None]:
    return lambda database: step(database.conn)
