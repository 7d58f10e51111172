"""Messages after a verb that took in or scored: told by the configured rules, and sent at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vra_tui.cli.common import say

if TYPE_CHECKING:
    from vra_tui.config.message_rules import MessageRule
    from vra_tui.config.reading import Config
    from vra_tui.store import Store


def rules_of(config: "Config") -> "Sequence[MessageRule]":
    """The rules that tell webhooks, checked before anything is done. Raises FilterError."""
    if not config.message_rules:
        return ()
    from vra_tui.pipeline.messages import check_messages

    return [rule for rule in check_messages(config.message_rules) if rule.webhooks]


def tell_and_send(store: "Store", config: "Config", rules: "Sequence[MessageRule]") -> None:
    """Put into the outbox what the rules say now, and send it. What does not leave is said, and waits."""
    if not rules:
        return
    from vra_tui.errors import VraError
    from vra_tui.pipeline.messages import tell

    try:
        tell(store, rules, datetime.now(UTC))
        send_messages(store, config)
    except VraError as error:
        say(f"No message was sent: {error}")


def send_messages(store: "Store", config: "Config") -> bool:
    """Send the messages that are due; whether each was accepted."""
    from vra_tui.pipeline.messages import MESSAGE
    from vra_tui.pipeline.outbox.running import opener_of
    from vra_tui.pipeline.outbox.sending import send_due
    from vra_tui.pipeline.sources import Keys, real_edges
    from vra_tui.text import counted, printable

    edges = real_edges()
    came = send_due(
        store,
        opener_of(store, config, edges=edges, keys=Keys.beside(config)),
        edges=edges,
        clock=lambda: datetime.now(UTC),
        kinds=[MESSAGE],
    )
    if came.accepted:
        say(f"{counted(came.accepted, 'message')} sent.")
    for target, fault in came.faults.items():
        say(f"No message to {printable(target, 40)}: {printable(fault, 400)} It waits in the outbox.")
    if came.refused:
        say(f"{counted(came.refused, 'message')} refused: `vra outbox list --state refused` says why.")
    return not (came.refused or came.waiting or came.faults)
