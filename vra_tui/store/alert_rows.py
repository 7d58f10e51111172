"""What a response says of an alert, as columns and rows of the store's tables."""

import json
from typing import Any

import numpy as np

from vra_tui.lightcurve.curves import LightCurve
from vra_tui.store.key_times import SourceTime
from vra_tui.survey.models import ExternalMatch, SherlockMatch, SherlockNote, TnsMatch
from vra_tui.survey.parse import AtlasObject
from vra_tui.survey.times import mjd_of

#: Columns of ``alerts`` that are keys of the response's record, under the name of the model's field.
RECORD_COLUMNS = (
    "name other_name rb_pix realbogus_factor sherlock_class detection_list_id trend comments".split()
)
#: Tables that are replaced as a whole, and the sections that they hold.
CONTEXT = {
    "sherlock_matches": "sherlock_crossmatches",
    "sherlock_notes": "sherlock_classifications",
    "external_matches": "external_crossmatches",
}
#: All that has a time of its own.
WATCHED = ("position", "t0_mjd", *RECORD_COLUMNS, *CONTEXT, "tns_matches")


def source_time(item: AtlasObject) -> SourceTime:
    """How new the response is: `key_times.SourceTime`."""
    last = item.curve.last_mjd
    return item.header.date_modified or "", 0.0 if np.isnan(last) else float(last)


def said_of(item: AtlasObject) -> dict[str, Any]:
    """What the response says of the alert itself; keys that it does not hold are not there.

    Right ascension and declination change together. A t0 guessed from the light curve was not said.
    """
    header = item.header
    said = {name: getattr(header, name) for name in RECORD_COLUMNS if name in header.model_fields_set}
    said["position"] = (header.ra, header.dec)
    return said if item.t0_is_derived else {**said, "t0_mjd": item.t0_mjd}


def heard_in(item: AtlasObject, said: dict[str, Any]) -> list[str]:
    """All of `WATCHED` that the response holds, in its record (``said``) or as sections."""
    heard = [table for table, section in CONTEXT.items() if section in item.delivered]
    return [*said, *heard, *(["tns_matches"] if "tns_crossmatches" in item.delivered else [])]


def extra_of(item: AtlasObject) -> dict[str, Any]:
    """What is kept without being understood, by section."""
    return {"object": item.header.extra, **item.extra} if item.header.extra or item.extra else {}


def summary_of(curve: LightCurve) -> dict[str, Any]:
    """Columns of ``alerts`` that follow from the light curve."""
    positive = curve.detections[curve.detections.mag > 0]
    return {
        "n_detections": len(curve.detections),
        "n_nondetections": len(curve.nondetections),
        "n_forced": len(curve.forced),
        "last_mjd": value_of(curve.last_mjd),
        "last_mag": value_of(positive.mag[-1]) if len(positive) else None,
        "last_mag_mjd": value_of(positive.mjd[-1]) if len(positive) else None,
    }


def context_rows(item: AtlasObject) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables that are replaced as a whole, for the sections that were delivered."""
    key = {"atlas_id": item.atlas_id}
    rows: dict[str, list[dict[str, Any]]] = {
        "sherlock_matches": [
            {**key, "position": i, **_fields(match)} for i, match in enumerate(item.matches, start=1)
        ],
        "sherlock_notes": [{**key, **_fields(item.note)}] if item.note else [],
        "external_matches": [
            {**key, "position": i, **_fields(match)} for i, match in enumerate(item.external, start=1)
        ],
    }
    return {table: rows[table] for table, section in CONTEXT.items() if section in item.delivered}


def tns_rows(item: AtlasObject) -> list[dict[str, Any]]:
    """Rows of ``tns_matches``; a report without a designation is named by its place."""
    rows = []
    for number, match in enumerate(item.tns, start=1):
        fields = _fields(match)
        discovered = fields.pop("discovered_at")
        fields["designation"] = match.designation or f"unnamed {number}"
        fields["discovered_mjd"] = mjd_of(discovered) if discovered else None
        rows.append({"atlas_id": item.atlas_id, **fields})
    return rows


def _fields(section: SherlockMatch | SherlockNote | TnsMatch | ExternalMatch) -> dict[str, Any]:
    fields = {name: getattr(section, name) for name in type(section).model_fields}
    return {**fields, "extra": packed_json(section.extra)}


def packed_json(value: dict[str, Any]) -> str | None:
    """JSON text for a column, None where there is nothing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else None


def value_of(number: float | np.floating[Any]) -> float | None:
    """A number for a column, None for NaN."""
    return None if np.isnan(number) else float(number)
