"""ZTF's alert packets: candidate, history with limits, forced photometry, cutouts."""

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import ZERO_POINT
from vra_tui.simulator.batch import Batch, Floats, Section
from vra_tui.simulator.packets.imaging import is_odd, looks
from vra_tui.simulator.packets.rows import Row, rows_of
from vra_tui.simulator.packets.schemas import ZTF_HISTORY
from vra_tui.simulator.packets.sightings import Sightings, before, owners
from vra_tui.simulator.stamps import Cutouts, StampSource

_JD_ZERO = 2_400_000.5
#: Night 1 of ZTF's count, which begins its image numbers.
_FIRST_JD = 2_457_754.5
_PIXEL = 1.012
_FIDS = {ord("g"): 1, ord("r"): 2, ord("i"): 3}
#: Packets look back so many days.
_HISTORY_DAYS = 30.0
#: What ZTF writes for a number that there is none of.
_NONE = -999.0
#: Median magnitude zero points of an exposure of 30 s.
_ZERO_POINT = {1: 26.30, 2: 26.25, 3: 25.60}
_SOLAR_SYSTEM_KNOWN = 0.8


class ZtfPackets:
    """The packets of a batch, whose columns are worked out once."""

    def __init__(self, sent: Sightings, rng: np.random.Generator) -> None:
        self._sent, batch = sent, sent.batch
        self._names = batch.alerts["object_id"].tolist()
        self._own = _Objects(batch, rng)
        self._rows = _candidates(sent, self._own, rng)
        self._limits = _limit_rows(batch.nondetections, self._own)
        self._forced = _forced_rows(batch, self._own)

    def value(self, packet: int, stamps: Cutouts | None) -> Row:
        """Return what packet number ``packet`` holds."""
        sent, batch = self._sent, self._sent.batch
        owner, row, mjd = int(sent.owner[packet]), int(sent.row[packet]), float(sent.mjd[packet])
        start = int(batch.detections.start[owner])
        until = mjd - 1e-6
        seen = before(batch.detections, owner, mjd - _HISTORY_DAYS, until)
        missed = before(batch.nondetections, owner, mjd - _HISTORY_DAYS, until)
        forced = before(batch.forced, owner, mjd - _HISTORY_DAYS, until)
        history = [{name: self._rows[i][name] for name in ZTF_HISTORY} for i in range(seen.start, seen.stop)]
        history += self._limits[missed]
        history.sort(key=lambda one: one["jd"])
        candidate = {
            **self._rows[row],
            **self._own.context[owner],
            "ndethist": row - start + 1,
            "ncovhist": self._own.covered[owner],
            "jdstarthist": self._rows[start]["jd"],
            "jdendhist": self._rows[row]["jd"],
        }
        value: Row = {
            "schemavsn": "4.02",
            "publisher": "vra-tui (simulated)",
            "objectId": self._names[owner],
            "candid": candidate["candid"],
            "candidate": candidate,
            "prv_candidates": history or None,
            "fp_hists": self._forced[forced] or None,
        }
        for key, what, name in _CUTOUTS:
            data = None if stamps is None else getattr(stamps, name)
            file = f"candid{candidate['candid']}_pid{candidate['pid']}_targ_{what}.fits.gz"
            value[key] = None if data is None else {"fileName": file, "stampData": data}
        return value


_CUTOUTS = (
    ("cutoutScience", "sci", "science"),
    ("cutoutTemplate", "ref", "template"),
    ("cutoutDifference", "scimref", "difference"),
)


class _Objects:
    """What stays the same from packet to packet of an object: its catalogued neighbours."""

    def __init__(self, batch: Batch, rng: np.random.Generator) -> None:
        n = len(batch)
        match = batch.matches
        catalogue = match["catalogue"].astype(np.str_)
        self.is_star = np.isin(catalogue, ("star", "cv"))
        self.has_match = catalogue != "none"
        self.kind = looks(batch)
        separation = match["separation"].astype(np.float64)
        # Without a match the nearest source of the catalogue is one by chance.
        stray = 4.0 + rng.exponential(8.0, n)
        self.separation = np.round(np.where(self.has_match, separation, np.minimum(stray, 29.0)), 4)
        faint = 18.5 + 3.5 * rng.random(n) ** 0.6
        self.mag = np.where(self.has_match, match["magnitude"].astype(np.float64), faint)
        self.ra, self.dec = (batch.alerts[name].astype(np.float64) for name in ("ra", "dec"))
        self.field = 250 + rng.integers(0, 600, n)
        self.rcid = rng.integers(0, 64, n)
        self.covered = (np.diff(batch.detections.start) + np.diff(batch.nondetections.start)).tolist()
        self.nuclear = np.isin(catalogue, ("galaxy", "agn"))
        self.context = self._context(rng)

    def _context(self, rng: np.random.Generator) -> list[Row]:
        n = len(self.mag)
        starlike = np.where(self.is_star, 1.0 - 0.15 * rng.random(n) ** 4, 0.9 * rng.random(n) ** 3)
        # Of what is there by chance nobody knows whether it is a star.
        starlike = np.where(self.has_match, starlike, rng.random(n))
        colour = np.where(
            self.is_star, 0.5 + 0.4 * rng.standard_normal(n), 0.7 + 0.2 * rng.standard_normal(n)
        )
        gaia = self.is_star & (self.mag < 20.5)
        near_gaia = np.where(gaia, self.separation + 0.05 * rng.random(n), 8.0 + rng.exponential(25.0, n))
        gaia_mag = np.where(gaia, self.mag - 0.1, 15.0 + 5.0 * rng.random(n))
        bright = gaia & (self.mag < 14.0)
        columns = {
            "objectidps1": _catalogue_ids(self.ra, self.dec, 0),
            "sgmag1": self.mag + colour,
            "srmag1": self.mag,
            "simag1": self.mag - 0.5 * colour,
            "szmag1": self.mag - 0.7 * colour,
            "sgscore1": starlike,
            "distpsnr1": self.separation,
            "nmtchps": 1 + rng.poisson(4.0, n),
            "neargaia": near_gaia,
            "maggaia": gaia_mag,
            "neargaiabright": np.where(bright, near_gaia, _NONE),
            "maggaiabright": np.where(bright, gaia_mag, _NONE),
        }
        for number in (2, 3):
            there = rng.random(n) < (0.75, 0.55)[number - 2]
            away = self.separation + rng.exponential(7.0, n) + 1.0
            mag = 18.0 + 4.0 * rng.random(n) ** 0.6
            columns |= {
                f"objectidps{number}": np.where(there, _catalogue_ids(self.ra, self.dec, number), -999),
                f"distpsnr{number}": np.where(there, away, _NONE),
                f"sgscore{number}": np.where(there, rng.random(n), _NONE),
            }
            for band, shift in zip("griz", (0.6, 0.0, -0.3, -0.4), strict=True):
                columns[f"s{band}mag{number}"] = np.where(there, mag + shift, _NONE)
        fixed: Row = {
            "tooflag": 0, "jdstartref": 2_458_200.9, "jdendref": 2_458_450.7, "nframesref": 15,
            "drbversion": "simulated", "rfid": 1, "exptime": 30.0, "nmatches": 350, "zpmed": 26.2,
            "clrmed": 0.7, "clrrms": 0.25, "zpclrcov": -5e-6, "dsnrms": 8.0, "ssnrms": 20.0, "dsdiff": -12.0,
        }  # fmt: skip
        return [fixed | row for row in rows_of(columns)]


def _candidates(sent: Sightings, own: _Objects, rng: np.random.Generator) -> list[Row]:
    """The candidate of every detection, without what its packet knows of the object."""
    seen = sent.batch.detections
    owner, n = owners(seen), len(seen)
    mag = seen["mag"].astype(np.float64)
    fid = _fid(seen)
    fwhm = seen["fwhm"].astype(np.float64) / _PIXEL * (1.0 + 0.05 * rng.standard_normal(n))
    kind = own.kind[owner]
    odd = is_odd(kind)
    sharp = kind == StampSource.COSMIC_RAY
    fwhm = np.where(sharp, 0.45 * fwhm, fwhm)
    elong = 1.04 + np.abs(rng.standard_normal(n)) * np.where(odd, 0.45, 0.12)
    limit = seen["limit"].astype(np.float64)
    size = np.abs(mag)
    mover = (kind == StampSource.MOVER) & _known(own, rng)[owner]
    solar_mag = np.where(mover, size + 0.2 * rng.standard_normal(n), _NONE)
    aimage = 0.9 * np.sqrt(elong)
    columns: dict[str, NDArray[np.generic]] = {
        **_exposure(seen, own.rcid[owner]),
        "isdiffpos": np.where(mag < 0, "f", "t"),
        "tblid": 1 + owner % 40,
        "field": own.field[owner],
        "xpos": 30.0 + 3000.0 * rng.random(n),
        "ypos": 30.0 + 3000.0 * rng.random(n),
        "ra": seen["ra"].astype(np.float64),
        "dec": seen["dec"].astype(np.float64),
        "magpsf": size,
        "sigmapsf": seen["magerr"].astype(np.float64),
        "chipsf": np.abs(1.5 + 0.8 * rng.standard_normal(n)) * np.where(odd, 4.0, 1.0),
        "magap": size + 0.1 * rng.standard_normal(n),
        "sigmagap": seen["magerr"].astype(np.float64),
        "magdiff": 0.1 * rng.standard_normal(n),
        "magapbig": size + 0.15 * rng.standard_normal(n),
        "sigmagapbig": 1.3 * seen["magerr"].astype(np.float64),
        "distnr": own.separation[owner] / _PIXEL,
        "magnr": own.mag[owner] + 0.02 * rng.standard_normal(n),
        "sigmagnr": np.full(n, 0.02),
        "chinr": np.abs(0.8 + 0.3 * rng.standard_normal(n)),
        "sharpnr": np.where(own.is_star[owner], 0.0, 0.2) + 0.05 * rng.standard_normal(n),
        "ranr": np.round(own.ra[owner], 7),
        "decnr": np.round(own.dec[owner], 7),
        "sky": 0.3 * rng.standard_normal(n),
        "fwhm": fwhm,
        "classtar": np.where(odd, 0.6 * rng.random(n), 1.0 - 0.5 * rng.random(n) ** 2),
        "mindtoedge": 30.0 + 1400.0 * rng.random(n),
        "magfromlim": limit - size,
        "seeratio": np.where(sharp, 0.6, 1.0) * (1.0 + 0.15 * rng.standard_normal(n)),
        "aimage": aimage,
        "bimage": aimage / elong,
        "aimagerat": aimage / fwhm,
        "bimagerat": aimage / elong / fwhm,
        "elong": elong,
        "nneg": rng.poisson(np.where(odd, 9.0, 2.0)),
        "nbad": np.where(odd, rng.poisson(0.5, n), 0),
        "rb": np.clip(sent.score**0.5 * (0.9 + 0.1 * rng.random(n)) - 0.03, 0.0, 1.0),
        "drb": sent.score,
        "ssdistnr": np.where(mover, 0.3 + rng.exponential(0.8, n), _NONE),
        "ssmagnr": solar_mag,
        "ssnamenr": np.where(mover, (40_000 + owner).astype(np.str_), "null"),
        "sumrat": np.where(odd, 0.2 + 0.5 * rng.random(n), 1.0 - 0.1 * rng.random(n) ** 3),
        "scorr": 1.0857 / np.maximum(seen["magerr"].astype(np.float64), 1e-3),
        "rbversion": np.full(n, "simulated"),
        **_photometry(fid),
    }
    columns["candid"] = columns["pid"].astype(np.int64) * 1_000_000 + 15_000 + (sent.first + owner) % 900_000
    return list(rows_of(columns))


def _known(own: _Objects, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Tell which asteroids have an orbit, so that the packet names them."""
    return rng.random(len(own.mag)) < _SOLAR_SYSTEM_KNOWN


def _exposure(section: Section, rcid: NDArray[np.integer]) -> dict[str, NDArray[np.generic]]:
    """The first columns of a candidate or limit: time, band, image number."""
    mjd = section["mjd"].astype(np.float64)
    jd = np.round(mjd + _JD_ZERO, 7)
    since = jd - _FIRST_JD
    nid = np.floor(since).astype(np.int64)
    fraction = np.floor((since - nid) * 1e6).astype(np.int64)
    n = len(mjd)
    return {
        "jd": jd,
        "fid": _fid(section),
        "pid": (nid * 1_000_000 + fraction) * 1000 + rcid * 10 + 5,
        "diffmaglim": section["limit"].astype(np.float64),
        "pdiffimfilename": np.full(n, "simulated"),
        "programpi": np.full(n, "simulated"),
        "programid": np.ones(n, dtype=np.int64),
        "nid": nid,
        "rcid": rcid,
    }


def _fid(section: Section) -> NDArray[np.int64]:
    table = np.zeros(256, dtype=np.int64)
    for letter, fid in _FIDS.items():
        table[letter] = fid
    return table[section["filter"].astype(np.uint8)]


def _zero_point(fid: NDArray[np.integer]) -> Floats:
    return np.array([np.nan, *_ZERO_POINT.values()])[fid]


def _photometry(fid: NDArray[np.integer]) -> dict[str, NDArray[np.generic]]:
    n = len(fid)
    return {
        "magzpsci": _zero_point(fid),
        "magzpsciunc": np.full(n, 1e-5),
        "magzpscirms": np.full(n, 0.03),
        "clrcoeff": np.where(fid == 1, -0.06, 0.1),
        "clrcounc": np.full(n, 1e-5),
    }


def _limit_rows(section: Section, own: _Objects) -> list[Row]:
    """Rows of the history without a detection: magnitude, id, sign and place are empty."""
    owner = owners(section)
    columns = {
        **_exposure(section, own.rcid[owner]),
        "field": own.field[owner],
        "rbversion": np.full(len(section), "simulated"),
    }
    columns |= _photometry(_fid(section))
    empty = dict.fromkeys(ZTF_HISTORY)
    return [empty | row for row in rows_of(columns)]


def _forced_rows(batch: Batch, own: _Objects) -> list[Row]:
    """Rows of `fp_hists`: fluxes in DN, with the zero point of their exposure."""
    section = batch.forced
    owner = owners(section)
    fid = _fid(section)
    # Microjansky to DN: AB 23.9 against the exposure's zero point.
    scale = 10.0 ** (0.4 * (_zero_point(fid) - ZERO_POINT))
    exposure = _exposure(section, own.rcid[owner])
    columns: dict[str, NDArray[np.generic]] = {
        **{name: exposure[name] for name in ("jd", "fid", "pid", "diffmaglim", "programid", "rcid")},
        **_photometry(fid),
        "field": own.field[owner],
        "rfid": np.ones(len(section), dtype=np.int64),
        "sciinpseeing": np.full(len(section), 2.0),
        "exptime": np.full(len(section), 30.0),
        "forcediffimflux": section["flux"].astype(np.float64) * scale,
        "forcediffimfluxunc": section["dflux"].astype(np.float64) * scale,
        "procstatus": np.full(len(section), "0"),
        "distnr": own.separation[owner] / _PIXEL,
        "magnr": own.mag[owner],
        "ranr": np.round(own.ra[owner], 7),
        "decnr": np.round(own.dec[owner], 7),
    }
    return list(rows_of(columns))


def _catalogue_ids(ra: Floats, dec: Floats, number: int) -> NDArray[np.int64]:
    """Numbers in the manner of PS1's: 30 arcsec of declination, then right ascension."""
    zone = np.floor((dec + 90.0) * 120.0).astype(np.int64)
    return (zone * 10_000_000_000 + (ra * 1e7).astype(np.int64)) * 1000 + number
