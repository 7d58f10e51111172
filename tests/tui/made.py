"""Alerts of any survey, made for tests and taken in as real ones are."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.store.codes import Codes
from vra_tui.store.intake import put_alerts

T0 = 60_001.0
_BANDS = {"ztf": "gr", "lsst": "ugrizy", "atlas": "co"}
_INSTRUMENTS = {"ztf": "ZTF", "lsst": "LSSTCam", "atlas": "02a"}


def an_alert(survey: str, object_id: str, *, arcsec: float = 0.0, bands: Any = None, **facts: Any) -> Alert:
    """An alert with a detection a night in each band, ``arcsec`` north of 10 h, +2.2 degrees.

    Keys of an `Alert` other than facts (``matches``, ``annotations``, …) may stand among ``facts``.
    """
    own = {
        name: facts.pop(name)
        for name in ("matches", "annotations", "context", "tns", "extra")
        if name in facts
    }
    names = list(_BANDS.get(survey, "V") if bands is None else bands)
    n = len(names)
    curve, instruments, codes = build_light_curve(
        detections={
            "mjd": T0 + np.arange(n), "ra": [150.1] * n, "dec": [2.2 + arcsec / 3600] * n,
            "mag": 18.5 - 0.1 * np.arange(n), "magerr": [0.1] * n, "limit": [20.5] * n,
            "instrument": [_INSTRUMENTS.get(survey, "elsewhere")] * n, "band": names,
        }
    )  # fmt: skip
    known = {"ra": 150.1, "dec": 2.2 + arcsec / 3600, **facts}
    return Alert(
        survey,
        object_id,
        as_of=T0 + n,
        facts=known,
        light_curve=curve,
        instruments=instruments,
        bands=codes,
        **own,
    )


def put(connection: Any, *alerts: Alert) -> None:
    """Take alerts in; none is refused."""
    now = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    _, refused = put_alerts(connection, alerts, now, lambda ra, dec: np.zeros(len(ra)), Codes(connection))
    assert not refused
