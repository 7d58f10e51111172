"""`vra labels`: the label store, out, in, and counted."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say

app = typer.Typer(help="Labels: the standing decisions of the scanners.", no_args_is_help=True)


@app.command("export")
def export(
    db: Db = None,
    out_format: Annotated[Literal["csv", "jsonl"], typer.Option("--format", help="csv or jsonl.")] = "csv",
    encoding: Annotated[
        Literal["plain", "vra"],
        typer.Option(help="vra: preal, pgal, pfast as the survey's VRA encodes decisions."),
    ] = "plain",
    with_machine: Annotated[
        bool, typer.Option("--with-machine", help="The policies' own decisions too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: standard output.")
    ] = None,
) -> None:
    """Print one row per standing decision, with the scores that were on screen."""
    from vra_tui.export import labels

    connection = open_existing(db)
    rows = labels.standing_labels(connection, with_machine)
    columns = labels.PLAIN_COLUMNS
    if encoding == "vra":
        rows, columns = labels.vra_encoded(rows), labels.VRA_COLUMNS
    with _opened(out) as file:
        count = (
            labels.write_jsonl(rows, file) if out_format == "jsonl" else labels.write_csv(rows, columns, file)
        )
    if out is not None:
        say(f"{count} labels in {out}")


@app.command("stats")
def stats(db: Db = None, as_json: AsJson = False) -> None:
    """Count the standing decisions by list and scanner."""
    from vra_tui.cli.output import print_table
    from vra_tui.export.labels import label_counts
    from vra_tui.text import printable

    counts = label_counts(open_existing(db))
    if as_json:
        print_json(counts)
        return
    rows = [[c["list"], c["label"] or "-", printable(c["scanner"], 40), str(c["decisions"])] for c in counts]
    print_table(("list", "label", "scanner", "decisions"), rows, right=(3,))


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    from vra_tui.export.files import replaced

    if out is None:
        yield sys.stdout
    else:
        with replaced(out) as file:
            yield file
