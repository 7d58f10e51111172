"""`vra pull`: what a configured source has that the store lacks, once; then scored and filed."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, give_way, print_json, say, store_path
from vra_tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vra_tui.config.alert_sources import AlertSource
    from vra_tui.config.reading import Config
    from vra_tui.domain.refusal import Refusal
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
    from vra_tui.cli.refusal_report import RefusalReport
    from vra_tui.cli.telling import rules_of, tell_and_send
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.score_store import StoreScorer
    from vra_tui.pipeline.sources import chosen_sources
    from vra_tui.store.connection import open_store

    config = load_config()
    rules, chosen = rules_of(config), chosen_sources(config, sources)
    # Before anything is asked: a rule or a model that cannot be used is told at once.
    scorer = None if no_score else StoreScorer.configured(config, clock=_now, note=say)
    give_way()
    store = open_store(store_path(db), durable=False, on_step=say)
    report = RefusalReport(say)
    with ExitStack() as opened:
        asked = _Asked(store, config, opened, report)
        came = _Came({source.name: asked.pull(source, objects) for source in chosen})
        if came.is_news and scorer is not None:
            came.scored = _score(store, scorer)
        if completing:
            # What one source lacks, another may have.
            came.completed = asked.complete(chosen_sources(config))
            if came.completed.came and scorer is not None:
                came.scored = _score(store, scorer)
    report.close()
    if came.is_news:
        tell_and_send(store, config, rules)
    if as_json:
        print_json(came.record())
    else:
        came.tell()
    came.say_faults()
    if came.is_news and no_score:
        say("`vra score` ranks what is new.")
    if any(one.intake.refused for one in came.pulled.values()):
        say("`vra sources rejects` tells what was refused; everything else is in.")
    if not came.is_whole:
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Asked:
    """The sources that are asked, each opened when it is its turn and closed with ``opened``."""

    store: "Store"
    config: "Config"
    opened: ExitStack
    on_refusal: "Callable[[Refusal], None]"

    def pull(self, source: "AlertSource", objects: list[str] | None) -> "Pulled":
        """Ask a source for what is new, or for these objects alone."""
        from vra_tui.pipeline import pull as pipeline

        wire = self._wire(source)
        if objects:
            return pipeline.pull_objects(self.store, wire, objects, clock=_now, on_refusal=self.on_refusal)
        return pipeline.pull(self.store, wire, clock=_now, on_refusal=self.on_refusal)

    def complete(self, sources: "Iterable[AlertSource]") -> "Completed":
        """Ask sources for what alerts that rank high lack."""
        from vra_tui.pipeline.completing import complete

        wires = [self._wire(source) for source in sources]
        return complete(self.store, wires, clock=_now, on_refusal=self.on_refusal)

    def _wire(self, source: "AlertSource") -> "Wire":
        from vra_tui.pipeline.sources import Keys, open_source, real_edges

        wire = open_source(self.store, source, edges=real_edges(), keys=Keys.beside(self.config))
        self.opened.callback(wire.close)
        return wire


@dataclass
class _Came:
    """What came of a run: of each source by name, of completing, and of scoring, where that was done."""

    pulled: "dict[str, Pulled]"
    completed: "Completed | None" = None
    scored: "ScoredStore | None" = None

    @property
    def is_news(self) -> bool:
        """Whether a source had something that the store lacked."""
        return any(one.intake.new or one.intake.extended for one in self.pulled.values())

    @property
    def is_whole(self) -> bool:
        """Whether nothing was refused, and no source failed."""
        if self.completed is not None and self.completed.faults:
            return False
        return not any(one.fault or one.intake.refused for one in self.pulled.values())

    def record(self) -> dict[str, Any]:
        """All of it, for machines."""
        from vra_tui.cli.data import record_of
        from vra_tui.cli.scoring import score_record

        sources = [
            {"source": name, "fault": one.fault, **record_of(one.intake)} for name, one in self.pulled.items()
        ]
        more = self.completed
        completed = None if more is None else {"asked": more.asked, "came": more.came, "faults": more.faults}
        scored = None if self.scored is None else score_record(self.scored)
        return {"sources": sources, "completed": completed, "scored": scored}

    def tell(self) -> None:
        """Print a line for each part."""
        from vra_tui.cli.data import in_words
        from vra_tui.cli.scoring import scored_in_words

        for name, one in self.pulled.items():
            typer.echo(f"{name}: {in_words(one.intake)}")
        if self.completed is not None:
            typer.echo(f"completed: {self.completed.asked} asked for, {self.completed.came} came")
        if self.scored is not None:
            typer.echo(scored_in_words(self.scored))

    def say_faults(self) -> None:
        """Say which sources failed, and what that means."""
        for one in self.pulled.values():
            if one.fault:
                say(f"vra: {printable(one.fault, 500)} What came before is in the store.")
        for fault in self.completed.faults.values() if self.completed is not None else ():
            say(f"vra: {printable(fault, 500)} It was asked for nothing more.")


def _score(store: "Store", scorer: "StoreScorer") -> "ScoredStore":
    """Score and file what is new; warnings are said as they come."""
    from vra_tui.cli.scoring import progress

    scored = scorer.run(store, progress=progress)
    for sentence in scored.report.warnings:
        say(sentence)
    return scored


def _now() -> datetime:
    return datetime.now(UTC)
