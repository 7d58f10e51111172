"""Time, waiting and chance as wires are given them, in a test's hand."""

from dataclasses import dataclass, field

import pytest

from vra_tui.sources.wires.base import Edges


@dataclass
class MadeTime:
    """A clock that moves when somebody waits; ``waited`` tells how long each time."""

    seconds: float = 1.8e9
    waited: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.seconds += seconds

    @property
    def edges(self) -> Edges:
        return Edges(lambda: self.seconds, self.wait, lambda: 0.5)


@pytest.fixture
def time() -> MadeTime:
    return MadeTime()
