"""Renew the list `teach`: the alerts whose labels would help training most."""

from itertools import chain, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.stream_features import stream_features
from vra_tui.ranking.lists import STARTER
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.training.few_labels import COMPARED_FEATURES
from vra_tui.scoring.training.next_labels import MOST_COMPARED, UndecidedAlerts, choose, lucky
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.teach_list import Candidates, candidates, put_teach

#: A week's worth of extra keypresses.
LENGTH = 500
# Of a short stream only the best part is worth extra work: what is asked of everything is asked of nothing.
_SHARE = 4


def renew_teach(store: Store, length: int = LENGTH) -> int:
    """Choose anew what to label next, from the latest scores; returns how many alerts stand on the list.

    Of several surveys each has its turn.
    """
    lists = [_chosen(store, found, length) for found in candidates(store)]
    chosen = [item for item in chain(*zip_longest(*lists)) if item is not None][:length]
    with transaction(store):
        put_teach(
            store,
            (
                (alert_id, float(len(chosen) - place), reason)
                for place, (alert_id, reason) in enumerate(chosen)
            ),
        )
    return len(chosen)


def _chosen(store: Store, found: Candidates, length: int) -> list[tuple[int, str]]:
    """Ids and reasons of the alerts of a survey, best first."""
    columns: dict[str, Any] = dict(found.columns)
    columns["is_outside"] = columns["is_outside"] > 0
    if found.survey != DEFAULT_SURVEY:
        columns["features"] = _features(store, columns["alert_id"])
    among = UndecidedAlerts(**columns, by_starter=found.model == STARTER)
    choice = choose(among, min(length, -(-len(among.alert_id) // _SHARE)))
    return list(zip(among.alert_id[choice.rows].tolist(), choice.reasons, strict=True))


def _features(store: Store, alert_id: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is compared of some of the alerts, the same ones again; NaN for the others."""
    rows = lucky(alert_id, MOST_COMPARED)
    table = stream_features(store, alert_id[rows].tolist())
    features = np.full((len(alert_id), len(COMPARED_FEATURES)), np.nan)
    order = rows[np.argsort(alert_id[rows])]
    held = np.isin(alert_id[order], table.alert_id)
    features[order[held]] = table.select(COMPARED_FEATURES)
    return features
