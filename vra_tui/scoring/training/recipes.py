"""Recipes of the shipped models: features, trees and constraints of each question at each stage.

The choices were made by repeated grouped cross-validation on AuRaK of the combined rank; docs/models.md has
the figures, and what was tried and not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES
from vra_tui.scoring.stages import DAY1, DAYN

_WHOLE = frozenset({"max_depth", "rounds"})


@dataclass(frozen=True)
class Recipe:
    """One booster: its features (derived ones among them), number of rounds, XGBoost parameters.

    ``monotone``: +1 or -1 for features whose effect may only go one way. ``label_weight``: rows with these
    labels count so many times; the others once.
    """

    features: tuple[str, ...]
    rounds: int
    parameters: Mapping[str, float]
    monotone: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    label_weight: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def with_trees(self, values: Mapping[str, float]) -> "Recipe":
        """The same recipe with other trees: XGBoost parameters by name, and ``rounds`` among them."""
        # XGBoost refuses a depth of 3.0, which is what a card makes of 3.
        given = {name: int(value) if name in _WHOLE else value for name, value in values.items()}
        rounds = int(given.pop("rounds", self.rounds))
        return replace(self, rounds=rounds, parameters=MappingProxyType({**self.parameters, **given}))


@dataclass(frozen=True)
class Recipes:
    """The recipes of a model by question: of day 1, and of what day N adds to it."""

    day1: Mapping[str, Recipe]
    dayN: Mapping[str, Recipe]

    def with_trees(
        self, day1: Mapping[str, float] | None = None, dayN: Mapping[str, float] | None = None
    ) -> "Recipes":
        """The same recipes with other trees, the same for all questions; see `Recipe.with_trees`."""
        return Recipes(
            {name: recipe.with_trees(day1 or {}) for name, recipe in self.day1.items()},
            {name: recipe.with_trees(dayN or {}) for name, recipe in self.dayN.items()},
        )


#: Right ascension and declination do not come in as such: they would identify single objects.
_DAY1_FEATURES = (
    *(name for name in DAY1_FEATURES if name not in ("ra", "dec")),
    "abs_gal_lat",
    "log10_std_ra_arcsec",
    "log10_scatter_arcsec",
    "det_share_min5d",
    "log10_host_offset_kpc",
    "host_abs_mag",
    "mag_unreddened",
)

_VISIT_FEATURES = (
    "dayN",
    "max_mag_day",
    "det_share_visits",
    "det_share_since",
    "det_since",
    "non_since",
    "fading",
    "brightening",
    "limit_below_peak",
    "detected_today",
    "days_since_max",
)

_DAY1_TREES = MappingProxyType(
    {
        "eta": 0.03,
        "max_depth": 3,
        "min_child_weight": 2,
        "subsample": 0.5,
        "colsample_bynode": 0.2,
        "lambda": 3,
    }
)

_DAYN_TREES = MappingProxyType(
    {
        "eta": 0.1,
        "max_depth": 2,
        "min_child_weight": 3,
        "subsample": 0.7,
        "colsample_bynode": 0.6,
        "lambda": 5,
    }
)

# A good alert in the bin is the worst outcome; this costs nothing in AuRaK and leaves fewer of them low.
_RECALL_FIRST = MappingProxyType({"good": 3.0})

#: Which published feature set a table must have for each stage.
STAGE_FEATURE_SETS: Mapping[str, str] = MappingProxyType({DAY1: "vra-day1-1", DAYN: "vra-dayN-1"})

#: The columns a table must have for each stage.
STAGE_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({DAY1: DAY1_FEATURES, DAYN: DAYN_FEATURES})

#: First look: one booster a question, on the day-1 features alone.
DAY1_RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "preal": Recipe(
            _DAY1_FEATURES,
            300,
            _DAY1_TREES,
            MappingProxyType({"rb_pix": 1, "DET_Nsince_min5d": 1, "det_share_min5d": 1}),
            _RECALL_FIRST,
        ),
        "pgal": Recipe(_DAY1_FEATURES, 300, _DAY1_TREES, MappingProxyType({"CV": 1}), _RECALL_FIRST),
    }
)

#: What the visits add to the log-odds of day 1, from visit features alone. P(galactic) has none: in
#: cross-validation the visits of 107 objects added noise to it and nothing else.
DAYN_RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "preal": Recipe(
            _VISIT_FEATURES,
            60,
            _DAYN_TREES,
            MappingProxyType(
                {
                    "det_share_visits": 1,
                    "det_share_since": 1,
                    "det_since": 1,
                    "detected_today": 1,
                    "non_since": -1,
                }
            ),
        ),
    }
)

#: Sum of an object's visit rows' weights, in units of one day-1 row.
VISIT_OBJECT_WEIGHT = 2.0

#: The recipes of the shipped models.
SHIPPED = Recipes(DAY1_RECIPES, DAYN_RECIPES)
