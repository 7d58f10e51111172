"""What the map and the table of surroundings cost: `python -m benchmarks.surroundings [--store FILE]`.

Other alerts of the field are looked for among 100,000, spread over the sky, in an equatorial stripe, and in
one deep field. Maps are drawn of the alerts of a store; without one, of alerts as ZTF's packets tell them.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np

from vra_tui.domain.alert import Alert, CatalogueMatch
from vra_tui.domain.building import build_light_curve
from vra_tui.store import Store
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.detail import alert_detail
from vra_tui.store.intake import put_alerts
from vra_tui.store.listing import list_ids
from vra_tui.store.near_alerts import near_alerts
from vra_tui.store.surroundings import surroundings
from vra_tui.tui.neighbourhood.map import around_map
from vra_tui.tui.neighbourhood.table import around_table
from vra_tui.tui.spans import Line, cells_of, changed_runs

ALERTS, LOOKED_AT, DRAWN = 100_000, 300, 200
#: Right ascension and declination, degrees, from and to.
_SKIES = {
    "all sky": ((0.0, 360.0), (-90.0, 90.0)),
    "a stripe of 2 degrees": ((0.0, 360.0), (-1.0, 1.0)),
    "a field of 2 x 2 degrees": ((150.0, 152.0), (1.0, 3.0)),
}
#: Bytes of a move of the cursor and of a change of colours.
_MOVE, _COLOURS = 8, 11


def milliseconds(works: Iterable[Callable[[], object]]) -> str:
    """Median and 95th percentile of the CPU time that some works take each."""
    taken = []
    for work in works:
        start = time.process_time()
        work()
        taken.append(1e3 * (time.process_time() - start))
    return f"{statistics.median(taken):.2f} ms of CPU (p95 {np.quantile(taken, 0.95):.2f})"


def scattered(path: Path, ra: tuple[float, float], dec: tuple[float, float]) -> Store:
    """A store of many alerts in a part of the sky, of which places alone are known."""
    store = open_store(path, durable=False)
    rng = np.random.default_rng(0)
    heights = np.sin(np.radians(dec))
    places = zip(
        range(1, ALERTS + 1),
        rng.uniform(*ra, ALERTS).tolist(),
        np.degrees(np.arcsin(rng.uniform(*heights, ALERTS))).tolist(),
        strict=True,
    )
    with transaction(store):
        store.executemany(
            """INSERT INTO alerts (alert_id, ra, dec, t0_mjd, n_detections, n_nondetections, n_forced,
            ingested_at, updated_at) VALUES (?, ?, ?, 60000, 1, 0, 0, '', '')""",
            places,
        )
        store.execute(
            "INSERT INTO objects (alert_id, survey, object_id) SELECT alert_id, 'ztf', alert_id FROM alerts"
        )
    return store


def as_packets_tell(path: Path) -> Store:
    """A store of alerts with three sources of PS1 and two of Gaia each, as ZTF sends them."""
    store = open_store(path, durable=False)
    rng = np.random.default_rng(0)
    alerts = []
    for number in range(DRAWN):
        curve, instruments, bands = build_light_curve(
            detections={
                "mjd": [60_000.0], "ra": [10.0 + number], "dec": [2.2], "mag": [18.5], "magerr": [0.1],
                "limit": [20.5], "instrument": ["ZTF"], "band": ["r"],
            }
        )  # fmt: skip
        matches = [
            CatalogueMatch(
                "ps1", None, "PS1", separation_arcsec=float(np.hypot(east, north)), north_arcsec=north,
                east_arcsec=east, star_score=score, mag=mag, mag_band="r",
            )
            for east, north, score, mag in zip(
                *rng.normal(0, 8, (2, 3)).tolist(), rng.random(3).tolist(), rng.uniform(14, 22, 3).tolist(),
                strict=True,
            )
        ]  # fmt: skip
        matches.append(
            CatalogueMatch("gaia", None, "Gaia DR1", separation_arcsec=float(rng.uniform(1, 40)), mag=17.0)
        )
        alerts.append(
            Alert(
                "ztf", f"Z{number}", as_of=60_000.0, facts={"ra": 10.0 + number, "dec": 2.2},
                light_curve=curve, instruments=instruments, bands=bands, matches=tuple(matches),
            )
        )  # fmt: skip
    put_alerts(store, alerts, "2026-01-01T00:00:00+00:00", lambda ra, dec: np.zeros(len(ra)), Codes(store))
    return store


def written(before: list[Line], after: list[Line], width: int) -> int:
    """About how many bytes change one map into another: moves, colours and characters of what differs."""
    total = 0
    for old, new in zip(before, after, strict=True):
        text = "".join(part for part, _ in new)
        starts = np.cumsum([0, *(len(part) for part, _ in new)])
        for first, last in changed_runs(cells_of(old, width), cells_of(new, width)):
            spans = int(((starts[1:] > first) & (starts[:-1] < last)).sum())
            total += _MOVE + _COLOURS * spans + len(text[first:last].encode())
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a store whose alerts are drawn")
    store_path = parser.parse_args().store
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (ra, dec)) in enumerate(_SKIES.items()):
            store = scattered(Path(folder) / f"{number}.db", ra, dec)
            taken = milliseconds(partial(near_alerts, store, one) for one in range(1, LOOKED_AT))
            print(f"other alerts of the field, of {ALERTS:,} in {name}: {taken} (asked: 2)")
            store.close()
        store = as_packets_tell(Path(folder) / "drawn.db") if store_path is None else open_store(store_path)
        draw(store)
        store.close()


def draw(store: Store) -> None:
    """Measure reading and drawing the alerts of a store."""
    ids = list_ids(store, "all").tolist()[:DRAWN]
    known = [(alert_detail(store, one), surroundings(store, one)) for one in ids]
    read = milliseconds(partial(surroundings, store, one) for one in ids)
    print(f"reading surroundings: {read}")
    for width, height in ((30, 16), (100, 55)):
        taken = milliseconds(partial(around_map, *one, width=width, height=height) for one in known)
        maps = [around_map(*one, width=width, height=height) for one in known]
        sizes = [written(one, other, width) for one, other in itertools.pairwise(maps)]
        print(
            f"a map of {width}x{height}: {taken} (asked: 1), "
            f"{statistics.mean(sizes):,.0f} bytes from one to the next (greatest {max(sizes):,})"
        )
    taken = milliseconds(partial(around_table, *one, width=98, height=55) for one in known)
    print(f"a table: {taken}")


if __name__ == "__main__":
    main()
