"""Version 1: alerts, light curves and context, scores, decisions, notes, and where alerts stand."""

import sqlite3

from vra_tui.store.migrations.scripts import append_only, run

_SCRIPT = """
CREATE TABLE telescope_units (
    code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 255),
    name TEXT NOT NULL UNIQUE,
    site TEXT
);
INSERT INTO telescope_units (code, name, site) VALUES
    (0, '?', NULL),
    (1, '01a', 'Haleakala'),
    (2, '02a', 'Mauna Loa'),
    (3, '03a', 'Sutherland'),
    (4, '04a', 'El Sauce'),
    (5, '05r', 'Teide');

CREATE TABLE alerts (
    atlas_id INTEGER PRIMARY KEY,
    name TEXT,
    other_name TEXT,
    ra REAL NOT NULL,
    dec REAL NOT NULL,
    t0_mjd REAL NOT NULL,
    t0_is_derived INTEGER NOT NULL DEFAULT 0,
    rb_pix REAL,
    realbogus_factor REAL,
    sherlock_class TEXT,
    ebv_sfd REAL,
    detection_list_id INTEGER,
    trend TEXT,
    comments TEXT,
    date_modified TEXT,
    n_detections INTEGER NOT NULL,
    n_nondetections INTEGER NOT NULL,
    n_forced INTEGER NOT NULL,
    last_mjd REAL,
    last_mag REAL,
    last_mag_mjd REAL,
    ingested_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    extra TEXT
);
CREATE INDEX alerts_by_last_mjd ON alerts (last_mjd);
CREATE INDEX alerts_by_name ON alerts (name);

CREATE TABLE lightcurves (
    atlas_id INTEGER PRIMARY KEY REFERENCES alerts (atlas_id),
    detections BLOB NOT NULL,
    nondetections BLOB NOT NULL,
    forced BLOB NOT NULL
);
CREATE TABLE detection_extras (
    atlas_id INTEGER PRIMARY KEY REFERENCES alerts (atlas_id),
    json_zlib BLOB NOT NULL
);

CREATE TABLE sherlock_matches (
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    position INTEGER NOT NULL,
    catalogue_object_id TEXT,
    catalogue TEXT,
    association_type TEXT,
    object_type TEXT,
    separation_arcsec REAL,
    north_arcsec REAL,
    east_arcsec REAL,
    z REAL,
    photoz REAL,
    photoz_err REAL,
    distance_mpc REAL,
    direct_distance_mpc REAL,
    physical_separation_kpc REAL,
    major_axis_arcsec REAL,
    ra REAL,
    dec REAL,
    extra TEXT,
    PRIMARY KEY (atlas_id, position)
) WITHOUT ROWID;
CREATE TABLE sherlock_notes (
    atlas_id INTEGER PRIMARY KEY REFERENCES alerts (atlas_id),
    classification TEXT,
    annotation TEXT,
    summary TEXT,
    extra TEXT
);
CREATE TABLE tns_matches (
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    designation TEXT NOT NULL,
    type TEXT,
    mag REAL,
    discoverer TEXT,
    internal_name TEXT,
    separation_arcsec REAL,
    discovered_mjd REAL,
    host TEXT,
    host_z REAL,
    object_z REAL,
    url TEXT,
    extra TEXT,
    PRIMARY KEY (atlas_id, designation)
) WITHOUT ROWID;
CREATE TABLE external_matches (
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    position INTEGER NOT NULL,
    designation TEXT,
    type TEXT,
    matched_list TEXT,
    mag REAL,
    separation_arcsec REAL,
    url TEXT,
    extra TEXT,
    PRIMARY KEY (atlas_id, position)
) WITHOUT ROWID;

CREATE TABLE rejected (
    rejected_id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    position TEXT NOT NULL,
    atlas_id INTEGER,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    rejected_at TEXT NOT NULL,
    UNIQUE (source, position, reason)
);

CREATE TABLE scores (
    score_id INTEGER PRIMARY KEY,
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    visit INTEGER NOT NULL CHECK (visit >= 1),
    day INTEGER NOT NULL,
    mjd REAL NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('day1', 'dayN')),
    model TEXT NOT NULL,
    preal REAL,
    pgal REAL,
    pfast REAL,
    rank REAL,
    is_gal_cand INTEGER NOT NULL,
    is_tns_match INTEGER NOT NULL,
    scored_at TEXT NOT NULL
);
CREATE INDEX scores_by_alert ON scores (atlas_id, visit);

CREATE TABLE decisions (
    sequence INTEGER PRIMARY KEY,
    decision_id TEXT NOT NULL UNIQUE,
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    list TEXT CHECK (list IN (
        'garbage', 'followup', 'good', 'possible', 'eyeball', 'attic', 'pm', 'duplicates'
    )),
    reverts TEXT REFERENCES decisions (decision_id),
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
    CHECK ((list IS NULL) = (reverts IS NOT NULL))
);
CREATE INDEX decisions_by_alert ON decisions (atlas_id, sequence);
CREATE UNIQUE INDEX decisions_reverted_once ON decisions (reverts) WHERE reverts IS NOT NULL;

CREATE TABLE notes (
    note_id TEXT PRIMARY KEY,
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    scanner TEXT NOT NULL,
    host TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX notes_by_alert ON notes (atlas_id);

-- Derived from scores and decisions, one row an alert: what the lists are read from.
CREATE TABLE standing (
    atlas_id INTEGER PRIMARY KEY REFERENCES alerts (atlas_id),
    list TEXT,
    is_undecided INTEGER NOT NULL,
    filed TEXT,
    rank REAL,
    preal REAL,
    pgal REAL,
    pfast REAL,
    is_gal_cand INTEGER,
    is_tns_match INTEGER,
    visit INTEGER,
    day INTEGER,
    mjd REAL,
    model TEXT,
    max_rank REAL,
    mean_rank REAL,
    decision_id TEXT,
    decided_list TEXT,
    decided_by TEXT,
    decided_visit INTEGER,
    is_back INTEGER NOT NULL DEFAULT 0,
    -- The revision of the alert that waits to be scored; NULL when its scores are up to date.
    pending_revision INTEGER DEFAULT 1
);
CREATE INDEX standing_to_score ON standing (atlas_id) WHERE pending_revision IS NOT NULL;
CREATE INDEX standing_by_list ON standing (list, rank DESC, atlas_id);
CREATE INDEX standing_undecided ON standing (rank DESC, atlas_id) WHERE is_undecided;
CREATE INDEX standing_by_rank ON standing (rank DESC, atlas_id);
"""


def apply(connection: sqlite3.Connection) -> None:
    """An empty file becomes a store of version 1."""
    run(connection, _SCRIPT)
    append_only(connection, "scores", "decisions", "notes")
