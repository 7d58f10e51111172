"""Simulated alerts as the rest of the program sees alerts: light curves, context, and whole alerts."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vra_tui.domain.alert import Alert, ContextNote, Match, TnsReport
from vra_tui.domain.epochs import (
    Detections,
    ForcedPhotometry,
    NonDetections,
    pack_detections,
    pack_forced,
    pack_nondetections,
)
from vra_tui.domain.light_curve import LightCurve, LightCurves
from vra_tui.features.extinction import ebv_sfd
from vra_tui.features.vra import Context
from vra_tui.simulator import Batch
from vra_tui.simulator.api_json import forced_magnitudes
from vra_tui.simulator.instrument import Instrument
from vra_tui.simulator.words import classification_row, match_row, tns_row

_EYEBALL_LIST = 4
_BANDS = ("c", "o")
_FACTS = {
    "name": "name",
    "ra": "ra",
    "dec": "dec",
    "t0_mjd": "t0_mjd",
    "real_bogus": "rb_pix",
    "realbogus_factor": "realbogus_factor",
    "context_class": "sherlock",
}

_MATCH_COLUMNS = {
    "catalogue_object_id": "catalogue_object_id",
    "catalogue": "catalogue_table_name",
    "association_type": "association_type",
    "object_type": "catalogue_object_type",
    "separation_arcsec": "separationarcsec",
    "north_arcsec": "northseparationarcsec",
    "east_arcsec": "eastseparationarcsec",
    "z": "z",
    "photoz": "photoz",
    "photoz_err": "photozerr",
    "distance_mpc": "distance",
    "physical_separation_kpc": "physical_separation_kpc",
    "ra": "radeg",
    "dec": "decdeg",
}
_NOTE_COLUMNS = ("classification", "annotation", "summary")
_TNS_COLUMNS = {
    "designation": "external_designation",
    "mag": "mag",
    "discoverer": "discoverer",
    "internal_name": "other_info",
    "separation_arcsec": "separation",
    "url": "url",
}
#: Keys of a report that the input models do not name: the store keeps them beside it, as ingesting does.
_TNS_EXTRA = ("date_added", "id", "matched_list", "transient_object_id")


def light_curves(batch: Batch) -> LightCurves:
    """The detections and non-detections of a batch, packed; instruments keep the simulator's numbers.

    Bands have the store's codes: their letters in ASCII.
    """
    return LightCurves(
        batch.alerts["alert_id"].astype(np.int64),
        _detections(batch),
        batch.detections.start,
        _nondetections(batch),
        batch.nondetections.start,
    )


def context(batch: Batch) -> Context:
    """What the features take from the record of each alert of a batch."""
    alerts = {name: batch.alerts[name].astype(np.float64) for name in ("t0_mjd", "ra", "dec", "rb_pix")}
    matches = {name: batch.matches[name].astype(np.float64) for name in ("z", "photoz", "separation")}
    return Context(
        **alerts,
        z=matches["z"],
        photoz=matches["photoz"],
        sep_arcsec=matches["separation"],
        ebv_sfd=ebv_sfd(alerts["ra"], alerts["dec"]),
        is_cv=batch.alerts["sherlock"] == "CV",
    )


def alerts_of(batch: Batch) -> list[Alert]:
    """The alerts of a batch, as the survey's module would make them of the responses that tell of them."""
    instruments = tuple(unit.code for unit in Instrument.shipped().units)
    to_local = np.zeros(256, np.uint8)
    for number, letter in enumerate(_BANDS):
        to_local[ord(letter)] = number
    same = np.arange(256, dtype=np.uint8)
    seen, missed, measured = _detections(batch), _nondetections(batch), _forced(batch)
    seen, missed = seen.recoded(same, to_local), missed.recoded(same, to_local)
    measured = measured.recoded(same, to_local)
    starts = [part.start.tolist() for part in (batch.detections, batch.nondetections, batch.forced)]
    facts = {name: batch.alerts[column].tolist() for name, column in _FACTS.items()}
    facts["detection_list_id"] = [_EYEBALL_LIST] * len(batch)
    alerts = []
    for row, object_id in enumerate(batch.alerts["alert_id"].tolist()):
        own = [slice(start[row], start[row + 1]) for start in starts]
        curve = LightCurve(seen[own[0]], missed[own[1]], measured[own[2]])
        ends = [float(section.mjd[-1]) for section in curve.sections if len(section)]
        match = match_row(batch, row)
        note = classification_row(batch, row, match)
        report = tns_row(batch, row)
        alerts.append(
            Alert(
                survey="atlas",
                object_id=str(object_id),
                as_of=max(ends, default=0.0),
                facts={name: column[row] for name, column in facts.items()},
                light_curve=curve,
                instruments=instruments,
                bands=_BANDS,
                matches=() if match is None else (Match(**_fields(match, _MATCH_COLUMNS)),),
                context=ContextNote(**{name: note[name] for name in _NOTE_COLUMNS}),
                tns=() if report is None else (_report(report, float(batch.tns["discovered"][row])),),
            )
        )
    return alerts


def _fields(row: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: row[key] for name, key in names.items()}


def _report(row: dict[str, Any], discovered_mjd: float) -> TnsReport:
    extra = {key: row[key] for key in _TNS_EXTRA}
    return TnsReport(**_fields(row, _TNS_COLUMNS), discovered_mjd=discovered_mjd, extra=extra)


def _detections(batch: Batch) -> Detections:
    seen = batch.detections
    return pack_detections({**seen.columns, "instrument": seen["unit"], "band": seen["filter"]})


def _nondetections(batch: Batch) -> NonDetections:
    missed = batch.nondetections
    return pack_nondetections({**missed.columns, "instrument": missed["unit"], "band": missed["filter"]})


def _forced(batch: Batch) -> ForcedPhotometry:
    section = batch.forced
    mag, magerr, is_limit = forced_magnitudes(section)
    named = {"instrument": section["unit"], "band": section["filter"]}
    return pack_forced({**section.columns, **named, "mag": mag, "magerr": magerr, "is_limit": is_limit})
