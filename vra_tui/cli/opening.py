"""`vra`, `vra scan` and `vra demo`: opening the screen."""

from typing import Annotated

import typer

from vra_tui.cli.common import Db, Scanner, say, scanner_name, store_path

ListOption = Annotated[
    str | None,
    typer.Option("--list", metavar="NAME", help="The list to open; else the one that was open last."),
]
NoMouse = Annotated[bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")]
Theme = Annotated[str | None, typer.Option(metavar="NAME", help="Colours.")]


def default(
    context: typer.Context,
    db: Db = None,
    scanner: Scanner = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A Virtual Research Assistant for people who look at transient alerts. Alone, it opens the screen."""
    if version:
        from vra_tui import __version__

        typer.echo(f"vra-tui {__version__}")
    elif context.invoked_subcommand is None:
        scan(db=db, scanner=scanner)


def scan(
    db: Db = None,
    list_name: ListOption = None,
    scanner: Scanner = None,
    no_mouse: NoMouse = False,
    theme: Theme = None,
) -> None:
    """Open the screen on the store."""
    from vra_tui.store.connection import open_store
    from vra_tui.tui.app import run

    path = store_path(db)
    # Made here when it is new, so that a first start shows an empty screen that says what to do next.
    open_store(path, on_step=say).close()
    mouse = False if no_mouse else None
    raise typer.Exit(run(path, scanner=scanner_name(scanner), list_name=list_name, mouse=mouse, theme=theme))


def demo(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make the store anew; its decisions are lost.")
    ] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Bring the last night in at once.")] = False,
    scanner: Scanner = None,
    no_mouse: NoMouse = False,
    theme: Theme = None,
) -> None:
    """Open the screen on sample data, while its last night's exposures arrive."""
    from contextlib import nullcontext

    from vra_tui.pipeline.demo import make_demo_store, night_arriving, replay_last_night
    from vra_tui.tui.app import run

    path = make_demo_store(fresh=fresh, on_step=say)
    if fast:
        replay_last_night(path, seconds=0)
    with nullcontext() if fast else night_arriving(path):
        code = run(path, scanner=scanner_name(scanner), mouse=False if no_mouse else None, theme=theme)
    raise typer.Exit(code)
