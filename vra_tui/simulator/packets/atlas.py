"""ATLAS's alert packets: one detection each with its flags, science and difference stamp; no history."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.flux import microjansky
from vra_tui.simulator.api_json import expnames
from vra_tui.simulator.batch import Ints
from vra_tui.simulator.packets.imaging import is_in_template, is_odd, looks
from vra_tui.simulator.packets.rows import Row, rows_of
from vra_tui.simulator.packets.sightings import Sightings, owners
from vra_tui.simulator.stamps import ATLAS, Cutouts, StampSource

#: Columns and rows of the detector.
_DETECTOR = 10_560
#: What the survey's sorting makes of each kind, in parts of a thousand: the largest of its flags.
_FLAGS: Mapping[StampSource, str] = MappingProxyType(
    {
        StampSource.TRANSIENT: "Ptr",
        StampSource.VARIABLE: "Pvr",
        StampSource.AGN: "Pvr",
        StampSource.DIPOLE: "Psc",
        StampSource.PM_STAR: "Psc",
        StampSource.COSMIC_RAY: "Pcr",
        StampSource.MOVER: "Pmv",
        StampSource.BRIGHT_STAR: "Pbn",
        StampSource.GHOST: "Pxt",
        StampSource.TRAILED_NIGHT: "Pno",
    }
)
_ALL_FLAGS = ("Pvr", "Ptr", "Pmv", "Pkn", "Pno", "Pbn", "Pcr", "Pxt", "Psc")
#: How the fit is called that finds a source, and one that finds a negative source.
_FIXED, _NEGATIVE = 0, 5


class AtlasPackets:
    """The packets of a batch, whose columns are worked out once."""

    def __init__(self, sent: Sightings, rng: np.random.Generator) -> None:
        self._sent = sent
        self._names = sent.batch.alerts["object_id"].tolist()
        codes = [unit.code for unit in sent.instrument.units]
        self._units = [codes[unit] for unit in sent.batch.detections["unit"].tolist()]
        self._rows = _candidates(sent, codes, rng)

    def value(self, packet: int, stamps: Cutouts | None) -> Row:
        """Return what packet number ``packet`` holds."""
        row = int(self._sent.row[packet])
        candidate = self._rows[row]
        value: Row = {
            "schemavsn": "0.1",
            "publisher": f"vra-tui, simulated {self._units[row]}",
            "objectId": self._names[int(self._sent.owner[packet])],
            "candid": candidate["candid"],
            "candidate": candidate,
        }
        for key, letter, name in (("cutoutScience", "i", "science"), ("cutoutDifference", "d", "difference")):
            data = None if stamps is None else getattr(stamps, name)
            file = f"{candidate['candid']}_{letter}stamp.fits"
            value[key] = None if data is None else {"fileName": file, "stampData": data}
        return value


def _candidates(sent: Sightings, codes: list[str], rng: np.random.Generator) -> list[Row]:
    """The candidate of every detection of the batch."""
    batch, seen = sent.batch, sent.batch.detections
    owner, n = owners(seen), len(seen)
    kind = looks(batch)[owner]
    mag, magerr = (seen[name].astype(np.float64) for name in ("mag", "magerr"))
    flux = microjansky(mag)
    names = expnames(seen, codes)
    is_second = seen["dup"].astype(np.int64) < 0
    number = 2 * ((sent.first + owner) % 500_000) + is_second
    size = seen["fwhm"].astype(np.float64) / ATLAS.pixel
    odd = is_odd(kind)
    size = np.where(kind == StampSource.COSMIC_RAY, 0.5, 1.0) * size
    stretch = 1.0 + np.abs(rng.standard_normal(n)) * np.where(odd, 0.3, 0.06)
    template = np.where(
        is_in_template(kind), np.abs(flux) * (1.0 + 30.0 * rng.random(n)), 40.0 * rng.standard_normal(n)
    )
    columns: dict[str, NDArray[np.generic]] = {
        "mjd": seen["mjd"].astype(np.float64),
        "filter": np.array([name[-1] for name in names], dtype=np.str_),
        "pid": np.array([_image_number(name) for name in names], dtype=np.int64),
        "candid": np.array(
            [f"{name}_{i:06d}" for name, i in zip(names, number.tolist(), strict=True)], dtype=np.str_
        ),
        # As in the survey's own packets, where it is the opposite of what their schema says.
        "isdiffpos": np.where(mag < 0, "t", "f"),
        "X": np.round(_DETECTOR * rng.random(n), 2),
        "Y": np.round(_DETECTOR * rng.random(n), 2),
        "RA": seen["ra"].astype(np.float64),
        "Dec": seen["dec"].astype(np.float64),
        "Mag": mag,
        "Dmag": magerr,
        "flux": flux,
        "Dflux": flux * magerr,
        "Major": np.round(size * stretch, 2),
        "Minor": np.round(size / stretch, 2),
        "rb": sent.score,
        "Phi": np.round(180.0 * rng.random(n), 1),
        "Det": np.where(mag < 0, _NEGATIVE, _FIXED),
        "ChiN": np.round(rng.lognormal(np.where(odd, 2.0, 0.2), 0.5), 2),
        "Dup": seen["dup"].astype(np.int64),
        "WPflx": np.round(template, 1),
        "Dflx": np.round(1.0 + 4.0 * rng.random(n), 1),
        **_flags(kind, rng),
    }
    return rows_of(columns)


def _flags(kind: Ints, rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    """The nine flags of each detection: what it probably is, parts of a thousand, often one of them alone."""
    n = len(kind)
    share = np.round(1000.0 * rng.beta(4.0, 1.0, n)).astype(np.int64)
    rest = np.where(rng.random(n) < 0.5, 999 - np.minimum(share, 999), 0)
    mine = np.array([_FLAGS.get(StampSource(value), "Pno") for value in kind.tolist()], dtype=np.str_)
    flags = {name: np.where(mine == name, share, 0) for name in _ALL_FLAGS}
    flags["Pno"] = np.where(mine == "Pno", share, rest)
    return dict(flags)


def _image_number(exposure: str) -> Any:
    """The number of an exposure: ``02a59543o0040o`` is 2 59543 0040."""
    return int(exposure[:2] + exposure[3:8] + exposure[9:13])
