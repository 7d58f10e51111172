"""Convert rows of version 4 to version 5: times of what was said, and light curves packed anew."""

import json
import sqlite3
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import detail_key
from vra_tui.domain.epochs import DETECTION, FIRST_MJD, Detections, place_ids
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.domain.times import mjd_of
from vra_tui.store.migrations.scripts import MigrationError

#: What earlier versions packed of a detection.
OLD_DETECTION = np.dtype(
    [
        ("day", "<u2"), ("fraction", "<u4"), ("ra", "<u4"), ("dec", "<i4"), ("mag", "<i4"), ("magerr", "<u2"),
        ("limit", "<i2"), ("unit", "u1"), ("filter", "u1"), ("exposure", "<u2"),
    ]
)  # fmt: skip
_NO_SCORE = np.iinfo(np.uint16).max
#: Alerts held in memory at once.
_CHUNK = 500
#: ATLAS names an exposure by the day (UTC) in which its night ends. In Hawaii that is the day in which it
#: begins; at its other sites 0.6 of a day lies between the end of one night and the evening of the next.
_IN_ONE_DAY = ("01a", "02a")
_EVENING = int(0.6e9)

#: Names of version 4 for what an alert's record said, and those of now.
_FACTS = {
    "name": ("name",), "other_name": ("other_name",), "rb_pix": ("real_bogus",), "trend": ("trend_text",),
    "realbogus_factor": ("realbogus_factor",), "sherlock_class": ("context_class",), "t0_mjd": ("t0_mjd",),
    "detection_list_id": ("detection_list_id",), "comments": ("comments",), "position": ("ra", "dec"),
    "sherlock_matches": ("matches sherlock",), "sherlock_notes": ("context",),
    "external_matches": ("external",),
}  # fmt: skip
_ROWS = """SELECT a.*, l.detections, l.nondetections, l.forced, e.json_zlib,
    (SELECT max(position) FROM matches m WHERE m.alert_id = a.alert_id) AS "matches sherlock",
    (SELECT max(position) FROM external_matches m WHERE m.alert_id = a.alert_id) AS external,
    (SELECT coalesce(classification, annotation, summary, extra) FROM context_notes n
        WHERE n.alert_id = a.alert_id) AS context
    FROM alerts a LEFT JOIN lightcurves l USING (alert_id) LEFT JOIN detection_extras e USING (alert_id)
    WHERE a.alert_id > ? ORDER BY a.alert_id LIMIT ?"""
_PUT_ALERT = """UPDATE alerts SET as_of = :as_of, fact_times = :fact_times, t0_mjd = :t0_mjd,
    n_detections = :n_detections, n_nondetections = :n_nondetections, n_forced = :n_forced,
    last_mjd = :last_mjd, last_mag = :last_mag, last_mag_mjd = :last_mag_mjd WHERE alert_id = :alert_id"""
_PUT_CURVE = "INSERT OR REPLACE INTO lightcurves VALUES (?, ?, ?, ?, ?)"
_PUT_DETAILS = "INSERT OR REPLACE INTO detection_extras (alert_id, json_zlib) VALUES (?, ?)"
#: To be scored anew, as each alert that was scored and whose t0 moved.
_PUT_PENDING = """UPDATE standing SET pending_revision = (SELECT revision FROM alerts a
    WHERE a.alert_id = standing.alert_id) WHERE alert_id = ? AND visit IS NOT NULL"""


def rewrite(connection: sqlite3.Connection) -> None:
    """Write what is said of each alert, its light curve and its detections' other keys as version 5 does.

    Detections get the place on the detector as their id. t0 that no survey said is the earliest detection.
    """
    units = dict(connection.execute("SELECT code, name FROM instruments").fetchall())
    for rows in _chunks(connection):
        reports = _reports(connection, rows[0]["alert_id"], rows[-1]["alert_id"])
        found = [_rewritten(row, units, reports[row["alert_id"]]) for row in rows]
        connection.executemany(_PUT_ALERT, [one.alert for one in found])
        connection.executemany(_PUT_CURVE, [one.curve for one in found])
        details = [(one.alert["alert_id"], one.details) for one in found if one.details is not None]
        connection.executemany(_PUT_DETAILS, details)
        connection.executemany(_PUT_PENDING, [(one.alert["alert_id"],) for one in found if one.is_moved])


def _chunks(connection: sqlite3.Connection) -> Iterator[list[sqlite3.Row]]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    last = -(1 << 63)
    while rows := cursor.execute(_ROWS, (last, _CHUNK)).fetchall():
        yield rows
        last = rows[-1]["alert_id"]


def _rewritten(row: sqlite3.Row, units: Mapping[int, str], reports: Sequence[str]) -> "_Rewritten":
    try:
        return _Rewritten.of(row, units, reports)
    except (ValueError, TypeError, LookupError, AttributeError, zlib.error) as error:
        raise MigrationError(
            f"What the store holds of alert {row['alert_id']} cannot be read ({error}). It stays of "
            "schema 4; `vra doctor --salvage NEW.db` brings what can be read into a new store.",
            row["alert_id"],
        ) from error


def _reports(connection: sqlite3.Connection, first: int, last: int) -> defaultdict[int, list[str]]:
    """Designations of the reports on TNS, by alert."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = "SELECT alert_id, designation FROM tns_matches WHERE alert_id BETWEEN ? AND ?"
    for alert_id, designation in connection.execute(query, (first, last)):
        found[alert_id].append(designation)
    return found


@dataclass(frozen=True)
class _Rewritten:
    """Values of one alert's rows. ``is_moved``: whether its t0 is another one now."""

    alert: dict[str, Any]
    curve: tuple[int, bytes, bytes, bytes, bytes]
    details: bytes | None
    is_moved: bool

    @classmethod
    def of(cls, row: sqlite3.Row, units: Mapping[int, str], reports: Sequence[str]) -> Self:
        old = np.frombuffer(row["detections"] or b"", OLD_DETECTION)
        extras = json.loads(zlib.decompress(row["json_zlib"])) if row["json_zlib"] else {}
        source_ids, details = _details(old, extras, units)
        curve = LightCurve.from_bytes(
            _repacked(old, source_ids).tobytes(), row["nondetections"] or b"", row["forced"] or b""
        )
        as_of, fact_times = _times(row, _last_mjd(curve), reports)
        timed = TimedLightCurve.of(curve, as_of)
        # Before version 4 one row of each exposure was kept: what arrives is more complete, however old.
        single = [int(key) for key, kept in extras.items() if isinstance(kept, dict)]
        seen = timed.curve.detections
        timed.times[0][np.isin(seen.exposure, np.array(single, dtype=np.uint64))] = 0.0
        t0 = _first(seen) if row["t0_is_derived"] and len(seen) else row["t0_mjd"]
        return cls(
            {
                "alert_id": row["alert_id"],
                "as_of": as_of,
                "fact_times": _json(fact_times) if fact_times else None,
                "t0_mjd": t0,
                **_summary(timed.curve),
            },
            (
                row["alert_id"],
                *(section.records.tobytes() for section in timed.curve.sections),
                timed.packed_times(),
            ),
            zlib.compress(_json(details).encode(), 6) if details else None,
            t0 != row["t0_mjd"],
        )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _times(row: sqlite3.Row, last_mjd: float, reports: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The time of the newest packet, and the times that do not follow from it (`store/known_objects.py`).

    What was said and is empty has a time; what nobody spoke of has none.
    """
    if row["key_times"] is None:
        # Before version 4: one response is taken to have said all that is there.
        return max(_moment(row["date_modified"], row["last_mjd"]), last_mjd), {}
    date, mjd, behind = json.loads(row["key_times"])
    as_of = max(_moment(date, mjd), last_mjd)

    def said(old: str) -> float | None:
        own = behind.get(old, ())
        return None if own is None else _moment(*own) if own else as_of

    times = {
        name: time
        for old, names in _FACTS.items()
        if (time := said(old)) is not None
        for name in names
        if row[name] is None or time != as_of
    }
    if (time := said("tns_matches")) is not None and time != as_of:
        times |= {f"tns {name}": time for name in reports}
    return as_of, times


def _moment(date: str | None, mjd: float | None) -> float:
    try:
        modified = mjd_of(datetime.fromisoformat(date)) if date else 0.0
    except ValueError:
        modified = 0.0
    return max(modified, mjd or 0.0)


def _summary(curve: LightCurve) -> dict[str, Any]:
    positive = curve.detections[curve.detections.mag > 0]
    last = _last_mjd(curve)
    return {
        "n_detections": len(curve.detections),
        "n_nondetections": len(curve.nondetections),
        "n_forced": len(curve.forced),
        "last_mjd": last or None,
        "last_mag": float(positive.mag[-1]) if len(positive) else None,
        "last_mag_mjd": float(positive.mjd[-1]) if len(positive) else None,
    }


def _last_mjd(curve: LightCurve) -> float:
    return max((float(section.mjd.max()) for section in curve.sections if len(section)), default=0.0)


def _first(seen: Detections) -> float:
    positive = seen.mjd[seen.mag > 0]
    return float(positive[0] if len(positive) else seen.mjd[0])


def _repacked(old: NDArray[np.void], source_ids: NDArray[np.uint64]) -> NDArray[np.void]:
    new = np.zeros(len(old), DETECTION)
    for name in ("day", "fraction", "ra", "dec", "mag", "magerr", "limit"):
        new[name] = old[name]
    new["instrument"], new["band"] = old["unit"], old["filter"]
    new["source_id"], new["score"] = source_ids, _NO_SCORE
    return new


def _details(
    old: NDArray[np.void], extras: Mapping[str, Any], units: Mapping[int, str]
) -> tuple[NDArray[np.uint64], dict[str, dict[str, Any]]]:
    """Source ids of detections, and their other keys by `detail_key`, the exposure's name among them.

    Until now they stand by the key of the exposure: those of its one detection, or a list of them in the
    order in which the detections are packed.
    """
    moments = (old["day"].astype(np.uint64) << np.uint64(38)) | (
        old["fraction"].astype(np.uint64) << np.uint64(8)
    )
    exposures = (moments | old["unit"].astype(np.uint64)).tolist()
    taken: Counter[int] = Counter()
    said: list[dict[str, Any]] = []
    for exposure, name in zip(exposures, _exposure_names(old, units), strict=True):
        found = extras.get(str(exposure), {})
        rows = found if isinstance(found, list) else [found]
        own = rows[taken[exposure]] if taken[exposure] < len(rows) else {}
        taken[exposure] += 1
        said.append({**own, "expname": name} if name else own)
    x, y = ([_number(row.get(axis)) for row in said] for axis in ("x", "y"))
    source_ids = place_ids(x, y) if said else np.empty(0, np.uint64)
    details: dict[str, dict[str, Any]] = {}
    for row, source_id, moment in zip(said, source_ids.tolist(), moments.tolist(), strict=True):
        if row:
            key = detail_key(source_id, moment)
            details[key] = _both(details.get(key, {}), row)
    return source_ids, details


def _both(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Return what any of two rows says that cannot be told apart; contradictions are settled by content."""
    return {**a, **b, **{key: max(a[key], b[key], key=json.dumps) for key in a.keys() & b.keys()}}


def _exposure_names(old: NDArray[np.void], units: Mapping[int, str]) -> list[str | None]:
    """Names of detections' exposures, of which the numbers were kept; None for those of another form."""
    in_one_day = np.isin(old["unit"], [code for code, name in units.items() if name in _IN_ONE_DAY])
    day = FIRST_MJD + old["day"].astype(np.int64) + (~in_one_day & (old["fraction"] >= _EVENING))
    columns = (day, *(old[name] for name in ("exposure", "unit", "filter")))
    return [
        f"{units[unit]}{mjd}o{number:04d}{chr(band)}" if number and units.get(unit, "?") != "?" else None
        for mjd, number, unit, band in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if is_number else np.nan  # type: ignore[arg-type]
