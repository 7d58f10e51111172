"""A list to choose from at the bottom of the screen: found alerts, views, web pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from vra_tui.text import printable
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.modal import Modal
from vra_tui.tui.palette import styles_of
from vra_tui.tui.pane import Pane
from vra_tui.tui.prompt import LineInput, title_line
from vra_tui.tui.spans import Line, fit_line, text_of

#: So many choices are laid out; more are narrowed by what is typed behind `/`.
_AT_MOST = 200
_KEYS = ("/ narrows", "Enter opens", "Esc leaves")


@dataclass(frozen=True)
class Choice:
    """One line to choose: by what it is known, how it is shown, and the letter that chooses it at once."""

    id: str
    line: Line
    letter: str = ""


@dataclass(frozen=True)
class Picked:
    """What was chosen, and what is to be done with it: `open`, or what another key of the list does."""

    id: str
    action: str = "open"


class Picker(Modal[Picked | None]):
    """Choose one of some lines: by the arrows and Enter, or by its letter; `/` narrows them; Escape leaves.

    ``hint`` stands below the lines. Subclasses give other keys a meaning (`other_key`).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "leave it", priority=True),
        Binding("slash", "narrow", "narrow", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], hint: str = "") -> None:
        super().__init__()
        self._compositor = FrugalCompositor()
        self._title = title
        self._choices = list(choices)
        self._hint = hint
        self._drawn: dict[str, Line] = {}
        self._signed: str | None = None
        self._letters = {choice.letter: choice.id for choice in choices if choice.letter}

    def compose(self) -> ComposeResult:
        """A title, what is typed to narrow, the lines, and a hint."""
        with Vertical(id="picker"):
            yield Pane(id="picker-title", fill="tab_here_dim")
            yield LineInput(id="picker-words", compact=True, placeholder="words that the line holds")
            yield OptionList(id="picker-lines", compact=True)
            yield Pane(id="picker-hint", fill="keys")

    def on_mount(self) -> None:
        """Show all lines, the first one chosen."""
        for pane in self.query(Pane):
            pane.set_styles_of(self.app.theme)
        self._words.display = False
        self._list_lines()
        self.say(self._hint)
        self.on_resize()
        self._lines.focus()

    def on_resize(self) -> None:
        """Lay the lines out for the width."""
        self.query_one("#picker-title", Pane).show([title_line(self._title, _KEYS, self.app.size.width)])
        self._list_lines()

    @property
    def _lines(self) -> OptionList:
        return self.query_one("#picker-lines", OptionList)

    @property
    def _words(self) -> LineInput:
        return self.query_one("#picker-words", LineInput)

    def _list_lines(self) -> None:
        """The lines that hold all of the words, as many as are laid out."""
        words = self._words.value.casefold().split()
        found = [one for one in self._choices if all(word in text_of(one.line).casefold() for word in words)]
        before = self.chosen
        lines = self._lines
        lines.clear_options()
        width = max(self.app.size.width - 6, 1)
        self._drawn = {one.id: fit_line(one.line, width) for one in found[:_AT_MOST]}
        lines.add_options(Option(self._content(one, False), id=one) for one in self._drawn)
        if len(found) > _AT_MOST:
            lines.add_option(Option(f"… and {len(found) - _AT_MOST} more: / narrows them", disabled=True))
        if found:
            ids = [one.id for one in found]
            lines.highlighted = ids.index(before) if before in ids[:_AT_MOST] else 0

    def _content(self, one: str, is_chosen: bool) -> Content:
        """A line, with a sign before it where the cursor is: colour alone would not tell under NO_COLOR."""
        sign = "▸ " if is_chosen else "  "
        return content_of([(sign, "accent"), *self._drawn[one]], self.app.theme)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Move the sign along with the cursor."""
        for one, is_chosen in ((self._signed, False), (event.option.id, True)):
            if one in self._drawn:
                self._lines.replace_option_prompt(one, self._content(one, is_chosen))
        self._signed = event.option.id

    @property
    def chosen(self) -> str | None:
        """What the cursor is on."""
        lines = self._lines
        if lines.highlighted is None:
            return None
        return lines.get_option_at_index(lines.highlighted).id

    def say(self, text: str, role: str = "keys") -> None:
        """Put a hint or a question below the lines."""
        pane = self.query_one("#picker-hint", Pane)
        pane.display = bool(text)
        pane.show([[("  ", "keys"), (printable(text, 400), role)]])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        if event.option.id is not None:
            self.dismiss(Picked(event.option.id))

    def on_input_changed(self) -> None:
        """Narrow while typing."""
        self._list_lines()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter while typing takes the line under the cursor."""
        if self.chosen is not None:
            self.dismiss(Picked(self.chosen))

    def action_narrow(self) -> None:
        """Type words that the line must hold."""
        self._words.display = True
        self._words.focus()

    def action_drop(self) -> None:
        """Escape: first what narrows, then the list itself."""
        if self._words.display:
            self._words.value = ""
            self._words.display = False
            self._lines.focus()
        else:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """A letter chooses its line; up and down move the cursor while typing, too."""
        if self._words.has_focus:
            if event.key in ("up", "down"):
                event.stop()
                move = self._lines.action_cursor_up if event.key == "up" else self._lines.action_cursor_down
                move()
            return
        letter = (event.character or "").lower()
        if letter in self._letters:
            event.stop()
            self.dismiss(Picked(self._letters[letter]))
        elif self.other_key(event):
            event.stop()

    def other_key(self, event: events.Key) -> bool:
        """Do what another key means here; whether it means anything."""
        steps = {"j": self._lines.action_cursor_down, "k": self._lines.action_cursor_up}
        if event.key in steps and not self._letters:
            steps[event.key]()
            return True
        return False


def content_of(line: Line, theme: str) -> Content:
    """A line for a widget of Textual's; only letters' colours are kept, the ground is the widget's."""
    styles = styles_of(theme)
    parts = []
    for text, role in line:
        look = styles[role.partition(" ")[0]]
        colour = None if look.color is None or look.color.is_default else look.color.get_truecolor().hex
        words = [word for word, is_set in (("bold", look.bold), ("dim", look.dim)) if is_set]
        parts.append((text, Style.parse(" ".join([*words, *([colour] if colour else [])]))))
    return Content.assemble(*parts)
