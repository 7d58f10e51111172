"""ZTF's own alert packet (schemas 3.2 to 4.02), raw or as Fink and Lasair pass it on."""

import zlib
from typing import Any

from vra_tui.domain.alert import Alert, Refused, Stamp, StampKind
from vra_tui.surveys.ztf import candidate, fink, lasair, values
from vra_tui.surveys.ztf.history import History
from vra_tui.surveys.ztf.values import Row

_STAMPS = {
    "cutoutScience": StampKind.SCIENCE,
    "cutoutTemplate": StampKind.TEMPLATE,
    "cutoutDifference": StampKind.DIFFERENCE,
}
_KNOWN = frozenset({"objectId", "candid", "candidate", "prv_candidates", "fp_hists", "annotations", *_STAMPS})


def knows(value: Row) -> bool:
    """Tell whether the value has the form of ZTF's packet."""
    return isinstance(value.get("candidate"), dict)


def alert(value: Row, object_id: str) -> Alert:
    """The alert of a packet. Raises Refused."""
    own = values.part(value, "candidate")
    light = History()
    mjd = values.mjd(own)
    is_seen = light.candidate(own, scored=True)
    for row in values.rows(value, "prv_candidates"):
        light.candidate(row)
    light.forced_rows(values.rows(value, "fp_hists"))
    curve, instruments, bands = light.light_curve()
    source_id = values.identity(own, "candid")
    if not is_seen:
        # A row of Fink's tables that tells of a limit only: it says nothing of the object.
        return Alert("ztf", object_id, mjd, {}, curve, instruments, bands)
    by_fink = fink.fink_additions(value, mjd)
    by_lasair = lasair.annotated(value, mjd)
    near = candidate.matches_of(own)
    others = (*by_fink.matches, *by_lasair.matches)
    rest = values.kept(value, _KNOWN | fink.KNOWN)
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=mjd,
        facts={**candidate.facts_of(own), **by_lasair.facts},
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        matches=near if near is None and not others else (*(near or ()), *others),
        context=by_lasair.context,
        tns=by_fink.tns,
        annotations=(*by_fink.annotations, *by_lasair.annotations),
        stamps=_stamps(value, mjd, source_id),
        details=candidate.details_of(own, source_id),
        extra={"packet": rest} if rest else {},
    )


def _stamps(value: Row, mjd: float, source_id: int) -> tuple[Stamp, ...]:
    found = []
    for key, kind in _STAMPS.items():
        cutout: Any = values.part(value, key).get("stampData")
        if cutout is None or (isinstance(cutout, bytes) and not cutout):
            continue
        if not isinstance(cutout, bytes) or not _is_fits(cutout):
            raise Refused(f"`{key}` holds no FITS")
        found.append(Stamp(kind, cutout, mjd, source_id))
    return tuple(found)


def _is_fits(data: bytes) -> bool:
    """Tell whether data, possibly gzipped, begin as FITS does (standard 4.0, 4.4.1)."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, 32)
        except zlib.error:
            return False
    return data.startswith(b"SIMPLE  =")
