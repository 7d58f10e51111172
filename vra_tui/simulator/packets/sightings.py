"""The detections that send packets, in time order, each with the history in its packet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.simulator.batch import Batch, Floats, Ints, Section
from vra_tui.simulator.instrument import Instrument


@dataclass(frozen=True, eq=False)
class Sightings:
    """One row for each packet, in time order: ``owner`` (row of the batch) and ``row`` of its detection.

    ``score``: of every detection of the batch, sent or not. ``last``: whether it is its object's last.
    ``first``: how many objects of the simulation come before the batch's.
    """

    batch: Batch
    instrument: Instrument
    owner: Ints
    row: Ints
    mjd: Floats
    score: Floats
    last: NDArray[np.bool_]
    first: int

    def __len__(self) -> int:
        return len(self.row)


def sightings(
    batch: Batch, instrument: Instrument, nights: tuple[int, int], rng: np.random.Generator, first: int = 0
) -> Sightings:
    """The detections of the stream's nights (from the first, before the last); see `Sightings`."""
    seen = batch.detections
    owner = owners(seen)
    score = batch.alerts["rb_pix"].astype(np.float64)[owner]
    logit = np.log(score / np.maximum(1.0 - score, 1e-9))
    logit += instrument.sources.unsteady * rng.standard_normal(len(logit))
    night = seen["night"].astype(np.int64)
    sent = np.flatnonzero((night >= nights[0]) & (night < nights[1]))
    order = sent[np.lexsort((owner[sent], seen["mjd"][sent]))]
    last = np.zeros(len(batch), dtype=np.int64)
    last[owner[order]] = np.arange(len(order))
    return Sightings(
        batch,
        instrument,
        owner[order],
        order,
        seen["mjd"].astype(np.float64)[order],
        1.0 / (1.0 + np.exp(-logit)),
        last[owner[order]] == np.arange(len(order)),
        first,
    )


def owners(section: Section) -> Ints:
    """Row of the batch that each row of a section belongs to."""
    return np.repeat(np.arange(len(section.start) - 1), np.diff(section.start))


def before(section: Section, owner: int, since: float, until: float) -> slice:
    """Rows of one alert with since <= mjd < until."""
    low, high = int(section.start[owner]), int(section.start[owner + 1])
    mjd = section["mjd"][low:high]
    first, end = np.searchsorted(mjd, [since, until])
    return slice(low + int(first), low + int(end))
