"""The order of a list: ids as one array, a cursor, and changes that never move what is looked at."""

from collections.abc import Container
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


def _no_ids() -> Ids:
    return np.empty(0, dtype=np.int64)


@dataclass
class ListOrder:
    """Ids in the order shown, the cursor's index, and which of them are settled.

    ``settled`` holds the ids decided since the list was opened, by whomever: they stay where they are, and
    the way to the next undecided alert leads past them.
    """

    ids: Ids = field(default_factory=_no_ids)
    cursor: int = 0
    settled: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def current(self) -> int | None:
        """The id under the cursor; None in an empty list."""
        return int(self.ids[self.cursor]) if len(self.ids) else None

    def index_of(self, alert_id: int) -> int | None:
        """Tell where an alert stands, None when it is not in the list."""
        found = np.flatnonzero(self.ids == alert_id)
        return int(found[0]) if len(found) else None

    def move_to(self, index: int) -> None:
        """Put the cursor on an index, or on the nearest that exists."""
        self.cursor = max(0, min(index, len(self.ids) - 1))

    def next_unsettled(self, taken: Container[int] = ()) -> int | None:
        """Index of the next alert that is not settled: below the cursor, else from the top; None: all are.

        ``taken``: alerts that someone else looks at; the way leads to them when nothing else is left.
        """
        last_resort = None
        for index in chain(range(self.cursor + 1, len(self.ids)), range(self.cursor)):
            alert_id = int(self.ids[index])
            if alert_id not in self.settled:
                if alert_id not in taken:
                    return index
                last_resort = index if last_resort is None else last_resort
        return last_resort

    def go_to(self, alert_id: int) -> None:
        """Put the cursor on an alert; one that is not in the list comes in where the cursor is."""
        index = self.index_of(alert_id)
        if index is None:
            index = self.cursor
            self.ids = np.insert(self.ids, index, alert_id)
        self.cursor = index

    def put_back(self, alert_id: int) -> None:
        """An alert is undecided again: the cursor goes to it."""
        self.settled.discard(alert_id)
        self.go_to(alert_id)

    def replace(self, ids: Ids) -> None:
        """Show other ids; the cursor stays on its alert if that is among them, else on its line."""
        here = self.current
        self.ids = np.asarray(ids, dtype=np.int64)
        index = None if here is None else self.index_of(here)
        self.move_to(self.cursor if index is None else index)

    def admit(self, arrivals: "Arrivals", first: int, last: int) -> int:
        """Take in what arrived without moving the lines ``first`` to ``last`` apart.

        What would fall between two visible lines comes in below them. Nothing leaves the list. Returns how
        many lines came in above ``first``: by so many the view must scroll to stand still. Arrivals planned
        for other ids than those shown now are left for the next time.
        """
        if arrivals.base is not self.ids:
            return 0
        where = arrivals.where.copy()
        first, last = max(first, 0), min(last, len(self.ids) - 1)
        where[(where > first) & (where <= last)] = last + 1
        empty = not len(self.ids)
        self.cursor = 0 if empty else self.cursor + int((where <= self.cursor).sum())
        self.ids = np.insert(self.ids, where, arrivals.ids)
        return 0 if empty else int((where <= first).sum())


@dataclass(frozen=True)
class Arrivals:
    """New ids, each with the index of ``base`` before which it belongs."""

    base: Ids
    ids: Ids
    where: NDArray[np.int64]


def arrivals(base: Ids, fresh: Ids, new: Ids) -> Arrivals | None:
    """Tell where the ids of the ``fresh`` order that are not in ``base`` go; None when there are none.

    ``new``: those that are not in ``base``, as far as the caller knows.
    """
    is_new = np.isin(fresh, new)
    if not is_new.any():
        return None
    places = np.flatnonzero(is_new)
    # A new id goes before the first known one that follows it in the fresh order.
    known = np.flatnonzero(~is_new)
    following = np.searchsorted(known, places)
    has_next = following < len(known)
    followers = fresh[known[following[has_next]]]
    found = np.flatnonzero(np.isin(base, followers))
    if len(found) < len(np.unique(followers)):
        # More is new than the caller knew of: some lists change by themselves as time goes on.
        return arrivals(base, fresh, fresh[~np.isin(fresh, base)])
    order = found[np.argsort(base[found])]
    where = np.full(len(places), len(base))
    spot = np.searchsorted(base[order], followers)
    where[has_next] = order[spot]
    return Arrivals(base, fresh[places], where)
