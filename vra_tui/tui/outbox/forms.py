"""Drafts as forms: what stands in each field, what speaks against it, and the item that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, Self

from vra_tui.config.reading import Config
from vra_tui.errors import VraError
from vra_tui.export.drafts import astronote, at_form, at_report
from vra_tui.export.drafts.astronote import (
    AstroNote,
    make_note,
    note_of,
    read_note_template,
)
from vra_tui.export.drafts.astronote import (
    draft_of as note_draft,
)
from vra_tui.export.drafts.astronote import (
    fields as note_fields,
)
from vra_tui.export.drafts.at_checks import check, in_the_way
from vra_tui.export.drafts.at_draft import draft_of as report_draft
from vra_tui.export.drafts.at_draft import report_of
from vra_tui.export.drafts.at_form import Field
from vra_tui.export.drafts.at_report import POINT, AtReport, build, point_name
from vra_tui.export.drafts.facts import AlertFacts, gather
from vra_tui.export.drafts.finding import Finding, Level
from vra_tui.export.drafts.spelling import read_spelling
from vra_tui.store import Store
from vra_tui.store.finding import called
from vra_tui.store.objects import names_of
from vra_tui.store.outbox import Draft, Item
from vra_tui.text import printable

ASTRONOTE = "astronote"
_POINT_ROW, _BETWEEN = "photometry.", " | "


@dataclass(frozen=True)
class FormRow:
    """One row of a form: a field, or a measurement with all of its fields.

    ``text``: what is edited; ``shown``: what stands there; ``is_long``: it has lines of its own and is edited
    in an editor. ``heading``: what stands above it, where something new begins.
    """

    name: str
    label: str
    text: str
    shown: str
    help: str
    faults: tuple[str, ...] = ()
    is_long: bool = False
    heading: str = ""


class Form(Protocol):
    """A draft that is being written. Nothing of it is kept before `draft` is put into the outbox."""

    @property
    def title(self) -> str:
        """What it is, in a line."""

    @property
    def key(self) -> str:
        """By which a text that is being edited is found again."""

    def rows(self) -> list[FormRow]:
        """What stands in it."""

    def changed(self, name: str, text: str) -> Self:
        """The form with another text in a row; kept as it was written, right or wrong. Raises VraError."""

    def findings(self, now: datetime) -> list[Finding]:
        """What speaks against it, what blocks first."""

    def unanswered(self, now: datetime) -> list[Finding]:
        """What of that holds it up still."""

    def answered(self, rule: str, reason: str) -> Self:
        """The form with the reason why a rule's warning does not count."""

    def as_text(self) -> str:
        """All of it for an editor."""

    def of_text(self, text: str) -> Self:
        """The form that an edited text tells. Raises VraError with what cannot be read."""

    def draft(self, target: str, is_real: bool, now: datetime) -> Draft:
        """The item of the outbox that it becomes. Raises VraError where something holds it up."""


@dataclass(frozen=True, eq=False)
class ReportForm:
    """The form of an AT report. ``follows``: the item that it replaces."""

    report: AtReport
    facts: AlertFacts
    spelling: Mapping[str, Any]
    min_detections: int
    reasons: Mapping[str, str] = field(default_factory=dict)
    follows: str | None = None

    @property
    def title(self) -> str:
        """What it is, in a line."""
        name = printable(self.report["internal_name"], 60) or printable(self.report.object_id, 60)
        return f"AT report of {name}"

    @property
    def key(self) -> str:
        """By which a text that is being edited is found again."""
        return f"report-{self.follows or f'{self.report.survey}-{self.report.object_id}'}"

    def rows(self) -> list[FormRow]:
        """Fields one by one, and a row for each measurement."""
        found = at_form.fields(self.report)
        rows = [_row(one) for one in found if not one.name.startswith(_POINT_ROW)]
        rows = [
            replace(one, heading="last non-detection") if one.name == "non_detection.obsdate" else one
            for one in rows
        ]
        told = [number for number, _ in self.report.points()]
        by_name = {one.name: one for one in found}
        for number in told:
            rows.append(_point_row(self.report, number, by_name, number == told[0]))
        return rows

    def changed(self, name: str, text: str) -> Self:
        """The form with another text in a row; a measurement without a text is left out."""
        if not name.startswith(_POINT_ROW):
            return replace(self, report=at_report.changed(self.report, name, text))
        number = int(name.removeprefix(_POINT_ROW))
        cells = [cell.strip() for cell in text.split("|")] if text.strip() else [""] * len(POINT)
        if len(cells) != len(POINT):
            raise VraError(f"A measurement has {len(POINT)} columns between |, not {len(cells)}.")
        report = self.report
        for column, cell in zip(POINT, cells, strict=True):
            report = at_report.changed(report, point_name(number, column), cell)
        return replace(self, report=report)

    def findings(self, now: datetime) -> list[Finding]:
        """What speaks against it, what blocks first."""
        return check(self.report, self.facts, now, min_detections=self.min_detections)

    def unanswered(self, now: datetime) -> list[Finding]:
        """What of that holds it up still."""
        return in_the_way(self.findings(now), self.reasons)

    def answered(self, rule: str, reason: str) -> Self:
        """The form with the reason why a rule's warning does not count."""
        return replace(self, reasons={**self.reasons, rule: reason})

    def as_text(self) -> str:
        """All of it for an editor."""
        return at_form.as_text(self.report)

    def of_text(self, text: str) -> Self:
        """The form that an edited text tells. Raises VraError with what cannot be read."""
        report, faults = at_form.of_text(text, self.report)
        if faults:
            raise VraError("; ".join(faults))
        return replace(self, report=report)

    def draft(self, target: str, is_real: bool, now: datetime) -> Draft:
        """The item of the outbox that it becomes. Raises NotReady where something holds it up."""
        return report_draft(
            self.report, self.facts.alert_id, self.findings(now), self.spelling, target=target,
            is_real=is_real, now=now, overrides=self.reasons, decision_id=self.facts.decision_id,
            follows=self.follows,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class NoteForm:
    """The form of an AstroNote. ``about``: its alerts' numbers by their names; ``follows``: as above."""

    note: AstroNote
    about: Mapping[str, int]
    follows: str | None = None

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return f"AstroNote: {printable(self.note.title, 120)}"

    @property
    def key(self) -> str:
        """By which a text that is being edited is found again."""
        return f"note-{self.follows or '-'.join(sorted(self.about))}"

    def rows(self) -> list[FormRow]:
        """The fields of the form."""
        return [_row(one, is_long=one.name in ("abstract", "text")) for one in note_fields(self.note)]

    def changed(self, name: str, text: str) -> Self:
        """The form with another text in a field."""
        return replace(self, note=astronote.changed(self.note, name, text))

    def findings(self, now: datetime) -> list[Finding]:
        """What is wrong with its fields, and blanks that its template left."""
        faults = [
            Finding("fields", Level.BLOCK, f"{one.label} {one.fault}", "Mend it in the form", (one.name,))
            for one in note_fields(self.note)
            if one.fault
        ]
        blanks = [
            Finding(
                "blank", Level.NOTE, f"`{{{one.name}}}`, line {one.line} of the template, has no value here",
                "Fill its blank, or take it out",
            )
            for one in self.note.missing
        ]  # fmt: skip
        return faults + blanks

    def unanswered(self, now: datetime) -> list[Finding]:
        """What of that holds it up."""
        return [one for one in self.findings(now) if one.level is Level.BLOCK]

    def answered(self, rule: str, reason: str) -> Self:
        """The form as it is: nothing here is a matter of reasons."""
        return self

    def as_text(self) -> str:
        """All of it for an editor."""
        return astronote.as_text(self.note)

    def of_text(self, text: str) -> Self:
        """The form that an edited text tells. Raises VraError with what cannot be read."""
        note, faults = astronote.of_text(text, self.note)
        if faults:
            raise VraError("; ".join(faults))
        return replace(self, note=note)

    def draft(self, target: str, is_real: bool, now: datetime) -> Draft:
        """The item of the outbox that it becomes."""
        return note_draft(self.note, self.about, self.follows)


def _row(one: Field, is_long: bool = False) -> FormRow:
    means = f" ({one.means})" if one.means else ""
    shown = one.value if is_long else printable(one.value) + means
    faults = (one.fault,) if one.fault else ()
    return FormRow(one.name, one.label, one.value, shown, one.help, faults, is_long)


def _point_row(report: AtReport, number: int, fields: Mapping[str, Field], is_first: bool) -> FormRow:
    cells = [fields[point_name(number, name)] for name in POINT]
    by_column = dict(zip(POINT, cells, strict=True))
    band, unit = (by_column[name].means or by_column[name].value for name in ("filter", "instrument"))
    flux, error = by_column["flux"].value, by_column["flux_error"].value
    limit = by_column["limiting_flux"].value
    shown = f"{band} {flux or f'> {limit}'}{f' ± {error}' if error else ''}"
    shown += f", limit {limit}" if flux and limit else ""
    return FormRow(
        f"{_POINT_ROW}{number}",
        by_column["obsdate"].value or "no time",
        _BETWEEN.join(" ".join(cell.value.split()) for cell in cells),
        printable(f"{shown}, {unit}" if unit else shown),
        _BETWEEN.join(POINT),
        tuple(f"{cell.label} {cell.fault}" for cell in cells if cell.fault),
        heading="photometry" if is_first else "",
    )


def report_form(store: Store, alert_id: int, config: Config, now: datetime) -> ReportForm:
    """The form of a new report of an alert. Raises NotReportable, UnknownAlert, VraError."""
    from vra_tui.pipeline.tns_target import survey_words

    options = config.tns()
    facts = gather(store, alert_id, survey_words)
    report = build(facts, options, now)
    return ReportForm(report, facts, read_spelling(options.spelling), int(options.min_detections))


def note_form(store: Store, alert_ids: Sequence[int], config: Config) -> NoteForm:
    """The form of a new note on alerts. Raises TemplateError, UnknownAlert."""
    from vra_tui.pipeline.tns_target import survey_words

    options = config.tns()
    facts = [gather(store, alert_id, survey_words) for alert_id in alert_ids]
    template = read_note_template(options.astronote, len(facts) == 1)
    about = {one.name: one.alert_id for one in facts}
    return NoteForm(make_note(facts, template, options.reporter), about)


def form_of(store: Store, item: Item, config: Config) -> Form:
    """The form of an item, with its alerts as they are now. Raises VraError where it has none."""
    from vra_tui.pipeline.tns_target import survey_words

    options, names = config.tns(), names_of(store, item.alert_ids)
    if item.kind == ASTRONOTE:
        about = {called(*names[one]): one for one in item.alert_ids}
        return NoteForm(note_of(item.content), about, item.item_id)
    if not item.alert_ids:
        raise VraError("This report is about no alert of this store.")
    facts = gather(store, item.alert_ids[0], survey_words)
    reasons = {str(rule): str(reason) for rule, reason in item.content.get("overrides", {}).items()}
    return ReportForm(
        report_of(item.content), facts, read_spelling(options.spelling), int(options.min_detections),
        reasons, item.item_id,
    )  # fmt: skip
