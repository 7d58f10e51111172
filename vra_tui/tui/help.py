"""The help: every key in force, by group, over the screen."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from vra_tui.tui.actions import ACTIONS, Action, HelpGroup
from vra_tui.tui.keymap import KeyMap, written
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line

_ABOUT = (
    "On the left the ranked list, on the right the alert under the cursor.",
    "A letter decides that alert, and the cursor goes on to the next undecided",
    "one; u takes it back. A decision is on the disk before the screen moves",
    "on, and nothing is ever deleted.",
    "",
    "Flags: ! follow up now, A anomaly, F fast, 2 second opinion wanted,",
    "X opinions or decisions differ, T reported to TNS, G galactic candidate,",
    "Z back from snooze, S out of the model's scope, W on the map of a",
    "gravitational-wave event, N note. Before a line, @: someone else is there.",
    "The letter before a name is its survey's: A ATLAS, Z ZTF, L LSST.",
    "Light curve: ▼ u, ● g, ■ r, ▲ i, ◆ z, ★ y, ○ c, ◇ o, □ w, + other bands,",
    "▿ limit, × negative flux; ┊ marks t0, T the discovery on TNS, a letter a",
    "decision.",
)

#: Actions that are told in one line instead of one each.
_SUMMED = {
    "list_1": ("1 … 9", "the lists of the top line"),
    "garbage_with_note": ("T C G P …", "the same, with a note on why"),
}


def help_lines(keys: KeyMap) -> list[Line]:
    """The whole help; ``keys`` are those in force, by action."""
    lines: list[Line] = [[(text, "text")] for text in _ABOUT]
    for group in HelpGroup:
        lines += [[], [(group.value, "title")]]
        for action in ACTIONS.values():
            if action.group is group:
                lines += _action_lines(action, keys[action.name])
    return lines


def _action_lines(action: Action, keys: tuple[str, ...]) -> list[Line]:
    if action.name in _SUMMED and keys == action.keys:
        names, text = _SUMMED[action.name]
        return [[(f"  {names:<14}", "key"), (text, "text")]]
    is_summed = action.name.startswith("list_") or action.name.endswith("_with_note")
    if not keys or (is_summed and keys == action.keys):
        return []
    names = " ".join(written(key) for key in keys)
    return [[(f"  {names:<14}", "key"), (action.description, "text")]]


class HelpScreen(ModalScreen[None]):
    """The help as an overlay; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "close")]

    def __init__(self, keys: KeyMap, theme: str) -> None:
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
