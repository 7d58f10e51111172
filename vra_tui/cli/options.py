"""Verbs with many options: the fields of a dataclass, of which the verb is handed one object."""

from collections.abc import Callable, Collection
from dataclasses import MISSING, fields
from inspect import Parameter, Signature
from typing import Any, TypeVar, get_type_hints

from vra_tui.errors import VraError

Options = TypeVar("Options")


def verb_of(run: Callable[[Options], None]) -> Callable[..., None]:
    """The function to register with Typer: its parameters are the fields of the object that ``run`` takes.

    That is of a dataclass whose fields are annotated as Typer has it. ``run`` lends the verb name and help.
    """
    (options,) = (kind for name, kind in get_type_hints(run).items() if name != "return")
    hints = get_type_hints(options, include_extras=True)

    def verb(**given: Any) -> None:
        run(options(**given))

    verb.__name__, verb.__doc__, verb.__annotations__ = run.__name__, run.__doc__, hints
    verb.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(
                field.name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.default is MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in fields(options)
        ]
    )
    return verb


def given(options: Any) -> list[str]:
    """Names of the fields of such an object that hold anything but their default, in their order."""
    return [
        field.name for field in fields(options) if getattr(options, field.name) not in (field.default, [])
    ]


def check_of_use(options: Any, of_use: Collection[str], *, what: str, ending: str) -> None:
    """Raise VraError for what was given beside the fields ``of_use``: it would silently be passed over.

    ``what`` is done with the others, and the ``ending`` of the message: what was not done.
    """
    useless = [flag(options, name) for name in given(options) if name not in of_use]
    if useless:
        leave = "Leave it out" if len(useless) == 1 else "Leave them out"
        raise VraError(f"{', '.join(useless)}: of no use for {what}. {leave}. {ending}")


def flag(options: Any, name: str) -> str:
    """The option of a field as it is written on the command line."""
    (about,) = get_type_hints(type(options), include_extras=True)[name].__metadata__
    # Typer keeps the first of the names that are given in an annotation as its default.
    return about.default if isinstance(about.default, str) else "--" + name.replace("_", "-")
