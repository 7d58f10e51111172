"""`vra config`: show the configuration and its place, and edit it."""

import typer

from vra_tui.cli.common import AsJson, print_json, say
from vra_tui.cli.editing import run_editor
from vra_tui.cli.opening import keys_of_screen, template_of_keys
from vra_tui.cli.verbs import Verbs

app = typer.Typer(cls=Verbs, help="Show or edit the configuration.", no_args_is_help=True)


@app.command("show")
def show(as_json: AsJson = False) -> None:
    """Print all options in force, and where each came from."""
    from vra_tui.config.reading import load_config

    config = load_config()
    keys = {name: list(wanted) for name, wanted in keys_of_screen(config).items()}
    sources = {name: source.shown() for name, source in config.alert_sources.items()}
    rules = {name: rule.shown() for name, rule in config.outbox_rules.items()}
    if as_json:
        print_json(
            {
                "path": str(config.path),
                "options": dict(config.values),
                "keys": keys,
                "sources": sources,
                "messages": {name: rule.shown() for name, rule in config.message_rules.items()},
                "outbox_rules": rules,
            }
        )
        return
    for name, value in config.values.items():
        shown = str(value).lower() if isinstance(value, bool) else value
        typer.echo(f"{name:<40} {shown!s:<12} {config.origins[name]}")
    for name, source in sources.items():
        for key, given in source.items():
            typer.echo(f"{f'source.{name}.{key}':<40} {given!s:<12} {config.path}")
    for name, message_rule in config.message_rules.items():
        told = f"{message_rule.when} → {', '.join(message_rule.to)}"
        typer.echo(f"{f'message.{name}':<40} {told}")
    for name, rule in rules.items():
        for key, given in rule.items():
            typer.echo(f"{f'outbox.rule.{name}.{key}':<40} {given!s:<12} {config.path}")


@app.command("path")
def path() -> None:
    """Tell where the configuration file is, or would be."""
    from vra_tui.config.reading import config_path

    typer.echo(config_path())


@app.command("edit")
def edit() -> None:
    """Open the file in $VISUAL or $EDITOR, then check it.

    Where it is new, every option stands in it as a comment.
    """
    from vra_tui.config.reading import config_path, load_config
    from vra_tui.config.template import template
    from vra_tui.private import make_private

    file = config_path()
    if not file.exists():
        make_private(file.parent)
        file.touch(mode=0o600)
        file.write_text(f"{template()}\n{template_of_keys()}", encoding="utf-8")
    if wrong := run_editor(file):
        say(f"The editor did not end well ({wrong}). The file is {file}.")
        raise typer.Exit(2)
    keys_of_screen(load_config(file))
