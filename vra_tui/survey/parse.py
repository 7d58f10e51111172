"""One API object, parsed: checked, typed, its light curve packed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from vra_tui.lightcurve.curves import LightCurve, empty, merge
from vra_tui.lightcurve.epochs import END_MJD, FIRST_MJD
from vra_tui.survey.models import (
    ExternalMatch,
    ObjectHeader,
    SherlockMatch,
    SherlockNote,
    TnsMatch,
)
from vra_tui.survey.refusal import Refused, shown
from vra_tui.survey.sections import (
    DetectionExtra,
    UnitCodes,
    detections_of,
    forced_of,
    nondetections_of,
    unknown_keys,
)
from vra_tui.survey.times import t0_of

S = TypeVar("S", ObjectHeader, SherlockMatch, SherlockNote, TnsMatch, ExternalMatch)

#: How deep a value that is kept without being understood may be nested.
_MAX_DEPTH = 50

_SECTIONS = frozenset(
    "object lc lcnondets fp sherlock_crossmatches sherlock_classifications tns_crossmatches "
    "external_crossmatches".split()
)


@dataclass(frozen=True, eq=False)
class AtlasObject:
    """One alert as it arrived.

    ``t0_mjd`` is MJD; ``t0_is_derived`` where the response had no flag date and t0 was taken from the
    light curve. ``matches, note, tns, external`` are those of the sections that were ``delivered``, empty for
    the others: a section that is missing or null says nothing, an empty one says that there is none.
    ``detection_extra`` holds the keys of ``lc`` that the light curve does not, by the key of the exposure and
    in the order of its rows; ``extra`` everything else that is not understood, by section.
    """

    header: ObjectHeader
    t0_mjd: float
    t0_is_derived: bool
    curve: LightCurve
    matches: list[SherlockMatch] = field(default_factory=list)
    note: SherlockNote | None = None
    tns: list[TnsMatch] = field(default_factory=list)
    external: list[ExternalMatch] = field(default_factory=list)
    delivered: frozenset[str] = frozenset()
    detection_extra: DetectionExtra = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def atlas_id(self) -> int:
        """The 19-digit id."""
        return self.header.id


def parse_object(raw: object, unit_code: UnitCodes) -> AtlasObject:
    """Parse one decoded API object. Raises Refused with the reason, for people."""
    if not isinstance(raw, Mapping):
        raise Refused(f"not an ATLAS object but {_kind(raw)}")
    if not isinstance(raw.get("object"), Mapping):
        raise Refused("it has no section `object`")
    header = _model(ObjectHeader, raw["object"], "object")
    try:
        return _parse_sections(raw, header, unit_code)
    except Refused as refused:
        raise Refused(str(refused), header.id) from None


def _parse_sections(raw: Mapping[str, Any], header: ObjectHeader, unit_code: UnitCodes) -> AtlasObject:
    detections, detection_extra = detections_of(_rows(raw, "lc"), unit_code)
    missed_rows, forced_rows = _rows(raw, "lcnondets"), _rows(raw, "fp")
    # Merging with nothing applies the rule that a detected exposure is no non-detection.
    curve = merge(
        empty(),
        LightCurve(detections, nondetections_of(missed_rows, unit_code), forced_of(forced_rows, unit_code)),
    )
    t0_mjd, t0_is_derived = _t0(header, curve)
    notes = _models(SherlockNote, raw, "sherlock_classifications")[:1]
    matches = _models(SherlockMatch, raw, "sherlock_crossmatches")
    tns = _models(TnsMatch, raw, "tns_crossmatches")
    external = _models(ExternalMatch, raw, "external_crossmatches")
    extra = {key: value for key, value in raw.items() if key not in _SECTIONS}
    for section, rows in (("lcnondets", missed_rows), ("fp", forced_rows)):
        if unknown := unknown_keys(rows):
            extra[section] = unknown
    context = (header, *notes, *matches, *tns, *external)
    _check_depth([extra, detection_extra, *(part.extra for part in context)])
    return AtlasObject(
        header=header,
        t0_mjd=t0_mjd,
        t0_is_derived=t0_is_derived,
        curve=curve,
        matches=matches,
        note=notes[0] if notes else None,
        tns=tns,
        external=external,
        delivered=frozenset(name for name in _SECTIONS if raw.get(name) is not None),
        detection_extra=detection_extra,
        extra=extra,
    )


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


def _t0(header: ObjectHeader, curve: LightCurve) -> tuple[float, bool]:
    """When it entered the eyeball list; without a flag date, the day after its latest detection."""
    if header.followup_flag_date is not None:
        t0 = t0_of(header.followup_flag_date)
        if not FIRST_MJD <= t0 <= END_MJD:
            raise Refused(
                f"object.followup_flag_date is {header.followup_flag_date:%Y-%m-%d}, no time of the survey"
            )
        return t0, False
    if not len(curve.detections):
        raise Refused("it has no followup_flag_date and no detections: when it was raised cannot be told")
    return float(np.floor(curve.detections.mjd[-1])) + 1.0, True


def _rows(raw: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    rows = raw.get(section)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise Refused(f"section `{section}` is not a list but {_kind(rows)}")
    if not set(map(type, rows)) <= {dict}:
        index, row = next((i, row) for i, row in enumerate(rows) if type(row) is not dict)
        raise Refused(f"{section}[{index}] is not an object but {_kind(row)}")
    return rows


def _models(model: type[S], raw: Mapping[str, Any], section: str) -> list[S]:
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


def _readable_id(row: Mapping[str, Any]) -> int | None:
    value = row.get("id")
    return value if type(value) is int and 10**18 <= value < 2**63 else None


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
