"""Exposures with two detections of one alert, as when software finds two peaks in one source."""

from dataclasses import replace

import numpy as np

from vra_tui.simulator.batch import Batch, Section
from vra_tui.simulator.instrument import Doubles


def doubled(batch: Batch, figures: Doubles, rng: np.random.Generator) -> Batch:
    """The batch with second detections in some exposures of some alerts.

    Each has its own place and magnitude; ``dup`` is 1 for the brighter of the two, -1 for the fainter, and 0
    where there is one. The generator of random numbers is used for nothing else, so that the rest of a stream
    is the same with and without them.
    """
    seen = batch.detections
    owner = np.repeat(np.arange(len(batch)), np.diff(seen.start))
    messy = rng.random(len(batch)) < figures.alerts
    twice = np.flatnonzero(messy[owner] & (rng.random(len(owner)) < figures.share))
    n = len(twice)
    second = {name: column[twice] for name, column in seen.columns.items()}
    fainter = np.abs(rng.normal(*figures.fainter_mag, n))
    mag = seen["mag"][twice].astype(np.float64)
    second["mag"] = np.round(np.sign(mag) * (np.abs(mag) + fainter), 3).astype(seen["mag"].dtype)
    magerr = seen["magerr"][twice].astype(np.float64) * 10.0 ** (0.4 * fainter)
    second["magerr"] = np.round(magerr, 3).astype(seen["magerr"].dtype)
    angle, distance = rng.random(n) * 2.0 * np.pi, figures.apart_fwhm * second["fwhm"].astype(np.float64)
    dec = seen["dec"][twice].astype(np.float64)
    east = distance * np.cos(angle) / 3600.0 / np.cos(np.radians(dec))
    ra = np.round((seen["ra"][twice].astype(np.float64) + east) % 360.0, 5) % 360.0
    second["ra"] = ra.astype(seen["ra"].dtype)
    north = distance * np.sin(angle) / 3600.0
    second["dec"] = np.round(np.clip(dec + north, -90.0, 90.0), 5).astype(seen["dec"].dtype)
    dup = np.zeros(len(owner), dtype=np.int8)
    dup[twice] = 1
    columns = {name: np.concatenate([column, second[name]]) for name, column in seen.columns.items()}
    columns["dup"] = np.concatenate([dup, np.full(n, -1, dtype=np.int8)])
    owner = np.concatenate([owner, owner[twice]])
    order = np.lexsort([columns[name] for name in ("mag", "dec", "ra", "unit", "mjd")] + [owner])
    columns = {name: column[order] for name, column in columns.items()}
    return replace(batch, detections=Section.by_owner(owner[order], len(batch), columns))
