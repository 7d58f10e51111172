"""Epochs of LSST packets as columns: sources, forced sources and limits, in the survey's units.

Fluxes are nJy, times TAI (Rubin data products, DPDD LSE-163); the domain wants microjansky and UTC.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Refused
from vra_tui.domain.building import NamedColumns
from vra_tui.domain.times import mjd_of_tai
from vra_tui.surveys.values import Floats, column, columns, identity, within

Rows = Sequence[Mapping[str, Any]]

INSTRUMENT = "LSSTCam"
#: AB magnitude of one nanojansky.
ZERO_POINT = 31.4
_NANO_PER_MICRO = 1e3
_LIMIT_SIGMA = 5.0
_BANDS = frozenset("ugrizy")
_DETECTED = ("psfFlux", "psfFluxErr", "midpointMjdTai", "ra", "dec", "reliability")
_MJD = (50_000.0, 99_999.0)


def detections(sources: Rows, where: str = "diaSource") -> NamedColumns:
    """Columns of detections. Raises Refused for a value of the wrong type, or a source without a time."""
    flux, error, tai, ra, dec, score = columns(sources, _DETECTED, where)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        size = ZERO_POINT - 2.5 * np.log10(np.abs(flux))
        magerr = 2.5 / np.log(10.0) * error / np.abs(flux)
        limit = ZERO_POINT - 2.5 * np.log10(np.where(error > 0, _LIMIT_SIGMA * error, np.nan))
    # A magnitude of exactly no flux does not exist; one beyond 60 is a number gone wrong.
    size = np.where(np.isfinite(size) & (np.abs(size) < 60.0), size, np.nan)
    mjd = _utc(tai, where)
    return {
        "mjd": mjd,
        "ra": within(ra, 0.0, 360.0, f"{where}.ra"),
        "dec": within(_declination(dec, sources, where), -90.0, 90.0, f"{where}.dec"),
        "mag": np.copysign(size, flux),
        "magerr": np.where(np.isfinite(magerr), magerr, np.nan),
        "limit": np.where(np.abs(limit) < 32.0, limit, np.nan),
        "score": score,
        "source_id": _ids(sources, mjd, where),
        "instrument": [INSTRUMENT] * len(sources),
        "band": band_names(sources),
    }


def forced(sources: Rows, where: str = "prvDiaForcedSources") -> NamedColumns:
    """Columns of forced photometry, microjansky; points whose flux could not be measured are left out."""
    if not len(sources):
        return {}
    flux, error = column(sources, "psfFlux", where), column(sources, "psfFluxErr", where)
    measured = np.isfinite(flux) & np.isfinite(error)
    kept = [row for row, is_measured in zip(sources, measured.tolist(), strict=True) if is_measured]
    return {
        "mjd": times(kept, where),
        "flux": flux[measured] / _NANO_PER_MICRO,
        "dflux": error[measured] / _NANO_PER_MICRO,
        "instrument": [INSTRUMENT] * len(kept),
        "band": band_names(kept),
    }


def limits(nondetections: Rows, where: str = "prvDiaNondetectionLimits") -> NamedColumns:
    """Columns of non-detections (schema 7 only): the 5-sigma limit that `diaNoise`, nJy, stands for."""
    if not len(nondetections):
        return {}
    noise = column(nondetections, "diaNoise", where)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = ZERO_POINT - 2.5 * np.log10(np.where(noise > 0, _LIMIT_SIGMA * noise, np.nan))
    return {
        "mjd": times(nondetections, where),
        "limit": np.where(np.abs(limit) < 32.0, limit, np.nan),
        "instrument": [INSTRUMENT] * len(nondetections),
        "band": band_names(nondetections),
    }


def times(section: Rows, where: str) -> Floats:
    """MJD (UTC) of rows. Raises Refused where one is missing or lies outside of what can be kept."""
    return _utc(column(section, "midpointMjdTai", where), where)


def _utc(tai: Floats, where: str) -> Floats:
    missing = np.isnan(tai)
    if missing.any():
        raise Refused(f"{where}[{int(np.argmax(missing))}].midpointMjdTai is missing")
    within(tai, *_MJD, f"{where}.midpointMjdTai")
    return mjd_of_tai(tai)


def declination(section: Rows, where: str) -> Floats:
    """Declination, degrees: `dec`, or `decl` as Lasair writes it for its database's sake."""
    return _declination(column(section, "dec", where), section, where)


def _declination(dec: Floats, section: Rows, where: str) -> Floats:
    return np.where(np.isnan(dec), column(section, "decl", where), dec) if np.isnan(dec).any() else dec


def band_names(section: Rows) -> list[str]:
    """Names of bands; `?` where it is none of the six."""
    return [band if band in _BANDS else "?" for band in (_name(row.get("band")) for row in section)]


def _name(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _ids(sources: Rows, mjd: Floats, where: str) -> NDArray[np.uint64]:
    told = [_id(row, where) for row in sources]
    ids = np.array(told, dtype=np.uint64)
    if len(set(told)) == len(told):
        return ids
    # One id at several times (packets made for tests have it) tells no detections apart: their times do.
    order = np.lexsort((mjd, ids))
    same = (ids[order][1:] == ids[order][:-1]) & (np.diff(mjd[order]) > 0)
    return np.where(np.isin(ids, ids[order][1:][same]), np.uint64(0), ids) if same.any() else ids


def _id(row: Mapping[str, Any], where: str) -> int:
    # Anything else than a positive whole number (Lasair's short form has none) is no id.
    value = row.get("diaSourceId")
    if type(value) is int and 0 < value < 2**63:
        return value
    return identity(value, f"{where}.diaSourceId") or 0
