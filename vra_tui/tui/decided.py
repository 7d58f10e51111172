"""Names of decisions on the screen."""

from vra_tui.ranking import lists
from vra_tui.text import printable


def title_of(list_name: str | None) -> str:
    """The title of a decision for a list; a survey's own label by its name, made fit for a terminal."""
    return printable(lists.title_of(list_name), 40) if list_name else "decided"
