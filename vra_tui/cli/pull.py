"""`vra pull`: what a configured source has that the store lacks, once; then scored and filed."""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, give_way, print_json, say, store_path
from vra_tui.text import printable

if TYPE_CHECKING:
    from vra_tui.config.alert_sources import AlertSource
    from vra_tui.pipeline.completing import Completed
    from vra_tui.pipeline.pull import Pulled
    from vra_tui.pipeline.score_store import ScoredStore, StoreScorer
    from vra_tui.sources.wires.base import Wire
    from vra_tui.store import Store


def pull(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE", help="Names of [source.NAME] in the configuration.")
    ],
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", metavar="ID", help="This object alone, whatever is configured. Repeatable."),
    ] = None,
    no_score: Annotated[
        bool, typer.Option("--no-score", help="Only take in; `vra score` ranks what is new.")
    ] = False,
    completing: Annotated[
        bool,
        typer.Option("--complete", help="Then ask all sources for what high-ranked alerts lack."),
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Ask sources once for what is new, and score and file it. What came before a fault stays."""
    from vra_tui.cli.data import in_words, record_of
    from vra_tui.cli.refusal_report import RefusalReport
    from vra_tui.cli.scoring import score_record, scored_in_words
    from vra_tui.cli.telling import rules_of, tell_and_send
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline import pull as pipeline
    from vra_tui.pipeline.completing import complete
    from vra_tui.pipeline.score_store import StoreScorer
    from vra_tui.pipeline.sources import Keys, chosen_sources, open_source, real_edges
    from vra_tui.store.connection import open_store

    config = load_config()
    rules = rules_of(config)
    chosen = chosen_sources(config, sources)
    how: dict[str, Any] = {"clock": lambda: datetime.now(UTC)}
    # Before anything is asked: a rule or a model that cannot be used is told at once.
    scorer = None if no_score else StoreScorer.configured(config, note=say, **how)
    give_way()
    store = open_store(store_path(db), durable=False, on_step=say)
    report = RefusalReport(say)
    how["on_refusal"] = report
    pulled: dict[str, Pulled] = {}
    scored: ScoredStore | None = None
    completed: Completed | None = None
    with ExitStack() as opened:

        def wire_of(source: "AlertSource") -> "Wire":
            wire = open_source(store, source, edges=real_edges(), keys=Keys.beside(config))
            opened.callback(wire.close)
            return wire

        for source in chosen:
            wire = wire_of(source)
            pulled[source.name] = (
                pipeline.pull_objects(store, wire, objects, **how)
                if objects
                else pipeline.pull(store, wire, **how)
            )
        is_news = any(one.intake.new or one.intake.extended for one in pulled.values())
        if is_news and scorer is not None:
            scored = _score(store, scorer)
        if completing:
            # What one source lacks, another may have.
            wires = [wire_of(source) for source in chosen_sources(config)]
            completed = complete(store, wires, **how)
            if completed.came and scorer is not None:
                scored = _score(store, scorer)
    report.close()
    if is_news:
        tell_and_send(store, config, rules)
    if as_json:
        print_json(
            {
                "sources": [
                    {"source": name, "fault": one.fault, **record_of(one.intake)}
                    for name, one in pulled.items()
                ],
                "completed": None
                if completed is None
                else {"asked": completed.asked, "came": completed.came, "faults": completed.faults},
                "scored": None if scored is None else score_record(scored),
            }
        )
    else:
        for name, one in pulled.items():
            typer.echo(f"{name}: {in_words(one.intake)}")
        if completed is not None:
            typer.echo(f"completed: {completed.asked} asked for, {completed.came} came")
        if scored is not None:
            typer.echo(scored_in_words(scored))
    for one in pulled.values():
        if one.fault:
            say(f"vra: {printable(one.fault, 500)} What came before is in the store.")
    for fault in completed.faults.values() if completed is not None else ():
        say(f"vra: {printable(fault, 500)} It was asked for nothing more.")
    if is_news and no_score:
        say("`vra score` ranks what is new.")
    if any(one.intake.refused for one in pulled.values()):
        say("`vra sources rejects` tells what was refused; everything else is in.")
    is_refused = any(one.fault or one.intake.refused for one in pulled.values())
    if is_refused or (completed is not None and completed.faults):
        raise typer.Exit(1)


def _score(store: "Store", scorer: "StoreScorer") -> "ScoredStore":
    """Score and file what is new; warnings are said as they come."""
    from vra_tui.cli.scoring import progress

    scored = scorer.run(store, progress=progress)
    for sentence in scored.report.warnings:
        say(sentence)
    return scored
