"""Small parts that several sections of the context are written with."""

from vra_tui.domain.hosts import HostKind
from vra_tui.store.detail import StoredMatch, StoredTnsReport
from vra_tui.text import printable
from vra_tui.tui.context.section import Part
from vra_tui.tui.spans import link

KINDS = {
    HostKind.GALAXY: "galaxy",
    HostKind.STAR: "star",
    HostKind.AGN: "active nucleus",
    HostKind.CV: "cataclysmic variable",
}
_TNS = "https://www.wis-tns.org/object/"
_HALVES = ("━", "╸")


def share(value: float) -> str:
    """A probability without the nought before its point."""
    text = f"{value:.2f}"
    return text[1:] if text.startswith("0") else text


def labelled(name: str, value: str, role: str = "strong") -> Part:
    """A number with its name dim before it."""
    return [(f"{name} ", "dim"), (value, role)]


def gauge(value: float, width: int) -> Part:
    """A share as a line that steps by half a cell, on a thin one."""
    halves = round(min(max(value, 0.0), 1.0) * 2 * width)
    full = _HALVES[0] * (halves // 2) + (_HALVES[1] if halves % 2 else "")
    return [(full, "gauge"), ("─" * (width - len(full)), "gauge_faint")]


def seconds(arcsec: float) -> str:
    """A separation: tenths of an arcsec below 10."""
    return f"{arcsec:.1f}″" if arcsec < 9.95 else f"{arcsec:.0f}″"


def direction_to(match: StoredMatch) -> str:
    """Where the source lies as seen from the alert: N, NE, …; "" where nobody says."""
    if match.north_arcsec is None or match.east_arcsec is None:
        return ""
    return compass(match.north_arcsec, match.east_arcsec)


def direction_from(match: StoredMatch) -> str:
    """Where the alert lies as seen from the source."""
    if match.north_arcsec is None or match.east_arcsec is None:
        return ""
    return compass(-match.north_arcsec, -match.east_arcsec)


def compass(north: float, east: float) -> str:
    """A direction in one or two letters."""
    vertical = "N" if north > 0 else "S"
    horizontal = "E" if east > 0 else "W"
    steep = abs(north) / max(abs(east), 1e-9)
    return vertical if steep > 2.4 else horizontal if steep < 0.42 else vertical + horizontal


def tns_name(report: StoredTnsReport) -> str:
    """A report's designation with its prefix: SN once it is classified as one, else AT."""
    designation = printable(report.designation, 40)
    if not designation[:1].isdigit():
        return designation
    return f"{'SN' if (report.type or '').startswith('SN') else 'AT'}{designation}"


def tns_role(role: str, report: StoredTnsReport) -> str:
    """A role that leads to the report's page at the TNS, where it has a name there."""
    designation = printable(report.designation, 40)
    # A broker may pass on that there is a report, and not its name.
    return role if designation.startswith("unnamed ") else link(role, f"{_TNS}{designation}")


def name_of(match: StoredMatch) -> str:
    """A source's name where it is one: a bare number says nothing; else its catalogue's."""
    number = printable(match.catalogue_object_id, 40)
    catalogue = printable(match.catalogue, 30)
    if not number or number.isdigit() or number.startswith(catalogue):
        return number if number and not number.isdigit() else catalogue
    return f"{number} {catalogue}".strip()
