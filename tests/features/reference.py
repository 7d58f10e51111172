"""DESIGN.md section 5 written down plainly, one alert at a time: what the vectorised features must equal."""

import cmath
import statistics
from collections import defaultdict
from math import degrees as math_degrees
from math import isnan, log10, nan, radians


def day_of(phase: float) -> int:
    return int(phase) + (1 if phase > 0 else 0)


def std(values):
    values = [v for v in values if not isnan(v)]
    return statistics.stdev(values) if len(values) > 1 else nan


def median(values):
    values = [v for v in values if not isnan(v)]
    return statistics.median(values) if values else nan


def log_of(value):
    return log10(value) if value > 0 else nan


def unwrapped(degrees):
    """Right ascensions within 180 degrees of their mean direction."""
    known = [cmath.rect(1, radians(value)) for value in degrees if not isnan(value)]
    mean = math_degrees(cmath.phase(sum(known))) if known else nan
    return [mean + (value - mean + 180) % 360 - 180 for value in degrees]


def features(detections, nondetections, t0, at):
    """``detections``: (mjd, mag, ra, dec); ``nondetections``: (mjd, limit)."""
    seen = [(mjd - t0, *rest) for mjd, *rest in detections if mjd <= at]
    missed = [(mjd - t0, *rest) for mjd, *rest in nondetections if mjd <= at]
    history = [row for row in seen if -100 <= row[0] < 0]
    history_missed = [row for row in missed if -100 <= row[0] < 0]
    recent = [row for row in history if day_of(row[0]) >= -5]

    runs = []
    for _, kind in sorted(
        [(r[0], "a detection") for r in history] + [(r[0], "b miss") for r in history_missed]
    ):
        if kind == "a detection":
            runs.append(0)
        elif runs:
            runs[-1] += 1
    if runs and runs[0] == 0:
        runs = runs[1:]

    visits = [row for row in seen if -5 < row[0] <= 15]
    visits_missed = [row for row in missed if -5 < row[0] <= 15]
    days = [day_of(row[0]) for row in visits + visits_missed]
    last = max(days) if days else nan
    by_day = defaultdict(list)
    for phase, mag, *_ in visits:
        by_day[day_of(phase)].append(mag)
    medians = {day: median(mags) for day, mags in by_day.items()}
    medians = {day: mag for day, mag in medians.items() if not isnan(mag)}
    best = min(medians.values()) if medians else nan
    tonight = [row for row in visits if day_of(row[0]) == last]
    tonight_missed = [row for row in visits_missed if day_of(row[0]) == last]
    return {
        "Nnondet_mean": statistics.fmean(runs) if runs else nan,
        "Nnondet_std": std([float(run) for run in runs]),
        "magdet_std": std([row[1] for row in history]),
        "DET_Nsince_min5d": len(recent),
        "NON_Nsince_min5d": sum(day_of(row[0]) >= -5 for row in history_missed),
        "log10_std_ra_min5d": log_of(std(unwrapped([row[2] for row in recent]))),
        "log10_std_dec_min5d": log_of(std([row[3] for row in recent])),
        "DET_mag_median_min5d": median([row[1] for row in recent]),
        "dayN": last,
        "DET_mag_median": median([row[1] for row in tonight]),
        "DET_N_total": len(visits) if tonight else nan,
        "NON_mag_median": median([row[1] for row in tonight_missed]),
        "NON_N_total": len(visits_missed) if tonight_missed else nan,
        "max_mag": best,
        "max_mag_day": min(day for day, mag in medians.items() if mag == best) if medians else nan,
    }
