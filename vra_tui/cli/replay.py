"""`vra replay`: the backtest. Replay past nights under a policy or model; report work and losses."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vra_tui.cli.common import give_way, open_existing, print_csv, print_json, say
from vra_tui.cli.options import verb_of
from vra_tui.cli.replay_options import ReplayOptions

if TYPE_CHECKING:
    from vra_tui.cli.replay_optimise import Wish
    from vra_tui.config.policies import NamedPolicy
    from vra_tui.pipeline.replay.figures import Ledger
    from vra_tui.pipeline.replay.play import ScannerHabits
    from vra_tui.pipeline.replay.samples import TwoSamples
    from vra_tui.pipeline.replay.stream import ReplayStream
    from vra_tui.scoring.model.trained import Model
    from vra_tui.simulator import Scenario


def _replay(options: ReplayOptions) -> None:
    """Replay a stream whose truth is known, and tell what was lost. Truth acts as the scanner."""
    options.check()
    give_way()
    policies, models = _policies(options.policy or [], options.vary), _models(options.model or [])
    if options.find:
        _optimise(options, policies, models)
    else:
        _play(options, policies, models)


replay = verb_of(_replay)


def _optimise(options: ReplayOptions, policies: "list[NamedPolicy]", models: "list[Model]") -> None:
    """Search thresholds, and tell what they save and lose."""
    from vra_tui.cli.replay_optimise import Wish, mixture_of, optimise, share_of
    from vra_tui.errors import VraError

    wish = Wish(
        lost=share_of(options.lost),
        late=share_of(options.late),
        galactic=share_of(options.galactic_lost),
        mixture=None if options.mixture is None else mixture_of(options.mixture),
        good=options.good,
        tries=options.tries,
        choose=options.choose,
        write=options.write,
    )
    if len(models) > 1:
        raise VraError("--optimise is for one model. Nothing was replayed.")
    (model,), habits = models, options.habits()
    samples = _samples(options, model, habits, wish)
    tried = _with_shipped(policies)
    optimise(samples, tried, habits, model.name, wish, options.seed, _progress, options.as_json)


def _play(options: ReplayOptions, policies: "list[NamedPolicy]", models: "list[Model]") -> None:
    """Play each variant over the streams, and tell what became of the alerts."""
    from vra_tui.cli.figures import show
    from vra_tui.cli.replay_data import CSV_HEADER, csv_rows, record_of, write_ledger
    from vra_tui.cli.replay_text import introduction, panels, print_replay
    from vra_tui.pipeline.replay.figures import differences, figures

    habits = options.habits()
    names, ledgers = _played(_streams(options), models, policies, habits)
    found = {name: figures(one) for name, one in ledgers.items()}
    first, *others = ledgers
    against = {name: differences(ledgers[first], ledgers[name], options.seed) for name in others}
    if options.ledger is not None:
        write_ledger(options.ledger, ledgers)
    if options.as_json:
        about = {"streams": names, "models": [one.name for one in models], "habits": asdict(habits)}
        print_json(record_of(about, policies, found, against, ledgers))
    elif options.as_csv:
        print_csv(csv_rows(found, against), CSV_HEADER)
    else:
        print_replay(introduction(names, models, policies, habits), found, against, ledgers)
        if options.plot:
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


def _samples(options: ReplayOptions, model: "Model", habits: "ScannerHabits", wish: "Wish") -> "TwoSamples":
    """What policies are chosen on and checked on: streams of successive seeds, or a stream's halves."""
    from vra_tui.cli.replay_optimise import simulated_tapes
    from vra_tui.pipeline.replay.samples import of_one_stream, of_streams, rich_in_good
    from vra_tui.pipeline.replay.tape import record

    if options.source is not None:
        (tape,) = record(_read(options.source), [model], on_progress=_progress("visits scored"))
        return of_one_stream(tape, habits, wish.mixture)
    plan = _plan(options)
    rich = rich_in_good(plan)
    tape_of = simulated_tapes(rich, model, options.keep, lambda number: _simulation(rich, number), _progress)
    own = None if rich is plan else {str(name): share for name, share in plan.mixture.items()}
    seeds = (options.seed, options.check_seed)
    return of_streams(tape_of, seeds, habits, wish.good, wish.mixture or own)


def _with_shipped(policies: "list[NamedPolicy]") -> "list[NamedPolicy]":
    """The policies, and those that come with the program where they are others."""
    from vra_tui.config.policies import load_policy, policy_names

    shipped = [load_policy(name) for name in policy_names()]
    return [*policies, *(one for one in shipped if one.policy not in [known.policy for known in policies])]


def _plan(options: ReplayOptions) -> "Scenario":
    from vra_tui import simulator

    plan = simulator.load(options.scenario)
    return plan.changed(alerts=options.alerts, follow=max(options.follow, plan.follow))


def _streams(options: ReplayOptions) -> "Iterator[ReplayStream]":
    """The streams to play, each made when it is asked for."""
    if options.source is not None:
        yield _read(options.source)
        return
    plan = _plan(options)
    for number in range(options.seed, options.seed + options.seeds):
        yield _simulation(plan, number)


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
