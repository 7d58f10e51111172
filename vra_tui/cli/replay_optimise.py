"""`vra replay --optimise`: thresholds that save most looks for what they lose, checked on other alerts."""

import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from vra_tui.cli.common import print_json, say
from vra_tui.cli.output import TableColumn, print_columns
from vra_tui.config.policy_file import policy_path
from vra_tui.errors import VraError
from vra_tui.export.panels import Panel, Series

if TYPE_CHECKING:
    from vra_tui.config.policies import NamedPolicy
    from vra_tui.pipeline.replay.play import ScannerHabits
    from vra_tui.pipeline.replay.samples import TwoSamples
    from vra_tui.pipeline.replay.search import Bounds, Tried
    from vra_tui.pipeline.replay.stream import ReplayStream
    from vra_tui.pipeline.replay.tally import Tally
    from vra_tui.pipeline.replay.tape import Tape
    from vra_tui.scoring.model.trained import Model
    from vra_tui.simulator import Scenario

Progress = Callable[[str], Callable[[int, int], None]]

#: The front is told up to so many times the share that may be lost, and at least up to this share.
_TOLD_BEYOND, _TOLD_AT_LEAST = 10.0, 0.01


@dataclass(frozen=True)
class Wish:
    """What was asked.

    ``lost``, ``late``, ``galactic``: shares of the good never seen, of the good late, of the galactic never
    seen. ``mixture``: shares of labels by which looks are counted, the stream's own where None. ``good``:
    alerts in each sample; ``tries``: policies. ``choose``: number of a policy of the front; ``write``: a file
    for it.
    """

    lost: float
    late: float
    galactic: float
    mixture: "Mapping[str, float] | None"
    good: int
    tries: int
    choose: int | None
    write: Path | None

    def __post_init__(self) -> None:
        if self.write is not None and policy_path(self.write).exists():
            # Said before the long search, not after it.
            raise VraError(f"{policy_path(self.write)} is there already: choose another name for --write.")

    def bounds(self) -> "Bounds":
        """Bounds of the front: it goes on beyond what may be lost, to be chosen from by hand."""
        from vra_tui.pipeline.replay.search import Bounds

        unseen = min(max(_TOLD_BEYOND * self.lost, _TOLD_AT_LEAST), 1.0)
        return Bounds(unseen, self.late, self.galactic)


@dataclass(frozen=True)
class Told:
    """A policy with its counts on the alerts that it was chosen on, and on others."""

    name: str
    named: "NamedPolicy"
    chosen_on: "Tally"
    checked_on: "Tally"


def share_of(text: str) -> float:
    """A share as people write it: `0.1%`, `0.1 %` or `0.001`. Raises VraError."""
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if rest or not 0 <= share <= 1:
        raise VraError(f"{text!r} is no share: write 0.1% or 0.001.")
    return share


def mixture_of(text: str) -> dict[str, float]:
    """Shares of labels, such as `good=5.5,garbage=82`; they need not add up to 1. Raises VraError."""
    shares: dict[str, float] = {}
    for word in text.split(","):
        name, _, value = word.partition("=")
        try:
            share = float(value)
        except ValueError:
            share = -1.0
        if not 0 < share < float("inf") or name.strip() in shares:
            raise VraError(f"{word.strip()!r} is no share of a label: write good=5.5,garbage=82.")
        shares[name.strip()] = share
    return shares


def simulated_tapes(
    plan: "Scenario",
    model: "Model",
    keep: Path | None,
    streams: Callable[[int], "ReplayStream"],
    progress: Progress,
) -> Callable[[int], "Tape"]:
    """Tapes of a scenario by seed; with a folder to ``keep`` them, each is simulated and scored but once."""
    from vra_tui import __version__
    from vra_tui.pipeline.replay.kept_tapes import keep_tape, kept_tape, tape_path
    from vra_tui.pipeline.replay.tape import record

    def tape_of(seed: int) -> "Tape":
        about = {
            "scenario": plan.model_dump(mode="json"), "seed": seed, "version": __version__,
            "model": model.card.model_dump(mode="json"),
        }  # fmt: skip
        path = None if keep is None else tape_path(keep, about)
        found = None if path is None else kept_tape(path)
        if found is None:
            stream = streams(seed)
            (found,) = record(stream, [model], on_progress=progress(f"{stream.name}: visits scored"))
            if path is not None:
                _keep(keep_tape, path, found)
        return found

    return tape_of


def _keep(keep_tape: Callable[[Path, "Tape"], None], path: Path, tape: "Tape") -> None:
    try:
        keep_tape(path, tape)
    except OSError as error:
        say(f"{path} cannot be written ({error.strerror or error}): {tape.stream.name} is not kept.")


def optimise(
    samples: "TwoSamples",
    start: "Sequence[NamedPolicy]",
    habits: "ScannerHabits",
    model: str,
    wish: Wish,
    seed: int,
    progress: Progress,
    as_json: bool,
) -> None:
    """Search, check, print, and write what was chosen. Raises VraError where nothing can be chosen."""
    from vra_tui.config.policies import NamedPolicy
    from vra_tui.pipeline.replay.search import best_within, pareto_front
    from vra_tui.pipeline.replay.tally import tally

    front = pareto_front(
        samples.chosen_on,
        [one.policy for one in start],
        wish.bounds(),
        tries=wish.tries,
        seed=seed,
        on_progress=progress("policies tried"),
    )
    number = _number(front, wish, best_within(front, wish.lost))
    told = [
        Told(str(place), NamedPolicy(f"front {place}", one.policy, _described(one, samples)), one.tally,
             tally(samples.checked_on, one.policy))
        for place, one in enumerate(front, start=1)
    ]  # fmt: skip
    known = [
        Told(one.name, one, tally(samples.chosen_on, one.policy), tally(samples.checked_on, one.policy))
        for one in start
    ]
    chosen = None if number is None else told[number]
    if as_json:
        about = {"model": model, "habits": asdict(habits), "samples": samples.names, "asked": _asked(wish)}
        print_json(
            {
                **about, "front": [_row(one) for one in told], "known": [_row(one) for one in known],
                "chosen": None if chosen is None else chosen.name,
            }
        )  # fmt: skip
    else:
        _print(samples, told, known, chosen, wish)
    if chosen is not None and wish.write is not None:
        from vra_tui.config.policy_file import write_policy

        path = write_policy(wish.write, chosen.named)
        say(f'Wrote {path}. Replay it by --policy {path}; use it by base = "{path}" under [policy].')


def _number(front: "Sequence[Tried]", wish: Wish, best: int | None) -> int | None:
    """The place of the chosen policy on the front: the one asked for, else the best within what may go."""
    if wish.choose is None:
        return best
    if not 1 <= wish.choose <= len(front):
        raise VraError(f"The front has policies 1 to {len(front)}, and none of number {wish.choose}.")
    return wish.choose - 1


def _described(one: "Tried", samples: "TwoSamples") -> str:
    return (
        f"Chosen by vra replay --optimise: {one.tally.saved:.1%} of the looks saved, {one.tally.unseen} "
        f"of {one.tally.good} good ones never seen ({'; '.join(_some(samples.names[0]))})."
    )


def _asked(wish: Wish) -> dict[str, Any]:
    return {**asdict(wish), "write": None if wish.write is None else str(wish.write)}


def _row(one: Told) -> dict[str, Any]:
    """A policy for machines."""
    from vra_tui.pipeline.replay.tally import exact_interval

    parts = {
        where: {
            **asdict(found), "saved": found.saved, "unseen_share": found.unseen_share,
            "unseen_95": exact_interval(found.unseen, found.good), "late_share": found.late_share,
            "galactic_share": found.galactic_share,
        }
        for where, found in (("chosen_on", one.chosen_on), ("checked_on", one.checked_on))
    }  # fmt: skip
    return {"name": one.name, "policy": asdict(one.named.policy), **parts}


def _print(
    samples: "TwoSamples", told: list[Told], known: list[Told], chosen: Told | None, wish: Wish
) -> None:
    from vra_tui.cli.figures import show

    for sentence in _introduction(samples, wish):
        _say(sentence)
    typer.echo("")
    print_columns(_columns([*told, *known], chosen))
    show(front_panel(told, known, wish.lost))
    typer.echo("")
    for sentence in _conclusion(told, chosen, wish):
        _say(sentence)
    if chosen is not None:
        from vra_tui.config.policy_file import policy_lines

        typer.echo("\n[policy]")
        for line in policy_lines(chosen.named):
            typer.echo(line)


def _say(sentence: str) -> None:
    typer.echo(textwrap.fill(sentence, shutil.get_terminal_size().columns, break_long_words=False))


def _introduction(samples: "TwoSamples", wish: Wish) -> Iterator[str]:
    from vra_tui.pipeline.replay.tally import exact_interval

    first, second = samples.good
    alerts = [sum(int(one.counts.sum()) for one in part) for part in (samples.chosen_on, samples.checked_on)]
    if any((one.weight != 1).any() for one in samples.chosen_on):
        yield "Looks are counted as in a stream of the usual shares of labels, or of those asked for."
    yield (
        f"Chosen on {alerts[0]:,} alerts, {first:,} of them good ({'; '.join(_some(samples.names[0]))}); "
        f"checked on {alerts[1]:,} others, {second:,} good ({'; '.join(_some(samples.names[1]))})."
    )
    least = exact_interval(0, second)[1]
    if least > wish.lost:
        yield (
            f"{second:,} good alerts are too few to tell a loss of {100 * wish.lost:.3g} %: with none lost "
            f"it could still be {least:.2%} (95 %). Ask for more by --good."
        )


def _some(names: list[str]) -> list[str]:
    return names if len(names) < 4 else [names[0], "…", names[-1]]


def _columns(rows: list[Told], chosen: Told | None) -> list[TableColumn]:
    def column(header: str, words: Callable[[Told], str], worth: int) -> TableColumn:
        return TableColumn(header, [words(one) for one in rows], worth, is_right=True)

    return [
        column("", lambda one: ("* " if one is chosen else "") + one.name, 9),
        column("chosen: saved", lambda one: f"{one.chosen_on.saved:.1%}", 3),
        column("good unseen", lambda one: _of(one.chosen_on.unseen, one.chosen_on.good), 4),
        column("checked: saved", lambda one: f"{one.checked_on.saved:.1%}", 8),
        column("good unseen", lambda one: _of(one.checked_on.unseen, one.checked_on.good), 8),
        column("share (95 %)", lambda one: _interval(one.checked_on), 7),
        column("2 days late", lambda one: f"{one.checked_on.late_share:.1%}", 5),
        column(
            "fast, near, bright unseen",
            lambda one: _of(one.checked_on.famous_unseen, one.checked_on.famous),
            1,
        ),
        column("galactic unseen", lambda one: f"{one.checked_on.galactic_share:.0%}", 2),
    ]


def _of(found: int, of: int) -> str:
    return f"{found:,} of {of:,}"


def _interval(found: "Tally") -> str:
    from vra_tui.pipeline.replay.tally import exact_interval

    low, high = exact_interval(found.unseen, found.good)
    return f"{found.unseen_share:.2%} ({low:.2%} to {high:.2%})"


def front_panel(told: Sequence[Told], known: Sequence[Told], lost: float) -> Panel:
    """The front as a figure: looks saved against good ones never seen, as chosen and as checked."""

    def of(name: str, found: "list[Tally]", style: Literal["line", "points"]) -> Series:
        across = [100 * one.unseen_share for one in found]
        return Series(name, across, [100 * one.saved for one in found], style=style)

    series = [
        of("chosen on", [one.chosen_on for one in told], "line"),
        # What is drawn later lies below: the known ones are one point each.
        *(of(one.name, [one.checked_on], "points") for one in known),
        of("checked on others", [one.checked_on for one in told], "points"),
    ]
    saved = [value for one in series for value in one.value]
    ends = (min(saved, default=0.0) - 1, max(saved, default=100.0) + 1)
    series.append(Series("may be lost", [100 * lost] * 2, list(ends), style="dashed"))
    return Panel(
        "Looks saved against good ones lost", "good never seen (%)", "looks saved (%)", series, None, ends
    )


def _conclusion(told: list[Told], chosen: Told | None, wish: Wish) -> Iterator[str]:
    from vra_tui.pipeline.replay.tally import exact_interval

    if not told:
        yield "No policy that was tried keeps the bounds. Try more (--tries), or ask for less."
        return
    if chosen is None:
        yield (
            f"No policy of the front leaves {100 * wish.lost:.3g} % or less of the good unseen. Choose one "
            "by hand: --choose NUMBER."
        )
        return
    found = chosen.checked_on
    low, high = exact_interval(found.unseen, found.good)
    verdict = "below" if high <= wish.lost else "above" if low > wish.lost else "not told from"
    how = "by hand" if wish.choose is not None else "the most looks saved within what may be lost"
    yield (
        f"Chosen: {chosen.name} ({how}). On alerts that it was not chosen on it saves {found.saved:.1%} of "
        f"the looks and leaves {found.unseen} of {found.good:,} good ones unseen, {found.unseen_share:.2%} "
        f"({low:.2%} to {high:.2%}): {verdict} {100 * wish.lost:.3g} %."
    )
