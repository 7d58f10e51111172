"""`vra`, `vra scan` and `vra demo`: opening the screen. No other module of the command line imports it."""

import gc
import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vra_tui.cli.common import Db, Scanner, begin_rules, say, scanner_name, store_path
from vra_tui.cli.terminal import need_terminal
from vra_tui.text import printable

if TYPE_CHECKING:
    from vra_tui.config.reading import Config

ListOption = Annotated[
    str | None,
    typer.Option("--list", metavar="NAME", help="The list to open; else the one that was open last."),
]
NoMouse = Annotated[bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")]
#: So many stores are named beside one that is not there.
_NAMED = 5

Theme = Annotated[str | None, typer.Option(metavar="NAME", help="Colours.")]
Images = Annotated[
    str | None,
    typer.Option(metavar="HOW", help="Stamps: auto, blocks, kitty or off."),
]


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
    images: Images = None,
) -> None:
    """Open the screen on the store."""
    need_terminal()
    _draw_often()
    # What modules make stays: to look for garbage among it takes a tenth of the time of their import.
    gc.disable()
    from vra_tui.config.locations import default_store
    from vra_tui.store.connection import open_store
    from vra_tui.tui.app import run

    gc.enable()
    path, name = store_path(db), scanner_name(scanner)
    if not path.exists() and path != default_store():
        _ask_to_make(path)
    # Made here when it is new, so that a first start shows an empty screen that says what to do next.
    with closing(open_store(path, on_step=say)) as store:
        begin_rules(store)
    mouse = False if no_mouse else None
    raise typer.Exit(run(path, scanner=name, list_name=list_name, mouse=mouse, theme=theme, images=images))


def _draw_often() -> None:
    """Let Textual draw sooner than 60 times a second, before it is imported.

    What follows a key's first frame would wait for its turn longer than it takes to be drawn.
    """
    os.environ.setdefault("TEXTUAL_FPS", "240")


def _ask_to_make(path: Path) -> None:
    """Make no store where a name may be mistyped, unless the person at the terminal wants one."""
    say(printable(f"There is no store at {path}."))
    beside = sorted(one.name for one in path.parent.glob("*.db") if one.is_file())
    if beside:
        more = ", ..." if len(beside) > _NAMED else ""
        say(printable(f"In that folder: {', '.join(beside[:_NAMED])}{more}"))
    try:
        is_wanted = typer.confirm("Make an empty one there?")
    except typer.Abort:  # the end of the input
        is_wanted = False
    if not is_wanted:
        say("Nothing was made.")
        raise typer.Exit(2)


def demo(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make the store anew; its decisions are lost.")
    ] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Bring the last night in at once.")] = False,
    scanner: Scanner = None,
    no_mouse: NoMouse = False,
    theme: Theme = None,
    images: Images = None,
) -> None:
    """Open the screen on sample data whose last night is arriving."""
    need_terminal()
    _draw_often()
    from contextlib import nullcontext

    from vra_tui.pipeline.demo import make_demo_store, night_arriving, replay_last_night
    from vra_tui.tui.app import run

    name = scanner_name(scanner)
    path = make_demo_store(fresh=fresh, on_step=say)
    if fast:
        replay_last_night(path, seconds=0)
    with nullcontext() if fast else night_arriving(path):
        code = run(path, scanner=name, mouse=False if no_mouse else None, theme=theme, images=images)
    raise typer.Exit(code)


def keys_of_screen(config: "Config") -> Mapping[str, tuple[str, ...]]:
    """The keys in force by the screen's actions. Raises ConfigError for what ``[keys]`` may not say."""
    from vra_tui.tui.keymap import keys_in_force

    return keys_in_force(config)


def template_of_keys() -> str:
    """The section ``[keys]`` of a new configuration file."""
    from vra_tui.tui.keymap import keys_template

    return keys_template()
