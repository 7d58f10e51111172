"""Verbs with many options: the fields of a dataclass, of which the verb is handed one object."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from inspect import Parameter, Signature
from typing import Any, TypeVar, get_type_hints

Options = TypeVar("Options")


def verb_of(options: type[Options], run: Callable[[Options], None]) -> Callable[..., None]:
    """The function to register with Typer: its parameters are the fields of ``options``, in their order.

    ``options`` is a dataclass whose fields are annotated as Typer has it. ``run`` is called with an object of
    it, and lends the verb its name and help.
    """
    hints = get_type_hints(options, include_extras=True)

    def verb(**given: Any) -> None:
        run(options(**given))

    verb.__name__, verb.__doc__ = run.__name__, run.__doc__
    verb.__annotations__ = hints
    verb.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(
                field.name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.default is MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in fields(options)  # type: ignore[arg-type]
        ]
    )
    return verb


def given(options: object) -> list[str]:
    """Names of the fields of such an object that hold anything but their default, in their order."""
    return [
        field.name
        for field in fields(options)  # type: ignore[arg-type]
        if getattr(options, field.name) not in (field.default, [])
    ]


def flag(name: str) -> str:
    """The option of a field as it is written on the command line."""
    return "--" + name.removeprefix("as_").replace("_", "-")
