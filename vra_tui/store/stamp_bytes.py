"""Read the stamps of an alert: which epochs have some, and their bytes."""

import math
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vra_tui.domain.epochs import Detections
from vra_tui.domain.light_curve import no_epochs
from vra_tui.store.codes import band_names
from vra_tui.store.curves import whole_curve
from vra_tui.store.id_lists import json_ids

#: Times further apart than this, days (0.1 s), are of two exposures.
_ONE_EXPOSURE = 0.1 / 86_400
#: Error of a magnitude times signal to noise: 2.5/ln 10.
_POGSON = 2.5 / math.log(10.0)


@dataclass(frozen=True)
class StampEpoch:
    """The stamps of one detection: their numbers in the store by kind (`domain.alert.StampKind`).

    ``band``: name of the detection's, "" where the light curve does not hold it. ``mag``: its size; NaN where
    not known. ``sigma``: signal to noise with the sign of the difference flux, NaN where not known.
    ``is_negative``: the source is fainter than in the template. ``size``: bytes of all of them.
    """

    mjd: float
    kinds: Mapping[str, int] = field(default_factory=dict)
    band: str = ""
    mag: float = math.nan
    sigma: float = math.nan
    is_negative: bool = False
    size: int = 0


def stamp_epochs(connection: sqlite3.Connection, alert_id: int) -> list[StampEpoch]:
    """The epochs of an alert that have stamps, in the order of time; last, alone, the context picture."""
    rows = connection.execute(
        """SELECT mjd, source_id, kind, stamp_id, length(data) FROM stamps WHERE alert_id = ?
        ORDER BY kind = 'context', mjd, source_id, stamp_id""",
        (alert_id,),
    ).fetchall()
    grouped: dict[tuple[float, int, bool], dict[str, int]] = {}
    sizes: Counter[tuple[float, int, bool]] = Counter()
    for mjd, source_id, kind, stamp_id, size in rows:
        key = (mjd, source_id, kind == "context")
        grouped.setdefault(key, {})[kind] = stamp_id
        sizes[key] += size
    if not grouped:
        return []
    try:
        seen = whole_curve(connection, alert_id).detections
    except KeyError:
        seen = no_epochs().detections
    names = band_names(connection)
    return [
        replace(_epoch(key[0], key[1], kinds, seen, names), size=sizes[key]) for key, kinds in grouped.items()
    ]


def _epoch(
    mjd: float, source_id: int, kinds: Mapping[str, int], seen: Detections, bands: Mapping[int, str]
) -> StampEpoch:
    # The store keeps 63 bits of the id: its columns have a sign.
    near = np.flatnonzero(np.abs(seen.mjd - mjd) < _ONE_EXPOSURE)
    same = near[(seen.source_id[near] % np.uint64(1 << 63)) == np.uint64(source_id)]
    if len(same):
        near = same
    if not len(near):
        return StampEpoch(mjd, kinds)
    one = int(near[0])
    mag, error = float(seen.mag[one]), float(seen.magerr[one])
    return StampEpoch(
        mjd,
        kinds,
        band=bands.get(int(seen.band[one]), ""),
        mag=abs(mag),
        sigma=math.copysign(_POGSON / error, mag) if error > 0.0 else math.nan,
        is_negative=mag < 0.0,
    )


def stamp_bytes(
    connection: sqlite3.Connection, stamp_ids: Sequence[int], most: int
) -> Mapping[int, bytes | None]:
    """The bytes of some stamps as they came; None in place of more than ``most``, which are not read."""
    rows = connection.execute(
        """SELECT stamp_id, CASE WHEN length(data) <= ? THEN data END FROM stamps
        WHERE stamp_id IN (SELECT value FROM json_each(?))""",
        (most, json_ids(stamp_ids)),
    )
    return {stamp_id: data for stamp_id, data in rows}


def holds_stamps(connection: sqlite3.Connection) -> bool:
    """Tell whether the store holds any stamp at all."""
    return connection.execute("SELECT 1 FROM stamps LIMIT 1").fetchone() is not None


def stamped_association(connection: sqlite3.Connection, alert_id: int) -> tuple[int, str] | None:
    """The nearest alert of another survey at this place that has stamps, and its survey; None: none has."""
    row = connection.execute(
        """SELECT n.other_id, o.survey FROM associations n JOIN objects o ON o.alert_id = n.other_id
        WHERE n.alert_id = ?
        AND EXISTS (SELECT 1 FROM stamps s WHERE s.alert_id = n.other_id AND s.kind != 'context')
        ORDER BY n.separation_arcsec, o.survey, o.object_id LIMIT 1""",
        (alert_id,),
    ).fetchone()
    return None if row is None else (int(row[0]), str(row[1]))
