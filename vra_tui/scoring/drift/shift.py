"""Measure the shift of rows against earlier ones, with errors from the scatter between nights.

Alerts of one night share its Moon, its weather and the part of the sky that was looked at: a thousand of them
say less than a thousand from a thousand nights. Every sample here therefore counts as the smaller number of
independent rows that it is worth (Kish's design effect), by the correlation found within nights. That is why
the two-sample test is put together here: `scipy.stats.ks_2samp` takes each row for an independent one.
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


@dataclass(frozen=True, eq=False)
class ShiftSample:
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


@dataclass(frozen=True, eq=False)
class Reference:
    """Earlier rows, prepared to hold many samples against them; by column, m of them.

    ``known``: the values there are, sorted. ``edges``: of the bins of the index, each the greatest value of
    its bin. ``correlation`` within nights and ``worth`` in independent rows, both of shape (m,).
    """

    rows: int
    known: list[Floats]
    edges: list[Floats]
    correlation: Floats
    worth: Floats

    @classmethod
    def of(cls, sample: ShiftSample) -> "Reference":
        """Prepare a sample: whatever is compared with it is judged by the scatter of its nights."""
        known = _sorted_columns(sample)
        correlation = night_correlation(sample)
        worth = _effective_rows(sample, correlation)
        return cls(len(sample), known, [_edges(column) for column in known], correlation, worth)


def compare(reference: Reference, recent: ShiftSample) -> Shifts:
    """Hold recent rows against a reference."""
    recent_known = _sorted_columns(recent)
    worth = _effective_rows(recent, reference.correlation)
    with np.errstate(divide="ignore", invalid="ignore"):
        together = reference.worth * worth / (reference.worth + worth)
        noise = 1 / reference.worth + 1 / worth
    pairs = list(zip(reference.known, recent_known, strict=True))
    distance = np.array([ks_distance(old, new) for old, new in pairs])
    psi = [
        _stability(old, new, edges, chance)
        for (old, new), edges, chance in zip(pairs, reference.edges, noise.tolist(), strict=True)
    ]
    return Shifts(
        np.array(psi),
        distance,
        np.where(np.isfinite(together), kolmogorov(distance, np.nan_to_num(together)), 1.0),
        np.array([middle(old) for old in reference.known]),
        np.array([middle(new) for new in recent_known]),
    )


def _sorted_columns(sample: ShiftSample) -> list[Floats]:
    """The values of each column in ascending order, without NaN (which sort last)."""
    ordered = np.sort(sample.values, axis=0)
    count = (~np.isnan(ordered)).sum(axis=0)
    return [column[:known] for column, known in zip(ordered.T, count.tolist(), strict=True)]


def ks_distance(old: Floats, new: Floats) -> float:
    """Greatest distance between the distributions of two sorted samples; 0 where one is empty."""
    if not len(old) or not len(new):
        return 0.0
    # Between two values of one sample its share stands still while the other's grows: the greatest distance
    # lies at a value of the one, or just before it.
    gaps = [
        np.abs(np.searchsorted(old, new, side) / len(old) - np.searchsorted(new, new, side) / len(new)).max()
        for side in ("left", "right")
    ]
    return float(max(gaps))


def kolmogorov(distance: Floats, rows: Floats) -> Floats:
    """Probability of so great a KS distance by chance, for n k / (n + k) = ``rows`` (Stephens 1970)."""
    from scipy.special import kolmogorov as beyond

    root = np.sqrt(rows)
    return np.asarray(beyond((root + 0.12 + 0.11 / np.maximum(root, 1e-9)) * distance))


def holm(p_values: Floats) -> Floats:
    """Probabilities corrected for their number, whatever hangs together (Holm 1979); any shape, NaN stays."""
    flat = p_values.ravel()
    order = np.argsort(flat)
    tests = int(np.isfinite(flat).sum())
    factor = np.maximum(tests - np.arange(len(flat)), 1)
    corrected = np.empty_like(flat)
    corrected[order] = np.minimum(np.maximum.accumulate(flat[order] * factor), 1.0)
    return corrected.reshape(p_values.shape)


def night_correlation(sample: ShiftSample) -> Floats:
    """Correlation of the ranks of rows of one night, for each of m columns, shape (m,).

    By one-way analysis of variance; at least `LEAST_CORRELATION`.
    """
    _, night = np.unique(sample.night, return_inverse=True)
    return np.maximum([_one_way(column, night) for column in sample.values.T], LEAST_CORRELATION)


def _one_way(column: Floats, night: Ints) -> float:
    """Intraclass correlation of a column's ranks."""
    known = ~np.isnan(column)
    rank, night = _ranks(column[known]), night[known]
    size = np.bincount(night).astype(np.float64)
    nights, rows = int((size > 0).sum()), float(size.sum())
    if nights < 2 or rows <= nights:
        return 0.0
    mean = np.bincount(night, rank) / np.maximum(size, 1)
    between = float((size * (mean - rank.mean()) ** 2).sum()) / (nights - 1)
    within = float(((rank - mean[night]) ** 2).sum()) / (rows - nights)
    usual = (rows - float((size**2).sum()) / rows) / (nights - 1)
    spread = between + (usual - 1) * within
    return (between - within) / spread if spread > 0 else 0.0


def _ranks(values: Floats) -> Floats:
    """Middle rank of each value among all, as a share from 0 to 1."""
    _, inverse, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(((np.cumsum(count) - count / 2) / max(len(values), 1))[inverse])


def _effective_rows(sample: ShiftSample, correlation: Floats) -> Floats:
    """Independent rows that the rows with a value are worth in each column (Kish 1965, section 5.4)."""
    _, night = np.unique(sample.night, return_inverse=True)
    of_night = (np.arange(int(night.max(initial=-1)) + 1)[:, np.newaxis] == night).astype(np.float64)
    size = of_night @ ~np.isnan(sample.values)
    rows = size.sum(axis=0)
    mean_size = (size**2).sum(axis=0) / np.maximum(rows, 1)
    return np.asarray(rows / (1 + np.maximum(mean_size - 1, 0) * correlation))


def _edges(known: Floats) -> Floats:
    """Upper edges of the bins of a sorted column: its values where there are few, else its deciles."""
    different = known[np.diff(known, prepend=np.nan) != 0]
    if len(different) <= BINS:
        return different
    return np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="inverted_cdf"))


def _stability(old: Floats, new: Floats, edges: Floats, noise: float) -> float:
    """Population stability index of two sorted columns, less its expectation without any shift.

    ``noise``: sum of the inverse numbers of independent rows; times bins - 1 it is that expectation.
    """
    if not len(old) or not len(new):
        return 0.0
    counts = [
        np.diff(np.searchsorted(part, edges, side="right"), prepend=0, append=len(part))
        for part in (old, new)
    ]
    used = (counts[0] + counts[1]) > 0
    # Half a row in every bin: an empty one is no proof that it stays so.
    shares = [(count[used] + 0.5) / (count[used] + 0.5).sum() for count in counts]
    index = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    return max(index - (int(used.sum()) - 1) * noise, 0.0)


def middle(known: Floats) -> float:
    """The mean of values of 0 and 1, the median of any other sorted ones; NaN without any."""
    if not len(known):
        return float("nan")
    ends = known[0], known[-1]
    if ends[0] >= 0 and ends[1] <= 1 and bool(((known == 0) | (known == 1)).all()):
        return float(known.mean())
    half = len(known) // 2
    return float(known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2)
