"""The help: every key in force, by group, over the screen."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll

from vra_tui.tui.actions import ACTIONS, Action, HelpGroup
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.keymap import KeyMap, key_of_action, written
from vra_tui.tui.modal import Modal
from vra_tui.tui.pane import Pane
from vra_tui.tui.prompt import LineInput, title_line
from vra_tui.tui.spans import Line, wrap

#: Columns of the help at most.
_WIDTH = 84
#: Columns of the keys before what they do.
_KEYS = 14
#: Lines of a paragraph at most.
_LINES = 20

_ABOUT = (
    "On the left the ranked list, on the right the alert under the cursor. A letter decides that alert, "
    "and the cursor goes on to the next undecided one; {undo} takes it back. A decision is on the disk "
    "before the screen moves on, and nothing is ever deleted.",
    "",
    "Flags: ! follow up now, A anomaly, F fast, 2 second opinion wanted, X opinions or decisions "
    "differ, T reported to TNS, G galactic candidate, Z back from snooze, S out of the model's scope, W "
    "on the map of a gravitational-wave event, N note.",
    "Before a line, @: someone else is there. The letter before a name is its survey's: A ATLAS, Z ZTF, "
    "L LSST.",
    "Light curve: ▼ u, ● g, ■ r, ▲ i, ◆ z, ★ y, ○ c, ◇ o, □ w, + other bands, ↓ limit, × negative flux, "
    "⊗ bad epoch; ┊ marks t0, T the discovery on TNS, a letter a decision.",
)

#: Actions that are told in one line instead of one each.
_SUMMED = {
    "list_1": ("1 … 9 0", "the lists of the top line"),
    "garbage_with_note": ("T C G P …", "the same, with a note on why"),
}


def help_lines(
    keys: KeyMap,
    words: str = "",
    width: int = _WIDTH,
    actions: Iterable[Action] = ACTIONS.values(),
    about: Sequence[str] = _ABOUT,
) -> list[Line]:
    """The help of some actions, or what in it holds all of ``words``; ``keys`` are those in force.

    ``about``: paragraphs on the screen itself, which come first.
    """
    lines: list[Line] = []
    for text in (one.replace("{undo}", key_of_action(keys, "undo") or "`undo`") for one in about):
        if _holds(text, words):
            lines += [[(piece, "keys")] for piece in wrap(text, max(width - 4, 20), _LINES) or [""]]
    actions = list(actions)
    for group in HelpGroup:
        told = [
            (names, text)
            for action in actions
            if action.group is group
            for names, text in _told(action, keys[action.name])
            if _holds(f"{names} {text} {group.value}", words)
        ]
        if told:
            lines += [*([[]] if lines else []), [(group.value, "keys_key")]]
        for names, text in told:
            first, *more = wrap(text, max(width - _KEYS - 4, 20), 4)
            lines.append([(f"  {names:<{_KEYS}}", "keys_key"), (first, "keys")])
            lines += [[(" " * (_KEYS + 2), "keys"), (piece, "keys")] for piece in more]
    return lines or [[("Nothing in the help holds these words.", "keys")]]


def _holds(text: str, words: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


def _told(action: Action, keys: tuple[str, ...]) -> list[tuple[str, str]]:
    """The keys of an action and what it does; nothing where it has no key, or another line tells of it."""
    if action.name in _SUMMED and keys == action.keys:
        return [_SUMMED[action.name]]
    is_summed = action.name.startswith("list_") or action.name.endswith("_with_note")
    if not keys or (is_summed and keys == action.keys):
        return []
    return [(" ".join(written(key) for key in keys), action.description)]


class HelpScreen(Modal[None]):
    """The help as an overlay; any of its keys closes it, `/` and words narrow it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close", priority=True),
        Binding("question_mark,q,enter", "dismiss", "close"),
        Binding("slash", "search", "search"),
        Binding("j", "scroll_lines(1)", "a line down"),
        Binding("k", "scroll_lines(-1)", "a line up"),
        Binding("space,right_curly_bracket", "scroll_pages(1)", "a page down"),
        Binding("left_curly_bracket", "scroll_pages(-1)", "a page up"),
    ]

    def __init__(
        self,
        keys: KeyMap,
        theme: str,
        actions: Iterable[Action] = ACTIONS.values(),
        about: Sequence[str] = _ABOUT,
    ) -> None:
        super().__init__()
        self._compositor = FrugalCompositor()
        self._keys = keys
        self._actions = list(actions)
        self._about = about
        self._theme = theme

    def compose(self) -> ComposeResult:
        """A title, what is searched for, and the lines, which scroll."""
        with Vertical(id="help"):
            yield Pane(id="help-title", fill="tab_here_dim")
            yield LineInput(id="help-words", compact=True, placeholder="words: filter, stamps, undo, …")
            with VerticalScroll(id="help-scroll"):
                yield Pane(id="help-lines", fill="keys")

    def on_mount(self) -> None:
        """Fill the pane."""
        for pane in self.query(Pane):
            pane.set_styles_of(self._theme)
        self._words.display = False
        self.on_resize()
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Lay the title out anew."""
        title = self.query_one("#help-title", Pane)
        width = min(_WIDTH, self.app.size.width)
        title.show([title_line("Keys", ("Space on", "/ searches", "Esc closes"), width)])
        self._show_lines()

    @property
    def _words(self) -> LineInput:
        return self.query_one("#help-words", LineInput)

    def _show_lines(self) -> None:
        pane = self.query_one("#help-lines", Pane)
        width = min(_WIDTH, self.app.size.width)
        found = help_lines(self._keys, self._words.value, width, self._actions, self._about)
        lines: list[Line] = [[(" ", "keys"), *line] for line in found]
        pane.styles.height = len(lines)
        pane.show(lines)
        pane.refresh()

    def on_input_changed(self) -> None:
        """Search while typing."""
        self._show_lines()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_input_submitted(self) -> None:
        """Enter: read what was found."""
        self.query_one(VerticalScroll).focus()

    def action_search(self) -> None:
        """Type words that the lines must hold."""
        self._words.display = True
        self._words.focus()

    def action_scroll_lines(self, lines: int) -> None:
        """On by so many lines, or back."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """On by so many pages, or back."""
        self.action_scroll_lines(pages * max(1, self.query_one(VerticalScroll).size.height - 2))

    def action_leave(self) -> None:
        """Escape: first what is searched for, then the help."""
        if self._words.display:
            self._words.value = ""
            self._words.display = False
            self.query_one(VerticalScroll).focus()
        else:
            self.dismiss(None)
