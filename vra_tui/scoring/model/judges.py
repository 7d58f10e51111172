"""Who scores the alerts of each survey: its model, else the starter; and what both can be asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.model.explain import Reason, explain
from vra_tui.scoring.model.library import check_ready, chosen_surveys, load_chosen, load_in_use, load_shadow
from vra_tui.scoring.model.scope import scope
from vra_tui.scoring.model.starter import Starter
from vra_tui.scoring.model.starter_card import StarterCard, card_in_use
from vra_tui.scoring.model.trained import Model, ModelError

#: Whatever gives the alerts of a survey their ranks.
Judge = Model | Starter


class _Reasons(Protocol):
    def of(self, row: int) -> list[Reason]: ...


class _Scope(Protocol):
    @property
    def measure(self) -> NDArray[np.float64]: ...
    @property
    def may_discard(self) -> NDArray[np.bool_]: ...
    def words(self, row: int) -> list[str]: ...


def reasons_by(judge: Judge, table: FeatureTable, stage: str) -> _Reasons:
    """The reasons for the scores that the judge gives the table's alerts."""
    return judge.explain(table) if isinstance(judge, Starter) else explain(judge, table, stage)


def scope_by(judge: Judge, table: FeatureTable, stage: str) -> _Scope:
    """How far the table's alerts are what the judge was made for, and which of them it may discard."""
    return judge.scope(table) if isinstance(judge, Starter) else scope(judge, table, stage)


@dataclass(frozen=True)
class Judges:
    """The judge of each survey.

    ``models`` and ``shadows`` by the survey whose alerts they score; ``starter``: the rule for surveys
    without a model, None where it is not to be used. ``asked_for``: the model that the user named just now.
    """

    models: Mapping[str, Model]
    shadows: Mapping[str, Model]
    starter: StarterCard | None = None
    asked_for: Model | None = None

    @classmethod
    def alone(cls, model: Model, shadow: Model | None = None) -> Self:
        """One model, and nobody for other surveys."""
        return cls({model.survey: model}, {} if shadow is None else {shadow.survey: shadow})

    @classmethod
    def configured(cls, model: str | None = None, note: Callable[[str], None] = lambda words: None) -> Self:
        """The models in use, and the one called ``model`` in place of that of its survey.

        ``note`` gets sentences for the user. Raises ModelError for a model that cannot be used.
        """
        asked = None if model is None else load_in_use(model)[0]
        models = {} if asked is None else {asked.survey: asked}
        shadows: dict[str, Model] = {}
        for survey in chosen_surveys():
            found, warning = None, None
            if survey not in models:
                found, warning = load_in_use() if survey == DEFAULT_SURVEY else load_chosen(survey)
            shadow, shadow_warning = load_shadow(survey)
            for sentence in filter(None, (warning, shadow_warning)):
                note(sentence)
            if found is not None:
                models[survey] = found
            if shadow is not None:
                shadows[survey] = shadow
        for one in models.values():
            check_ready(one)
        try:
            starter, warning = card_in_use()
        except ModelError as error:
            note(str(error))
            return cls(models, shadows, None, asked)
        if warning:
            note(warning)
        return cls(models, shadows, starter, asked)

    def of(self, survey: str) -> Judge | None:
        """Who scores a survey's alerts; None for nobody."""
        if survey in self.models:
            return self.models[survey]
        return None if self.starter is None else Starter(self.starter, survey)
