"""Sky maps as they arrive: HEALPix FITS, multi-order or flat, and the alerts of IGWN that carry one."""

import base64
import binascii
import io
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import shown
from vra_tui.domain.sky_map import FINEST, SkyMap, distance_moments, sky_map
from vra_tui.domain.times import mjd_of

#: A map is at most so many bytes, unpacked: a flat one of 12 million pixels with distances has 400 MB.
MOST_BYTES = 512 << 20
_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_GZIP = b"\x1f\x8b"
_FITS = b"SIMPLE  ="


@dataclass(frozen=True)
class MapNotice:
    """One version of what is known of an event on the sky.

    ``event``: its name, `S231129ac`. ``event_mjd``: when it happened, UTC. ``content``: the map as FITS, None
    for a retraction. ``about``: what else is told of it, as JSON holds it. ``created``: when it was told.
    """

    event: str
    event_mjd: float | None
    content: bytes | None
    created: str | None = None
    is_retracted: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)


def read_notice(content: bytes, source: str) -> MapNotice:
    """Return what a file or a message tells of an event: a FITS map by itself, or the JSON of an IGWN alert.

    A map by itself names its event in the header or by the file's name. Raises Refused.
    """
    content = unpacked(content)
    if content.startswith(_FITS):
        notice = _bare(content, source)
    elif content.lstrip()[:1] == b"{":
        notice = _igwn(content)
    elif b"VOEvent" in content[:2_000]:
        notice = _voevent(content)
    else:
        raise Refused("it is neither a FITS sky map nor the JSON of a gravitational-wave alert")
    if not _NAME.fullmatch(notice.event):
        raise Refused("the name of its event is no name: letters, digits and _ . + - make one, 64 at most")
    return notice


def unpacked(content: bytes) -> bytes:
    """The bytes of a file that may be gzipped. Raises Refused where that is damaged or too long."""
    if not content.startswith(_GZIP):
        return content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        whole = unpacker.decompress(content, MOST_BYTES)
    except zlib.error as error:
        raise Refused(f"its compressed data are damaged: {error}") from None
    if unpacker.unconsumed_tail:
        raise Refused(f"it unpacks to more than {MOST_BYTES >> 20} MB")
    if not unpacker.eof:
        raise Refused("its compressed data are cut off")
    return whole


def read_map(content: bytes) -> SkyMap:
    """The map in the bytes of a FITS file, gzipped or not. Raises Refused where it holds none."""
    table, header = _table(unpacked(content))
    names = {name.upper(): name for name in table.names or ()}
    try:
        if "UNIQ" in names:
            uniq = _column(table, names, "UNIQ").astype(np.int64)
            if not len(uniq) or uniq.min() < 4:
                raise Refused("a pixel of the map has no number")
            order = (np.frexp(uniq.astype(np.float64))[1] - 1) // 2 - 1
            # Above 2**53 a float rounds up to the next power of two.
            order = np.where(uniq < np.int64(4) << 2 * np.minimum(order, FINEST + 1), order - 1, order)
            pixel = uniq - (np.int64(4) << 2 * order)
            density = _column(table, names, "PROBDENSITY")
        else:
            order, pixel, density = _flat(table, names, header)
        mean, sigma = _distances(table, names, len(density))
        return sky_map(order, pixel, density, mean, sigma)
    except (ValueError, OverflowError) as error:
        raise Refused(f"the sky map cannot be used: {error}") from None


def _table(content: bytes) -> tuple[Any, Any]:
    import warnings

    from astropy.io import fits

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(io.BytesIO(content), memmap=False) as file:
                for unit in file[1:]:
                    if isinstance(unit, fits.BinTableHDU) and unit.columns is not None:
                        return unit.data, unit.header
    except Exception as error:  # astropy raises what it likes on damaged files
        raise Refused(f"it is no sound FITS file: {error}") from None
    raise Refused("the FITS file holds no table: it is an image, not a sky map")


def _flat(table: Any, names: Mapping[str, str], header: Any) -> tuple[Any, Any, Any]:
    """Order, nested number and density of the pixels of a map of one resolution."""
    from astropy_healpix import HEALPix

    name = next((one for one in ("PROB", "PROBABILITY", "TEMPERATURE") if one in names), None)
    if name is None:
        raise Refused(f"the table has no column UNIQ and none PROB; it has {', '.join(names) or 'none'}")
    probability = _column(table, names, name).ravel()
    n_pixels = len(probability)
    side = int(np.sqrt(n_pixels / 12.0) + 0.5)
    order = side.bit_length() - 1
    if n_pixels != 12 * side * side or side != 1 << order or order > FINEST:
        raise Refused(f"a map of {n_pixels:,} pixels is no whole HEALPix sky")
    pixel = np.arange(n_pixels, dtype=np.int64)
    if str(header.get("ORDERING", "RING")).strip().upper().startswith("RING"):
        pixel = np.asarray(HEALPix(nside=side, order="ring").ring_to_nested(pixel), dtype=np.int64)
    return np.full(n_pixels, order), pixel, probability


def _distances(table: Any, names: Mapping[str, str], n: int) -> tuple[Any, Any]:
    if not {"DISTMU", "DISTSIGMA"} <= names.keys():
        return np.full(n, np.nan), np.full(n, np.nan)
    return distance_moments(
        _column(table, names, "DISTMU").ravel(), _column(table, names, "DISTSIGMA").ravel()
    )


def _column(table: Any, names: Mapping[str, str], name: str) -> Any:
    if name not in names:
        raise Refused(f"the table has no column {name}")
    return np.asarray(table[names[name]], dtype=np.int64 if name == "UNIQ" else np.float64)


def _bare(content: bytes, source: str) -> MapNotice:
    _, header = _table(content)
    named = re.search(
        r"(?<![A-Za-z0-9])([MT]?S\d{6}[a-z]+|GW\d{6}(_\d{6})?)", f"{source} {header.get('OBJECT', '')}"
    )
    # A word that filters by it holds no blank.
    event = named[0] if named else "_".join(str(header.get("OBJECT") or "").split())
    if not event:
        raise Refused("neither the file's header nor its name says which event the map is of")
    mjd = header.get("MJD-OBS")
    if mjd is not None and type(mjd) not in (int, float):
        raise Refused(f"MJD-OBS in its header is no number: {shown(mjd)}")
    told = {key.lower(): header.get(key) for key in ("CREATOR", "INSTRUME", "DISTMEAN", "DISTSTD")}
    # A header may hold more than JSON does: complex numbers, and keys without a value.
    about = {key: value for key, value in told.items() if isinstance(value, str | int | float)}
    return MapNotice(
        event, None if mjd is None else float(mjd), content, str(header.get("DATE", "")), about=about
    )


def _igwn(content: bytes) -> MapNotice:
    try:
        told = json.loads(content)
        event, kind = str(told["superevent_id"]), str(told["alert_type"])
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        if isinstance(error, KeyError):
            raise Refused(f"it is no gravitational-wave alert: it has no {error}") from None
        raise Refused(f"the alert cannot be read: {error}") from None
    created = str(told.get("time_created") or "") or None
    if kind == "RETRACTION":
        return MapNotice(event, None, None, created, is_retracted=True)
    body = told.get("event")
    if not isinstance(body, Mapping):
        raise Refused(f"the alert {event} ({kind}) tells nothing of its event")
    try:
        when = datetime.fromisoformat(str(body["time"]))
        mjd = mjd_of(when if when.tzinfo else when.replace(tzinfo=UTC))
        packed = body.get("skymap")
        fits = None if packed is None else unpacked(base64.b64decode(packed, validate=True))
    except (KeyError, ValueError, TypeError, binascii.Error) as error:
        raise Refused(f"the alert {event} cannot be read: {type(error).__name__} {error}") from None
    if fits is None:
        raise Refused(f"the alert {event} ({kind}) carries no sky map; a later one may")
    about = {key: value for key, value in body.items() if key not in ("skymap", "time")}
    return MapNotice(event, mjd, fits, created, about={"alert_type": kind, **about})


def _voevent(content: bytes) -> MapNotice:
    """A VOEvent names its map by an address: only of a retraction it says all there is to know."""
    text = content[:1_000_000].decode("utf-8", "replace")
    told = {name: value for tag in re.findall(r"<Param\b[^<>]*>", text) for name, value in [_param(tag)]}
    event = told.get("GraceID", "")
    if not re.fullmatch(r"[MT]?S\d{6}[a-z]+", event):
        raise Refused("it is a VOEvent that names no superevent")
    if told.get("AlertType", "").lower() == "retraction":
        return MapNotice(event, None, None, is_retracted=True)
    raise Refused(
        f"it is a VOEvent of {event}, which carries no sky map, only the address of one. Nothing is fetched "
        f"because a file says so: `vra gw add {event}` asks GraceDB for the newest map"
    )


def _param(tag: str) -> tuple[str, str]:
    name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value"))
    return (name[1] if name else "", value[1] if value else "")
