"""`vra labels`: export, import, exchange and count labels."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, open_existing, print_json, say, scanner_name
from vra_tui.cli.doubt import doubt
from vra_tui.cli.log import Since
from vra_tui.cli.verbs import Verbs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vra_tui.domain.refusal import Refusal
    from vra_tui.store.label_entry import Merged

app = typer.Typer(cls=Verbs, help="Export, import, exchange and count labels.", no_args_is_help=True)

app.command("doubt")(doubt)

#: So many refused rows are named on the terminal; the others are counted.
_NAMED = 20
_SQLITE = b"SQLite format 3\x00"


@app.command("export")
def export(
    db: Db = None,
    out_format: Annotated[
        Literal["csv", "jsonl", "parquet"] | None,
        typer.Option("--format", help="csv, jsonl or parquet; default as the name of --out ends, or csv."),
    ] = None,
    encoding: Annotated[
        Literal["plain", "vra"],
        typer.Option(help="vra: preal, pgal, pfast as the survey's VRA encodes decisions."),
    ] = "plain",
    history: Annotated[
        bool, typer.Option("--history", help="Every decision, undo, note and mark: what `import` takes.")
    ] = False,
    epochs: Annotated[
        bool, typer.Option("--epochs", help="The epochs that were called bad, one row each.")
    ] = False,
    since: Since = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only yours.")] = False,
    scanner: Scanner = None,
    with_machine: Annotated[
        bool, typer.Option("--with-machine", help="The policies' own decisions too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: standard output.")
    ] = None,
) -> None:
    """Print one row per standing decision, or the whole history. With the scores that were on screen."""
    from vra_tui.errors import VraError
    from vra_tui.export import label_files as labels
    from vra_tui.store.log import HistoryQuery, bound

    if epochs and (history or encoding != "plain" or since or mine or scanner or with_machine):
        raise VraError("--epochs goes alone, with --format and --out: it tells what stands of each epoch.")
    if history and encoding != "plain":
        raise VraError("--history and --encoding vra exclude each other: the encoding knows no undo.")
    connection = open_existing(db)
    query = HistoryQuery(
        scanner=scanner_name(scanner) if mine or scanner else None,
        after=None if since is None else bound(since, datetime.now(UTC)),
        with_machine=with_machine,
    )
    if epochs:
        rows, columns = labels.epoch_labels(connection), labels.EPOCH_COLUMNS
    elif history:
        rows, columns = labels.history_labels(connection, query), labels.history_columns(connection, query)
    else:
        rows, columns = labels.standing_labels(connection, query), labels.plain_columns(connection, query)
    if encoding == "vra":
        if others := labels.labels_elsewhere(connection, query):
            say(f"{others} labels of other surveys are left out: the encoding is that of the ATLAS server.")
        rows, columns = labels.vra_encoded(connection, rows), labels.VRA_COLUMNS
    count = _write(rows, columns, out_format or _format_of(out), out, is_whole=history)
    if out is not None:
        say(f"{count} {'epochs' if epochs else 'rows' if history else 'labels'} in {out}")


def _format_of(out: Path | None) -> str:
    suffix = "" if out is None else out.suffix.lower()
    return {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}.get(suffix, "csv")


def _write(
    rows: "Iterable[Mapping[str, Any]]", columns: list[str], form: str, out: Path | None, is_whole: bool
) -> int:
    from vra_tui.errors import VraError
    from vra_tui.export import tables
    from vra_tui.export.files import replaced_bytes

    if form == "parquet":
        if out is None:
            raise VraError("Parquet goes to a file: name it with --out FILE.parquet.")
        with replaced_bytes(out) as file:
            return tables.write_parquet(rows, columns, file)
    with _opened(out) as text:
        if form == "jsonl":
            return tables.write_jsonl(rows, text)
        return tables.write_csv(rows, columns, text, tables.escaped if is_whole else tables.one_line)


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="Histories (csv, jsonl, parquet), stores (.db), the Lasair VRA's tables; - for stdin.",
        ),
    ],
    db: Db = None,
    scanner: Annotated[
        str | None,
        typer.Option("--scanner", metavar="NAME", help="Who gave the labels of the Lasair VRA's tables."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in decisions, notes and marks of others. Twice, or in another order, is the same."""
    from vra_tui.export import lasair_labels
    from vra_tui.export.label_files import NEEDED_COLUMNS
    from vra_tui.export.tables import read_table
    from vra_tui.pipeline.own_labels import enter_own_labels
    from vra_tui.store.bundle import other_store
    from vra_tui.store.decision_ids import new_id
    from vra_tui.store.label_entry import Merged
    from vra_tui.store.label_log import SqliteLabelLog
    from vra_tui.surveys import installed_surveys

    refusals = Refusals()
    merged = Merged()
    now = datetime.now(UTC)
    # One import for all files: it is taken back by one.
    here = SqliteLabelLog(open_existing(db), "here", new_id(now))
    for path in files:
        with _source(path) as file:
            if file.peek(16)[:16] == _SQLITE:
                with other_store(path) as other:
                    entries = SqliteLabelLog(other, str(path)).entries()
                    merged += here.append(entries, refusals, now=now)
            else:
                name = "<stdin>" if path == Path("-") else str(path)
                pieces = read_table(file, name, (*NEEDED_COLUMNS, lasair_labels.COLUMNS))
                by = scanner or lasair_labels.LASAIR_VRA
                merged += here.append(lasair_labels.with_lasair(pieces, by), refusals, now=now)
    # So that labels of a survey whose first alerts are still to come teach already.
    enter_own_labels(here.store, installed_surveys())
    tell(merged, refusals, as_json)


@app.command("sync")
def sync(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="One that all of a team can write.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Exchange decisions and notes with a shared folder. Both ways; twice changes nothing."""
    from vra_tui.errors import VraError
    from vra_tui.export.label_folder import LabelFolder
    from vra_tui.store.label_log import SqliteLabelLog, exchange

    if not folder.is_dir():
        raise VraError(f"There is no folder {folder}. Make it first, where all of the team can write.")
    refusals = Refusals()
    here = SqliteLabelLog(open_existing(db), "here")
    taken, given = exchange(here, LabelFolder(folder), refusals, now=datetime.now(UTC))
    say(
        f"{given.decisions} decisions, {given.undos} undos and {given.notes} notes went to {folder}; "
        "of those that it held:"
    )
    tell(taken, refusals, as_json)


class Refusals:
    """Names the first refused rows on standard error, and counts the others."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, refusal: "Refusal") -> None:
        """Name one."""
        from vra_tui.text import printable

        self._count += 1
        if self._count <= _NAMED:
            say(printable(f"refused: {refusal.source}: {refusal.position}: {refusal.reason}"))

    def close(self) -> None:
        """Say how many were not named."""
        if self._count > _NAMED:
            say(f"... and {self._count - _NAMED} more were refused.")


def tell(merged: "Merged", refusals: Refusals, as_json: bool) -> None:
    """Say what came of a merge; part of it refused is exit code 1."""
    refusals.close()
    if as_json:
        print_json(vars(merged))
    else:
        typer.echo(
            f"{merged.decisions} decisions, {merged.undos} undos and {merged.notes} notes are new, "
            f"{merged.known} were known, {merged.refused} refused"
        )
        if merged.marks:
            say(f"{merged.marks} marks on epochs are new: their alerts wait to be scored anew.")
        if merged.machine:
            say(
                f"{merged.machine} decisions of other stores' policies were left out: each store has its own."
            )
        if merged.waiting:
            say(f"{merged.waiting} are on alerts that are not here: they stand when the alert arrives.")
        if merged.import_id is not None and merged.decisions:
            say(f"`vra undo --batch {merged.import_id[-12:]}` takes these decisions back.")
        if merged.in_conflict:
            say(f"{merged.in_conflict} alerts are in conflict: `vra labels conflicts` shows them.")
    if merged.refused:
        raise typer.Exit(1)


@app.command("conflicts")
def conflicts(
    db: Db = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many alerts.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show decisions that differ and did not know of each other. Side by side; the latest one stands.

    A decision taken now knows of all of them and settles it.
    """
    from vra_tui.cli.log import for_machines, print_log
    from vra_tui.export.id_columns import ID_COLUMNS, with_atlas_id
    from vra_tui.store import log
    from vra_tui.store.objects import names_of

    connection = open_existing(db)
    found = log.conflicts(connection, limit)
    named = names_of(connection, [conflict.alert_id for conflict in found])
    if as_json:
        records = (
            {
                **dict(zip(ID_COLUMNS, named[one.alert_id], strict=True)),
                "name": one.name,
                "sides": [for_machines(side, named[one.alert_id]) for side in one.sides],
            }
            for one in found
        )
        print_json(with_atlas_id(records, ())[0])
    elif found:
        print_log([side for conflict in found for side in conflict.sides], named)
        say("Of each alert's decisions the last one stands; `vra decide ID LIST` settles it.")
    else:
        say("No decisions are in conflict.")


@app.command("imports")
def imports(db: Db = None, as_json: AsJson = False) -> None:
    """List what was imported here, the latest first. `vra undo --batch ID` takes an import back."""
    from vra_tui.cli.output import print_table
    from vra_tui.store import batches

    found = batches.imports(open_existing(db))
    if as_json:
        print_json(
            [{**vars(one), "moment": None if one.moment is None else one.moment.isoformat()} for one in found]
        )
        return
    rows = [
        [
            "-" if one.moment is None else f"{one.moment:%Y-%m-%d %H:%M:%S}",
            one.import_id[-12:] if one.moment else one.import_id,
            str(one.decisions),
            str(one.left),
        ]
        for one in found
    ]
    print_table(("time (UTC)", "id", "decisions", "not undone"), rows, right=(2, 3))


@app.command("stats")
def stats(db: Db = None, as_json: AsJson = False) -> None:
    """Count labels by list and scanner, and say what each survey's buy."""
    from vra_tui.cli.output import print_table
    from vra_tui.export.label_files import label_counts
    from vra_tui.pipeline.reckon_evening import reckon_what_is_new
    from vra_tui.text import printable

    store = open_existing(db)
    counts = label_counts(store)
    if as_json:
        print_json(counts)
        return
    rows = [[c["list"], c["label"] or "-", printable(c["scanner"], 40), str(c["decisions"])] for c in counts]
    print_table(("list", "label", "scanner", "decisions"), rows, right=(3,))
    for line in reckon_what_is_new(store, lambda: datetime.now(UTC), say):
        typer.echo(line)


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    from vra_tui.export.files import replaced

    if out is None:
        yield sys.stdout
    else:
        with replaced(out) as file:
            yield file


@contextmanager
def _source(path: Path) -> Iterator[Any]:
    from vra_tui.errors import VraError

    if path == Path("-"):
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise VraError(
            f"{path} cannot be read: {error.strerror or error}. Nothing was taken from it or after it."
        ) from None
    with file:
        yield file
