"""Read the shape of the latest source of an LSST object, and what is told of those before it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vra_tui.domain.alert import Fact
from vra_tui.domain.times import mjd_of_tai
from vra_tui.surveys.values import number, whole


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


def history_facts(count: Any, first_mjd_tai: Any) -> dict[str, Fact]:
    """Facts of an object's history: how many sources it has, and when the first one was seen (MJD, TAI).

    Only those that are told.
    """
    facts: dict[str, Fact] = {}
    if (told := whole(count)) is not None:
        facts["n_detections_told"] = told
    if (first := number(first_mjd_tai)) is not None and first > 0:
        facts["first_told_mjd"] = float(mjd_of_tai(first))
    return facts
