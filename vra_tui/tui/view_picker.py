"""Choose among the named views: open one, keep what is shown as another, take one away."""

from collections.abc import Mapping

from rich.cells import cell_len
from textual import events

from vra_tui.store.query import ListQuery
from vra_tui.text import printable
from vra_tui.tui.picker import Choice, Picked, Picker
from vra_tui.tui.spans import Line, fit
from vra_tui.tui.tabs import LIST_TITLES

#: What the keys of the list do besides opening.
SAVE, DELETE = "save", "delete"
_HINT = "s keeps what is shown, d twice deletes."
_NONE = "No view is kept yet: s keeps the list, order and filter that are shown."


class ViewPicker(Picker):
    """The views with their list, order and filter; `s` keeps what is shown, `d` twice deletes one."""

    def __init__(self, views: Mapping[str, ListQuery]) -> None:
        choices = [Choice(name, line) for name, line in view_lines(views).items()]
        super().__init__("Views", choices, _HINT if views else _NONE)
        self._asked: str | None = None

    def other_key(self, event: events.Key) -> bool:
        """Keep, delete, and be asked before."""
        asked, self._asked = self._asked, None
        if event.key == "s":
            self.dismiss(Picked("", SAVE))
            return True
        if event.key == "d" and self.chosen is not None:
            if asked == self.chosen:
                self.dismiss(Picked(self.chosen, DELETE))
                return True
            self._asked = self.chosen
            self.say(
                f"d again deletes the view {printable(self.chosen, 60)}; any other key keeps it.", "keys_key"
            )
            return True
        if asked is not None:
            self.say(f"The view {printable(asked, 60)} stays.")
        return super().other_key(event)


def view_lines(views: Mapping[str, ListQuery]) -> dict[str, Line]:
    """Each view's name, list, order and filter, in columns as wide as they need."""
    cells = {
        name: (
            printable(name, 28),
            LIST_TITLES.get(query.list_name, printable(query.list_name, 20)),
            printable(query.sort, 12),
        )
        for name, query in views.items()
    }
    widths = [max((cell_len(row[column]) for row in cells.values()), default=0) + 2 for column in range(3)]
    roles = ("strong", "text", "dim")
    return {
        name: [
            *((fit(text, width), role) for text, width, role in zip(row, widths, roles, strict=True)),
            (printable(views[name].words, 200) or "no filter", "text" if views[name].words else "dim"),
        ]
        for name, row in cells.items()
    }
