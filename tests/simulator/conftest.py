"""A small scenario, made once: every test reads the same few hundred alerts."""

import numpy as np
import pytest

from vra_tui.simulator import Batch, Scenario, Simulation, load, prepare


def no_dust(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """A sky without extinction: the map belongs to the features, and costs a second."""
    return np.full(len(ra), 0.05)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load("ordinary").changed(alerts=600, history=60)


@pytest.fixture(scope="session")
def simulation(scenario: Scenario) -> Simulation:
    return prepare(scenario, 11, no_dust)


@pytest.fixture(scope="session")
def batch(simulation: Simulation) -> Batch:
    return simulation.batch(0)
