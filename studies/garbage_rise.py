"""How often is a unit said to make more garbage when none does? `python -m studies.garbage_rise [--years N]`.

Years of nightly numbers without any change, drawn at random: every night gets the verdict on the four weeks
up to it, as `vra drift` would give it. A line for each sort of year says how many alarms begin in one, by the
limit on the evidence. Each night and unit has its own weather (a factor of e^0.7) and a scatter of garbage
beyond it (e^0.35), the Moon is the same for all, and 15 % of the nights are closed.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vra_tui.scoring.drift.garbage_rise import NightlyCounts, rises
from vra_tui.scoring.drift.verdict import AlarmLimits

_WINDOW, _YEAR = 28, 365
_LIMITS = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0)


@dataclass(frozen=True)
class Year:
    """A sort of year: units, alerts of each in a night, correlation of a night with the next."""

    name: str
    units: int = 4
    a_night: float = 70.0
    correlation: float = 0.0


_SORTS = (
    Year("four units"),
    Year("two units", units=2),
    Year("few alerts, 8 a night", a_night=8.0),
    Year("nights like the ones before (0.3)", correlation=0.3),
)


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args(arguments)
    print(f"alarms a year by the limit on the evidence (in use: {AlarmLimits().garbage_evidence:g})")
    print(f"{'':36s}{'years':>6s}" + "".join(f"{limit:8g}" for limit in _LIMITS))
    for sort in _SORTS:
        alarms = np.zeros(len(_LIMITS))
        for seed in range(options.years):
            evidence = evidence_by_night(a_year(sort, np.random.default_rng([seed, 7])))
            alarms += [_begun(evidence >= limit) for limit in _LIMITS]
        rates = "".join(f"{rate:8.2f}" for rate in alarms / options.years)
        print(f"{sort.name:36s}{options.years:6d}{rates}", flush=True)


def a_year(sort: Year, rng: np.random.Generator) -> NightlyCounts:
    """A year's numbers, and four weeks before it."""
    size = (_YEAR + _WINDOW, sort.units)
    weather, own = (_nights(size, sort.correlation, rng) for _ in range(2))
    moon = 0.4 * np.sin(2 * np.pi * np.arange(size[0]) / 29.5)[:, np.newaxis]
    sky = sort.a_night * np.exp(0.7 * weather)
    discarded = rng.poisson(0.53 * sky * np.exp(moon + 0.35 * own))
    shown = rng.poisson(0.1 * sky**0.8 * sort.a_night**0.2)
    others = rng.poisson(0.37 * sky)
    is_open = rng.random(size) >= 0.15
    discarded, shown, others = (part * is_open for part in (discarded, shown, others))
    return NightlyCounts(np.arange(size[0]), discarded + shown + others, discarded, shown)


def _nights(size: tuple[int, int], correlation: float, rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers, each night's correlated with those of the night before."""
    drawn = rng.standard_normal(size)
    for night in range(1, size[0]):
        drawn[night] = correlation * drawn[night - 1] + np.sqrt(1 - correlation**2) * drawn[night]
    return drawn


def evidence_by_night(counts: NightlyCounts) -> np.ndarray:
    """The strongest evidence that each night's verdict has, from the four weeks up to it."""
    found = []
    for last in range(_WINDOW, len(counts.nights)):
        span = slice(last - _WINDOW, last)
        parts = (counts.nights, counts.alerts, counts.discarded, counts.shown)
        told = rises(NightlyCounts(*(part[span] for part in parts)))
        found.append(told[0].evidence if told else -np.inf)
    return np.array(found)


def _begun(is_alarm: np.ndarray) -> int:
    """How many alarms begin: nights with one after a night without."""
    return int((is_alarm & ~np.concatenate([[False], is_alarm[:-1]])).sum())


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
