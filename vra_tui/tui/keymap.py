"""From the registry of actions to bindings, and from key names to what people read."""

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType
from textual.keys import format_key

from vra_tui.tui.actions import ACTIONS, Action

_WRITTEN = {"pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "enter": "Enter",
            "space": "Space", "escape": "Esc", "tab": "Tab", "backspace": "Bksp"}  # fmt: skip


def bindings(actions: Iterable[Action] = ACTIONS.values()) -> list[BindingType]:
    """A binding for each action, its id the action's name, so that a key map can move it.

    They have priority: keys are handled one after the other, and the next waits until the one before is done.
    """
    return [
        Binding(
            ",".join(action.keys), action.call, action.description, id=action.name, priority=True, show=False
        )
        for action in actions
    ]


def written(key: str) -> str:
    """A key as people write it."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+")
    return _WRITTEN.get(key) or format_key(key)


def footer_keys(
    keys: Mapping[str, tuple[str, ...]], actions: Iterable[Action] = ACTIONS.values()
) -> list[tuple[str, str]]:
    """Key and title of the actions that stand in the footer; ``keys`` are those in force, by action."""
    return [(written(keys[action.name][0]), action.title) for action in actions if action.title]


def default_keys() -> dict[str, tuple[str, ...]]:
    """The keys of every action, as the registry has them."""
    return {action.name: action.keys for action in ACTIONS.values()}
