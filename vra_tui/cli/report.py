"""`vra report`: report what the team and the policies did, and the possible misses."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say
from vra_tui.cli.figures import Plot

if TYPE_CHECKING:
    from vra_tui.export.report import ReportSection
    from vra_tui.store.activity import Activity

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def report(
    week: Annotated[bool, typer.Option("--week", help="The last seven days.")] = False,
    since: Annotated[datetime | None, typer.Option(help="From this day or time (UTC) on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Up to this day or time (UTC).")] = None,
    db: Db = None,
    form: Annotated[
        Literal["text", "md", "json"], typer.Option("--format", help="text, md (Markdown) or json.")
    ] = "text",
    plot: Plot = False,
    as_json: AsJson = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.md", help="Write Markdown to a file.")
    ] = None,
) -> None:
    """Report on decisions: by whom, of what, how fast, how they agree.

    Also on potential misses, purgatory and shadow models.
    """
    from vra_tui.errors import VraError
    from vra_tui.export.files import replaced
    from vra_tui.export.report import ReportSection, as_markdown, as_record, sections
    from vra_tui.pipeline.cap_inflow import inflow_words
    from vra_tui.pipeline.reckon_evening import kept_lines
    from vra_tui.store.activity import Period, activity
    from vra_tui.store.drift_verdict import drift_words

    if week and since is not None:
        raise VraError("--week and --since both say where the report begins: leave one of them out.")
    end = (until or datetime.now(UTC)).replace(tzinfo=UTC)
    begin = end - timedelta(days=7) if week else (since or _EVER).replace(tzinfo=UTC)
    if begin >= end:
        raise VraError("The report would end before it begins: look at --since and --until.")
    connection = open_existing(db)
    found = activity(connection, Period(begin.isoformat(), end.isoformat()))
    warnings = [words for words in (drift_words(connection), inflow_words(connection)) if words]
    start = f"{begin:%Y-%m-%d}" if begin > _EVER else "the beginning"
    title = f"Scanning from {start} to {end:%Y-%m-%d %H:%M} UTC"
    parts = sections(found, warnings)
    if lines := kept_lines(connection):
        parts.append(ReportSection("What the labels buy", lines))
    if out is not None:
        with replaced(out) as file:
            file.write(as_markdown(title, parts))
        say(f"The report is in {out}.")
    elif as_json or form == "json":
        print_json(as_record(found, warnings))
    elif form == "md":
        typer.echo(as_markdown(title, parts), nl=False)
    else:
        _print(title, parts)
        if plot:
            _draw(found)


def _print(title: str, parts: "list[ReportSection]") -> None:
    from vra_tui.cli.output import print_table

    typer.echo(title)
    for part in parts:
        typer.echo(f"\n{part.title}")
        for line in part.lines:
            typer.echo(f"  {line}")
        if part.rows:
            numbers = [i for i, cells in enumerate(zip(*part.rows, strict=True)) if _are_numbers(cells)]
            print_table(part.header, part.rows, right=numbers)


def _are_numbers(cells: tuple[str, ...]) -> bool:
    return all(cell == "-" or cell.rstrip("%").replace(".", "", 1).isdigit() for cell in cells)


def _draw(found: "Activity") -> None:
    """Draw what was decided, by whom, and what is left."""
    from vra_tui.cli.figures import Bars, show

    show(
        *(
            Bars(title, "alerts", {name: float(count) for name, count in counts.items()})
            for title, counts in (
                ("Decided by scanners, by label", found.labels),
                ("Decided, by scanner", {work.scanner: work.alerts for work in found.scanners}),
                ("Still undecided, by list", found.left),
            )
            if counts
        )
    )
