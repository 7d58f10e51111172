"""Every action of the registry for the command palette: its keys, its name, its group and what it does."""

from collections.abc import Iterable, Mapping
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from vra_tui.tui.actions import ACTIONS, Action, actions_of
from vra_tui.tui.keymap import KeyMap, written

#: Columns of an action's keys, and of its group.
_KEYS, _GROUP = 10, 24


class ActionCommands(Provider):
    """Finds actions by words that stand anywhere in what is told of them, in any order."""

    async def discover(self) -> Hits:
        """All actions, group by group."""
        for action in self._actions:
            yield DiscoveryHit(
                title_of_action(action, self._keys[action.name]),
                partial(self.screen.run_action, action.call),
                text=action.name,
                help=action.description,
            )

    async def search(self, query: str) -> Hits:
        """Those that hold all of the words; the better the earlier a word stands."""
        for action in self._actions:
            score = how_well(query, action, self._keys[action.name])
            if score > 0.0:
                yield Hit(
                    score,
                    title_of_action(action, self._keys[action.name]),
                    partial(self.screen.run_action, action.call),
                    text=action.name,
                    help=action.description,
                )

    @property
    def _actions(self) -> list[Action]:
        session = getattr(self.app, "session", None)
        return list(ACTIONS.values()) if session is None else actions_of(session.own_labels)

    @property
    def _keys(self) -> KeyMap:
        keys: KeyMap = getattr(self.app, "keys_in_force", {})
        return keys if keys else {name: action.keys for name, action in ACTIONS.items()}


def title_of_action(action: Action, keys: Iterable[str]) -> Content:
    """Keys, name and group of an action, in columns."""
    shown = " ".join(written(key) for key in keys) or "-"
    name = action.name.replace("_", " ")
    return Content.assemble((f"{shown:<{_KEYS}} ", "bold"), f"{name:<{_GROUP}} ", (action.group.value, "dim"))


def how_well(query: str, action: Action, keys: Iterable[str]) -> float:
    """How well an action answers to some words, from 0 (not at all) to 1.

    A key alone is found by the key; a word in the name counts most, then one in the description, then in the
    group's.
    """
    words = query.split()
    shown = {written(key) for key in keys}
    if len(words) == 1 and words[0] in shown:
        return 1.0
    places: Mapping[float, str] = {
        0.9: action.name.replace("_", " ").casefold(),
        0.6: action.description.casefold(),
        0.3: action.group.value.casefold(),
    }
    found = [
        max((score for score, text in places.items() if word.casefold() in text), default=0.0)
        for word in words
    ]
    return 0.0 if not found or 0.0 in found else sum(found) / len(found)
