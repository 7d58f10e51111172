"""Simulations of few alerts that are made in several batches all the same, also in other processes."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from vra_tui.pipeline.simulate_store import _make

#: Alerts in a batch, in place of the simulator's thousands.
ALERTS = 20


def apply(change: Callable[[object, str, object], None] = setattr) -> None:
    """Make batches small in this process, by a function as `setattr`."""
    for module in ("scenario", "generate", "packets.stream"):
        change(import_module(f"vra_tui.simulator.{module}"), "BATCH", ALERTS)


def make(*given: Any) -> None:
    """Do what a process of `fill_store` does, in small batches."""
    apply()
    _make(*given)
