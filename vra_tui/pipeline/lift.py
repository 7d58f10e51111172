"""Lifting: alerts that a configured rule puts on the fast track, whatever their scores.

Of use for what other classifiers say: an alert that NEEDLE takes for a superluminous supernova is to be seen
now, also where no model of this program has looked at it, or one finds it dull. A rule shows; it discards
nothing, and it moves nothing that a scanner decided.
"""

import platform
from collections.abc import Iterator, Sequence
from datetime import datetime

from vra_tui.ranking.lists import ALL, MACHINE, ListName
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import insert_decisions, latest_id
from vra_tui.store.decisions import set_right
from vra_tui.store.query import FilterError, ListQuery, check_rule, query_ids
from vra_tui.store.standing import discarded_among, lifted, put_lifted, put_machine_decisions

#: Alerts lifted in one transaction: for so many a scanner's decision may have to wait.
_SLICE = 400


def alternatives(rule: str) -> list[str]:
    """The filter words of a rule, of which any lifts; none where the rule is empty. Raises FilterError."""
    if not rule.strip():
        return []
    found = [words.strip() for words in rule.split("|")]
    for words in found:
        try:
            check_rule(words)
        except FilterError as error:
            raise FilterError(f"lift.rule, `{rule}`: {error}") from None
    return found


def check_lift(rule: str) -> None:
    """Raise FilterError where a rule cannot be one."""
    alternatives(rule)


def lift(store: Store, rule: str, now: datetime, among: Sequence[int] | None = None) -> int:
    """Put what the rule selects on the fast track, and take off what it no longer does.

    Returns how many it lifts anew. ``among``: only of these, which costs little where they are few.

    An alert that the policies discarded comes back, with the rule as the reason in its history.
    """
    before = lifted(store)
    if among is not None:
        before = {alert_id: before[alert_id] for alert_id in before.keys() & set(among)}
    wanted: dict[int, str] = {}
    for words in alternatives(rule):
        for alert_id in query_ids(store, ListQuery(ALL, words=words), among).tolist():
            wanted.setdefault(alert_id, words)
    changed: list[tuple[str | None, int]] = [
        (wanted.get(alert_id), alert_id)
        for alert_id in sorted(before.keys() | wanted.keys())
        if wanted.get(alert_id) != before.get(alert_id)
    ]
    for first in range(0, len(changed), _SLICE):
        part = changed[first : first + _SLICE]
        with transaction(store):
            _bring_back(store, {alert_id: words for words, alert_id in part if words is not None}, now)
            put_lifted(store, part)
    return len(wanted.keys() - before.keys())


def _bring_back(store: Store, wanted: dict[int, str], now: datetime) -> None:
    """Take back what the policies decided on alerts that are lifted now. Call inside a transaction."""
    discarded = discarded_among(store, list(wanted))
    if not discarded:
        return
    set_right(store, now)
    decisions = list(_decisions(discarded, wanted, now, latest_id(store)))
    insert_decisions(store, decisions)
    put_machine_decisions(store, ((row[0], row[2], MACHINE, row[8], row[1]) for row in decisions))


def _decisions(
    discarded: list[tuple[object, ...]], wanted: dict[int, str], now: datetime, known: str | None
) -> Iterator[tuple[object, ...]]:
    host, decision_id = platform.node(), known
    for alert_id, visit, preal, pgal, pfast, rank, model in discarded:
        decision_id = new_id(now, decision_id)
        yield (
            decision_id, alert_id, ListName.EYEBALL.value, None, MACHINE, host, timestamp(now),
            f"brought back: {wanted[int(str(alert_id))]}", visit, preal, pgal, pfast, rank, model,
            None, None, None, None, None,
        )  # fmt: skip
