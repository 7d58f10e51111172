"""The store's tables and how older stores are brought up to date (docs/store.md describes them for users)."""

import sqlite3

#: Version of the schema, kept in the file's ``user_version``; a store with a greater one is refused.
SCHEMA_VERSION = 5
#: Marks the file as a vra-tui store (``application_id``): the letters VRAt.
APPLICATION_ID = 0x56524174
#: The ``import_id`` of what was imported before the store kept through which import a row came.
IMPORTED_EARLIER = "before schema 4"

_V1 = """
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

_V2 = """
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

_V3 = """
-- Labels travel: a laptop's decisions arrive before the alerts that they are about, an undo before what it
-- undoes, and the same undo from two places. So nothing here refers to rows that must exist.
CREATE TABLE decisions_v3 (
    sequence INTEGER PRIMARY KEY,
    decision_id TEXT NOT NULL UNIQUE,
    atlas_id INTEGER NOT NULL,
    list TEXT CHECK (list IN (
        'garbage', 'followup', 'good', 'possible', 'eyeball', 'attic', 'pm', 'duplicates'
    )),
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
    -- How long the alert was looked at.
    seconds REAL,
    -- Words separated by spaces.
    tags TEXT,
    -- Ids, separated by spaces, of the scanners' decisions that were known when this one was taken.
    follows TEXT,
    CHECK ((list IS NULL) = (reverts IS NOT NULL))
);
-- Until now a decision was taken in knowledge of the one before it: corrections are no conflicts.
INSERT INTO decisions_v3
    SELECT sequence, decision_id, atlas_id, list, reverts, scanner, host, timestamp, note, visit, preal, pgal,
    pfast, rank, model, NULL, NULL,
    CASE WHEN list IS NOT NULL AND scanner != 'vra' THEN (
        SELECT decision_id FROM decisions e WHERE e.atlas_id = d.atlas_id AND e.sequence < d.sequence
        AND e.list IS NOT NULL AND e.scanner != 'vra' ORDER BY e.sequence DESC LIMIT 1
    ) END
    FROM decisions d;
DROP TABLE decisions;
ALTER TABLE decisions_v3 RENAME TO decisions;
CREATE INDEX decisions_by_alert ON decisions (atlas_id, decision_id);
CREATE INDEX decisions_by_scanner ON decisions (scanner, decision_id);
CREATE INDEX decisions_reverted ON decisions (reverts) WHERE reverts IS NOT NULL;
-- What people decided, newest first, among the many decisions of the policies; and what is rare among it.
CREATE INDEX decisions_by_people ON decisions (decision_id) WHERE scanner != 'vra';
CREATE INDEX decisions_by_list ON decisions (list, decision_id) WHERE scanner != 'vra';
CREATE INDEX decisions_tagged ON decisions (decision_id) WHERE tags IS NOT NULL;
-- The last part of an id is what people type.
CREATE INDEX decisions_by_ending ON decisions (substr(decision_id, 25));

CREATE TABLE notes_v3 (
    note_id TEXT PRIMARY KEY,
    atlas_id INTEGER NOT NULL,
    scanner TEXT NOT NULL,
    host TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    note TEXT NOT NULL
);
INSERT INTO notes_v3 SELECT note_id, atlas_id, scanner, host, timestamp, note FROM notes;
DROP TABLE notes;
ALTER TABLE notes_v3 RENAME TO notes;
CREATE INDEX notes_by_alert ON notes (atlas_id);

-- Derived: whether two votes were asked for and what came of them; whether decisions that did not know of
-- each other disagree.
ALTER TABLE standing ADD COLUMN opinion TEXT CHECK (opinion IN ('wanted', 'disagree', 'agree'));
ALTER TABLE standing ADD COLUMN is_in_conflict INTEGER NOT NULL DEFAULT 0;
CREATE INDEX standing_opinions ON standing (atlas_id) WHERE opinion IS NOT NULL;
CREATE INDEX standing_conflicts ON standing (atlas_id) WHERE is_in_conflict;
CREATE INDEX standing_decided ON standing (decided_list, decided_by) WHERE decided_list IS NOT NULL;

-- Passing: what each open screen shows now.
CREATE TABLE viewing (
    session_id TEXT PRIMARY KEY,
    scanner TEXT NOT NULL,
    host TEXT NOT NULL,
    atlas_id INTEGER NOT NULL,
    since TEXT NOT NULL,
    seen_at TEXT NOT NULL
);

-- Derived: undecided alerts whose label would teach the model most, renewed by scoring.
CREATE TABLE teach (
    atlas_id INTEGER PRIMARY KEY REFERENCES alerts (atlas_id),
    worth REAL NOT NULL,
    reason TEXT NOT NULL
);
"""

_V4_EPOCHS = """
-- When the survey last said each thing of the record and the context (store/key_times.py), as JSON; NULL in
-- alerts from before, of which one response is taken to have said all.
ALTER TABLE alerts ADD COLUMN key_times TEXT;
"""

_V4_IDENTITY = """
-- Which store this is, given once: its backups carry it in their names and in `backup_marks`.
CREATE TABLE store_identity (
    is_only INTEGER PRIMARY KEY CHECK (is_only = 1),
    store_id TEXT NOT NULL CHECK (length(store_id) = 32)
);
INSERT INTO store_identity VALUES (1, lower(hex(randomblob(16))));
-- One row in a backup, none in a store that is at work: of which store, made when, and how many labels then.
CREATE TABLE backup_marks (
    is_only INTEGER PRIMARY KEY CHECK (is_only = 1),
    store_id TEXT NOT NULL,
    made_at TEXT NOT NULL,
    decisions INTEGER NOT NULL,
    notes INTEGER NOT NULL
);
"""

_V4_DECISIONS = f"""
-- What one key, or one command, decided and undid: the id of the first decision of it. It travels with them.
ALTER TABLE decisions ADD COLUMN batch_id TEXT;
-- Through which import a row came into this store; NULL for what was decided in it. It stays at home.
ALTER TABLE decisions ADD COLUMN import_id TEXT;
-- Of what is here already, this tells what was imported: no host is known, or the id is older by its time
-- than one that was here before. What was decided in a store always sorts behind all that the store held.
DROP TRIGGER IF EXISTS decisions_are_never_changed;
UPDATE decisions SET import_id = '{IMPORTED_EARLIER}' WHERE sequence IN (
    SELECT sequence FROM (
        SELECT sequence, scanner, host, substr(decision_id, 1, 13) AS moment, max(substr(decision_id, 1, 13))
            OVER (ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM decisions WHERE scanner != 'vra'
    ) WHERE host = '?' OR moment < before
);
CREATE INDEX decisions_by_batch ON decisions (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX decisions_by_import ON decisions (import_id) WHERE import_id IS NOT NULL;
-- What a scanner decided here, newest first, past however many imported labels.
CREATE INDEX decisions_here ON decisions (scanner, decision_id) WHERE import_id IS NULL AND list IS NOT NULL;
"""

_V4_SCORES = """
-- The t0 by which a score's visit and day are counted: when t0 moves, scores of another one are stale.
ALTER TABLE scores ADD COLUMN t0_mjd REAL;
DROP TRIGGER scores_are_never_changed;
-- An alert with a score whose day does not follow from its t0 had another one: all its scores are stale.
UPDATE scores SET t0_mjd = (SELECT t0_mjd FROM alerts a WHERE a.atlas_id = scores.atlas_id)
    WHERE atlas_id NOT IN (
        SELECT s.atlas_id FROM scores s JOIN alerts a USING (atlas_id)
        WHERE s.day != max(0, CAST(s.mjd - a.t0_mjd AS INTEGER) + (s.mjd > a.t0_mjd)));

-- The last exposure known when the alert was scored last, within the days of the models or after them; and
-- the last one known when it was decided: a later night ends a snooze.
ALTER TABLE standing ADD COLUMN visited_mjd REAL;
ALTER TABLE standing ADD COLUMN decided_mjd REAL;
ALTER TABLE decisions ADD COLUMN seen_mjd REAL;
UPDATE standing SET visited_mjd = (SELECT last_mjd FROM alerts a WHERE a.atlas_id = standing.atlas_id)
    WHERE visit IS NOT NULL;
-- To be scored anew: those with stale scores, and snoozes, which may have ended long ago.
UPDATE standing SET pending_revision = (SELECT revision FROM alerts a WHERE a.atlas_id = standing.atlas_id)
    WHERE visit IS NOT NULL AND (decided_list = 'possible'
        OR atlas_id IN (SELECT atlas_id FROM scores WHERE t0_mjd IS NULL));

-- Derived: the trend of the light curve, magnitudes a day, positive where it brightens; in which band.
ALTER TABLE alerts ADD COLUMN rise REAL;
ALTER TABLE alerts ADD COLUMN rise_error REAL;
ALTER TABLE alerts ADD COLUMN rise_band TEXT;
-- Derived: they tell their reasons in other words now.
UPDATE insights SET revision = -1;
"""

_NEVER_CHANGED = """
CREATE TRIGGER {table}_are_never_changed BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only: no row is ever changed'); END;
"""
_NEVER_DELETED = """
CREATE TRIGGER {table}_are_never_deleted BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only: no row is ever deleted'); END;
"""


#: The triggers of every version by name, as they are made.
TRIGGERS = {
    f"{table}_are_never_{what}": statement.format(table=table).strip().removesuffix(";")
    for table in ("scores", "decisions", "notes", "shadow_scores")
    for what, statement in (("changed", _NEVER_CHANGED), ("deleted", _NEVER_DELETED))
}
_STEPS = ("v1_the_spine", "v2_insights", "v3_labels_that_travel", "v4_trust", "v5_any_survey")


def step_after(version: int) -> str | None:
    """The step of the migration that a store of a version has not taken; None for the current one."""
    return _STEPS[version] if version < len(_STEPS) else None


def migrate(connection: sqlite3.Connection, stop_before: str | None = None) -> None:
    """Bring a store (or an empty file) to `SCHEMA_VERSION`. Call inside a transaction.

    ``stop_before`` names a step of the migration: what a store of an older version looks like.
    """
    # Half the start-up time of the screen, and needed only when there is something to migrate.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("vra-tui")

    @migrations()
    def v1_the_spine(db: Database) -> None:
        _run(db.conn, _V1)
        _append_only(db.conn, "scores", "decisions", "notes")

    @migrations()
    def v2_insights(db: Database) -> None:
        _run(db.conn, _V2)
        _append_only(db.conn, "shadow_scores")

    @migrations()
    def v3_labels_that_travel(db: Database) -> None:
        _run(db.conn, _V3)
        _append_only(db.conn, "decisions", "notes")

    @migrations()
    def v4_trust(db: Database) -> None:
        _run(db.conn, _V4_EPOCHS)
        _run(db.conn, _V4_IDENTITY)
        _run(db.conn, _V4_DECISIONS)
        _run(db.conn, _V4_SCORES)
        for table in ("scores", "decisions"):
            _run(db.conn, _NEVER_CHANGED.format(table=table))

    @migrations()
    def v5_any_survey(db: Database) -> None:
        from vra_tui.store.migrations import v5

        v5.apply(db.conn, _run)

    # Plugins of sqlite-utils that somebody has installed have no business in the store, nor under its lock.
    database = Database(connection, execute_plugins=False)
    migrations.apply(database, stop_before=stop_before)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    version = SCHEMA_VERSION if stop_before is None else int(stop_before[1:].partition("_")[0]) - 1
    connection.execute(f"PRAGMA user_version = {version}")


def _append_only(connection: sqlite3.Connection, *tables: str) -> None:
    for table in tables:
        _run(connection, (_NEVER_CHANGED + _NEVER_DELETED).format(table=table))


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run a script statement by statement: ``executescript`` would end the migration's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
