"""A screen that lies over another until a key ends it: prompts, lists to choose from, the help."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Modal(ModalScreen[T]):
    """A screen above another that ends once, with the first result that it is given."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """End with a result. Of two keys that end it, the second would take away the screen below it."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
