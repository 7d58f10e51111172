"""`vra predict`: scores for a feature table made elsewhere."""

import csv
import sys
from contextlib import AbstractContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

from vra_tui.cli.common import say

if TYPE_CHECKING:
    from vra_tui.features.csv_table import ReadTable
    from vra_tui.scoring.model import Scores

_COLUMNS = ("preal", "pgal", "pfast", "rank", "is_gal_cand")


def predict(
    table: Annotated[str, typer.Argument(metavar="TABLE.csv", help="Feature table, or - for stdin.")],
    stage: Annotated[
        Literal["day1", "dayN"], typer.Option(help="day1: as it entered; dayN: with visits after that.")
    ],
    model: Annotated[str | None, typer.Option(help="A model's name or folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of CSV.")] = False,
) -> None:
    """Score a feature table from elsewhere. Columns are found by name; extra ones are ignored.

    Ids are any text and come out as they went in, in the same order: under `alert_id` where they stood there,
    or in `id` and are ATLAS's; else under `object_id`.
    """
    from vra_tui.features.csv_table import TableError, read_feature_table
    from vra_tui.scoring.shelf import load_in_use

    chosen, warning = load_in_use(model)
    if warning:
        say(warning)
    source = "<stdin>" if table == "-" else table
    try:
        with _opened(table) as lines:
            read = read_feature_table(
                lines,
                chosen.columns_for_rank(stage),
                source=source,
                welcome=chosen.columns(stage),
                any_id=True,
            )
    except OSError as error:
        raise TableError(f"{source} cannot be read: {error.strerror}. Check the path.") from error
    scores = chosen.scores(read.table, stage)
    write = _write_json if as_json else _write_csv
    is_atlas = read.id_column.lower() == "alert_id" or (read.id_column == "id" and read.are_atlas)
    write("alert_id" if is_atlas else "object_id", _ids(read), scores)
    _report(read, source)


def _opened(table: str) -> AbstractContextManager[TextIO]:
    if table == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
        return nullcontext(sys.stdin)
    return Path(table).open(encoding="utf-8", errors="surrogateescape", newline="")


def _ids(read: "ReadTable") -> list[Any]:
    """The ids as they are written: numbers where they are ATLAS's, as its server has them, else text."""
    return read.table.alert_id.tolist() if read.are_atlas else list(read.ids)


def _write_csv(id_name: str, ids: list[Any], scores: "Scores") -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow((id_name, *_COLUMNS))
    out.writerows(
        (row[0], *("" if value is None else f"{value:.6f}" for value in row[1:5]), row[5])
        for row in _rows(ids, scores)
    )


def _write_json(id_name: str, ids: list[Any], scores: "Scores") -> None:
    import orjson

    rows = [dict(zip((id_name, *_COLUMNS), row, strict=True)) for row in _rows(ids, scores)]
    sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")


def _rows(ids: list[Any], scores: "Scores") -> list[tuple[Any, ...]]:
    """Output rows as Python values, NaN as None, in the order of the columns."""
    numbers = (scores.preal, scores.pgal, scores.pfast, scores.rank)
    cells = [[None if value != value else value for value in column.tolist()] for column in numbers]
    return list(zip(ids, *cells, scores.is_gal_cand.astype(int).tolist(), strict=True))


def _report(read: "ReadTable", source: str) -> None:
    """Say on stderr which rows were refused, and end with 1 if any were."""
    if not read.refused:
        return
    for row in read.refused:
        typer.echo(f"{source}, {row}", err=True)
    typer.echo(
        f"{len(read.refused)} of {len(read.refused) + len(read.table)} rows refused, the rest scored.",
        err=True,
    )
    raise typer.Exit(1)
