"""A line of text asked for at the bottom of the screen: notes, searches, filters."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from vra_tui.text import harmless


class LineInput(Input):
    """One line of text; what is pasted into it loses whatever a terminal would act on."""

    def validate_value(self, value: str) -> str:
        """The text as it is kept and shown."""
        return harmless(value.replace("\n", " "))


class Prompt(ModalScreen[str | None]):
    """Asks for one line; Enter gives it, Escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", "leave it", priority=True)]

    def __init__(self, title: str, value: str = "", placeholder: str = "") -> None:
        super().__init__()
        self._input = LineInput(
            value=value, placeholder=harmless(placeholder), id="prompt", select_on_focus=False
        )
        # Content, not a string: names of alerts stand in titles, and a string would be read as markup.
        self._input.border_title = Content(harmless(title))
        self._input.border_subtitle = "Enter keeps, Esc leaves it"

    def compose(self) -> ComposeResult:
        """Only the input."""
        yield self._input

    def on_mount(self) -> None:
        """Type at once."""
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value)

    def action_drop(self) -> None:
        """Escape."""
        self.dismiss(None)
