"""Which items of the outbox a verb means: by their ids, or all but what would be public for good."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vra_tui.cli.common import say
from vra_tui.errors import VraError

if TYPE_CHECKING:
    from vra_tui.store import Store
    from vra_tui.store.outbox import Item, State


@dataclass(frozen=True)
class Choice:
    """What was said on the command line: ids or the ends of them, or --all, of a kind if any is named."""

    ids: list[str] | None
    kinds: list[str] | None
    is_all: bool

    def items(self, store: "Store", states: "Collection[State]", *, leaving: bool) -> "Chosen":
        """The items that are meant, in one of the ``states`` where all are. Raises VraError.

        ``leaving``: they are to leave. Of all, what stands in public for good is left then, unless its kind
        is named.
        """
        from vra_tui.store import outbox

        if not self.is_all:
            return Chosen([outbox.find_item(store, one) for one in self.ids or ()])
        found = outbox.items(store, states=states, kinds=self.kinds)
        named = self.kinds or ()
        left = [one for one in found if leaving and one.is_public and one.kind not in named]
        return Chosen([one.item_id for one in found if one not in left], left)

    def check(self, store: "Store") -> None:
        """Raise VraError where nothing is named, or a kind that nothing has."""
        if bool(self.ids) == self.is_all:
            raise VraError("Name items by their ids, or say --all. Nothing was changed.")
        check_kinds(store, self.kinds)


@dataclass(frozen=True)
class Chosen:
    """Ids of items, and those that --all did not take."""

    item_ids: list[str]
    left: "list[Item]" = field(default_factory=list)

    def say_left(self) -> None:
        """Say what --all did not take, and how it is meant."""
        if not self.left:
            return
        kinds = sorted({one.kind for one in self.left})
        what = "it stands" if len(self.left) == 1 else "they stand"
        named = " ".join(f"--kind {one}" for one in kinds)
        say(
            f"{len(self.left):,} left as before ({', '.join(kinds)}): once out, {what} in public for good. "
            f"Name what is to leave by its id, or say --all {named}."
        )


def states_of(given: list[str] | None) -> "list[State]":
    """The states of these names. Raises VraError for what is none."""
    from vra_tui.store.outbox import State

    _check_words("state", given, [one.value for one in State])
    return [State(one) for one in given or ()]


def check_kinds(store: "Store", kinds: list[str] | None) -> None:
    """Raise VraError for a kind that nothing has, so that a slip of the hand is not an empty list."""
    if not kinds:
        return
    from vra_tui.pipeline.outbox import kinds as drafted
    from vra_tui.sources.wires import sending
    from vra_tui.store.outbox_items import BY_HAND, held_kinds

    _check_words("kind", kinds, sorted({*drafted.kinds(), *sending.kinds(), *BY_HAND, *held_kinds(store)}))


def _check_words(what: str, given: list[str] | None, known: list[str]) -> None:
    import difflib

    for word in given or ():
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            hint = f" Is it `{near[0]}`?" if near else ""
            raise VraError(f"There is no {what} `{word[:40]}`; there are {', '.join(known)}.{hint}")
