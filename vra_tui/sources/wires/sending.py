"""The interface of everything that takes what leaves: what can be sent there, and whether it arrived."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

from vra_tui.sources.wires.base import CutOff, SourceError, SourceSettings, Tools, WireFault

#: The group of entry points by which other packages bring senders: `kind = "module:Class"`.
ENTRY_POINTS = "vra_tui.senders"
_OWN = {
    "atlas.list": "vra_tui.sources.wires.atlas_sending:ListMoves",
    "atlas.comment": "vra_tui.sources.wires.atlas_sending:Comments",
    "atlas.rank": "vra_tui.sources.wires.atlas_sending:Ranks",
    "atlas.scores": "vra_tui.sources.wires.atlas_sending:Scores",
    "lasair.annotation": "vra_tui.sources.wires.lasair_sending:Annotations",
    "tns.report": "vra_tui.sources.wires.tns_sending:AtReports",
    "message": "vra_tui.sources.wires.message_sending:Messages",
}


class Outcome(StrEnum):
    """What came of a call. `later`: it surely did not arrive, and may another time."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LATER = "later"


@dataclass(frozen=True)
class Sent:
    """What a target said. ``answer``: in its words or ours, with nothing secret in it.

    ``retry_after``: seconds after which it may be asked again, where that is known. ``is_for_all``: it holds
    for the whole target (too many calls, no credentials), so that nothing else is tried there now.
    """

    outcome: Outcome
    answer: str
    retry_after: float | None = None
    is_for_all: bool = False


#: Seconds to leave a target alone that does not know us: somebody has to get a new token, or the right.
_WITHOUT_RIGHT = 900.0
#: Answers that say that nothing was taken, and that all else would be answered alike.
_NOT_NOW = frozenset({401, 403, 425, 429})


def outcome_of(fault: WireFault, *, was_sent: bool = True) -> Sent:
    """What a failed call says of what was sent: surely not taken, refused, or unknown.

    Servers answered 504 to what they had taken: whatever begins with a 5 says nothing, nor does a connection
    that broke. ``was_sent``: something was; without it the call was a question, and nothing can have arrived.
    """
    said, wait = str(fault), fault.retry_after
    if isinstance(fault, CutOff):
        return Sent(Outcome.UNKNOWN, said, wait)
    if fault.status is None:  # no connection, or no call left: nothing was sent
        return Sent(Outcome.LATER, said, wait, is_for_all=True)
    if fault.status in _NOT_NOW:
        away = _WITHOUT_RIGHT if wait is None and fault.status in (401, 403) else wait
        return Sent(Outcome.LATER, said, away, is_for_all=True)
    if fault.status >= 500 or fault.status == 408 or not was_sent:
        return Sent(Outcome.UNKNOWN, said, wait)
    return Sent(Outcome.REFUSED, said)


class Sender(Protocol):
    """Takes one kind of thing to one target. None of its methods raises because a server misbehaves."""

    #: Seconds to wait at least between two calls, besides the hour's budget.
    pace: float

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Send it, once: nothing is tried a second time in here."""

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Ask whether what was sent arrived. None: it did not, and may be sent again.

        Accepted: it is there. Refused: there is something else by now, or the target cannot be asked at all;
        a person has to look. Unknown, later: it cannot be told now.
        """

    def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Remembering(Protocol):
    """A sender that asks better where it knows what was answered before, perhaps to another program."""

    def recall(self, content: Mapping[str, Any], answers: Sequence[str]) -> None:
        """Learn the ``answers`` that its own `send` and `ask` gave of a content so far, the latest last."""


def kinds() -> list[str]:
    """The kinds of what can be sent."""
    return sorted({*_OWN, *(one.name for one in entry_points(group=ENTRY_POINTS))})


def fault_of_target(kind: str, source_kind: str) -> str | None:
    """Why what is of a kind cannot go to a source of a kind; None where it can.

    What belongs to another server would take the source's token there.
    """
    family, dot, _ = kind.partition(".")
    if kind not in _OWN or not dot or source_kind == family:
        return None
    return f"it is of the kind `{source_kind}`, and `{kind}` goes to one of the kind `{family}`"


def open_sender(kind: str, settings: SourceSettings, tools: Tools) -> Sender:
    """The sender of a kind to the target that ``settings`` configure; nothing is connected yet.

    Raises SourceError where there is none, or where the target's settings do not fit it.
    """
    made: Sender
    if fault := fault_of_target(kind, settings.kind):
        raise SourceError(f"Nothing is sent to [source.{settings.name}]: {fault}.")
    if own := _OWN.get(kind):
        module, _, name = own.partition(":")
        try:
            made = getattr(import_module(module), name)(settings, tools)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise SourceError(f"This version of vra-tui cannot send `{kind}`.") from None
        return made
    for one in entry_points(group=ENTRY_POINTS, name=kind):
        made = one.load()(settings, tools)
        return made
    near = difflib.get_close_matches(kind, kinds(), 1)
    hint = f" Is it `{near[0]}`?" if near else ""
    raise SourceError(f"There is nothing that sends `{kind}`; there are {', '.join(kinds())}.{hint}")
