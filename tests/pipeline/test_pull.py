"""Pulling: alerts first, then the position; what came before a fault stays."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from tests.factories import api_object
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline import pull as pulling
from vra_tui.pipeline.pull import pull
from vra_tui.sources.wires.base import Answered, Delivery, SourceSettings, Tools, Wire, WireFault
from vra_tui.sources.wires.budget import unlimited
from vra_tui.store import Store
from vra_tui.store.following import positions_of, source_states
from vra_tui.store.listing import list_ids
from vra_tui.surveys.base import Packet

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


class Made(Wire):
    """A wire whose deliveries a test makes; one that is an exception is raised."""

    kind = "made"

    def __init__(self, *script: Delivery | Exception) -> None:
        super().__init__(
            SourceSettings("made", "made"),
            Tools(None, lambda word: None, lambda n: unlimited()),  # type: ignore[arg-type]
        )
        self.script = script
        self.asked: list[Mapping[str, str]] = []

    def check(self) -> Answered:
        return Answered("answers")

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        self.asked.append(positions)
        for one in self.script:
            if isinstance(one, Exception):
                raise one
            yield one


def delivery(number: int, position: str) -> Delivery:
    packet = Packet("made", f"object {number}", api_object(number), digest=bytes([number] * 16))
    return Delivery([packet], {"0": position})


def test_what_comes_is_in_the_store_and_the_next_pull_begins_behind_it(store: Store):
    wire = Made(delivery(0, "7"), delivery(1, "8"))
    assert pull(store, wire, clock=lambda: NOW).intake.new == 2
    assert pull(store, wire, clock=lambda: NOW).intake.new == 0
    assert wire.asked == [{}, {"0": "8"}]
    (state,) = source_states(store)
    assert (state.is_up, state.packets) == (True, 4)


def test_what_came_before_the_wire_broke_stays_and_is_told(store: Store):
    wire = Made(delivery(0, "7"), WireFault("made: no connection."), delivery(1, "8"))
    pulled = pull(store, wire, clock=lambda: NOW)
    assert (pulled.intake.new, pulled.fault) == (1, "made: no connection.")
    assert positions_of(store, "made") == {"0": "7"}
    (state,) = source_states(store)
    assert (state.is_up, state.message) == (False, "made: no connection.")


def test_killed_between_alerts_and_position_it_is_told_the_same_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    class Killed(BaseException):
        """As a signal ends the program."""

    def kill(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(pulling, "keep_positions", kill)
        with pytest.raises(Killed):
            pull(store, Made(delivery(0, "7")), clock=lambda: NOW)
    assert positions_of(store, "made") == {}
    again = pull(store, Made(delivery(0, "7")), clock=lambda: NOW)
    assert (again.intake.new, again.intake.unchanged) == (0, 1)
    assert len(list_ids(store, "all")) == 1


def test_a_bad_piece_is_refused_and_the_rest_goes_in(store: Store):
    told: list[Refusal] = []
    mixed = Delivery([Refusal("made", "object 9", "it is broken"), *delivery(0, "7").pieces], {"0": "9"})
    pulled = pull(store, Made(mixed), clock=lambda: NOW, on_refusal=told.append)
    assert (pulled.intake.new, pulled.intake.refused, len(told)) == (1, 1, 1)
    assert positions_of(store, "made") == {"0": "9"}
