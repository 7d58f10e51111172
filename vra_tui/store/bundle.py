"""Write a part of the store as a smaller store to take along, and open other stores to read them."""

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.store.backup import check, copy_pages
from vra_tui.store.bounds import bound_reading
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.handle import Store
from vra_tui.store.parts import made_beside
from vra_tui.store.schema import SCHEMA_VERSION, migrate
from vra_tui.store.sqlite_file import distrust, reason, version_of

#: Tables that stay at home: what was refused, what open screens show, which store that one is, which packets
#: it has seen (the bundle has not taken in those of other alerts), what it knows of its sources, and what is
#: to leave: from two stores it would leave twice.
_LEFT_BEHIND = (
    "rejected", "viewing", "store_identity", "backup_marks", "packets_seen", "rejected_packets", "calls",
    "source_positions", "source_states", "requests", "tns_objects",
    "outbox", "outbox_alerts", "outbox_events", "outbox_states",
)  # fmt: skip
#: Tables of which a new store has a beginning: the bundle takes those of its home, codes and all.
_FROM_HOME = ("instruments", "bands", "labels")
#: Columns by which a row belongs to an alert; it goes along where all of them are chosen.
_ALERTS = ("alert_id", "other_id")

#: The ``import_id`` in a bundle of what was decided in the store that it was made of.
BUNDLED = "bundled"


class BundleError(VraError):
    """A bundle that cannot be made; nothing was written."""


@dataclass(frozen=True)
class Bundled:
    """The contents of a bundle, and its size in bytes."""

    alerts: int
    decisions: int
    notes: int
    size: int


def bundle_out(store: Path, target: Path, alert_ids: Iterable[int]) -> Bundled:
    """Write the chosen alerts with all that is known of them as a store of their own.

    The file is whole or not there, readable by its owner alone, and read from one moment of the store, beside
    its writers. ``store`` must be of the current version. Raises BundleError, also where ``target`` exists:
    it may be a bundle with decisions that are nowhere else.
    """
    if target.exists():
        raise BundleError(
            f"{target} exists and stays as it is. If it is a bundle, take its labels home with "
            f"`vra bundle in {target}` and delete it, or name another file."
        )
    try:
        with made_beside(target) as part:
            # SQLite takes an empty file for a database; the tables are made in it.
            with closing(open_store(part, durable=False)) as bundle:
                _copy(store, bundle, alert_ids)
                alerts, decisions, notes = (_count(bundle, name) for name in ("alerts", "decisions", "notes"))
                bundle.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return Bundled(alerts, decisions, notes, part.stat().st_size)
    except sqlite3.Error as error:
        raise BundleError(f"The bundle {target} failed: {reason(error)}. Nothing was written.") from None
    except OSError as error:
        raise BundleError(
            f"The bundle {target} failed: {error.strerror or error}. Nothing was written."
        ) from None


def _copy(store: Path, bundle: sqlite3.Connection, alert_ids: Iterable[int]) -> None:
    bundle.execute("ATTACH ? AS home", (f"{store.absolute().as_uri()}?mode=ro",))
    # Not BEGIN IMMEDIATE, which would lock the store at home too.
    bundle.execute("BEGIN")
    bundle.execute("PRAGMA defer_foreign_keys = ON")
    bundle.execute("CREATE TEMP TABLE chosen (alert_id INTEGER PRIMARY KEY)")
    bundle.executemany("INSERT OR IGNORE INTO chosen VALUES (?)", ((int(one),) for one in alert_ids))
    tables = bundle.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
    for table in _FROM_HOME:
        bundle.execute(f"DELETE FROM main.{table}")
    for (table,) in tables:
        if table not in _LEFT_BEHIND and not table.startswith(("_", "sqlite_")):
            _copy_table(bundle, table)
    bundle.execute("COMMIT")
    bundle.execute("DETACH home")


def _copy_table(bundle: sqlite3.Connection, table: str) -> None:
    names = [row["name"] for row in bundle.execute(f"PRAGMA main.table_info({table})")]
    columns = ", ".join(names)
    # What was decided at home is not taken back by a key on the way.
    read = ", ".join(f"coalesce({name}, '{BUNDLED}')" if name == "import_id" else name for name in names)
    of_alert = [f"{name} IN (SELECT alert_id FROM chosen)" for name in _ALERTS if name in names]
    chosen = f"WHERE {' AND '.join(of_alert)}" if of_alert else ""
    # Two rows that claim one place are an error here, not a choice.
    bundle.execute(f"INSERT INTO main.{table} ({columns}) SELECT {read} FROM home.{table} {chosen}")


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@contextmanager
def other_store(path: Path) -> Iterator[Store]:
    """Another store opened to be read, checked; one of an older version as a migrated copy.

    The file itself is never changed. Raises BackupError where it is damaged, of another program, or newer, or
    its schema is not the one that this program makes.
    """
    with closing(check(path)) as found:
        if version_of(found) == SCHEMA_VERSION:
            yield found
            return
        with tempfile.TemporaryDirectory(prefix="vra-") as folder:
            copy = sqlite3.connect(Path(folder) / "copy.db", isolation_level=None, factory=Store)
            copy.row_factory = sqlite3.Row
            distrust(copy)
            with closing(copy):
                copy_pages(found, copy, lambda done, total: None)
                with transaction(copy):
                    migrate(copy)
                bound_reading(copy, path)
                yield copy


def newer_there(here: sqlite3.Connection, there: sqlite3.Connection) -> int:
    """Tell how many alerts another store holds that this one lacks, or with later exposures than here."""
    last = "SELECT survey, object_id, coalesce(last_mjd, 0) FROM alerts JOIN objects USING (alert_id)"
    theirs = {(survey, object_id): mjd for survey, object_id, mjd in there.execute(last)}
    # By name: the other store may have given an object another number.
    rows = here.execute(
        f"""{last} WHERE alert_id IN (SELECT o.alert_id FROM json_each(?) w
            JOIN objects o ON o.survey = w.value ->> 0 AND o.object_id = w.value ->> 1)""",
        (json.dumps(list(theirs)),),
    )
    ours = {(survey, object_id): mjd for survey, object_id, mjd in rows}
    return sum(mjd > ours.get(name, -1.0) for name, mjd in theirs.items())
