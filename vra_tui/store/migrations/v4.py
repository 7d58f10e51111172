"""Version 4: times of what was said, the store's identity, batches and imports, scores by their t0."""

import sqlite3

from vra_tui.store.migrations.scripts import never_changed, run

#: The ``import_id`` of what was imported before the store kept through which import a row came.
IMPORTED_EARLIER = "before schema 4"

_EPOCHS = """
-- When the survey last said each thing of the record and the context (store/key_times.py), as JSON; NULL in
-- alerts from before, of which one response is taken to have said all.
ALTER TABLE alerts ADD COLUMN key_times TEXT;
"""

_IDENTITY = """
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

_DECISIONS = f"""
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

_SCORES = """
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


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 3 to version 4."""
    for script in (_EPOCHS, _IDENTITY, _DECISIONS, _SCORES):
        run(connection, script)
    never_changed(connection, "scores", "decisions")
