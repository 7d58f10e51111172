"""Simulated alerts as packets of a survey's stream: one a detection, in time order, with stamps.

    for packet in packets_of(batch, simulation, stamps="all"):
        packet.mjd, packet.value    # what the survey's Avro record holds

The fields are those of the surveys' public formats; docs/simulator.md says which of them are simulated.
"""

from vra_tui.simulator.packets.stream import SCHEMAS, SimulatedPacket, Stamps, packets_of

__all__ = ["SCHEMAS", "SimulatedPacket", "Stamps", "packets_of"]
