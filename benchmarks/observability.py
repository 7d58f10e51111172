"""Hours above airmass 2 by site and night, and ends of windows: `python -m benchmarks.observability`."""

import time
from collections.abc import Callable

import numpy as np

from vra_tui.domain.observability import RUN_NIGHTS, Nights, closing, hours_up, nights_at, strip
from vra_tui.surveys.atlas import Atlas

ALERTS = 10_000
NIGHTS = 60
FIRST_NIGHT = 61_000
ROUNDS = 5


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The best of several rounds."""
    best = np.inf
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return float(best)


def main() -> None:
    rng = np.random.default_rng(0)
    ra, dec = rng.uniform(0, 360, ALERTS), np.degrees(np.arcsin(rng.uniform(-1, 1, ALERTS)))
    start = time.perf_counter()
    table = nights_at(Atlas.sites, FIRST_NIGHT, NIGHTS + RUN_NIGHTS)
    first = time.perf_counter() - start
    again = seconds(lambda: nights_at(Atlas.sites, FIRST_NIGHT, NIGHTS + RUN_NIGHTS))
    print(f"nights at {len(Atlas.sites)} sites: {first:.2f} s with astropy's import, {again:.3f} s after it")

    sixty = table.since(FIRST_NIGHT, NIGHTS)
    hours = seconds(lambda: hours_up(sixty, ra, dec))
    ends = seconds(lambda: closing(table, ra, dec))
    whole = first + hours + ends
    print(
        f"{ALERTS} alerts x {NIGHTS} nights x {len(Atlas.sites)} sites: hours {hours:.2f} s, "
        f"ends of windows {ends:.2f} s, all with imports {whole:.2f} s (asked: 20)"
    )

    stored = table.to_json()
    read = seconds(lambda: Nights.from_json(stored))
    one = seconds(lambda: strip(hours_up(sixty, ra[:1], dec[:1])[:, 0].max(axis=0)), 50)
    print(
        f"one alert, no astropy: stored table of {len(stored) / 1000:.0f} kB read in {1e3 * read:.1f} ms, "
        f"its hours and strip in {1e3 * one:.1f} ms"
    )


if __name__ == "__main__":
    main()
