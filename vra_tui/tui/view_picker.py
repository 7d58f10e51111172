"""Choose among the named views: open one, keep what is shown as another, take one away."""

from collections.abc import Mapping

from textual import events

from vra_tui.store.query import ListQuery
from vra_tui.text import printable
from vra_tui.tui.bars import LIST_TITLES
from vra_tui.tui.picker import Choice, Picked, Picker

#: What the keys of the list do besides opening.
SAVE, DELETE = "save", "delete"
_NONE = "No view is kept yet: s keeps the list, order and filter that are shown."


class ViewPicker(Picker):
    """The views with their list, order and filter; `s` keeps what is shown, `d` twice deletes one."""

    def __init__(self, views: Mapping[str, ListQuery]) -> None:
        choices = [Choice(name, view_line(name, query)) for name, query in views.items()]
        keys = ("d deletes", "s keeps what is shown") if views else ("s keeps what is shown",)
        super().__init__("Views", choices, "" if views else _NONE, keys)
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


def view_line(name: str, query: ListQuery) -> list[tuple[str, str]]:
    """A view's name, and what it shows."""
    title = LIST_TITLES.get(query.list_name, printable(query.list_name, 20))
    return [
        (f"{printable(name, 28):<28}  ", "strong"),
        (f"{title:<18}  ", "text"),
        (f"{printable(query.sort, 12):<10}  ", "dim"),
        (printable(query.words, 200) or "no filter", "text" if query.words else "dim"),
    ]
