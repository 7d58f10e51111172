"""Groups of verbs: `--db` and `--scanner` count before a verb as they do after it."""

from typing import Any

from typer.core import TyperGroup

from vra_tui.errors import VraError

#: Options of `vra` itself that belong to the verb; what is said after the verb counts before them.
SHARED = ("db", "scanner")


class Verbs(TyperGroup):
    """A group that hands its verb the shared options that were given before it.

    A verb that works on no store refuses a `--db`, before it as after it: what was asked of one file would
    silently be done to another, or to none. A name says who sits there, which is true whatever the verb.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the verb; what stands before it becomes the default of its options."""
        name, verb, rest = super().resolve_command(ctx, args)
        if verb is not None and not isinstance(verb, TyperGroup):
            ctx.default_map = {verb.name: _handed_on(ctx, verb)}
            if name != verb.name:
                ctx.default_map[name] = ctx.default_map[verb.name]
        return name, verb, rest


def _handed_on(ctx: Any, verb: Any) -> dict[str, Any]:
    """Return what was given before the verb, by the names of its parameters. Raises VraError."""
    given = ctx.find_root().params
    takes = {parameter.name: parameter for parameter in verb.params}
    if given.get("db") is not None and "db" not in takes:
        raise VraError(
            f"`{ctx.command_path} {verb.name}` works on no store that you can choose: leave --db out."
        )
    found = {name: given[name] for name in SHARED if given.get(name) is not None and name in takes}
    return {name: [value] if takes[name].multiple else value for name, value in found.items()}
