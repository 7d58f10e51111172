"""The numbers by which reports to the Transient Name Server name filters, instruments, groups and units.

They are those of its tables of values (docs/reports.md says where each comes from). A survey's module says
which of them are its own (`TnsNumbers`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: Unit of AB magnitudes. The server refuses nJy, and this program reports in nothing else.
AB_MAGNITUDES = 1
#: What may be reported.
AT_TYPES: Mapping[int, str] = MappingProxyType(
    {
        0: "other",
        1: "PSN, a possible supernova",
        2: "PNV, a possible nova",
        3: "AGN",
        4: "NUC, possibly in a nucleus",
        5: "FRB",
    }
)
PSN = 1
#: Where a source was not seen in the past, when no limit of the survey's own tells.
ARCHIVES: Mapping[int, str] = MappingProxyType({0: "other", 1: "SDSS", 2: "DSS"})
OTHER_ARCHIVE = 0
FILTERS: Mapping[int, str] = MappingProxyType(
    {
        **{71: "cyan-ATLAS", 72: "orange-ATLAS"},
        **{110: "g-ZTF", 111: "r-ZTF", 112: "i-ZTF"},
        **{160: "u-LSST", 161: "g-LSST", 162: "r-LSST", 163: "i-LSST", 164: "z-LSST", 165: "y-LSST"},
    }
)
INSTRUMENTS: Mapping[int, str] = MappingProxyType(
    {
        **dict.fromkeys((153, 167), "ATLAS"),
        **{159: "ATLAS-01", 160: "ATLAS-02", 255: "ATLAS-03", 256: "ATLAS-04", 290: "ATLAS-05"},
        **{196: "ZTF-Cam", 287: "LSSTCam"},
    }
)
GROUPS: Mapping[int, str] = MappingProxyType({18: "ATLAS", 48: "ZTF", 165: "Rubin"})


@dataclass(frozen=True)
class TnsNumbers:
    """What a survey is called in reports.

    ``filters``: numbers by the survey's bands; ``instruments``: by its instruments; ``default_instrument``:
    of an epoch whose instrument is not told, None where that cannot be said. ``data_source``: its group.
    ``exposure_s``: seconds of an exposure. ``internal_name``: a template of the fields `object_id` and
    `name`, which gives what ``name_pattern`` describes, in words ``name_words``. ``position_arcsec``: the
    least error of a position.
    """

    filters: Mapping[str, int]
    instruments: Mapping[str, int]
    data_source: int
    default_instrument: int | None = None
    exposure_s: float | None = None
    internal_name: str = "{object_id}"
    name_pattern: re.Pattern[str] = field(default=re.compile(r"\S{2,50}"))
    name_words: str = "2 to 50 characters without blanks"
    position_arcsec: float = 0.1
