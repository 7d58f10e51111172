"""ALeRCE's answers about ZTF objects: the object, its light curve, forced photometry and probabilities."""

from typing import Any

from vra_tui.domain.alert import Alert, Annotation, Fact, Refused
from vra_tui.domain.flux import flux_error, microjansky
from vra_tui.surveys.ztf import values
from vra_tui.surveys.ztf.history import History, real_bogus
from vra_tui.surveys.ztf.values import NAN, Row

_SECTIONS = ("detections", "non_detections", "forced_photometry", "probabilities")
#: Magnitudes and errors from here on stand for none.
_NO_MAG = 99.0
_KNOWN = frozenset({"oid", "object", "ndethist", "mjdstarthist", "meanra", "meandec", *_SECTIONS})


def knows(value: Row) -> bool:
    """Tell whether the value is one of ALeRCE's answers: an object, its sections, or one row of one."""
    return "oid" in value or value.get("tid") == "ztf" or any(name in value for name in _SECTIONS)


def object_id(value: Row) -> Any:
    """Return what the answer names as its object, in itself or in its sections."""
    parts = [value, value.get("object")]
    for name in _SECTIONS:
        section = value.get(name)
        parts += list(section[:1]) if isinstance(section, (list, tuple)) else []
    named = (part.get("oid") for part in parts if isinstance(part, dict))
    return next((oid for oid in named if oid is not None), None)


def alert(value: Row, object_id: str) -> Alert:
    """The alert of an answer. Raises Refused."""
    sections = {name: values.rows(value, name) for name in _SECTIONS}
    if "mjd" in value and "fid" in value:
        # One row of the answers that are lists.
        name = "detections" if value.get("candid") is not None else "non_detections"
        sections[name] = (value,)
        value = {"oid": object_id}
    _refuse_others(sections, object_id)
    light = History()
    latest: Row = {}
    newest = (0.0, 0)
    for row in sections["detections"]:
        at = (values.mjd(row), values.identity(row, "candid"))
        if _detection(light, row) and at > newest:
            newest, latest = at, row
    for row in sections["non_detections"]:
        light.nondetection(values.mjd(row), values.band(row), values.number(row, "diffmaglim"))
    for row in sections["forced_photometry"]:
        _forced(light, row)
    curve, instruments, bands = light.light_curve()
    header = {**value, **values.part(value, "object")}
    as_of = newest[0] or values.mjd_or_none(header, "lastmjd") or 0.0
    rest = values.kept(header, _KNOWN)
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=as_of,
        facts=_facts(header, latest),
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        annotations=_probabilities(sections["probabilities"], as_of),
        extra={"alerce": rest} if rest else {},
    )


def _refuse_others(sections: dict[str, Any], object_id: str) -> None:
    for name, rows in sections.items():
        others = {row["oid"] for row in rows if isinstance(row.get("oid"), str)} - {object_id}
        if others:
            raise Refused(f"`{name}` holds rows of another object: {values.shown(min(others))}")


def _detection(light: History, row: Row) -> bool:
    mag = _mag(row, "magpsf", "mag")
    if mag != mag:
        return False
    sign = values.sign(row)
    limit = values.number(row, "diffmaglim")
    error = _mag(row, "sigmapsf", "e_mag")
    source_id = values.identity(row, "candid")
    place = values.position(row)
    light.detection(
        values.mjd(row),
        values.band(row),
        -mag if sign < 0 else mag,
        error,
        place,
        limit,
        source_id,
        _score(row),
    )
    return True


def _score(row: Row) -> float:
    # ALeRCE fills in 0 for detections older than the deep network, which names its version where it has one.
    if row.get("drb") == 0 and not row.get("drbversion"):
        return values.number(row, "rb")
    return real_bogus(row)


def _forced(light: History, row: Row) -> None:
    if row.get("forcediffimflux") is not None:
        light.forced_rows((row,))
        return
    mag, error = _mag(row, "mag", "magpsf"), _mag(row, "e_mag", "sigmapsf")
    if mag == mag and error == error:
        flux = float(microjansky(-mag if values.sign(row) < 0 else mag))
        light.forced(values.mjd(row), values.band(row), flux, float(flux_error(flux, error)))


def _mag(row: Row, key: str, other: str) -> float:
    value = values.number(row, key if row.get(key) is not None else other)
    return NAN if abs(value) >= _NO_MAG else value


def _facts(header: Row, latest: Row) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for row, ra, dec in ((latest, "ra", "dec"), (header, "meanra", "meandec")):
        if ra in row and dec in row:
            east, north = values.position(row, ra, dec)
            facts.update(ra=None if east != east else east, dec=None if north != north else north)
    if "drb" in latest or "rb" in latest:
        score = _score(latest)
        facts["real_bogus"] = None if score != score else score
    if "ndethist" in header:
        facts["n_detections_told"] = values.whole(header, "ndethist")
    if "mjdstarthist" in header:
        facts["first_told_mjd"] = values.mjd_or_none(header, "mjdstarthist")
    return facts


def _probabilities(rows: Any, mjd: float) -> tuple[Annotation, ...]:
    said: dict[tuple[str, str | None], dict[str, float | None]] = {}
    for row in rows:
        name, kind = values.text(row, "classifier_name"), values.text(row, "class_name")
        if name is None or kind is None:
            raise Refused("`probabilities` holds a row without `classifier_name` or `class_name`")
        numbers = said.setdefault((name, values.text(row, "classifier_version")), {})
        numbers[kind] = values.optional(row, "probability")
    return tuple(
        Annotation(
            topic=name,
            version=version,
            # The likeliest class; of equal ones the first by name.
            classification=min(numbers, key=lambda kind: (-(numbers[kind] or 0.0), kind)),
            numbers=dict(sorted(numbers.items())),
            mjd=mjd or None,
        )
        for (name, version), numbers in sorted(said.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    )
