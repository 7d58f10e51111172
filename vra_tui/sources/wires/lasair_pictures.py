"""Where Lasair's answer about an object says that its stamps are, and the packet that they become."""

from collections.abc import Mapping
from typing import Any

_Row = Mapping[str, Any]


def latest_pictures(value: _Row, survey: str) -> tuple[_Row, _Row] | None:
    """The latest detection of which an answer names pictures, and their addresses by kind; None without."""
    if survey == "ztf":
        rows = [row for row in _rows(value.get("candidates")) if isinstance(row.get("image_urls"), Mapping)]
        latest = max(rows, key=lambda row: _time(row, "jd", "mjd"), default=None)
        return None if latest is None else (latest, latest["image_urls"])
    added = value.get("lasairData")
    named = _rows(added.get("imageUrls")) if isinstance(added, Mapping) else []
    addresses = {one.get("diaSourceId"): one for one in named if one.get("diaSourceId") is not None}
    shown = [row for row in _rows(value.get("diaSourcesList")) if row.get("diaSourceId") in addresses]
    latest = max(shown, key=lambda row: _time(row, "midpointMjdTai"), default=None)
    return None if latest is None else (latest, addresses[latest["diaSourceId"]])


def with_pictures(object_id: str, row: _Row, pictures: Mapping[str, bytes], survey: str) -> dict[str, Any]:
    """A packet of the survey that holds one detection and its stamps, `cutoutScience` and the like."""
    if survey == "lsst":
        return {"diaSource": {**row, "diaObjectId": int(object_id)}, **pictures}
    own = {key: inner for key, inner in row.items() if key != "image_urls"}
    stamps = {name: {"stampData": data} for name, data in pictures.items()}
    return {"objectId": object_id, "candid": row.get("candid"), "candidate": own, **stamps}


def _rows(value: Any) -> list[_Row]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _time(row: _Row, *keys: str) -> float:
    found = next((row[key] for key in keys if isinstance(row.get(key), int | float)), 0.0)
    return float(found) if found == found else 0.0
