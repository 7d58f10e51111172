"""How far rows have shifted against earlier ones, by what nights scatter, not only by what rows do.

Alerts of one night share its Moon, its weather and the part of the sky that was looked at: a thousand of them
say less than a thousand from a thousand nights. Every sample here therefore counts as the smaller number of
independent rows that it is worth (Kish's design effect), by the correlation found within nights.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Quantile bins of the population stability index; a column with no more values than this has a bin for each.
BINS = 10
#: The least correlation within nights that is believed: so few nights cannot show that there is none.
LEAST_CORRELATION = 0.01
_SERIES = np.arange(1, 101)


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to compare. ``values``, shape (n, m), NaN where a column has no value; ``night``, shape (n,)."""

    values: Floats
    night: Ints

    def __len__(self) -> int:
        return len(self.night)


@dataclass(frozen=True, eq=False)
class Shifts:
    """Recent rows against a reference in each of m columns, all of shape (m,), over rows with a value.

    ``psi``: population stability index less what chance alone would give; ``distance``: two-sample
    Kolmogorov-Smirnov distance; ``p_value``: of that distance, for nights like these. ``before``, ``now``:
    means for columns of 0 and 1, else medians; NaN where no row has a value.
    """

    psi: Floats
    distance: Floats
    p_value: Floats
    before: Floats
    now: Floats


def compare(reference: Sample, recent: Sample, correlation: Floats) -> Shifts:
    """Hold recent rows against a reference. ``correlation``: of `night_correlation`, shape (m,)."""
    distance = ks_distance(reference.values, recent.values)
    worth = tuple(_effective_rows(sample, correlation) for sample in (reference, recent))
    with np.errstate(divide="ignore", invalid="ignore"):
        together = worth[0] * worth[1] / (worth[0] + worth[1])
        noise = 1 / worth[0] + 1 / worth[1]
    psi = np.array(
        [
            _stability(old[~np.isnan(old)], new[~np.isnan(new)], chance)
            for old, new, chance in zip(reference.values.T, recent.values.T, noise.tolist(), strict=True)
        ]
    )
    p_value = np.where(np.isfinite(together), kolmogorov(distance, np.nan_to_num(together)), 1.0)
    return Shifts(psi, distance, p_value, middle(reference.values), middle(recent.values))


def ks_distance(first: Floats, second: Floats) -> Floats:
    """Greatest distance of two distributions, by column: (n, m), (k, m) -> (m,); 0 without values."""
    values = np.concatenate([first, second])
    known = ~np.isnan(values)
    side = np.zeros(values.shape)
    n = len(first)
    side[:n] = known[:n] / np.maximum(known[:n].sum(axis=0), 1)
    side[n:] = known[n:] / -np.maximum(known[n:].sum(axis=0), 1)
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    gap = np.abs(np.cumsum(np.take_along_axis(side, order, axis=0), axis=0))
    # Between equal values the distributions have not been walked to the end.
    is_end = np.ones(values.shape, dtype=bool)
    is_end[:-1] = ordered[1:] != ordered[:-1]
    distance = np.where(is_end, gap, 0.0).max(axis=0, initial=0.0)
    both = known[:n].any(axis=0) & known[n:].any(axis=0)
    return np.asarray(np.where(both, distance, 0.0))


def kolmogorov(distance: Floats, rows: Floats) -> Floats:
    """Probability of so great a KS distance by chance, for n k / (n + k) = ``rows`` (Stephens 1970)."""
    root = np.sqrt(rows)
    scaled = (root + 0.12 + 0.11 / np.maximum(root, 1e-9)) * distance
    terms = np.exp(-2 * (_SERIES * scaled[..., np.newaxis]) ** 2)
    total = 2 * (terms * (-1.0) ** (_SERIES - 1)).sum(axis=-1)
    # Below 0.2 the series converges too slowly, and the probability is 1 to twelve digits.
    return np.asarray(np.where(scaled < 0.2, 1.0, np.clip(total, 0.0, 1.0)))


def holm(p_values: Floats) -> Floats:
    """Probabilities corrected for their number, whatever hangs together (Holm 1979); any shape, NaN stays."""
    flat = p_values.ravel()
    order = np.argsort(flat)
    tests = int(np.isfinite(flat).sum())
    factor = np.maximum(tests - np.arange(len(flat)), 1)
    corrected = np.empty_like(flat)
    corrected[order] = np.minimum(np.maximum.accumulate(flat[order] * factor), 1.0)
    return corrected.reshape(p_values.shape)


def night_correlation(*samples: Sample) -> Floats:
    """Correlation of the ranks of rows of one night, for each of m columns, shape (m,).

    One-way analysis of variance, nights within samples: what shifts from one sample to the next does not
    count. At least `LEAST_CORRELATION`.
    """
    values = np.concatenate([sample.values for sample in samples])
    labels = [np.unique(sample.night, return_inverse=True)[1] for sample in samples]
    offsets = np.cumsum([0, *(label.max(initial=-1) + 1 for label in labels)])
    night = np.concatenate([label + offset for label, offset in zip(labels, offsets[:-1], strict=True)])
    of_sample = np.repeat(np.arange(len(samples)), np.diff(offsets))
    found = [_one_way(column, night, of_sample) for column in values.T]
    return np.maximum(np.array(found), LEAST_CORRELATION)


def _one_way(column: Floats, night: Ints, of_sample: Ints) -> float:
    """Intraclass correlation of a column's ranks; ``of_sample``: for each night the sample that it is of."""
    known = ~np.isnan(column)
    rank, night = _ranks(column[known]), night[known]
    size = np.bincount(night, minlength=len(of_sample)).astype(np.float64)
    present = size > 0
    samples = len(np.unique(of_sample[present]))
    nights, rows = int(present.sum()), float(size.sum())
    if nights <= samples or rows <= nights:
        return 0.0
    total = np.bincount(night, rank, minlength=len(of_sample))
    mean = total / np.maximum(size, 1)
    whole = np.bincount(of_sample, total) / np.maximum(np.bincount(of_sample, size), 1)
    between = float((size * (mean - whole[of_sample]) ** 2).sum()) / (nights - samples)
    within = float(((rank - mean[night]) ** 2).sum()) / (rows - nights)
    squares = np.bincount(of_sample, size**2) / np.maximum(np.bincount(of_sample, size), 1)
    usual = (rows - float(squares.sum())) / (nights - samples)
    spread = between + (usual - 1) * within
    return (between - within) / spread if spread > 0 else 0.0


def _ranks(values: Floats) -> Floats:
    """Middle rank of each value among all, as a share from 0 to 1."""
    _, inverse, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(((np.cumsum(count) - count / 2) / max(len(values), 1))[inverse])


def _effective_rows(sample: Sample, correlation: Floats) -> Floats:
    """Independent rows that the rows with a value are worth in each column (Kish 1965, section 5.4)."""
    _, night = np.unique(sample.night, return_inverse=True)
    of_night = (np.arange(int(night.max(initial=-1)) + 1)[:, np.newaxis] == night).astype(np.float64)
    size = of_night @ ~np.isnan(sample.values)
    rows = size.sum(axis=0)
    mean_size = (size**2).sum(axis=0) / np.maximum(rows, 1)
    return np.asarray(rows / (1 + np.maximum(mean_size - 1, 0) * correlation))


def _stability(old: Floats, new: Floats, noise: float) -> float:
    """Population stability index over bins of the old values, less its expectation without any shift.

    ``noise``: sum of the inverse numbers of independent rows; times bins - 1 it is that expectation.
    """
    if not len(old) or not len(new):
        return 0.0
    different = np.unique(old)
    if len(different) <= BINS:
        edges = different
    else:
        edges = np.unique(np.quantile(old, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    counts = [np.bincount(np.searchsorted(edges, part), minlength=len(edges) + 1) for part in (old, new)]
    used = (counts[0] + counts[1]) > 0
    # Half a row in every bin: an empty one is no proof that it stays so.
    shares = [(count[used] + 0.5) / (count[used] + 0.5).sum() for count in counts]
    index = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    return max(index - (int(used.sum()) - 1) * noise, 0.0)


def middle(values: Floats) -> Floats:
    """The mean of each column of 0 and 1, the median of any other; NaN where no row has a value."""
    result = np.full(values.shape[1], np.nan)
    for index, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if len(known):
            result[index] = known.mean() if np.isin(known, (0.0, 1.0)).all() else np.median(known)
    return result
