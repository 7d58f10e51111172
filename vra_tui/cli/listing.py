"""`vra list` and `vra show`: ranked lists and single alerts, for people and for machines."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_csv, print_json, say
from vra_tui.cli.figures import Plot, draw_lines, paper

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vra_tui.cli.output import TableColumn
    from vra_tui.store import Store
    from vra_tui.store.listing import ListRow

#: Columns for machines; where all rows are ATLAS's, `atlas_id` stands behind them.
COLUMNS = "survey object_id name ra dec t0_mjd preal pgal pfast rank is_gal_cand list visit model".split()


def list_alerts(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A list's name; all for everything.")
    ] = "eyeball",
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILTER", help="Filter words as on the screen, in quotes: 'rank > 7 mag<18 -tns'."
        ),
    ] = None,
    db: Db = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    out: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="table, json or csv.")
    ] = "table",
    as_json: AsJson = False,
) -> None:
    """Print a list, best rank first. `teach`: by what a label would teach, `gw`: by credible level."""
    from vra_tui.ranking.lists import ListName
    from vra_tui.store.listing import list_rows
    from vra_tui.store.query import ListQuery, explain_empty, query_ids
    from vra_tui.store.scores import follow_ups
    from vra_tui.store.sky_maps import levels_within
    from vra_tui.store.teach_list import teach_reasons

    connection = open_existing(db)
    query = ListQuery(name, "rank", " ".join(words or []))
    ids = query_ids(connection, query, limit=limit)
    if not len(ids):
        explain_empty(connection, query.words)
    reasons = teach_reasons(connection, ids.tolist()) if name == ListName.TEACH else {}
    levels = levels_within(connection) if name == ListName.GW else {}
    if as_json or out != "table":
        own: dict[str, Mapping[int, Any]] = {
            "reason": reasons,
            "gw_level": levels,
            "pfollow": follow_ups(connection, ids.tolist()),
        }
        records, columns = _records(connection, ids, own)
        if out == "csv" and not as_json:
            print_csv(records, columns)
        else:
            print_json(records)
    elif rows := list_rows(connection, ids.tolist()):
        _print_table(rows, reasons, has_levels=bool(levels))
    else:
        say(
            f"The list {name} is empty."
            if not query.words
            else f"Nothing in the list {name} is {query.words}."
        )


def _records(
    connection: "Store", ids: "NDArray[np.int64]", own: "Mapping[str, Mapping[int, Any]]"
) -> tuple[list[dict[str, Any]], list[str]]:
    """The alerts as records of `COLUMNS`, and the names of their columns.

    ``own``: columns that a list has of its own order, by id; one without values is left out.
    """
    from vra_tui.export.id_columns import with_atlas_id
    from vra_tui.store.table_columns import alert_columns

    lying, places = alert_columns(connection, ids, COLUMNS)
    found = {column: [values[place] for place in places.tolist()] for column, values in lying.items()}
    for name, values in own.items():
        if values:
            found[name] = [values.get(number) for number in ids.tolist()]
    rows = (dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True))
    return with_atlas_id(rows, list(found))


def _print_table(rows: "list[ListRow]", reasons: dict[int, str], has_levels: bool) -> None:
    from vra_tui.cli.output import TableColumn, number, print_columns
    from vra_tui.store.finding import called
    from vra_tui.text import printable

    columns = [
        TableColumn("rank", [number(row.rank) for row in rows], 9, is_right=True),
        TableColumn("alert", [called(row.survey, row.object_id) for row in rows], 9, is_dim=True),
        TableColumn("name", [_name(row) for row in rows], 6),
        TableColumn("P(real)", [number(row.preal) for row in rows], 3, is_right=True),
        TableColumn("P(gal)", [number(row.pgal) for row in rows], 2, is_right=True),
        TableColumn("P(fast)", [number(row.pfast) for row in rows], 1, is_right=True),
        *_follow_up(rows),
        TableColumn("day", ["-" if row.day is None else str(row.day) for row in rows], 4, is_right=True),
        TableColumn("mag", [number(row.last_mag) for row in rows], 5, is_right=True),
        TableColumn("class", [printable(row.context_class, 8) for row in rows], 0),
        TableColumn("sep″", [number(row.sep_arcsec, 1) for row in rows], 0, is_right=True),
        TableColumn("list", [row.list or "unscored" for row in rows], 8),
        TableColumn("flags", [" ".join(_flags(row)) for row in rows], 7),
    ]
    if has_levels:
        levels = ["-" if row.gw_level is None else f"{100 * row.gw_level:.1f} %" for row in rows]
        columns.insert(3, TableColumn("level", levels, 9, is_right=True))
    if reasons:
        columns.append(TableColumn("why", [reasons[row.alert_id] for row in rows], 8))
    print_columns(columns)


def _follow_up(rows: "list[ListRow]") -> "list[TableColumn]":
    """P(worth following up), where a model tells it of any of them."""
    from vra_tui.cli.output import TableColumn, number

    if all(row.pfollow is None for row in rows):
        return []
    return [TableColumn("P(follow)", [number(row.pfollow) for row in rows], 1, is_right=True)]


def _name(row: "ListRow") -> str:
    """The survey's name for people, else the name that others gave; none that repeats the id."""
    from vra_tui.text import printable

    name = row.name or row.other_name
    return "" if name == row.object_id else printable(name, 16)


def _flags(row: "ListRow") -> list[str]:
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
        "gw": row.gw_level is not None,
        "note": row.has_note,
    }
    return [flag for flag, is_set in flags.items() if is_set]


def show(
    alert: Annotated[
        str,
        typer.Argument(metavar="ID", help="An id, survey:id, a name, an address of its page, or a position."),
    ],
    db: Db = None,
    plot: Plot = False,
    as_json: AsJson = False,
) -> None:
    """Print one alert: context, scores, decisions, light curve."""
    from vra_tui.cli.showing import CurveNames, as_record, as_text
    from vra_tui.store.codes import band_names
    from vra_tui.store.curves import curve_and_bad
    from vra_tui.store.detail import alert_detail
    from vra_tui.store.finding import find_alert

    connection = open_existing(db)
    detail = alert_detail(connection, find_alert(connection, alert, by_position=True))
    curve, bad = curve_and_bad(connection, detail.row.alert_id)
    names = CurveNames(band_names(connection), _score_name(detail.survey))
    if as_json:
        print_json(as_record(detail, curve, names))
    else:
        typer.echo("\n".join(as_text(detail, curve, names)))
        if plot:
            from vra_tui.cli.curve_figure import curve_lines
            from vra_tui.store.curves import associated_curves

            others = associated_curves(connection, detail.row.alert_id)
            more = (detail.survey, others, bad)
            draw_lines(curve_lines(curve, detail.row.t0_mjd, names.bands, paper(), *more))


def _score_name(survey: str) -> str:
    """Return what a survey calls its real/bogus score."""
    from vra_tui.cli.showing import CurveNames
    from vra_tui.surveys import UnknownSurvey, installed_surveys

    try:
        return installed_surveys()[survey].score_name
    except UnknownSurvey:  # somebody's table, or a survey whose package is not installed here
        return CurveNames.score
