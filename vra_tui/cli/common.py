"""Options, store and output that all commands share."""

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from vra_tui.store import Store
    from vra_tui.store.decisions import Author

#: Niceness of long work.
_NICE = 10

Db = Annotated[
    Path | None,
    typer.Option(
        "--db", metavar="FILE", help="The store. Default: VRA_DB, or the user data folder's vra.db."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Output for machines: JSON.")]
Scanner = Annotated[
    str | None, typer.Option(help="Who decides. Default: VRA_SCANNER, or the login name.", metavar="NAME")
]


def store_path(db: Path | None) -> Path:
    """The store's file: the flag, else VRA_DB, else the user data directory's."""
    from vra_tui.pipeline.defaults import store_path as found

    return found(db)


def open_existing(db: Path | None, durable: bool = True) -> "Store":
    """The store, which must exist. Raises StoreError."""
    from vra_tui.store.connection import open_store

    return open_store(store_path(db), create=False, durable=durable, on_step=say)


def begin_rules(store: "Store") -> None:
    """Let rules of the outbox that are new begin here: before something is decided that they ask for."""
    from vra_tui.config.reading import load_config

    if (rules := load_config().outbox_rules) and not store.is_read_only:
        from datetime import UTC, datetime

        from vra_tui.pipeline.outbox.drafting import begin_rules as begin

        begin(store, rules.values(), clock=lambda: datetime.now(UTC))


def give_way() -> None:
    """Let the screens on this host go first: long work is nice, and takes what they leave."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))


def scanner_name(flag: str | None) -> str:
    """Tell who decides: the flag, else VRA_SCANNER, else the login name. Raises ScannerNameError."""
    from vra_tui.pipeline.defaults import scanner_name as found

    return found(flag)


def author(flag: str | None) -> "Author":
    """Tell who decides, on which host."""
    from vra_tui.pipeline.defaults import author as found

    return found(flag)


def json_text(value: Any) -> str:
    """One JSON value and the end of its line; NaN is null."""
    from vra_tui.cli.output import without_nan

    return json.dumps(without_nan(value), indent=1, ensure_ascii=True) + "\n"


def print_json(value: Any) -> None:
    """One JSON value on standard output; NaN is null."""
    sys.stdout.write(json_text(value))


def print_json_line(value: Any) -> None:
    """One JSON value in one line of standard output, there at once: for what goes on; NaN is null."""
    from vra_tui.cli.output import without_nan

    sys.stdout.write(json.dumps(without_nan(value), ensure_ascii=True) + "\n")
    sys.stdout.flush()


def say(message: str) -> None:
    """A line for the person at the terminal, on standard error so that output stays clean."""
    sys.stderr.write(message + "\n")


def print_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> None:
    """Rows as CSV on standard output."""
    from vra_tui.export.tables import write_csv

    write_csv(rows, columns, sys.stdout)
