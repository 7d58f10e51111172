"""Made packets of LSST: a source with a short history, as the stream and the brokers write it."""

import copy
from typing import Any

from vra_tui.domain.alert import Alert
from vra_tui.surveys.base import Packet
from vra_tui.surveys.lsst import Lsst

OBJECT = 313761043604045880
SOURCE = 170081276982722562
TAI = 61_102.25
STAMP = b"SIMPLE  =                    T".ljust(2880)

_SOURCE = {
    "diaSourceId": SOURCE, "visit": 2026030200123, "detector": 94, "diaObjectId": OBJECT, "ssObjectId": None,
    "midpointMjdTai": TAI, "ra": 61.96482, "dec": -48.71344, "psfFlux": 10_000.0, "psfFluxErr": 500.0,
    "reliability": 0.875, "band": "r", "extendedness": 0.25, "isDipole": False, "trailLength": 0.5,
    "ixx": 0.5, "iyy": 0.5, "ixy": 0.0, "x": 1000.5, "snr": 20.0, "apFlux": float("nan"),
}  # fmt: skip


def source(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A source; ``number`` nights before the one of the packet."""
    return {**_SOURCE, "diaSourceId": SOURCE - number, "midpointMjdTai": TAI - number, **changes}


def forced(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "diaForcedSourceId": 9 + number, "diaObjectId": OBJECT, "midpointMjdTai": TAI - number - 0.5,
        "psfFlux": 300.0, "psfFluxErr": 200.0, "band": "i", "visit": 5, **changes,
    }  # fmt: skip


def limit(number: int, **changes: Any) -> dict[str, Any]:
    return {"midpointMjdTai": TAI - number - 0.25, "band": "g", "diaNoise": 100.0, "ccdVisitId": 1, **changes}


def packet_value(**sections: Any) -> dict[str, Any]:
    """A packet of schema 10, with sections changed as named."""
    value = {
        "diaSourceId": SOURCE,
        "observation_reason": "science",
        "diaSource": source(),
        "prvDiaSources": [source(1), source(2, psfFlux=-2_000.0, band="z")],
        "prvDiaForcedSources": [forced(1), forced(2)],
        "diaObject": {"diaObjectId": OBJECT, "ra": 61.9648, "dec": -48.7134, "nDiaSources": 3,
                      "firstDiaSourceMjdTai": TAI - 2},
        "ssSource": None,
        "cutoutDifference": STAMP,
        "cutoutScience": STAMP + b"s",
        "cutoutTemplate": None,
    }  # fmt: skip
    return copy.deepcopy({**value, **sections})


ROW = {
    "diaObjectId": OBJECT, "lastDiaSourceMjdTai": TAI, "latestR": 0.875, "nDiaSources": 3, "ebv": 0.01,
    "ra": 61.9648, "decl": -48.7134, "tns_name": None, "firstDiaSourceMjdTai": TAI - 2,
    "separationArcsec": 1.5, "z": None, "photoZ": 0.25, "distance": None,
    "sherlock_classifications": "NT", "UTC": "2026-03-03 02:52:04",
}  # fmt: skip
LITE = {
    "diaSourcesList": [
        {key: row[key] for key in ("psfFlux", "psfFluxErr", "midpointMjdTai", "band", "reliability")}
        for row in (source(), source(1), source(2, psfFlux=-2_000.0, band="z"))
    ],
    "diaForcedSourcesList": [],
}
#: What Lasair's `/api/object/` adds of Sherlock, the TNS and classifiers, as its notebook prints it.
LASAIR_DATA = {
    **ROW, "tns_name": "2025agpz",
    "sherlock": {
        "classification": "SN", "association_type": "SN", "catalogue_table_name": "DESI",
        "catalogue_object_id": "10000,82215,16929", "catalogue_object_type": "galaxy", "raDeg": 61.964776,
        "decDeg": -48.713435, "separationArcsec": 0.055, "northSeparationArcsec": -0.00251166,
        "eastSeparationArcsec": -0.0555143, "z": None, "photoZ": None, "distance": None, "Mag": 23.746,
        "MagFilter": "r", "description": "possibly associated with <em>10000,82215,16929</em>",
    },
    "TNS": {
        "tns_name": "2025agpz", "tns_prefix": "AT", "disc_mag": 19.739, "disc_mag_filter": "cyan",
        "disc_int_name": "ATLAS25pny", "disc_date_mjd": 61019.90106, "sender": "ATLAS", "arcsec": 0.757575,
    },
    "annotations": [
        {"annotationID": 1009865, "topic": "r0b_lvra", "version": "a1", "timestamp": "2026-03-03 03:00:32",
         "classification": "0.9583158", "explanation": "r0b - Real Or Bogus Classifier",
         "classdict": {"n_gt22": 653, "stem": "20260303_030001"}, "url": "https://lasairvras.github.io/r0b"},
    ],
    "imageUrls": [{"Science": "https://lasair.lsst.ac.uk/fits/1_cutoutScience", "diaSourceId": SOURCE}],
}  # fmt: skip


def lasair_alert(**sections: Any) -> dict[str, Any]:
    """Lasair's alert: the object and its lists."""
    value = packet_value()
    lists = {
        "diaObject": value["diaObject"],
        "diaSourcesList": [value["diaSource"], *value["prvDiaSources"]],
        "diaForcedSourcesList": value["prvDiaForcedSources"],
        "diaNondetectionLimitsList": [],
    }
    return copy.deepcopy({**lists, **sections})


def alert_of(value: Any, **options: Any) -> Alert:
    """The alert of a value that LSST must know for its own."""
    packet = Packet("made", "record 1", value, options=options)
    assert Lsst().recognises(packet)
    return Lsst().alert(packet)
