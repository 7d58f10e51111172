"""`vra score` and `vra features`: from the store's light curves to ranks, and to feature tables."""

import csv
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vra_tui.cli.common import AsJson, Db, give_way, open_existing, print_json, say

if TYPE_CHECKING:
    from vra_tui.pipeline.score_store import ScoredStore

#: Of more alerts than this it is said how far a run is.
_LONG = 4_000

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
    """Score what is new, and file it. Then come reasons, light-curve labels, windows, drift."""
    from vra_tui.cli.telling import rules_of, tell_and_send
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.score_store import StoreScorer

    give_way()
    config = load_config()
    rules = rules_of(config)
    scorer = StoreScorer.configured(config, clock=lambda: datetime.now(UTC), model=model, note=say)
    store = open_existing(db, durable=False)
    scorer.check_asked_for(store)
    scored = scorer.run(
        store,
        everything=everything,
        at_mjd=at_mjd,
        ranks_only=ranks_only,
        progress=progress,
    )
    report = scored.report
    for sentence in report.warnings:
        say(sentence)
    tell_and_send(store, config, rules)
    if as_json:
        print_json(score_record(scored))
        return
    typer.echo(scored_in_words(scored))


def score_record(scored: "ScoredStore") -> dict[str, Any]:
    """What came of scoring, for other programs."""
    from dataclasses import asdict

    return {**asdict(scored.report), "model": scored.model, "explained": scored.explained}


def scored_in_words(scored: "ScoredStore") -> str:
    """What came of scoring, in a line."""
    report = scored.report
    return (
        f"{report.alerts} alerts, {report.scores} new scores by {_by(scored)}; "
        f"{report.discarded} discarded, {report.brought_back} brought back, "
        f"{report.aged} moved to purgatory"
        f"{f', {report.lifted} lifted to the fast track' if report.lifted else ''}; "
        f"{scored.explained} explained"
    )


def _by(scored: "ScoredStore") -> str:
    """Who scored, and where there were several, whose alerts each did."""
    whose: dict[str, list[str]] = {}
    for survey, one in scored.report.surveys.items():
        whose.setdefault(one.model, []).append(survey)
    if len(whose) < 2:
        return next(iter(whose), scored.model)
    return " and ".join(f"{name} ({', '.join(surveys)})" for name, surveys in whose.items())


def progress(what: str, done: int, total: int) -> None:
    """Say on a terminal how far a long run is."""
    if sys.stderr.isatty() and total > _LONG:
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{what} {done:,} of {total:,}{end}")
        sys.stderr.flush()


def features(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Ids, survey:id, or names; default: all.")
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
    from vra_tui.pipeline.feature_parts import feature_parts
    from vra_tui.pipeline.feature_tables import columns_of_set
    from vra_tui.store.finding import find_alert
    from vra_tui.store.listing import list_ids
    from vra_tui.store.objects import names_of

    names = columns_of_set(feature_set)
    connection = open_existing(db)
    chosen = [find_alert(connection, text) for text in ids] if ids else list_ids(connection, "all").tolist()
    called = names_of(connection, chosen)
    ids_of, columns = with_atlas_id(
        (dict(zip(ID_COLUMNS, called[number], strict=True)) for number in chosen),
        [*ID_COLUMNS, *names],
    )
    ids_by_number = dict(zip(chosen, ids_of, strict=True))
    rows = (
        {**ids_by_number[number], **dict(zip(table.names, values, strict=True))}
        for table in feature_parts(connection, feature_set, chosen, at_mjd)
        for number, values in zip(table.alert_id.tolist(), table.values.tolist(), strict=True)
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
