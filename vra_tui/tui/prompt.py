"""A line of text asked for at the bottom of the screen: notes, searches, filters."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from vra_tui.errors import VraError
from vra_tui.store import StoreFault
from vra_tui.store.filter_vocabulary import FilterVocabulary
from vra_tui.text import harmless, printable
from vra_tui.tui.completion import Completion, WordSuggester, complete
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.modal import Modal
from vra_tui.tui.pane import Pane
from vra_tui.tui.spans import Line, cut, width_of, wrap
from vra_tui.tui.writer import reason

#: Says by raising VraError or StoreFault what is wrong with a line before it is taken.
Check = Callable[[str], Awaitable[None]]

#: Lines below the text at most: an error, or words that go on from what is typed.
_HINT_LINES = 6
#: No line is longer, characters: what is pasted beyond that is cut.
LONGEST = 10_000
#: Where a title would have fewer columns than this, it stands alone.
_LEAST_TITLE = 14
_ENDS = "Enter {}, Esc leaves it"


class LineInput(Input):
    """One line of text; what is pasted into it loses whatever a terminal would act on."""

    def validate_value(self, value: str) -> str:
        """The text as it is kept and shown."""
        return harmless(value[:LONGEST].replace("\n", " "))


class Prompt(Modal[str | None]):
    """Asks for one line; Enter gives it, Escape gives None.

    ``check``: asked before Enter takes the line; what it raises is told below, and the text stays.
    ``vocabulary``: words that Tab completes, of which more may come by `learn`. ``history``: lines that Up
    and Down go through, the latest last. ``enter``: what Enter does with the line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "leave it", priority=True),
        Binding("tab", "complete(1)", "complete", priority=True),
        Binding("shift+tab", "complete(-1)", "complete backwards", priority=True),
        Binding("up", "recall(-1)", "the line before", priority=True),
        Binding("down", "recall(1)", "the line after", priority=True),
    ]

    def __init__(
        self,
        title: str,
        value: str = "",
        placeholder: str = "",
        *,
        check: Check | None = None,
        vocabulary: FilterVocabulary | None = None,
        history: Sequence[str] = (),
        enter: str = "keeps",
    ) -> None:
        super().__init__()
        self._ends = _ENDS.format(enter)
        self._compositor = FrugalCompositor()
        self._title = printable(title, 400)
        self._check = check
        self._vocabulary = vocabulary
        self._input = LineInput(
            value=value,
            placeholder=harmless(placeholder),
            id="prompt",
            select_on_focus=False,
            compact=True,
            suggester=None if vocabulary is None else WordSuggester(vocabulary),
        )
        self._history = list(history)
        #: Where Up and Down are; the end of the history is what was being typed.
        self._recalled = len(self._history)
        self._typed = value
        self._tabs: tuple[Completion, int, str] | None = None
        self._is_checking = False
        self._hints: list[Line] = []

    def compose(self) -> ComposeResult:
        """What is asked for, the line, and below it what is to be said about it."""
        with Vertical(id="asking"):
            yield Pane(id="prompt-title", fill="tab_here_dim")
            yield self._input
            yield Pane(id="prompt-hints", fill="keys")

    def on_mount(self) -> None:
        """Type at once."""
        for pane in self.query(Pane):
            pane.set_styles_of(self.app.theme)
        self._show_hints([])
        self._show_title()
        self._input.focus()

    def on_resize(self) -> None:
        """Lay the title out anew."""
        self._show_title()

    def _show_title(self) -> None:
        keys = [self._ends]
        if self._history:
            keys.insert(0, "Up/Down what was typed before")
        if self._vocabulary is not None:
            keys.insert(0, "Tab completes")
        self.query_one("#prompt-title", Pane).show([title_line(self._title, keys, self.app.size.width)])

    def learn(self, vocabulary: FilterVocabulary) -> None:
        """Complete these words from now on."""
        self._vocabulary = vocabulary
        self._input.suggester = WordSuggester(vocabulary)

    def _show_hints(self, lines: list[Line]) -> None:
        self._hints = lines
        pane = self.query_one("#prompt-hints", Pane)
        pane.styles.height = len(lines)
        pane.display = bool(lines)
        pane.show(lines)
        pane.refresh()

    def on_input_changed(self) -> None:
        """Another text: what was said about the one before is no longer true."""
        if self._tabs is not None and self._tabs[2] == self._input.value:
            return
        self._tabs = None
        if self._hints:
            self._show_hints([])

    @property
    def is_steady(self) -> bool:
        """Whether no line is being checked."""
        return not self._is_checking

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: take the line, unless something is wrong with it."""
        if self._is_checking:
            return
        if self._check is None:
            self.dismiss(event.value)
            return
        self._is_checking = True
        try:
            await self._check(event.value)
        except (VraError, StoreFault) as error:
            why = (
                f"The store cannot be read: {reason(error)}." if isinstance(error, StoreFault) else str(error)
            )
            self._tell(event.value, why, getattr(error, "place", None))
            return
        finally:
            self._is_checking = False
        self.dismiss(event.value)

    def _tell(self, text: str, message: str, place: tuple[int, int] | None) -> None:
        """Say below what is wrong, mark it, and put the cursor behind it; nothing once Escape was pressed."""
        if not self.is_active:
            return
        self._tabs = None
        if place is not None and self._input.value == text:
            self._input.cursor_position = place[1]
        self._show_hints(fault_lines(text, message, place, self.app.size.width))

    def action_drop(self) -> None:
        """Escape."""
        self.dismiss(None)

    def action_complete(self, step: int) -> None:
        """Tab: complete the word before the cursor; again, take the next that goes on from it."""
        if self._vocabulary is None:
            return
        line = self._input
        if self._tabs is None:
            found, place = complete(line.value, line.cursor_position, self._vocabulary), -1
            if not found.words:
                return
        else:
            found, place, _ = self._tabs
        is_first_look = self._tabs is None and not found.begun and len(found.words) > 1
        if not is_first_look:  # nothing typed yet: show what there is before anything is put in
            place = (place + step) % len(found.words) if place >= 0 or step > 0 else len(found.words) - 1
            end = line.cursor_position
            value = line.value[: found.start] + found.words[place] + line.value[end:]
            self._tabs = (found, place, value)
            line.value = value
            line.cursor_position = found.start + len(found.words[place])
        self._tabs = (found, place, line.value)
        self._show_hints(word_lines(found.words, place, self.app.size.width) if len(found.words) > 1 else [])

    def action_recall(self, step: int) -> None:
        """Up, Down: a line that was typed before."""
        place = self._recalled + step
        if not 0 <= place <= len(self._history):
            return
        if self._recalled == len(self._history):
            self._typed = self._input.value
        self._recalled = place
        self._input.value = self._typed if place == len(self._history) else self._history[place]
        self._input.cursor_position = len(self._input.value)


def title_line(title: str, keys: Sequence[str], width: int) -> Line:
    """What is asked for on the left; on the right as many of the keys as have room, the last first."""
    right = ""
    for count in range(len(keys), 0, -1):
        right = ", ".join(keys[-count:])
        if width_of([(title, ""), (right, "")]) + 4 <= width:
            break
    if width_of([(right, "")]) + _LEAST_TITLE > width:
        right = ""
    room = width - width_of([(right, "")]) - 3
    left = cut(title, room)
    gap = max(width - 2 - width_of([(left, ""), (right, "")]), 1)
    return [(f" {left}", "tab_here"), (" " * gap, "tab_here_dim"), (f"{right} ", "tab_here_dim")]


def fault_lines(text: str, message: str, place: tuple[int, int] | None, width: int) -> list[Line]:
    """Say what is wrong with a text in as many lines as that takes, and mark the place.

    Where the text is longer than a line, the part around the place is what is shown.
    """
    lines: list[Line] = []
    inner = max(width - 4, 8)
    if place is not None:
        start, end = place
        first = 0 if end <= inner else max(0, min(start - inner // 3, len(text) - inner))
        last = min(first + inner, len(text))
        wrong = printable(text[start : min(end, last)], inner) or " "
        before = harmless(text[first:start].replace("\n", " "))
        after = harmless(text[min(end, last) : last].replace("\n", " "))
        ahead = "…" if first else " "
        if first:  # else the line above shows it, and the marks point there
            shown = [
                (f" {ahead}", "keys_dim"),
                (before, "keys_dim"),
                (wrong, "keys_key"),
                (after, "keys_dim"),
            ]
            lines.append(shown)
        blank = " " * (2 + width_of([(before, "")]))
        lines.append([(blank, "keys"), ("^" * max(width_of([(wrong, "")]), 1), "keys_key")])
    pieces = wrap(printable(message), inner, _HINT_LINES)
    lines += [[("  ", "keys"), (piece, "keys")] for piece in pieces]
    return lines


def word_lines(words: Sequence[str], chosen: int, width: int) -> list[Line]:
    """Words in columns, as many as have room, with the chosen one among them marked."""
    cells = min(max(width_of([(word, "")]) for word in words) + 2, max(width - 2, 4))
    columns = max((width - 2) // cells, 1)
    page = columns * _HINT_LINES
    first = max(chosen, 0) // page * page
    shown = words[first : first + page]
    lines: list[Line] = []
    for start in range(0, len(shown), columns):
        line: Line = [("  ", "keys")]
        for index, word in enumerate(shown[start : start + columns], start=first + start):
            text = cut(word, cells - 1)
            role = "keys_key" if index == chosen else "keys"
            line += [(text, role), (" " * (cells - width_of([(text, "")])), "keys")]
        lines.append(line)
    left = len(words) - first - len(shown)
    if left > 0 or first:
        told = f"  {first + 1}-{first + len(shown)} of {len(words)}"
        lines.append([(cut(told, width), "keys_dim")])
    return lines
