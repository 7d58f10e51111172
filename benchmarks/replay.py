"""What policies cost and lose, on streams as the simulator makes them and on harder ones; and how fast it is.

`python -m benchmarks.replay` times one replay. `--seeds A-B [--alerts N] [--policy NAME]... [--blur S]...`
replays ordinary fortnights: a line for each policy, habit and difficulty, over all seeds together.
`--bad-night` replays that scenario with and without the cap instead.

`--blur S` adds normal noise of S to the log-odds of P(real), one draw an alert, to make up for a simulator
that is easier than the sky: the AuRaK at entry is printed beside.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter, process_time

import numpy as np

from vra_tui.config.policies import NamedPolicy, load_policy
from vra_tui.pipeline.replay.effects import PolicyTrial
from vra_tui.pipeline.replay.figures import Ledger, figures
from vra_tui.pipeline.replay.play import ScannerHabits, play
from vra_tui.pipeline.replay.sources import simulated_stream
from vra_tui.pipeline.replay.tape import record
from vra_tui.pipeline.score import within_scope
from vra_tui.ranking.policy import Policy
from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.library import load_in_use
from vra_tui.scoring.model.trained import Scores
from vra_tui.simulator import load

HABITS = {
    "purgatory weekly": ScannerHabits(),
    "weekly, older than 7 d": ScannerHabits(purgatory_age=7.0),
    "purgatory never": ScannerHabits(purgatory_days=0.0),
}
COLUMNS = (
    "policy", "scanner", "model", "looks", "good lost", "waiting", "2 days late", "fast, near, bright lost",
    "galactic lost",
)  # fmt: skip


class Blurred:
    """A model that is less sure of each alert than it ought to be, by as much at every visit."""

    def __init__(self, model, blur: float) -> None:
        self.survey = model.survey
        self.model, self.blur, self.name = model, blur, f"{model.name}, blur {blur:g}"

    def columns(self, stage: str) -> tuple[str, ...]:
        return self.model.columns(stage)

    def scores(self, table, stage: str) -> Scores:
        said = self.model.scores(table, stage)
        if not self.blur:
            return said
        real = np.clip(said.preal, 1e-6, 1 - 1e-6)
        odds = np.log(real / (1 - real)) + self.blur * _draws(table.alert_id)
        real = 1 / (1 + np.exp(-odds))
        return replace(
            said,
            preal=real,
            rank=rank(real, said.pgal),
            is_gal_cand=is_galactic_candidate(real, said.pgal),
        )


def _draws(alert_id) -> np.ndarray:
    """A standard normal number for each id, the same each time: splitmix64, then Box and Muller."""

    def uniform(salt: int) -> np.ndarray:
        with np.errstate(over="ignore"):
            z = alert_id.astype(np.uint64) + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) / 2.0**53

    return np.sqrt(-2 * np.log(1 - uniform(1))) * np.cos(2 * np.pi * uniform(2))


def tapes_of(scenario, seeds: Sequence[int], blurs: Sequence[float]):
    """The tapes of each seed, one a blur."""
    model, _ = load_in_use()
    models = [Blurred(model, blur) for blur in blurs]
    for seed in seeds:
        stream = simulated_stream(scenario, seed, clock=lambda: datetime.now(UTC))
        yield record(stream, models, may_discard=lambda one, *rest: within_scope(one.model, *rest))


def at_entry(tape) -> float:
    """AuRaK at entry of what TNS did not list by then."""
    first = (tape.standing.visit == 1) & ~tape.is_tns
    return aurak(tape.standing.rank[first], tape.stream.truth.is_good[tape.row[first]])


def line(policy: str, habit: str, difficulty: str, ledger: Ledger) -> str:
    told = figures(ledger)
    groups = {group.name: group for group in told.groups}
    good, near, galactic = (groups[name] for name in ("good", "fast, near or bright", "galactic"))
    return (
        f"| {policy} | {habit} | {difficulty} | -{told.saved:.1%} | {good.lost} of {good.alerts} "
        f"({good.lost / good.alerts:.2%}) | {good.waiting} | {good.late / good.alerts:.1%} | "
        f"{near.lost} of {near.alerts} | {galactic.lost / galactic.alerts:.0%} |"
    )


def compare(scenario, seeds, policies: Sequence[NamedPolicy], habits, blurs) -> None:
    parts: dict[tuple[str, str, str], list[Ledger]] = {}
    entry: dict[str, list[float]] = {}
    for number, tapes in enumerate(tapes_of(scenario, seeds, blurs)):
        for tape in tapes:
            entry.setdefault(tape.model, []).append(at_entry(tape))
            for named in policies:
                for habit, how in habits.items():
                    kept = Ledger.of(tape, play(tape, named.policy, how), number)
                    parts.setdefault((named.name, habit, tape.model), []).append(kept)
    for name, values in entry.items():
        print(f"replay: AuRaK at entry, {name}: {np.mean(values):.3f} over {len(values)} seeds")
    print(f"| {' | '.join(COLUMNS)} |")
    print("|" + " --- |" * len(COLUMNS))
    for key in sorted(parts):
        print(line(*key, Ledger.concatenate(parts[key])))


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int)
    parser.add_argument("--seeds", default="")
    parser.add_argument("--policy", action="append")
    parser.add_argument("--blur", type=float, action="append")
    parser.add_argument("--bad-night", action="store_true")
    options = parser.parse_args(arguments)
    if options.bad_night:
        bad_night(options.alerts)
    elif options.seeds:
        first, _, last = options.seeds.partition("-")
        seeds = range(int(first), int(last or first) + 1)
        plan = load("ordinary").changed(alerts=options.alerts, follow=15)
        policies = [load_policy(name) for name in options.policy or ["default", "lean"]]
        compare(plan, seeds, policies, HABITS, options.blur or [0.0])
    else:
        speed(options.alerts or 20_000)


def bad_night(alerts: int | None) -> None:
    plan = load("bad-night").changed(alerts=alerts, follow=15)
    default = load_policy("default")
    free = replace(default.policy, night_floor=1e9)
    policies = [default, NamedPolicy("without the cap", free)]
    habits = {
        "all": ScannerHabits(purgatory_days=0.0),
        "200 a night": ScannerHabits(purgatory_days=0.0, capacity=200),
    }
    compare(plan, [1], policies, habits, [0.0])


def speed(alerts: int) -> None:
    plan = load("ordinary").changed(alerts=alerts)
    model, _ = load_in_use()
    clock = perf_counter(), process_time()
    stream = simulated_stream(plan, 1, clock=lambda: datetime.now(UTC))
    clock = _lap(f"{alerts:,} alerts simulated (in two processes beside)", clock)
    (tape,) = record(stream, [model])
    clock = _lap(
        f"{len(tape.row):,} visits of {len(tape.nights)} nights scored (asked: a replay in 120 s)", clock
    )
    for name in ("default", "lean"):
        play(tape, load_policy(name).policy)
        clock = _lap(f"policy {name} played", clock)
    trial = PolicyTrial(tape)
    clock = _lap("tape prepared to try policies", clock)
    for number in range(100):
        trial.of(Policy(extragalactic_rank=number / 10))
    _lap("100 policies told at once", clock)


def _lap(what: str, since: tuple[float, float]) -> tuple[float, float]:
    now = perf_counter(), process_time()
    print(f"replay: {what}: {now[0] - since[0]:.1f} s, {now[1] - since[1]:.1f} s of CPU")
    return now


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
