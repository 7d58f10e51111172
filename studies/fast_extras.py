"""Would forced photometry or the host's luminosity find the fast sooner? Run: python -m studies.fast_extras.

Simulated explosions with forced photometry for all, as they stand some days after their first detection, once
with the survey's limits and once without (one or two detections a night): trees learn "fast?" from the
features of P(fast) but the absolute magnitude, with numbers of forced fluxes and of the host beside them. Out
of fold, in a list weighted like a magnitude-limited sample: share of the fast within the first 10 and 20 %,
with bootstrap intervals, and the difference to the light curve alone in pairs. The simulator draws hosts of
one luminosity for all kinds, so that a host tells a distance at most.

The real light curves at hand (ZTF's Bright Transient Survey) have neither forced photometry nor hosts. With a
folder REAL that has ``atlas_forced`` the study also says whether real supernovae show in the forced fluxes
before their first detection as simulated ones do.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.distance import distance_modulus, kpc_per_arcsec
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.fast import compute_fast
from vra_tui.features.table import FAST_FEATURES
from vra_tui.pipeline.fast_rows import bare, season, widened
from vra_tui.pipeline.fast_training import BRIGHT_SAMPLE, FAST, FAST_SHARE, FAST_WEIGHT
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.scoring.training.boosters import fit, margin
from vra_tui.scoring.training.recipes import Recipe
from vra_tui.simulator import Batch, prepare

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LIGHT = tuple(name for name in FAST_FEATURES if name != "absolute_mag")
FORCED = (
    "forced_before_sigma",
    "forced_slope",
    "forced_slope_sigma",
    "forced_growth",
    "forced_rise_from_limit",
)
HOST = ("absolute_mag", "host_absolute_mag", "less_host_mag", "host_offset_kpc")
_FOLDS, _RESAMPLES = 5, 500
_SHARES = (0.1, 0.2)
_BEFORE_DAYS = 30.0
_WORST_MICROJANSKY = 150.0


def forced_numbers(batch: Batch, first: Floats, at: Floats, first_mag: Floats) -> Floats:
    """Numbers of the forced fluxes up to ``at``, shape (n, 5), in the order of `FORCED`.

    Significance of the mean flux of the 30 days before the first detection; slope of the flux since three
    days before it, in parts of the first detection's flux a day, and by its error; flux of the last night
    less that of the first, in the same unit; rise from the 3-sigma limit of the last night before, mag a day.
    """
    section, n = batch.forced, len(batch)
    owner = np.repeat(np.arange(n), np.diff(section.start))
    mjd, flux, error = (section[name].astype(np.float64) for name in ("mjd", "flux", "dflux"))
    unit = 10 ** (-0.4 * (first_mag - 23.9))
    since = mjd - first[owner]
    weight = 1 / error**2

    def mean(chosen: Bools) -> tuple[Floats, Floats]:
        total = np.bincount(owner[chosen], weight[chosen], n)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.bincount(owner[chosen], (weight * flux)[chosen], n) / total
            return found, 1 / np.sqrt(total)

    known = mjd <= at[owner]
    before = known & (since < -0.5) & (since > -_BEFORE_DAYS)
    course = known & (since > -3.0)
    level, its_error = mean(before)
    centre = np.bincount(owner[course], (weight * since)[course], n)
    total = np.bincount(owner[course], weight[course], n)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre /= total
        away = since - centre[owner]
        spread = np.bincount(owner[course], (weight * away**2)[course], n)
        slope = np.bincount(owner[course], (weight * away * flux)[course], n) / spread
        last = np.full(n, -np.inf)
        np.maximum.at(last, owner[known], mjd[known])
        early, _ = mean(known & (np.abs(since) < 0.5))
        late, _ = mean(known & (mjd > last[owner] - 0.5) & (since > 0.5))
        night_before = np.full(n, -np.inf)
        np.maximum.at(night_before, owner[before], mjd[before])
        _, limit_error = mean(before & (mjd > night_before[owner] - 0.5))
        limit = 23.9 - 2.5 * np.log10(3 * limit_error)
        rise = (limit - first_mag) / (first - night_before)
        found = (level / its_error, slope / unit, slope * np.sqrt(spread), (late - early) / unit, rise)
    return np.where(np.isfinite(np.column_stack(found)), np.column_stack(found), np.nan)


def host_numbers(batch: Batch, absolute: Floats, first_mag: Floats, z: Floats) -> Floats:
    """Numbers of the catalogued host, shape (n, 4), in the order of `HOST`; NaN without a galaxy."""
    is_galaxy = batch.matches["catalogue"] == "galaxy"
    magnitude = np.where(is_galaxy, batch.matches["magnitude"].astype(np.float64), np.nan)
    offset = batch.matches["separation"].astype(np.float64) * kpc_per_arcsec(np.where(z > 0, z, np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        modulus = np.where(z > 0, distance_modulus(np.where(z > 0, z, np.nan)), np.nan)
    return np.column_stack([absolute, magnitude - modulus, first_mag - magnitude, offset])


def rows(alerts: int, seed: int, days: float) -> tuple[dict[str, Floats], NDArray[np.str_], Bools]:
    """Columns by group, kind of source, and who is fast, ``days`` after the first detection."""
    rng = np.random.default_rng(seed)
    parts: dict[str, list[Floats]] = {name: [] for name in ("limits", "bare", "forced", "host")}
    kinds, fast = [], []
    for whole in widened(prepare(season(alerts).changed(forced="all"), seed, ebv_sfd)):
        is_fast = whole.truth["speed"] == "fast"
        chosen = np.isin(whole.truth["kind"], list(BRIGHT_SAMPLE)) | is_fast
        batch = whole.take(np.flatnonzero(chosen))
        curves, about = light_curves(batch), context(batch)
        recent = curves.since(about.t0_mjd - 40.0)
        first = np.full(len(batch), np.inf)
        up = recent.detections.mag > 0
        np.minimum.at(first, recent.detection_owner[up], recent.detections.mjd[up])
        seen = np.flatnonzero(np.isfinite(first))
        batch, curves, about = batch.take(seen), curves.take(seen), about.take(seen)
        first, at = first[seen], first[seen] + days
        with_limits = compute_fast(curves, about, at)
        mag = np.full(len(batch), np.nan)
        owner, mjd = curves.detection_owner, curves.detections.mjd
        earliest = np.abs(mjd - first[owner]) < 1e-6
        mag[owner[earliest]] = np.abs(curves.detections.mag[earliest])
        parts["limits"].append(with_limits.select(LIGHT))
        parts["bare"].append(compute_fast(bare(curves.since(first - 1e-6), rng), about, at).select(LIGHT))
        parts["forced"].append(forced_numbers(batch, first, at, mag))
        z = np.where(np.isnan(about.z), about.photoz, about.z)
        parts["host"].append(host_numbers(batch, with_limits.column("absolute_mag"), mag, z))
        kinds.append(batch.truth["kind"].astype(np.str_))
        fast.append(batch.truth["speed"] == "fast")
    columns = {name: np.concatenate(found) for name, found in parts.items()}
    return columns, np.concatenate(kinds), np.concatenate(fast)


def real_supernovae(folder: Path) -> list[tuple[str, float, float]]:
    """Of each real supernova with forced photometry: significance of the 30 days before the first detection,
    and of the time from 100 to 40 days before, when nothing was there; NaN without data.

    Detected: three exposures of a night above 5 sigma, and two of another within twelve days.
    """
    found = []
    for name in sorted({path.name.split("_")[0] for path in folder.glob("*.lc.txt")}):
        lines = [
            line.split()
            for path in folder.glob(f"{name}_*.lc.txt")
            for line in path.read_text().splitlines()[1:]
        ]
        mjd, flux, error, failed = (np.array([float(line[at]) for line in lines]) for at in (0, 3, 4, 6))
        sound = (error > 0) & (error < _WORST_MICROJANSKY) & (failed == 0)
        mjd, flux, error = mjd[sound], flux[sound], error[sound]
        night = np.floor(mjd)
        nights, member = np.unique(night, return_inverse=True)
        seen = np.bincount(member, flux > 5 * error)
        again = [((nights > n) & (nights < n + 12) & (seen >= 2)).any() for n in nights]
        first = nights[(seen >= 3) & again]
        if len(first):
            since = mjd - mjd[(night == first[0]) & (flux > 5 * error)].min()
            found.append((name, *(_significance(flux, error, (since > low) & (since < high))
                                  for low, high in ((-_BEFORE_DAYS, -0.5), (-100.0, -40.0)))))  # fmt: skip
    return found


def _significance(flux: Floats, error: Floats, chosen: Bools) -> float:
    """Weighted mean flux by its error; NaN without data."""
    weight = 1 / error[chosen] ** 2
    return float((weight * flux[chosen]).sum() / np.sqrt(weight.sum())) if chosen.any() else np.nan


def list_weights(kind: NDArray[np.str_], is_fast: Bools) -> Floats:
    """Weight of each row: the shares of a magnitude-limited sample, as P(fast) is judged."""
    weight = np.zeros(len(kind))
    for name, share in BRIGHT_SAMPLE.items():
        mine = (kind == name) & ~is_fast
        weight[mine] = share / max(int(mine.sum()), 1)
    weight *= (1 - FAST_SHARE) / weight.sum()
    weight[is_fast] = FAST_SHARE / is_fast.sum()
    return weight


def out_of_fold(matrix: Floats, names: tuple[str, ...], is_fast: Bools, part: Ints) -> Floats:
    """Log-odds of each row by P(fast)'s trees that never saw it."""
    monotone = {name: way for name, way in FAST.monotone.items() if name in names}
    recipe = Recipe(names, FAST.rounds, FAST.parameters, monotone)
    score = np.empty(len(matrix))
    for fold in range(_FOLDS):
        known = part != fold
        share = FAST_WEIGHT * (~is_fast[known]).sum() / is_fast[known].sum()
        weight = np.where(is_fast[known], share, 1.0)
        trees = fit(
            recipe, matrix[known], is_fast[known].astype(np.float64), seed=1, weight=weight / weight.mean()
        )
        score[~known] = margin(trees, matrix[~known])
    return score


def found_within(order: Ints, is_fast: Bools, weight: Floats) -> Floats:
    """Share of the fast within the first parts of the list, for each of `_SHARES`."""
    read = np.cumsum(weight[order]) / weight.sum()
    found = np.cumsum((weight * is_fast)[order]) / (weight * is_fast).sum()
    return np.interp(_SHARES, read, found)


def main() -> None:
    """Print a line for each set of features."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("real", type=Path, nargs="?")
    parser.add_argument("--alerts", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, nargs="+", default=[1.0, 3.0, 7.0])
    options = parser.parse_args()
    if options.real is not None:
        told = real_supernovae(options.real / "atlas_forced")
        print(
            f"{len(told)} real supernovae, sigma of the forced flux before the first detection, and earlier:"
        )
        for name, before, earlier in told:
            print(f"| {name} | {before:.1f} | {earlier:.1f} |")
        quantiles = np.nanpercentile([[one[1], one[2]] for one in told], [10, 50, 90], axis=0)
        print(
            "| 10, 50, 90 % | "
            + " | ".join(" ".join(f"{q:.1f}" for q in part) for part in quantiles.T)
            + " |"
        )
    for days in options.days:
        columns, kind, is_fast = rows(options.alerts, options.seed, days)
        weight = list_weights(kind, is_fast)
        part = np.random.default_rng(1).permutation(len(kind)) % _FOLDS
        rng = np.random.default_rng(2)
        draws = [
            np.bincount(rng.integers(0, len(kind), len(kind)), minlength=len(kind)) for _ in range(_RESAMPLES)
        ]
        for who, mine in (("fast", is_fast), ("other", ~is_fast)):
            parts = np.nanpercentile(columns["forced"][mine, 0], [10, 50, 90])
            print(
                f"{who}: sigma of the forced flux before the first detection, 10, 50, 90 %: {parts.round(1)}"
            )
        print(f"{len(kind):,} explosions, {int(is_fast.sum())} fast, {days:g} days after the first detection")
        for light in ("limits", "bare"):
            base: tuple[Floats, Floats] | None = None
            for more in ((), ("forced",), ("host",), ("forced", "host")):
                names = (*LIGHT, *(FORCED if "forced" in more else ()), *(HOST if "host" in more else ()))
                matrix = np.column_stack([columns[group] for group in (light, *more)])
                order = np.argsort(-out_of_fold(matrix, names, is_fast, part), kind="stable")
                here = found_within(order, is_fast, weight)
                drawn = np.array([found_within(order, is_fast, weight * times) for times in draws])
                base = base or (here, drawn)
                low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
                less, greater = np.quantile(drawn - base[1], [0.025, 0.975], axis=0)
                cells = [
                    f"{here[k]:.2f} ({low[k]:.2f}-{high[k]:.2f}) {here[k] - base[0][k]:+.2f} "
                    f"({less[k]:+.2f} to {greater[k]:+.2f})"
                    for k in range(len(_SHARES))
                ]
                print(
                    f"| {light:6s} | {' and '.join(more) or '-':15s} | " + " | ".join(cells) + " |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
