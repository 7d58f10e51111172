"""Read light curves of any survey from tables with named columns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, Fact, Refused
from vra_tui.domain.bands import band
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.epochs import source_id_of
from vra_tui.domain.flux import LIMIT_SIGMA, ZERO_POINT, magnitude, magnitude_error
from vra_tui.domain.sky import separation
from vra_tui.domain.times import mjd_of_jd, mjd_of_tai
from vra_tui.surveys.base import EpochTable, Packet, Survey
from vra_tui.surveys.numbers import degrees, median_place, numbers
from vra_tui.surveys.own_labels import OWN_LABELS

Floats = NDArray[np.float64]

#: Our name of a column, and what others call it; case, blanks, dots, dashes and underscores make no
#: difference. Fluxes say their unit by their name (`ujy`, `flux (nJy)`), or by a zero point (AB) beside them.
COLUMNS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "mjd": ("mjd", "mjdutc", "timemjd", "obsmjd", "mjdobs", "expmjd", "mjdmid", "midmjd", "mjdstart"),
        "jd": ("jd", "jdutc", "timejd", "obsjd", "jdobs", "jdmid", "juliandate", "hjd", "bjd"),
        "mjd_tai": ("mjdtai", "midpointmjdtai"),
        "time": (
            *("time", "timeutc", "obstime", "datetime", "dateobs", "obsdate", "isot", "timestamp", "utc"),
            *("dateutc", "utcdate", "utdate", "date", "ut", "epoch", "t"),
        ),
        "mag": ("mag", "magnitude", "magpsf", "psfmag", "magab", "abmag", "m"),
        "magerr": (
            *("magerr", "emag", "sigmapsf", "magerror", "magnitudeerror", "sigmamag", "magsigma", "magunc"),
            *("maguncertainty", "dmag", "merr", "dm", "error", "err", "uncertainty"),
        ),
        "ujy": ("ujy", "fluxujy", "forcediffimfluxujy"),
        "dujy": (
            "dujy",
            "fluxerrujy",
            "ujyerr",
            "eujy",
            "fluxerrorujy",
            "dfluxujy",
            "fluxuncujy",
            "efluxujy",
        ),
        "njy": ("njy", "fluxnjy", "psfflux"),
        "dnjy": ("dnjy", "fluxerrnjy", "psffluxerr", "fluxerrornjy", "dfluxnjy", "fluxuncnjy", "efluxnjy"),
        "mjy": ("mjy", "fluxmjy"),
        "dmjy": ("dmjy", "fluxerrmjy", "fluxerrormjy", "dfluxmjy", "fluxuncmjy", "efluxmjy"),
        "jy": ("jy", "fluxjy"),
        "djy": ("djy", "fluxerrjy", "fluxerrorjy", "dfluxjy", "fluxuncjy", "efluxjy"),
        "fluxcal": ("fluxcal",),
        "fluxcalerr": ("fluxcalerr",),
        "flux": ("flux",),
        "fluxerr": (
            "fluxerr",
            "eflux",
            "fluxerror",
            "dflux",
            "fluxunc",
            "fluxuncertainty",
            "sigmaflux",
            "error",
            "err",
        ),
        "zp": ("zp", "zeropoint", "magzp"),
        "band": (
            *(
                "band",
                "filter",
                "passband",
                "bandpass",
                "fid",
                "flt",
                "filt",
                "filtername",
                "filtercode",
                "f",
            ),
        ),
        "limit": (
            *("limit", "limitingmag", "limitingmagnitude", "diffmaglim", "maglim", "maglimit", "mag5sig"),
            *("upperlimit", "limmag"),
        ),
        "ra": ("ra", "radeg", "meanra", "rightascension", "raj2000", "objra"),
        "dec": ("dec", "decl", "decdeg", "meandec", "de", "declination", "decj2000", "dej2000", "objdec"),
        "instrument": ("instrument", "telescope", "tel", "site", "camera"),
        "score": ("score", "realbogus", "drb", "rb", "reliability"),
        "source_id": ("candid", "diasourceid", "detectionid", "detid"),
        "z": ("z", "redshift", "hostz"),
    }
)
_TIMES = ("mjd", "jd", "mjd_tai", "time")
#: Units of flux, in microjansky.
_FLUX_UNITS: Mapping[str, float] = MappingProxyType({"ujy": 1.0, "njy": 1e-3, "mjy": 1e3, "jy": 1e6})
_BRIGHTNESS = ("mag", *_FLUX_UNITS, "fluxcal", "flux")
#: AB zero point of SNANA's FLUXCAL.
_SNANA_ZERO_POINT = 27.5
#: Numbers that ZTF writes for its bands.
_FID = MappingProxyType({"1": "g", "2": "r", "3": "i"})
#: Dates as numbers that no other count of days gives: MJD and JD of 1899 to 2132.
_MJD_RANGE, _JD_RANGE = (15_000.0, 100_000.0), (2_415_000.0, 2_500_000.0)
#: Many write 99, or -999, for what they did not see.
_NO_MAGNITUDE = 40.0
_LIMIT_TEXT = re.compile(r"\s*[<>]\s*(\d+(?:\.\d*)?)\s*", re.ASCII)
_WITH_UNIT = re.compile(r"(.*?)[(\[]([^)\]]*)[)\]]")


class Table(Survey):
    """A survey of which only a table of epochs is known; its alerts bear the name that the user gives."""

    name = "table"
    labels = OWN_LABELS
    title = "a table of light curves"

    def recognises(self, packet: Packet) -> bool:
        """Any table that has columns of times and brightness."""
        return isinstance(packet.value, EpochTable) and bool(found_columns(packet.value.columns))

    def alert(self, packet: Packet) -> Alert:
        """See `Survey.alert`. Without a position the alert is refused: give columns ra, dec or say where."""
        table = packet.value
        object_id = table.object_id
        columns = found_columns(table.columns)
        try:
            return _alert(str(packet.options.get("survey") or self.name), object_id, columns, packet.options)
        except Refused as refused:
            raise Refused(str(refused), object_id) from None


def squeezed(name: str) -> str:
    """A name of a column without what people write in different ways: case, blanks and marks."""
    return re.sub(r"[\s_.\-]+", "", name).lower().replace("\u00b5", "u").replace("\u03bc", "u")


_KNOWN = frozenset(name for names in COLUMNS.values() for name in names)


def _without_unit(name: str) -> str:
    """A squeezed name, with the unit in brackets behind it where both together are a name that is known."""
    found = _WITH_UNIT.fullmatch(name)
    if not found:
        return name
    both = found[1] + found[2]
    return both if both in _KNOWN else found[1]


def found_columns(columns: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The columns that are understood, by our names; none where a table holds no light curve."""
    theirs = {_without_unit(squeezed(str(name))): values for name, values in columns.items()}
    theirs |= {name: columns[name] for name in COLUMNS if name in columns}
    found = {}
    for ours, names in COLUMNS.items():
        name = next((name for name in (ours, *names) if name in theirs), None)
        if name is not None:
            found[ours] = theirs[name]
    has_all = any(name in found for name in _TIMES) and any(name in found for name in _BRIGHTNESS)
    return found if has_all else {}


def missing_columns(names: Iterable[str]) -> str:
    """What a table lacks to be a light curve, in words that say what to do; empty where it lacks nothing."""
    known = {_without_unit(squeezed(name)) for name in names}

    def has(wanted: Iterable[str]) -> bool:
        return any(not known.isdisjoint((ours, *COLUMNS[ours])) for ours in wanted)

    words, pairs = [], []
    if not has(_TIMES):
        words.append("no column of times (mjd, jd, time)")
        pairs.append("mjd=NAME")
    if not has(_BRIGHTNESS):
        words.append("no column of brightness (mag, or flux with its unit: ujy, njy)")
        pairs.append("mag=NAME")
    if not words:
        return ""
    return f"{' and '.join(words)} that is known; say which it is: --columns {','.join(pairs)}"


def extent(columns: Mapping[str, Any]) -> float:
    """Tell how far the rows of a table lie from their middle, degrees; 0 where they say no place."""
    found = found_columns(columns)
    if not {"ra", "dec"} <= found.keys():
        return 0.0
    ra, dec = degrees(found["ra"], 15.0), degrees(found["dec"])
    known = np.isfinite(ra) & (np.abs(dec) <= 90.0)
    if not known.any():
        return 0.0
    middle = median_place(ra[known], dec[known])
    return float(separation(ra[known], dec[known], *middle).max()) / 3600.0


def _alert(survey: str, object_id: str, columns: Mapping[str, Any], options: Mapping[str, Any]) -> Alert:
    mjd = _mjd(columns)
    n = len(mjd)
    names = _bands(columns.get("band"), n)
    instruments = [str(v).strip()[:40] or "?" for v in columns.get("instrument", ["?"] * n)]
    ra, dec = (
        degrees(columns[name], unit) if name in columns else np.full(n, np.nan)
        for name, unit in (("ra", 15.0), ("dec", 1.0))
    )
    mag, magerr, flux, dflux = _brightness(columns, n)
    limit = _limits(columns, n)
    timed = np.isfinite(mjd)
    is_measured = timed & np.isfinite(flux) & (dflux > 0)
    # What has a flux with its error is forced photometry where it is too faint to be a detection.
    is_detection = timed & np.isfinite(mag) & ~(is_measured & (np.abs(flux) < LIMIT_SIGMA * dflux))
    is_limit = timed & ~is_detection & np.isfinite(limit)

    def chosen(rows: NDArray[np.bool_], **values: Floats) -> dict[str, Any]:
        kept = np.flatnonzero(rows)
        return {
            "mjd": mjd[kept],
            **{name: column[kept] for name, column in values.items()},
            "instrument": [instruments[row] for row in kept],
            "band": [names[row] for row in kept],
        }

    seen = chosen(
        is_detection,
        ra=ra,
        dec=dec,
        mag=mag,
        magerr=magerr,
        limit=limit,
        score=_optional(columns, "score", n),
    )
    if "source_id" in columns:
        ids = columns["source_id"]
        seen["source_id"] = [source_id_of(_id(ids[row])) for row in np.flatnonzero(is_detection)]
    curve, instrument_names, band_names = build_light_curve(
        seen, chosen(is_limit, limit=limit), chosen(is_measured, flux=flux, dflux=dflux)
    )
    if not (len(curve.detections) or len(curve.nondetections) or len(curve.forced)):
        raise Refused("none of its rows has a time and a brightness")
    return Alert(
        survey=survey,
        object_id=object_id,
        facts=_facts(object_id, columns, options, ra, dec),
        light_curve=curve,
        instruments=instrument_names,
        bands=band_names,
    )


def _mjd(columns: Mapping[str, Any]) -> Floats:
    if "mjd" in columns:
        return numbers(columns["mjd"])
    if "jd" in columns:
        return mjd_of_jd(numbers(columns["jd"]))
    if "mjd_tai" in columns:
        return mjd_of_tai(numbers(columns["mjd_tai"]))
    return _mjd_of_times(columns["time"])


def _mjd_of_times(values: NDArray[Any]) -> Floats:
    """MJD of a column called a time: ISO 8601 (UTC), JD or MJD, whichever all of them are."""
    count = (
        np.full(len(values), np.nan)
        if np.issubdtype(np.asarray(values).dtype, np.datetime64)
        else numbers(values)
    )
    known = count[np.isfinite(count)]
    for (low, high), convert in ((_MJD_RANGE, np.asarray), (_JD_RANGE, mjd_of_jd)):
        if len(known) and known.min() >= low and known.max() <= high:
            return np.asarray(convert(count), dtype=np.float64)
    if not len(known):
        import pandas as pd

        dates = pd.to_datetime(pd.Series(values).astype(str), format="ISO8601", utc=True, errors="coerce")
        since = (dates - pd.Timestamp("1858-11-17", tz="UTC")) / pd.Timedelta(days=1)
        if since.notna().any():
            return since.to_numpy(dtype=np.float64)
    raise Refused(
        "its column of times holds neither MJD, JD nor ISO dates: name it --columns mjd=NAME or jd=NAME"
    )


def _limits(columns: Mapping[str, Any], n: int) -> Floats:
    """Limiting magnitudes: the column's, or what stands behind a > or < in place of a magnitude."""
    limit = np.abs(_optional(columns, "limit", n))
    limit = np.where(limit < _NO_MAGNITUDE, limit, np.nan)
    mags = np.asarray(columns.get("mag", ()))
    if mags.dtype == object:
        for row, value in enumerate(mags.tolist()):
            if isinstance(value, str) and (found := _LIMIT_TEXT.fullmatch(value)):
                limit[row] = float(found[1])
    return limit


def _brightness(columns: Mapping[str, Any], n: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Magnitude with its error, and flux with its error in microjansky, NaN where a row has none."""
    flux, dflux = np.full(n, np.nan), np.full(n, np.nan)
    unit = next((name for name in _FLUX_UNITS if name in columns), None)
    if unit:
        scale = _FLUX_UNITS[unit]
        error = f"d{unit}" if f"d{unit}" in columns else "fluxerr"
        flux, dflux = _optional(columns, unit, n) * scale, _optional(columns, error, n) * scale
    elif "fluxcal" in columns:
        factor = 10.0 ** (0.4 * (ZERO_POINT - _SNANA_ZERO_POINT))
        flux, dflux = (_optional(columns, name, n) * factor for name in ("fluxcal", "fluxcalerr"))
    elif "flux" in columns:
        if "zp" not in columns and "mag" not in columns:
            raise Refused(
                "its column of flux has no unit: name it ujy or njy (--columns ujy=flux), or add zp"
            )
        factors = 10.0 ** (0.4 * (ZERO_POINT - _optional(columns, "zp", n)))
        flux, dflux = _optional(columns, "flux", n) * factors, _optional(columns, "fluxerr", n) * factors
    if "mag" not in columns:
        return magnitude(flux), magnitude_error(flux, dflux), flux, dflux
    mag, magerr = _optional(columns, "mag", n), _optional(columns, "magerr", n)
    mag = np.where(np.abs(mag) < _NO_MAGNITUDE, mag, np.nan)
    return mag, np.where(magerr < 90.0, magerr, np.nan), flux, dflux


def _facts(
    object_id: str, columns: Mapping[str, Any], options: Mapping[str, Any], ra: Floats, dec: Floats
) -> dict[str, Fact]:
    known = np.isfinite(ra) & np.isfinite(dec)
    if not known.any():
        return _said_place(object_id, options)
    place = median_place(ra[known], dec[known])
    if not -90.0 <= place[1] <= 90.0:
        raise Refused(f"its declination of {place[1]:g} degrees is no place on the sky")
    return {"ra": place[0], "dec": place[1]}


def _said_place(object_id: str, options: Mapping[str, Any]) -> dict[str, Fact]:
    """Return the position that the user gave, where the table has none."""
    if "positions" in options:
        places = options["positions"].by_id
        if object_id not in places:
            raise Refused("it has no position: none in its table, and none in the table of positions")
        ra, dec = places[object_id]
        return {"ra": float(ra), "dec": float(dec)}
    if "ra" not in options or "dec" not in options:
        return {}
    place = float(options["ra"]), float(options["dec"])
    if not (0.0 <= place[0] <= 360.0 and -90.0 <= place[1] <= 90.0):
        raise Refused(f"RA {place[0]:g}, Dec {place[1]:g} is no place on the sky")
    return {"ra": place[0] % 360.0, "dec": place[1]}


def _bands(values: Any, n: int) -> list[str]:
    if values is None:
        return ["?"] * n
    known: dict[str, str] = {}
    for value in {str(v).strip() for v in values}:
        known[value] = _FID.get(value) or band(value[:40]).name
    return [known[str(value).strip()] for value in values]


def _optional(columns: Mapping[str, Any], name: str, n: int) -> Floats:
    return numbers(columns[name]) if name in columns else np.full(n, np.nan)


def _id(value: Any) -> int | str | None:
    written = str(value).strip()
    return int(written) if written.isascii() and written.isdigit() else written or None
