"""Put an AT report into the outbox, and take it out again to be changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from vra_tui.errors import VraError
from vra_tui.export.drafts.at_checks import in_the_way, in_words
from vra_tui.export.drafts.at_form import degrees_of
from vra_tui.export.drafts.at_report import AtReport
from vra_tui.export.drafts.facts import REAL, REPORT, SANDBOX
from vra_tui.export.drafts.finding import Finding
from vra_tui.export.drafts.spelling import written
from vra_tui.store.outbox import Draft
from vra_tui.text import printable


class NotReady(VraError):
    """A report that may not leave as it is; ``choices`` are what is in its way."""

    def __init__(self, message: str, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.choices = tuple(map(in_words, findings))


def draft_of(
    report: AtReport,
    alert_id: int,
    findings: Sequence[Finding],
    spelling: Mapping[str, Any],
    *,
    target: str,
    is_real: bool,
    now: datetime,
    overrides: Mapping[str, str] | None = None,
    decision_id: str | None = None,
    follows: str | None = None,
) -> Draft:
    """The draft of a report for the outbox.

    ``target``: the configured source whose bot sends it; ``overrides``: by rule the reason why its warning
    does not count; ``decision_id``: the decision with which it stands and falls; ``follows``: the item that
    this one replaces. Raises NotReady.
    """
    reasons = {rule: reason.strip() for rule, reason in (overrides or {}).items() if reason.strip()}
    if standing := in_the_way(findings, reasons):
        who = f"{printable(report.survey, 40)}:{printable(report.object_id, 80)}"
        raise NotReady(
            f"The report of {who} may not leave yet. Mend what blocks; for what warns give a reason "
            "(--override RULE=REASON).",
            standing,
        )
    name = printable(report["internal_name"], 80)
    content = {
        "server": REAL if is_real else SANDBOX,
        "survey": report.survey,
        "object_id": report.object_id,
        "internal_name": name,
        "ra": degrees_of(report["ra"], is_ra=True),
        "dec": degrees_of(report["dec"], is_ra=False),
        "at_report": written(report, spelling, now.date())["at_report"],
        "form": dict(report.values),
        "overrides": {one.rule: reasons[one.rule] for one in findings if one.rule in reasons},
    }
    where = "the TNS" if is_real else "the TNS's sandbox"
    identity = f"{report.survey}:{report.object_id}"
    subject = f"AT report of {name} to {where}"
    return Draft(
        REPORT, target, subject, content, identity, (alert_id,), decision_id=decision_id, follows=follows
    )


def report_of(content: Mapping[str, Any]) -> AtReport:
    """The report that an item of the outbox holds. Raises VraError where it holds none."""
    form = content.get("form")
    survey, object_id = content.get("survey"), content.get("object_id")
    if not isinstance(form, dict) or not isinstance(survey, str) or not isinstance(object_id, str):
        raise VraError("This item of the outbox holds no AT report that can be read.")
    return AtReport(survey, object_id, {str(name): str(text) for name, text in form.items()})
