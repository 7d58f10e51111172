"""Light curves of anyone's survey, from tables with named columns."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, Fact, Refused
from vra_tui.domain.bands import band
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.epochs import source_id_of
from vra_tui.domain.flux import LIMIT_SIGMA, ZERO_POINT, magnitude, magnitude_error
from vra_tui.domain.times import mjd_of_jd, mjd_of_tai
from vra_tui.surveys.base import EpochTable, Packet, Survey
from vra_tui.surveys.numbers import numbers

Floats = NDArray[np.float64]

#: Our name of a column, and what others call it; case and blanks make no difference. Fluxes say their unit
#: by their name (`ujy`, `njy`), or by a zero point (AB) beside them.
COLUMNS: Mapping[str, Sequence[str]] = {
    "mjd": ("mjd", "mjd_utc", "time_mjd", "obsmjd", "mjdobs", "mjd_obs", "expmjd"),
    "jd": ("jd", "jdutc", "time_jd", "obsjd"),
    "mjd_tai": ("mjd_tai", "mjdtai", "midpointmjdtai"),
    "mag": ("mag", "magnitude", "magpsf", "psfmag", "mag_ab", "m"),
    "magerr": (
        "magerr",
        "mag_err",
        "e_mag",
        "sigmapsf",
        "mag_error",
        "magnitude_error",
        "emag",
        "sigma_mag",
        "dm",
    ),
    "ujy": ("ujy", "flux_ujy", "forcediffimflux_ujy"),
    "dujy": ("dujy", "fluxerr_ujy", "ujyerr", "e_ujy"),
    "njy": ("njy", "flux_njy", "psfflux"),
    "dnjy": ("dnjy", "fluxerr_njy", "psffluxerr"),
    "flux": ("flux", "fluxcal"),
    "fluxerr": ("fluxerr", "flux_err", "e_flux", "fluxcalerr", "flux_error"),
    "zp": ("zp", "zeropoint", "zero_point", "magzp"),
    "band": ("band", "filter", "passband", "fid", "flt", "f"),
    "limit": ("limit", "limiting_mag", "diffmaglim", "maglim", "mag5sig", "upper_limit", "limmag"),
    "ra": ("ra", "radeg", "ra_deg", "meanra", "r.a."),
    "dec": ("dec", "decl", "decdeg", "dec_deg", "meandec", "de"),
    "instrument": ("instrument", "telescope", "tel", "site"),
    "score": ("score", "realbogus", "drb", "rb", "reliability"),
    "source_id": ("candid", "diasourceid", "detection_id", "det_id"),
    "z": ("z", "redshift", "host_z"),
}
_TIMES = ("mjd", "jd", "mjd_tai")
#: Numbers that ZTF writes for its bands.
_FID = {"1": "g", "2": "r", "3": "i"}


class Table(Survey):
    """A survey of which only a table of epochs is known; its alerts bear the name that the user gives."""

    name = "table"
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


def found_columns(columns: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The columns that are understood, by our names; none where a table holds no light curve."""
    theirs = {re.sub(r"\s+", "", str(name)).lower(): values for name, values in columns.items()}
    found = {
        ours: theirs[name] for ours, names in COLUMNS.items() for name in reversed(names) if name in theirs
    }
    has_time = any(name in found for name in _TIMES)
    has_brightness = any(name in found for name in ("mag", "ujy", "njy", "flux"))
    return found if has_time and has_brightness else {}


def _alert(survey: str, object_id: str, columns: Mapping[str, Any], options: Mapping[str, Any]) -> Alert:
    mjd = _mjd(columns)
    n = len(mjd)
    names = _bands(columns.get("band"), n)
    instruments = [str(v).strip()[:40] or "?" for v in columns.get("instrument", ["?"] * n)]
    ra, dec = _optional(columns, "ra", n), _optional(columns, "dec", n)
    mag, magerr, flux, dflux = _brightness(columns, n)
    limit = np.abs(_optional(columns, "limit", n))
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
        facts=_facts(columns, options, ra, dec),
        light_curve=curve,
        instruments=instrument_names,
        bands=band_names,
    )


def _mjd(columns: Mapping[str, Any]) -> Floats:
    if "mjd" in columns:
        return numbers(columns["mjd"])
    if "jd" in columns:
        return mjd_of_jd(numbers(columns["jd"]))
    return mjd_of_tai(numbers(columns["mjd_tai"]))


def _brightness(columns: Mapping[str, Any], n: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Magnitude with its error, and flux with its error in microjansky, NaN where a row has none."""
    flux, dflux = np.full(n, np.nan), np.full(n, np.nan)
    if "ujy" in columns:
        flux, dflux = _optional(columns, "ujy", n), _optional(columns, "dujy", n)
    elif "njy" in columns:
        flux, dflux = _optional(columns, "njy", n) / 1e3, _optional(columns, "dnjy", n) / 1e3
    elif "flux" in columns:
        if "zp" not in columns and "mag" not in columns:
            raise Refused(
                "its column of flux has no unit: name it ujy or njy (--columns ujy=flux), or add zp"
            )
        scale = 10.0 ** (0.4 * (ZERO_POINT - _optional(columns, "zp", n)))
        flux, dflux = _optional(columns, "flux", n) * scale, _optional(columns, "fluxerr", n) * scale
    if "mag" not in columns:
        return magnitude(flux), magnitude_error(flux, dflux), flux, dflux
    mag, magerr = _optional(columns, "mag", n), _optional(columns, "magerr", n)
    # Many write 99 for what they did not see.
    mag = np.where(np.abs(mag) < 40.0, mag, np.nan)
    return mag, np.where(magerr < 90.0, magerr, np.nan), flux, dflux


def _facts(
    columns: Mapping[str, Any], options: Mapping[str, Any], ra: Floats, dec: Floats
) -> dict[str, Fact]:
    known = np.isfinite(ra) & np.isfinite(dec)
    if not known.any():
        return _said_place(options)
    place = float(ra[known][0]) % 360.0, float(np.median(dec[known]))
    if not -90.0 <= place[1] <= 90.0:
        raise Refused(f"its declination of {place[1]:g} degrees is no place on the sky")
    # The median of differences from the first one: right also where it lies at 0 degrees.
    away = (ra[known] - place[0] + 180.0) % 360.0 - 180.0
    return {"ra": (place[0] + float(np.median(away))) % 360.0, "dec": place[1]}


def _said_place(options: Mapping[str, Any]) -> dict[str, Fact]:
    """Where the user says that it is, where its table does not."""
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
