"""Names and keys of decisions on the screen."""

from vra_tui.ranking import lists
from vra_tui.surveys.own_labels import OWN_LABELS
from vra_tui.text import printable

_KEYS = {name: decision.key for name, decision in lists.DECISIONS.items()} | {
    label.name: label.key for label in OWN_LABELS
}


def title_of(list_name: str | None) -> str:
    """The title of a decision for a list; a survey's own label by its name, made fit for a terminal."""
    return printable(lists.title_of(list_name), 40) if list_name else "decided"


def key_of(list_name: str | None) -> str | None:
    """The sign of a decision: the key by which it is taken if nobody moved it; None without one."""
    return _KEYS.get(list_name or "")
