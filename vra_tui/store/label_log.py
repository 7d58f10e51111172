"""The interface of places that keep labels: the local store, or a place that a team shares.

Alerts stay in the store of each machine. Labels may be shared: what was decided, undone and noted is a set of
rows to which rows are only added, and that names alerts by (survey, object_id). What stands is no part of it:
it follows from the set (`vra_tui.store.precedence`), so that any two places with the same rows agree.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.store.handle import Store
from vra_tui.store.label_entry import Merged, id_of
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.merge import merge


class LabelLog(Protocol):
    """A place that keeps decisions, undos and notes of people, not of the policies."""

    def append(
        self,
        pieces: Iterable[InputPiece | Refusal],
        on_refusal: Callable[[Refusal], None] = ...,
        *,
        now: datetime,
    ) -> Merged:
        """Add the rows that it lacks, each checked by `label_entry.checked`; in any order, however often.

        A row that is not whole, is from the future of ``now``, or contradicts the one kept under its id is
        refused by itself, and what is kept stays. Refusals among the pieces are handed on.
        """
        ...

    def entries(self) -> Iterator[InputPiece | Refusal]:
        """All rows in the order of their ids: mappings with the keys `log.HISTORY_COLUMNS`.

        What cannot be read is a refusal in the place of a row.
        """
        ...


@dataclass(frozen=True)
class SqliteLabelLog:
    """The labels of a store. ``name``: what is said of where a row stands. ``import_id``: see `merge`."""

    store: Store
    name: str
    import_id: str | None = None

    def append(
        self,
        pieces: Iterable[InputPiece | Refusal],
        on_refusal: Callable[[Refusal], None] = lambda refusal: None,
        *,
        now: datetime,
    ) -> Merged:
        """Add rows, and derive where their alerts stand, see `merge`."""
        return merge(self.store, pieces, on_refusal, now=now, import_id=self.import_id)

    def entries(self) -> Iterator[InputPiece | Refusal]:
        """All that people decided, undid and noted."""
        for row in history_rows(self.store, HistoryQuery()):
            yield InputPiece(self.name, f"decision {row['decision_id']}", row)


def exchange(
    here: LabelLog,
    there: LabelLog,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    *,
    now: datetime,
) -> tuple[Merged, Merged]:
    """Give each of two places the rows that only the other has; what came of it here, and there.

    Rows that are the same in both are known by that, and not checked again: that would take most of the time.
    """
    ours, theirs = list(here.entries()), list(there.entries())
    came = []
    for place, given, held in ((here, theirs, ours), (there, ours, theirs)):
        lacking = _lacking(given, held)
        merged = place.append(lacking, on_refusal, now=now)
        merged.known += len(given) - len(lacking)
        came.append(merged)
    return came[0], came[1]


def _lacking(
    given: list[InputPiece | Refusal], held: list[InputPiece | Refusal]
) -> list[InputPiece | Refusal]:
    """Return what is given and does not stand among what is held in the very same words; refusals too."""
    rows = {id_of(one): one.value for one in held if isinstance(one, InputPiece)}
    return [one for one in given if isinstance(one, Refusal) or rows.get(id_of(one)) != one.value]
