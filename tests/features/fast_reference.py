"""The features of vra-fast-1 for one alert, written plainly, to hold the vectorised ones against."""

import math
from statistics import median, stdev

import numpy as np

from tests.features.curves import Epoch
from vra_tui.features.table import FAST_FEATURES

BLUE, RED = "cg", "or"


def band_of(letter: str) -> str:
    return "blue" if letter in BLUE else "red" if letter in RED else "other"


def reference(epochs: list[Epoch], at: float, ebv: float, redshift: float) -> dict[str, float]:
    """Every feature by name; NaN where it has no value."""
    result = dict.fromkeys(FAST_FEATURES, math.nan)
    known = [e for e in epochs if e.mjd <= at]
    if not known:
        return result
    now = max(e.mjd for e in known)
    known = [e for e in known if now - e.mjd < 60]
    nights: dict[int, list[Epoch]] = {}
    for e in known:
        nights.setdefault(int(np.rint(now - e.mjd)), []).append(e)
    seen = [k for k, es in sorted(nights.items()) if is_seen(es)]
    if not seen:
        return result
    episode = [seen[0]]
    for k in seen[1:]:
        if k - episode[-1] > 20:
            break
        episode.append(k)
    found = [(k, e) for k in episode for e in nights[k] if e.mag is not None and e.mag > 0]
    points = []
    for k in sorted(episode, reverse=True):
        for band in ("blue", "red", "other"):
            mine = [e for n, e in found if n == k and band_of(e.letter) == band]
            if mine:
                error = median(e.error for e in mine)
                points.append(
                    {
                        "night": k,
                        "band": band,
                        "t": sum(e.mjd for e in mine) / len(mine),
                        "m": median(e.mag for e in mine),
                        "w": 1 / (0.05**2 + error**2 / len(mine)),
                    }
                )
    _, offset = line(points, 0.3)
    course = []
    for k in sorted(episode, reverse=True):
        mine = [p for p in points if p["night"] == k]
        total = sum(p["w"] for p in mine)
        course.append(
            (
                sum(p["w"] * p["t"] for p in mine) / total,
                sum(p["w"] * (p["m"] - offset[p["band"]]) for p in mine) / total,
            )
        )
    first, last, peak = course[0], course[-1], min(course, key=lambda c: (round(c[1], 6), c[0]))
    begin, end = min(e.mjd for _, e in found), max(e.mjd for _, e in found)
    recent = [p for p in points if p["t"] > last[0] - 4.5]
    result |= {
        "age": now - begin,
        "unseen_days": now - end,
        "earlier_nights": float(len(seen) - len(episode)),
        "seen_nights": float(len(episode)),
        "peak_delay": peak[0] - first[0],
        "since_peak": last[0] - peak[0],
        "gain": first[1] - peak[1],
        "faded": last[1] - peak[1],
    }
    if last[0] - first[0] > 0.5:
        result["rate"] = line(points, 0.3)[0]
        result["rate_recent"] = line(recent, 0.3)[0]
    if peak[0] - first[0] > 0.5:
        result["rate_up"] = line([p for p in points if p["t"] <= peak[0] + 0.5], 0.3)[0]
    if last[0] - peak[0] > 0.5:
        result["rate_down"] = line([p for p in points if p["t"] >= peak[0] - 0.5], 0.3)[0]
    if {"blue", "red"} <= {p["band"] for p in recent}:
        result["colour"] = line(recent, 0.3)[1]["blue"] - 0.9 * ebv
    tonight = [e for n, e in found if n == episode[0]]
    if len(tonight) >= 3:
        as_points = [
            {"band": band_of(e.letter), "t": e.mjd, "m": e.mag, "w": 1 / (0.05**2 + e.error**2)}
            for e in tonight
        ]
        result["night_rate"] = line(as_points, 5.0)[0]
        scatters = [0.1]
        for band in ("blue", "red", "other"):
            mine = [e for e in tonight if band_of(e.letter) == band]
            if len(mine) >= 2:
                usual = sum(math.hypot(e.error, 0.05) for e in mine) / len(mine)
                scatters.append(stdev(e.mag for e in mine) / usual)
        result["night_scatter"] = math.log10(max(scatters))
    error = median(e.error for n, e in found if n == episode[-1])
    result["first_excess"] = 2.5 * math.log10(2.5 / math.log(10) / error / 5)
    limits = [(e.mjd, e.limit) for k, es in nights.items() if k not in seen for e in es if e.mag is None]
    before = [(first[0] - t, m - first[1]) for t, m in limits if 0.5 < first[0] - t <= 20 and m > first[1]]
    after = [(t - peak[0], m - peak[1]) for t, m in limits if t > last[0] + 0.5 and m > peak[1]]
    if before:
        result["dark_days"] = min(days for days, _ in before)
        result["rise_from_limit"] = max(depth / days for days, depth in before)
    if after:
        result["fall_to_limit"] = -max(depth / days for days, depth in after)
    if redshift > 0:
        distance = 299_792.458 / 70 * redshift * (1 + 0.775 * redshift)
        result["absolute_mag"] = peak[1] - 2.1 * ebv - 25 - 5 * math.log10(distance)
    return result


def is_seen(epochs: list[Epoch]) -> bool:
    hits = sum(e.mag is not None and e.mag > 0 for e in epochs)
    return hits >= 3 or (hits > 0 and hits >= len(epochs) / 2)


def line(points: list[dict], prior: float) -> tuple[float, dict[str, float]]:
    """Rate and offsets of the bands, by least squares with the priors written as further observations."""
    rows, values = [], []
    middle = sum(p["w"] * p["t"] for p in points) / sum(p["w"] for p in points)
    level = sum(p["w"] * p["m"] for p in points) / sum(p["w"] for p in points)
    for p in points:
        root = math.sqrt(p["w"])
        rows.append(
            [root, root * (p["t"] - middle), root * (p["band"] == "blue"), root * (p["band"] == "other")]
        )
        values.append(root * (p["m"] - level))
    for position, sigma in enumerate((100.0, prior, 0.25, 0.25)):
        rows.append([1 / sigma if position == column else 0.0 for column in range(4)])
        values.append(0.0)
    solved = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return -float(solved[1]), {"blue": float(solved[2]), "red": 0.0, "other": float(solved[3])}
