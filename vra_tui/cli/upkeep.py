"""`vra backup`, `vra restore` and `vra doctor`: keeping the store, and mending it."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from vra_tui.cli.common import AsJson, Db, print_json, say, store_path


def backup(
    to: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A file or a folder. Default: `backups` beside the store."),
    ] = None,
    db: Db = None,
    keep: Annotated[
        int | None,
        typer.Option(min=1, envvar="VRA_BACKUP_KEEP", help="Keep so many in a folder. Default: 7."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy the store, also while others write, and check the copy."""
    from vra_tui.store.backup import KEEP, back_up

    made = back_up(
        _existing(db), to, now=datetime.now(UTC), keep=keep or KEEP, on_progress=_progress("copied")
    )
    if as_json:
        print_json({**vars(made), "path": str(made.path), "dropped": [str(path) for path in made.dropped]})
        return
    gone = f"; {len(made.dropped)} older dropped" if made.dropped else ""
    typer.echo(
        f"{made.path}: {made.alerts:,} alerts, {made.decisions:,} decisions, {made.size / 1e6:.1f} MB, "
        f"checked{gone}"
    )


def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the store's place. The store is kept, and the labels that only it has go along."""
    from vra_tui.store.restore import restore as put_back

    done = put_back(backup_file, store_path(db), now=datetime.now(UTC), on_progress=_progress("copied"))
    if done.unread:
        say(f"{done.unread}; what could be read is in.")
    if as_json:
        print_json({**vars(done), "store": str(done.store), "kept": done.kept and str(done.kept)})
        return
    typer.echo(
        f"{done.store}: {done.alerts:,} alerts, {done.decisions:,} decisions; {done.brought:,} labels came "
        "from the store before"
    )
    if done.kept:
        say(f"The store before is {done.kept}.")


def doctor(
    db: Db = None,
    full: Annotated[
        bool, typer.Option("--full", help="Compare every index, and derive every alert's place anew.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Make anew what follows from the rest: indexes, places.")
    ] = False,
    salvage_to: Annotated[
        Path | None, typer.Option("--salvage", metavar="FILE", help="Copy what can be read to a new store.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Forget the stamps beyond the limits of age and size ([stamps]).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the store, and say what helps. Exit code 1: something is wrong."""
    from vra_tui.store.doctor import examine
    from vra_tui.text import printable

    store = _existing(db)
    if salvage_to is not None:
        _salvage(store, salvage_to, as_json)
        return
    if prune:
        _prune(store, as_json)
        return
    found = []
    for finding in examine(store, now=datetime.now(UTC), full=full, repair=repair):
        found.append(finding)
        if not as_json:
            typer.echo(f"{finding.state:<9}{finding.check:<13}{printable(finding.text)}")
    if as_json:
        print_json({"store": str(store), "findings": [vars(finding) for finding in found]})
    failed = {finding.check for finding in found if finding.state == "failure"}
    if failed & {"opening", "pages", "decisions", "references"}:
        say("`vra restore FILE` puts a backup in place, with the labels that only the store has;")
        say("`vra doctor --salvage FILE` brings what can be read into a new store.")
    if failed:
        raise typer.Exit(1)


def _salvage(store: Path, to: Path, as_json: bool) -> None:
    from vra_tui.errors import VraError
    from vra_tui.store.salvage import salvage

    if to.exists():
        raise VraError(f"{to} is there already. Name a new file; nothing was changed.")
    done = salvage(store, to)
    if as_json:
        print_json({**vars(done), "store": str(to)})
    else:
        for table, rows in done.rows.items():
            places = done.damaged.get(table, 0)
            note = f", not read at {places} places" if places else ""
            if rows or places:
                typer.echo(f"{table:<18}{rows:>12,} rows{note}")
    if done.patched:
        say(f"{done.patched} decisions were put together from the indexes; what was on screen is lost.")
    if done.lost:
        say(f"{done.lost} decisions are known by their ids alone: a backup may have them (`vra restore`).")
    say(f"{to} is the new store: look at it (--db), score it (`vra score`), and put it in place:")
    say(f"vra restore {to}")


def _prune(store: Path, as_json: bool) -> None:
    from contextlib import closing

    from vra_tui.config.reading import load_config
    from vra_tui.store.connection import open_store
    from vra_tui.store.pruning import DECIDED_DAYS, StampLimits, prune_stamps

    kept = load_config().stamps()
    limits = StampLimits(kept.days, kept.megabytes)
    with closing(open_store(store, create=False, on_step=say)) as connection:
        done = prune_stamps(connection, limits, now=datetime.now(UTC))
    if as_json:
        print_json({"store": str(store), **vars(limits), **vars(done)})
        return
    typer.echo(
        f"{done.stamps:,} stamps of {done.alerts:,} alerts forgotten, {done.size / 1e6:.1f} MB; "
        f"{done.stamps_left:,} stay, {done.size_left / 1e6:.1f} MB"
    )
    if done.spared:
        say(
            f"{done.spared / 1e6:.1f} MB of them do not count: follow-up, good, possible, or decided within "
            f"{DECIDED_DAYS:.0f} days."
        )
    if done.size:
        say(f"The file keeps its size, and new stamps take that room. To shrink it: sqlite3 {store} VACUUM")


def _existing(db: Path | None) -> Path:
    from vra_tui.store.connection import StoreError

    path = store_path(db)
    if not path.exists():
        raise StoreError(f"There is no store at {path}. Make one with `vra ingest`, or try `vra demo`.")
    return path


def _progress(what: str) -> Callable[[int, int], None]:
    """Says on a terminal how far a long copy is."""

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty() and total > 25_000:
            end = "\n" if done >= total else ""
            sys.stderr.write(f"\r{what} {done / 256:,.0f} of {total / 256:,.0f} MB{end}")
            sys.stderr.flush()

    return progress
