"""Lasair's ZTF answers: an object with its candidates, rows of filters, annotations, and Sherlock's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vra_tui.domain.alert import (
    Alert,
    Annotation,
    CatalogueMatch,
    ContextNote,
    Fact,
    NotAnAlert,
    Refused,
    TnsReport,
)
from vra_tui.surveys.ztf import candidate, values
from vra_tui.surveys.ztf.history import History
from vra_tui.surveys.ztf.values import Row

_OBJECT = frozenset({"objectId", "candidates", "noncandidates", "sherlock", "TNS", "annotations"})
#: Columns of Lasair's `objects` and `sherlock_classifications` under which filters name a place and a class.
_PLACES = (("ramean", "decmean"), ("ra", "dec"), ("ra", "decl"))
_CLASSES = ("classification", "sherlock_classification", "sherlock_class")


@dataclass(frozen=True)
class LasairAdditions:
    """What Lasair adds to an alert."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    matches: tuple[CatalogueMatch, ...] = ()
    context: ContextNote | None = None
    tns: tuple[TnsReport, ...] = ()
    annotations: tuple[Annotation, ...] = ()


def knows(value: Row) -> bool:
    """Tell whether the value is Lasair's answer about an object."""
    return "candidates" in value or "noncandidates" in value or "objectData" in value


def alert(value: Row, object_id: str) -> Alert:
    """The alert of an object's answer. Raises Refused."""
    light = History()
    latest: Row = {}
    newest = (0.0, 0)
    for key in ("candidates", "noncandidates"):
        for row in values.rows(value, key):
            if light.candidate(row, scored=True):
                at = (values.mjd(row), values.identity(row, "candid"))
                if at > newest:
                    newest, latest = at, row
    curve, instruments, bands = light.light_curve()
    data = values.part(value, "objectData")
    as_of = newest[0] or values.mjd_of_jd(data, "jdmax") or 0.0
    added = annotated(value, as_of)
    facts = candidate.facts_of(latest)
    if "ramean" in data:
        facts.update(_place(data))
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=as_of,
        facts={**facts, **added.facts},
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        matches=added.matches if value.get("sherlock") else None,
        context=added.context,
        tns=added.tns,
        annotations=added.annotations,
        extra=_extra(value),
    )


def row_alert(value: Row, object_id: str) -> Alert:
    """The alert of a filter's row or an annotation: no light curve. Raises Refused, NotAnAlert."""
    if set(value) <= {"object", "objectId", "separation"}:
        raise NotAnAlert("an answer of a cone search: it names the object and tells nothing of it", object_id)
    times = (
        values.mjd_of_jd(value, "jdmax"),
        values.mjd_of_jd(value, "jd"),
        values.mjd_or_none(value, "mjdmax"),
    )
    as_of = next((mjd for mjd in times if mjd), 0.0)
    if "topic" in value:
        note = _annotation(value, None)
        return Alert("ztf", object_id, note.mjd or as_of, annotations=(note,))
    facts = _place(value)
    for key in _CLASSES:
        if key in value:
            facts["context_class"] = values.text(value, key)
    if "rb" in value or "drb" in value or "drbmax" in value:
        facts["real_bogus"] = next(
            (n for n in (values.optional(value, key) for key in ("drb", "drbmax", "rb")) if n is not None),
            None,
        )
    rest = values.kept(value, {"objectId", "object"})
    return Alert("ztf", object_id, as_of, facts, extra={"lasair": rest} if rest else {})


def annotated(value: Row, mjd: float) -> LasairAdditions:
    """What Sherlock, the TNS and annotators say, beside a packet or in an object's answer. Raises Refused.

    ``annotations`` is a list, or, as in Lasair's own pipeline, a mapping of topics to lists.
    """
    notes: list[Annotation] = []
    said = value.get("sherlock")
    annotations = value.get("annotations")
    if isinstance(annotations, Mapping):
        for topic in annotations:
            for row in values.rows(annotations, topic):
                if topic == "sherlock":
                    said = said or row
                else:
                    notes.append(_annotation({"topic": topic, **row}, mjd))
    else:
        notes = [_annotation(row, mjd) for row in values.rows(value, "annotations")]
    if said is not None and not isinstance(said, Mapping):
        raise Refused(f"`sherlock` is {values.shown(said)}, not a record")
    facts: dict[str, Fact] = {}
    matches: tuple[CatalogueMatch, ...] = ()
    context = None
    if said:
        facts["context_class"] = values.text(said, "classification")
        matches, context = _sherlock(said)
    tns = tuple(_tns(row) for row in _one_or_many(value, "TNS") if row)
    names = [report.designation for report in tns if report.designation]
    if names:
        facts["other_name"] = names[0]
    return LasairAdditions(facts, matches, context, tns, tuple(notes))


def _one_or_many(value: Row, key: str) -> tuple[Row, ...]:
    found = value.get(key)
    return (found,) if isinstance(found, Mapping) else tuple(values.rows(value, key))


def _sherlock(row: Row) -> tuple[tuple[CatalogueMatch, ...], ContextNote]:
    z = values.optional(row, "z")
    photoz = values.positive(row, "photoZ")
    match = CatalogueMatch(
        source="sherlock",
        catalogue=values.text(row, "catalogue_table_name"),
        catalogue_object_id=values.text(row, "catalogue_object_id"),
        association_type=values.text(row, "association_type"),
        object_type=values.text(row, "catalogue_object_type"),
        separation_arcsec=values.optional(row, "separationArcsec"),
        north_arcsec=values.optional(row, "northSeparationArcsec"),
        east_arcsec=values.optional(row, "eastSeparationArcsec"),
        # Sherlock's answers hold 0 where it knows none.
        z=z or None,
        photoz=photoz,
        photoz_err=values.positive(row, "photoZErr") if photoz else None,
        distance_mpc=values.positive(row, "distance"),
        direct_distance_mpc=values.positive(row, "direct_distance"),
        physical_separation_kpc=values.positive(row, "physical_separation_kpc"),
        major_axis_arcsec=values.positive(row, "major_axis_arcsec"),
        ra=values.optional(row, "raDeg"),
        dec=values.optional(row, "decDeg"),
        mag=values.positive(row, "Mag"),
        mag_band=values.text(row, "MagFilter"),
    )
    found = match.catalogue_object_id or match.separation_arcsec is not None
    note = ContextNote(
        values.text(row, "classification"), values.text(row, "description"), values.text(row, "summary")
    )
    return ((match,) if found else ()), note


def _tns(row: Row) -> TnsReport:
    name = values.text(row, "tns_name") or values.text(row, "name")
    prefix = values.text(row, "tns_prefix")
    return TnsReport(
        designation=f"{prefix} {name}" if prefix and name else name,
        type=values.text(row, "type"),
        mag=values.optional(row, "disc_mag"),
        discoverer=values.text(row, "source_group") or values.text(row, "sender"),
        internal_name=values.text(row, "disc_int_name"),
        separation_arcsec=values.optional(row, "arcsec"),
        discovered_mjd=values.mjd_or_none(row, "disc_date_mjd"),
        host=values.text(row, "hostname") or values.text(row, "host_name"),
        host_z=values.optional(row, "host_z"),
        object_z=values.optional(row, "z"),
    )


def _annotation(row: Row, mjd: float | None) -> Annotation:
    told = row.get("classdict")
    # Lasair's own pipeline writes an annotator's values bare.
    plain = told if isinstance(told, Mapping) else {k: v for k, v in row.items() if k not in _NOTE}
    numbers = {
        str(key)[:80]: float(value)
        for key, value in values.kept(plain, frozenset()).items()
        if isinstance(value, (int, float))
    }
    words = {k: v for k, v in values.kept(plain, frozenset()).items() if isinstance(v, str)}
    said = values.text(row, "explanation")
    return Annotation(
        topic=values.text(row, "topic") or "lasair",
        classification=values.text(row, "classification"),
        version=values.text(row, "version"),
        explanation=said or "; ".join(f"{k}: {v}" for k, v in words.items())[:10_000] or None,
        numbers=numbers,
        url=values.text(row, "url"),
        mjd=values.mjd_of_timestamp(row, "timestamp") or mjd,
    )


_NOTE = frozenset({
    "topic", "classification", "version", "explanation", "classdict", "url", "timestamp", "objectId",
    "annotationID", "annotation_id",
})  # fmt: skip


def _place(row: Row) -> dict[str, Fact]:
    for ra, dec in _PLACES:
        if ra in row and dec in row:
            east, north = values.position(row, ra, dec)
            return {"ra": None if east != east else east, "dec": None if north != north else north}
    return {}


def _extra(value: Row) -> dict[str, Any]:
    rest = values.kept(value, _OBJECT)
    return {"lasair": rest} if rest else {}
