"""What leaves for Lasair: annotations, which say of an object what it is thought to be, how sure, and why."""

import re
from typing import Any

from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.pipeline.outbox.kinds import Cause, RuleError, option, refuse_other_options
from vra_tui.store.insight_table import Insight
from vra_tui.store.listing import ListRow
from vra_tui.store.outbox import Draft
from vra_tui.text import plain

_OPTIONS = ("topic", "url", "version")
#: Characters that Lasair keeps of an explanation.
_EXPLANATION = 1024
_REASONS = 6
#: Decimals of the numbers: what differs by less is no news.
_DECIMALS = 2
#: What decisions and lists are called in an annotation: broad, as the questions are.
_WORDS = {
    "good": "real extragalactic", "followup": "real extragalactic", "duplicates": "real extragalactic",
    "possible": "unsure", "attic": "real galactic", "pm": "high proper motion star", "garbage": "bogus",
    "fasttrack": "likely extragalactic", "extragalactic": "likely extragalactic",
    "galactic": "likely galactic",
}  # fmt: skip
_UNSURE = "unsure"
#: The version of an annotation that a scanner's label alone makes, where no model scored the alert.
_BY_LABEL = "scanner"


def annotation(rule: OutboxRule, cause: Cause) -> Draft | None:
    """The annotation of an object, where it says something else than the last one."""
    refuse_other_options(rule, _OPTIONS)
    row = cause.row
    if row.survey != cause.source_options.get("survey", "lsst"):
        return None
    if row.rank is None and row.decided_list is None and cause.decision is None:
        return None  # nobody has said anything of it yet
    topic = option(rule, "topic", most=256)
    if not re.fullmatch(r"[A-Za-z0-9_]+", topic):
        raise RuleError(f"{rule.where}: outbox.rule.{rule.name}.topic is a word of letters, digits and _.")
    told: dict[str, Any] = {
        "version": option(rule, "version", row.model or _BY_LABEL, most=256),
        "classification": _classification(row, cause),
        "classdict": _numbers(row),
    }
    last = cause.last(f"{topic} {row.object_id}")
    if last is not None and all(last.content.get(name) == value for name, value in told.items()):
        return None
    content = {
        "object_id": row.object_id,
        "topic": topic,
        **told,
        "explanation": _explanation(cause.insight, row),
        "url": _address(rule, row),
    }
    return Draft(
        rule.makes, rule.target, f"annotate {row.object_id} ({topic}): {told['classification']}", content,
        f"{topic} {row.object_id}", (row.alert_id,), cause.decision_id,
        rule.name,
    )  # fmt: skip


def _classification(row: ListRow, cause: Cause) -> str:
    """What somebody decided; else what the policies make of the scores."""
    named = cause.decision.list if cause.decision is not None else row.decided_list or row.list
    # A survey's own label, or one of the user's, is a word for itself.
    own = named if cause.decision is not None or row.decided_list else _UNSURE
    return _WORDS.get(named or "", own or _UNSURE)


def _numbers(row: ListRow) -> dict[str, Any]:
    numbers = {name: getattr(row, name) for name in ("preal", "pgal", "pfast", "rank")}
    return {name: round(float(value), _DECIMALS) for name, value in numbers.items() if value is not None}


def _explanation(insight: Insight | None, row: ListRow) -> str:
    """Reasons in words, the strongest first, and whether the alert is unlike the training data."""
    if insight is None or insight.model != row.model:
        return ""
    said = [plain(reason.get("text"), 120) for reason in insight.reasons]
    parts = [one for one in dict.fromkeys(said) if one][:_REASONS]
    if insight.outside:
        parts.append("unlike the training data: " + ", ".join(plain(one, 80) for one in insight.outside[:3]))
    text = ""
    for part in parts:
        longer = f"{text}; {part}" if text else part
        if len(longer) > _EXPLANATION:
            break
        text = longer
    return text


def _address(rule: OutboxRule, row: ListRow) -> str:
    address = option(rule, "url", "", most=512)
    if address and not address.startswith("https://"):
        raise RuleError(f"{rule.where}: outbox.rule.{rule.name}.url begins with https://.")
    return address.replace("{object_id}", row.object_id)
