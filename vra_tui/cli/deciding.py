"""`vra decide`: a decision without the screen."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, open_existing, print_json


def decide(
    alert: Annotated[str, typer.Argument(metavar="ID", help="An id or a name.")],
    list_name: Annotated[
        str, typer.Argument(metavar="LIST", help="garbage, good, followup, possible, attic, pm ...")
    ],
    db: Db = None,
    comment: Annotated[str | None, typer.Option(help="A note that is kept with the decision.")] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="WORD", help="A tag to find it by; repeatable.")
    ] = None,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """File one alert, as the key on the screen does."""
    from vra_tui.store import decisions
    from vra_tui.store.connection import transaction
    from vra_tui.store.finding import find_alert

    connection = open_existing(db)
    alert_id, by = find_alert(connection, alert), author(scanner)
    with transaction(connection):
        decision_id = decisions.decide(
            connection, alert_id, list_name, by, datetime.now(UTC), note=comment, tags=tags or ()
        )
    if as_json:
        print_json({"decision_id": decision_id, "alert_id": alert_id, "list": list_name})
    else:
        typer.echo(f"{alert_id} is {list_name} (decision {decision_id})")
