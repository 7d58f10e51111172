"""Epoch sections of a response (``lc``, ``lcnondets``, ``fp``) as columns of epochs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Refused, detail_key
from vra_tui.domain.building import NamedColumns
from vra_tui.domain.epochs import END_MJD, FIRST_MJD, exposure_numbers, place_ids
from vra_tui.domain.flux import microjansky
from vra_tui.domain.refusal import shown

Rows = Sequence[Mapping[str, Any]]

#: How the name of an exposure begins: the telescope unit. Others would fill the store's table of units.
_UNIT = re.compile(r"\d\d[a-z]", re.ASCII)
_MAX_MAG = 60.0
_LAST_MJD = END_MJD - 1.0
_NUMBER_TYPES = {float, int, type(None)}
_MAX_LIMIT = 32.0

#: Keys of a detection that the packed record holds, or that only repeat the object's id.
_DETECTION_KEYS = frozenset(
    {"id", "mjd", "mag", "magerr", "filter", "ra", "dec", "mag5sig", "atlas_object_id"}
)
#: Keys of non-detections and forced photometry that are understood; those not packed are dropped, since
#: they describe the exposure and not the alert. Keys unknown to this list are kept.
_EXPOSURE_KEYS = frozenset(
    "id mjd mjd_obs exptime filter zp expname filename input reference pointing mag5sig atlas_object_id "
    "ra dec mag dm snr x y peakval skyval peakfit dpeak skyfit flux dflux uJy duJy chin major minor snrdet "
    "snrlimit apfit date_inserted limiting_mag redo_photometry atlas_metadata_id".split()
)


def detections_of(rows: Rows) -> NamedColumns:
    """Columns of the detections of section ``lc``.

    An exposure may hold several detections, told apart by their place on the detector. Raises Refused, naming
    the row and the key, for a value of the wrong type or out of its range.
    """
    section = "lc"
    return {
        **_common(section, rows, "mjd"),
        "ra": _numbers(section, rows, "ra", 0.0, 360.0),
        "dec": _numbers(section, rows, "dec", -90.0, 90.0),
        "mag": _numbers(section, rows, "mag", -_MAX_MAG, _MAX_MAG),
        "magerr": _numbers(section, rows, "magerr", 0.0, np.inf),
        "limit": _numbers(section, rows, "mag5sig", -_MAX_LIMIT, _MAX_LIMIT),
        "source_id": _place_ids(rows),
    }


def details_of(rows: Rows, columns: NamedColumns) -> dict[str, dict[str, Any]]:
    """The other keys of detections, by `detail_key`. ``columns``: what `detections_of` made of the rows."""
    exposures = exposure_numbers(columns["mjd"]).tolist()
    source_ids = np.asarray(columns["source_id"]).tolist()
    details: dict[str, dict[str, Any]] = {}
    for row, source_id, exposure in zip(rows, source_ids, exposures, strict=True):
        kept = {name: value for name, value in row.items() if name not in _DETECTION_KEYS}
        details[detail_key(source_id, exposure)] = kept
    return details


def _place_ids(rows: Rows) -> NDArray[np.uint64]:
    return place_ids(*(_loose(rows, key) for key in ("x", "y")))


def _loose(rows: Rows, key: str) -> NDArray[np.float64]:
    """One key of all rows where it is a number, NaN elsewhere."""
    raw: list[Any] = [row.get(key) for row in rows]
    return np.array(
        [v if type(v) in (int, float) and abs(v) < 1e9 else np.nan for v in raw], dtype=np.float64
    )


def nondetections_of(rows: Rows) -> NamedColumns:
    """Columns of the non-detections of section ``lcnondets``. Raises Refused, see `detections_of`."""
    section = "lcnondets"
    return {
        **_common(section, rows, "mjd"),
        "limit": _numbers(section, rows, "mag5sig", -_MAX_LIMIT, _MAX_LIMIT),
    }


def forced_of(rows: Rows) -> NamedColumns | None:
    """Columns of the forced photometry of section ``fp``, None of no rows, as most objects have.

    Raises Refused, see `detections_of`.
    """
    if not rows:
        return None
    section = "fp"
    mag = _numbers(section, rows, "mag", -_MAX_MAG, _MAX_MAG)
    is_limit = np.array([bool(row.get("limiting_mag")) for row in rows], dtype=bool)
    flux, dflux = _microjansky(rows, mag, is_limit)
    return {
        **_common(section, rows, "mjd_obs"),
        "mag": mag,
        "magerr": _numbers(section, rows, "dm", -np.inf, np.inf),
        "is_limit": is_limit,
        "flux": flux,
        "dflux": dflux,
    }


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


def _common(section: str, rows: Rows, mjd_key: str) -> dict[str, Any]:
    mjd = _numbers(section, rows, mjd_key, FIRST_MJD, _LAST_MJD)
    if np.isnan(mjd).any():
        raise Refused(f"{section}[{int(np.argmax(np.isnan(mjd)))}].{mjd_key} is missing")
    begins = [name[:3] for name in _texts([row.get("expname") for row in rows])]
    filters = _texts([row.get("filter") for row in rows])
    units = {begin: begin if _UNIT.match(begin) else "?" for begin in set(begins)}
    bands = {name: _band(name) for name in set(filters)}
    return {
        "mjd": mjd,
        "instrument": [units[begin] for begin in begins],
        "band": [bands[name] for name in filters],
    }


def _band(name: str) -> str:
    return name if len(name) == 1 and name.isascii() and name.isprintable() else "?"


def _texts(values: list[Any]) -> list[str]:
    """The values, with "" for what is not text."""
    if set(map(type, values)) <= {str}:
        return values
    return [value if isinstance(value, str) else "" for value in values]


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
