"""Blind second opinions and second looks: hide what was said before from a scanner who is asked anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vra_tui.ranking.lists import MACHINE, NOT_DECIDED, ListName
from vra_tui.store import Store
from vra_tui.store.detail import AlertDetail, alert_detail
from vra_tui.store.doubt_list import doubted
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.store.query import ListQuery, query_ids
from vra_tui.store.scanning import awaiting_opinions
from vra_tui.store.second_opinions import Opinion, opinion
from vra_tui.store.standing import decision_nodes
from vra_tui.tui.order import Ids


@dataclass
class BlindVoting:
    """Reads of the store what a scanner may see; everything unless the scanner votes blind.

    In the list `doubt` everybody does: label, who gave it, scores and notes are hidden until one decided.
    ``open_list``: the list that is open, as the session says.
    """

    scanner: str
    is_blind: bool = False
    open_list: str = ""

    def ids(
        self,
        store: Store,
        query: ListQuery,
        among: Iterable[int] | None = None,
        limit: int | None = None,
    ) -> Ids:
        """The ids that a query selects, see `query_ids`; a list of decisions leaves out what is hidden."""
        found = query_ids(store, query, among, limit)
        if not self.is_blind or query.list_name in NOT_DECIDED:
            return found
        wanted = awaiting_opinions(store)
        hidden = [alert_id for alert_id in wanted if self._hides(store, alert_id)]
        return found[~np.isin(found, hidden)]

    def rows(self, store: Store, alert_ids: Sequence[int]) -> list[ListRow]:
        """The rows of some alerts, in the order asked."""
        rows = [self._hidden_votes(store, row) for row in list_rows(store, alert_ids)]
        if self.open_list != ListName.DOUBT:
            return rows
        looked_for = {one.alert_id for one in doubted(store, [row.alert_id for row in rows])}
        return [_as_new(row) if row.alert_id in looked_for else row for row in rows]

    def detail(self, store: Store, alert_id: int) -> AlertDetail:
        """All about one alert. Raises UnknownAlert."""
        detail = alert_detail(store, alert_id)
        row = self._hidden_votes(store, detail.row)
        if self.open_list == ListName.DOUBT and doubted(store, [alert_id]):
            insight = None if detail.insight is None else replace(detail.insight, reasons=[])
            return replace(
                detail, row=_as_new(row), scores=[], decisions=[], notes=[], insight=insight, teach=None
            )
        if row is detail.row:
            return detail
        known = (self.scanner, MACHINE)
        return replace(
            detail,
            row=row,
            decisions=[decision for decision in detail.decisions if decision.scanner in known],
            notes=[note for note in detail.notes if note.scanner in known],
        )

    def opinion(self, store: Store, row: ListRow) -> Opinion | None:
        """What a second opinion came to, without the votes that are hidden; None where nobody asked."""
        if row.opinion is None:
            return None
        found = opinion(decision_nodes(store, row.alert_id))
        return replace(found, votes={}) if found is not None and has_hidden_votes(row) else found

    def _hidden_votes(self, store: Store, row: ListRow) -> ListRow:
        if not self.is_blind or row.opinion != "wanted" or not self._hides(store, row.alert_id):
            return row
        return replace(
            row,
            list=ListName.SECOND.value,
            decided_list=None,
            decided_by=None,
            is_undecided=True,
            has_note=False,
        )

    def _hides(self, store: Store, alert_id: int) -> bool:
        found = opinion(decision_nodes(store, alert_id))
        return found is not None and found.wants(self.scanner)


def _as_new(row: ListRow) -> ListRow:
    """A row as of an alert that nobody has decided and no model has scored."""
    return replace(
        row,
        list=ListName.DOUBT.value,
        decided_list=None,
        decided_by=None,
        is_undecided=True,
        has_note=False,
        rank=None,
        preal=None,
        pgal=None,
        pfast=None,
        pfollow=None,
        model=None,
        is_gal_cand=False,
        follow_up=None,
        opinion=None,
        is_in_conflict=False,
    )


def has_hidden_votes(row: ListRow) -> bool:
    """Tell whether what was said before is hidden in a row: no alert stands in these lists by itself."""
    return row.list in (ListName.SECOND, ListName.DOUBT)


def is_second_look(row: ListRow) -> bool:
    """Tell whether a decision on a row is a second look at a label."""
    return row.list == ListName.DOUBT
