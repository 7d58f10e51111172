"""ALeRCE's answers about LSST objects: detections, forced photometry, probabilities of its classifiers."""

from collections.abc import Mapping
from typing import Any

from vra_tui.domain.alert import Alert, Annotation, Fact, Refused, detail_key
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.times import mjd_of_tai
from vra_tui.surveys.base import Packet
from vra_tui.surveys.lsst import epochs
from vra_tui.surveys.lsst.latest_source import history_facts, source_facts
from vra_tui.surveys.values import identity, mapping, number, plain, rows, text

#: ALeRCE's numbers of the bands (its multi-survey API).
_BANDS = {6: "u", 1: "g", 2: "r", 3: "i", 4: "z", 5: "y"}
_SECTIONS = ("detections", "forced_photometry", "probabilities")
#: What ALeRCE writes for an id that is not there.
_NONE = -1


def knows(value: Mapping[str, Any]) -> bool:
    """Whether the value is what ALeRCE answered about one object of LSST: it says whose it is."""
    return value.get("survey_id") == "lsst" and "oid" in value


def alert(packet: Packet) -> Alert:
    """The alert of an answer. Raises Refused."""
    value = packet.value
    object_id = str(identity(value.get("oid"), "oid") or "")
    if not object_id:
        raise Refused("`oid` names no object")
    try:
        sections = {name: [as_rubin(row) for row in rows(value.get(name), name)] for name in _SECTIONS}
        for name in ("detections", "forced_photometry"):
            others = {str(row["oid"])[:40] for row in sections[name] if row.get("oid") is not None}
            if others - {object_id}:
                raise Refused(f"`{name}` holds rows of another object: {min(others - {object_id})}")
        sources = sections["detections"]
        curve, instruments, bands = build_light_curve(
            epochs.detections(sources, "detections"),
            epochs.limits(()),
            epochs.forced(sections["forced_photometry"], "forced_photometry"),
        )
        latest = max(sources, key=lambda row: number(row.get("midpointMjdTai")) or 0.0, default={})
        tai = number(latest.get("midpointMjdTai")) or 0.0
        as_of = float(mjd_of_tai(tai)) if tai > 0 else 0.0
        header = mapping(value.get("object"), "object")
        source_id = identity(latest.get("diaSourceId"), "measurement_id") or 0
        return Alert(
            survey="lsst",
            object_id=object_id,
            as_of=as_of,
            facts=_facts(header, latest),
            light_curve=curve,
            instruments=instruments,
            bands=bands,
            annotations=_probabilities(sections["probabilities"], as_of),
            details={detail_key(source_id, 0): plain(latest)} if source_id else {},
            extra={"alerce": plain(header)} if header else {},
        )
    except Refused as refused:
        raise Refused(str(refused), object_id) from None


def as_rubin(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row under the names that Rubin has for what it holds."""
    found = {
        key: value for key, value in row.items() if key not in ("mjd", "measurement_id", "band", "band_map")
    }
    if "mjd" in row:
        # ALeRCE's `mjd` of an LSST source is its `midpointMjdTai`.
        found["midpointMjdTai"] = row["mjd"]
    if "measurement_id" in row:
        found["diaSourceId"] = row["measurement_id"]
    if "band" in row:
        band = row["band"]
        found["band"] = _BANDS.get(band, band) if isinstance(band, int) else band
    # Errors that are unknown were filled up with noughts: no flux is that certain.
    if found.get("psfFluxErr") == 0:
        found["psfFluxErr"] = None
    return {key: value for key, value in found.items() if not (key.endswith("Id") and value == _NONE)}


def _facts(header: Mapping[str, Any], latest: Mapping[str, Any]) -> dict[str, Fact]:
    facts: dict[str, Fact] = dict(source_facts(latest)) if latest else {}
    for row, names in ((latest, ("ra", "dec")), (header, ("ra", "dec")), (header, ("meanra", "meandec"))):
        ra, dec = (number(row.get(name)) for name in names)
        if ra is not None and dec is not None:
            if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
                raise Refused(f"ra {ra:g}, dec {dec:g} is no place on the sky")
            facts.update(ra=ra % 360.0, dec=dec)
    if "reliability" in latest:
        facts["real_bogus"] = number(latest["reliability"])
    return facts | history_facts(header.get("n_det"), header.get("firstmjd"))


def _probabilities(found: list[dict[str, Any]], mjd: float) -> tuple[Annotation, ...]:
    said: dict[tuple[str, str | None], dict[str, float | None]] = {}
    for row in found:
        name, kind = text(row.get("classifier_name")), text(row.get("class_name"))
        if name is None or kind is None:
            raise Refused("`probabilities` holds a row without `classifier_name` or `class_name`")
        version = text(row.get("classifier_version"))
        said.setdefault((name, version), {})[kind] = number(row.get("probability"))
    return tuple(
        Annotation(
            topic=f"alerce.{name}"[:200],
            # The likeliest class; of equal ones the first by name.
            classification=min(numbers, key=lambda kind: (-(numbers[kind] or 0.0), kind)),
            version=version,
            numbers=dict(sorted(numbers.items())),
            mjd=mjd or None,
        )
        for (name, version), numbers in sorted(said.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    )
