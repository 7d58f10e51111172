"""What is on record of an alert: position, reports to the TNS, pages, the survey's own words, requests."""

from vra_tui.domain.sky import galactic
from vra_tui.store.requests import ASKED_FOR
from vra_tui.text import plain, printable
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.context.words import seconds, tns_role
from vra_tui.tui.sky import sexagesimal
from vra_tui.tui.spans import link


def position_section(facts: AlertFacts) -> Section:
    """Where it stands, in three ways."""
    row = facts.detail.row
    longitude, latitude = galactic(row.ra, row.dec)
    parts: Row = [
        [(sexagesimal(row.ra, row.dec), "value")],
        [(f"l {longitude:.0f} b {latitude:+.0f}", "value")],
        [(f"{row.ra:.5f} {row.dec:+.5f}", "dim")],
    ]
    return Section("place", rest=[parts])


def tns_section(facts: AlertFacts) -> Section:
    """What is reported, one report a row, and pages about the object elsewhere."""
    row = facts.detail.row
    names = {"name": row.name, "other_name": row.other_name}
    pages = facts.codes.links(row.survey, row.object_id, names)
    rows: list[Row] = [_report(facts, index) for index in range(len(facts.detail.tns))]
    # A report leads to its own page at the TNS.
    elsewhere: Row = [
        [(one.title, link("value", one.url))] for one in pages if not (rows and one.title == "TNS")
    ]
    if not rows and row.is_tns_match:
        rows.append([[("reported", "strong")]])
    return Section(
        "TNS" if rows else "pages", rest=[*rows, *([elsewhere] if elsewhere else [])], is_right=True
    )


def _report(facts: AlertFacts, index: int) -> Row:
    report = facts.detail.tns[index]
    designation = printable(report.designation, 40)
    words = "reported" if designation.startswith("unnamed ") else designation
    parts: Row = [[(words, tns_role("strong", report))]]
    if report.type:
        parts.append([(printable(report.type, 40), "strong")])
    if report.separation_arcsec is not None:
        parts.append([(seconds(report.separation_arcsec), "value")])
    if report.discoverer:
        parts.append([(f"by {printable(report.discoverer, 30)}", "value")])
    if report.discovered_mjd is not None:
        parts.append([(facts.when(report.discovered_mjd), "value")])
    if report.mag is not None:
        parts.append([(f"at {report.mag:.1f}", "value")])
    if report.object_z is not None:
        parts.append([(f"z {report.object_z:.4f}", "value")])
    return parts


def survey_section(facts: AlertFacts) -> Section:
    """The survey's own words: its trend, its people's comments."""
    detail = facts.detail
    rows: list[Row] = []
    if detail.row.trend_text:
        rows.append([[("survey's trend: ", "dim"), (printable(detail.row.trend_text, 40), "value")]])
    comments = plain(detail.comments)
    if comments:
        rows.append([[("comment: ", "dim"), (comments, "value")]])
    return Section("survey", rest=rows, is_right=True)


def requests_section(facts: AlertFacts) -> Section:
    """What sources were asked for this alert, and what came."""
    row: Row = []
    for one in facts.detail.requests:
        what = ASKED_FOR.get(one.what, printable(one.what, 20))
        came: Part = [
            (f" {printable(one.came, 60) or 'on its way'}", "value" if one.came == "came" else "dim")
        ]
        row.append([(f"{what} from {printable(one.source, 20)}", "value"), *came])
    return Section("asked", rest=[row] if row else [], is_right=True)
