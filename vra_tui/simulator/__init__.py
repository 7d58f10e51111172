"""Simulated surveys with known truth, taken in as real ones are."""

from vra_tui.simulator.batch import Batch, Section
from vra_tui.simulator.generate import Simulation, prepare, simulate
from vra_tui.simulator.scenario import Scenario, ScenarioError, load, names

__all__ = [
    "Batch",
    "Scenario",
    "ScenarioError",
    "Section",
    "Simulation",
    "load",
    "names",
    "prepare",
    "simulate",
]
