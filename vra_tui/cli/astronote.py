"""`vra astronote`: drafts of AstroNotes from one or several alerts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, open_existing, print_json, say

if TYPE_CHECKING:
    from vra_tui.export.drafts.astronote import AstroNote


def astronote(
    alerts: Annotated[list[str], typer.Argument(metavar="ID...", help="Alerts, as `vra show` takes them.")],
    db: Db = None,
    template: Annotated[
        str | None, typer.Option(metavar="FILE", help="A template of your own; else as configured.")
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change the note in $EDITOR.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Keep it in the outbox.")] = False,
    markdown: Annotated[bool, typer.Option("--md", help="Print it as Markdown.")] = False,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Print an AstroNote as text, or as the fields of its form. A person copies it to the TNS's page."""
    from vra_tui.cli.editing import edited
    from vra_tui.config.reading import load_config
    from vra_tui.export.drafts.astronote import (
        as_markdown,
        as_record,
        as_text,
        draft_of,
        make_note,
        of_text,
        read_note_template,
    )
    from vra_tui.export.drafts.facts import gather
    from vra_tui.pipeline.tns_target import survey_words
    from vra_tui.store.finding import find_alert
    from vra_tui.store.outbox import put

    options, store = load_config().tns(), open_existing(db)
    ids = list(dict.fromkeys(find_alert(store, one) for one in alerts))
    found = read_note_template(options.astronote if template is None else template, len(ids) == 1)
    facts = [gather(store, alert_id, survey_words) for alert_id in ids]
    note = make_note(facts, found, options.reporter)
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
        item_ids = put(store, [draft_of(note, facts)], by=author(scanner).scanner, now=datetime.now(UTC))
        say(f"The note is item {item_ids[0]} of the outbox.")
    if faults:
        raise typer.Exit(1)


def _faults(note: "AstroNote") -> list[str]:
    """What is wrong with a note, and which blanks of its template are to be filled."""
    from vra_tui.export.drafts.astronote import fields

    blanks = [f"line {one.line} of the template: `{{{one.name}}}` has no value here" for one in note.missing]
    return [f"The {one.label} {one.fault}." for one in fields(note) if one.fault] + blanks
