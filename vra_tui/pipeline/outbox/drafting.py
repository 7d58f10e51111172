"""Rules at work: drafts of what was decided and scored since they looked last; corrections after an undo."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vra_tui.config.alert_sources import AlertSource
from vra_tui.config.outbox_rules import PEOPLE, OutboxRule
from vra_tui.config.reading import Config
from vra_tui.domain.times import utc_text
from vra_tui.errors import VraError
from vra_tui.pipeline.outbox.kinds import SAID_ONCE, Cause, RuleError, maker_of
from vra_tui.ranking.lists import DECISIONS, MACHINE
from vra_tui.sources.wires.sending import fault_of_target
from vra_tui.store import Store, outbox
from vra_tui.store.connection import transaction
from vra_tui.store.filter_words import FilterError
from vra_tui.store.insight_table import insight
from vra_tui.store.label_names import fault_of_label, known_labels
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.outbox import NOT_LEFT, Draft, Item
from vra_tui.store.outbox_causes import (
    Decided,
    decided_since,
    keep_rule_position,
    last_causes,
    rule_position,
    scored_since,
    standing_decisions,
)
from vra_tui.store.outbox_items import latest_item, may_be_there
from vra_tui.store.outbox_sending import to_correct, withdraw_reverted
from vra_tui.store.query import ListQuery, parse_filter, query_ids

#: Decisions and scores that a rule looks at in one transaction.
_AT_ONCE = 500
#: So long a draft of a score waits for its reasons, which are derived after it.
_WAITS = timedelta(minutes=10)


@dataclass
class Drafted:
    """What came of a look: how many items were made, withdrawn, and correct what has left; faults by rule."""

    made: int = 0
    withdrawn: int = 0
    corrections: int = 0
    faults: dict[str, str] | None = None


@dataclass(frozen=True)
class Rules:
    """The rules of a configuration, with the tables of their targets by name."""

    rules: Sequence[OutboxRule]
    targets: Mapping[str, AlertSource]

    @classmethod
    def of(cls, config: Config) -> "Rules":
        """Those of a configuration, checked. Raises RuleError."""
        rules = cls(tuple(config.outbox_rules.values()), config.alert_sources)
        for rule in rules.rules:
            maker_of(rule)
            if rule.target not in rules.targets and not rule.makes.startswith("message"):
                raise RuleError(
                    f"{rule.where}: outbox.rule.{rule.name} goes to `{rule.target}`, and there is no "
                    f"[source.{rule.target}]."
                )
            target = rules.targets.get(rule.target)
            if target is not None and (wrong := fault_of_target(rule.makes, target.kind)):
                raise RuleError(f"{rule.where}: outbox.rule.{rule.name} goes to `{rule.target}`: {wrong}.")
            try:
                parse_filter(rule.filter)
            except FilterError as error:
                raise RuleError(f"{rule.where}: outbox.rule.{rule.name}.filter: {error}") from None
            for name in rule.lists:
                if fault := fault_of_label(name):
                    raise RuleError(f"{rule.where}: outbox.rule.{rule.name}.lists, `{name}`: {fault}.")
        return rules


def renew_drafts(store: Store, rules: Rules, *, by: str, clock: Callable[[], datetime]) -> Drafted:
    """Withdraw and correct what was taken back, and draft what the rules ask for since they looked last.

    A rule begins with what is decided and scored after it was first seen: what the store holds from before is
    never sent. Each piece is one transaction with how far the rule has seen, so that a program that is
    killed loses nothing and repeats nothing.
    """
    drafted = Drafted(faults={})
    drafted.withdrawn += withdraw_reverted(store, by=by, now=clock())
    drafted.corrections += _correct(store, rules, by, clock)
    for rule in rules.rules:
        try:
            while _follow(store, rules, rule, by, clock, drafted):
                pass
        except VraError as error:  # one rule that cannot be followed holds up no other
            assert drafted.faults is not None
            drafted.faults[rule.name] = str(error)
    return drafted


def begin_rules(store: Store, rules: Iterable[OutboxRule], *, clock: Callable[[], datetime]) -> None:
    """Let rules that are new begin with what is decided and scored from now on."""
    for rule in rules:
        cause = _cause_of(rule)
        if rule_position(store, rule.name, cause) is None:
            with transaction(store):
                keep_rule_position(store, rule.name, cause, last_causes(store)[cause], utc_text(clock()))


def _cause_of(rule: OutboxRule) -> str:
    return "decisions" if rule.lists else "scores"


def _follow(
    store: Store, rules: Rules, rule: OutboxRule, by: str, clock: Callable[[], datetime], drafted: Drafted
) -> bool:
    """One piece of what a rule has not seen; False where there is no more."""
    cause = _cause_of(rule)
    begin_rules(store, [rule], clock=clock)
    _check_labels(store, rule)
    if rule_position(store, rule.name, cause) == last_causes(store)[cause]:
        return False  # as nearly always: nothing is locked
    with transaction(store):
        begins = rule_position(store, rule.name, cause)
        assert begins is not None
        if rule.lists:
            decided, ends = decided_since(store, begins, _AT_ONCE)
            drafted.made += _decided(store, rules, rule, decided, begins, by, clock(), drafted)
        else:
            ends = _scored(store, rules, rule, begins, by, clock(), drafted)
        if ends != begins:
            keep_rule_position(store, rule.name, cause, ends, utc_text(clock()))
        return ends != begins


def _check_labels(store: Store, rule: OutboxRule) -> None:
    """Raise RuleError for a label that the store does not know and that is nearly one that it knows.

    Others may be those of a survey that is to come.
    """
    own = [name for name in rule.lists if name not in DECISIONS]
    known = known_labels(store) if own else []
    for name in own:
        near = difflib.get_close_matches(name, known, 1, 0.75)
        if near and name not in known:
            raise RuleError(
                f"{rule.where}: outbox.rule.{rule.name}.lists: there is no label `{name}`; did you mean "
                f"`{near[0]}`?"
            )


def _decided(
    store: Store,
    rules: Rules,
    rule: OutboxRule,
    decided: Sequence[Decided],
    begins: int,
    by: str,
    now: datetime,
    drafted: Drafted,
) -> int:
    made = 0
    chosen = _selected(store, rule, [one.alert_id for one in decided])
    for one in decided:
        if not _is_by(rule, one):
            continue
        row = chosen.get(one.alert_id) if one.list in rule.lists else None
        draft = (
            None
            if row is None
            else maker_of(rule)(rule, _cause(store, rules, rule, row, one, at=one.timestamp))
        )
        if draft is not None:
            # What stands again after an undo was seen before: it corrects what has left, as a draft.
            corrects = one.sequence <= begins and bool(
                may_be_there(store, draft.kind, draft.target, draft.identity)
            )
            made += _put(store, draft, by, now, is_approved=rule.approve and not corrects)
        elif rule.makes not in SAID_ONCE:
            drafted.withdrawn += _withdraw_others(store, rule, one, by, now)
    return made


def _is_by(rule: OutboxRule, decided: Decided) -> bool:
    if decided.scanner == MACHINE:
        return MACHINE in rule.actors
    return PEOPLE in rule.actors or decided.scanner in rule.actors


def _withdraw_others(store: Store, rule: OutboxRule, decided: Decided, by: str, now: datetime) -> int:
    """Withdraw what an earlier decision on the alert made by this rule, and has not left."""
    items = outbox.items(store, states=NOT_LEFT, kinds=[rule.makes], alert_id=decided.alert_id)
    ids = [
        one.item_id
        for one in items
        if one.rule == rule.name and one.decision_id is not None and one.decision_id < decided.decision_id
    ]
    return outbox.withdraw(store, ids, by=by, now=now, why=f"decided otherwise: {decided.list}")


def _scored(
    store: Store, rules: Rules, rule: OutboxRule, begins: int, by: str, now: datetime, drafted: Drafted
) -> int:
    scored = scored_since(store, begins, _AT_ONCE)
    chosen = _selected(store, rule, [one.alert_id for one in scored])
    ends = begins
    for one in scored:
        row = chosen.get(one.alert_id)
        if row is not None:
            cause = _cause(store, rules, rule, row, None, at=one.at)
            if _lacks_reasons(cause) and one.at > utc_text(now - _WAITS):
                break
            draft = maker_of(rule)(rule, cause)
            if draft is not None:
                drafted.made += _put(store, draft, by, now, is_approved=rule.approve)
        ends = one.score_id
    return ends


def _lacks_reasons(cause: Cause) -> bool:
    found, row = cause.insight, cause.row
    return row.is_undecided and (found is None or found.mjd != row.score_mjd or found.model != row.model)


def _selected(store: Store, rule: OutboxRule, alert_ids: Iterable[int]) -> dict[int, ListRow]:
    ids = list(dict.fromkeys(alert_ids))
    if rule.filter and ids:
        ids = [int(one) for one in query_ids(store, ListQuery("all", words=rule.filter), among=ids)]
    return {row.alert_id: row for row in list_rows(store, ids)}


def _cause(
    store: Store,
    rules: Rules,
    rule: OutboxRule,
    row: ListRow,
    decided: Decided | None,
    is_correction: bool = False,
    at: str = "",
) -> Cause:
    target = rules.targets.get(rule.target)

    def last(identity: str) -> Item | None:
        return latest_item(store, rule.makes, rule.target, identity)

    def left(identity: str) -> list[Item]:
        return may_be_there(store, rule.makes, rule.target, identity)

    options = {} if target is None else target.options
    return Cause(row, decided, insight(store, row.alert_id), options, last, left, is_correction, at)


def _put(store: Store, draft: Draft, by: str, now: datetime, *, is_approved: bool) -> int:
    before = latest_item(store, draft.kind, draft.target, draft.identity)
    made = outbox.put(store, [draft], by=by, now=now, is_approved=is_approved)[0]
    return int(before is None or before.item_id != made)


def _correct(store: Store, rules: Rules, by: str, clock: Callable[[], datetime]) -> int:
    """Draft what puts right what has left and whose decision was taken back. A person approves it."""
    known = {rule.name: rule for rule in rules.rules}
    made = 0
    for item in to_correct(store):
        rule = known.get(item.rule or "") or OutboxRule(item.rule or "by hand", item.kind, item.target)
        rows = list_rows(store, item.alert_ids)
        if not rows or rule.makes != item.kind:
            continue
        standing = standing_decisions(store, [rows[0].alert_id]).get(rows[0].alert_id)
        cause = _cause(store, rules, rule, rows[0], standing, is_correction=True)
        try:
            draft = maker_of(rule)(rule, cause)
        except RuleError:
            continue  # nothing of this kind can be made any more
        if draft is None or draft.content == item.content:
            continue
        with transaction(store):
            outbox.put(store, [replace(draft, follows=item.item_id)], by=by, now=clock())
        made += 1
    return made
