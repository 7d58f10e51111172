"""How fast `stream-1` is computed, on one core: `python -m benchmarks.stream_features`."""

import os
import time

import numpy as np

from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.hosts import Hosts
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.stream import StreamContext, stream_features

ROUNDS = 7
BANDS = {99: "c", 111: "o", 103: "g", 114: "r", 105: "i", 122: "z"}
#: Alerts; detections, limits and forced points of each; nights that they are spread over; bands.
CASES = {
    "20 detections, 20 limits": (20_000, 20, 20, 0, 15, 2),
    "300 detections, 400 forced": (2_000, 300, 0, 400, 600, 6),
    "300 detections in 60 nights, 400 forced": (2_000, 300, 0, 400, 60, 6),
}


def made_up(
    n: int, detections: int, limits: int, forced: int, n_nights: int, bands: int, seed: int = 0
) -> LightCurves:
    """Light curves of noise: several exposures a night, the nights before MJD 60300."""
    rng = np.random.default_rng(seed)

    def epochs(each: int) -> dict[str, np.ndarray]:
        night = 60_300 - rng.integers(0, n_nights, (n, each))
        mjd = np.sort(night + rng.uniform(0.1, 0.4, (n, each)), axis=1).ravel()
        return {
            "mjd": mjd,
            "band": rng.choice(list(BANDS)[:bands], mjd.size),
            "instrument": np.zeros(mjd.size),
        }

    def starts(each: int) -> np.ndarray:
        return np.arange(n + 1) * each

    seen, missed, measured = epochs(detections), epochs(limits), epochs(forced)
    size = seen["mjd"].size
    seen |= {
        "ra": np.repeat(rng.uniform(0, 360, n), detections),
        "dec": np.repeat(rng.uniform(-30, 60, n), detections) + rng.normal(0, 3e-5, size),
        "mag": rng.normal(18, 1, size) * np.where(rng.random(size) < 0.1, -1, 1),
        "magerr": rng.uniform(0.02, 0.2, size),
        "limit": rng.uniform(19, 20, size),
        "score": rng.random(size),
    }
    missed["limit"] = rng.uniform(19, 20, missed["mjd"].size)
    measured |= {"flux": rng.normal(0, 20, n * forced), "dflux": rng.uniform(5, 15, n * forced)}
    return LightCurves(
        np.arange(n),
        pack_detections(seen),
        starts(detections),
        pack_nondetections(missed),
        starts(limits),
        pack_forced(measured) if forced else None,
        starts(forced) if forced else None,
    )


def made_up_context(n: int, seed: int = 0) -> StreamContext:
    rng = np.random.default_rng(seed)

    def columns(kind: type) -> dict[str, np.ndarray]:
        return {name: rng.random(n) for name in kind.__dataclass_fields__}

    host = Hosts(**columns(Hosts) | {"kind": rng.integers(0, 6, n)})
    return StreamContext(**columns(StreamContext) | {"t0_mjd": np.full(n, 60_290.0), "host": host})


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name, case in CASES.items():
        curves, context = made_up(*case), made_up_context(case[0])
        taken = []
        for _ in range(ROUNDS):
            # A fresh one each time: decoded columns are kept.
            fresh = curves.part(0, len(curves))
            start = time.process_time()
            stream_features(fresh, context, BANDS, 60_300.5)
            taken.append(time.process_time() - start)
        rate = [len(curves) / seconds for seconds in sorted(taken)]
        print(f"{name}: {rate[0]:,.0f} alerts/s at best, median {rate[ROUNDS // 2]:,.0f}")


if __name__ == "__main__":
    main()
