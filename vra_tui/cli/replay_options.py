"""The options of `vra replay`, and which of them go together."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vra_tui.cli.common import AsJson
from vra_tui.cli.figures import Plot
from vra_tui.cli.options import check_of_use

if TYPE_CHECKING:
    from vra_tui.pipeline.replay.play import ScannerHabits

#: Days for which a simulated stream is watched after its last alert: the life of a score history.
_FOLLOW = 15


# Of use to a replay and to a search for thresholds.
_ALWAYS = frozenset(
    {"source", "seed", "policy", "vary", "model", "capacity", "purgatory_days", "purgatory_age", "unsure"}
    | {"as_json", "scenario", "alerts", "follow"}
)
_PLAYED = _ALWAYS | {"seeds", "ledger", "as_csv", "plot"}
_OPTIMISED = _ALWAYS | {
    *("find", "lost", "late", "galactic_lost", "good", "mixture", "check_seed", "tries"),
    *("choose", "write", "keep"),
}
# Of use only where no folder or store is named.
_SIMULATED = frozenset({"scenario", "alerts", "follow", "seeds", "good", "check_seed", "keep"})


@dataclass(frozen=True)
class ReplayOptions:
    """What was said on the command line."""

    source: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER|STORE", help="From `vra simulate`, or a store with decisions."),
    ] = None
    scenario: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Without a folder or store: simulate this scenario.")
    ] = "ordinary"
    alerts: Annotated[int | None, typer.Option(min=1, help="So many alerts. Default: the scenario's.")] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the first simulated stream.")] = 1
    seeds: Annotated[int, typer.Option(min=1, help="So many streams, with the seeds that follow.")] = 1
    find: Annotated[
        bool,
        typer.Option("--optimise", help="Search thresholds that save the most looks for what they lose."),
    ] = False
    lost: Annotated[
        str, typer.Option(metavar="SHARE", help="With --optimise: good alerts that nobody may ever see.")
    ] = "0.1%"
    late: Annotated[
        str, typer.Option(metavar="SHARE", help="With --optimise: good ones that may be 2 days late.")
    ] = "100%"
    galactic_lost: Annotated[
        str, typer.Option(metavar="SHARE", help="With --optimise: galactic ones that nobody may ever see.")
    ] = "100%"
    good: Annotated[
        int,
        typer.Option(
            min=1, help="With --optimise: good alerts to choose on, and as many others to check on."
        ),
    ] = 4_000
    mixture: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL=SHARE,...", help="With --optimise: count looks as in a stream of these shares."
        ),
    ] = None
    check_seed: Annotated[
        int | None, typer.Option(min=0, help="With --optimise: of the first stream to check on.")
    ] = None
    tries: Annotated[int, typer.Option(min=10, help="With --optimise: policies to try.")] = 6_000
    choose: Annotated[
        int | None,
        typer.Option(min=1, metavar="NUMBER", help="With --optimise: print this one of the front."),
    ] = None
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --optimise: write the chosen one as a new policy file."),
    ] = None
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="With --optimise: keep scored streams here for the next time."),
    ] = None
    follow: Annotated[
        int, typer.Option(min=0, help="Days that a simulated stream is watched after its last alert.")
    ] = _FOLLOW
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="A policy; repeat to compare. Default: the one in use."),
    ] = None
    vary: Annotated[
        str | None,
        typer.Option(metavar="THRESHOLD=V,V,...", help="The policy with each of these values beside it."),
    ] = None
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A model; repeat to compare. Default: in use.")
    ] = None
    capacity: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Alerts that the scanner looks at in a night.")
    ] = None
    purgatory_days: Annotated[
        float, typer.Option(min=0, help="Days from one look into purgatory to the next; 0: never.")
    ] = 7.0
    purgatory_age: Annotated[
        float, typer.Option(min=0, help="Leave in purgatory what is younger than so many days.")
    ] = 0.0
    unsure: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share of looks that end in a snooze, not a decision.")
    ] = 0.0
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write what became of each alert.", dir_okay=False)
    ] = None
    as_csv: Annotated[bool, typer.Option("--csv", help="Figures as CSV, one a line.")] = False
    plot: Plot = False
    as_json: AsJson = False

    def check(self) -> None:
        """Raise VraError for options of no use to what the others ask for."""
        of_use, what = _PLAYED, "a replay without --optimise"
        if self.find:
            of_use, what = _OPTIMISED, "--optimise, which takes as many streams as --good asks for"
        if self.source is not None:
            of_use, what = of_use - _SIMULATED, f"{what} of a folder or a store, which is one stream"
        check_of_use(self, of_use, what=what, ending="Nothing was replayed.")

    def habits(self) -> "ScannerHabits":
        """How the scanner works who is played."""
        from vra_tui.pipeline.replay.play import ScannerHabits

        return ScannerHabits(self.purgatory_days, self.purgatory_age, self.capacity, self.unsure, self.seed)
