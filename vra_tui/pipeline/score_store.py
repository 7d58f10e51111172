"""A whole run of scoring: by the model in use, with reasons, what to label next, and a word on drift."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from vra_tui.pipeline.fill_teach_list import renew_teach
from vra_tui.pipeline.measure_drift import drift_warnings
from vra_tui.pipeline.renew_insights import renew_insights
from vra_tui.pipeline.score import ScoreReport, score
from vra_tui.pipeline.sky_maps import MapWindow
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.model.library import check_ready, load_in_use, load_shadow
from vra_tui.store import Store


@dataclass
class ScoredStore:
    """What came of a run: the report of scoring, by which model, and how many alerts were explained anew."""

    report: ScoreReport
    model: str
    explained: int


def score_store(
    store: Store,
    *,
    policy: Policy,
    follow_up: FollowUpRule,
    clock: Callable[[], datetime],
    model: str | None = None,
    everything: bool = False,
    at_mjd: float | None = None,
    ranks_only: bool = False,
    window: MapWindow | None = None,
    lift_rule: str | None = None,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    note: Callable[[str], None] = lambda sentence: None,
) -> ScoredStore:
    """Score what is new, as `vra_tui.pipeline.score.score` does, by the model of this name or the one in use.

    ``ranks_only``: without reasons, light-curve labels, windows, what to label next and drift. ``note`` gets
    sentences for the user before the work begins; those from after it are the report's warnings. Raises
    ModelError for a model that cannot be used.
    """
    chosen, warning = load_in_use(model)
    check_ready(chosen)
    shadow, shadow_warning = load_shadow()
    for sentence in filter(None, (warning, shadow_warning)):
        note(sentence)
    report = score(
        store,
        chosen,
        clock=clock,
        policy=policy,
        shadow=shadow,
        everything=everything,
        at_mjd=float("inf") if at_mjd is None else at_mjd,
        on_progress=lambda done, total: progress("scored", done, total),
        window=window,
        lift_rule=lift_rule,
    )
    explained = 0
    if not ranks_only:
        explained = renew_insights(
            store,
            chosen,
            rule=follow_up,
            on_progress=lambda done, total: progress("explained", done, total),
        )
        renew_teach(store)
        report.warnings += drift_warnings(store, chosen, clock=clock, policy=policy)
    return ScoredStore(report, chosen.name, explained)
