"""What `vra gw show` prints for a real map: simulated alerts, some of them where the map is.

`python -m studies.sky_map MAP.fits [--alerts N] [--there N] [--seed S]`. The alerts of a simulated fortnight
from the event's night on are scored; so many of them are put at places drawn from the map (half of them with
a host at the map's distance there, half at twice it), the others stay where they are.
"""

import argparse
import csv
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vra_tui.cli import app
from vra_tui.domain.sky_map import FINEST, SkyMap, pixel_area
from vra_tui.domain.times import date_of_mjd
from vra_tui.pipeline.score import score
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.pipeline.sky_maps import add_notice
from vra_tui.scoring.model.library import load_in_use
from vra_tui.simulator import load
from vra_tui.sources.sky_maps import read_map, read_notice
from vra_tui.store import Store
from vra_tui.store.connection import open_store, transaction


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("map", type=Path)
    parser.add_argument("--alerts", type=int, default=400)
    parser.add_argument("--there", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    notice = read_notice(options.map.read_bytes(), options.map.name)
    assert notice.content is not None
    assert notice.event_mjd is not None
    plan = load("ordinary").changed(alerts=options.alerts, start=date_of_mjd(notice.event_mjd))
    with tempfile.TemporaryDirectory() as folder:
        path, truth = Path(folder) / "sky.db", Path(folder) / "truth.csv"
        with open_store(path, durable=False) as store:
            fill_store(store, plan, options.seed, truth, clock=_now)
            with truth.open() as file:
                real = [int(row["object_id"]) for row in csv.DictReader(file) if row["label"] == "good"]
            _move(store, real[: options.there], read_map(notice.content), options.seed)
            add_notice(store, notice, _now)
            score(store, load_in_use()[0], clock=_now)
        for words in (["gw", "list"], ["gw", "show", notice.event], ["list", "gw", "--limit", "5"]):
            print("$ vra", *words)
            app([*words, "--db", str(path)], prog_name="vra", standalone_mode=False)
            print()


def _move(store: Store, ids: list[int], found: SkyMap, seed: int) -> None:
    """Put alerts at places drawn from the map, and their hosts at its distance there or at twice it."""
    from astropy import units
    from astropy_healpix import HEALPix

    rng = np.random.default_rng(seed)
    probability = found.density * pixel_area(found.order)
    rows = rng.choice(len(probability), len(ids), p=probability / probability.sum())
    within = (rng.random(len(ids)) * (np.int64(1) << 2 * (FINEST - found.order[rows]))).astype(np.int64)
    lon, lat = HEALPix(1 << FINEST, order="nested").healpix_to_lonlat(found.first[rows] + within)
    with transaction(store):
        for i, alert_id in enumerate(ids):
            place = (float(lon[i].to_value(units.deg)), float(lat[i].to_value(units.deg)), alert_id)
            store.execute("UPDATE alerts SET ra = ?, dec = ? WHERE alert_id = ?", place)
            store.execute(
                """UPDATE matches SET direct_distance_mpc = ?, distance_mpc = NULL
                WHERE alert_id = ? AND position = 1""",
                (float(found.mean[rows[i]]) * (1 + i % 2), alert_id),
            )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
