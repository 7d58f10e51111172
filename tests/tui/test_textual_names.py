"""Private methods of Textual have names that ours must not have: ours would be called in their place."""

import importlib
import pkgutil

from textual.app import App
from textual.message_pump import MessagePump

import vra_tui.tui


def classes_of_the_screen() -> list[type]:
    for module in pkgutil.walk_packages(vra_tui.tui.__path__, "vra_tui.tui."):
        importlib.import_module(module.name)
    found: set[type] = set()
    new: list[type] = [MessagePump]
    while new:
        one = new.pop()
        found.add(one)
        new += set(one.__subclasses__()) - found
    return [one for one in found if one.__module__.startswith("vra_tui.")]


def test_no_private_method_of_textual_is_replaced():
    classes = classes_of_the_screen()
    assert any(issubclass(one, App) for one in classes)
    replaced = {
        f"{one.__qualname__}.{name}"
        for one in classes
        for base in one.__mro__
        if base.__module__.startswith("textual")
        for name, value in vars(one).items()
        if name.startswith("_") and not name.startswith("__") and callable(value) and name in vars(base)
    }
    assert not replaced
