"""`vra predict`: scores for a feature table made elsewhere."""

import csv
import sys
from contextlib import AbstractContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from vra_tui.cli.common import say
from vra_tui.scoring.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vra_tui.features.csv_table import ReadTable
    from vra_tui.scoring.model.trained import Model, Scores

#: The column beside `object_id` that tells whose id it is.
SURVEY_COLUMN = "survey"
_COLUMNS = ("preal", "pgal", "pfast", "rank", "is_gal_cand")


def predict(
    table: Annotated[str, typer.Argument(metavar="TABLE.csv", help="Feature table, or - for stdin.")],
    stage: Annotated[Stage, typer.Option(help="day1: as it entered; dayN: with visits after that.")],
    model: Annotated[str | None, typer.Option(help="A model's name or folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of CSV.")] = False,
) -> None:
    """Score a feature table from elsewhere. Columns are found by name; extra ones are ignored.

    Ids are any text and come out as they went in, in the same order: under `survey` and `object_id` where the
    table has both; under `atlas_id` where they stood there, or in `id` and are ATLAS's; else under
    `object_id`.
    """
    from vra_tui.features.csv_table import FeatureTableError, MissingColumnsError, read_feature_table
    from vra_tui.scoring.model.library import load_in_use
    from vra_tui.scoring.model.trained import purpose_of

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
                named=(SURVEY_COLUMN, "object_id"),
            )
    except OSError as error:
        raise FeatureTableError(f"{source} cannot be read: {error.strerror}. Check the path.") from error
    except MissingColumnsError as error:
        raise FeatureTableError(
            f"{purpose_of(chosen)}: `vra features --set NAME` makes such tables. {error}"
        ) from error
    read, others = _of_its_survey(read, chosen, source)
    scores = chosen.scores(read.table, stage)
    write = _write_json if as_json else _write_csv
    write(*_ids(read), scores)
    _report(read, others, source)


def _of_its_survey(read: "ReadTable", model: "Model", source: str) -> "tuple[ReadTable, int]":
    """The rows of the model's survey, where the table says whose they are, and how many are of others.

    Raises ModelError where none is of its survey.
    """
    from dataclasses import replace

    from vra_tui.features.table import FeatureTable
    from vra_tui.scoring.model.trained import ModelError, purpose_of
    from vra_tui.text import printable

    surveys = read.texts.get(SURVEY_COLUMN, ())
    kept = [row for row, survey in enumerate(surveys) if survey in ("", model.survey)]
    if len(kept) == len(surveys):
        return read, 0
    others = sorted({printable(survey, 40) for survey in surveys if survey not in ("", model.survey)})
    why = f"{purpose_of(model)}; {source} holds alerts of {' and '.join(others)}"
    if not kept:
        raise ModelError(
            f"{why}. Nothing was scored. Name a model for them with --model; alerts in a store are ranked by "
            "`vra score` without one."
        )
    say(f"{why} too: those rows are refused.")
    table = FeatureTable(read.table.alert_id[kept], read.table.names, read.table.values[kept])
    texts = {name: tuple(values[row] for row in kept) for name, values in read.texts.items()}
    left = replace(read, table=table, texts=texts, ids=tuple(read.ids[row] for row in kept))
    return left, len(surveys) - len(kept)


def _opened(table: str) -> AbstractContextManager[TextIO]:
    if table == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
        return nullcontext(sys.stdin)
    return Path(table).open(encoding="utf-8", errors="surrogateescape", newline="")


def _ids(read: "ReadTable") -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Names of the id columns, and the ids of each row: a number as `atlas_id` where all are, else text."""
    if SURVEY_COLUMN in read.texts:
        return (SURVEY_COLUMN, "object_id"), list(zip(read.texts[SURVEY_COLUMN], read.ids, strict=True))
    is_atlas = read.id_column.lower() == "atlas_id" or (read.id_column == "id" and read.are_atlas)
    ids = read.table.alert_id.tolist() if is_atlas and read.are_atlas else read.ids
    return ("atlas_id" if is_atlas else "object_id",), [(one,) for one in ids]


def _write_csv(id_names: tuple[str, ...], ids: list[tuple[Any, ...]], scores: "Scores") -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow((*id_names, *_COLUMNS))
    out.writerows(
        (*names, *("" if value is None else f"{value:.6f}" for value in numbers), is_gal_cand)
        for names, (*numbers, is_gal_cand) in _rows(ids, scores)
    )


def _write_json(id_names: tuple[str, ...], ids: list[tuple[Any, ...]], scores: "Scores") -> None:
    import orjson

    rows = [
        dict(zip((*id_names, *_COLUMNS), (*names, *values), strict=True))
        for names, values in _rows(ids, scores)
    ]
    sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n")


def _rows(
    ids: list[tuple[Any, ...]], scores: "Scores"
) -> "Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]":
    """The ids of each row, and its values in the order of `_COLUMNS`, NaN as None."""
    numbers = (scores.preal, scores.pgal, scores.pfast, scores.rank)
    cells = [[None if value != value else value for value in column.tolist()] for column in numbers]
    return zip(ids, zip(*cells, scores.is_gal_cand.astype(int).tolist(), strict=True), strict=True)


def _report(read: "ReadTable", others: int, source: str) -> None:
    """Say on stderr which rows were refused, and end with 1 if any were; ``others`` are of other surveys."""
    if not read.refused and not others:
        return
    for row in read.refused:
        typer.echo(f"{source}, {row}", err=True)
    typer.echo(
        f"{len(read.refused) + others} of {len(read.refused) + others + len(read.table)} rows refused, "
        "the rest scored.",
        err=True,
    )
    raise typer.Exit(1)
