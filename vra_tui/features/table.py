"""The feature table: rows are alerts, columns are named features, one array of float64."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.stream import STREAM_1

#: Day-1 features, named as in the published VRA tables (DESIGN.md section 5), in their order.
DAY1_FEATURES: tuple[str, ...] = (
    "Nnondet_std",
    "Nnondet_mean",
    "magdet_std",
    "DET_Nsince_min5d",
    "NON_Nsince_min5d",
    "log10_std_ra_min5d",
    "log10_std_dec_min5d",
    "DET_mag_median_min5d",
    "ra",
    "dec",
    "rb_pix",
    "z",
    "photoz",
    "ebv_sfd",
    "log10_sep_arcsec",
    "CV",
)

#: What the day-N models see beside the day-1 features.
VISIT_FEATURES: tuple[str, ...] = (
    "dayN",
    "DET_mag_median",
    "DET_N_total",
    "NON_mag_median",
    "NON_N_total",
    "max_mag",
    "max_mag_day",
)

DAYN_FEATURES: tuple[str, ...] = (*VISIT_FEATURES, *DAY1_FEATURES)

#: What the models of P(fast) see; `vra_tui.features.fast` has them in words.
FAST_FEATURES: tuple[str, ...] = (
    "age",
    "unseen_days",
    "earlier_nights",
    "seen_nights",
    "peak_delay",
    "since_peak",
    "gain",
    "faded",
    "rate",
    "rate_up",
    "rate_down",
    "rate_recent",
    "night_rate",
    "night_scatter",
    "first_excess",
    "colour",
    "dark_days",
    "rise_from_limit",
    "fall_to_limit",
    "absolute_mag",
)

#: Feature sets by name and version; a model card names the one it was trained on.
FEATURE_SETS: dict[str, tuple[str, ...]] = {
    "vra-day1-1": DAY1_FEATURES,
    "vra-dayN-1": DAYN_FEATURES,
    "vra-fast-1": FAST_FEATURES,
    "stream-1": STREAM_1,
}


@dataclass(frozen=True)
class FeatureTable:
    """Features of many alerts.

    ``alert_id``: int64, shape (n,). ``names``: the columns, m of them. ``values``: float64, shape (n, m),
    NaN where a feature has no value.
    """

    alert_id: NDArray[np.int64]
    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.alert_id), len(self.names)):
            raise ValueError(
                f"feature values have shape {self.values.shape}, "
                f"want {(len(self.alert_id), len(self.names))} (alerts, names)"
            )

    def __len__(self) -> int:
        return len(self.alert_id)

    def column(self, name: str) -> NDArray[np.float64]:
        """One feature, shape (n,). Raises KeyError when there is no such column."""
        try:
            return self.values[:, self.names.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def select(self, names: Sequence[str]) -> NDArray[np.float64]:
        """The named features in the order asked, shape (n, len(names)). Raises KeyError for a missing one."""
        missing = [name for name in names if name not in self.names]
        if missing:
            raise KeyError(", ".join(missing))
        return self.values[:, [self.names.index(name) for name in names]]
