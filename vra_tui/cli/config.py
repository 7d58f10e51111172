"""`vra config`: what is configured, where, and an editor on it."""

import os
import shlex
import subprocess

import typer

from vra_tui.cli.common import AsJson, print_json, say
from vra_tui.cli.verbs import Verbs

app = typer.Typer(cls=Verbs, help="Show or edit the configuration.", no_args_is_help=True)


@app.command("show")
def show(as_json: AsJson = False) -> None:
    """All options in force, and where each came from."""
    from vra_tui.tui.config import load_config

    config = load_config()
    keys = {name: list(wanted) for name, wanted in config.keys.items()}
    if as_json:
        print_json({"path": str(config.path), "options": dict(config.values), "keys": keys})
        return
    for name, value in config.values.items():
        shown = str(value).lower() if isinstance(value, bool) else value
        typer.echo(f"{name:<40} {shown!s:<12} {config.sources[name]}")


@app.command("path")
def path() -> None:
    """Where the configuration file is, or would be."""
    from vra_tui.tui.config import config_path

    typer.echo(config_path())


@app.command("edit")
def edit() -> None:
    """Open the file in $VISUAL or $EDITOR, with every option as a comment where it is new; then check it."""
    from vra_tui.private import make_private
    from vra_tui.tui.config import config_path, load_config, template

    file = config_path()
    if not file.exists():
        make_private(file.parent)
        file.touch(mode=0o600)
        file.write_text(template(), encoding="utf-8")
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        subprocess.run([*shlex.split(editor), str(file)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"The editor did not end well ({error}). The file is {file}.")
        raise typer.Exit(2) from None
    load_config(file)
