"""The outbox beside a watch: a thread with a store of its own, which drafts and sends every so often."""

import re
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.config.alert_sources import AlertSource
from vra_tui.config.reading import Config
from vra_tui.pipeline.messages import MESSAGE, Teller
from vra_tui.pipeline.outbox.drafting import Rules, renew_drafts
from vra_tui.pipeline.outbox.sending import Opener, new_owner, send_due
from vra_tui.pipeline.sources import Keys, settings_of, tools_for
from vra_tui.sources.wires.base import Edges, SourceError, Stopped
from vra_tui.sources.wires.sending import Sender, open_sender
from vra_tui.store import Store, StoreFault
from vra_tui.store.connection import open_store, reason
from vra_tui.store.transaction import give_up_when

#: Seconds between two looks at what was decided and scored, and at what is due.
EVERY = 5.0
#: Up to this part of an hour's calls of an account things are sent; the rest is left for reading.
SHARE = 0.75
#: Who makes drafts by rules, in the history of an item.
BY_RULE = "vra"


def opener_of(store: Store, config: Config, *, edges: Edges, keys: Keys) -> Opener:
    """Opens senders to the configured sources, on their accounts' budgets, of which reading keeps a part.

    Webhooks of messages are no sources: of them there is a name, and an address among the secrets.
    """

    def opener(kind: str, target: str) -> Sender:
        source = config.alert_sources.get(target)
        if source is None and kind == MESSAGE:
            source = AlertSource(target, kind, str(config.path), {})
        if source is None:
            raise SourceError(f"{config.path} has no [source.{target}], to which `{kind}` is to go.")
        tools = tools_for(store, source, edges=edges, keys=keys, share=SHARE)
        return open_sender(kind, settings_of(source), tools)

    return opener


class Outgoing(threading.Thread):
    """Drafts what the rules ask for and sends what was approved, until the program is to end.

    ``teller``: puts messages into the outbox. ``say`` gets a line for what was sent, and for whatever goes
    wrong, once as long as it stays the same.
    """

    def __init__(
        self,
        path: Path,
        rules: Rules,
        opener: Callable[[Store], Opener],
        *,
        edges: Edges,
        stop: threading.Event,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
        every: float = EVERY,
        teller: Teller | None = None,
    ) -> None:
        super().__init__(name="outgoing", daemon=True)
        self._path, self._rules, self._opener = path, rules, opener
        self._edges, self._stop_asked, self._clock = edges, stop, clock
        self._say, self._every = say, every
        self._teller = teller
        self._told: dict[str, str] = {}

    def run(self) -> None:
        """Draft, send, wait, and again; a store that is locked or a fault is told, and tried again later."""
        while True:
            try:
                self._run()
            except Stopped:
                return
            except StoreFault as error:
                self._tell("the store", reason(error))
            except Exception as error:
                # What breaks this thread is tried again later; alerts go on coming in meanwhile.
                self._tell("the outbox", f"an error that should not be: {type(error).__name__}: {error}")
            try:
                self._edges.wait(self._every)
            except Stopped:
                return

    def once(self) -> None:
        """Draft and send once, in the calling thread, as at the end of `vra watch --once`."""
        with closing(open_store(self._path, create=False)) as store, suppress(Stopped):
            self.go_on(store, self._opener(store), new_owner())

    def _run(self) -> None:
        with closing(open_store(self._path, create=False)) as store:
            give_up_when(store, self._stop_asked.is_set)
            opener, owner = self._opener(store), new_owner()
            while True:
                self.go_on(store, opener, owner)
                self._edges.wait(self._every)

    def go_on(self, store: Store, opener: Opener, owner: str) -> None:
        """Draft and send once."""
        drafted = renew_drafts(store, self._rules, by=BY_RULE, clock=self._clock)
        if self._teller is not None:
            self._teller.go_on(store)
        sent = send_due(
            store, opener, edges=self._edges, clock=self._clock, owner=owner, is_over=self._stop_asked.is_set
        )
        faults = {**(drafted.faults or {}), **sent.faults}
        for name in self._told.keys() - faults.keys():
            del self._told[name]
        for name, fault in faults.items():
            self._tell(name, fault)
        if sent.accepted or sent.refused:
            refused = f", {sent.refused:,} refused" if sent.refused else ""
            self._say(f"{self._time()} outbox: {sent.accepted:,} accepted{refused}")

    def _tell(self, name: str, fault: str) -> None:
        """Say what goes wrong, but not again for other numbers in it, such as how long to wait."""
        kind = re.sub(r"[\d.,]+", "", fault)
        if self._told.get(name) != kind:
            self._told[name] = kind
            self._say(f"{self._time()} nothing sent to {name}: {fault}")

    def _time(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
