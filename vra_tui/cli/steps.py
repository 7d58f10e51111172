"""Bars on standard error for work in named steps, each with how much of it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vra_tui.cli.common import say

if TYPE_CHECKING:
    from rich.progress import TaskID


def say_repeat(done: int, of: int) -> None:
    """Tell that a repeat of cross-validation is done, where it takes too long for a bar."""
    say(f"cross-validation {done}/{of}")


@contextmanager
def steps_shown() -> Iterator[Callable[[str, int, int], None]]:
    """A function that is told a step's name, how much of it is done, and how much there is."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=of)
            bar.update(tasks[step], completed=done)

        yield show
