"""What leaves for the ATLAS server: moves between its lists, comments, scores and ranks by its names."""

from datetime import UTC, datetime
from typing import Any

from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.pipeline.outbox.kinds import Cause, refuse_other_options
from vra_tui.ranking.lists import ListName
from vra_tui.store.listing import ListRow
from vra_tui.store.outbox import Draft
from vra_tui.text import plain

_SURVEY = "atlas"
#: A comment on the server's page has at most so many characters.
_COMMENT = 256
#: Decimals of what leaves: models do not know more, and less than that is no news.
_DECIMALS = 3


def move(rule: OutboxRule, cause: Cause) -> Draft | None:
    """Move the object to the list of the decision; of one that was taken back, to what stands now."""
    refuse_other_options(rule, ())
    row, decision = cause.row, cause.decision
    if row.survey != _SURVEY or (decision is None and not cause.is_correction):
        return None
    to = ListName.EYEBALL.value if decision is None else decision.list
    last = cause.last(row.object_id)
    content: dict[str, Any] = {"object_id": row.object_id, "list": to}
    if last is not None and last.content["list"] == to:
        content = dict(last.content)  # the same move, though it may have begun elsewhere
    elif before := [one.content["list"] for one in cause.left(row.object_id)]:
        content["from"] = before
    return Draft(
        rule.makes, rule.target, f"move {_called(row)} to {to}", content, row.object_id, (row.alert_id,),
        cause.decision_id, rule.name,
    )  # fmt: skip


def comment(rule: OutboxRule, cause: Cause) -> Draft | None:
    """The note of a decision as a comment; each is one of its own."""
    refuse_other_options(rule, ())
    row, decision = cause.row, cause.decision
    if row.survey != _SURVEY or decision is None or cause.is_correction:
        return None
    text = plain(decision.note, _COMMENT)
    if not text:
        return None
    return Draft(
        rule.makes, rule.target, f"comment on {_called(row)}: {text[:60]}",
        {"object_id": row.object_id, "text": text}, f"{row.object_id} {decision.decision_id}",
        (row.alert_id,), decision.decision_id, rule.name,
    )  # fmt: skip


def scores(rule: OutboxRule, cause: Cause) -> Draft | None:
    """The latest scores, where they differ from those that were sent last."""
    return _scores(rule, cause, ("preal", "pgal", "pfast", "rank"))


def rank(rule: OutboxRule, cause: Cause) -> Draft | None:
    """The latest rank, where it differs from the one that was sent last."""
    return _scores(rule, cause, ("rank",))


def _scores(rule: OutboxRule, cause: Cause, names: tuple[str, ...]) -> Draft | None:
    refuse_other_options(rule, ())
    row = cause.row
    if row.survey != _SURVEY or row.rank is None or cause.is_correction:
        return None
    told: dict[str, Any] = {name: _rounded(getattr(row, name)) for name in names}
    told["is_gal_cand"] = int(row.is_gal_cand)
    last = cause.last(row.object_id)
    if last is not None and all(last.content.get(name) == value for name, value in told.items()):
        return None
    content = {"object_id": row.object_id, **told, "at": _moment(cause.at)}
    subject = f"{'scores' if len(names) > 1 else 'rank'} of {_called(row)}: rank {row.rank:.2f}"
    return Draft(
        rule.makes,
        rule.target,
        subject,
        content,
        row.object_id,
        (row.alert_id,),
        cause.decision_id,
        rule.name,
    )


def _moment(at: str) -> str:
    """A time as the server takes times, to the second: by it the row is known again."""
    return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DECIMALS)


def _called(row: ListRow) -> str:
    return f"{row.object_id} ({plain(row.name, 30)})" if row.name else row.object_id
