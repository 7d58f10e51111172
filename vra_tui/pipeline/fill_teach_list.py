"""Renew the list `teach`: the alerts whose labels would help training most."""

from typing import Any

from vra_tui.scoring.training.next_labels import UndecidedAlerts, choose
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.teach_list import candidates, put_teach

#: A week's worth of extra keypresses.
LENGTH = 500
# Of a short stream only the best part is worth extra work: what is asked of everything is asked of nothing.
_SHARE = 4


def renew_teach(store: Store, length: int = LENGTH) -> int:
    """Choose anew what to label next, from the latest scores; returns how many alerts stand on the list."""
    columns: dict[str, Any] = dict(candidates(store))
    columns["is_outside"] = columns["is_outside"] > 0
    found = UndecidedAlerts(**columns)
    choice = choose(found, min(length, -(-len(found.alert_id) // _SHARE)))
    ids = found.alert_id[choice.rows].tolist()
    with transaction(store):
        put_teach(
            store,
            (
                (alert_id, float(len(ids) - place), reason)
                for place, (alert_id, reason) in enumerate(zip(ids, choice.reasons, strict=True))
            ),
        )
    return len(ids)
