"""Version 2: what else is known of alerts, tables of numbers, and the scores of shadow models."""

import sqlite3

from vra_tui.store.migrations.scripts import append_only, run

_SCRIPT = """
-- Derived: what else is known of an alert, renewed for those that wait or are followed.
CREATE TABLE insights (
    atlas_id INTEGER PRIMARY KEY REFERENCES alerts (atlas_id),
    revision INTEGER NOT NULL,
    mjd REAL NOT NULL,
    model TEXT NOT NULL,
    reasons TEXT,
    scope REAL,
    outside TEXT,
    speed TEXT,
    luminosity TEXT,
    structure TEXT,
    duration_days REAL,
    peak_mjd REAL,
    absolute_mag REAL,
    follow_up TEXT CHECK (follow_up IN ('now', 'candidate')),
    follow_up_rule TEXT,
    anomaly TEXT,
    window_ends_mjd REAL
);
CREATE INDEX insights_anomalies ON insights (atlas_id) WHERE anomaly IS NOT NULL;
CREATE INDEX insights_windows ON insights (window_ends_mjd) WHERE window_ends_mjd IS NOT NULL;

-- Tables of numbers that belong to no alert, by name: the nights at the survey's sites.
CREATE TABLE survey_tables (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- What a shadow model said of the same visits; it files nothing.
CREATE TABLE shadow_scores (
    score_id INTEGER PRIMARY KEY,
    atlas_id INTEGER NOT NULL REFERENCES alerts (atlas_id),
    visit INTEGER NOT NULL,
    day INTEGER NOT NULL,
    mjd REAL NOT NULL,
    stage TEXT NOT NULL,
    model TEXT NOT NULL,
    preal REAL,
    pgal REAL,
    pfast REAL,
    rank REAL,
    is_gal_cand INTEGER NOT NULL,
    is_tns_match INTEGER NOT NULL,
    scored_at TEXT NOT NULL
);
CREATE INDEX shadow_scores_by_alert ON shadow_scores (atlas_id, visit);
"""


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 1 to version 2."""
    run(connection, _SCRIPT)
    append_only(connection, "shadow_scores")
