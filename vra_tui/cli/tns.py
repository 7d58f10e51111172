"""`vra tns`: reports to the Transient Name Server, as drafts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, Scanner, author, open_existing, print_json, say
from vra_tui.cli.verbs import Verbs
from vra_tui.errors import VraError

if TYPE_CHECKING:
    from vra_tui.config.reading import Config
    from vra_tui.export.drafts.at_report import AtReport
    from vra_tui.export.drafts.facts import AlertFacts
    from vra_tui.export.drafts.finding import Finding
    from vra_tui.store import Store
    from vra_tui.store.outbox import Item

app = typer.Typer(cls=Verbs, help="Reports to the Transient Name Server, as drafts.")


@app.callback()
def group() -> None:
    """Reports to the Transient Name Server."""


@app.command("report")
def report(
    alerts: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Alerts, as `vra show` takes them.")
    ] = None,
    db: Db = None,
    list_name: Annotated[
        str | None,
        typer.Option("--list", metavar="NAME", help="All of a list that no report tells of yet: good."),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(metavar="ITEM", help="The report of an item of the outbox, in place of alerts."),
    ] = None,
    assign: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=TEXT", help="Write a field of the form.")
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change the form in $EDITOR.")] = False,
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE=REASON", help="Why the warning of a rule does not count; it is kept."),
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Put it into the outbox, to be approved there.")
    ] = False,
    real: Annotated[
        bool, typer.Option("--real", help="For the TNS itself; without it for its sandbox.")
    ] = False,
    spelling: Annotated[
        str | None, typer.Option(metavar="NAME", help="Keys of the JSON: flat, grouped, or a file.")
    ] = None,
    scanner: Scanner = None,
    as_json: AsJson = False,
) -> None:
    """Print a draft of an AT report, field by field, as checked."""
    from vra_tui.config.reading import load_config
    from vra_tui.export.drafts.at_checks import RULES, rules_named
    from vra_tui.export.drafts.spelling import joined, read_spelling, written
    from vra_tui.pipeline.tns_target import tns_target

    config, store = load_config(), open_existing(db)
    keys = read_spelling(spelling or config.tns().spelling)
    texts, reasons = _pairs(assign, "--set"), _pairs(override, "--override")
    if unknown := rules_named(reasons):
        raise VraError(f"There is no rule `{unknown[0]}`. There are: {', '.join(RULES)}.")
    target = tns_target(config, real) if draft else ""
    now = datetime.now(UTC)
    if list_name:
        alerts = [*(alerts or []), *_unreported(store, list_name, is_real=real)]
        if not alerts:
            say(f"Of the list {list_name} everything is reported.")
            return
    works = _of_item(store, item, alerts) if item else _of_alerts(store, alerts or [], config, now)
    done, failed = list[dict[str, Any]](), False
    for work in works:
        try:
            work.prepare(texts, edit=edit)
            findings = work.check(config, now, is_real=real)
            if as_json:
                done.append(written(work.report, keys, now.date()))
            else:
                _print(work)
            failed |= _tell(work, findings, reasons, is_told=as_json)
            if draft:
                work.put(keys, findings, reasons, target=target, is_real=real, now=now, by=scanner)
        except VraError as error:
            failed = True
            say(str(error))
            for choice in error.choices:
                say(f"  {choice}")
    if as_json and done:
        print_json(joined(done))
    if failed or len(works) < len(alerts or ()):
        raise typer.Exit(1)


@app.command("rules")
def rules(as_json: AsJson = False) -> None:
    """Print the rules by which reports are checked."""
    from vra_tui.cli.output import print_table
    from vra_tui.export.drafts.at_checks import RULES

    if as_json:
        print_json([{"rule": name, "asks": asks} for name, asks in RULES.items()])
    else:
        print_table(["rule", "asks that"], list(RULES.items()))


class _Work:
    """One report on its way: from an alert, or from an item of the outbox."""

    def __init__(
        self, store: "Store", facts: "AlertFacts", report: "AtReport", item: "Item | None" = None
    ) -> None:
        self.store, self.facts, self.report, self.item = store, facts, report, item

    def prepare(self, texts: Mapping[str, str], *, edit: bool) -> None:
        """Write fields, then have the form edited. Raises VraError; the report is as it was then."""
        from vra_tui.cli.editing import edited
        from vra_tui.export.drafts.at_form import as_text, of_text
        from vra_tui.export.drafts.at_report import changed, names

        found = self.report
        for name, text in texts.items():
            try:
                found = changed(found, name, text)
            except KeyError:
                raise VraError(
                    f"A report has no field `{name}`. It has: {', '.join(names(found))}."
                ) from None
        if edit:
            before = found
            text = edited(as_text(found), ".txt", lambda text: of_text(text, before)[1])
            found = of_text(text, before)[0]
        self.report = found

    def check(self, config: "Config", now: datetime, *, is_real: bool) -> "list[Finding]":
        """What the rules find now."""
        from vra_tui.export.drafts.at_checks import check

        least = int(config.tns().min_detections)
        return check(self.report, self.facts, now, min_detections=least, is_real=is_real)

    def put(
        self, keys: Mapping[str, Any], findings: "list[Finding]", reasons: Mapping[str, str],
        *, target: str, is_real: bool, now: datetime, by: str | None,
    ) -> None:  # fmt: skip
        """Put it into the outbox. Raises NotReady."""
        from vra_tui.export.drafts.at_draft import draft_of
        from vra_tui.store.outbox import put

        reasons = {**(self.item.content.get("overrides", {}) if self.item else {}), **reasons}
        made = draft_of(
            self.report, self.facts.alert_id, findings, keys, target=target, is_real=is_real, now=now,
            overrides=reasons, decision_id=self.facts.decision_id,
            follows=self.item.item_id if self.item else None,
        )  # fmt: skip
        (item_id,) = put(self.store, [made], by=author(by).scanner, now=now)
        say(f"{made.subject}: item {item_id} of the outbox. `vra outbox approve` lets it leave.")


def _unreported(store: "Store", name: str, *, is_real: bool) -> list[str]:
    """The alerts of a list that neither the TNS knows nor a report from here tells of. Raises UnknownList."""
    from vra_tui.export.drafts.facts import REAL, REPORT, SANDBOX
    from vra_tui.store.listing import list_rows
    from vra_tui.store.outbox import NOT_LEFT, State, items
    from vra_tui.store.query import ListQuery, query_ids

    states = (*NOT_LEFT, State.SENDING, State.ACCEPTED)
    server = REAL if is_real else SANDBOX
    told = {
        alert_id
        for one in items(store, kinds=[REPORT], states=states)
        if one.content.get("server") == server
        for alert_id in one.alert_ids
    }
    rows = list_rows(store, query_ids(store, ListQuery(name, "rank", "-tns")).tolist())
    return [f"{row.survey}:{row.object_id}" for row in rows if row.alert_id not in told]


def _of_alerts(store: "Store", alerts: list[str], config: "Config", now: datetime) -> list[_Work]:
    """The reports of alerts; what cannot be reported is said, and left out."""
    from vra_tui.export.drafts.at_report import build
    from vra_tui.export.drafts.facts import gather
    from vra_tui.pipeline.tns_target import survey_words
    from vra_tui.store.finding import find_alert

    if not alerts:
        raise VraError("Name an alert to report, or an item of the outbox with --item.")
    found = []
    for one in alerts:
        try:
            facts = gather(store, find_alert(store, one), survey_words)
            found.append(_Work(store, facts, build(facts, config.tns(), now)))
        except VraError as error:
            say(str(error))
            for choice in error.choices:
                say(f"  {choice}")
    return found


def _of_item(store: "Store", item: str, alerts: list[str] | None) -> list[_Work]:
    """The report of an item of the outbox, with its alert as it is now."""
    from vra_tui.export.drafts.at_draft import report_of
    from vra_tui.export.drafts.facts import REPORT, gather
    from vra_tui.pipeline.tns_target import survey_words
    from vra_tui.store import outbox

    if alerts:
        raise VraError("Name alerts or --item, not both.")
    kept = outbox.item(store, outbox.find_item(store, item))
    if kept.kind != REPORT or not kept.alert_ids:
        raise VraError(f"Item {kept.item_id} is no AT report but `{kept.kind}`.")
    facts = gather(store, kept.alert_ids[0], survey_words)
    return [_Work(store, facts, report_of(kept.content), kept)]


def _print(work: _Work) -> None:
    from vra_tui.export.drafts.at_form import in_lines
    from vra_tui.store.finding import called

    typer.echo(f"AT report of {called(work.report.survey, work.report.object_id)}")
    for line in in_lines(work.report):
        typer.echo(line)


def _tell(work: _Work, findings: "list[Finding]", reasons: Mapping[str, str], is_told: bool) -> bool:
    """Say what the rules found, apart from printed JSON; returns whether something blocks."""
    from vra_tui.export.drafts.at_checks import in_words
    from vra_tui.export.drafts.finding import Level

    tell = say if is_told else typer.echo
    if findings and not is_told:
        typer.echo("checks")
    for one in findings:
        reason = reasons.get(one.rule, "") if one.level is Level.WARN else ""
        tell(f"  {in_words(one)}" + (f" [answered: {reason}]" if reason else ""))
    return any(one.level is Level.BLOCK for one in findings)


def _pairs(given: list[str] | None, flag: str) -> dict[str, str]:
    found = {}
    for one in given or ():
        name, equals, text = one.partition("=")
        if not equals or not name.strip():
            raise VraError(f"{flag} takes NAME=TEXT, not `{one[:60]}`.")
        found[name.strip()] = text
    return found
