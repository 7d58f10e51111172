"""The kinds of drafts that rules make of decisions and scores: pure functions of what is known."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from vra_tui.config.outbox_rules import OutboxRule
from vra_tui.errors import VraError
from vra_tui.store.insight_table import Insight
from vra_tui.store.listing import ListRow
from vra_tui.store.outbox import Draft, Item
from vra_tui.store.outbox_causes import Decided

#: The group of entry points by which other packages bring kinds: `kind = "module:maker"`.
ENTRY_POINTS = "vra_tui.drafts"
_OWN = {
    "atlas.comment": "vra_tui.pipeline.outbox.atlas:comment",
    "atlas.list": "vra_tui.pipeline.outbox.atlas:move",
    "atlas.rank": "vra_tui.pipeline.outbox.atlas:rank",
    "atlas.scores": "vra_tui.pipeline.outbox.atlas:scores",
    "lasair.annotation": "vra_tui.pipeline.outbox.lasair:annotation",
}
#: Kinds that say something once and for all: another decision takes nothing of it back.
SAID_ONCE = ("atlas.comment", "message")


class RuleError(VraError):
    """A rule of the outbox that cannot be followed; the message names it and what is wrong."""


@dataclass(frozen=True)
class Cause:
    """What makes a draft: an alert as it stands, and the decision on it, None where new scores do.

    ``insight``: what is known of the alert beyond its scores. ``source_options``: the target's table of the
    configuration. ``last``: the latest item of this kind and target with an identity, None without one;
    ``left``: those with it that may be what the target has now, the latest that was accepted among them.
    ``at``: when the decision was taken, or the score given; ISO 8601 in UTC.
    ``is_correction``: a decision was taken back that had left; ``decision`` is what stands now.
    """

    row: ListRow
    decision: Decided | None
    insight: Insight | None
    source_options: Mapping[str, object]
    last: Callable[[str], Item | None]
    left: Callable[[str], Sequence[Item]] = lambda identity: ()
    is_correction: bool = False
    at: str = ""

    @property
    def decision_id(self) -> str | None:
        """From which decision the draft comes; None: from scores, or from what was taken back."""
        return None if self.decision is None else self.decision.decision_id


class Maker(Protocol):
    """Makes the draft of one kind for one alert; None where there is nothing to tell its target."""

    def __call__(self, rule: OutboxRule, cause: Cause) -> Draft | None:
        """Raises RuleError where the rule's own options are wrong."""


def kinds() -> list[str]:
    """The kinds of drafts that rules can make."""
    return sorted({*_OWN, *(one.name for one in entry_points(group=ENTRY_POINTS))})


def maker_of(rule: OutboxRule) -> Maker:
    """What makes the drafts of a rule. Raises RuleError for a kind that is not there."""
    if own := _OWN.get(rule.makes):
        module, _, name = own.partition(":")
        made: Maker = getattr(import_module(module), name)
        return made
    for one in entry_points(group=ENTRY_POINTS, name=rule.makes):
        brought: Maker = one.load()
        return brought
    near = difflib.get_close_matches(rule.makes, kinds(), 1)
    hint = f" Is it `{near[0]}`?" if near else ""
    raise RuleError(
        f"{rule.where}: outbox.rule.{rule.name} makes `{rule.makes}`, which is no kind of draft; there are "
        f"{', '.join(kinds())}.{hint}"
    )


def option(rule: OutboxRule, key: str, default: str | None = None, most: int = 1_000) -> str:
    """A text among the rule's own options. Raises RuleError where it is missing, or none."""
    value = rule.options.get(key, default)
    if isinstance(value, str) and len(value) <= most and (value or default is not None):
        return value
    raise RuleError(
        f'{rule.where}: outbox.rule.{rule.name} wants {key} = "…", a text of at most {most:,} characters.'
    )


def refuse_other_options(rule: OutboxRule, known: tuple[str, ...]) -> None:
    """Raise RuleError for an option that the rule's kind does not have."""
    for key in rule.options:
        if key not in known:
            near = difflib.get_close_matches(key, [*known, "lists", "actors", "filter", "approve"], 1)
            hint = f"; did you mean `{near[0]}`?" if near else "."
            raise RuleError(f"{rule.where}: outbox.rule.{rule.name} has no option `{key}`{hint}")
