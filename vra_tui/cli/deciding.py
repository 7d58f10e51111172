"""`vra decide`: a decision without the screen."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, begin_rules, open_existing, print_json


def decide(
    alert: Annotated[str, typer.Argument(metavar="ID", help="An id, survey:id, or a name.")],
    list_name: Annotated[
        str,
        typer.Argument(
            metavar="LIST", help="garbage, good, followup, possible, attic, pm ... or a survey's own."
        ),
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
    from vra_tui.export.id_columns import with_atlas_id
    from vra_tui.pipeline.deciding import decide_alerts
    from vra_tui.store.finding import called, find_alert
    from vra_tui.store.objects import names_of

    connection = open_existing(db)
    begin_rules(connection)
    alert_id, by = find_alert(connection, alert), author(scanner)
    [decision_id] = decide_alerts(
        connection, [alert_id], list_name, by, datetime.now(UTC), note=comment, tags=tags or ()
    )
    survey, object_id = names_of(connection, [alert_id])[alert_id]
    if as_json:
        record = {
            "decision_id": decision_id,
            "survey": survey,
            "object_id": object_id,
            "list": list_name,
        }
        print_json(with_atlas_id([record], list(record))[0][0])
    else:
        typer.echo(f"{called(survey, object_id)} is {list_name} (decision {decision_id})")
