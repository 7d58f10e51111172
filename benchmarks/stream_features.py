"""How fast `stream-1` is computed on one core: `python -m benchmarks.stream_features`."""

import os
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from vra_tui.domain.alert import Alert, CatalogueMatch
from vra_tui.domain.epochs import pack_detections, pack_forced, pack_nondetections
from vra_tui.domain.hosts import Hosts
from vra_tui.domain.light_curve import LightCurve, LightCurves, no_epochs
from vra_tui.features.stream import StreamContext
from vra_tui.features.stream import stream_features as columns_of
from vra_tui.pipeline.stream_features import stream_features as table_of
from vra_tui.store import Store
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store
from vra_tui.store.intake import put_alerts
from vra_tui.store.listing import list_ids

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

    def columns(kind: type[Hosts] | type[StreamContext]) -> dict[str, np.ndarray]:
        return {field.name: rng.random(n) for field in fields(kind)}

    host = Hosts(**columns(Hosts) | {"kind": rng.integers(0, 6, n)})
    return StreamContext(**columns(StreamContext) | {"t0_mjd": np.full(n, 60_290.0), "host": host})


def fill(store: Store, curves: LightCurves, chunk: int = 1_000) -> None:
    """Put light curves into a store, each an alert with facts and five sources near it, as ZTF sends them."""
    rng = np.random.default_rng(1)
    own = np.zeros(256, np.uint8)
    own[list(BANDS)] = np.arange(len(BANDS))
    empty = no_epochs().forced

    def alert(row: int) -> Alert:
        one = curves.part(row, row + 1)
        sections = (one.detections, one.nondetections, empty if one.forced is None else one.forced)
        numbers = rng.random(9).tolist()
        near = [
            CatalogueMatch("ps1", str(i), "PS1", separation_arcsec=3.0 * i + numbers[i],
                  star_score=numbers[i], mag=19.0, mag_band="r", extra={"g_mag": 19.5, "i_mag": 18.5})
                  for i in range(3)
        ]  # fmt: skip
        near += [
            CatalogueMatch("gaia", None, "Gaia DR1", separation_arcsec=9.0 * i + numbers[i]) for i in range(2)
        ]
        return Alert(
            "ztf", f"made{row}", as_of=60_300.5,
            facts={"ra": 360.0 * numbers[3], "dec": 90.0 * numbers[4] - 30.0, "real_bogus": numbers[5],
                   "star_score": numbers[0], "star_arcsec": numbers[0], "gaia_arcsec": numbers[0],
                   "fwhm_arcsec": 2.0 + numbers[6], "elongation": 1.0 + numbers[7], "solar_arcsec": None},
            light_curve=LightCurve(*(part.recoded(np.zeros(256, np.uint8), own) for part in sections)),
            instruments=("camera",), bands=tuple(BANDS.values()), matches=tuple(near),
        )  # fmt: skip

    codes = Codes(store)
    for first in range(0, len(curves), chunk):
        alerts = [alert(row) for row in range(first, min(first + chunk, len(curves)))]
        put_alerts(store, alerts, "2026-01-01T00:00:00+00:00", lambda ra, dec: np.full_like(ra, 0.05), codes)


def rates(n: int, compute: Callable[[], object]) -> str:
    """Alerts a second of processor time, at best and in the median of the rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        compute()
        taken.append(time.process_time() - start)
    rate = [n / seconds for seconds in sorted(taken)]
    return f"{rate[0]:,.0f} alerts/s at best, median {rate[ROUNDS // 2]:,.0f}"


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name, case in CASES.items():
        n = case[0]
        curves, context = made_up(*case), made_up_context(n)
        # A fresh one each time: decoded columns are kept.
        alone = rates(n, lambda: columns_of(curves.part(0, n), context, BANDS, 60_300.5))  # noqa: B023
        print(f"{name}: {alone}")
        with TemporaryDirectory() as folder:
            store = open_store(Path(folder) / "vra.db", durable=False)
            fill(store, curves)
            ids = list_ids(store, "all").tolist()
            for when, at in (("now", None), ("as it stood before the last packets", 60_300.0)):
                print(f"  from the store, {when}: {rates(n, lambda: table_of(store, ids, at))}")  # noqa: B023
            store.close()


if __name__ == "__main__":
    main()
