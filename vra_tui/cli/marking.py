"""`vra mark`: call epochs bad, take that back, or list what was said of them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, open_existing, print_json, say

if TYPE_CHECKING:
    from vra_tui.store.epoch_marks import EpochMark


def mark(
    alert: Annotated[str, typer.Argument(metavar="ID", help="An id, survey:id, or a name.")],
    db: Db = None,
    epochs: Annotated[
        list[str] | None,
        typer.Option("--epoch", metavar="MJD[/BAND]", help="An exposure by its time; repeatable."),
    ] = None,
    source_id: Annotated[
        str | None, typer.Option("--source", metavar="ID", help="Of its detections, the one with this id.")
    ] = None,
    bad: Annotated[bool, typer.Option("--bad", help="They are bad: left out of all from now on.")] = False,
    good: Annotated[bool, typer.Option("--good", help="They are good after all.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = "",
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Call epochs of an alert bad, or take that back. Without --epoch: list what was said of them."""
    from vra_tui.errors import VraError
    from vra_tui.pipeline.marking import epochs_at
    from vra_tui.pipeline.marking import mark as mark_them
    from vra_tui.store.epoch_marks import marks_of
    from vra_tui.store.finding import find_alert

    connection = open_existing(db)
    alert_id = find_alert(connection, alert)
    if epochs and bad == good:
        raise VraError("Say --bad or --good of the epochs. Nothing was marked.")
    if not epochs and (bad or good or source_id or reason):
        raise VraError("Name the epochs with --epoch MJD or --epoch MJD/BAND. Nothing was marked.")
    made: list[str] = []
    if epochs:
        meant = {
            one.name: one
            for words in epochs
            for one in epochs_at(connection, alert_id, *_time_and_band(words), source_id)
        }
        by, now = author(scanner), datetime.now(UTC)
        made = mark_them(connection, alert_id, list(meant.values()), bad, by, now, reason)
    found = [one for one in marks_of(connection, alert_id) if not made or one.mark_id in made]
    if as_json:
        print_json([_record(one) for one in found])
    elif found:
        _print(found)
        if made:
            say("`vra score` makes its scores anew; `vra mark ID --epoch … --good` takes this back.")
    else:
        say("Nothing was said of its epochs.")


def _time_and_band(words: str) -> tuple[float, str | None]:
    from vra_tui.errors import VraError

    time, _, band = words.partition("/")
    try:
        return float(time), band or None
    except ValueError:
        raise VraError(
            f"{words[:40]!r} is no MJD and no MJD/BAND, as 60677.1234/r. Nothing was marked."
        ) from None


def _record(one: "EpochMark") -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if name != "alert_id"}


def _print(found: "list[EpochMark]") -> None:
    from vra_tui.cli.output import print_table
    from vra_tui.text import printable

    rows = [
        [
            one.timestamp[:19].replace("T", " "),
            "bad" if one.is_bad else "good",
            "-" if one.mjd is None else f"{one.mjd:.5f}",
            printable(one.band, 8) or "-",
            one.section,
            printable(one.scanner, 12),
            printable(one.reason, 60),
        ]
        for one in found
    ]
    print_table(("time (UTC)", "is", "mjd", "band", "section", "scanner", "reason"), rows, right=(2,))
