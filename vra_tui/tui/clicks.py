"""What a click means: keys on the screen are clicked like buttons, but one click alone decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vra_tui.tui.actions import ACTIONS
from vra_tui.tui.keymap import KeyMap, written
from vra_tui.tui.spans import Line, width_of
from vra_tui.tui.tabs import Bar, Hit

#: The roles in which keys are written.
_KEYS = frozenset({"key", "foot_key", "keys_key", "accent"})
#: What writes into the store or leaves the program: a terminal that is clicked to bring it to the front, or
#: to select a word, must not do that.
_GRAVE = ("decide(", "undo", "repeat", "leave")
#: A second click later than this is a first one again, seconds.
PATIENCE = 5.0


def with_keys(line: Line, keys: KeyMap) -> Bar:
    """A line in which keys are named, with a hit from each key to the end of the words behind it.

    The action of a hit is the name of what the key does (`ACTIONS`). Other words in the role of a key, like
    commands for the shell, are none.
    """
    actions = {written(one): name for name in ACTIONS for one in keys.get(name, ())}
    hits: list[Hit] = []
    x = 0
    for text, role in line:
        end = x + width_of([(text.rstrip(), role)])
        first = x + len(text) - len(text.lstrip())
        if role in _KEYS:
            name = actions.get(text.strip())
            hits.append(Hit(first, end, name or ""))
        elif hits and text.strip():
            hits[-1] = Hit(hits[-1].first, end, hits[-1].action)
        x += width_of([(text, role)])
    return Bar(line, tuple(hit for hit in hits if hit.action))


def is_grave(action: str) -> bool:
    """Whether an action of the registry takes two clicks."""
    return ACTIONS[action].call.startswith(_GRAVE)


@dataclass(frozen=True)
class Click:
    """A click on a key that does something grave: which action, for which alerts, and when."""

    action: str
    alerts: Sequence[int]
    at: float

    def confirms(self, first: "Click | None") -> bool:
        """Whether this is the second click that the first asked for: the same key, for the same alerts."""
        return (
            first is not None
            and (first.action, tuple(first.alerts)) == (self.action, tuple(self.alerts))
            and 0 <= self.at - first.at <= PATIENCE
        )


def bars_by_line(lines: Sequence[Line], keys: KeyMap) -> Mapping[int, Bar]:
    """The lines of a pane in which keys are named, by their number."""
    bars = {number: with_keys(line, keys) for number, line in enumerate(lines)}
    return {number: bar for number, bar in bars.items() if bar.hits}
