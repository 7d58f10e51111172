"""Make an AT report, by which a transient is told to the Transient Name Server, from its light curve.

A report is a mapping of names to texts, as a form has them, in the order of `NAMES`. What stands in it is
what is sent, whether it came from the light curve or from a scanner's hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from vra_tui.domain.sky import offsets
from vra_tui.domain.times import date_of_mjd
from vra_tui.domain.tns_numbers import AB_MAGNITUDES, OTHER_ARCHIVE, PSN, TnsNumbers
from vra_tui.errors import VraError
from vra_tui.export.drafts.facts import AlertFacts, told_detections
from vra_tui.export.drafts.fill import fill
from vra_tui.lightcurve.onset import Unseen
from vra_tui.store.detail import StoredMatch
from vra_tui.store.finding import called
from vra_tui.text import plain, printable

#: Fields of a report, of its last non-detection, and of each of its measurements.
HEADER = (
    "ra ra_error dec dec_error reporting_group data_source reporter discovery_datetime at_type host_name "
    "host_redshift internal_name internal_id remarks proprietary_until proprietary_groups"
).split()
LIMIT = (
    "obsdate limiting_flux unit filter instrument exptime observer comments archive archival_remarks"
).split()
POINT = "obsdate flux flux_error limiting_flux unit filter instrument exptime observer comments".split()
_LIMIT, _POINT = "non_detection", "photometry"
_POINT_NAME = re.compile(rf"{_POINT}\.(\d{{1,3}})\.([a-z_]+)")
#: A report holds at most so many measurements.
MOST_POINTS = 100


class NotReportable(VraError):
    """An alert of which no report can be made; the message says why."""


class Reporting(Protocol):
    """Who reports, and how: the section ``[tns]`` of the configuration. 0 and "": as the survey has it."""

    @property
    def reporter(self) -> str: ...  # noqa: D102
    @property
    def reporting_group(self) -> float: ...  # noqa: D102
    @property
    def data_source(self) -> float: ...  # noqa: D102
    @property
    def internal_name(self) -> str: ...  # noqa: D102
    @property
    def observer(self) -> str: ...  # noqa: D102
    @property
    def remarks(self) -> str: ...  # noqa: D102
    @property
    def proprietary_days(self) -> float: ...  # noqa: D102
    @property
    def proprietary_groups(self) -> str: ...  # noqa: D102
    @property
    def points(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class AtReport:
    """A report as its form has it: texts by name (`names`), "" where nothing is said."""

    survey: str
    object_id: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def n_points(self) -> int:
        """How many measurements it holds, empty ones between them counted."""
        numbers = [int(found[1]) for name in self.values if (found := _POINT_NAME.fullmatch(name))]
        return max(numbers, default=-1) + 1

    def limit(self) -> dict[str, str]:
        """The last non-detection, by the names of `LIMIT`."""
        return {name: self[limit_name(name)] for name in LIMIT}

    def points(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The measurements with their numbers, by the names of `POINT`; those without a flux left out."""
        for number in range(self.n_points):
            row = {name: self[point_name(number, name)] for name in POINT}
            if row["flux"].strip() or row["limiting_flux"].strip():
                yield number, row


def limit_name(name: str) -> str:
    """The name in a report of a field of the last non-detection."""
    return f"{_LIMIT}.{name}"


def point_name(number: int, name: str) -> str:
    """The name in a report of a field of a measurement."""
    return f"{_POINT}.{number}.{name}"


def names(report: AtReport) -> list[str]:
    """The names of all fields of a report, in the order of the form."""
    points = [point_name(number, name) for number in range(report.n_points) for name in POINT]
    return [*HEADER, *map(limit_name, LIMIT), *points]


def changed(report: AtReport, name: str, text: str) -> AtReport:
    """The report with another text in one field; kept as it was written, right or wrong.

    A measurement whose number is one more than there are is new. Raises KeyError for a name that no field
    has.
    """
    found = _POINT_NAME.fullmatch(name)
    is_point = found is not None and found[2] in POINT and int(found[1]) <= min(report.n_points, MOST_POINTS)
    if name not in HEADER and name not in [*map(limit_name, LIMIT)] and not is_point:
        raise KeyError(name)
    return replace(report, values={**report.values, name: text})


def build(facts: AlertFacts, reporting: Reporting, now: datetime) -> AtReport:
    """The report of an alert.

    Raises NotReportable where there is no detection, or no number for what detected it.
    """
    row, seen, found, numbers = facts.detail.row, facts.curve.detections, facts.onset, facts.numbers
    who = called(row.survey, row.object_id)
    if numbers is None:
        raise NotReportable(
            f"{who}: no numbers of the TNS are known for filters and instruments of the survey, and nobody "
            "says that its magnitudes are AB: it cannot be reported."
        )
    if found is None:
        raise NotReportable(f"{who} has no detection of positive flux: there is nothing to report.")
    error = _position_error(facts, numbers)
    ra, dec = sexagesimal(row.ra, row.dec)
    values = {
        "ra": ra, "ra_error": f"{error:.2f}", "dec": dec, "dec_error": f"{error:.2f}",
        "reporting_group": _whole(reporting.reporting_group),
        "data_source": _whole(reporting.data_source) or str(numbers.data_source),
        "reporter": reporting.reporter.strip(),
        "discovery_datetime": day_text(float(seen.mjd[found.discovery])),
        "at_type": str(PSN),
        "host_name": host_name(facts), "host_redshift": _redshift(facts.host),
        "internal_name": internal_name(facts, reporting.internal_name),
        "internal_id": printable(row.object_id, 80),
        "remarks": reporting.remarks.strip(),
        "proprietary_until": _until(reporting.proprietary_days, now),
        "proprietary_groups": reporting.proprietary_groups.strip() if reporting.proprietary_days else "",
    }  # fmt: skip
    values |= {limit_name(name): text for name, text in _limit(facts, numbers, reporting).items()}
    _numbered(facts, found.discovery, numbers)
    most = min(int(reporting.points), MOST_POINTS)
    told = told_detections(facts, most, lambda band: _filter(facts, band, numbers) is not None)
    for number, index in enumerate(told):
        point = _point(facts, index, numbers, reporting)
        values |= {point_name(number, name): text for name, text in point.items()}
    return AtReport(row.survey, row.object_id, values)


def day_text(mjd: float, digits: int = 5) -> str:
    """An MJD as the TNS writes times: the day with its fraction, UTC; five ``digits`` are a second."""
    day, fraction = divmod(round(mjd * 10**digits), 10**digits)
    return f"{date_of_mjd(float(day)).isoformat()}.{fraction:0{digits}d}"


def sexagesimal(ra: float, dec: float) -> tuple[str, str]:
    """A position in degrees as hours and degrees, to 0.015 and 0.01 arcsec."""
    thousandths = round(ra / 15.0 * 3_600_000) % 86_400_000
    seconds, rest = divmod(thousandths, 1000)
    east = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
    seconds, rest = divmod(round(abs(dec) * 360_000), 100)
    sign = "-" if dec < 0 else "+"
    return east, f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"


def host_name(facts: AlertFacts) -> str:
    """The name of the host, as catalogues and people have it; "" for a bare number of a catalogue.

    Sherlock says in its words what the numbers of its first match stand for.
    """
    host = facts.host
    if host is None:
        return ""
    # A spreadsheet that others open the TNS's list in takes no name for a formula.
    name = plain(host.catalogue_object_id, 60).lstrip("=+-@")
    if re.fullmatch(r"\d{8}[-+]\d{7}", name) and "2MASS" in (host.catalogue or ""):
        return f"2MASX J{name}"
    if re.search(r"[A-Za-z]", name):
        return name
    told = re.search(r"<em>(.{1,300}?)</em>", facts.detail.sherlock_annotation or "")
    is_first = host.source == "sherlock" and host is facts.detail.matches[0]
    said = plain(told[1], 60).lstrip("=+-@") if told and is_first else ""
    return said if re.search(r"[A-Za-z]", said) else ""


def _redshift(host: StoredMatch | None) -> str:
    """A redshift of a spectrum: what photometry guesses is no fact to be kept by a name server."""
    return "" if host is None or host.z is None or not 0.0 < host.z < 10.0 else f"{host.z:.5g}"


def internal_name(facts: AlertFacts, template: str = "") -> str:
    """What an alert is called in reports, by a template, else by its survey's. Raises TemplateError."""
    row = facts.detail.row
    if not template:
        template = "{object_id}" if facts.numbers is None else facts.numbers.internal_name
    known = {"object_id": printable(row.object_id, 80), "name": printable(row.name, 80), "survey": row.survey}
    return fill(template, known, "tns.internal_name")


def _until(days: float, now: datetime) -> str:
    return (now + timedelta(days=days)).date().isoformat() if days else ""


def _whole(number: float) -> str:
    # Half a number is none: the form says so.
    return f"{number:.10g}" if number else ""


def _position_error(facts: AlertFacts, numbers: TnsNumbers) -> float:
    """The error of the mean position of the transient's detections, arcsec."""
    assert facts.onset is not None
    seen = facts.curve.detections[facts.onset.own]
    seen = seen[np.isfinite(seen.ra) & np.isfinite(seen.dec)]
    if len(seen) < 3:
        return max(numbers.position_arcsec, 2.0 * numbers.position_arcsec if len(seen) < 2 else 0.0)
    east, north = offsets(seen.ra, seen.dec, seen.ra[0], seen.dec[0])
    scatter = float(np.hypot(np.std(east, ddof=1), np.std(north, ddof=1)) / np.sqrt(2.0 * len(seen)))
    # Of what lies on both sides of the sky no mean tells: the checks say how far the position is off.
    return max(scatter, numbers.position_arcsec) if np.isfinite(scatter) else numbers.position_arcsec


def _filter(facts: AlertFacts, band: int, numbers: TnsNumbers) -> int | None:
    return numbers.filters.get(facts.bands.get(band, "?"))


def _instrument(facts: AlertFacts, instrument: int, numbers: TnsNumbers) -> int | None:
    return numbers.instruments.get(facts.instruments.get(instrument, "?"), numbers.default_instrument)


def _numbered(facts: AlertFacts, index: int, numbers: TnsNumbers) -> tuple[str, str]:
    """Filter and instrument of a detection by number. Raises NotReportable where the filter has none."""
    seen, row = facts.curve.detections, facts.detail.row
    band = int(seen.band[index])
    found = _filter(facts, band, numbers)
    if found is None:
        name = printable(facts.bands.get(band, "?"), 20)
        raise NotReportable(
            f"{called(row.survey, row.object_id)}: the TNS has no number for the band `{name}` of "
            f"{row.survey}, in which it was discovered."
        )
    unit = _instrument(facts, int(seen.instrument[index]), numbers)
    # What is not told is left open: the form says what is missing, and a person may know.
    return str(found), "" if unit is None else str(unit)


def _point(facts: AlertFacts, index: int, numbers: TnsNumbers, reporting: Reporting) -> dict[str, str]:
    seen = facts.curve.detections
    band, instrument = _numbered(facts, index, numbers)
    return {
        "obsdate": day_text(float(seen.mjd[index])),
        "flux": f"{seen.mag[index]:.3f}",
        "flux_error": _decimal(float(seen.magerr[index])),
        "limiting_flux": _decimal(float(seen.limit[index]), 2),
        "unit": str(AB_MAGNITUDES),
        "filter": band,
        "instrument": instrument,
        "exptime": _decimal(numbers.exposure_s or np.nan, 0),
        "observer": reporting.observer.strip(),
        "comments": "",
    }


def _limit(facts: AlertFacts, numbers: TnsNumbers, reporting: Reporting) -> dict[str, str]:
    """The last non-detection; where none is known that is said, as the TNS wants it, for an archive."""
    unseen = facts.unseen
    if unseen is None or _filter(facts, unseen.band, numbers) is None:
        remark = f"no earlier non-detection at this position is known from {facts.detail.survey.upper()}"
        empty = dict.fromkeys(LIMIT, "")
        return {**empty, "archive": str(OTHER_ARCHIVE), "archival_remarks": remark}
    return {
        "obsdate": day_text(unseen.mjd),
        "limiting_flux": f"{unseen.limit:.2f}",
        "unit": str(AB_MAGNITUDES),
        "filter": str(_filter(facts, unseen.band, numbers)),
        "instrument": str(_instrument(facts, unseen.instrument, numbers) or ""),
        "exptime": _decimal(numbers.exposure_s or np.nan, 0),
        "observer": reporting.observer.strip(),
        "comments": _limit_comment(unseen),
        "archive": "",
        "archival_remarks": "",
    }


def _limit_comment(unseen: Unseen) -> str:
    return "5-sigma limit of forced photometry" if unseen.is_forced else ""


def _decimal(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) and value > 0 else ""
