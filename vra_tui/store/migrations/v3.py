"""Version 3: labels that travel between stores, second opinions, conflicts, and who looks at what."""

import sqlite3

from vra_tui.store.migrations.scripts import append_only, run

_SCRIPT = """
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


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 2 to version 3."""
    run(connection, _SCRIPT)
    append_only(connection, "decisions", "notes")
