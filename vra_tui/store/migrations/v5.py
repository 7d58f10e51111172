"""Version 5: alerts of any survey, told apart by (survey, object_id); epochs with ids and times of their own.

The integer by which a store names an alert stays what it was (for ATLAS the number of its id): nothing that
is append-only is written anew but the decisions, whose lists are a table now and no CHECK.
"""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import detail_key
from vra_tui.domain.epochs import DETECTION, place_ids
from vra_tui.domain.light_curve import LightCurve, TimedLightCurve
from vra_tui.domain.times import mjd_of

#: What earlier versions packed of a detection.
OLD_DETECTION = np.dtype(
    [
        ("day", "<u2"), ("fraction", "<u4"), ("ra", "<u4"), ("dec", "<i4"), ("mag", "<i4"), ("magerr", "<u2"),
        ("limit", "<i2"), ("unit", "u1"), ("filter", "u1"), ("exposure", "<u2"),
    ]
)  # fmt: skip
_ROWS = 500

#: Tables whose `alert_id` becomes `alert_id` as it stands.
_RENAMED = (
    "alerts lightcurves detection_extras sherlock_matches sherlock_notes tns_matches external_matches scores "
    "decisions notes standing insights shadow_scores viewing teach".split()
)

_BEFORE = "\n".join(f"ALTER TABLE {table} RENAME COLUMN atlas_id TO alert_id;" for table in _RENAMED)

_TABLES = """
-- Every object that this store has heard of, also those of which it knows decisions only.
CREATE TABLE objects (
    alert_id INTEGER PRIMARY KEY,
    survey TEXT NOT NULL,
    object_id TEXT NOT NULL,
    UNIQUE (survey, object_id)
);
INSERT INTO objects
    SELECT alert_id, 'atlas', CAST(alert_id AS TEXT) FROM (
        SELECT alert_id FROM alerts UNION SELECT alert_id FROM decisions UNION SELECT alert_id FROM notes);

-- What a decision may say. A survey may add labels of its own: data, not a rule of the schema.
CREATE TABLE labels (
    name TEXT PRIMARY KEY,
    preal REAL,
    pgal REAL,
    pfast REAL,
    survey TEXT
) WITHOUT ROWID;
INSERT INTO labels VALUES
    ('garbage', 0, NULL, NULL, NULL), ('followup', 1, 0, 0.5, NULL), ('good', 1, 0, NULL, NULL),
    ('possible', 0.5, NULL, NULL, NULL), ('eyeball', NULL, NULL, NULL, NULL), ('attic', 1, 1, NULL, NULL),
    ('pm', 0, 1, NULL, NULL), ('duplicates', 1, 0, NULL, NULL);

ALTER TABLE alerts RENAME COLUMN rb_pix TO real_bogus;
ALTER TABLE alerts RENAME COLUMN sherlock_class TO context_class;
ALTER TABLE alerts RENAME COLUMN trend TO trend_text;
-- The time of the newest packet, MJD, and as JSON the times of facts that older ones said last.
ALTER TABLE alerts ADD COLUMN as_of REAL NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN fact_times TEXT;
ALTER TABLE alerts ADD COLUMN star_score REAL;
ALTER TABLE alerts ADD COLUMN star_arcsec REAL;
ALTER TABLE alerts ADD COLUMN gaia_arcsec REAL;
ALTER TABLE alerts ADD COLUMN gaia_mag REAL;
ALTER TABLE alerts ADD COLUMN solar_arcsec REAL;
ALTER TABLE alerts ADD COLUMN solar_mag REAL;
ALTER TABLE alerts ADD COLUMN solar_name TEXT;
ALTER TABLE alerts ADD COLUMN reference_arcsec REAL;
ALTER TABLE alerts ADD COLUMN reference_mag REAL;
ALTER TABLE alerts ADD COLUMN fwhm_arcsec REAL;
ALTER TABLE alerts ADD COLUMN elongation REAL;
ALTER TABLE alerts ADD COLUMN is_dipole INTEGER;
ALTER TABLE alerts ADD COLUMN trail_arcsec REAL;
ALTER TABLE alerts ADD COLUMN n_bad_pixels REAL;
ALTER TABLE alerts ADD COLUMN extendedness REAL;
ALTER TABLE alerts ADD COLUMN n_detections_told INTEGER;
ALTER TABLE alerts ADD COLUMN first_told_mjd REAL;
CREATE INDEX alerts_by_place ON alerts (dec, ra);

-- When the source of each epoch spoke of it, as runs of equal times (domain/light_curve.py).
ALTER TABLE lightcurves ADD COLUMN times BLOB NOT NULL DEFAULT x'';

ALTER TABLE sherlock_matches RENAME TO matches;
ALTER TABLE matches ADD COLUMN source TEXT NOT NULL DEFAULT 'sherlock';
ALTER TABLE matches ADD COLUMN mag REAL;
ALTER TABLE matches ADD COLUMN mag_band TEXT;
ALTER TABLE matches ADD COLUMN star_score REAL;
ALTER TABLE sherlock_notes RENAME TO context_notes;

CREATE TABLE instruments (
    code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 255),
    survey TEXT NOT NULL,
    name TEXT NOT NULL,
    site TEXT,
    UNIQUE (survey, name)
);
INSERT INTO instruments SELECT code, iif(code = 0, '', 'atlas'), name, site FROM telescope_units;
DROP TABLE telescope_units;

-- The code of a band of one letter is that letter in ASCII; others follow from 128 on.
CREATE TABLE bands (
    code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 255),
    name TEXT NOT NULL UNIQUE
);
WITH RECURSIVE ascii(code) AS (SELECT 33 UNION ALL SELECT code + 1 FROM ascii WHERE code < 126)
    INSERT INTO bands SELECT code, char(code) FROM ascii;

-- What classifiers said, with its history; one row for each answer, as canonical JSON.
CREATE TABLE annotations (
    alert_id INTEGER NOT NULL REFERENCES alerts (alert_id),
    said TEXT NOT NULL,
    topic TEXT NOT NULL,
    classification TEXT,
    mjd REAL,
    PRIMARY KEY (alert_id, said)
) WITHOUT ROWID;
CREATE INDEX annotations_by_topic ON annotations (topic);

-- Cutouts as they came, for as long as configured.
CREATE TABLE stamps (
    stamp_id INTEGER PRIMARY KEY,
    alert_id INTEGER NOT NULL REFERENCES alerts (alert_id),
    source_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    mjd REAL NOT NULL,
    taken_in TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (alert_id, mjd, source_id, kind)
);
CREATE INDEX stamps_by_time ON stamps (mjd);

-- Derived: alerts of other surveys at the same place.
CREATE TABLE associations (
    alert_id INTEGER NOT NULL REFERENCES alerts (alert_id),
    other_id INTEGER NOT NULL REFERENCES alerts (alert_id),
    separation_arcsec REAL NOT NULL,
    PRIMARY KEY (alert_id, other_id)
) WITHOUT ROWID;

-- Passing: digests of packets that were taken in, so that the same one again costs little.
CREATE TABLE packets_seen (
    digest BLOB PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE rejected_v5 (
    rejected_id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    position TEXT NOT NULL,
    object_id TEXT,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    rejected_at TEXT NOT NULL,
    UNIQUE (source, position, reason)
);
INSERT INTO rejected_v5
    SELECT rejected_id, source, position, CAST(atlas_id AS TEXT), reason, times, rejected_at FROM rejected;
DROP TABLE rejected;
ALTER TABLE rejected_v5 RENAME TO rejected;
"""


_DECISIONS = """
CREATE TABLE decisions_v5 (
    sequence INTEGER PRIMARY KEY,
    decision_id TEXT NOT NULL UNIQUE,
    alert_id INTEGER NOT NULL,
    list TEXT REFERENCES labels (name),
    reverts TEXT,
    scanner TEXT NOT NULL,
    host TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    note TEXT,
    visit INTEGER,
    preal REAL,
    pgal REAL,
    pfast REAL,
    rank REAL,
    model TEXT,
    seconds REAL,
    tags TEXT,
    follows TEXT,
    batch_id TEXT,
    import_id TEXT,
    seen_mjd REAL,
    CHECK ((list IS NULL) = (reverts IS NOT NULL))
);
"""
_DECISION_COLUMNS = (
    "sequence, decision_id, alert_id, list, reverts, scanner, host, timestamp, note, visit, preal, pgal, "
    "pfast, rank, model, seconds, tags, follows, batch_id, import_id, seen_mjd"
)
#: Names of version 4 for what an alert's record said, and those of now.
_FACTS = {
    "name": ("name",), "other_name": ("other_name",), "rb_pix": ("real_bogus",), "trend": ("trend_text",),
    "realbogus_factor": ("realbogus_factor",), "sherlock_class": ("context_class",), "t0_mjd": ("t0_mjd",),
    "detection_list_id": ("detection_list_id",), "comments": ("comments",), "position": ("ra", "dec"),
    "sherlock_matches": ("matches sherlock",), "sherlock_notes": ("context",),
    "external_matches": ("external",),
}  # fmt: skip


def apply(connection: sqlite3.Connection, run: Callable[[sqlite3.Connection, str], None]) -> None:
    """Bring a store of version 4 to version 5; ``run`` runs a script statement by statement."""
    run(connection, _BEFORE)
    run(connection, _TABLES)
    _rebuild_decisions(connection, run)
    _put_times(connection)
    connection.execute("ALTER TABLE alerts DROP COLUMN key_times")
    _repack_light_curves(connection)
    # Imported here: it reads the store as it is from this version on.
    from vra_tui.store.trends import put_trends

    put_trends(connection)


def _rebuild_decisions(
    connection: sqlite3.Connection, run: Callable[[sqlite3.Connection, str], None]
) -> None:
    """Take the list of labels out of the table's rules; indexes and triggers are made again as they were."""
    kept = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'decisions' AND type != 'table' AND sql IS NOT NULL"
    ).fetchall()
    run(connection, _DECISIONS)
    connection.execute(
        f"INSERT INTO decisions_v5 ({_DECISION_COLUMNS}) SELECT {_DECISION_COLUMNS} FROM decisions"
    )
    connection.execute("DROP TABLE decisions")
    connection.execute("ALTER TABLE decisions_v5 RENAME TO decisions")
    for row in kept:
        connection.execute(row[0])


def _put_times(connection: sqlite3.Connection) -> None:
    """When each thing was said: one time an alert, and those of what older responses said last."""
    rows = connection.execute("SELECT alert_id, key_times, date_modified, last_mjd FROM alerts").fetchall()
    found = []
    for alert_id, key_times, date_modified, last_mjd in rows:
        date, mjd, behind = json.loads(key_times) if key_times else (date_modified, last_mjd, None)
        as_of = _moment(date, mjd)
        times: dict[str, float] = {}
        if behind is not None:
            # What was said and is empty has a time; what nobody spoke of has none.
            told = {old: behind.get(old, (date, mjd)) for old in _FACTS}
            for old, own in told.items():
                times |= dict.fromkeys(_FACTS[old], _moment(*own)) if own is not None else {}
        packed = json.dumps(times, sort_keys=True, separators=(",", ":")) if times else None
        found.append((as_of, packed, alert_id))
    connection.executemany("UPDATE alerts SET as_of = ?, fact_times = ? WHERE alert_id = ?", found)


def _moment(date: str | None, mjd: float | None) -> float:
    try:
        modified = mjd_of(datetime.fromisoformat(date)) if date else 0.0
    except ValueError:
        modified = 0.0
    return max(modified, mjd or 0.0)


def _repack_light_curves(connection: sqlite3.Connection) -> None:
    """Pack every detection anew: with the place on the detector, from `detection_extras`, as its id."""
    units = dict(connection.execute("SELECT code, name FROM instruments"))
    for alert_id, detections, missed, forced, extras, mjd in _rows(connection):
        old = np.frombuffer(detections, OLD_DETECTION)
        found = json.loads(zlib.decompress(extras)) if extras else {}
        places, details = _details(old, found, units)
        new = np.zeros(len(old), DETECTION)
        for name in ("day", "fraction", "ra", "dec", "mag", "magerr", "limit"):
            new[name] = old[name]
        new["instrument"], new["band"] = old["unit"], old["filter"]
        new["source_id"], new["score"] = places, np.iinfo(np.uint16).max
        curve = LightCurve.from_bytes(new.tobytes(), missed, forced)
        timed = TimedLightCurve.of(curve, mjd)
        sections = [section.records.tobytes() for section in timed.curve.sections]
        connection.execute(
            """UPDATE lightcurves SET detections = ?, nondetections = ?, forced = ?, times = ?
            WHERE alert_id = ?""",
            (*sections, timed.packed_times(), alert_id),
        )
        if details:
            packed = zlib.compress(json.dumps(details, separators=(",", ":"), sort_keys=True).encode(), 6)
            connection.execute(
                "UPDATE detection_extras SET json_zlib = ? WHERE alert_id = ?", (packed, alert_id)
            )


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Light curves with the extras of their detections and the time of the alert's record, in chunks."""
    last = -(1 << 62)
    while True:
        rows = connection.execute(
            """SELECT l.alert_id, l.detections, l.nondetections, l.forced, e.json_zlib, a.as_of
            FROM lightcurves l JOIN alerts a USING (alert_id) LEFT JOIN detection_extras e USING (alert_id)
            WHERE l.alert_id > ? ORDER BY l.alert_id LIMIT ?""",
            (last, _ROWS),
        ).fetchall()
        if not rows:
            return
        yield from map(tuple, rows)
        last = rows[-1][0]


def _details(
    old: NDArray[np.void], extras: dict[str, Any], units: dict[int, str]
) -> tuple[NDArray[np.uint64], dict[str, Any]]:
    """Source ids of detections, and their other keys by `detail_key`.

    Until version 4 extras stand by the key of the exposure: those of its one detection, or a list of them in
    the order in which the detections are packed.
    """
    moments = (old["day"].astype(np.uint64) << np.uint64(38)) | (
        old["fraction"].astype(np.uint64) << np.uint64(8)
    )
    taken: dict[str, int] = {}
    said: list[dict[str, Any]] = []
    for moment, record in zip(moments.tolist(), old, strict=True):
        key = str(moment | int(record["unit"]))
        found = extras.get(key, {})
        number = taken.get(key, 0)
        taken[key] = number + 1
        own = (found[number] if number < len(found) else {}) if isinstance(found, list) else found
        exposure = int(record["exposure"])
        name = f"{units.get(int(record['unit']), '?')}{50_000 + int(record['day'])}o{exposure:04d}"
        said.append({**own, "expname": name + chr(record["filter"])} if exposure else dict(own))
    x, y = ([_number(row.get(axis)) for row in said] for axis in ("x", "y"))
    places = place_ids(x, y) if said else np.empty(0, np.uint64)
    keys = (
        detail_key(source_id, moment)
        for source_id, moment in zip(places.tolist(), moments.tolist(), strict=True)
    )
    return places, {key: row for key, row in zip(keys, said, strict=True) if row}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
