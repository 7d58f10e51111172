"""Score a store and all that follows: reasons and labels, what to label next, drift."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import numpy as np

from vra_tui.config.reading import Config
from vra_tui.domain.site import Site
from vra_tui.pipeline.cap_inflow import RaisedKeys
from vra_tui.pipeline.feature_rows import rests_on_stream
from vra_tui.pipeline.fill_teach_list import renew_teach
from vra_tui.pipeline.lift import check_lift
from vra_tui.pipeline.measure_drift import drift_warnings
from vra_tui.pipeline.renew_insights import CHUNK, renew_insights
from vra_tui.pipeline.score import MayDiscard, ScoreReport, score
from vra_tui.pipeline.sky_maps import MapWindow
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.ranking.policy import Policy
from vra_tui.scoring.model.judges import Judge, Judges
from vra_tui.scoring.model.trained import Model, ModelError, purpose_of
from vra_tui.scoring.stages import DAY1
from vra_tui.store import Store
from vra_tui.store.objects import surveys_held
from vra_tui.store.scores import alerts_to_score
from vra_tui.surveys import known_sites


@dataclass
class ScoredStore:
    """What came of a run: the report of scoring, by which models, and how many alerts were explained anew."""

    report: ScoreReport
    model: str
    explained: int


@dataclass(frozen=True)
class StoreScorer:
    """Who scores a store and the rules by which it is done, and the steps of it.

    ``window``, ``lift_rule``, ``may_discard``: as `vra_tui.pipeline.score.score` takes them. ``asked_for``:
    the model that the user named just now. ``sites``: of the surveys at hand, looked for once.
    """

    judges: Judges
    clock: Callable[[], datetime]
    policy: Policy = field(default_factory=Policy)
    follow_up: FollowUpRule | None = None
    window: MapWindow | None = None
    lift_rule: str | None = None
    may_discard: MayDiscard | None = None
    asked_for: Model | None = None
    sites: tuple[Site, ...] = field(default_factory=known_sites)

    @classmethod
    def configured(
        cls,
        config: Config,
        *,
        clock: Callable[[], datetime],
        model: str | None = None,
        note: Callable[[str], None] = lambda sentence: None,
    ) -> Self:
        """The rules of the configuration, and the models in use; that of this name in place of its survey's.

        ``note`` gets sentences for the user on the models. Raises ModelError for a model that cannot be used,
        ConfigError and FilterError for a rule that is none.
        """
        lift_rule = config.lift().rule
        check_lift(lift_rule)
        judges = Judges.configured(model, note)
        return cls(
            judges,
            clock,
            config.policy(),
            config.follow_up(),
            MapWindow.of(config.gw()),
            lift_rule,
            asked_for=judges.asked_for,
        )

    def check_asked_for(self, store: Store) -> None:
        """Raise ModelError where a model was asked for that has nothing to score in this store."""
        held = surveys_held(store)
        if self.asked_for is not None and held and self.asked_for.survey not in held:
            raise ModelError(
                f"{purpose_of(self.asked_for)}; this store holds alerts of {' and '.join(held)} alone. "
                "Nothing was scored. Without --model the models in use for them score them, or the starter "
                "ranks them."
            )

    def judges_of(self, store: Store) -> list[Judge]:
        """Who scores the surveys of a store, in the order of their names."""
        return [judge for survey in surveys_held(store) if (judge := self.judges.of(survey)) is not None]

    def owed(self, store: Store) -> int:
        """How many alerts have changed since they were scored."""
        return sum(len(alerts_to_score(store, judge.survey)) for judge in self.judges_of(store))

    def score(
        self,
        store: Store,
        *,
        everything: bool = False,
        at_mjd: float | None = None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        only_changed: bool = False,
        raised: RaisedKeys | None = None,
    ) -> ScoreReport:
        """Score and file what is new, see `vra_tui.pipeline.score.score`."""
        return score(
            store,
            self.judges_of(store),
            clock=self.clock,
            policy=self.policy,
            shadow=list(self.judges.shadows.values()),
            everything=everything,
            at_mjd=np.inf if at_mjd is None else at_mjd,
            on_progress=on_progress,
            may_discard=self.may_discard,
            window=self.window,
            lift_rule=self.lift_rule,
            only_changed=only_changed,
            raised=raised or RaisedKeys(self.sites),
        )

    def explain(
        self,
        store: Store,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        at_once: int = CHUNK,
    ) -> int:
        """Derive reasons, light-curve labels and windows anew where they are stale; of how many alerts."""
        return renew_insights(
            store,
            *self.judges_of(store),
            rule=self.follow_up,
            on_progress=on_progress,
            at_once=at_once,
            sites=self.sites,
        )

    def teach(self, store: Store) -> list[str]:
        """Choose what to label next, and measure drift after a new night; warnings for the user."""
        renew_teach(store)
        # One verdict stands in the store. Drift is defined on the published features of ATLAS.
        models = [judge for judge in self.judges_of(store) if isinstance(judge, Model)]
        measured = [model for model in models if not rests_on_stream(model.columns(DAY1))][:1]
        return [
            warning
            for model in measured
            for warning in drift_warnings(store, model, clock=self.clock, policy=self.policy)
        ]

    def run(
        self,
        store: Store,
        *,
        everything: bool = False,
        at_mjd: float | None = None,
        ranks_only: bool = False,
        progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    ) -> ScoredStore:
        """Do all steps, one after the other; warnings stand in the report.

        ``ranks_only``: without reasons, light-curve labels, windows, what to label next and drift.
        """
        report = self.score(
            store,
            everything=everything,
            at_mjd=at_mjd,
            on_progress=lambda done, total: progress("scored", done, total),
        )
        explained = 0
        if not ranks_only:
            explained = self.explain(store, lambda done, total: progress("explained", done, total))
            report.warnings += self.teach(store)
        names = dict.fromkeys(judge.name for judge in self.judges_of(store))
        return ScoredStore(report, ", ".join(names), explained)
