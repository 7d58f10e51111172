"""What the outbox on the screen shows, read from the store at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vra_tui.store import Store
from vra_tui.store.listing import data_version
from vra_tui.store.objects import Name, names_of
from vra_tui.store.outbox import Item, State, counts, item, items

#: So many items of a selection are shown, the latest first.
MOST = 1_000


@dataclass(frozen=True)
class OutboxContents:
    """The items of a selection, the latest first, and how many there are of each state.

    ``chosen``: the item under the cursor with its history; ``names``: of its alerts, by number.
    """

    items: Sequence[Item]
    counts: Mapping[State, int]
    chosen: Item | None
    names: Mapping[int, Name]


class OutboxReader:
    """Reads what changed: the list anew only where somebody wrote, the item at every step of the cursor."""

    def __init__(self) -> None:
        self._read: tuple[int, Sequence[State]] | None = None
        self._items: Sequence[Item] = ()
        self._counts: Mapping[State, int] = {}

    def __call__(self, store: Store, states: Sequence[State], chosen: str | None) -> OutboxContents:
        """Read a selection; where ``chosen`` is not in it, its first item is. Always for the same store."""
        now = data_version(store), states
        if now != self._read:
            self._items = items(store, states=states, limit=MOST, is_latest_first=True)
            self._counts, self._read = counts(store), now
        ids = [one.item_id for one in self._items]
        here = chosen if chosen in ids else ids[0] if ids else None
        detail = None if here is None else item(store, here)
        names = names_of(store, list(detail.alert_ids)) if detail is not None and detail.alert_ids else {}
        return OutboxContents(self._items, self._counts, detail, names)
