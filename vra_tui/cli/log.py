"""`vra log` and `vra undo`: list decisions, and undo them."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, open_existing, print_csv, print_json, say

if TYPE_CHECKING:
    from vra_tui.store.log import LogRow
    from vra_tui.store.objects import Name

#: Columns for machines; where all rows are on ATLAS's alerts, `atlas_id` stands behind them.
COLUMNS = (
    "decision_id timestamp scanner host survey object_id name list label reverts rank model visit seconds "
    "note tags undone_by batch_id".split()
)
#: From this width on the table shows every column.
_WIDE = 150

Since = Annotated[
    str | None,
    typer.Option(
        metavar="WHEN", help="After a decision's id, or from a day, a time (UTC) or 12h, 7d, 2w ago."
    ),
]
Until = Annotated[
    str | None, typer.Option(metavar="WHEN", help="Up to and with a decision's id, a day, a time or 12h ago.")
]


def log(
    db: Db = None,
    scanner: Annotated[str | None, typer.Option(metavar="NAME", help="Only this scanner's.")] = None,
    list_name: Annotated[str | None, typer.Option("--list", metavar="NAME", help="Filed there.")] = None,
    label: Annotated[str | None, typer.Option(help="good, galactic, garbage or pm.")] = None,
    since: Since = None,
    until: Until = None,
    alert: Annotated[
        str | None, typer.Option(metavar="ID", help="On this alert, by id, survey:id or name.")
    ] = None,
    tag: Annotated[str | None, typer.Option(metavar="WORD", help="With this tag.")] = None,
    machine: Annotated[bool, typer.Option("--machine", help="The policies' decisions too.")] = False,
    undone: Annotated[bool, typer.Option("--undone", help="Only what was undone.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 for all.")] = 50,
    out: Annotated[
        Literal["table", "json", "jsonl", "csv"], typer.Option("--format", help="table, json, jsonl or csv.")
    ] = "table",
    as_json: AsJson = False,
) -> None:
    """Print decisions and undos, newest first."""
    from vra_tui.export.id_columns import with_atlas_id
    from vra_tui.export.tables import write_jsonl
    from vra_tui.store.finding import find_object
    from vra_tui.store.log import LogQuery, bound, log_rows
    from vra_tui.store.objects import names_of

    connection = open_existing(db)
    now = datetime.now(UTC)
    query = LogQuery(
        scanner=scanner,
        list=list_name,
        label=label,
        after=None if since is None else bound(since, now),
        until=None if until is None else bound(until, now, is_end=True),
        # Decisions may be here before the alert that they are on.
        alert_id=None if alert is None else find_object(connection, alert),
        tag=tag,
        with_machine=machine,
        only_undone=undone,
        limit=limit or None,
    )
    rows = log_rows(connection, query)
    named = names_of(connection, [row.alert_id for row in rows])
    records, columns = with_atlas_id((for_machines(row, named[row.alert_id]) for row in rows), COLUMNS)
    if as_json or out == "json":
        print_json(records)
    elif out == "jsonl":
        write_jsonl(records, sys.stdout)
    elif out == "csv":
        print_csv(records, columns)
    elif rows:
        print_log(rows, named)
        if len(rows) == limit:
            say(f"The newest {limit} are shown; --limit 0 shows all.")
    else:
        say("Nothing was decided that this asks for.")


def for_machines(row: "LogRow", name: "Name") -> dict[str, Any]:
    """A decision as a record of `COLUMNS`, on the alert of this survey and id."""
    values = {**asdict(row), "survey": name[0], "object_id": name[1]}
    return {column: values[column] for column in COLUMNS}


def print_log(rows: "Sequence[LogRow]", named: "Mapping[int, Name]") -> None:
    """Decisions as a table as wide as the terminal; ``named``: the alerts by the number of the store."""
    from vra_tui.cli.output import print_table, terminal_width

    names, cells = laid_out(rows, named, terminal_width())
    right = [names.index(name) for name in ("rank", "s") if name in names]
    print_table(names, cells, right, dim=[names.index("alert")])


def laid_out(
    rows: "Sequence[LogRow]", named: "Mapping[int, Name]", width: int
) -> tuple[list[str], list[list[str]]]:
    """Columns and cells of a log: with hosts, models and tags in columns of their own where there is room.

    The note, the last column, has the room that the others leave: ids and times are never cut.
    """
    from vra_tui.text import printable

    cells = [
        _wide(row, named[row.alert_id]) if width >= _WIDE else _narrow(row, named[row.alert_id])
        for row in rows
    ]
    names = list(cells[0])
    taken = sum(max(len(name), *(len(row[name]) for row in cells)) + 2 for name in names[:-1])
    for row in cells:
        row["note"] = printable(row["note"], max(len("note"), width - taken))
    return names, [list(row.values()) for row in cells]


def _wide(row: "LogRow", alert: "Name") -> dict[str, str]:
    from vra_tui.cli.output import number
    from vra_tui.store.finding import called
    from vra_tui.text import printable

    return {
        "time (UTC)": _time(row)[:19],
        "id": row.decision_id[-12:],
        "scanner": printable(row.scanner, 12),
        "host": printable(row.host, 12),
        "alert": called(*alert),
        "name": "" if row.name == alert[1] else printable(row.name, 16),
        "list": row.list or f"undo {(row.reverts or '')[-12:]}",
        "rank": number(row.rank),
        "model": printable(row.model, 12) or "-",
        "s": number(row.seconds, 1),
        "undone by": printable(row.undone_by, 12),
        "tags": printable(row.tags, 30),
        "note": row.note or "",
    }


def _narrow(row: "LogRow", alert: "Name") -> dict[str, str]:
    from vra_tui.store.finding import called
    from vra_tui.text import printable

    undoing = f"of {row.reverts[-12:]}" if row.reverts else ""
    undone = f"undone by {row.undone_by}" if row.undone_by else ""
    return {
        "time": _time(row)[5:16],
        "id": row.decision_id[-12:],
        "scanner": printable(row.scanner, 8),
        "alert": printable(row.name, 16) or called(*alert),
        "list": row.list or "undo",
        "note": "; ".join(part for part in (undoing, undone, row.tags, row.note) if part),
    }


def _time(row: "LogRow") -> str:
    return row.timestamp.replace("T", " ")


def undo(
    decision: Annotated[
        str | None, typer.Argument(metavar="ID", help="A decision's id, or its end as `vra log` shows it.")
    ] = None,
    db: Db = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="What so many of your latest keys or commands did; default 1.")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="ID", help="All of a key, a command or an import, by its id or the end of it."),
    ] = None,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Take back a decision. Without an ID: what your latest key or command decided here.

    What stood before it stands again. Imported labels are taken back only by their ID or --batch.
    """
    from vra_tui.errors import VraError
    from vra_tui.export.id_columns import with_atlas_id
    from vra_tui.pipeline.deciding import undo_decisions
    from vra_tui.store.listing import list_rows
    from vra_tui.store.objects import names_of

    if sum(given is not None for given in (decision, count, batch)) > 1:
        raise VraError("An ID, --count and --batch each say what to undo: name one of them.")
    connection, by = open_existing(db), author(scanner)
    undone, done = undo_decisions(
        connection, by, datetime.now(UTC), decision=decision, batch=batch, count=count or 1
    )
    now = {row.alert_id: row for row in list_rows(connection, [alert_id for _, alert_id in undone])}
    named = names_of(connection, [alert_id for _, alert_id in undone])
    records, _ = with_atlas_id(
        (_undone(decision_id, named[alert_id], now.get(alert_id)) for decision_id, alert_id in undone), ()
    )
    if as_json:
        print_json(records)
        return
    typer.echo(f"{len(records)} decision{'' if len(records) == 1 else 's'} taken back:")
    for record in records:
        typer.echo(_in_words(record))
    if count is not None and done < count:
        say(f"No more than {done} stood.")


def _undone(decision_id: str, alert: "Name", row: Any) -> dict[str, Any]:
    return {
        "decision_id": decision_id,
        "survey": alert[0],
        "object_id": alert[1],
        "name": None if row is None else row.name,
        "list": None if row is None else row.list,
        "decided_list": None if row is None else row.decided_list,
        "decided_by": None if row is None else row.decided_by,
    }


def _in_words(record: dict[str, Any]) -> str:
    from vra_tui.store.finding import called
    from vra_tui.text import printable

    stands = "the store does not hold it"
    if record["decided_list"]:
        stands = f"{record['decided_list']} by {printable(record['decided_by'], 40)} stands again"
    elif record["list"]:
        stands = f"undecided again, in {record['list']}"
    name = printable(record["name"], 30)
    alert = called(record["survey"], record["object_id"])
    return f"{alert}{f' ({name})' if name else ''}: {stands}"
