"""Samples to choose policies on, and others to check them on: several streams, or the halves of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vra_tui.pipeline.replay.effects import PolicyTrial
from vra_tui.pipeline.replay.play import ScannerHabits
from vra_tui.pipeline.replay.stream import ReplayError
from vra_tui.pipeline.replay.tally import Sample
from vra_tui.pipeline.replay.tape import Tape
from vra_tui.simulator import Scenario

#: Share of good alerts in a stream that is simulated to tell what is lost.
_GOOD = 0.5


@dataclass(frozen=True, eq=False)
class TwoSamples:
    """``chosen_on`` and ``checked_on`` share no alert; ``names`` of the streams of each."""

    chosen_on: list[Sample]
    checked_on: list[Sample]
    names: tuple[list[str], list[str]]

    @property
    def good(self) -> tuple[int, int]:
        """Good alerts of each."""
        first, second = (sum(one.good for one in part) for part in (self.chosen_on, self.checked_on))
        return first, second


def rich_in_good(plan: Scenario) -> Scenario:
    """The scenario with half of its alerts good, for samples that are weighted back to its own mixture.

    The other labels keep their shares among themselves. A scenario that has bad nights or guests stays as it
    is: there alerts depend on their number.
    """
    others = 1.0 - plan.mixture.get("good", 0.0)
    if plan.bad_nights or plan.guests or "good" not in plan.mixture or others <= 1.0 - _GOOD:
        return plan
    shares = {name: share * (1.0 - _GOOD) / others for name, share in plan.mixture.items()}
    return plan.changed(mixture={**shares, "good": _GOOD})


def of_streams(
    tape_of: Callable[[int], Tape],
    seeds: tuple[int, int | None],
    habits: ScannerHabits,
    least_good: int,
    mixture: Mapping[str, float] | None = None,
) -> TwoSamples:
    """Streams of successive seeds, until each sample has so many good alerts, weighted to a mixture.

    ``seeds``: of the first stream for choosing, and of the first for checking, by default the one after the
    others. Raises ReplayError where one stream would serve for both.
    """
    seed, check_seed = seeds
    chosen_on, names = _streams(tape_of, seed, habits, least_good, mixture)
    after = seed + len(chosen_on)
    first = after if check_seed is None else check_seed
    checked_on, others = _streams(tape_of, first, habits, least_good, mixture)
    if first < after and seed < first + len(checked_on):
        raise ReplayError(
            f"Seeds {seed} to {after - 1} serve for choosing, and {first} to {first + len(checked_on) - 1} "
            "would for checking: nothing may be checked on what it was chosen on."
        )
    return TwoSamples(chosen_on, checked_on, (names, others))


def _streams(
    tape_of: Callable[[int], Tape],
    seed: int,
    habits: ScannerHabits,
    least_good: int,
    mixture: Mapping[str, float] | None,
) -> tuple[list[Sample], list[str]]:
    """Streams from a seed on, until they have so many good alerts, and their names."""
    samples: list[Sample] = []
    names: list[str] = []
    while sum(one.good for one in samples) < least_good:
        tape = tape_of(seed + len(samples))
        samples.append(Sample.whole(PolicyTrial(tape, habits), mixture))
        names.append(tape.stream.name)
    return samples, names


def of_one_stream(
    tape: Tape, habits: ScannerHabits, mixture: Mapping[str, float] | None = None
) -> TwoSamples:
    """The halves of a stream that has no second one: the same nights, but other alerts."""
    first, second = Sample.whole(PolicyTrial(tape, habits), mixture).halves()
    name = tape.stream.name
    return TwoSamples([first], [second], ([f"half of {name}"], ["the other half"]))
