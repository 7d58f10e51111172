"""The packets of a survey: its nights' detections in time order, each with its history and stamps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np

from vra_tui.simulator.batch import Batch
from vra_tui.simulator.generate import Simulation
from vra_tui.simulator.packets.atlas import AtlasPackets
from vra_tui.simulator.packets.imaging import Imager
from vra_tui.simulator.packets.lsst import LsstPackets
from vra_tui.simulator.packets.schemas import ATLAS, LSST, ZTF
from vra_tui.simulator.packets.sightings import Sightings, sightings
from vra_tui.simulator.packets.ztf import ZtfPackets
from vra_tui.simulator.scenario import BATCH
from vra_tui.simulator.stamps import Cutouts

#: Which packets carry stamps: all, each object's last, none.
Stamps = Literal["all", "last", "none"]

#: Avro schemas by survey.
SCHEMAS = MappingProxyType({"atlas": ATLAS, "ztf": ZTF, "lsst": LSST})
_ALL_NIGHTS = (0, 1_000_000)
#: Packets whose stamps are drawn at once.
_AT_ONCE = 256


@dataclass(frozen=True)
class SimulatedPacket:
    """A packet: when it is sent (MJD, UTC), on which night (MJD of local midnight), and what it holds."""

    mjd: float
    night: int
    value: dict[str, Any]


class _Survey(Protocol):
    def value(self, packet: int, stamps: Cutouts | None) -> dict[str, Any]:
        """Return what a packet holds."""


_SURVEYS: MappingProxyType[str, Callable[[Sightings, np.random.Generator], _Survey]] = MappingProxyType(
    {"atlas": AtlasPackets, "ztf": ZtfPackets, "lsst": LsstPackets}
)


def packets_of(
    batch: Batch, simulation: Simulation, stamps: Stamps = "all", index: int = 0
) -> Iterator[SimulatedPacket]:
    """The packets of a simulation's batch number ``index`` in time order; the same seed gives the same.

    ZTF and LSST send the nights of the stream, and what came before as history. ATLAS's packets have no
    history: those of all nights are sent that the simulation knows.
    """
    survey = simulation.survey
    of_scores, of_fields, of_stamps = np.random.SeedSequence([simulation.seed, 4, index]).spawn(3)
    first = index * BATCH
    nights = survey.nights if survey.instrument.detection.each_alerts else _ALL_NIGHTS
    sent = sightings(batch, survey.instrument, nights, np.random.default_rng(of_scores), first)
    made = _SURVEYS[survey.instrument.survey](sent, np.random.default_rng(of_fields))
    imager = Imager(sent, of_stamps)
    night = batch.detections["night"]
    for low in range(0, len(sent), _AT_ONCE):
        rows = np.arange(low, min(low + _AT_ONCE, len(sent)))
        wanted = rows if stamps == "all" else rows[sent.last[rows]] if stamps == "last" else rows[:0]
        drawn = dict(zip(wanted.tolist(), imager.cutouts(wanted), strict=True))
        for row in rows.tolist():
            value = made.value(row, drawn.get(row))
            yield SimulatedPacket(float(sent.mjd[row]), int(night[sent.row[row]]), value)
