"""ANTARES' answers about ZTF: alerts with ZTF's columns under `ztf_`, and loci, which gather them."""

from typing import Any

from vra_tui.domain.alert import Alert, Annotation, NotAnAlert, Refused
from vra_tui.surveys.ztf import candidate, values
from vra_tui.surveys.ztf.history import History
from vra_tui.surveys.ztf.values import Row

_PREFIX = "ztf_"


def knows(value: Row) -> bool:
    """Tell whether the value is an answer with ZTF alerts or loci in it."""
    return bool(_ids(value)) or any(_attributes(row).get("survey") == "ztf" for row in _data(value))


def _data(value: Row) -> list[Any]:
    data = value.get("data")
    return data if isinstance(data, list) else [data] if isinstance(data, dict) else []


def _attributes(row: Any) -> dict[str, Any]:
    found = row.get("attributes") if isinstance(row, dict) else None
    return found if isinstance(found, dict) else {}


def _properties(row: Any) -> dict[str, Any]:
    found = _attributes(row).get("properties")
    return found if isinstance(found, dict) else {}


def _ids(value: Row) -> set[str]:
    named = (_properties(row).get("ztf_object_id") for row in _data(value))
    return {name for name in named if isinstance(name, str)}


def object_id(value: Row) -> Any:
    """Return what the answer names as its object. Raises Refused when it names several."""
    names = sorted(_ids(value))
    if len(names) > 1:
        raise Refused(f"the answer holds {len(names)} objects ({names[0][:20]}, …): ask for one at a time")
    return names[0] if names else None


def alert(value: Row, object_id: str) -> Alert:
    """The alert of an answer. Raises Refused, NotAnAlert."""
    rows = _data(value)
    if any(isinstance(row, dict) and row.get("type") == "locus_listing" for row in rows):
        return _locus(rows[0], object_id)
    light = History()
    latest: Row = {}
    for properties in map(_properties, rows):
        if "ztf_jd" in properties:
            row = {
                str(k).removeprefix(_PREFIX): v for k, v in properties.items() if str(k).startswith(_PREFIX)
            }
            if light.candidate(row, scored=True) and (not latest or values.mjd(row) > values.mjd(latest)):
                latest = row
    curve, instruments, bands = light.light_curve()
    if not any(map(len, curve.sections)):
        raise NotAnAlert("an answer of ANTARES without a row of ZTF's (`ztf_jd`)", object_id)
    own = {k: v for k, v in latest.items() if k != "object_id"}
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=values.mjd(latest) if latest else 0.0,
        facts=candidate.facts_of(own),
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        matches=candidate.matches_of(own),
        details=candidate.details_of(own, values.identity(own, "candid")),
    )


def _locus(row: Any, object_id: str) -> Alert:
    attributes, properties = _attributes(row), _properties(row)
    east, north = values.position(attributes)
    as_of = values.mjd_or_none(properties, "newest_alert_observation_time")
    tags = attributes.get("tags")
    tags = sorted({tag[:200] for tag in tags if isinstance(tag, str)}) if isinstance(tags, list) else []
    numbers = {
        key: value
        for key, value in values.kept(properties, frozenset()).items()
        if isinstance(value, float) and key.startswith("feature_")
    }
    note = Annotation(topic="antares", classification=", ".join(tags) or None, numbers=numbers, mjd=as_of)
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=as_of or 0.0,
        facts={"ra": None if east != east else east, "dec": None if north != north else north},
        annotations=(note,) if tags or numbers else (),
        extra={"antares": values.kept(row, {"attributes", "relationships", "meta"})},
    )
