"""`vra astronote`: drafts of AstroNotes from one or several alerts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, open_existing, print_json, say
from vra_tui.errors import VraError

if TYPE_CHECKING:
    from vra_tui.export.drafts.astronote import AstroNote
    from vra_tui.store import Store


def astronote(
    alerts: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Alerts, as `vra show` takes them.")
    ] = None,
    db: Db = None,
    item: Annotated[
        str | None, typer.Option(metavar="ITEM", help="The note in an item of the outbox, not of alerts.")
    ] = None,
    template: Annotated[
        str | None, typer.Option(metavar="FILE", help="A template of your own; else as configured.")
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change the note in $EDITOR.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Keep it in the outbox.")] = False,
    markdown: Annotated[bool, typer.Option("--md", help="Print it as Markdown.")] = False,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Print a draft of an AstroNote on one or several alerts."""
    from vra_tui.cli.editing import edited
    from vra_tui.export.drafts.astronote import as_markdown, as_record, as_text, draft_of, of_text
    from vra_tui.store.outbox import put

    store = open_existing(db)
    if bool(item) == bool(alerts):
        raise VraError("Name alerts for a note, or an item of the outbox with --item.")
    note, about, follows = _of_item(store, item) if item else _of_alerts(store, alerts or [], template)
    if edit:
        before = note
        note = of_text(edited(as_text(note), ".txt", lambda text: of_text(text, before)[1]), before)[0]
    if as_json:
        print_json(as_record(note))
    else:
        typer.echo((as_markdown if markdown else as_text)(note).rstrip("\n"))
    faults = _faults(note)
    for fault in faults:
        say(fault)
    if draft:
        made = draft_of(note, about, follows)
        (item_id,) = put(store, [made], by=author(scanner).scanner, now=datetime.now(UTC))
        say(f"The note is item {item_id} of the outbox.")
    if faults:
        raise typer.Exit(1)


#: A note, its alerts by name and number, and the item of the outbox that holds it.
_Found = tuple["AstroNote", dict[str, int], str | None]


def _of_alerts(store: "Store", alerts: list[str], template: str | None) -> _Found:
    from vra_tui.config.reading import load_config
    from vra_tui.export.drafts.astronote import make_note, read_note_template
    from vra_tui.export.drafts.facts import gather
    from vra_tui.pipeline.tns_target import survey_words
    from vra_tui.store.finding import find_alert

    options = load_config().tns()
    ids = list(dict.fromkeys(find_alert(store, one) for one in alerts))
    found = read_note_template(options.astronote if template is None else template, len(ids) == 1)
    facts = [gather(store, alert_id, survey_words) for alert_id in ids]
    return make_note(facts, found, options.reporter), {one.name: one.alert_id for one in facts}, None


def _of_item(store: "Store", item: str) -> _Found:
    from vra_tui.export.drafts.astronote import KIND, note_of
    from vra_tui.store import outbox

    kept = outbox.item(store, outbox.find_item(store, item))
    if kept.kind != KIND:
        raise VraError(f"Item {kept.item_id} is no AstroNote but `{kept.kind}`.")
    names = kept.identity.split(" ")
    return note_of(kept.content), dict(zip(names, kept.alert_ids, strict=False)), kept.item_id


def _faults(note: "AstroNote") -> list[str]:
    """What is wrong with a note, and which blanks of its template are to be filled."""
    from vra_tui.export.drafts.astronote import fields

    blanks = [f"line {one.line} of the template: `{{{one.name}}}` has no value here" for one in note.missing]
    return [f"The {one.label} {one.fault}." for one in fields(note) if one.fault] + blanks
