"""The interface of everything that takes what leaves: what can be sent there, and whether it arrived."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Protocol

from vra_tui.sources.wires.base import SourceError, SourceSettings, Tools

#: The group of entry points by which other packages bring senders: `kind = "module:Class"`.
ENTRY_POINTS = "vra_tui.senders"
_OWN = {
    "atlas.list": "vra_tui.sources.wires.atlas_sending:ListMoves",
    "atlas.comment": "vra_tui.sources.wires.atlas_sending:Comments",
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


class Sender(Protocol):
    """Takes one kind of thing to one target. None of its methods raises because a server misbehaves."""

    #: Seconds to wait at least between two calls, besides the hour's budget.
    pace: float

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Send it, once: nothing is tried a second time in here."""

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Ask whether it arrived: accepted, refused (there is something else by now), or unknown yet.

        None: it did not arrive, and may be sent again. `later` where the target cannot be asked now. Where a
        target cannot be asked at all, `unknown` with ``retry_after`` None: a person has to look.
        """

    def close(self) -> None:
        """Let go of connections."""


def kinds() -> list[str]:
    """The kinds of what can be sent."""
    return sorted({*_OWN, *(one.name for one in entry_points(group=ENTRY_POINTS))})


def open_sender(kind: str, settings: SourceSettings, tools: Tools) -> Sender:
    """The sender of a kind to the target that ``settings`` configure; nothing is connected yet.

    Raises SourceError where there is none, or where the target's settings do not fit it.
    """
    made: Sender
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
