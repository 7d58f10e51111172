"""The registry of everything a key can do; bindings, footer, help and remapping are all read from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vra_tui.ranking.lists import DECISIONS


class Group(StrEnum):
    """The headings of the help."""

    DECIDE = "Decide"
    MOVE = "Move"
    LISTS = "Lists"
    CURVE = "Light curve"
    OTHER = "Other"


@dataclass(frozen=True)
class Action:
    """One thing a key can do.

    ``name`` is what a key map calls it, ``keys`` are its default keys in Textual's names, ``title`` stands in
    the footer (none: not in the footer), ``call`` is the action of the scan screen that does it.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    description: str
    group: Group
    call: str


def _decide() -> list[Action]:
    return [
        Action(
            name=decision.list.value,
            keys=(decision.key,),
            title=decision.title,
            description=f"{decision.title}: {decision.meaning}",
            group=Group.DECIDE,
            call=f"decide('{decision.list.value}')",
        )
        for decision in DECISIONS.values()
    ]


def _lists() -> list[Action]:
    return [
        Action(
            f"list_{number}",
            (str(number),),
            "",
            f"list number {number} of the top line",
            Group.LISTS,
            f"open_list({number - 1})",
        )
        for number in range(1, 10)
    ]


ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (
        *_decide(),
        Action("undo", ("u",), "undo", "take the last decision back, and go to its alert; again for the one "
               "before, without limit", Group.DECIDE, "undo"),
        Action("note", ("n",), "note", "write a note on the alert", Group.DECIDE, "note"),
        Action("down", ("j", "down"), "", "next alert", Group.MOVE, "move(1)"),
        Action("up", ("k", "up"), "", "previous alert", Group.MOVE, "move(-1)"),
        Action("page_down", ("pagedown",), "", "a page down", Group.MOVE, "page(1)"),
        Action("page_up", ("pageup",), "", "a page up", Group.MOVE, "page(-1)"),
        Action("first", ("home",), "", "first alert", Group.MOVE, "first"),
        Action("last", ("end",), "", "last alert", Group.MOVE, "last"),
        *_lists(),
        Action("next_list", ("]",), "list", "next list", Group.LISTS, "step_list(1)"),
        Action("previous_list", ("[",), "", "previous list", Group.LISTS, "step_list(-1)"),
        Action("refresh", ("r",), "", "bring the list up to date: new alerts in, decided ones out",
               Group.LISTS, "refresh_list"),
        Action("help", ("?",), "help", "all keys", Group.OTHER, "help"),
        Action("quit", ("q", "ctrl+c"), "quit", "leave; everything decided is kept", Group.OTHER, "leave"),
    )
}  # fmt: skip
