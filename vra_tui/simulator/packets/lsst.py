"""Rubin's alert packets: source, earlier sources, forced sources, object, cutouts. No limits, nJy, TAI."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.times import tai_of_mjd
from vra_tui.simulator.batch import Floats, Ints, Section
from vra_tui.simulator.packets.imaging import is_in_template, looks
from vra_tui.simulator.packets.rows import Row, rows_of
from vra_tui.simulator.packets.sightings import Sightings, before, owners
from vra_tui.simulator.stamps import Cutouts, StampSource

_ZERO_POINT = 31.4
_SIGMA_OF_FWHM = 2.354820045
#: Packets look back a year for sources, and so long for forced ones.
_SOURCES_DAYS, _FORCED_DAYS = 365.0, 30.0
_PROCESSED_DAYS = 0.0015
_SOLAR_SYSTEM_KNOWN = 0.6
_BANDS = "ugrizy"
#: Measured as dipoles: this share of what is one.
_DIPOLES_FITTED = 0.6


class LsstPackets:
    """The packets of a batch, whose columns are worked out once."""

    def __init__(self, sent: Sightings, rng: np.random.Generator) -> None:
        self._sent, batch = sent, sent.batch
        self._ids = batch.alerts["alert_id"].astype(np.int64)
        kind = looks(batch)
        self._solar = (kind == StampSource.MOVER) & (rng.random(len(batch)) < _SOLAR_SYSTEM_KNOWN)
        self._sources = _sources(sent, kind, self._solar, rng)
        self._forced = _forced(sent)
        self._ra, self._dec = (batch.alerts[name].tolist() for name in ("ra", "dec"))
        self._flux = np.array([one["psfFlux"] for one in self._sources])
        self._error = np.array([one["psfFluxErr"] for one in self._sources])

    def value(self, packet: int, stamps: Cutouts | None) -> Row:
        """Return what packet number ``packet`` holds."""
        sent, batch = self._sent, self._sent.batch
        owner, row, mjd = int(sent.owner[packet]), int(sent.row[packet]), float(sent.mjd[packet])
        until = mjd - 1e-6
        seen = before(batch.detections, owner, mjd - _SOURCES_DAYS, until)
        forced = before(batch.forced, owner, mjd - _FORCED_DAYS, until)
        source = self._sources[row]
        solar = bool(self._solar[owner])
        value: Row = {
            "diaSourceId": source["diaSourceId"],
            "observation_reason": "simulated",
            "target_name": None,
            "diaSource": source,
            # A source of the solar system has no object, and no history of one.
            "prvDiaSources": None if solar else self._sources[seen] or None,
            "prvDiaForcedSources": None if solar else self._forced[forced] or None,
            "diaObject": None if solar else self._object(owner, seen.start, row),
            "ssSource": self._solar_source(owner, source) if solar else None,
        }
        for name in ("difference", "science", "template"):
            value[f"cutout{name.title()}"] = None if stamps is None else getattr(stamps, name)
        return value

    def _object(self, owner: int, first: int, row: int) -> Row:
        sources = self._sources[first : row + 1]
        body: Row = {
            "diaObjectId": int(self._ids[owner]),
            "validityStartMjdTai": sources[-1]["timeProcessedMjdTai"],
            "ra": self._ra[owner],
            "dec": self._dec[owner],
            "raErr": 1e-5,
            "decErr": 1e-5,
            "firstDiaSourceMjdTai": sources[0]["midpointMjdTai"],
            "lastDiaSourceMjdTai": sources[-1]["midpointMjdTai"],
            "nDiaSources": len(sources),
        }
        bands = np.array([source["band"] for source in sources])
        for band in _BANDS:
            mine = first + np.flatnonzero(bands == band)
            body[f"{band}_psfFluxNdata"] = len(mine)
            if len(mine):
                weight = self._error[mine] ** -2.0
                body[f"{band}_psfFluxMean"] = float(np.average(self._flux[mine], weights=weight))
                body[f"{band}_psfFluxMeanErr"] = float(weight.sum() ** -0.5)
        return body

    def _solar_source(self, owner: int, source: Row) -> Row:
        size = _ZERO_POINT - 2.5 * np.log10(abs(source["psfFlux"]))
        return {
            "diaSourceId": source["diaSourceId"],
            "ssObjectId": source["ssObjectId"],
            "designation": f"2024 S{chr(65 + owner % 26)}{owner % 997}",
            "ephVmag": float(size + 0.2),
            "ephOffset": 0.1,
        }


def _sources(sent: Sightings, kind: Ints, solar: NDArray[np.bool_], rng: np.random.Generator) -> list[Row]:
    """The source of every detection of the batch."""
    batch, seen = sent.batch, sent.batch.detections
    owner, n = owners(seen), len(seen)
    look = kind[owner]
    mag = seen["mag"].astype(np.float64)
    error = _error(seen)
    flux = np.sign(mag) * 10.0 ** (-0.4 * (np.abs(mag) - _ZERO_POINT))
    is_dipole = np.isin(look, (StampSource.DIPOLE, StampSource.PM_STAR)) & (rng.random(n) < _DIPOLES_FITTED)
    odd = is_dipole | np.isin(look, (StampSource.BRIGHT_STAR, StampSource.GHOST, StampSource.TRAILED_NIGHT))
    sharp = look == StampSource.COSMIC_RAY
    psf = (seen["fwhm"].astype(np.float64) / _SIGMA_OF_FWHM) ** 2
    # Second moments of what was found: a cosmic ray is smaller than the PSF, a dipole longer.
    size = psf * np.where(sharp, 0.3, 1.0) * (1.0 + 0.1 * rng.standard_normal(n))
    stretch = np.abs(rng.standard_normal(n)) * np.where(odd, 0.8, 0.12)
    angle = 2.0 * np.pi * rng.random(n)
    # A trail is fitted to everything, and is as long as the seeing is wide.
    trail = np.abs(1.0 + 0.35 * rng.standard_normal(n)) + 0.3 * (look == StampSource.MOVER)
    template = np.where(is_in_template(look), np.abs(flux) * (1.0 + 3.0 * rng.random(n)), 30.0)
    exposure = _exposure(seen, owner)
    no = np.zeros(n, dtype=bool)
    columns: dict[str, NDArray[Any]] = {
        **exposure,
        "diaSourceId": _ids(seen, sent.first + owner, 0),
        "diaObjectId": np.where(solar, 0, batch.alerts["alert_id"].astype(np.int64))[owner],
        "ssObjectId": np.where(solar, 21_163_620_000_000_000 + sent.first + np.arange(len(batch)), 0)[owner],
        "parentDiaSourceId": np.zeros(n, dtype=np.int64),
        "ra": seen["ra"].astype(np.float64),
        "dec": seen["dec"].astype(np.float64),
        "raErr": 0.3 * seen["fwhm"].astype(np.float64) * error / np.abs(flux) / 3600.0,
        "decErr": 0.3 * seen["fwhm"].astype(np.float64) * error / np.abs(flux) / 3600.0,
        "x": 4000.0 * rng.random(n),
        "y": 4000.0 * rng.random(n),
        "apFlux": flux * (1.0 + 0.05 * rng.standard_normal(n)),
        "apFluxErr": 1.7 * error,
        "isNegative": flux < 0,
        "snr": np.abs(flux) / error,
        "psfFlux": flux,
        "psfFluxErr": error,
        "psfChi2": 1681.0
        * (1.0 + np.where(odd | sharp, rng.exponential(1.0, n), 0.05 * rng.standard_normal(n))),
        "psfNdata": np.full(n, 1681),
        "trailLength": trail,
        "trailAngle": np.degrees(angle) - 180.0,
        "dipoleLength": np.where(is_dipole, 0.3 + 0.5 * rng.random(n), np.nan),
        "dipoleAngle": np.where(is_dipole, np.degrees(angle), np.nan),
        "scienceFlux": template + flux,
        "scienceFluxErr": error,
        "templateFlux": template,
        "templateFluxErr": 0.05 * error,
        "ixx": size * (1.0 + 0.5 * stretch * (1.0 + np.cos(2.0 * angle))),
        "iyy": size * (1.0 + 0.5 * stretch * (1.0 - np.cos(2.0 * angle))),
        "ixy": 0.5 * size * stretch * np.sin(2.0 * angle),
        "ixxPSF": psf,
        "iyyPSF": psf,
        "ixyPSF": np.zeros(n),
        "extendedness": np.where(odd, rng.random(n), 0.15 * rng.random(n) ** 2),
        "reliability": sent.score,
        "isDipole": is_dipole,
        "dipoleFitAttempted": odd,
        "bboxSize": 20 + rng.integers(0, 12, n),
        "centroid_flag": no,
        "pixelFlags": sharp | odd & (rng.random(n) < 0.2),
        "pixelFlags_bad": no,
        "pixelFlags_cr": sharp & (rng.random(n) < 0.5),
        "pixelFlags_crCenter": no,
        "pixelFlags_edge": no,
        "pixelFlags_saturated": look == StampSource.BRIGHT_STAR,
        "pixelFlags_saturatedCenter": no,
        "pixelFlags_streak": no,
        "glint_trail": no,
    }
    return _with_nulls(rows_of(columns), ("dipoleLength", "dipoleAngle"))


def _with_nulls(rows: list[Row], names: tuple[str, ...]) -> list[Row]:
    for row in rows:
        for name in names:
            if row[name] != row[name]:
                row[name] = None
    return rows


def _forced(sent: Sightings) -> list[Row]:
    """Forced sources: difference flux at every visit, detection or not."""
    batch, section = sent.batch, sent.batch.forced
    owner = owners(section)
    columns: dict[str, NDArray[Any]] = {
        **_exposure(section, owner),
        "diaForcedSourceId": _ids(section, sent.first + owner, 1),
        "diaObjectId": batch.alerts["alert_id"].astype(np.int64)[owner],
        "ra": batch.alerts["ra"].astype(np.float64)[owner],
        "dec": batch.alerts["dec"].astype(np.float64)[owner],
        "psfFlux": section["flux"].astype(np.float64) * 1e3,
        "psfFluxErr": section["dflux"].astype(np.float64) * 1e3,
    }
    return rows_of(columns)


def _exposure(section: Section, owner: Ints) -> dict[str, NDArray[Any]]:
    tai = tai_of_mjd(section["mjd"].astype(np.float64))
    return {
        "visit": section["night"].astype(np.int64) * 10_000 + section["number"].astype(np.int64),
        "detector": owner % 189,
        "midpointMjdTai": tai,
        "timeProcessedMjdTai": tai + _PROCESSED_DAYS,
        "band": np.array([chr(letter) for letter in section["filter"].tolist()], dtype="<U1"),
    }


def _error(section: Section) -> Floats:
    """Errors of fluxes in nJy for 5-sigma limits."""
    return 0.2 * 10.0 ** (-0.4 * (section["limit"].astype(np.float64) - _ZERO_POINT))


def _ids(section: Section, owner: Ints, which: int) -> Ints:
    """18-digit ids of sources: exposure, object, and which table."""
    exposure = (section["night"].astype(np.int64) - 40_000) * 2_000 + section["number"].astype(np.int64)
    # No two rows of one exposure and object exist: owner and exposure tell all apart.
    return 170_000_000_000_000_000 + exposure * 10_000_000 + owner * 10 + which
