"""Tables of the ATLAS forced-photometry server: light curves measured at a position, detected or not."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, Fact, Refused
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.sky import separation
from vra_tui.surveys.atlas.exposures import FORCED_WITHIN
from vra_tui.surveys.base import EpochTable, Packet
from vra_tui.surveys.numbers import median_place, numbers

_UNIT = re.compile(r"\d\d[a-z]", re.ASCII)
#: Photometry forced further away than this is not that of the place, arcsec.
_SAME_PLACE = 10.0
_NEEDED = ("MJD", "uJy", "duJy", "F")


def alert_of_table(packet: Packet) -> Alert:
    """The light curve of one file. Raises Refused for missing columns, or without a position.

    What the server marks as failed (`err` other than 0, an error that is not positive) is left out.
    """
    table: EpochTable = packet.value
    object_id = str(packet.options.get("name") or table.object_id)
    columns = {name.strip("#").strip(): values for name, values in table.columns.items()}
    if missing := [name for name in _NEEDED if name not in columns]:
        raise Refused(f"its table has no column {', '.join(missing)}", object_id)
    mjd, flux, error = (numbers(columns[name]) for name in ("MJD", "uJy", "duJy"))
    is_sound = np.isfinite(mjd) & np.isfinite(flux) & (error > 0)
    if "err" in columns:
        is_sound &= numbers(columns["err"]) == 0
    names = columns.get("Obs", np.array([""] * len(mjd), dtype=object))
    kept = np.flatnonzero(is_sound)
    curve, instruments, bands = build_light_curve(
        forced={
            "mjd": mjd[kept],
            "flux": flux[kept],
            "dflux": error[kept],
            "instrument": [_unit(str(names[row])) for row in kept],
            "band": [str(columns["F"][row]).strip()[:20] or "?" for row in kept],
        }
    )
    return Alert(
        survey="atlas",
        object_id=object_id,
        facts=_place(packet.options, columns, object_id),
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        extra={"forced": {"rows": len(mjd), "left_out": int(len(mjd) - len(kept))}},
        forced_within=FORCED_WITHIN,
    )


def _place(
    options: Mapping[str, Any], columns: Mapping[str, NDArray[Any]], object_id: str
) -> dict[str, Fact]:
    said = (float(options["ra"]), float(options["dec"])) if {"ra", "dec"} <= options.keys() else None
    found = None
    if "RA" in columns and "Dec" in columns:
        ra, dec = numbers(columns["RA"]), numbers(columns["Dec"])
        known = np.isfinite(ra) & np.isfinite(dec)
        found = median_place(ra[known], dec[known]) if known.any() else None
    if said and found and (apart := float(separation(*said, *found))) > _SAME_PLACE:
        raise Refused(
            f"it was measured at RA {found[0]:.5f}, Dec {found[1]:.5f}, "
            f"{apart:,.0f} arcsec from where --at says: "
            "it is another object's, or --at is wrong",
            object_id,
        )
    place = said or found
    if place is None:
        raise Refused("it does not say where on the sky it was measured: give --at 'RA Dec'", object_id)
    return _named(object_id, *place)


def _named(object_id: str, ra: float, dec: float) -> dict[str, Fact]:
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise Refused(f"RA {ra:g}, Dec {dec:g} is no place on the sky", object_id)
    return {"name": object_id, "ra": ra % 360.0, "dec": dec}


def _unit(name: str) -> str:
    return name[:3] if _UNIT.match(name) else "?"
