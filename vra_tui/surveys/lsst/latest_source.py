"""Read the shape of the latest source of an LSST object."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vra_tui.domain.alert import Fact
from vra_tui.surveys.values import number


def source_facts(source: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts of the shape of the latest source; only those that it names."""
    facts: dict[str, Fact] = {}
    for name, key in (("extendedness", "extendedness"), ("trail_arcsec", "trailLength")):
        if key in source:
            facts[name] = number(source[key])
    if "isDipole" in source and isinstance(source["isDipole"], bool):
        facts["is_dipole"] = source["isDipole"]
    ixx, iyy, ixy = (number(source.get(key)) for key in ("ixx", "iyy", "ixy"))
    if ixx is not None and iyy is not None and ixy is not None:
        # Axes of the ellipse of second moments, arcsec squared.
        middle, half = (ixx + iyy) / 2.0, float(np.hypot((ixx - iyy) / 2.0, ixy))
        if middle > half >= 0.0:
            facts["elongation"] = float(np.sqrt((middle + half) / (middle - half)))
            facts["fwhm_arcsec"] = float(2.3548 * np.sqrt(middle))
    return facts
