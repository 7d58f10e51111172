"""The survey simulator: a stream whose truth is known and whose difficulty is that of the real one."""

from vra_tui.survey.simulator.batch import Batch, Section
from vra_tui.survey.simulator.generate import Simulation, prepare, simulate
from vra_tui.survey.simulator.scenario import Scenario, ScenarioError, load, names

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
