"""Read what brokers add to LSST alerts: Fink's classes and matches, Lasair's objects and annotations."""

from collections.abc import Mapping, Sequence
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
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.times import mjd_of_tai
from vra_tui.surveys.base import Packet
from vra_tui.surveys.lsst import epochs
from vra_tui.surveys.lsst.latest_source import history_facts, source_facts
from vra_tui.surveys.values import identity, mapping, mjd_of_text, number, plain, rows, text

#: Keys of Lasair's rows that speak of Sherlock's best match, and the field of a match that each fills.
_MATCH_KEYS = {
    "separationArcsec": "separation_arcsec",
    "z": "z",
    "photoZ": "photoz",
    "photoZErr": "photoz_err",
    "distance": "distance_mpc",
    "direct_distance": "direct_distance_mpc",
    "physical_separation_kpc": "physical_separation_kpc",
    "major_axis_arcsec": "major_axis_arcsec",
}


def from_lasair(packet: Packet) -> Alert:
    """Lasair's alert: `diaObject` and its lists, alone or as the `alert` of a message. Raises Refused."""
    message = packet.value
    inner = message.get("alert") if "diaSourcesList" not in message else message
    value = mapping(inner, "alert")
    body = mapping(value.get("diaObject"), "diaObject")
    object_id = _object_id(packet, message, body)
    try:
        sources = rows(value.get("diaSourcesList"), "diaSourcesList")
        curve, instruments, bands = build_light_curve(
            epochs.detections(sources, "diaSourcesList"),
            epochs.limits(rows(value.get("diaNondetectionLimitsList"), "diaNondetectionLimitsList")),
            epochs.forced(rows(value.get("diaForcedSourcesList"), "diaForcedSourcesList")),
        )
        as_of = _as_of(message, sources)
        said = value.get("annotations")
        added = mapping(value.get("lasairData"), "lasairData")
        # A message of the stream is a row of Lasair's table with the alert in it; an object of its API
        # holds that row under a name of its own.
        row = _row_parts(added or (message if message is not value else {}))
        facts: dict[str, Fact] = {
            **place_of(body),
            **source_facts(_newest(sources)),
            **_row_parts(body)["facts"],
            **place_of(message),
            **row["facts"],
        }
        facts.setdefault("real_bogus", number(_newest(sources).get("reliability")))
        match, context = _sherlock(added.get("sherlock"), said)
        report = _tns(mapping(added.get("TNS"), "lasairData.TNS"))
        return Alert(
            survey="lsst",
            object_id=object_id,
            as_of=as_of,
            facts={key: fact for key, fact in facts.items() if not (key == "real_bogus" and fact is None)},
            light_curve=curve,
            instruments=instruments,
            bands=bands,
            matches=match if match is not None else row["matches"],
            context=context or row["context"],
            tns=report or row["tns"],
            annotations=tuple([*_annotations(said, as_of), *_annotations(added.get("annotations"), as_of)]),
            extra={"diaObject": plain(body)} if body else {},
        )
    except Refused as refused:
        raise Refused(str(refused), object_id) from None


def from_row(packet: Packet) -> Alert:
    """A row of Lasair's object table: facts without epochs. Raises Refused."""
    value = packet.value
    object_id = _object_id(packet, value, {})
    parts = _row_parts(value)
    known = {*_MATCH_KEYS, "diaObjectId", "ra", "decl", "dec", "tns_name", "sherlock_classifications"}
    if not parts["facts"] and not place_of(value):
        raise Refused("it names an LSST object and says nothing of it that could be kept", object_id)
    return Alert(
        survey="lsst",
        object_id=object_id,
        as_of=_as_of(value, ()),
        facts={**place_of(value), **parts["facts"]},
        matches=parts["matches"],
        context=parts["context"],
        tns=parts["tns"],
        extra={"lasair": plain({key: inner for key, inner in value.items() if key not in known})},
    )


def _row_parts(value: Mapping[str, Any]) -> dict[str, Any]:
    """Facts, matches, context and TNS report that the columns of a row speak of."""
    facts: dict[str, Fact] = {}
    if "latestR" in value:
        facts["real_bogus"] = number(value["latestR"])
    facts |= history_facts(value.get("nDiaSources"), value.get("firstDiaSourceMjdTai"))
    matches: tuple[CatalogueMatch, ...] | None = None
    if any(key in value for key in _MATCH_KEYS):
        found = {field: number(value.get(key)) for key, field in _MATCH_KEYS.items()}
        matches = (CatalogueMatch(**found),) if any(inner is not None for inner in found.values()) else ()  # type: ignore[arg-type]
    context = None
    if classes := text(value.get("sherlock_classifications")):
        context = ContextNote(classes)
        facts["context_class"] = classes
    tns: tuple[TnsReport, ...] = ()
    if name := text(value.get("tns_name")):
        tns = (TnsReport(name),)
        facts["other_name"] = name
    return {"facts": facts, "matches": matches, "context": context, "tns": tns}


def place_of(value: Mapping[str, Any]) -> dict[str, Fact]:
    """The position that a row or source names, if it does. Raises Refused for what is no place on the sky."""
    ra = number(value.get("ra"))
    dec = number(value.get("dec")) if "dec" in value else number(value.get("decl"))
    if ra is None or dec is None:
        return {}
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise Refused(f"ra {ra:g}, dec {dec:g} is no place on the sky")
    return {"ra": ra % 360.0, "dec": dec}


def _object_id(packet: Packet, message: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    found = identity(message.get("diaObjectId"), "diaObjectId") or identity(
        body.get("diaObjectId"), "diaObject.diaObjectId"
    )
    if found:
        return str(found)
    if "diaObjectId" in message or "diaObjectId" in body:
        raise NotAnAlert("its diaObjectId is empty, as of a source of the solar system")
    if name := packet.options.get("name"):
        return str(name)
    raise Refused("it names no object (Lasair's short form): name it with --name ID")


def _as_of(message: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> float:
    told = number(message.get("lastDiaSourceMjdTai"))
    latest = max((number(row.get("midpointMjdTai")) or 0.0 for row in sources), default=0.0)
    tai = max(told or 0.0, latest)
    return float(mjd_of_tai(tai)) if tai > 0 else 0.0


def _newest(sources: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(sources, key=lambda row: number(row.get("midpointMjdTai")) or 0.0, default={})


def _sherlock(found: Any, said: Any) -> tuple[tuple[CatalogueMatch, ...] | None, ContextNote | None]:
    """Sherlock's best match and its class, from `lasairData.sherlock` or the alert's annotations."""
    if isinstance(found, Mapping) and found:
        values = {field: number(found.get(key)) for key, field in _MATCH_KEYS.items()}
        place = {"ra": number(found.get("raDeg")), "dec": number(found.get("decDeg"))}
        match = CatalogueMatch(
            source="sherlock",
            catalogue_object_id=text(found.get("catalogue_object_id")),
            catalogue=text(found.get("catalogue_table_name")),
            association_type=text(found.get("association_type")),
            object_type=text(found.get("catalogue_object_type")),
            north_arcsec=number(found.get("northSeparationArcsec")),
            east_arcsec=number(found.get("eastSeparationArcsec")),
            mag=number(found.get("Mag")),
            mag_band=text(found.get("MagFilter")),
            **values,  # type: ignore[arg-type]
            **place,  # type: ignore[arg-type]
        )
        note = ContextNote(text(found.get("classification")), text(found.get("description")))
        return ((match,) if match.catalogue_object_id or match.separation_arcsec is not None else ()), note
    notes = rows(said.get("sherlock"), "annotations.sherlock") if isinstance(said, Mapping) else ()
    if not notes:
        return None, None
    return None, ContextNote(text(notes[-1].get("classification")), text(notes[-1].get("description")))


def _tns(found: Mapping[str, Any]) -> tuple[TnsReport, ...]:
    name = text(found.get("tns_name"))
    if not name:
        return ()
    report = TnsReport(
        designation=name,
        type=text(found.get("type")),
        mag=number(found.get("disc_mag")),
        discoverer=text(found.get("sender")) or text(found.get("source_group")),
        internal_name=text(found.get("disc_int_name")),
        separation_arcsec=number(found.get("arcsec")),
        discovered_mjd=number(found.get("disc_date_mjd")),
        host=text(found.get("host_name")),
        object_z=number(found.get("z")),
    )
    return (report,)


def _annotations(said: Any, mjd: float) -> list[Annotation]:
    """Lasair's annotations: a list of answers, or lists of them by topic (Sherlock's stand elsewhere)."""
    if isinstance(said, Mapping):
        return [
            annotation_of(row, str(topic), mjd)
            for topic, answers in said.items()
            if topic != "sherlock"
            for row in rows(answers, f"annotations.{str(topic)[:40]}")
        ]
    return [annotation_of(row, text(row.get("topic")) or "unnamed", mjd) for row in rows(said, "annotations")]


def annotation_of(row: Mapping[str, Any], topic: str, mjd: float) -> Annotation:
    """One answer of a classifier as Lasair keeps it; ``mjd`` where it says no time of its own."""
    classes = row.get("classdict")
    numbers = classes if isinstance(classes, Mapping) else {}
    return Annotation(
        topic=topic[:200],
        classification=text(row.get("classification")),
        version=text(row.get("version")),
        explanation=text(row.get("explanation")) or text(row.get("description")),
        numbers={str(name)[:200]: number(inner) for name, inner in numbers.items()},
        url=text(row.get("url")),
        mjd=mjd_of_text(row.get("timestamp")) or mjd,
    )


def fink_nested(added: Mapping[str, Any]) -> dict[str, Any]:
    """Fink's flat columns (`clf_snnSnVsOthers_score`, `xm_tns_type`) as its packets nest them."""
    nested: dict[str, Any] = {}
    for key, value in added.items():
        group, _, name = key.partition("_")
        if group in ("clf", "xm", "pred", "misc") and name:
            nested.setdefault(group, {})[name] = value
        else:
            nested[key] = value
    return nested


def fink_annotations(value: Mapping[str, Any], mjd: float) -> Sequence[Annotation]:
    """Fink's classifiers, each a topic of its own."""
    classes = mapping(value.get("clf"), "clf")
    version = text(value.get("fink_science_version"))
    found = []
    for key, topic in (
        ("snnSnVsOthers_score", "fink.snn"),
        ("earlySNIa_score", "fink.early_snia"),
        ("elephant_kstest_science", "fink.elephant"),
    ):
        score = number(classes.get(key))
        # Fink writes -1 where a classifier could not answer.
        if score is not None and score >= 0:
            found.append(Annotation(topic, None, version, None, {key: score}, None, mjd))
    cats, score = number(classes.get("cats_class")), number(classes.get("cats_score"))
    if cats is not None and cats >= 0:
        found.append(Annotation("fink.cats", str(int(cats)), version, None, {"cats_score": score}, None, mjd))
    return found


def fink_matches(value: Mapping[str, Any]) -> tuple[CatalogueMatch, ...] | None:
    """Catalogued sources that Fink found at the position; None where it was not Fink that sent the packet."""
    if "xm" not in value:
        return None
    near = mapping(value.get("xm"), "xm")
    found = []
    if name := text(near.get("mangrove_HyperLEDA_name")) or text(near.get("mangrove_2MASS_name")):
        distance = number(near.get("mangrove_lum_dist"))
        found.append(CatalogueMatch("mangrove", name, "Mangrove", "SN", "galaxy", distance_mpc=distance))
    if (star := number(near.get("legacydr8_pstar"))) is not None:
        photoz = number(near.get("legacydr8_zphot"))
        error = number(near.get("legacydr8_e_zphot"))
        kind = "star" if star > 0.5 else "galaxy"
        match = CatalogueMatch(
            "legacy", None, "Legacy DR8", None, kind, photoz=photoz, photoz_err=error, star_score=star
        )
        found.append(match)
    if name := text(near.get("gaiadr3_DR3Name")):
        extra = plain({key: near.get(key) for key in ("gaiadr3_Plx", "gaiadr3_e_Plx", "gaiadr3_VarFlag")})
        found.append(CatalogueMatch("gaia", name, "Gaia DR3", extra=extra))
    for key, catalogue in (("simbad_otype", "SIMBAD"), ("vsx_Type", "VSX"), ("gcvs_type", "GCVS")):
        if otype := text(near.get(key)):
            found.append(CatalogueMatch(catalogue.lower(), None, catalogue, None, otype))
    return tuple(found)


def fink_tns(value: Mapping[str, Any]) -> tuple[TnsReport, ...]:
    """The TNS report that Fink found at the position."""
    near = mapping(value.get("xm"), "xm")
    name = text(near.get("tns_fullname"))
    if not name:
        return ()
    return (TnsReport(name, text(near.get("tns_type")), object_z=number(near.get("tns_redshift"))),)
