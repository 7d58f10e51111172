"""The lines of the outbox: one an item, and the pane that tells all of one; pure functions."""

import re
from collections.abc import Mapping
from datetime import datetime

from vra_tui.domain.times import mjd_of
from vra_tui.store.objects import Name
from vra_tui.store.outbox import BY_HAND, Item, State
from vra_tui.text import counted, printable
from vra_tui.tui.keymap import KeyMap, key_of_action, keys_in_foot
from vra_tui.tui.outbox.content import content_lines, kind_in_words, short_kind
from vra_tui.tui.spans import Line, fit, fit_line, width_of, wrap
from vra_tui.tui.times import ago, mjd_of_text, span_words

#: The role in which a state is written.
STATE_ROLES: Mapping[State, str] = {
    State.DRAFT: "accent", State.APPROVED: "text", State.SENDING: "warn", State.ACCEPTED: "good",
    State.REFUSED: "bad", State.WITHDRAWN: "dim",
}  # fmt: skip
#: The selections that are stepped through, by their titles.
SELECTIONS: Mapping[str, tuple[State, ...]] = {
    "open": (State.DRAFT, State.APPROVED, State.SENDING, State.REFUSED),
    "draft": (State.DRAFT,),
    "approved": (State.APPROVED,),
    "sending": (State.SENDING,),
    "refused": (State.REFUSED,),
    "accepted": (State.ACCEPTED,),
    "withdrawn": (State.WITHDRAWN,),
    "all": tuple(State),
}
_STATE, _AGE, _KIND = 10, 7, 11
#: From so many columns on a line has the kind, the target and how often it was tried.
_WITH_KIND, _WITH_TARGET = 60, 76
_TARGET, _TRIES = 11, 3
#: Ids of surveys that are long numbers, with the name behind them or without.
_NUMBER, _NAMED_NUMBER = re.compile(r"\b\d{14,}\b"), re.compile(r"\b\d{14,} \(([^()]{2,40})\)")
#: Lines of an answer.
_ANSWER = 12


def selections_line(chosen: str, counts: Mapping[State, int], width: int) -> Line:
    """The selections with how many items are in each, the chosen one on its own ground."""
    parts: list[Line] = []
    for name, states in SELECTIONS.items():
        count = sum(counts.get(state, 0) for state in states)
        is_here = name == chosen
        if not count and not is_here and name not in ("open", "all"):
            continue
        number = "tab_here_dim" if is_here else "tab_new" if name in ("draft", "refused") else "tab_dim"
        parts.append([(f" {name} ", "tab_here" if is_here else "tab"), (f"{count:,} ", number)])
    line: Line = []
    for part in parts:
        if width_of(line) + width_of(part) <= width:
            line += part
    return fit_line(line, width, "tab")


def item_line(item: Item, is_here: bool, now_mjd: float, width: int) -> Line:
    """One item in one line: how far it is, since when, what it is, and to where."""
    base = "cursor" if is_here else ""
    state = "tab_here" if is_here else STATE_ROLES[item.state]
    made = mjd_of_text(item.made_at)
    age = "" if made is None else span_words(max(now_mjd - made, 0.0))
    line: Line = [
        ("▸ " if is_here else "  ", base or "accent"),
        (fit(item.state.value, _STATE), base or state),
        (fit(age, _AGE - 1, right=True) + " ", base or "dim"),
    ]
    right: Line = []
    if width >= _WITH_KIND:
        line.append((" " + fit(short_kind(item.kind), _KIND), base or "text"))
    if width >= _WITH_TARGET:
        tries = f"{item.attempts}×" if item.attempts > 1 else ""
        right = [
            (" " + fit(printable(item.target, 40), _TARGET), base or "dim"),
            (fit(tries, _TRIES, right=True), base or "warn"),
        ]
    room = width - width_of(line) - width_of(right) - 1
    subject = fit(short_subject(item.subject), max(room, 0))
    looks = "decided" if item.state is State.WITHDRAWN else "text"
    return fit_line([*line, (subject, "cursor" if is_here else looks), *right], width, base or "text")


def short_subject(subject: str) -> str:
    """A subject in which a name stands in place of a long number, and of a bare one its end."""
    text = _NAMED_NUMBER.sub(r"\1", printable(subject, 300))
    return _NUMBER.sub(lambda found: f"…{found[0][-8:]}", text)


def detail_lines(item: Item, names: Mapping[int, Name], now: datetime, width: int) -> list[Line]:
    """All of an item: what it is, how far, its content as people read it, and its history."""
    now_mjd = mjd_of(now)
    lines: list[Line] = [[(piece, "title")] for piece in wrap(printable(item.subject, 400), width, 3)]
    lines += [[(piece, "dim")] for piece in wrap(_what(item), width, 2)]
    lines.append([])
    for label, text, role in _facts(item, names, now, now_mjd):
        pieces = wrap(text, max(width - 10, 8), _ANSWER)
        lines += [
            [(fit(label if row == 0 else "", 10), "label"), (piece, role)] for row, piece in enumerate(pieces)
        ]
    lines += [[], *content_lines(item.kind, item.content, width), []]
    for event in item.history:
        moment = event.at[:16].replace("T", " ")
        first = f"{event.state.value} by {printable(event.by, 40)}"
        said = f": {printable(event.answer, 1_000)}" if event.answer else ""
        pieces = wrap(first + said, max(width - 18, 8), _ANSWER)
        lines += [
            [(fit(moment if row == 0 else "", 18), "dim"), (piece, "dim" if row else "text")]
            for row, piece in enumerate(pieces)
        ]
    return lines


def _what(item: Item) -> str:
    where = f" · {printable(item.target, 40)}" if item.target else ""
    return f"{kind_in_words(item.kind)}{where}"


def _facts(
    item: Item, names: Mapping[int, Name], now: datetime, now_mjd: float
) -> list[tuple[str, str, str]]:
    """Label, text and role of what is known of an item besides its content."""
    tries = f", {counted(item.attempts, 'attempt')}" if item.attempts else ""
    facts = [("state", f"{item.state.value}{tries}", STATE_ROLES[item.state])]
    if item.is_reverted:
        facts.append(("", "the decision from which it came was taken back", "warn"))
    if item.answer and item.state in (State.REFUSED, State.SENDING, State.APPROVED, State.ACCEPTED):
        facts.append(("answer", printable(item.answer, 2_000), "text"))
    if item.due_at is not None and item.due_at > now.timestamp():
        rest = (item.due_at - now.timestamp()) / 86_400
        facts.append(("rests for", span_words(rest), "text"))
    alerts = [_called(names.get(one)) for one in item.alert_ids]
    if alerts:
        more = f" and {len(alerts) - 6} more" if len(alerts) > 6 else ""
        facts.append(("alert" if len(alerts) == 1 else "alerts", ", ".join(alerts[:6]) + more, "value"))
    made = mjd_of_text(item.made_at)
    when = "" if made is None else f"{ago(made, now_mjd)} "
    is_told = item.rule is not None and item.made_by == f"rule {item.rule}"
    rule = f", rule {printable(item.rule, 40)}" if item.rule and not is_told else ""
    facts.append(("made", f"{when}by {printable(item.made_by, 40)}{rule}", "text"))
    if item.follows:
        facts.append(("follows", f"…{item.follows[-12:]}", "dim"))
    return facts


def _called(name: Name | None) -> str:
    return (
        "an alert of another store" if name is None else f"{printable(name[0], 20)}:{printable(name[1], 60)}"
    )


def keys_line(item: Item | None, keys: KeyMap, width: int) -> Line:
    """The keys that mean something for an item, as many as fit, the most needed first."""
    parts = [
        *_steps(item), ("leave", "back"),
        ("next_selection", "selection"), ("alert", "its alert"), ("copy", "copy"), ("further", "on in it"),
        ("help", "help"),
    ]  # fmt: skip
    return keys_in_foot(keys, [(f"outbox_{name}", title) for name, title in parts], width)


def _steps(item: Item | None) -> list[tuple[str, str]]:
    if item is None:
        return []
    edit, drop = ("edit", "edit"), ("drop", "drop")
    send = ("send", "handed in") if item.kind in BY_HAND else ("send", "send now")
    return {
        State.DRAFT: [("approve", "approve"), edit, drop, ("approve_all", "approve all shown")],
        State.APPROVED: [send, edit, drop],
        State.SENDING: [("retry", "retry"), drop],
        State.REFUSED: [("retry", "retry"), edit, drop],
        State.ACCEPTED: [],
        State.WITHDRAWN: [edit],
    }[item.state]


def empty_lines(selection: str, keys: KeyMap, width: int) -> list[Line]:
    """What stands in place of a list without items."""
    drafting = " and ".join(filter(None, (key_of_action(keys, name) for name in ("at_report", "astronote"))))
    by_hand = f", and {drafting} in the list" if drafting else ""
    said = {
        "open": f"Nothing waits in the outbox. Rules of the configuration put something here{by_hand}.",
        "all": "The outbox has never held anything.",
    }.get(selection, f"Nothing is {selection}.")
    return [[("  ", "dim"), (piece, "dim")] for piece in wrap(said, max(width - 4, 8), 4)]
