"""Objects of the ATLAS server's API as alerts: header, light curve, context."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from vra_tui.domain.alert import Alert, CatalogueMatch, ContextNote, ExternalMatch, Fact, Refused, TnsReport
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.epochs import END_MJD, FIRST_MJD
from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.refusal import shown
from vra_tui.domain.times import mjd_of
from vra_tui.surveys.atlas import models
from vra_tui.surveys.atlas.exposures import FORCED_WITHIN
from vra_tui.surveys.atlas.sections import (
    Rows,
    details_of,
    detections_of,
    forced_of,
    nondetections_of,
    unknown_keys,
)
from vra_tui.surveys.values import mjd_of_text

S = TypeVar(
    "S",
    models.ObjectHeader,
    models.SherlockMatch,
    models.SherlockNote,
    models.TnsMatch,
    models.ExternalMatch,
)

#: How deep a value that is kept without being understood may be nested.
_MAX_DEPTH = 50

_SECTIONS = frozenset(
    "object lc lcnondets fp sherlock_crossmatches sherlock_classifications tns_crossmatches "
    "external_crossmatches".split()
)
#: Facts by the name of the model's field.
_FACTS = {
    "name": "name",
    "other_name": "other_name",
    "rb_pix": "real_bogus",
    "realbogus_factor": "realbogus_factor",
    "sherlock_class": "context_class",
    "detection_list_id": "detection_list_id",
    "trend": "trend_text",
    "comments": "comments",
    "date_modified": "date_modified",
}


def alert_of_object(raw: Mapping[str, Any]) -> Alert:
    """The alert of one decoded API object. Raises Refused with the reason, for people."""
    if not isinstance(raw.get("object"), Mapping):
        raise Refused("it has no section `object`")
    header = _model(models.ObjectHeader, raw["object"], "object")
    try:
        return _with_sections(raw, header)
    except Refused as refused:
        raise Refused(str(refused), str(header.id)) from None


def _with_sections(raw: Mapping[str, Any], header: models.ObjectHeader) -> Alert:
    seen, missed, measured = (_rows(raw, section) for section in ("lc", "lcnondets", "fp"))
    detections = detections_of(seen)
    curve, instruments, bands = build_light_curve(detections, nondetections_of(missed), forced_of(measured))
    notes = _models(models.SherlockNote, raw, "sherlock_classifications")
    matches = _models(models.SherlockMatch, raw, "sherlock_crossmatches")
    reports = _models(models.TnsMatch, raw, "tns_crossmatches")
    external = _models(models.ExternalMatch, raw, "external_crossmatches")
    details = details_of(seen, detections)
    extra = {key: value for key, value in raw.items() if key not in _SECTIONS}
    if header.extra:
        extra["object"] = header.extra
    for section, rows in (("lcnondets", missed), ("fp", measured)):
        if unknown := unknown_keys(rows):
            extra[section] = unknown
    context = (*(notes or ()), *(matches or ()), *(reports or ()), *(external or ()))
    _check_depth([extra, details, *(part.extra for part in context)])
    return Alert(
        survey="atlas",
        object_id=str(header.id),
        as_of=_as_of(header, curve),
        facts=_facts(header),
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        matches=None if matches is None else tuple(CatalogueMatch(**fields_of(match)) for match in matches),
        context=None if notes is None else _note(notes),
        tns=tuple(_report(report) for report in reports or ()),
        external=None if external is None else tuple(ExternalMatch(**fields_of(match)) for match in external),
        details=details,
        extra=extra,
        forced_within=FORCED_WITHIN,
    )


def _facts(header: models.ObjectHeader) -> dict[str, Fact]:
    named = header.model_fields_set
    facts: dict[str, Fact] = {"ra": header.ra, "dec": header.dec}
    facts |= {fact: getattr(header, field) for field, fact in _FACTS.items() if field in named}
    if header.followup_flag_date is not None:
        t0 = t0_of(header.followup_flag_date)
        if not FIRST_MJD <= t0 <= END_MJD:
            date = f"{header.followup_flag_date:%Y-%m-%d}"
            raise Refused(f"object.followup_flag_date is {date}, no time of the survey")
        facts["t0_mjd"] = t0
    return facts


def t0_of(flag_date: datetime) -> float:
    """t0 (MJD) of an object's ``followup_flag_date``.

    Old records hold only the date: the day after it then, so that the night which raised the alert lies
    before t0 (DESIGN.md section 1).
    """
    mjd = mjd_of(flag_date)
    return mjd + 1.0 if mjd == int(mjd) else mjd


def _as_of(header: models.ObjectHeader, curve: LightCurve) -> float:
    """Tell when the server spoke: its date of change, or the latest exposure, which may be weeks after it."""
    modified = mjd_of_text(header.date_modified) or 0.0
    return max([modified, *(float(section.mjd[-1]) for section in curve.sections if len(section))])


def _note(notes: list[models.SherlockNote]) -> ContextNote:
    return ContextNote(**fields_of(notes[0])) if notes else ContextNote()


def _report(report: models.TnsMatch) -> TnsReport:
    fields = fields_of(report)
    discovered = fields.pop("discovered_at")
    return TnsReport(**fields, discovered_mjd=mjd_of(discovered) if discovered else None)


def fields_of(section: Any) -> dict[str, Any]:
    """The fields of a model by name, with the keys that it does not know as `extra`."""
    return {**{name: getattr(section, name) for name in type(section).model_fields}, "extra": section.extra}


def _check_depth(kept: list[Any]) -> None:
    """Refuse what is nested so deep that writing it as JSON would exhaust the stack."""
    level: list[Any] = kept
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for value in level
            if type(value) is dict or type(value) is list
            for inner in (value.values() if type(value) is dict else value)
        ]
        if not level:
            return
    raise Refused(f"a key that is not understood holds values nested deeper than {_MAX_DEPTH} levels")


def _rows(raw: Mapping[str, Any], section: str) -> Rows:
    rows = raw.get(section)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise Refused(f"section `{section}` is not a list but {_kind(rows)}")
    if not set(map(type, rows)) <= {dict}:
        index, row = next((i, row) for i, row in enumerate(rows) if type(row) is not dict)
        raise Refused(f"{section}[{index}] is not an object but {_kind(row)}")
    return rows


def _models(model: type[S], raw: Mapping[str, Any], section: str) -> list[S] | None:
    """The rows of a section; None where the response does not hold it, which says nothing."""
    if raw.get(section) is None:
        return None
    return [_model(model, row, f"{section}[{i}]") for i, row in enumerate(_rows(raw, section))]


def _model(model: type[S], row: Mapping[str, Any], where: str) -> S:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        fault: Any = error.errors(include_url=False)[0]
        place = ".".join([where, *map(str, fault["loc"])])
        message = fault["msg"].removeprefix("Value error, ")
        has_input = fault["type"] != "missing" and bool(fault["loc"])
        found = f" (it is {shown(fault['input'])})" if has_input else ""
        raise Refused(f"{place}: {message}{found}", _readable_id(row)) from None


def _readable_id(row: Mapping[str, Any]) -> str | None:
    value = row.get("id")
    return str(value) if type(value) is int and 10**18 <= value < 2**63 else None


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
