"""Sum up what a policy does to alerts whose truth is known: looks, good ones never seen, how sure that is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.replay.effects import Effects, PolicyTrial
from vra_tui.pipeline.replay.figures import LATE_DAYS
from vra_tui.pipeline.replay.stream import ReplayError
from vra_tui.ranking.policy import Policy

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """The alerts of one stream that count, shape (n,), and a trial of policies on it.

    ``weight``, shape (n,): how many alerts each stands for when looks are counted, so that a sample that is
    rich in good ones tells the workload of the stream that it stands for.
    """

    trial: PolicyTrial
    counts: Bools
    weight: Floats

    @classmethod
    def whole(cls, trial: PolicyTrial, mixture: Mapping[str, float] | None = None) -> "Sample":
        """All alerts of a stream, weighted to a mixture of labels where one is given.

        Raises ReplayError where a label of the mixture is not among the alerts.
        """
        label = trial.tape.stream.truth.label
        return cls(trial, np.ones(len(label), dtype=bool), label_weights(label, mixture))

    def halves(self) -> tuple["Sample", "Sample"]:
        """Every other alert of each label, and the rest: for a stream without a second one to check on."""
        label = self.trial.tape.stream.truth.label
        odd = np.zeros(len(label), dtype=bool)
        for name in np.unique(label):
            odd[np.flatnonzero((label == name) & self.counts)[1::2]] = True
        return replace(self, counts=self.counts & ~odd), replace(self, counts=self.counts & odd)

    @property
    def good(self) -> int:
        """How many of them are good."""
        return int((self.trial.tape.stream.truth.is_good & self.counts).sum())


def label_weights(label: NDArray[np.str_], mixture: Mapping[str, float] | None) -> Floats:
    """Weights of n alerts, mean 1, that give them the mixture's shares; all 1 without a mixture.

    A label that is not in the mixture weighs nothing. Raises ReplayError where one of it has no alert.
    """
    weight = np.ones(len(label))
    if mixture is None:
        return weight
    weight[:] = 0.0
    total = sum(mixture.values())
    for name, share in mixture.items():
        mine = label == name
        if share > 0 and not mine.any():
            raise ReplayError(f"The stream holds no alert of label {name}, which the mixture asks for.")
        weight[mine] = share / total * len(label) / max(int(mine.sum()), 1)
    return weight


@dataclass(frozen=True)
class Tally:
    """Counts under one policy; ``alerts`` and ``looks`` by the weights of the samples.

    ``unseen``: good ones at which nobody looked, of which ``lost`` lie in the machine's garbage; ``late``: of
    ``good_in_time``, the good ones raised early enough to tell, those not looked at after two days.
    ``famous``: fast, near or bright.
    """

    alerts: float
    looks: float
    good: int
    unseen: int
    lost: int
    good_in_time: int
    late: int
    famous: int
    famous_unseen: int
    galactic: int
    galactic_unseen: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Tally)))

    @property
    def saved(self) -> float:
        """Share of the looks saved, against a look at every alert."""
        return 1.0 - self.looks / self.alerts if self.alerts else float("nan")

    @property
    def unseen_share(self) -> float:
        """Share of the good ones at which nobody looked; NaN without any good."""
        return self.unseen / self.good if self.good else float("nan")

    @property
    def late_share(self) -> float:
        """Share of the good ones at which nobody looked within two days."""
        return self.late / self.good_in_time if self.good_in_time else float("nan")

    @property
    def galactic_share(self) -> float:
        """Share of the galactic ones at which nobody looked."""
        return self.galactic_unseen / self.galactic if self.galactic else float("nan")


def tally(samples: Iterable[Sample], policy: Policy) -> Tally:
    """Counts under a policy over one or more samples. Raises ValueError for none."""
    parts = [_tally(sample, sample.trial.of(policy)) for sample in samples]
    if not parts:
        raise ValueError("a tally takes at least one sample")
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total


def _tally(sample: Sample, found: Effects) -> Tally:
    tape, counts = sample.trial.tape, sample.counts
    truth, t0 = tape.stream.truth, tape.stream.records.t0_mjd
    never = (found.looks == 0) & counts
    good, famous = truth.is_good & counts, truth.is_famous & counts
    galactic = (truth.label == "galactic") & counts
    in_time = good & (t0 <= tape.nights[-1] - LATE_DAYS)
    return Tally(
        alerts=float(sample.weight[counts].sum()),
        looks=float(sample.weight[counts] @ found.looks[counts]),
        good=int(good.sum()),
        unseen=int((good & never).sum()),
        lost=int((good & never & found.is_discarded).sum()),
        good_in_time=int(in_time.sum()),
        late=int((in_time & ~(found.first_look - t0 <= LATE_DAYS)).sum()),
        famous=int(famous.sum()),
        famous_unseen=int((famous & never).sum()),
        galactic=int(galactic.sum()),
        galactic_unseen=int((galactic & never).sum()),
    )


def exact_interval(found: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share by Clopper and Pearson (1934, Biometrika 26, 404); (0, 1) of none.

    It covers at least ``level`` whatever the share, also where none was found.
    """
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = float(beta.ppf(tail, found, of - found + 1)) if found else 0.0
    high = float(beta.ppf(1 - tail, found + 1, of - found)) if found < of else 1.0
    return low, high
