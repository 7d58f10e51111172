"""`vra replay`: the backtest. Replay past nights under a policy or model; report work and losses."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, give_way, open_existing, print_csv, print_json, say
from vra_tui.cli.figures import Plot

if TYPE_CHECKING:
    from vra_tui.cli.replay_optimise import Wish
    from vra_tui.config.policies import NamedPolicy
    from vra_tui.pipeline.replay.figures import Ledger
    from vra_tui.pipeline.replay.play import ScannerHabits
    from vra_tui.pipeline.replay.samples import TwoSamples
    from vra_tui.pipeline.replay.stream import ReplayStream
    from vra_tui.scoring.model.trained import Model
    from vra_tui.simulator import Scenario

#: Days for which a simulated stream is watched after its last alert: the life of a score history.
_FOLLOW = 15


def replay(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER|STORE", help="From `vra simulate`, or a store with decisions."),
    ] = None,
    scenario: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Without a folder or store: simulate this scenario.")
    ] = "ordinary",
    alerts: Annotated[
        int | None, typer.Option(min=1, help="So many alerts. Default: the scenario's.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the first simulated stream.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="So many streams, with the seeds that follow.")] = 1,
    find: Annotated[
        bool,
        typer.Option("--optimise", help="Search thresholds that save the most looks for what they lose."),
    ] = False,
    lost: Annotated[
        str, typer.Option(metavar="SHARE", help="With --optimise: good alerts that nobody may ever see.")
    ] = "0.1%",
    late: Annotated[
        str, typer.Option(metavar="SHARE", help="With --optimise: good ones that may be 2 days late.")
    ] = "100%",
    galactic_lost: Annotated[
        str, typer.Option(metavar="SHARE", help="With --optimise: galactic ones that nobody may ever see.")
    ] = "100%",
    good: Annotated[
        int,
        typer.Option(
            min=1, help="With --optimise: good alerts to choose on, and as many others to check on."
        ),
    ] = 4_000,
    mixture: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL=SHARE,...", help="With --optimise: count looks as in a stream of these shares."
        ),
    ] = None,
    check_seed: Annotated[
        int | None, typer.Option(min=0, help="With --optimise: of the first stream to check on.")
    ] = None,
    tries: Annotated[int, typer.Option(min=10, help="With --optimise: policies to try.")] = 6_000,
    choose: Annotated[
        int | None,
        typer.Option(min=1, metavar="NUMBER", help="With --optimise: print this one of the front."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --optimise: write the chosen one as a new policy file."),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="With --optimise: keep scored streams here for the next time."),
    ] = None,
    follow: Annotated[
        int, typer.Option(min=0, help="Days that a simulated stream is watched after its last alert.")
    ] = _FOLLOW,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="A policy; repeat to compare. Default: the one in use."),
    ] = None,
    vary: Annotated[
        str | None,
        typer.Option(metavar="THRESHOLD=V,V,...", help="The policy with each of these values beside it."),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A model; repeat to compare. Default: in use.")
    ] = None,
    capacity: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Alerts that the scanner looks at in a night.")
    ] = None,
    purgatory_days: Annotated[
        float, typer.Option(min=0, help="Days from one look into purgatory to the next; 0: never.")
    ] = 7.0,
    purgatory_age: Annotated[
        float, typer.Option(min=0, help="Leave in purgatory what is younger than so many days.")
    ] = 0.0,
    unsure: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share of looks that end in a snooze, not a decision.")
    ] = 0.0,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write what became of each alert.", dir_okay=False)
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Figures as CSV, one a line.")] = False,
    plot: Plot = False,
    as_json: AsJson = False,
) -> None:
    """Replay a stream whose truth is known, and tell what was lost. Truth acts as the scanner."""
    from vra_tui.cli.figures import show
    from vra_tui.cli.replay_data import CSV_HEADER, csv_rows, record_of, write_ledger
    from vra_tui.cli.replay_optimise import Wish, mixture_of, optimise, share_of
    from vra_tui.cli.replay_text import introduction, panels, print_replay
    from vra_tui.errors import VraError
    from vra_tui.pipeline.replay.figures import differences, figures
    from vra_tui.pipeline.replay.play import ScannerHabits

    give_way()
    policies, models = _policies(policy or [], vary), _models(model or [])
    if source is not None and seeds > 1:
        raise VraError("--seeds is for simulated streams: a folder or a store is one stream.")
    habits = ScannerHabits(purgatory_days, purgatory_age, capacity, unsure, seed)
    plan = _plan(scenario, alerts, follow)
    if find:
        shares = {"lost": lost, "late": late, "galactic": galactic_lost}
        asked = {name: share_of(text) for name, text in shares.items()}
        mixed = None if mixture is None else mixture_of(mixture)
        wish = Wish(**asked, mixture=mixed, good=good, tries=tries, choose=choose, write=write)
        if seeds > 1:
            raise VraError("--optimise takes as many streams as --good asks for: leave --seeds out.")
        if len(models) > 1 or ledger is not None or as_csv:
            raise VraError("--optimise is for one model, and has --json, but neither --csv nor --ledger.")
        samples = _samples(source, plan, models[0], habits, (seed, check_seed), wish, keep)
        optimise(samples, _with_shipped(policies), habits, models[0].name, wish, seed, _progress, as_json)
        return
    streams = iter([_read(source)]) if source is not None else _simulated(plan, seed, seeds)
    names, ledgers = _played(streams, models, policies, habits)
    found = {name: figures(one) for name, one in ledgers.items()}
    first = next(iter(ledgers))
    against = {name: differences(ledgers[first], one, seed) for name, one in ledgers.items() if name != first}
    if ledger is not None:
        write_ledger(ledger, ledgers)
    if as_json:
        about = {"streams": names, "models": [one.name for one in models], "habits": asdict(habits)}
        print_json(record_of(about, policies, found, against, ledgers))
    elif as_csv:
        print_csv(csv_rows(found, against), CSV_HEADER)
    else:
        print_replay(introduction(names, models, policies, habits), found, against, ledgers)
        if plot:
            show(*panels(found, ledgers))


def _played(
    streams: "Iterator[ReplayStream]",
    models: "list[Model]",
    policies: "list[NamedPolicy]",
    habits: "ScannerHabits",
) -> "tuple[list[str], dict[str, Ledger]]":
    """Names of the streams, and the ledger of each variant over all of them. One stream is held at a time."""
    from vra_tui.pipeline.replay.figures import Ledger
    from vra_tui.pipeline.replay.play import play
    from vra_tui.pipeline.replay.tape import record

    names: list[str] = []
    parts: dict[str, list[Ledger]] = {}
    for number, stream in enumerate(streams):
        names.append(stream.name)
        for tape in record(stream, models, on_progress=_progress(f"{stream.name}: visits scored")):
            for named in policies:
                variant = _variant(named.name, tape.model, len(policies), len(models))
                kept = Ledger.of(tape, play(tape, named.policy, habits), number)
                parts.setdefault(variant, []).append(kept)
    return names, {name: Ledger.concatenate(found) for name, found in parts.items()}


def _all_named(kind: str, names: list[str]) -> None:
    """Raise VraError where two columns would bear one name."""
    from vra_tui.errors import VraError

    if len(set(names)) < len(names):
        raise VraError(f"Two {kind} have one name: {', '.join(names)}. Give each its own.")


def _policies(sources: list[str], vary: str | None) -> "list[NamedPolicy]":
    from vra_tui.config.policies import NamedPolicy, load_policy, varied
    from vra_tui.config.reading import load_config

    found = [load_policy(source) for source in dict.fromkeys(sources)]
    found = found or [NamedPolicy("in use", load_config().policy())]
    if vary is not None:
        threshold, _, values = vary.partition("=")
        found += varied(found[0], threshold.strip(), values.split(","))
    _all_named("policies", [one.name for one in found])
    return found


def _models(names: list[str]) -> "list[Model]":
    from vra_tui.scoring.model.library import find_model, load_checked, load_in_use

    if names:
        found = [load_checked(find_model(name)) for name in dict.fromkeys(names)]
        _all_named("models", [one.name for one in found])
        return found
    chosen, warning = load_in_use()
    if warning:
        say(warning)
    return [chosen]


def _variant(policy: str, model: str, policies: int, models: int) -> str:
    """Return what tells one column from the other."""
    if models == 1:
        return policy
    return model if policies == 1 else f"{policy}, {model}"


def _samples(
    source: Path | None,
    plan: "Scenario",
    model: "Model",
    habits: "ScannerHabits",
    seeds: tuple[int, int | None],
    wish: "Wish",
    keep: Path | None,
) -> "TwoSamples":
    """What policies are chosen on and checked on: streams of successive seeds, or a stream's halves."""
    from vra_tui.cli.replay_optimise import simulated_tapes
    from vra_tui.pipeline.replay.samples import of_one_stream, of_streams, rich_in_good
    from vra_tui.pipeline.replay.tape import record

    if source is not None:
        (tape,) = record(_read(source), [model], on_progress=_progress("visits scored"))
        return of_one_stream(tape, habits, wish.mixture)
    rich = rich_in_good(plan)
    tape_of = simulated_tapes(rich, model, keep, lambda number: _simulation(rich, number), _progress)
    own = None if rich is plan else {str(name): share for name, share in plan.mixture.items()}
    return of_streams(tape_of, seeds, habits, wish.good, wish.mixture or own)


def _with_shipped(policies: "list[NamedPolicy]") -> "list[NamedPolicy]":
    """The policies, and those that come with the program where they are others."""
    from vra_tui.config.policies import load_policy, policy_names

    shipped = [load_policy(name) for name in policy_names()]
    return [*policies, *(one for one in shipped if one.policy not in [known.policy for known in policies])]


def _plan(name: str, alerts: int | None, follow: int) -> "Scenario":
    from vra_tui import simulator

    plan = simulator.load(name)
    return plan.changed(alerts=alerts, follow=max(follow, plan.follow))


def _simulated(plan: "Scenario", seed: int, seeds: int) -> "Iterator[ReplayStream]":
    return (_simulation(plan, number) for number in range(seed, seed + seeds))


def _simulation(plan: "Scenario", seed: int) -> "ReplayStream":
    from vra_tui.pipeline.replay.sources import simulated_stream

    bar = _progress(f"{plan.name}, seed {seed}: alerts simulated")
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        bar(done, plan.alerts)

    return simulated_stream(plan, seed, clock=_now, on_progress=advance)


def _read(source: Path) -> "ReplayStream":
    from vra_tui.errors import VraError
    from vra_tui.pipeline.replay.sources import folder_stream, store_stream

    if source.is_dir():
        return folder_stream(source, clock=_now)
    if not source.exists():
        raise VraError(f"{source}: no such folder or store. Without one, --scenario NAME is simulated.")
    beside = source.with_name(source.name + ".truth.csv")
    return store_stream(open_existing(source), source.name, beside if beside.is_file() else None)


def _now() -> datetime:
    return datetime.now(UTC)


def _progress(what: str) -> Any:
    """Says on a terminal how far a long step is."""

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{what}: {done:,} of {total:,}" + ("\n" if done >= total else ""))
            sys.stderr.flush()

    return progress
