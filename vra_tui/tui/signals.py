"""What rules tell by this terminal: a bell, or a notification that the terminal shows on its desktop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vra_tui.config.message_rules import MessageRule
from vra_tui.pipeline.message_text import title
from vra_tui.pipeline.messages import query_of
from vra_tui.store import Store
from vra_tui.store.listing import list_rows
from vra_tui.store.query import query_ids
from vra_tui.text import printable
from vra_tui.tui.alert_names import full_name

#: Alerts that a signal names, and the characters of what it says.
_NAMED, _LONGEST = 3, 200
_TITLE = "vra"


@dataclass(frozen=True)
class Signal:
    """What a rule has to say now, and how: of `config.message_rules.TERMINAL`."""

    text: str
    kinds: tuple[str, ...]


def sequences(signal: Signal, *, inside_tmux: bool, passthrough: bool) -> str:
    """What shows a signal as a notification: OSC 9 (iTerm2, kitty, WezTerm), OSC 777 (foot, urxvt).

    tmux keeps both to itself, unless they are wrapped for it and it allows passthrough: that is done where
    it is asked for. A bell is not here: it goes the way of all bells.
    """
    if inside_tmux and not passthrough:
        return ""
    # Nothing that ends a sequence, and no number first: OSC 9 with one would be a progress bar.
    text = printable(signal.text, _LONGEST)
    told = {"osc9": f"\x1b]9;{_TITLE}: {text}\a", "osc777": f"\x1b]777;notify;{_TITLE};{text}\a"}
    plain = "".join(told[kind] for kind in signal.kinds if kind in told)
    if not inside_tmux or not plain:
        return plain
    wrapped = plain.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{wrapped}\x1b\\"


@dataclass
class _Pending:
    known: set[int]
    waiting: list[int] = field(default_factory=list)
    told_at: datetime | None = None


class SignalWatch:
    """Looks what the rules find among alerts that changed; an alert is told once a rule and screen.

    What fulfils a rule when the screen opens is no news. What comes within `every`, or in quiet hours, is
    told together after it.
    """

    def __init__(self, rules: Sequence[MessageRule]) -> None:
        self._rules = [rule for rule in rules if rule.signals]
        self._pending: dict[str, _Pending] = {}

    def is_due(self, now: datetime) -> bool:
        """Whether something that waited may be told now."""
        return any(
            pending.waiting and _may_tell(rule, pending, now)
            for rule in self._rules
            if (pending := self._pending.get(rule.name)) is not None
        )

    def look(self, store: Store, changed: Iterable[int], now: datetime) -> list[Signal]:
        """Return what is to be told now, ``changed`` being the alerts that were scored or decided."""
        ids = list(changed)
        found = []
        for rule in self._rules:
            pending = self._pending.get(rule.name)
            if pending is None:
                self._pending[rule.name] = _Pending(set(query_ids(store, query_of(rule)).tolist()))
                continue
            if ids:
                new = query_ids(store, query_of(rule), among=ids).tolist()
                pending.waiting += [one for one in new if one not in pending.known]
                pending.known.update(new)
            if pending.waiting and _may_tell(rule, pending, now):
                found.append(_signal(store, rule, pending.waiting))
                pending.waiting, pending.told_at = [], now
        return found


def _may_tell(rule: MessageRule, pending: _Pending, now: datetime) -> bool:
    if rule.is_quiet(now):
        return False
    return pending.told_at is None or now - pending.told_at >= timedelta(seconds=rule.every)


def _signal(store: Store, rule: MessageRule, alert_ids: Sequence[int]) -> Signal:
    names = ", ".join(full_name(row) for row in list_rows(store, alert_ids[:_NAMED]))
    more = f" and {len(alert_ids) - _NAMED} more" if len(alert_ids) > _NAMED else ""
    shown = f" ({names}{more})" if names and rule.most else ""
    return Signal(f"{printable(title(rule), 80)}: {len(alert_ids):,} new{shown}", rule.signals)
