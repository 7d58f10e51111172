"""Made packets of ZTF: a candidate with a short history, as schema 4.02 writes it."""

import copy
import gzip
from typing import Any

from vra_tui.domain.alert import Alert
from vra_tui.surveys.base import Packet
from vra_tui.surveys.ztf import Ztf

OBJECT = "ZTF21abiuvdk"
CANDID = 3367463101415010117
JD = 2461121.9631019
MJD = JD - 2_400_000.5
STAMP = gzip.compress(b"SIMPLE  =                    T".ljust(2880))

_CANDIDATE = {
    "jd": JD, "fid": 2, "pid": 3367463101415, "diffmaglim": 20.5, "candid": CANDID, "isdiffpos": "t",
    "ra": 267.0006792, "dec": -5.8633869, "magpsf": 18.25, "sigmapsf": 0.125, "distnr": 0.5, "magnr": 19.5,
    "fwhm": 2.0, "elong": 1.25, "nbad": 0, "rb": 0.5, "drb": 0.875, "ssdistnr": -999.0, "ssmagnr": -999.0,
    "ssnamenr": "null", "sgscore1": 0.25, "distpsnr1": 1.5, "objectidps1": 100962670007864356,
    "sgmag1": -999.0, "srmag1": 19.5, "simag1": 19.0, "szmag1": -999.0, "sgscore2": -999.0,
    "distpsnr2": -999.0, "objectidps2": -999, "sgscore3": -999.0, "distpsnr3": -999.0,
    "objectidps3": -999, "ndethist": 7, "jdstarthist": JD - 5,
    "jdendhist": JD, "neargaia": 2.5, "maggaia": 19.75, "neargaiabright": -999.0, "maggaiabright": -999.0,
    "field": 434, "rcid": 14, "programpi": "Kulkarni", "scorr": 10.5,
}  # fmt: skip
_LIMIT = {"jd": JD - 3, "fid": 1, "diffmaglim": 20.25, "candid": None, "isdiffpos": None, "ra": None,
          "dec": None, "magpsf": None, "sigmapsf": None, "rb": None}  # fmt: skip
_EARLIER = {**_LIMIT, "jd": JD - 2, "candid": CANDID - 10**15, "isdiffpos": "f", "ra": 267.0006,
            "dec": -5.8634, "magpsf": 18.5, "sigmapsf": 0.25, "rb": 0.75}  # fmt: skip
_FORCED = {"jd": JD - 4, "fid": 1, "magzpsci": 26.0, "forcediffimflux": 100.0, "forcediffimfluxunc": 10.0,
           "diffmaglim": 20.25, "procstatus": "0", "distnr": -99999.0}  # fmt: skip


def packet_value(**candidate: Any) -> dict[str, Any]:
    """A whole packet; keys of its candidate changed as named."""
    value = {
        "schemavsn": "4.02",
        "publisher": "ZTF (www.ztf.caltech.edu)",
        "objectId": OBJECT,
        "candid": CANDID,
        "candidate": {**_CANDIDATE, **candidate},
        "prv_candidates": [_LIMIT, _EARLIER],
        "fp_hists": [_FORCED],
        "cutoutScience": {"fileName": "s", "stampData": STAMP},
        "cutoutTemplate": {"fileName": "t", "stampData": STAMP},
        "cutoutDifference": {"fileName": "d", "stampData": STAMP},
    }
    return copy.deepcopy(value)


def alert_of(value: Any, form: str = "json", schema: str | None = None, **options: Any) -> Alert:
    """The alert of a value that ZTF must know for its own."""
    packet = Packet("made", "record 1", value, form, schema, options=options)
    assert Ztf().recognises(packet)
    return Ztf().alert(packet)
