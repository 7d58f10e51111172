"""Keys in force: the registry's defaults, a preset, and the scanner's own, checked for clashes."""

import difflib
from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType
from textual.keys import KEY_ALIASES, Keys, _character_to_key, format_key

from vra_tui.config.reading import Config, ConfigError
from vra_tui.errors import VraError
from vra_tui.tui.actions import ACTIONS, PRESETS, Action
from vra_tui.tui.outbox.actions import FORM_ACTIONS, OUTBOX_ACTIONS
from vra_tui.tui.spans import Line, fit_line, width_of

KeyMap = Mapping[str, tuple[str, ...]]

_WRITTEN = {"pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "enter": "Enter",
            "space": "Space", "escape": "Esc", "tab": "Tab", "backspace": "Bksp", "left": "←", "right": "→",
            "up": "↑", "down": "↓", "shift+tab": "⇧Tab"}  # fmt: skip


#: The actions of each screen: on one of them a key means one thing.
SCREENS: tuple[Mapping[str, Action], ...] = (ACTIONS, OUTBOX_ACTIONS, FORM_ACTIONS)
ALL_ACTIONS: Mapping[str, Action] = {name: one for screen in SCREENS for name, one in screen.items()}


class KeyMapError(VraError):
    """A key map that cannot be used; the message names the entry and what is wrong with it."""


def default_keys(preset: str = "atlas") -> dict[str, tuple[str, ...]]:
    """The keys of every action in a preset, by the action's name. Raises KeyMapError."""
    if preset not in PRESETS:
        raise KeyMapError(f"There is no key preset `{preset}`{_nearest(preset, PRESETS)}")
    return {name: PRESETS[preset].get(name, action.keys) for name, action in ALL_ACTIONS.items()}


def resolve(own: Mapping[str, object], preset: str = "atlas", where: str = "the key map") -> KeyMap:
    """The keys in force: the preset's, with the scanner's ``own`` in their place.

    ``own`` gives for an action's name a key or a list of keys; an empty list leaves the action without one.
    ``where`` names the entries in messages. Raises KeyMapError for an unknown action, a key that no terminal
    sends, and a key that two actions of one screen would share.
    """
    keys = default_keys(preset)
    for name, value in own.items():
        if name not in ALL_ACTIONS:
            raise KeyMapError(f"{where}: there is no action `{name}`{_nearest(name, ALL_ACTIONS)}")
        wanted = [value] if isinstance(value, str) else value
        if not isinstance(wanted, list) or not all(isinstance(key, str) for key in wanted):
            raise KeyMapError(f"{where}: `{name}` must be a key or a list of keys, not {value!r}.")
        keys[name] = tuple(_normal(key, f"{where}: `{name}`") for key in wanted)
    for screen in SCREENS:
        _refuse_clashes({name: keys[name] for name in screen}, own, where)
    return keys


def _refuse_clashes(keys: KeyMap, own: Mapping[str, object], where: str) -> None:
    """Raise KeyMapError where two actions of one screen share a key."""
    taken: dict[str, str] = {}
    for name, names_keys in keys.items():
        for key in names_keys:
            other = taken.setdefault(_normal(key, where), name)
            if other != name:
                culprit = name if name in own else other
                raise KeyMapError(
                    f"{where}: `{culprit}` takes the key {written(key)}, which belongs to "
                    f"`{other if culprit == name else name}`. Give that one another key, or none: "
                    f"{other if culprit == name else name} = []"
                )


def keys_in_force(config: Config) -> KeyMap:
    """The keys that the configuration asks for. Raises ConfigError, which names the line."""
    try:
        return resolve(config.own_keys, config.screen().keys, str(config.path))
    except KeyMapError as error:
        # The message names the action: its line is where the scanner must look.
        named = next((name for name in config.own_keys if f"`{name}`" in str(error)), None)
        line = f", line {config.lines.line_of(('keys', named))}" if named else ""
        raise ConfigError(str(error).replace(str(config.path), f"{config.path}{line}", 1)) from None


def keys_template() -> str:
    """The section ``[keys]`` of a new configuration file: every action at its default, commented out."""
    lines = ["[keys]", "# A key, a list of keys, or [] for none."]
    for name, action in ALL_ACTIONS.items():
        keys = ", ".join(f'"{key}"' for key in action.keys)
        lines.append(f"# {name} = [{keys}]  # {action.description}")
    return "\n".join(lines) + "\n"


def _normal(key: str, where: str) -> str:
    """A key in Textual's name for it. Raises KeyMapError when there is no such key."""
    key = key.strip()
    if len(key) == 1 and key.isprintable():
        return "space" if key == " " else _character_to_key(key)
    known = {name.value for name in Keys} | set(KEY_ALIASES)
    if key in known or (len(key) > 1 and _is_character_name(key)):
        return key
    if key.startswith("ctrl+") and len(key) == 6:
        return key
    raise KeyMapError(f"{where}: terminals send no key `{key}`{_nearest(key, known)}")


def _is_character_name(key: str) -> bool:
    shown = format_key(key)
    return len(shown) == 1 and _character_to_key(shown) == key


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean `{close[0]}`?" if close else "."


def bindings(actions: Iterable[Action] = ACTIONS.values()) -> list[BindingType]:
    """A binding for each action, its id the action's name, so that a key map can move it.

    They have priority: keys are handled one after the other, and the next waits until the one before is done.
    """
    return [
        Binding(
            ",".join(action.keys),
            action.call,
            action.description,
            id=action.name,
            priority=True,
            show=False,
        )
        for action in actions
    ]


def textual_keymap(keys: KeyMap) -> dict[str, str]:
    """Return what `App.set_keymap` takes: the keys of those actions whose keys are not the registry's."""
    # A key that nobody can press stands for none: an empty string would leave the default in force.
    return {
        name: ",".join(wanted) or f"unbound-{name}"
        for name, wanted in keys.items()
        if wanted != ALL_ACTIONS[name].keys
    }


def key_of_action(keys: KeyMap, name: str) -> str:
    """The key of an action as people write it; "" where it has none."""
    return written(keys[name][0]) if keys.get(name) else ""


def keys_in_foot(keys: KeyMap, parts: Iterable[tuple[str, str]], width: int) -> Line:
    """The keys of actions, each with what it does, as many as fit; those without a key are left out."""
    line: Line = []
    for name, title in parts:
        key = key_of_action(keys, name)
        part: Line = [(f" {key}", "keys_key"), (f" {title} ", "keys_dim")]
        if key and width_of(line) + width_of(part) > width:
            break
        line += part if key else []
    return fit_line(line, width, "keys")


def written(key: str) -> str:
    """A key as people write it."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+")
    return _WRITTEN.get(key) or format_key(key)


def footer_keys(keys: KeyMap, actions: Iterable[Action]) -> list[tuple[str, str, str]]:
    """Key, title and short title of the actions that stand in the footer; ``keys`` are those in force."""
    return [
        (written(keys[action.name][0]), action.title, action.short or action.title)
        for action in actions
        if action.title and keys[action.name]
    ]
