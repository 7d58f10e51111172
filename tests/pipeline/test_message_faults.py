"""Messages through a server that loses, refuses and breaks off: none is lost, none comes twice unasked."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from tests.harness.server import Reply, serving
from vra_tui.pipeline.outbox.sending import send_due
from vra_tui.sources.wires.base import Edges, SourceSettings, Tools
from vra_tui.sources.wires.budget import unlimited
from vra_tui.sources.wires.sending import open_sender
from vra_tui.store import outbox
from vra_tui.store.outbox import Draft, State

#: What the server does with a message, and whether it took it.
FAULTS = {
    "taken": (Reply(b"ok"), True),
    "too many": (Reply(b"", 429, {"retry-after": "3"}), False),
    "not now": (Reply(b"", 503), False),
    "taken, and an error": (Reply(b"oops", 500), True),
    "not taken, and an error": (Reply(b"oops", 502), False),
    "taken, and broken off": (Reply(b"0123456789", 200, cut=3), True),
    "sends on": (Reply(b"", 302, {"location": "https://elsewhere.example.org/"}), False),
    "refuses": (Reply(b"no_service", 404), False),
}
MESSAGES, ROUNDS = 16, 30


def draft(number: int, again: bool) -> Draft:
    content = {
        "form": "slack", "rule": "r", "text": f"message {number}", "alerts": [], "more": 0, "count": 1,
        "again": again,
    }  # fmt: skip
    return Draft("message", "team", f"message {number}", content, f"{number}", rule="r")


@pytest.mark.parametrize("again", [False, True])
def test_every_message_arrived_or_stands_there_with_its_reason(store, chance, again):
    taken: Counter[str] = Counter()
    seconds = [1.8e9]

    def answer(call):
        reply, is_taken = FAULTS[chance.choice(list(FAULTS))]
        taken[json.loads(call.body)["text"]] += is_taken
        return reply

    def wait(how_long: float) -> None:
        seconds[0] += how_long

    edges = Edges(lambda: seconds[0], wait, lambda: 0.5)
    ids = outbox.put(
        store, [draft(number, again) for number in range(MESSAGES)], by="rule r", now=now(seconds),
        is_approved=True,
    )  # fmt: skip
    with serving(answer) as served:
        tools = Tools(edges, lambda word: SecretStr(f"{served.url}hook"), lambda an_hour: unlimited())

        def opener(kind, target):
            return open_sender(kind, SourceSettings(target, kind), tools)

        for _ in range(ROUNDS):
            send_due(store, opener, edges=edges, clock=lambda: now(seconds))
            seconds[0] += 7 * 3600.0
    for item_id in ids:
        item = outbox.item(store, item_id)
        arrived = taken[item.subject]
        assert arrived <= 1 or again
        assert item.answer
        if item.state is State.ACCEPTED:
            assert arrived >= 1
        elif item.state is State.SENDING:
            assert not again
            assert "cannot be asked" in item.answer
        else:
            assert item.state is State.REFUSED


def now(seconds: list[float]) -> datetime:
    return datetime.fromtimestamp(seconds[0], UTC)
