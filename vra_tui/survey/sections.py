"""Epoch sections of a response (``lc``, ``lcnondets``, ``fp``) as packed light-curve records."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.lightcurve.curves import in_order, sorted_epochs
from vra_tui.lightcurve.epochs import (
    END_MJD,
    FIRST_MJD,
    Detections,
    ForcedPhotometry,
    NonDetections,
    filter_code,
    pack_detections,
    pack_forced,
    pack_nondetections,
)
from vra_tui.lightcurve.flux import microjansky
from vra_tui.survey.refusal import Refused, shown

Rows = Sequence[Mapping[str, Any]]
#: Gives the code of a telescope unit's name, making a new one for a new name.
UnitCodes = Callable[[str], int]

#: How the name of an exposure begins: the telescope unit. Others would fill the store's table of units.
_UNIT = re.compile(r"\d\d[a-z]", re.ASCII)
_EXPNAME = re.compile(r"(\d\d[a-z])\d{5}[a-z](\d{1,5})[a-z]", re.ASCII)
_MAX_MAG = 60.0
_LAST_MJD = END_MJD - 1.0
_NUMBER_TYPES = {float, int, type(None)}
_MAX_LIMIT = 32.0

#: Keys of a detection that the packed record holds, or that only repeat the object's id.
_DETECTION_KEYS = frozenset(
    {"id", "mjd", "mag", "magerr", "filter", "ra", "dec", "mag5sig", "expname", "atlas_object_id"}
)
#: Keys of non-detections and forced photometry that are understood; those not packed are dropped, since
#: they describe the exposure and not the alert. Keys unknown to this list are kept.
_EXPOSURE_KEYS = frozenset(
    "id mjd mjd_obs exptime filter zp expname filename input reference pointing mag5sig atlas_object_id "
    "ra dec mag dm snr x y peakval skyval peakfit dpeak skyfit flux dflux uJy duJy chin major minor snrdet "
    "snrlimit apfit date_inserted limiting_mag redo_photometry atlas_metadata_id".split()
)


#: The other keys of detections: for each exposure, by its key, those of its rows in their packed order.
DetectionExtra = dict[str, list[dict[str, Any]]]


def detections_of(rows: Rows, unit_code: UnitCodes) -> tuple[Detections, DetectionExtra]:
    """Packed detections of section ``lc``, sorted by time and content, and their other keys.

    An exposure may hold several detections, told apart by where on the detector they are (``x``, ``y``), or
    by place and magnitude where that is not delivered. A row that is there twice counts once.

    Raises Refused, naming the row and the key, for a value of the wrong type or out of its range.
    """
    section = "lc"
    columns = _common(section, rows, "mjd", unit_code)
    columns |= {
        "ra": _numbers(section, rows, "ra", 0.0, 360.0),
        "dec": _numbers(section, rows, "dec", -90.0, 90.0),
        "mag": _numbers(section, rows, "mag", -_MAX_MAG, _MAX_MAG),
        "magerr": _numbers(section, rows, "magerr", 0.0, np.inf),
        "limit": _numbers(section, rows, "mag5sig", -_MAX_LIMIT, _MAX_LIMIT),
        "exposure": _exposures(rows),
    }
    packed = pack_detections(columns)
    others = [{name: value for name, value in row.items() if name not in _DETECTION_KEYS} for row in rows]
    order = in_order(packed)
    if len(np.unique(packed.key)) < len(packed):
        order = _single(packed, others)
    packed = packed[order]
    extra: DetectionExtra = {}
    for key, row in zip(packed.key.tolist(), order.tolist(), strict=True):
        extra.setdefault(str(key), []).append(others[row])
    return packed, extra


def _single(packed: Detections, others: Sequence[dict[str, Any]]) -> NDArray[np.int64]:
    """Indices that sort detections by time, content and other keys, each detection once."""
    try:
        texts = [json.dumps(other, sort_keys=True, default=str) for other in others]
    except RecursionError:
        raise Refused("a key of section `lc` that is not understood is nested too deep") from None
    by_text = np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=np.int64)
    order = by_text[in_order(packed[by_text])]
    known: set[tuple[object, ...]] = set()
    kept = []
    for row in order.tolist():
        x, y = others[row].get("x"), others[row].get("y")
        record = packed.records[row]
        place = (x, y) if _is_number(x) and _is_number(y) else tuple(record[["ra", "dec", "mag"]].tolist())
        identity = (int(packed.key[row]), *place)
        if identity not in known:
            known.add(identity)
            kept.append(row)
    return np.array(kept, dtype=np.int64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def nondetections_of(rows: Rows, unit_code: UnitCodes) -> NonDetections:
    """Packed non-detections of section ``lcnondets``, sorted by time. Raises Refused, see `detections_of`."""
    section = "lcnondets"
    columns = _common(section, rows, "mjd", unit_code)
    columns["limit"] = _numbers(section, rows, "mag5sig", -_MAX_LIMIT, _MAX_LIMIT)
    packed = pack_nondetections(columns)
    return sorted_epochs(packed)


def forced_of(rows: Rows, unit_code: UnitCodes) -> ForcedPhotometry:
    """Packed forced photometry of section ``fp``, sorted by time. Raises Refused, see `detections_of`."""
    section = "fp"
    columns = _common(section, rows, "mjd_obs", unit_code)
    mag = _numbers(section, rows, "mag", -_MAX_MAG, _MAX_MAG)
    magerr = _numbers(section, rows, "dm", -np.inf, np.inf)
    is_limit = np.array([bool(row.get("limiting_mag")) for row in rows], dtype=bool)
    flux, dflux = _microjansky(rows, mag, is_limit)
    columns |= {"mag": mag, "magerr": magerr, "is_limit": is_limit, "flux": flux, "dflux": dflux}
    packed = pack_forced(columns)
    return sorted_epochs(packed)


def unknown_keys(rows: Rows) -> dict[str, dict[str, Any]]:
    """Keys that no known server version writes, by exposure: kept, since nothing else remembers them."""
    # Rows of one response share a handful of shapes; with none unknown there is nothing to go through.
    if all(_EXPOSURE_KEYS.issuperset(shape) for shape in set(map(tuple, rows))):
        return {}
    kept: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        extra = {key: value for key, value in row.items() if key not in _EXPOSURE_KEYS}
        if extra:
            name = row.get("expname")
            kept[name if isinstance(name, str) and name else str(number)] = extra
    return kept


def _microjansky(
    rows: Rows, mag: NDArray[np.float64], is_limit: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Flux and its error in microjansky; NaN where the row has none.

    Older servers deliver counts. Their zero point is that of the row itself: ``mag`` is that of ``flux``,
    or, for a limit, that of ``snrlimit`` times ``dflux``.
    """
    flux = _numbers("fp", rows, "uJy", -np.inf, np.inf)
    dflux = _numbers("fp", rows, "duJy", -np.inf, np.inf)
    counts = _numbers("fp", rows, "flux", -np.inf, np.inf)
    dcounts = _numbers("fp", rows, "dflux", -np.inf, np.inf)
    snr_limit = _numbers("fp", rows, "snrlimit", -np.inf, np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        reference = np.where(
            is_limit, np.where(np.isnan(snr_limit), 3.0, snr_limit) * dcounts, np.abs(counts)
        )
        scale = microjansky(np.abs(mag)) / reference
        flux = np.where(np.isnan(flux), counts * scale, flux)
        dflux = np.where(np.isnan(dflux), dcounts * scale, dflux)
    limit = np.finfo(np.float32).max
    return (
        np.where(np.abs(flux) < limit, flux, np.nan),
        np.where(np.abs(dflux) < limit, dflux, np.nan),
    )


def _common(section: str, rows: Rows, mjd_key: str, unit_code: UnitCodes) -> dict[str, Any]:
    mjd = _numbers(section, rows, mjd_key, FIRST_MJD, _LAST_MJD)
    if np.isnan(mjd).any():
        raise Refused(f"{section}[{int(np.argmax(np.isnan(mjd)))}].{mjd_key} is missing")
    names = _texts([row.get("expname") for row in rows])
    prefixes = [name[:3] if _UNIT.match(name) else "?" for name in names]
    codes = {prefix: unit_code(prefix) for prefix in set(prefixes)}
    filters = _texts([row.get("filter") for row in rows])
    letters = {name: filter_code(name) for name in set(filters)}
    return {
        "mjd": mjd,
        "unit": [codes[prefix] for prefix in prefixes],
        "filter": [letters[name] for name in filters],
    }


def _texts(values: list[Any]) -> list[str]:
    """The values, with "" for what is not text."""
    if set(map(type, values)) <= {str}:
        return values
    return [value if isinstance(value, str) else "" for value in values]


def _exposures(rows: Rows) -> list[int]:
    matches = [_EXPNAME.fullmatch(name) for name in _texts([row.get("expname") for row in rows])]
    return [min(int(match[2]), 65_535) if match else 0 for match in matches]


def _numbers(section: str, rows: Rows, key: str, low: float, high: float) -> NDArray[np.float64]:
    """One key of all rows, NaN for null or missing. Raises Refused for what is no number or out of range."""
    raw = [row.get(key) for row in rows]
    if set(map(type, raw)) <= _NUMBER_TYPES:
        try:
            values = np.array(raw, dtype=np.float64)
        except OverflowError:  # a whole number that no float holds
            values = _one_by_one(section, key, raw)
    else:
        values = _one_by_one(section, key, raw)
    bad = (values < low) | (values > high) | np.isinf(values)
    if bad.any():
        index = int(np.argmax(bad))
        raise Refused(f"{section}[{index}].{key} is {values[index]:g}, not between {low:g} and {high:g}")
    return values


def _one_by_one(section: str, key: str, raw: list[Any]) -> NDArray[np.float64]:
    return np.array([_number(section, i, key, value) for i, value in enumerate(raw)], dtype=np.float64)


def _number(section: str, index: int, key: str, value: Any) -> float:
    if value is None:
        return np.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        raise Refused(f"{section}[{index}].{key} is not a number: {shown(value)}")
    return float(value)
