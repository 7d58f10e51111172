"""The end that answers: what `vra sync` runs on the other host."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from vra_tui.errors import VraError
from vra_tui.pipeline.sync.differences import WIDTH, KeySet, Span
from vra_tui.pipeline.sync.kinds import Kind, kinds_of
from vra_tui.pipeline.sync.lines import (
    PROTOCOL,
    Greeting,
    Hung,
    Pipe,
    SyncError,
    keys_of,
    keys_text,
    span_json,
    spans_of,
)
from vra_tui.store import Store, StoreFault
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.sqlite_file import reason

Message = Mapping[str, Any]


def answer(
    store: Store, path: Path, pipe: Pipe, *, version: str, schema: int, clock: Callable[[], datetime]
) -> None:
    """Greet, and answer until the other end goes. ``path``: the store's file."""
    pipe.greet(Greeting(PROTOCOL, version, schema, timestamp(clock())))
    end = _FarEnd(store, path, pipe, clock)
    end.prepare()
    try:
        while True:
            message = pipe.receive()
            try:
                reply = end.reply(message)
            except Hung:
                raise
            except VraError as error:
                reply = {"fault": str(error)}
            except StoreFault as error:
                reply = {"fault": f"{reason(error)}; what came before is kept"}
            if reply is not None:
                pipe.send(reply)
    except Hung:
        return


class _FarEnd:
    def __init__(self, store: Store, path: Path, pipe: Pipe, clock: Callable[[], datetime]) -> None:
        self._store, self._path, self._pipe, self._clock = store, path, pipe, clock
        self._kinds = kinds_of(store, clock, new_id(clock()))
        self._keys: dict[str, KeySet] = {}
        self._prepared: dict[str, KeySet] = {}
        self._chosen: dict[bytes, int] = {}

    def prepare(self) -> None:
        """Read what will be asked first, while the other end reads its own."""
        with suppress(StoreFault):  # said when it is asked for
            self._prepared = {name: kind.keys() for name, kind in self._kinds.items()}

    def reply(self, message: Message) -> dict[str, Any] | None:
        """The answer to a message; None where it was sent already. Raises VraError where it has no sense."""
        try:
            do = {
                "kinds": self._tell_kinds,
                "compare": self._compare,
                "wanted": self._wanted,
                "give": self._give,
                "take": self._take,
                "alerts": self._alerts,
                "lacking_alerts": self._lacking_alerts,
                "give_alerts": self._give_alerts,
                "take_alerts": self._take_alerts,
            }[message.get("do", "")]
        except (KeyError, TypeError):
            raise SyncError("it was asked for what this vra does not know") from None
        try:
            return do(message)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, VraError):
                raise
            raise SyncError(f"it was asked in words that make no sense: {error!r}") from None

    def _tell_kinds(self, message: Message) -> dict[str, Any]:
        return {"kinds": list(self._kinds)}

    def _kind(self, message: Message) -> Kind:
        return self._kinds[message["kind"]]

    def _compare(self, message: Message) -> dict[str, Any]:
        name = message["kind"]
        if message.get("begin"):
            kind = self._kind(message)
            self._keys[name] = self._prepared.pop(name) if name in self._prepared else kind.keys()
        return {"told": [_as_json(self._keys[name], span) for span in spans_of(message["spans"])]}

    def _wanted(self, message: Message) -> dict[str, Any]:
        return {"keys": keys_text(self._kind(message).wanted(keys_of(message["keys"], WIDTH)))}

    def _give(self, message: Message) -> dict[str, Any]:
        return {"rows": self._kind(message).rows(keys_of(message["keys"], WIDTH))}

    def _take(self, message: Message) -> dict[str, Any]:
        took = self._kind(message).take(list(message["rows"]))
        return {"counts": took.counts, "refused": took.refused, "reasons": took.reasons}

    def _alerts(self, message: Message) -> dict[str, Any]:
        from vra_tui.pipeline.sync.alerts import chosen_keys

        limit = message.get("limit")
        self._chosen = chosen_keys(
            self._store, str(message["list"]), str(message["words"]), None if limit is None else int(limit)
        )
        return {"keys": keys_text(self._chosen)}

    def _lacking_alerts(self, message: Message) -> dict[str, Any]:
        from vra_tui.pipeline.sync.alerts import lacking

        return {"keys": keys_text(lacking(self._store, keys_of(message["keys"], WIDTH)))}

    def _give_alerts(self, message: Message) -> None:
        from vra_tui.pipeline.sync.alerts import send_alerts

        wanted = [self._chosen[key] for key in keys_of(message["keys"], WIDTH) if key in self._chosen]
        send_alerts(self._path, self._pipe, wanted)

    def _take_alerts(self, message: Message) -> dict[str, Any]:
        from vra_tui.pipeline.sync.alerts import take_alerts

        # What classifiers said comes with them.
        self._prepared.clear()
        return {"counts": take_alerts(self._store, self._pipe, self._clock)}


def _as_json(keys: KeySet, span: Span) -> dict[str, Any]:
    told = keys.tell(span)
    if told.keys is not None:
        return {"keys": keys_text(told.keys)}
    if told.parts:
        return {"parts": [span_json(part) for part in told.parts]}
    return {}
