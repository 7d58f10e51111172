"""Messages about alerts that a rule of the configuration asks for: each alert once a rule, and not too often.

What a rule finds waits until it may tell (`every`, quiet hours), and is told with one message then, which
goes to the outbox: the rule is its approval.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vra_tui.config.message_rules import MessageRule
from vra_tui.errors import VraError
from vra_tui.pipeline.message_text import Page, beginning_content, message_content, subject
from vra_tui.ranking.lists import ALL, LIST_ORDER
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.filter_words import FilterError, filter_words
from vra_tui.store.listing import ListRow, data_version, list_rows
from vra_tui.store.message_alerts import (
    RuleState,
    add_found,
    begin_rule,
    known_to_rule,
    mark_told,
    rule_state,
    waiting,
)
from vra_tui.store.outbox import Draft, State, items, put
from vra_tui.store.query import FLAGS, ListQuery, parse_filter, query_ids
from vra_tui.surveys import Surveys, installed_surveys

#: The kind of what goes to the outbox.
MESSAGE = "message"
#: Lists that a rule may name. What is a filter word too (`galactic`, `gw`, `second`) is that word.
_LISTS = frozenset({ALL, *(name.value for name in LIST_ORDER)}) - FLAGS.keys()
#: Looking for what rules find takes at most this share of a program's time.
_REST = 10.0
#: Seconds after which it is looked again though nobody wrote.
_AT_LEAST = 30.0


def query_of(rule: MessageRule) -> ListQuery:
    """What a rule asks: filter words, of which one may be a list's name. Raises FilterError."""
    lists, parts, end = [], [], 0
    for word in filter_words(rule.when):
        if word.text in _LISTS:
            lists.append(word.text)
            parts.append(rule.when[end : word.start])
            end = word.end
    words = "".join([*parts, rule.when[end:]]).strip()
    try:
        if len(lists) > 1:
            raise FilterError(f"an alert stands in one list, and there are {' and '.join(lists)}.")
        parse_filter(words)
        if not lists and not filter_words(words):
            raise FilterError("a rule without words would tell every alert.")
    except FilterError as error:
        raise FilterError(f"message.{rule.name}.when, `{rule.when}`: {error}") from None
    return ListQuery(lists[0] if lists else ALL, words=words)


def check_messages(rules: Mapping[str, MessageRule]) -> list[MessageRule]:
    """The rules, each of which can be understood. Raises FilterError for the first that cannot."""
    for rule in rules.values():
        query_of(rule)
    return list(rules.values())


def pages_of(surveys: Surveys) -> Page:
    """The first page that an alert's survey gives it."""

    def page(row: ListRow) -> str | None:
        try:
            links = surveys[row.survey].links(row.object_id, {"name": row.name, "other_name": row.other_name})
        except VraError:
            return None
        return links[0].url if links and links[0].url.startswith("https://") else None

    return page


def tell(store: Store, rules: Sequence[MessageRule], now: datetime, page: Page | None = None) -> list[str]:
    """Put into the outbox what the rules' webhooks are to be told now; ids of the messages.

    A rule that is new, or has other words than before, begins with what comes after: one message says so.
    Raises FilterError for a rule that cannot be understood.
    """
    page = page or pages_of(installed_surveys())
    return [made for rule in rules if rule.webhooks for made in _tell(store, rule, now, page)]


def _tell(store: Store, rule: MessageRule, now: datetime, page: Page) -> list[str]:
    ids = query_ids(store, query_of(rule)).tolist()
    if not _has_news(store, rule, ids):
        return []
    with transaction(store):
        state = rule_state(store, rule.name)
        if state is None or state.words != rule.when:
            begin_rule(store, rule.name, rule.when, ids, now)
            if rule.is_quiet(now):
                return []
            return put_message(store, rule, beginning_content(rule, len(ids)), [], now)
        known = known_to_rule(store, rule.name)
        add_found(store, rule.name, (one for one in ids if one not in known), now)
        if rule.is_quiet(now) or _is_too_soon(rule, state, now) or _is_held(store, rule):
            return []
        # Those that do not fulfil the rule any more go on waiting: they may again.
        open_ones = set(waiting(store, rule.name))
        due = [one for one in ids if one in open_ones]
        if not due:
            return []
        content = message_content(rule, list_rows(store, due[: rule.most]), len(due), page)
        made = put_message(store, rule, content, due, now)
        mark_told(store, rule.name, due, made[0], now)
        return made


def _has_news(store: Store, rule: MessageRule, ids: Sequence[int]) -> bool:
    """Whether there may be something to write; most rounds there is not."""
    state = rule_state(store, rule.name)
    if state is None or state.words != rule.when:
        return True
    found = set(ids)
    return bool(found - known_to_rule(store, rule.name)) or bool(
        found.intersection(waiting(store, rule.name))
    )


def put_message(
    store: Store,
    rule: MessageRule,
    content: dict[str, object],
    alert_ids: Sequence[int],
    now: datetime,
    by: str | None = None,
) -> list[str]:
    """Put a message to all webhooks of a rule into the outbox. ``by``: who asked for it; None: the rule."""
    # Every message has an identity of its own: one that has not left yet is not replaced by the next.
    identity = f"{rule.name} {now.isoformat()}"
    drafts = [
        Draft(MESSAGE, target, subject(content), content, identity, alert_ids, rule=rule.name)
        for target in rule.webhooks
    ]
    return put(store, drafts, by=by or f"rule {rule.name}", now=now, is_approved=True)


def _is_too_soon(rule: MessageRule, state: RuleState, now: datetime) -> bool:
    if state.told_at is None:
        return False
    return now - datetime.fromisoformat(state.told_at) < timedelta(seconds=rule.every)


def _is_held(store: Store, rule: MessageRule) -> bool:
    """Whether a message of the rule has not left yet: who was down for a night gets one more, not fifty."""
    kept = items(store, states=(State.APPROVED,), kinds=(MESSAGE,), targets=rule.webhooks)
    return any(one.rule == rule.name for one in kept)


@dataclass
class Teller:
    """Tells again and again, beside work that comes first. ``tick``: seconds of a clock that only goes on."""

    rules: Sequence[MessageRule]
    clock: Callable[[], datetime]
    tick: Callable[[], float] = time.monotonic
    #: Seconds between two looks at least.
    least: float = 2.0
    _rests_until: float = field(default=0.0, init=False)
    _seen: tuple[int, int] | None = field(default=None, init=False)
    _looked_at: float = field(default=0.0, init=False)
    _page: Page | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.rules = [rule for rule in self.rules if rule.webhooks]

    def go_on(self, store: Store) -> list[str]:
        """Tell, if there are rules and it is time again; ids of the messages put into the outbox."""
        begin = self.tick()
        if not self.rules or begin < self._rests_until:
            return []
        # What waited for its hour is looked at now and then, where nobody writes.
        version = data_version(store), store.total_changes
        if version == self._seen and begin < self._looked_at + _AT_LEAST:
            return []
        self._seen, self._looked_at = version, begin
        self._page = self._page or pages_of(installed_surveys())
        made = tell(store, self.rules, self.clock(), self._page)
        end = self.tick()
        self._rests_until = end + max(self.least, _REST * (end - begin))
        return made
