"""An AT report as a form: its fields, what each means and what is wrong with it; as text for an editor."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from vra_tui.domain.times import mjd_of
from vra_tui.domain.tns_numbers import AB_MAGNITUDES, ARCHIVES, AT_TYPES, FILTERS, GROUPS, INSTRUMENTS
from vra_tui.export.drafts.at_report import (
    HEADER,
    LIMIT,
    MOST_POINTS,
    POINT,
    AtReport,
    limit_name,
    names,
    point_name,
)
from vra_tui.text import printable

#: Says what is wrong with the text of a field; None where nothing is.
_Check = Callable[[str], str | None]
_LONGEST = 2_000
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(\.\d{1,9})?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z?")
_MJD = re.compile(r"[4-9]\d{4}(\.\d+)?")
_FAINTEST = 35.0


@dataclass(frozen=True)
class Field:
    """One field of the form.

    ``name``: by which `at_report.changed` changes it. ``help``: what may stand there. ``fault``: what is
    wrong with ``value``, None where nothing is. ``means``: what a number stands for.
    """

    name: str
    label: str
    value: str
    help: str
    fault: str | None = None
    means: str = ""


@dataclass(frozen=True)
class _Spec:
    label: str
    help: str
    check: _Check
    names: Mapping[int, str] | None = None


def mjd_of_text(text: str) -> float | None:
    """The MJD of a time as a report writes it, UTC: a day with its fraction, or date and time; None else."""
    told = text.strip()
    try:
        if found := _DAY.fullmatch(told):
            return mjd_of(datetime.fromisoformat(found[1])) + float(found[2] or 0.0)
        if _MOMENT.fullmatch(told):
            return mjd_of(datetime.fromisoformat(told.removesuffix("Z")).replace(tzinfo=UTC))
    except ValueError:
        return None
    return None


def degrees_of(text: str, is_ra: bool) -> float | None:
    """Degrees of an angle as a report writes it: `hh:mm:ss.sss` or `±dd:mm:ss.ss`, or degrees; None else."""
    found = re.fullmatch(r"([+-]?)(\d{1,3}):(\d\d):(\d\d(?:\.\d{1,6})?)", text.strip())
    if found is None:
        value = number_of(text)
    elif int(found[3]) > 59 or float(found[4]) >= 60.0:
        return None
    else:
        size = int(found[2]) + int(found[3]) / 60.0 + float(found[4]) / 3600.0
        value = (-size if found[1] == "-" else size) * (15.0 if is_ra else 1.0)
    if value is None:
        return None
    return value if (0.0 <= value < 360.0 if is_ra else -90.0 <= value <= 90.0) else None


def number_of(text: str) -> float | None:
    """The number that a text is; None for none."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text.strip()):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _time(text: str) -> str | None:
    if mjd_of_text(text) is not None:
        return None
    if found := _MJD.fullmatch(text.strip()):
        from vra_tui.export.drafts.at_report import day_text

        return f"is an MJD; as the TNS writes it: {day_text(float(found[0]))}"
    if re.search(r"[+-]\d\d:?\d\d$|TAI|TDB|[A-Z]{3}$", text.strip()):
        return "names a zone or a time scale: write UTC, without a zone"
    return "is no time: 2026-03-01.23456, or 2026-03-01 05:37:46, in UTC"


def _angle(is_ra: bool) -> _Check:
    words = "hh:mm:ss.sss, or degrees from 0 to 360" if is_ra else "±dd:mm:ss.ss, or degrees from -90 to 90"
    return lambda text: None if degrees_of(text, is_ra) is not None else f"is no such angle: {words}"


def _within(low: float, high: float, words: str) -> _Check:
    def check(text: str) -> str | None:
        value = number_of(text)
        if value is None:
            return f"is no number: {words}"
        return None if low < value < high else f"is not between {low:g} and {high:g}: {words}"

    return check


def _magnitude(text: str) -> str | None:
    value = number_of(text)
    if value is not None and value < 0:
        return "is negative: that is a negative difference flux, which the TNS takes for no magnitude"
    return _within(0.0, _FAINTEST, "an AB magnitude")(text)


def _number_in(known: Mapping[int, str], words: str, is_closed: bool = True) -> _Check:
    def check(text: str) -> str | None:
        if not re.fullmatch(r"\d{1,6}", text.strip()):
            return f"is no number of the TNS's tables: {words}"
        return None if not is_closed or int(text) in known else f"is none of the TNS's numbers: {words}"

    return check


def _listed(known: Mapping[int, str]) -> str:
    return ", ".join(f"{number} {name}" for number, name in known.items())


def _date(text: str) -> str | None:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return "is no date: 2026-03-01"
    return None


def _name(text: str) -> str | None:
    return (
        None if re.fullmatch(r"\S{2,80}", text.strip()) else "is no name: 2 to 80 characters without blanks"
    )


def _groups(text: str) -> str | None:
    is_list = re.fullmatch(r"\s*\d{1,6}(\s*,\s*\d{1,6})*\s*", text)
    return None if is_list else "is no list of groups: their numbers with commas between"


def _any(text: str) -> str | None:
    return None


def _needed(check: _Check) -> _Check:
    return lambda text: check(text) if text.strip() else "is empty, and is needed"


def _optional(check: _Check) -> _Check:
    return lambda text: check(text) if text.strip() else None


_UNIT = _number_in({AB_MAGNITUDES: "AB magnitude"}, "1, AB magnitudes; the TNS refuses nJy")
_BAND = _number_in(FILTERS, _listed(FILTERS), is_closed=False)
_UNITS = _number_in(INSTRUMENTS, _listed(INSTRUMENTS), is_closed=False)
_GROUP = _number_in(GROUPS, "a group of the TNS", is_closed=False)
_ERROR = _within(0.0, 30.0, "arcseconds")
_EXPOSURE = _within(0.0, 100_000.0, "seconds")
_HEADER: Mapping[str, _Spec] = {
    "ra": _Spec("right ascension", "hh:mm:ss.sss or degrees", _needed(_angle(True))),
    "ra_error": _Spec("its error", "arcsec", _needed(_ERROR)),
    "dec": _Spec("declination", "±dd:mm:ss.ss or degrees", _needed(_angle(False))),
    "dec_error": _Spec("its error", "arcsec", _needed(_ERROR)),
    "reporting_group": _Spec(
        "reporting group", "your group's number at the TNS: tns.reporting_group", _needed(_GROUP), GROUPS
    ),
    "data_source": _Spec("data source", "the group whose data these are", _needed(_GROUP), GROUPS),
    "reporter": _Spec("reporters", "names as they shall stand: tns.reporter", _needed(_any)),
    "discovery_datetime": _Spec("discovery", "first detection of the transient, UTC", _needed(_time)),
    "at_type": _Spec("type", _listed(AT_TYPES), _needed(_number_in(AT_TYPES, _listed(AT_TYPES))), AT_TYPES),
    "host_name": _Spec("host", "its name in a catalogue", _any),
    "host_redshift": _Spec(
        "redshift of the host", "of a spectrum", _optional(_within(-0.02, 10.0, "a redshift"))
    ),
    "internal_name": _Spec("internal name", "as the survey calls it", _needed(_name)),
    "internal_id": _Spec("internal id", "the survey's id of the object", _any),
    "remarks": _Spec("remarks", "for all to read", _any),
    "proprietary_until": _Spec("hidden until", "a date; empty: public at once", _optional(_date)),
    "proprietary_groups": _Spec(
        "seen before by", "groups by number, commas between", _optional(_groups)
    ),
}  # fmt: skip
_LIMIT: Mapping[str, _Spec] = {
    "obsdate": _Spec("not seen at", "UTC; empty where an archive tells", _optional(_time)),
    "limiting_flux": _Spec("limit", "AB magnitude", _optional(_magnitude)),
    "unit": _Spec("unit", "1, AB magnitudes", _optional(_UNIT)),
    "filter": _Spec("filter", _listed(FILTERS), _optional(_BAND), FILTERS),
    "instrument": _Spec("instrument", _listed(INSTRUMENTS), _optional(_UNITS), INSTRUMENTS),
    "exptime": _Spec("exposure", "seconds", _optional(_EXPOSURE)),
    "observer": _Spec("observer", "Robot, or a name", _any),
    "comments": _Spec("comments", "", _any),
    "archive": _Spec(
        "archive",
        f"{_listed(ARCHIVES)}; where there is no limit",
        _optional(_number_in(ARCHIVES, _listed(ARCHIVES))),
        ARCHIVES,
    ),
    "archival_remarks": _Spec("what it says", "needed with the archive", _any),
}  # fmt: skip
_POINT: Mapping[str, _Spec] = {
    **{name: _LIMIT[name] for name in ("exptime", "observer", "comments")},
    "obsdate": _Spec("seen at", "UTC", _needed(_time)),
    "flux": _Spec("magnitude", "AB", _optional(_magnitude)),
    "flux_error": _Spec("its error", "mag", _optional(_within(0.0, 5.0, "magnitudes"))),
    "limiting_flux": _Spec("limit", "AB magnitude", _optional(_magnitude)),
    "unit": _Spec("unit", "1, AB magnitudes", _needed(_UNIT)),
    "filter": _Spec("filter", _listed(FILTERS), _needed(_BAND), FILTERS),
    "instrument": _Spec("instrument", _listed(INSTRUMENTS), _needed(_UNITS), INSTRUMENTS),
}


def fields(report: AtReport) -> list[Field]:
    """The form of a report, in order: what each field means, and what is wrong with it."""
    empty = {point_name(number, "") for number in range(report.n_points)} - {
        point_name(number, "") for number, _ in report.points()
    }
    found = []
    for name in names(report):
        spec, value = _spec(name), report[name]
        is_left_out = any(name.startswith(prefix) for prefix in empty)
        fault = None if is_left_out else (_unfit(value) or spec.check(value))
        found.append(Field(name, spec.label, value, spec.help, fault, _meaning(spec, value)))
    return found


def _spec(name: str) -> _Spec:
    part, _, rest = name.partition(".")
    if not rest:
        return _HEADER[name]
    return (_LIMIT if part == "non_detection" else _POINT)[rest.rpartition(".")[2]]


def _unfit(value: str) -> str | None:
    if len(value) > _LONGEST:
        return f"is longer than {_LONGEST:,} characters"
    is_text = printable(value, _LONGEST) == " ".join(value.split())
    return None if is_text else "holds characters that no form takes"


def _meaning(spec: _Spec, value: str) -> str:
    if spec.names is None or not re.fullmatch(r"\d{1,6}", value.strip()):
        return ""
    return spec.names.get(int(value), "")


_HEAD = """\
# AT report of {who}. Change what stands behind a colon; lines that begin with # are not read.
# A measurement is one line, its columns between |; take lines out, or write new ones.
"""


def as_text(report: AtReport, notes: Sequence[str] = ()) -> str:
    """A report for an editor. ``notes``: what is wrong with it, put on top."""
    lines = [_HEAD.format(who=f"{report.survey}:{report.object_id}").rstrip()]
    lines += [f"# ! {one}" for note in notes for one in printable(note, 400).splitlines()]
    by_name = {one.name: one for one in fields(report)}
    for part, chosen in (("", HEADER), ("non_detection", [limit_name(name) for name in LIMIT])):
        lines += ["", f"# {part.replace('_', '-')}"] if part else [""]
        for name in chosen:
            one = by_name[name]
            means = f" = {one.means}" if one.means else ""
            fault = f" ! {one.fault}" if one.fault else ""
            if means or fault or one.help:
                lines.append(f"# {one.label}{means}: {printable(one.help, 300)}{fault}")
            lines.append(f"{name}: {_line(one.value)}")
    lines += ["", "# photometry: " + " | ".join(POINT)]
    for number in range(report.n_points):
        row = [by_name[point_name(number, name)] for name in POINT]
        lines += [f"# ! {one.label} {one.fault}" for one in row if one.fault]
        lines.append("| " + " | ".join(_line(one.value).replace("|", "/") for one in row))
    return "\n".join(lines) + "\n"


def of_text(text: str, before: AtReport) -> tuple[AtReport, list[str]]:
    """The report that an edited text tells, and what of it cannot be read, by line.

    A field that is not there is as it was ``before``; measurements are those of the text alone.
    """
    values = {name: before[name] for name in (*HEADER, *map(limit_name, LIMIT))}
    faults, rows, told = list[str](), list[list[str]](), set[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.lstrip().startswith("|"):
            cells = [cell.strip() for cell in line.strip()[1:].split("|")]
            if len(cells) == len(POINT) + 1 and not cells[-1]:
                cells.pop()
            if len(cells) != len(POINT):
                faults.append(f"line {number}: a measurement has {len(POINT)} columns, not {len(cells)}")
            elif len(rows) >= MOST_POINTS:
                faults.append(f"line {number}: a report holds at most {MOST_POINTS} measurements")
            else:
                rows.append(cells)
            continue
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or name not in values:
            faults.append(f"line {number}: `{printable(line, 40)}` is no field of a report")
        elif name in told:
            faults.append(f"line {number}: `{name}` stands there twice")
        else:
            told.add(name)
            values[name] = value.strip()
    for number, cells in enumerate(rows):
        values |= {point_name(number, name): cell for name, cell in zip(POINT, cells, strict=True)}
    return replace(before, values=values), faults


def _line(value: str) -> str:
    return " ".join(value.split())


def in_lines(report: AtReport) -> Iterator[str]:
    """A report for people to read, field by field, every line free of control characters."""
    shown = [one for one in fields(report) if not one.name.startswith("photometry.")]
    width = max(len(one.label) for one in shown)
    for one in shown:
        if one.name == limit_name(LIMIT[0]):
            yield "last non-detection"
        fault = f"   ! {one.fault}" if one.fault else ""
        if not one.value.strip() and not fault:
            continue
        means = f" ({one.means})" if one.means else ""
        yield f"  {one.label:<{width}}  {printable(one.value) or '-'}{means}{fault}"
    points = [*report.points()]
    yield f"photometry ({len(points)})"
    faults = [one for one in fields(report) if one.fault]
    for number, row in points:
        band = _meaning(_POINT["filter"], row["filter"]) or row["filter"]
        unit = _meaning(_POINT["instrument"], row["instrument"]) or row["instrument"] or "instrument unknown"
        flux = row["flux"] or f"> {row['limiting_flux']}"
        error = f" ± {row['flux_error']}" if row["flux_error"] else ""
        limit = f"  limit {row['limiting_flux']}" if row["flux"] and row["limiting_flux"] else ""
        yield "  " + printable(f"{row['obsdate']}  {band} {flux}{error}{limit}  {unit}")
        mine = point_name(number, "")
        yield from (f"    ! {one.label} {one.fault}" for one in faults if one.name.startswith(mine))
