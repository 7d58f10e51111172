"""The help: every key in force, by group, over the screen."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from vra_tui.tui.actions import ACTIONS, Group
from vra_tui.tui.keymap import written
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line

_ABOUT = (
    "Ranked list on the left, light curve and context of the alert under the cursor on the right.",
    "A letter decides that alert, and the cursor goes on to the next undecided one. u takes it back.",
    "A decision is on the disk before the screen moves on. Nothing is ever deleted.",
    "Flags: F fast, T reported to TNS, G galactic candidate, Z back from snooze, N note.",
)


def help_lines(keys: Mapping[str, tuple[str, ...]]) -> list[Line]:
    """The whole help; ``keys`` are those in force, by action."""
    lines: list[Line] = [[(text, "text")] for text in _ABOUT]
    for group in Group:
        actions = [action for action in ACTIONS.values() if action.group is group]
        if group is Group.LISTS:
            actions = [action for action in actions if not action.name.startswith("list_")]
        if not actions:
            continue
        lines += [[], [(group.value, "title")]]
        if group is Group.LISTS:
            lines.append([("  1 … 9   ".ljust(16), "key"), ("the lists of the top line", "text")])
        for action in actions:
            names = " ".join(written(key) for key in keys[action.name])
            lines.append([(f"  {names:<14}", "key"), (action.description, "text")])
    return lines


class HelpScreen(ModalScreen[None]):
    """The help as an overlay; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "close")]

    def __init__(self, keys: Mapping[str, tuple[str, ...]], theme: str) -> None:
        super().__init__()
        self._lines = help_lines(keys)
        self._theme = theme

    def compose(self) -> ComposeResult:
        """A box that scrolls, one pane in it."""
        box = VerticalScroll(id="help")
        box.border_title = "Keys"
        box.border_subtitle = "Esc closes"
        with box:
            yield Pane(id="help-lines")

    def on_mount(self) -> None:
        """Fill the pane."""
        pane = self.query_one(Pane)
        pane.set_styles_of(self._theme)
        pane.styles.height = len(self._lines)
        pane.show(self._lines)
        self.query_one(VerticalScroll).focus()
