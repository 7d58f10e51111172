"""One alert as one packet describes it, with the time of that description.

Two packets of an object are united by three rules. What a packet does not name it does not touch. What it
names and leaves empty erases what is older. Of two values the newer one stands, and of two of the same time
the one whose content sorts last, so that the order of arrival never matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vra_tui.domain.light_curve import LightCurve, no_epochs

#: A fact of an alert; None says that the packet named it and left it empty.
Fact = str | int | float | bool | None


class Refused(ValueError):
    """Raised for one packet that cannot be taken in; the message is the reason, for people."""

    def __init__(self, reason: str, object_id: str | None = None) -> None:
        super().__init__(reason)
        self.object_id = object_id


class NotAnAlert(Refused):
    """Raised for a packet that is sound but no alert, such as a solar-system object's: counted, not taken."""


@dataclass(frozen=True)
class CatalogueMatch:
    """A catalogued source near the alert. Separations in arcsec, distances in Mpc, magnitudes as catalogued.

    ``source`` says who matched (`sherlock`, `ps1`, `gaia`, `mangrove`, `ned`). ``north_arcsec`` and
    ``east_arcsec`` lead from the alert to the source. ``star_score``: 0 galaxy to 1 star.
    """

    source: str = "sherlock"
    catalogue_object_id: str | None = None
    catalogue: str | None = None
    association_type: str | None = None
    object_type: str | None = None
    separation_arcsec: float | None = None
    north_arcsec: float | None = None
    east_arcsec: float | None = None
    z: float | None = None
    photoz: float | None = None
    photoz_err: float | None = None
    distance_mpc: float | None = None
    direct_distance_mpc: float | None = None
    physical_separation_kpc: float | None = None
    major_axis_arcsec: float | None = None
    ra: float | None = None
    dec: float | None = None
    mag: float | None = None
    mag_band: str | None = None
    star_score: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ContextNote:
    """What a context classifier (Sherlock) said: its class, and its words, which may hold HTML."""

    classification: str | None = None
    annotation: str | None = None
    summary: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TnsReport:
    """A report on the Transient Name Server at the alert's position."""

    designation: str | None = None
    type: str | None = None
    mag: float | None = None
    discoverer: str | None = None
    internal_name: str | None = None
    separation_arcsec: float | None = None
    discovered_mjd: float | None = None
    host: str | None = None
    host_z: float | None = None
    object_z: float | None = None
    url: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExternalMatch:
    """The same transient in another survey's list."""

    designation: str | None = None
    type: str | None = None
    matched_list: str | None = None
    mag: float | None = None
    separation_arcsec: float | None = None
    url: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Annotation:
    """What a classifier said of the alert. ``numbers``: its probabilities or other numbers by name."""

    topic: str
    classification: str | None = None
    version: str | None = None
    explanation: str | None = None
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    url: str | None = None
    mjd: float | None = None


class StampKind(StrEnum):
    """Which image of an alert, in the order in which scanners look at them."""

    SCIENCE = "science"
    TEMPLATE = "template"
    DIFFERENCE = "difference"
    CONTEXT = "context"


@dataclass(frozen=True)
class Stamp:
    """One cutout as it came (FITS, possibly gzipped), of the detection ``source_id`` at ``mjd``."""

    kind: StampKind
    data: bytes
    mjd: float
    source_id: int = 0


@dataclass(frozen=True, eq=False)
class Alert:
    """One object of a survey, as one packet tells of it.

    ``as_of``: the packet's own time, MJD; 0 where it has none. ``facts``: the keys that the packet named, of
    `FACTS`. ``light_curve``: epochs whose codes count ``instruments`` and ``bands``. ``matches``,
    ``context``, ``external``: None where the packet does not speak of them. Matches of one source replace
    those of that source alone; none at all are Sherlock's, who says so. ``details``: the other keys of
    detections, by `detail_key`. ``extra``: what is not understood, by section. ``forced_within``: times of
    forced photometry by one instrument no further apart than this, in days, are of one exposure: for surveys
    whose services write the same time with more or fewer digits.
    """

    survey: str
    object_id: str
    as_of: float = 0.0
    facts: Mapping[str, Fact] = field(default_factory=dict)
    light_curve: LightCurve = field(default_factory=no_epochs)
    instruments: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    matches: tuple[CatalogueMatch, ...] | None = None
    context: ContextNote | None = None
    tns: tuple[TnsReport, ...] = ()
    external: tuple[ExternalMatch, ...] | None = None
    annotations: tuple[Annotation, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    forced_within: float = 0.0


#: The facts that an alert may hold, and what each one is.
FACTS: Mapping[str, str] = {
    "name": "the survey's name for people",
    "other_name": "a name given by others, such as that of the TNS",
    "ra": "degrees",
    "dec": "degrees",
    "t0_mjd": "MJD at which the survey says that it entered the eyeball list",
    "real_bogus": "the survey's real/bogus score of the object, 0 to 1",
    "realbogus_factor": "ATLAS: its older score",
    "context_class": "class by catalogued context: VS, CV, BS, AGN, NT, SN, ORPHAN, UNCLEAR, ...",
    "detection_list_id": "ATLAS: the list of its server",
    "trend_text": "ATLAS: the server's words on the trend",
    "comments": "the survey's people's words",
    "date_modified": "when the survey's record changed, as it writes it",
    "star_score": "0 galaxy to 1 star of the nearest catalogued source",
    "star_arcsec": "distance of the nearest catalogued source of the deep survey, arcsec",
    "gaia_arcsec": "distance of the nearest Gaia source, arcsec",
    "gaia_mag": "its G magnitude",
    "solar_arcsec": "distance of the nearest known solar-system object, arcsec",
    "solar_mag": "its predicted magnitude",
    "solar_name": "its name",
    "reference_arcsec": "distance of the nearest source of the reference image, arcsec",
    "reference_mag": "its magnitude",
    "fwhm_arcsec": "width of the latest detection, arcsec",
    "elongation": "major by minor axis of the latest detection",
    "is_dipole": "whether the survey's fit calls the latest detection a dipole",
    "trail_arcsec": "length of a fitted trail of the latest detection, arcsec",
    "n_bad_pixels": "bad pixels under the latest detection",
    "extendedness": "0 point source to 1 extended, of the latest detection",
    "n_detections_told": "how many detections the survey counts at the position, with those it does not send",
    "first_told_mjd": "MJD of the first detection at the position that the survey knows of",
}


def detail_key(source_id: int, exposure: int) -> str:
    """The key under which details of a detection are kept; ``exposure`` as `Epochs.exposure` numbers it."""
    return str(source_id) if 0 < source_id < 1 << 63 else f"{exposure}/{source_id % (1 << 63)}"
