"""`vra list` and `vra show`: ranked lists and single alerts, for people and for machines."""

from typing import Annotated, Any, Literal

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_csv, print_json, say

COLUMNS = "alert_id name ra dec t0_mjd preal pgal pfast rank is_gal_cand list visit model".split()


def list_alerts(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A list's name; all for everything.")
    ] = "eyeball",
    db: Db = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    out: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="table, json or csv.")
    ] = "table",
    as_json: AsJson = False,
) -> None:
    """Print a ranked list, best rank first; `teach` by what a label would teach, with the reason."""
    from vra_tui.ranking.lists import ListName
    from vra_tui.store.listing import list_ids, list_rows
    from vra_tui.store.teach import teach_reasons

    connection = open_existing(db)
    ids = list_ids(connection, name, limit).tolist()
    rows = list_rows(connection, ids)
    reasons = teach_reasons(connection, ids) if name == ListName.TEACH else {}
    records = [{**{c: getattr(row, c) for c in COLUMNS}, "is_gal_cand": int(row.is_gal_cand)} for row in rows]
    columns = [*COLUMNS, "reason"] if reasons else COLUMNS
    for record in records if reasons else ():
        record["reason"] = reasons[record["alert_id"]]
    if as_json or out == "json":
        print_json(records)
    elif out == "csv":
        print_csv(records, columns)
    elif rows:
        _print_table(rows, reasons)
    else:
        say(f"The list {name} is empty.")


def _print_table(rows: list[Any], reasons: dict[int, str]) -> None:
    from vra_tui.cli.output import number, print_table
    from vra_tui.text import printable

    cells = [
        [
            number(row.rank), str(row.alert_id), printable(row.name, 16), number(row.preal), number(row.pgal),
            number(row.pfast), "-" if row.day is None else str(row.day), number(row.last_mag),
            printable(row.context_class, 8), number(row.sep_arcsec, 1), row.list or "unscored",
            " ".join(_flags(row)), *([reasons[row.alert_id]] if reasons else []),
        ]
        for row in rows
    ]  # fmt: skip
    header = "rank alert_id name P(real) P(gal) P(fast) day mag class sep″ list flags".split()
    header += ["why"] if reasons else []
    print_table(header, cells, right=(0, 3, 4, 5, 6, 7, 9))


def _flags(row: Any) -> list[str]:
    flags = {
        "NOW": row.follow_up == "now",
        "follow?": row.follow_up == "candidate",
        "anomaly": row.is_anomaly,
        "TNS": row.is_tns_match,
        "gal?": row.is_gal_cand,
        "fast": row.speed == "fast",
        "back": row.is_back,
        "scope!": row.is_outside,
        "2nd": row.opinion == "wanted",
        "2nd!": row.opinion == "disagree",
        "conflict": row.is_in_conflict,
        "note": row.has_note,
    }
    return [flag for flag, is_set in flags.items() if is_set]


def show(
    alert: Annotated[str, typer.Argument(metavar="ID", help="An id, an ATLAS name or a TNS name.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Print one alert: context, scores, decisions, light curve."""
    from vra_tui.cli.showing import as_record, as_text
    from vra_tui.store.curves import light_curve
    from vra_tui.store.detail import alert_detail
    from vra_tui.store.finding import find_alert

    connection = open_existing(db)
    detail = alert_detail(connection, find_alert(connection, alert))
    curve = light_curve(connection, detail.row.alert_id)
    if as_json:
        print_json(as_record(detail, curve))
    else:
        typer.echo("\n".join(as_text(detail, curve)))
