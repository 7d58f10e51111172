"""`vra score` and `vra features`: from the store's light curves to ranks, and to feature tables."""

import csv
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from vra_tui.cli.common import AsJson, Db, give_way, open_existing, print_json, say

_CHUNK = 4_000

AtMjd = Annotated[float | None, typer.Option("--at-mjd", help="As it stood then: only data up to this MJD.")]


def score(
    db: Db = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Look at all alerts, not only at new data.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="A model's name or folder.")] = None,
    at_mjd: AtMjd = None,
    ranks_only: Annotated[
        bool,
        typer.Option(
            "--ranks-only", help="Leave out reasons, light-curve labels, windows, what to label, drift."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score what is new: features, probabilities, ranks, lists by the policies; then reasons and labels."""
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline import score as pipeline
    from vra_tui.pipeline.fill_teach_list import renew_teach
    from vra_tui.pipeline.measure_drift import drift_warnings
    from vra_tui.pipeline.renew_insights import renew_insights
    from vra_tui.scoring.model.shelf import check_ready, load_in_use, load_shadow

    give_way()
    config = load_config()
    connection = open_existing(db, durable=False)
    chosen, warning = load_in_use(model)
    check_ready(chosen)
    shadow, shadow_warning = load_shadow()
    for sentence in filter(None, (warning, shadow_warning)):
        say(sentence)
    report = pipeline.score(
        connection,
        chosen,
        clock=lambda: datetime.now(UTC),
        policy=config.policy(),
        shadow=shadow,
        everything=everything,
        at_mjd=float("inf") if at_mjd is None else at_mjd,
        on_progress=_progress("scored"),
    )
    renewed = 0
    if not ranks_only:
        rule, progress = config.follow_up(), _progress("explained")
        renewed = renew_insights(connection, chosen, rule=rule, on_progress=progress)
        renew_teach(connection)
        warned = drift_warnings(connection, chosen, clock=lambda: datetime.now(UTC), policy=config.policy())
        report.warnings += warned
    for sentence in report.warnings:
        say(sentence)
    if as_json:
        print_json({**vars(report), "model": chosen.name, "explained": renewed})
        return
    typer.echo(
        f"{report.alerts} alerts, {report.scores} new scores by {chosen.name}; {report.discarded} discarded, "
        f"{report.brought_back} brought back, {report.aged} moved to purgatory; {renewed} explained"
    )


def _progress(what: str) -> Callable[[int, int], None]:
    """Says on a terminal how far a long run is."""

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty() and total > _CHUNK:
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{what} {done:,} of {total:,}{end}")
            sys.stderr.flush()

    return progress


def features(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Ids, survey:id, or names; default: all.")
    ] = None,
    db: Db = None,
    feature_set: Annotated[
        str,
        typer.Option(
            "--set",
            help="stream-1, for alerts of any survey; or ATLAS's vra-day1-1, vra-dayN-1, vra-fast-1.",
        ),
    ] = "vra-dayN-1",
    at_mjd: AtMjd = None,
    out: Annotated[Literal["csv", "json"], typer.Option("--format", help="csv or json.")] = "csv",
) -> None:
    """Print the feature table of a set, under its published names."""
    from vra_tui.export.id_columns import ID_COLUMNS, with_atlas_id
    from vra_tui.pipeline.feature_tables import columns_of_set, feature_table
    from vra_tui.store.finding import find_alert
    from vra_tui.store.listing import list_ids
    from vra_tui.store.objects import names_of

    names = columns_of_set(feature_set)
    connection = open_existing(db)
    chosen = (
        [find_alert(connection, text) for text in ids]
        if ids
        else sorted(list_ids(connection, "all").tolist())
    )
    called = names_of(connection, chosen)
    ids_of, columns = with_atlas_id(
        (dict(zip(ID_COLUMNS, called[alert_id], strict=True)) for alert_id in chosen), [*ID_COLUMNS, *names]
    )
    ids_by_number = dict(zip(chosen, ids_of, strict=True))
    rows = (
        {**ids_by_number[alert_id], **dict(zip(names, values, strict=True))}
        for first in range(0, len(chosen), _CHUNK)
        for table in [feature_table(connection, feature_set, chosen[first : first + _CHUNK], at_mjd)]
        for alert_id, values in zip(table.alert_id.tolist(), table.values.tolist(), strict=True)
    )
    if out == "json":
        print_json([{column: row[column] for column in columns} for row in rows])
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: str | int | float) -> str:
    from vra_tui.export.tables import one_line

    if isinstance(value, float):
        return "" if value != value else repr(value)
    return str(one_line(value))
