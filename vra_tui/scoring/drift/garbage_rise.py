"""Find units that have begun to make more garbage, slowly enough that no single week stands out.

A sequential test on how many alerts of each unit the policies discard at their entry. On each night the
unit's number is held against those of the other units: the Moon and the season are theirs too. Weather is
not; it takes the shown alerts with it as well, and is told by them. The test asks for every unit and every
night whether the numbers have been higher since (a likelihood ratio with an unknown time of change: Siegmund
& Venkatraman 1995, Ann. Statist. 23, 255), and asks of the best answer that it outweighs having looked
everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Nights with fewer alerts of a unit, or of all others, are joined with those that follow.
LEAST_ALERTS = 10
#: Nights (or joined ones) that a unit needs before and since a change.
LEAST_BEFORE, LEAST_SINCE = 6, 2
#: Scatter of a night's logarithm that is believed at least, beyond that of the numbers themselves.
_LEAST_SCATTER = 0.2
#: The greatest correlation of a night with the next that is believed: so few nights cannot show more.
_MOST_CORRELATION = 0.5
#: A value that lies farther than so many scatters from its unit's median counts as lying so far.
_FARTHEST = 3.0
#: Rounds in which the usual numbers of units and nights settle.
_ITERATIONS = 10
#: Onsets whose likelihood is less than that of the best by this much (in logarithms) are out. Half of
#: chi-square's 3.84 would hold three true onsets of four; this holds 19 of 20 (simulated).
_INTERVAL = 4.0
#: The sums of no unit.
_NO_SUMS = np.zeros(6)


@dataclass(frozen=True, eq=False)
class NightlyCounts:
    """Alerts of k nights (ascending) and u units at their entry, all of shape (k, u).

    ``discarded`` by the policies, ``shown`` by them, and ``alerts`` in all. ``nights``, shape (k,).
    """

    nights: Ints
    alerts: Ints
    discarded: Ints
    shown: Ints


@dataclass(frozen=True)
class GarbageRise:
    """A unit, by its index, that has made more garbage since a night.

    ``since``: the likeliest first night; ``earliest`` and ``latest``: its 95 % interval. ``factor``: of its
    discarded alerts beside the other units', ``low`` and ``high`` its 95 % interval. ``evidence``: logarithm
    of the likelihood ratio, less that of the number of units and nights looked at. By chance it exceeds x on
    one day with a probability of at most exp(-x) / 2, were the scatter normal: the tail of a normal deviate
    beyond z is at most exp(-z²/2) / 2, and a union over all places looked at makes up for the subtraction.
    """

    unit: int
    since: int
    earliest: int
    latest: int
    factor: float
    low: float
    high: float
    evidence: float


def rises(counts: NightlyCounts) -> list[GarbageRise]:
    """The likeliest rise of each unit that has nights enough, the strongest evidence first.

    Empty for a single unit: there is nothing to tell its garbage from the Moon's by.
    """
    if counts.alerts.shape[1] < 2:
        return []
    series = [part for part in _series(counts) if len(part.value) >= LEAST_BEFORE + LEAST_SINCE]
    places = sum(len(part.value) - LEAST_BEFORE - LEAST_SINCE + 1 for part in series)
    found = [_likeliest(index, series, np.log(max(places, 1))) for index in range(len(series))]
    return sorted(found, key=lambda rise: -rise.evidence)


@dataclass(frozen=True, eq=False)
class _Series:
    """One unit's garbage beside the others', a value for each of its nights or joined nights, shape (j,).

    ``noise``: variance that the numbers alone give to each value. ``first``: the first night of each.
    """

    unit: int
    first: Ints
    value: Floats
    noise: Floats


def _series(counts: NightlyCounts) -> list[_Series]:
    """The series of all units: logarithms of the discarded, less what the shown ones say of the weather."""
    is_open = counts.alerts > 0
    expected = [_expected(count, is_open) for count in (counts.discarded, counts.shown)]
    parts = [_beside_the_others(counts, expected, unit) for unit in range(counts.alerts.shape[1])]
    slope = _slope([(own, shown) for _, own, shown, _, _ in parts])
    made = []
    for unit, (first, own, shown, noise, shown_noise) in enumerate(parts):
        variance = noise + slope**2 * shown_noise
        made.append(_Series(unit, first, _without_outliers(own - slope * shown, variance), variance))
    return made


def _expected(count: Ints, is_open: Bools) -> Floats:
    """What each unit's usual number makes of each night's, shape (k, u); 0 where a unit did not look.

    Rates of units and of nights whose products add up to the numbers of both, over the nights on which a unit
    looked (iterative proportional fitting, Deming & Stephan 1940): that another unit pauses, joins, or makes
    much anyhow is no change of this one.
    """
    found = np.where(is_open, count, 0).astype(np.float64) + 0.5 * is_open
    night = np.ones(len(found))
    unit = np.ones(found.shape[1])
    for _ in range(_ITERATIONS):
        unit = found.sum(axis=0) / np.maximum(night @ is_open, 1e-9)
        night = found.sum(axis=1) / np.maximum(is_open @ unit, 1e-9)
    return np.asarray(night[:, np.newaxis] * unit * is_open)


def _beside_the_others(
    counts: NightlyCounts, expected: list[Floats], unit: int
) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """First nights, discarded and shown of a unit beside the others, the noise of both; shape (j,) each."""
    firsts, rows = [], []
    for part in _joined(counts.alerts, unit):
        others = np.flatnonzero(counts.alerts[part].sum(axis=0) >= LEAST_ALERTS)
        others = others[others != unit]
        firsts.append(int(counts.nights[part[0]]))
        pairs = []
        for count, usual in zip((counts.discarded, counts.shown), expected, strict=True):
            total = count[part].sum(axis=0) + 0.5
            value = np.log(total) - np.log(usual[part].sum(axis=0) + 0.5)
            noise = 1 / total[unit] + (1 / total[others]).sum() / len(others) ** 2
            pairs.append((value[unit] - value[others].mean(), noise))
        rows.append((pairs[0][0], pairs[1][0], pairs[0][1], pairs[1][1]))
    own, shown, noise, shown_noise = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return np.array(firsts, dtype=np.int64), own, shown, noise, shown_noise


def _joined(alerts: Ints, unit: int) -> Iterator[Ints]:
    """Rows of the nights of a unit, joined until it and another have alerts enough; empty ones left out."""
    rows: list[int] = []
    for row in np.flatnonzero(alerts[:, unit]).tolist():
        rows.append(row)
        enough = alerts[rows].sum(axis=0) >= LEAST_ALERTS
        if enough[unit] and enough.sum() > 1:
            yield np.array(rows)
            rows = []


def _slope(pairs: list[tuple[Floats, Floats]]) -> float:
    """How much of a unit's discarded goes with its shown ones, 0 to 1: their regression over all units."""
    own = np.concatenate([one - _mean(one) for one, _ in pairs])
    shown = np.concatenate([one - _mean(one) for _, one in pairs])
    squares = float((shown**2).sum())
    return float(np.clip((own * shown).sum() / squares, 0.0, 1.0)) if squares > 0 else 0.0


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _without_outliers(value: Floats, noise: Floats) -> Floats:
    """Values drawn in to `_FARTHEST` scatters from their median: one odd night is no change."""
    if not len(value):
        return value
    middle = float(np.median(value))
    scatter = max(1.4826 * float(np.median(np.abs(value - middle))), _LEAST_SCATTER)
    reach = _FARTHEST * np.sqrt(scatter**2 + noise)
    return np.asarray(np.clip(value, middle - reach, middle + reach))


def _likeliest(index: int, series: list[_Series], looked_at: float) -> GarbageRise:
    """The likeliest onset in one unit's series; the other units' say how much nights scatter."""
    mine = series[index]
    onsets = range(LEAST_BEFORE, len(mine.value) - LEAST_SINCE + 1)
    others = (part for k, part in enumerate(series) if k != index)
    rest = sum((_sums(part.value - part.value.mean(), part.noise, 1) for part in others), _NO_SUMS)
    asked = [_at_onset(mine, onset, rest) for onset in onsets]
    ratio = np.array([0.5 * max(step / error, 0.0) ** 2 for step, error in asked])
    best = int(np.argmax(ratio))
    likely = np.flatnonzero(ratio >= ratio[best] - _INTERVAL)
    step, error = asked[best]
    nights = mine.first[list(onsets)]
    low, high = step - 1.96 * error, step + 1.96 * error
    return GarbageRise(
        unit=mine.unit,
        since=int(nights[best]),
        earliest=int(nights[likely[0]]),
        latest=int(nights[likely[-1]]),
        factor=float(np.exp(step)),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        evidence=float(ratio[best] - looked_at),
    )


def _at_onset(mine: _Series, onset: int, rest: Floats) -> tuple[float, float]:
    """How much higher a unit's values lie from one of them on, in logarithms, and the error of that.

    ``rest``: the `_sums` of the other units.
    """
    parts = mine.value[:onset], mine.value[onset:]
    left = np.concatenate([part - part.mean() for part in parts])
    scatter, correlation = _scatter(rest + _sums(left, mine.noise, 2))
    weight = 1 / (scatter**2 + mine.noise)
    weights = weight[:onset], weight[onset:]
    before, since = (float((w * part).sum() / w.sum()) for w, part in zip(weights, parts, strict=True))
    # Nights that resemble the one before them say less (the variance of a mean of an AR(1) series).
    longer = (1 + correlation) / (1 - correlation)
    error = float(np.sqrt(longer * sum(1 / w.sum() for w in weights)))
    return since - before, error


def _sums(left: Floats, noise: Floats, means: int) -> Floats:
    """What `_scatter` needs of a unit, to be added up over units.

    ``left``: what is left of its values after so many ``means`` were taken off; ``noise``: see `_Series`.
    """
    next_to = float((left[1:] * left[:-1]).sum())
    return np.array([1, len(left), means, (left**2).sum(), noise.sum(), next_to], dtype=np.float64)


def _scatter(sums: Floats) -> tuple[float, float]:
    """Scatter of nights beyond the noise of their numbers, and correlation of each with the next."""
    units, values, means, squares, noise, next_to = sums.tolist()
    beyond = max(squares / max(values - means, 1) - noise / values, _LEAST_SCATTER**2)
    correlation = next_to / squares if squares > 0 else 0.0
    # Short series show less of it than there is (Kendall 1954, Biometrika 41, 403).
    correlation += (1 + 3 * correlation) * units / values
    return float(np.sqrt(beyond)), float(np.clip(correlation, 0.0, _MOST_CORRELATION))
