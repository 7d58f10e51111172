"""What wires are given, in a test's hand: time, waiting, chance, secrets, budgets."""

from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from vra_tui.sources.reading import Reading
from vra_tui.sources.wires.base import Edges, Tools
from vra_tui.sources.wires.budget import Budget


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


@dataclass
class MadeTools:
    """What a wire works with, in a test's hand: its time, its secrets, the calls that were made."""

    time: MadeTime
    secrets: dict[str, str] = field(default_factory=lambda: {"token": "a7f31b0c9d2e4f58"})
    calls: list[float] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)

    def made(self, is_patient: bool = False) -> Tools:
        return Tools(
            self.time.edges,
            lambda word: SecretStr(self.secrets[word]) if word in self.secrets else None,
            lambda an_hour: Budget(an_hour, lambda: self.calls, self.calls.append),
            Reading(is_known=self.known.__contains__),
            is_patient,
        )


@pytest.fixture
def tools(time: MadeTime) -> MadeTools:
    return MadeTools(time)
