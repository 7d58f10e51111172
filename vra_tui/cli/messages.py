"""`vra messages`: the rules by which somebody is told of alerts, and a test of who hears them."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, open_existing, print_json, say, scanner_name
from vra_tui.cli.verbs import Verbs

app = typer.Typer(
    cls=Verbs, help="Who is told of which alerts: webhooks, bell, notification.",
    no_args_is_help=True,
)  # fmt: skip


@app.command("list")
def list_rules(db: Db = None, as_json: AsJson = False) -> None:
    """Print the rules for messages, and what of each waits to be told."""
    from vra_tui.config.reading import load_config
    from vra_tui.pipeline.messages import check_messages
    from vra_tui.store.message_alerts import rule_state, waiting

    store, now = open_existing(db), datetime.now(UTC)
    found = [
        (rule, rule_state(store, rule.name), len(waiting(store, rule.name)))
        for rule in check_messages(load_config().message_rules)
    ]
    if as_json:
        print_json(
            [
                {
                    "rule": rule.name, "when": rule.when, "to": list(rule.to), "every_s": rule.every,
                    "is_quiet": rule.is_quiet(now), "told_at": None if state is None else state.told_at,
                    "waiting": waits,
                }
                for rule, state, waits in found
            ]
        )  # fmt: skip
        return
    if not found:
        say("No rule tells anybody: add [message.NAME] to the configuration (docs/messages.md).")
        return
    from vra_tui.cli.output import print_table
    from vra_tui.text import printable

    print_table(
        ("rule", "when", "to", "every", "told last (UTC)", "wait", ""),
        [
            (
                printable(rule.name, 20), printable(rule.when, 40), printable(", ".join(rule.to), 30),
                _duration(rule.every),
                "-" if state is None or state.told_at is None else state.told_at[:16].replace("T", " "),
                str(waits), "quiet now" if rule.is_quiet(now) else "",
            )
            for rule, state, waits in found
        ],
        right=[5],
    )  # fmt: skip


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 or seconds % 60 else f"{seconds / 60:g} min"


@app.command("test")
def try_rule(
    name: Annotated[str, typer.Argument(metavar="RULE", help="A rule of the configuration.")],
    db: Db = None,
    scanner: Scanner = None,
) -> None:
    """Send a rule's webhooks an empty message, to see whether they hear.

    Ends with 1 where one does not.
    """
    from vra_tui.cli.telling import send_messages
    from vra_tui.config.reading import load_config
    from vra_tui.errors import VraError
    from vra_tui.pipeline.message_text import test_content
    from vra_tui.pipeline.messages import check_messages, put_message

    config = load_config()
    known = {rule.name: rule for rule in check_messages(config.message_rules)}
    if name not in known:
        there = f"There are: {', '.join(known)}." if known else "It has none."
        raise VraError(f"{config.path} has no [message.{name}]. {there}")
    rule = known[name]
    if not rule.webhooks:
        raise VraError(f"The rule `{name}` tells only the terminal of whoever has the screen open.")
    store = open_existing(db)
    put_message(store, rule, test_content(rule), [], datetime.now(UTC), by=scanner_name(scanner))
    if not send_messages(store, config):
        raise typer.Exit(1)
