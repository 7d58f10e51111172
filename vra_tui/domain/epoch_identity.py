"""Name single epochs of an alert alike on every machine, and tell which epochs of a light curve are named.

A detection with a source id of its own (`candid`, `diaSourceId`) is named by that: with new values, or at a
corrected time, it is the same. Any other epoch is named by its time, instrument and band, a detection also by
its place on the detector where the survey tells that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epochs import FIRST_MJD, Detections, Epochs
from vra_tui.domain.light_curve import LightCurve

Section = Literal["detections", "nondetections", "forced"]

#: The sections of a light curve, in the order of `LightCurve.sections`.
SECTIONS: tuple[Section, Section, Section] = ("detections", "nondetections", "forced")


@dataclass(frozen=True)
class CodeNames:
    """The names of instruments and of bands by their codes in packed light curves."""

    instruments: Mapping[int, str]
    bands: Mapping[int, str]


@dataclass(frozen=True, order=True)
class EpochName:
    """One epoch of an alert: its section, and its identity there."""

    section: Section
    epoch: str


#: The masks of a light curve's sections, in the order of `SECTIONS`.
Masks = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]


def identities(section: Epochs, names: CodeNames) -> list[str]:
    """The identity of each epoch of a section; two that cannot be told apart have the same one."""
    records = section.records
    ids = section.source_id.tolist() if isinstance(section, Detections) else [0] * len(section)
    own = section.has_own_id.tolist() if isinstance(section, Detections) else [False] * len(section)
    rows = zip(
        records["day"].tolist(),
        records["fraction"].tolist(),
        records["instrument"].tolist(),
        records["band"].tolist(),
        ids,
        own,
        strict=True,
    )
    return [
        str(source) if is_own else _exposure(day, fraction, names, unit, band, source)
        for day, fraction, unit, band, source, is_own in rows
    ]


def _exposure(
    day: int,
    fraction: int,
    names: CodeNames,
    unit: int,
    band: int,
    source: int,
) -> str:
    unit_name, band_name = (
        quote(known.get(code, "?"), safe="")
        for known, code in ((names.instruments, unit), (names.bands, band))
    )
    place = f"/{source:x}" if source else ""
    return f"{FIRST_MJD + day}.{fraction:09d}/{unit_name}/{band_name}{place}"


def masks_of(curve: LightCurve, wanted: Collection[EpochName], names: CodeNames) -> Masks:
    """Tell which epochs of each section are among the wanted ones."""
    found = []
    for section, epochs in zip(SECTIONS, curve.sections, strict=True):
        own = {one.epoch for one in wanted if one.section == section}
        mask = np.zeros(len(epochs), dtype=bool)
        if own:
            mask[:] = [one in own for one in identities(epochs, names)]
        found.append(mask)
    return (found[0], found[1], found[2])


def split(
    curve: LightCurve, wanted: Collection[EpochName], names: CodeNames
) -> tuple[LightCurve, LightCurve]:
    """The light curve without the wanted epochs, and those alone."""
    masks = masks_of(curve, wanted, names)
    seen, missed, forced = curve.sections
    rest = LightCurve(seen[~masks[0]], missed[~masks[1]], forced[~masks[2]], curve.is_settled)
    return rest, LightCurve(seen[masks[0]], missed[masks[1]], forced[masks[2]], curve.is_settled)
