"""ATLAS alert packets (Avro, schema `atlas.alert`): one detection with its flags, and two stamps."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vra_tui.domain.alert import Alert, Refused, Stamp, StampKind, detail_key
from vra_tui.domain.building import NamedColumns, build_light_curve
from vra_tui.domain.epochs import source_id_of
from vra_tui.surveys.base import Packet
from vra_tui.surveys.values import mapping, number, plain, text

_STAMPS = {"cutoutScience": StampKind.SCIENCE, "cutoutTemplate": StampKind.TEMPLATE,
           "cutoutDifference": StampKind.DIFFERENCE}  # fmt: skip
_KEPT_APART = frozenset({"mjd", "filter", "candid", "isdiffpos", "RA", "Dec", "Mag", "Dmag", "rb"})


def alert_of_packet(packet: Packet) -> Alert:
    """The alert of one decoded packet. Raises Refused."""
    value = packet.value
    object_id = text(value.get("objectId"))
    if not object_id:
        raise Refused("it has no objectId")
    candidate = mapping(value.get("candidate"), "candidate")
    ra, dec, mjd, mag = (_needed(candidate, key, object_id) for key in ("RA", "Dec", "mjd", "Mag"))
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise Refused(f"candidate.RA {ra:g}, Dec {dec:g} is no place on the sky", object_id)
    candid = text(candidate.get("candid")) or text(value.get("candid")) or ""
    source_id = source_id_of(candid)
    # `isdiffpos` is not asked: in the survey's own packets it says the opposite of magnitude, flux and stamp.
    is_negative = mag < 0 or (number(candidate.get("flux")) or 0.0) < 0
    score = number(candidate.get("rb"))
    magerr = number(candidate.get("Dmag"))
    columns: NamedColumns = {
        "mjd": [mjd],
        "ra": [ra % 360.0],
        "dec": [dec],
        "mag": [-abs(mag) if is_negative else mag],
        "magerr": [np.nan if magerr is None else abs(magerr)],
        "limit": [np.nan],
        "score": [np.nan if score is None else score],
        "source_id": [source_id],
        "instrument": [candid[:3] if candid[:2].isdigit() else "?"],
        "band": [text(candidate.get("filter")) or "?"],
    }
    try:
        curve, instruments, bands = build_light_curve(columns)
    except Refused as refused:
        raise Refused(str(refused), object_id) from None
    kept = {key: inner for key, inner in candidate.items() if key not in _KEPT_APART}
    return Alert(
        survey="atlas",
        object_id=object_id,
        as_of=mjd,
        facts={"ra": ra % 360.0, "dec": dec, **({"real_bogus": score} if "rb" in candidate else {})},
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        stamps=_stamps(value, mjd, source_id),
        details={detail_key(source_id, 0): {"candid": candid, **plain(kept)}},
    )


def _needed(candidate: Mapping[str, Any], key: str, object_id: str) -> float:
    found = number(candidate.get(key))
    if found is None:
        raise Refused(f"candidate.{key} is missing or no number", object_id)
    return found


def _stamps(value: Mapping[str, Any], mjd: float, source_id: int) -> tuple[Stamp, ...]:
    found = []
    for key, kind in _STAMPS.items():
        cutout = value.get(key)
        data = cutout.get("stampData") if isinstance(cutout, Mapping) else cutout
        if isinstance(data, bytes) and data:
            found.append(Stamp(kind, data, mjd, source_id))
    return tuple(found)
