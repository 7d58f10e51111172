"""Light-curve fits a second, and how often labels are right. Run: python -m benchmarks.fit [--real FOLDER].

Prints the speed of fits in batch and of one drawn curve; then what each label says 3, 7, 15 and 30 days after
first detection and at the end of the light curve, against the truth of simulated alerts and, with FOLDER
holding ``ztf_bts``, against the published durations and peaks of real transients (g, r for c, o); last, how
often the anomaly test finds what is not there, and finds what is put there. Reading FOLDER needs pyarrow.
"""

import os

# OpenBLAS splits these small products over cores, which costs more than it gives; before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import csv
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from vra_tui.domain.distance import distance_modulus
from vra_tui.domain.flux import flux_error, microjansky
from vra_tui.lightcurve.anomaly import find_anomalies
from vra_tui.lightcurve.bank import FAST_BELOW, SLOW_ABOVE, default_bank
from vra_tui.lightcurve.broad_labels import (
    BRIGHT_ABOVE,
    EARLY_PEAK,
    FAINT_BELOW,
    LUMINOSITIES,
    ONE_PEAK,
    SPEEDS,
    Labels,
    label,
)
from vra_tui.lightcurve.fit import Fits, fit
from vra_tui.lightcurve.fitted_curve import curve
from vra_tui.lightcurve.flux_epochs import Photometry, photometry
from vra_tui.lightcurve.nights import first_detection

DAYS = (3.0, 7.0, 15.0, 30.0, np.inf)
#: Days of history before t0 that a label looks at: more of it holds earlier outbursts of the same star.
HISTORY = 30.0


@dataclass(frozen=True)
class Sample:
    """Alerts with their truth: NaN or -1 where there is none."""

    name: str
    photometry: Photometry
    speed: np.ndarray
    duration: np.ndarray
    absolute: np.ndarray
    modulus: np.ndarray
    early: np.ndarray


def class_of(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below low, 1 between, 2 above high; -1 for NaN."""
    return np.where(np.isnan(value), -1, (value >= low).astype(int) + (value > high))


def simulated(alerts: int, seed: int) -> list[Sample]:
    """Simulated explosions and Galactic outbursts, followed for 60 days."""
    from vra_tui.features.dust_map import ebv_sfd
    from vra_tui.pipeline.simulated_alerts import light_curves
    from vra_tui.simulator import Batch, load, simulate

    mixture = {"good": 0.75, "galactic": 0.25}
    scenario = load("training").changed(alerts=alerts, follow=60, mixture=mixture, bad_nights=())
    batch = Batch.concatenate(list(simulate(scenario, seed, ebv_sfd)))
    t0 = batch.alerts["t0_mjd"].astype(float)
    data = photometry(light_curves(batch)).between(t0 - HISTORY, np.inf)
    truth = batch.truth
    duration = truth["duration"].astype(float)
    # The simulated extinction in o per E(B-V), as in Schlafly & Finkbeiner 2011 between r and i.
    ebv = ebv_sfd(batch.alerts["ra"].astype(float), batch.alerts["dec"].astype(float))
    modulus = distance_modulus(truth["redshift"].astype(float)) + 2.1 * ebv
    samples = []
    for name in ("good", "galactic"):
        speed = np.where(truth["label"] == name, class_of(duration, FAST_BELOW, SLOW_ABOVE), -1)
        early = np.where(speed >= 0, truth["early_peak"].astype(int), -1)
        absolute = truth["peak_absolute"].astype(float)
        samples.append(Sample(f"simulated, {name}", data, speed, duration, absolute, modulus, early))
    return samples


def read_bts(folder: Path, odd: bool = True) -> Sample:
    """Real transients. ``odd``: every other one, those that the prior was not taken from."""
    from pyarrow import parquet

    table = parquet.read_table(folder / "ztf_bts" / "lightcurves.parquet")
    columns = {name: table[name].to_numpy() for name in ("mjd", "mag", "magerr")}
    ids, owner = np.unique(table["ZTFID"].to_numpy().astype(str), return_inverse=True)
    code = np.where(table["passband"].to_numpy() == "g", ord("g"), ord("r")).astype(np.uint8)
    flux = microjansky(columns["mag"])
    none = np.zeros(len(flux), dtype=bool)
    error = flux_error(flux, columns["magerr"])
    data = Photometry(len(ids), owner.astype(np.int64), columns["mjd"], flux, error, code, none)
    with (folder / "ztf_bts" / "objects.csv").open(newline="") as lines:
        rows = {row["ZTFID"]: (number, row) for number, row in enumerate(csv.DictReader(lines))}
    known = [rows.get(name, (0, {})) for name in ids]
    number = np.array([place for place, _ in known])

    def values(name: str) -> tuple[np.ndarray, np.ndarray]:
        text = [row.get(name, "").strip() for _, row in known]
        stripped = [item.lstrip("<>") for item in text]
        value = [float(item) if item not in ("", "-") else np.nan for item in stripped]
        return np.array(value), np.array([item.startswith(">") for item in text])

    duration, is_limit = values("duration")
    # A lower limit tells the class only above 60 days.
    duration[is_limit & (duration <= SLOW_ABOVE)] = np.nan
    duration[~(duration > 0) | (number % 2 != odd)] = np.nan
    # That survey's absolute magnitudes hold the distance, the extinction and a K correction; their difference
    # to the apparent magnitude is what the fit has to be given.
    absolute, peak = values("peakabs")[0], values("peakmag")[0]
    speed = class_of(duration, FAST_BELOW, SLOW_ABOVE)
    absolute[speed < 0] = np.nan
    return Sample("ZTF BTS", data, speed, duration, absolute, peak - absolute, np.full(len(ids), -1))


def table(truth: np.ndarray, said: np.ndarray, words: tuple[str, ...]) -> str:
    """A confusion table: rows truth, columns labels, and how often it speaks and is right."""
    lines = [f"      {'truth':8s}" + "".join(f"{word:>8s}" for word in words) + "  too early"]
    spoke = np.isin(said, words)
    right = 0
    for index, word in enumerate(words):
        mine = truth == index
        counts = [int((mine & (said == other)).sum()) for other in words]
        right += counts[index]
        lines.append(f"      {word:8s}" + "".join(f"{n:8d}" for n in counts) + f"{(mine & ~spoke).sum():11d}")
    total, spoken = (truth >= 0).sum(), (spoke & (truth >= 0)).sum()
    purity = [
        f"{word} {(said[truth == index] == word).sum() / n:.3f} of {n}"
        for index, word in enumerate(words)
        if (n := (said[truth >= 0] == word).sum())
    ]
    share = np.bincount(truth[truth >= 0], minlength=3).max() / total
    lines.append(
        f"      speaks {spoken / total:.2f}, right {right / max(spoken, 1):.3f} "
        f"(the commonest alone {share:.3f}); purity: {', '.join(purity) or 'none said'}"
    )
    return "\n".join(lines)


def print_agreement(sample: Sample) -> None:
    anchor = first_detection(sample.photometry)
    chosen = sample.speed >= 0
    counts = np.bincount(sample.speed[chosen], minlength=3)
    print(
        f"\n{sample.name}: {chosen.sum()} with a duration, {dict(zip(SPEEDS, counts.tolist(), strict=True))}"
    )
    for day in DAYS:
        fits = fit(sample.photometry.between(-np.inf, anchor + day))
        labels = label(fits, sample.modulus)
        ratio = np.log10(fits.duration[chosen, 1] / sample.duration[chosen])
        inside = (sample.duration > fits.duration[:, 0]) & (sample.duration < fits.duration[:, 2])
        low, middle, high = np.nanquantile(ratio, (0.16, 0.5, 0.84))
        when = f"{day:.0f} days" if np.isfinite(day) else "whole"
        print(
            f"  {when}: log10(fitted/true duration) {low:+.2f} {middle:+.2f} {high:+.2f} (16, 50, 84 %), "
            f"true one within 16-84 % in {inside[chosen].mean():.2f}; "
            f"reduced chi2 {np.nanmedian(fits.reduced_chi2[chosen]):.1f}"
        )
        print(table(sample.speed, labels.speed, SPEEDS))
        _print_luminosity(sample, labels)
        _print_structure(sample, labels)


def _print_luminosity(sample: Sample, labels: Labels) -> None:
    if not np.isfinite(sample.absolute[sample.speed >= 0]).any():
        return
    value = np.where(sample.speed >= 0, sample.absolute, np.nan)
    # Magnitudes grow downwards: the classes run from faint to bright.
    print(table(class_of(-value, -FAINT_BELOW, -BRIGHT_ABOVE), labels.luminosity, LUMINOSITIES))
    away = np.quantile((labels.absolute[:, 1] - value)[np.isfinite(value)], (0.16, 0.5, 0.84))
    print(f"      peak absolute magnitude, fitted - true: {away[0]:+.2f} {away[1]:+.2f} {away[2]:+.2f}")


def _print_structure(sample: Sample, labels: Labels) -> None:
    if not (sample.early == 1).any():
        return
    for truth, words in ((1, "early peak"), (0, "one peak")):
        mine = sample.early == truth
        said = {word: int((labels.structure[mine] == word).sum()) for word in (EARLY_PEAK, ONE_PEAK)}
        print(f"      truth {words} ({mine.sum()}): said {said}")


def print_anomalies(sample: Sample) -> None:
    """False alarms, and how many are found of a brightening that is put into the last twelve days.

    Of those alone that were detected on three nights of these days: in limits nothing can be put.
    """
    anchor = first_detection(sample.photometry)
    data = sample.photometry.between(-np.inf, anchor + 45.0)
    last, peak = np.full(data.n, -np.inf), np.zeros(data.n)
    np.maximum.at(last, data.owner, data.mjd)
    np.maximum.at(peak, data.owner, data.flux)
    new = ~data.is_limit & (data.mjd > last[data.owner] - 12.0)
    seen_nights = np.unique(data.owner[new] * 1_000_000 + data.mjd[new].astype(int)) // 1_000_000
    chosen = (sample.speed >= 0) & (np.bincount(seen_nights, minlength=data.n) >= 3)
    data = data.keep(chosen[data.owner])
    for share in (0.0, 0.1, 0.2, 0.4):
        ramp = np.clip((data.mjd - last[data.owner] + 12.0) / 12.0, 0.0, 1.0)
        flux = data.flux + share * peak[data.owner] * ramp * ~data.is_limit
        changed = Photometry(data.n, data.owner, data.mjd, flux, data.dflux, data.band, data.is_limit)
        found = find_anomalies(changed, anchor)
        hits = ((found.reason != "") & chosen).sum()
        what = f"rise to {share:.0%} of peak put in" if share else "as they are"
        print(f"  anomalies, {sample.name}, {what}: {hits} of {(found.tested & chosen).sum()} tested")


def timed(work: Callable[[], object], repeats: int, clock: Callable[[], float] = perf_counter) -> float:
    begin = clock()
    for _ in range(repeats):
        work()
    return (clock() - begin) / repeats


def _fit_only(data: Photometry) -> int:
    return len(fit(data))


def print_speed(data: Photometry) -> None:
    begin = perf_counter()
    bank = default_bank()
    print(
        f"bank of {len(bank):,} templates on {len(bank.nodes)} nodes, made in {perf_counter() - begin:.2f} s"
    )
    epochs = len(data) / data.n
    for days in (15.0, 60.0):
        cut = data.between(-np.inf, first_detection(data) + days)
        spent = timed(lambda cut=cut: fit(cut), 2)
        busy = timed(lambda cut=cut: fit(cut), 1, process_time)
        print(
            f"one process, {days:.0f} days, {len(cut) / cut.n:.0f} epochs each: {cut.n / spent:,.0f} fits/s, "
            f"{cut.n / busy:,.0f} a second of processor time"
        )
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(_fit_only, [data] * 2))
        spent = timed(lambda: list(pool.map(_fit_only, [data] * 2)), 2)
    print(f"two processes, whole, {epochs:.0f} epochs each: {2 * data.n / spent:,.0f} fits/s (asked: 1,000)")
    one = data.keep(data.owner == 0)
    one = Photometry(1, one.owner, one.mjd, one.flux, one.dflux, one.band, one.is_limit)
    fits: Fits = fit(one)
    grid = np.linspace(fits.anchor[0] - 30.0, fits.anchor[0] + 90.0, 200)
    each = timed(lambda: fit(one), 50) * 1e3
    drawn = timed(lambda: curve(fits, 0, grid, int(fits.filters[0])), 50) * 1e3
    print(f"one alert: fit {each:.1f} ms, its curve with band at 200 times {drawn:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--real", default=os.environ.get("VRA_REAL_DATA"), help="folder that holds ztf_bts")
    parser.add_argument("--alerts", type=int, default=3000, help="simulated alerts")
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args([] if __name__ != "__main__" else None)
    samples = simulated(arguments.alerts, arguments.seed)
    print_speed(samples[0].photometry)
    if arguments.real:
        try:
            samples.append(read_bts(Path(arguments.real)))
        except ModuleNotFoundError:
            parser.error("reading the real light curves needs pyarrow: pip install -e '.[real]'")
    else:
        print("no real light curves: give --real FOLDER, or set VRA_REAL_DATA")
    for sample in samples:
        print_agreement(sample)
    for sample in samples:
        print_anomalies(sample)


if __name__ == "__main__":
    main()
