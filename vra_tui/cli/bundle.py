"""`vra bundle`: copy a part of the store to take along, and bring its labels back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say, store_path
from vra_tui.cli.verbs import Verbs

app = typer.Typer(
    cls=Verbs, help="Take parts of the store along, and bring decisions home.", no_args_is_help=True
)


@app.command("out")
def out(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The bundle to make; it must not exist.")],
    db: Db = None,
    list_name: Annotated[
        str, typer.Option("--list", metavar="NAME", help="The alerts of this list.")
    ] = "all",
    words: Annotated[
        str, typer.Option("--filter", metavar="WORDS", help="Only those: rank>7 mag<18 host:NGC -tns ...")
    ] = "",
    alerts: Annotated[
        list[str] | None, typer.Option("--alert", metavar="ID", help="This alert, by id or name; repeatable.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, best rank first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a store of some alerts, with all that is known of them. `vra --db FILE` opens it."""
    from vra_tui.errors import VraError
    from vra_tui.store.bundle import bundle_out
    from vra_tui.store.finding import find_alert
    from vra_tui.store.query import ListQuery, query_ids

    if list_name == "all" and not (words or alerts or limit):
        raise VraError(
            "Name the alerts to take along: --list NAME, --filter WORDS, --alert ID, --limit N. "
            "`vra backup` copies the whole store."
        )
    connection = open_existing(db)
    among = None if alerts is None else [find_alert(connection, one) for one in alerts]
    ids = query_ids(connection, ListQuery(list_name, words=words), among, limit).tolist()
    if not ids:
        raise VraError("No alert is chosen by this. No bundle was made.")
    made = bundle_out(store_path(db), file, ids)
    if as_json:
        print_json({"file": str(file), **vars(made)})
        return
    typer.echo(
        f"{made.alerts} alerts with {made.decisions} decisions and {made.notes} notes in {file} "
        f"({made.size / 1e6:.1f} MB)"
    )
    say(f"`vra --db {file}` opens it there; `vra bundle in {file}` takes its labels home.")


@app.command("in")
def in_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle, or any other store.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Take the decisions and notes of a bundle home; its data stay. Taken twice, nothing changes."""
    from vra_tui.cli.labels import Refusals, tell
    from vra_tui.store.bundle import newer_there, other_store
    from vra_tui.store.label_log import SqliteLabelLog

    connection = open_existing(db)
    refusals = Refusals()
    with other_store(file) as other:
        entries = SqliteLabelLog(other, str(file)).entries()
        merged = SqliteLabelLog(connection, "here").append(entries, refusals, now=datetime.now(UTC))
        newer = newer_there(connection, other)
    if newer:
        say(
            f"{newer} alerts have data in {file} that are not here: labels travel, data do not. "
            "`vra ingest` the same responses here."
        )
    tell(merged, refusals, as_json)
