"""Version 6: what sources of alerts need: where each stands, calls made, what was asked for, sky maps."""

import sqlite3

from vra_tui.store.migrations.scripts import run

_TABLES = """
-- How far each part of a followed source (a partition, a list) was taken in. Written after its alerts are.
CREATE TABLE source_positions (
    source TEXT NOT NULL,
    part TEXT NOT NULL,
    position TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    PRIMARY KEY (source, part)
) WITHOUT ROWID;

-- How each source is, for screens and `vra sources list`: since when it answers or does not.
CREATE TABLE source_states (
    source TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    is_up INTEGER NOT NULL,
    since TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    message TEXT NOT NULL,
    packets INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Passing: times of the calls that an account made within the last hour, seconds since 1970.
CREATE TABLE calls (
    call_id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    called_at REAL NOT NULL
);
CREATE INDEX calls_by_account ON calls (account, called_at);

-- The bytes of packets that were refused, to be looked at and given in again.
CREATE TABLE rejected_packets (
    source TEXT NOT NULL,
    position TEXT NOT NULL,
    rejected_at TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (source, position)
) WITHOUT ROWID;

-- What was asked for about an alert that lacked it, and what came. ``task``: under which name the source
-- works on it, where it takes its time.
CREATE TABLE requests (
    request_id INTEGER PRIMARY KEY,
    alert_id INTEGER NOT NULL REFERENCES alerts (alert_id),
    what TEXT NOT NULL,
    source TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    task TEXT,
    ended_at TEXT,
    came TEXT,
    UNIQUE (alert_id, what, source)
);

-- Passing: the public list of the Transient Name Server, matched here with the places of alerts.
CREATE TABLE tns_objects (
    objid INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    ra REAL NOT NULL,
    dec REAL NOT NULL,
    type TEXT,
    z REAL,
    mag REAL,
    mag_band TEXT,
    discovered_mjd REAL,
    discoverer TEXT,
    internal_names TEXT,
    received TEXT,
    modified TEXT
);
CREATE INDEX tns_objects_by_dec ON tns_objects (dec, ra);

-- Sky maps of gravitational waves and other events, each version of them; the one told last counts.
CREATE TABLE sky_maps (
    map_id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    version INTEGER NOT NULL,
    event_mjd REAL NOT NULL,
    added_at TEXT NOT NULL,
    is_retracted INTEGER NOT NULL DEFAULT 0,
    about TEXT NOT NULL,
    -- When the source told it, ISO 8601 in UTC.
    told_at TEXT NOT NULL,
    -- Which alerts were placed on it, and what counted as within: the window as JSON. NULL: not placed yet.
    placed TEXT,
    content BLOB,
    UNIQUE (event, version)
);

-- Derived: where alerts lie on the newest map of each event that is not retracted.
CREATE TABLE sky_map_places (
    event TEXT NOT NULL,
    alert_id INTEGER NOT NULL REFERENCES alerts (alert_id),
    level REAL NOT NULL,
    density REAL NOT NULL,
    distance_mpc REAL,
    distance_sigma_mpc REAL,
    days REAL NOT NULL,
    host_sigma REAL,
    -- Whether the level is one within which alerts are looked at, as configured.
    is_within INTEGER NOT NULL,
    -- The revision of the alert that was placed.
    revision INTEGER NOT NULL,
    PRIMARY KEY (event, alert_id)
) WITHOUT ROWID;
CREATE INDEX sky_map_places_by_alert ON sky_map_places (alert_id);
CREATE INDEX sky_map_places_within ON sky_map_places (alert_id, level) WHERE is_within;
"""


_LIFTED = """
-- The rule that lifts the alert to the fast track, as configured; NULL without one.
ALTER TABLE standing ADD COLUMN lifted TEXT;
CREATE INDEX standing_lifted ON standing (alert_id) WHERE lifted IS NOT NULL;
"""


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 5 to version 6."""
    run(connection, _TABLES)
    run(connection, _LIFTED)
