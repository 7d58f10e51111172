"""Compare two models on the alerts of a store: both score the same features, nothing is written."""

from collections.abc import Callable

import numpy as np

from vra_tui.pipeline.feature_rows import FeatureRows, rests_on_stream
from vra_tui.pipeline.feature_tables import host_mpc_of
from vra_tui.pipeline.visits import N_DAYS, visits_of
from vra_tui.ranking.lists import MACHINE
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.evaluation.comparison import ComparedAlerts, Comparison, ModelScores, compare, score_with
from vra_tui.scoring.model.trained import Model, ModelError, Scores, purpose_of
from vra_tui.store import Store
from vra_tui.store.label_names import labels_taught
from vra_tui.store.listing import list_ids, list_rows
from vra_tui.store.objects import of_survey

_CHUNK = 4_000


def compare_models(
    store: Store,
    first: Model,
    second: Model,
    policy: Policy,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[ComparedAlerts, Comparison]:
    """Hold ``second`` against ``first`` on every alert of the store, as it stood at its latest visit.

    Raises ModelError where a model lacks a stage, or the two are for different surveys.
    """
    if first.survey != second.survey:
        raise ModelError(
            f"{purpose_of(first)}. {purpose_of(second)}. Models of two surveys score no alert in common: "
            "nothing was compared."
        )
    ids = of_survey(store, list_ids(store, "all").tolist(), first.survey)
    situations: list[ComparedAlerts] = []
    judged: tuple[list[ModelScores], list[ModelScores]] = ([], [])
    for start in range(0, len(ids), _CHUNK):
        situation, answers = _chunk(store, first, second, ids[start : start + _CHUNK])
        situations.append(situation)
        for kept, answer in zip(judged, answers, strict=True):
            kept.append(answer)
        on_progress(start + len(situation.alert_id), len(ids))
    whole = _joined_situations(situations)
    return whole, compare(_joined(judged[0]), _joined(judged[1]), whole, policy)


def _chunk(
    store: Store, first: Model, second: Model, ids: list[int]
) -> tuple[ComparedAlerts, tuple[ModelScores, ModelScores]]:
    asked = {
        name for model in (first, second) for stage in model.card.stages for name in model.columns(stage)
    }
    read = FeatureRows.read(store, ids, asked)
    records = read.records
    visits = visits_of(read.curves, records.t0_mjd, is_open_ended=rests_on_stream(asked))
    last = N_DAYS - 1 - np.argmax(visits.exists[:, ::-1], axis=1)
    latest = (np.arange(len(last)), last)
    table = read.table(asked, np.arange(len(last)), visits.end_mjd[latest])
    situation = ComparedAlerts(
        alert_id=records.alert_id,
        visit=visits.number[latest],
        host_mpc=host_mpc_of(records),
        label=np.array(_labels(store, records.alert_id.tolist()), dtype=np.str_),
    )
    return situation, (score_with(first, table, last > 0), score_with(second, table, last > 0))


def _labels(store: Store, ids: list[int]) -> list[str]:
    """Return what the scanners' standing decisions teach, "" where there is none."""
    taught = labels_taught(store)
    decided = [row.decided_list if row.decided_by != MACHINE else None for row in list_rows(store, ids)]
    return ["" if name is None else taught[name] for name in decided]


def _joined_situations(parts: list[ComparedAlerts]) -> ComparedAlerts:
    if not parts:
        none = np.empty(0)
        return ComparedAlerts(none.astype(np.int64), none.astype(np.int64), none, none.astype(np.str_))
    names = ("alert_id", "visit", "host_mpc", "label")
    return ComparedAlerts(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _joined(parts: list[ModelScores]) -> ModelScores:
    if not parts:
        none, no = np.empty(0), np.empty(0, dtype=bool)
        return ModelScores(Scores(none, none, none, none, no), no)
    names = ("preal", "pgal", "pfast", "rank", "is_gal_cand")
    scores = {name: np.concatenate([getattr(part.scores, name) for part in parts]) for name in names}
    return ModelScores(Scores(**scores), np.concatenate([part.may_discard for part in parts]))
