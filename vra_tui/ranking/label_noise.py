"""How often second looks overturn scanners' labels, with intervals."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Noise:
    """Of ``looked`` labels so many were ``overturned``; ``low`` and ``high``: 95 % interval of the share."""

    looked: int
    overturned: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share that was overturned."""
        return self.overturned / self.looked


def noise_of(is_overturned: Sequence[bool]) -> Noise | None:
    """How often labels were overturned, with Wilson's interval (1927); None where none was looked at."""
    n, k = len(is_overturned), sum(is_overturned)
    if not n:
        return None
    z = NormalDist().inv_cdf(0.975)
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * (k * (n - k) / n + z * z / 4) ** 0.5
    return Noise(n, k, max(0.0, centre - half), min(1.0, centre + half))


@dataclass(frozen=True)
class ScannerNoise:
    """A scanner's labels at second looks: ``doubted`` those that models contradict, ``random`` drawn ones."""

    scanner: str
    doubted: Noise | None
    random: Noise | None


def by_scanner(looks: Iterable[tuple[str, bool, bool]]) -> list[ScannerNoise]:
    """The noise of each scanner from (scanner, is_random, is_overturned), those looked at most first."""
    found: dict[str, dict[bool, list[bool]]] = defaultdict(lambda: {False: [], True: []})
    for scanner, is_random, is_overturned in looks:
        found[scanner][is_random].append(is_overturned)
    rows = [
        ScannerNoise(scanner, noise_of(known[False]), noise_of(known[True]))
        for scanner, known in found.items()
    ]
    return sorted(rows, key=lambda one: (-_looked(one), one.scanner))


def _looked(one: ScannerNoise) -> int:
    return sum(noise.looked for noise in (one.doubted, one.random) if noise is not None)


def confusion(looks: Iterable[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """How often a label became another (or stayed), from (before, after): the most frequent first."""
    counted = Counter(looks)
    return [(*both, count) for both, count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]
