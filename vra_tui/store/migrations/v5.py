"""Version 5: alerts of any survey, told apart by (survey, object_id); epochs with ids and times of their own.

The integer by which a store names an alert stays what it was (for ATLAS the number of its id): nothing that
is append-only is written anew but the decisions, whose lists are a table now and no CHECK. What the rows of
light curves and times become stands in `v5_values`.
"""

import sqlite3

from vra_tui.store.migrations import v5_values
from vra_tui.store.migrations.scripts import run
from vra_tui.store.trends import put_trends

#: Tables whose `atlas_id` becomes `alert_id` as it stands.
_WITH_ALERTS = (
    "alerts lightcurves detection_extras sherlock_matches sherlock_notes tns_matches external_matches scores "
    "decisions notes standing insights shadow_scores viewing teach".split()
)

_RENAMED = "\n".join(f"ALTER TABLE {table} RENAME COLUMN atlas_id TO alert_id;" for table in _WITH_ALERTS)
_RENAMED += "\nALTER TABLE rejected RENAME COLUMN atlas_id TO object_id;"

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

-- The code of a band of one character is that character in ASCII; others follow from 128 on.
CREATE TABLE bands (
    code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 255),
    name TEXT NOT NULL UNIQUE
);
WITH RECURSIVE ascii(code) AS (SELECT 32 UNION ALL SELECT code + 1 FROM ascii WHERE code < 126)
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
"""


_REJECTED = """
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
    SELECT rejected_id, source, position, CAST(object_id AS TEXT), reason, times, rejected_at FROM rejected;
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
INSERT INTO decisions_v5
    SELECT sequence, decision_id, alert_id, list, reverts, scanner, host, timestamp, note, visit, preal, pgal,
    pfast, rank, model, seconds, tags, follows, batch_id, import_id, seen_mjd FROM decisions;
"""


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 4 to version 5."""
    run(connection, _RENAMED)
    run(connection, _TABLES)
    _rebuild(connection, "rejected", _REJECTED)
    _rebuild(connection, "decisions", _DECISIONS)
    v5_values.rewrite(connection)
    connection.execute("ALTER TABLE alerts DROP COLUMN key_times")
    put_trends(connection, is_packed=False)


def _rebuild(connection: sqlite3.Connection, table: str, script: str) -> None:
    """Put the table that the script makes and fills, ``…_v5``, in place of the old one.

    Indexes and triggers are made again as they were, also those of others.
    """
    kept = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type != 'table' AND sql IS NOT NULL", (table,)
    ).fetchall()
    run(connection, script)
    connection.execute(f"DROP TABLE {table}")
    connection.execute(f"ALTER TABLE {table}_v5 RENAME TO {table}")
    for row in kept:
        connection.execute(row[0])
