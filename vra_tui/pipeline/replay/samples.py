"""Samples to choose policies on, and others to check them on: several streams, or the halves of one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vra_tui.pipeline.replay.effects import PolicyTrial
from vra_tui.pipeline.replay.play import ScannerHabits
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
    tape_of: Callable[[int], Tape], seed: int, habits: ScannerHabits, least_good: int
) -> TwoSamples:
    """Streams of successive seeds, until each sample has so many good alerts: the first for choosing."""
    seeds = _counting_from(seed)
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    names: tuple[list[str], list[str]] = ([], [])
    for part, named in zip(samples, names, strict=True):
        while sum(one.good for one in part) < least_good:
            tape = tape_of(next(seeds))
            part.append(Sample.whole(PolicyTrial(tape, habits)))
            named.append(tape.stream.name)
    return TwoSamples(*samples, names)


def _counting_from(seed: int) -> Iterator[int]:
    while True:
        yield seed
        seed += 1


def of_one_stream(tape: Tape, habits: ScannerHabits) -> TwoSamples:
    """The halves of a stream that has no second one: the same nights, but other alerts."""
    first, second = Sample.whole(PolicyTrial(tape, habits)).halves()
    name = tape.stream.name
    return TwoSamples([first], [second], ([f"half of {name}"], ["the other half"]))
