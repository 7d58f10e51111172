"""Faults of the file beneath, told as errors meant for people."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from vra_tui.store import StoreFault
from vra_tui.store.connection import StoreError, reason

P = ParamSpec("P")
R = TypeVar("R")


class _HasPath(Protocol):
    @property
    def path(self) -> Path: ...


S = TypeVar("S", bound=_HasPath)


def in_words(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method of an open store that raises StoreError where its file or disk fails it."""

    @wraps(method)
    def told(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except StoreFault as error:
            raise StoreError(
                f"The store {self.path} could not be used: {reason(error)}. Nothing is half-written; what "
                "was written before is kept."
            ) from error

    return told
