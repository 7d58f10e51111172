"""Would forced photometry or the host's luminosity find the fast sooner? Run: python -m studies.fast_extras.

Simulated ZTF alerts, with forced photometry for all, as they stand three days after their first detection:
trees learn "fast?" from the light curve's features of P(fast), with columns of `stream-1` for forced
photometry and for the host beside them. Out of fold, in a list weighted like a magnitude-limited sample of
explosions: share of the fast within the first 10 and 20 %, with bootstrap intervals, and differences to the
light curve alone in pairs. The real light curves at hand (ZTF's Bright Transient Survey) have neither forced
photometry nor hosts, so that nothing here can be checked on the sky.
"""

import argparse
import csv
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.fast import compute_fast
from vra_tui.features.table import FAST_FEATURES
from vra_tui.pipeline.fast_rows import season
from vra_tui.pipeline.fast_training import BRIGHT_SAMPLE, FAST_SHARE
from vra_tui.pipeline.feature_tables import context_of
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curves
from vra_tui.store.objects import known_numbers
from vra_tui.store.scores import read_records

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FORCED = (
    "forced_before_signal_to_noise", "forced_before_reduced_chi2", "n_forced_before_above_3_sigma",
    "forced_signal_to_noise_latest", "rise_from_limits_mag_per_day", "limit_to_first_mag",
    "limit_to_first_days", "days_since_limit",
)  # fmt: skip
HOST = (
    "host_absolute_mag", "host_mag", "host_colour_mag", "host_separation_kpc", "host_separation_in_sizes",
    "host_is_nuclear", "peak_absolute_mag", "peak_less_host_mag",
)  # fmt: skip
_TREES = {
    "eta": 0.06, "max_depth": 4, "min_child_weight": 15, "subsample": 0.6, "colsample_bynode": 0.5,
    "lambda": 5, "objective": "binary:logistic", "seed": 1, "nthread": 1,
}  # fmt: skip
_ROUNDS, _FOLDS, _RESAMPLES = 150, 5, 500
_SHARES = (0.1, 0.2)


def rows(
    folder: Path, alerts: int, seed: int, days: float
) -> tuple[dict[str, Floats], NDArray[np.str_], Bools]:
    """Columns by group, kind of source, and who is fast, of the explosions ``days`` after first detection."""
    scenario = season(alerts).by("ztf").changed(forced="all")
    truth = folder / "truth.csv"
    store = open_store(folder / "simulated.db", durable=False)
    fill_store(store, scenario, seed, truth, stamps="none", workers=1, clock=lambda: datetime.now(UTC))
    with truth.open(newline="") as lines:
        told = {("ztf", row["object_id"]): (row["kind"], row["speed"]) for row in csv.DictReader(lines)}
    known = {number: told[name] for name, number in known_numbers(store, told).items()}
    ids = [n for n, (kind, speed) in known.items() if kind in BRIGHT_SAMPLE or speed == "fast"]
    curves = light_curves(store, ids)
    seen = np.diff(curves.detection_start) > 0
    first = np.full(len(curves), np.nan)
    first[seen] = curves.detections.mjd[curves.detection_start[:-1][seen]]
    taken = np.flatnonzero(seen)
    numbers = curves.alert_id[taken]
    at = first[taken] + days
    about = context_of(read_records(store, numbers.tolist()))
    fast = compute_fast(curves.take(taken), about, at)
    stream = stream_features(store, numbers.tolist(), at)
    light = [name for name in FAST_FEATURES if name != "absolute_mag"]
    columns = {"light": fast.select(light), "forced": stream.select(FORCED), "host": stream.select(HOST)}
    kinds, speeds = (np.array(part) for part in zip(*(known[n] for n in numbers.tolist()), strict=True))
    return columns, kinds, speeds == "fast"


def weights(kind: NDArray[np.str_], is_fast: Bools) -> Floats:
    """Weight of each row: the shares of a magnitude-limited sample, as P(fast) is judged."""
    weight = np.zeros(len(kind))
    for name, share in BRIGHT_SAMPLE.items():
        mine = (kind == name) & ~is_fast
        weight[mine] = share / max(int(mine.sum()), 1)
    weight *= (1 - FAST_SHARE) / weight.sum()
    weight[is_fast] = FAST_SHARE / max(int(is_fast.sum()), 1)
    return weight


def out_of_fold(matrix: Floats, is_fast: Bools, part: NDArray[np.int64]) -> Floats:
    """Log-odds of each row by trees that never saw it."""
    import xgboost

    score = np.empty(len(matrix))
    for fold in range(_FOLDS):
        asked = part == fold
        even = np.where(is_fast, 0.3 * (~is_fast[~asked]).sum() / is_fast[~asked].sum(), 1.0)
        data = xgboost.DMatrix(matrix[~asked], is_fast[~asked], weight=even[~asked], nthread=1)
        trees = xgboost.train(_TREES, data, _ROUNDS)
        score[asked] = trees.predict(xgboost.DMatrix(matrix[asked], nthread=1), output_margin=True)
    return score


def found_within(order: NDArray[np.int64], is_fast: Bools, weight: Floats) -> Floats:
    """Share of the fast within the first parts of the list, for each of `_SHARES`."""
    read = np.cumsum(weight[order]) / weight.sum()
    found = np.cumsum((weight * is_fast)[order]) / (weight * is_fast).sum()
    return np.interp(_SHARES, read, found)


def main() -> None:
    """Print a line for each set of features."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--alerts", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=3.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        columns, kind, is_fast = rows(Path(name), options.alerts, options.seed, options.days)
    weight = weights(kind, is_fast)
    part = np.random.default_rng(1).permutation(len(kind)) % _FOLDS
    groups = {
        "light curve": ("light",),
        "and forced photometry": ("light", "forced"),
        "and the host": ("light", "host"),
        "and both": ("light", "forced", "host"),
    }
    orders = {
        name: np.argsort(
            -out_of_fold(np.column_stack([columns[g] for g in group]), is_fast, part), kind="stable"
        )
        for name, group in groups.items()
    }
    rng = np.random.default_rng(2)
    draws = [
        np.bincount(rng.integers(0, len(kind), len(kind)), minlength=len(kind)) for _ in range(_RESAMPLES)
    ]
    drawn = {
        name: np.array([found_within(order, is_fast, weight * times) for times in draws])
        for name, order in orders.items()
    }
    print(f"{len(kind):,} simulated explosions, {int(is_fast.sum())} fast, {options.days:g} days on")
    for name in orders:
        cells = []
        here, base = (found_within(orders[n], is_fast, weight) for n in (name, "light curve"))
        for at, share in enumerate(_SHARES):
            low, high = np.quantile(drawn[name][:, at], [0.025, 0.975])
            less, more = np.quantile(drawn[name][:, at] - drawn["light curve"][:, at], [0.025, 0.975])
            cells.append(
                f"first {share:.0%}: {here[at]:.2f} ({low:.2f}-{high:.2f}), "
                f"{here[at] - base[at]:+.2f} ({less:+.2f} to {more:+.2f})"
            )
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
