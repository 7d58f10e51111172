"""Samples to choose policies on, and others to check them on: several streams, or the halves of one."""

from collections.abc import Callable
from dataclasses import dataclass

from vra_tui.pipeline.replay.effects import PolicyTrial
from vra_tui.pipeline.replay.play import ScannerHabits
from vra_tui.pipeline.replay.stream import ReplayError
from vra_tui.pipeline.replay.tally import Sample
from vra_tui.pipeline.replay.tape import Tape


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


def of_streams(
    tape_of: Callable[[int], Tape],
    seed: int,
    habits: ScannerHabits,
    least_good: int,
    check_seed: int | None = None,
) -> TwoSamples:
    """Streams of successive seeds, until each sample has so many good alerts: the first for choosing.

    Those to check on begin with ``check_seed``, by default after the others. Raises ReplayError where that
    would make one stream serve for both.
    """
    chosen_on, names = _streams(tape_of, seed, habits, least_good)
    after = seed + len(chosen_on)
    first = after if check_seed is None else check_seed
    checked_on, others = _streams(tape_of, first, habits, least_good)
    if first < after and seed < first + len(checked_on):
        raise ReplayError(
            f"Seeds {seed} to {after - 1} serve for choosing, and {first} to {first + len(checked_on) - 1} "
            "would for checking: nothing may be checked on what it was chosen on."
        )
    return TwoSamples(chosen_on, checked_on, (names, others))


def _streams(
    tape_of: Callable[[int], Tape], seed: int, habits: ScannerHabits, least_good: int
) -> tuple[list[Sample], list[str]]:
    """Streams from a seed on, until they have so many good alerts, and their names."""
    samples: list[Sample] = []
    names: list[str] = []
    while sum(one.good for one in samples) < least_good:
        tape = tape_of(seed + len(samples))
        samples.append(Sample.whole(PolicyTrial(tape, habits)))
        names.append(tape.stream.name)
    return samples, names


def of_one_stream(tape: Tape, habits: ScannerHabits) -> TwoSamples:
    """The halves of a stream that has no second one: the same nights, but other alerts."""
    first, second = Sample.whole(PolicyTrial(tape, habits)).halves()
    name = tape.stream.name
    return TwoSamples([first], [second], ([f"half of {name}"], ["the other half"]))
