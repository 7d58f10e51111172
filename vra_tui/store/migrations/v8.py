"""Version 8: what is to leave, epochs called bad, doubted labels, evenings, P(worth following up)."""

import sqlite3

from vra_tui.store.migrations.scripts import append_only, run, views_set_aside

_OUTBOX = """
-- What is to leave: one row an item, which never changes; what came of it stands in outbox_events.
CREATE TABLE outbox (
    item_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The configured target, by its name.
    target TEXT NOT NULL,
    -- One line for people.
    subject TEXT NOT NULL,
    -- JSON; what is sent follows from it alone.
    content TEXT NOT NULL,
    -- Two items of one kind and target with the same identity have the same effect.
    identity TEXT NOT NULL,
    -- From which decision it came; NULL: by hand, or from scores.
    decision_id TEXT,
    -- The rule that made it, by its name; NULL: somebody's key.
    rule TEXT,
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    -- The item whose content an edit made anew, or which this one corrects.
    follows TEXT
) WITHOUT ROWID;
CREATE INDEX outbox_by_identity ON outbox (kind, target, identity);
CREATE INDEX outbox_by_decision ON outbox (decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX outbox_by_follows ON outbox (follows) WHERE follows IS NOT NULL;

-- Which alerts an item is about.
CREATE TABLE outbox_alerts (
    item_id TEXT NOT NULL REFERENCES outbox (item_id),
    alert_id INTEGER NOT NULL,
    PRIMARY KEY (item_id, alert_id)
) WITHOUT ROWID;
CREATE INDEX outbox_alerts_by_alert ON outbox_alerts (alert_id);

-- The history of each item: draft, approved, sending, accepted, refused, withdrawn.
CREATE TABLE outbox_events (
    event_id INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES outbox (item_id),
    state TEXT NOT NULL,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    -- What the target said, or why.
    answer TEXT
);
CREATE INDEX outbox_events_by_item ON outbox_events (item_id);

-- Derived: the state of each item, from its latest event. `due_at`: seconds since 1970 before which it rests;
-- of an item with an owner, the end of its lease. `owner`: which run of a program is sending it now.
CREATE TABLE outbox_states (
    item_id TEXT PRIMARY KEY REFERENCES outbox (item_id),
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL,
    owner TEXT
) WITHOUT ROWID;
CREATE INDEX outbox_by_state ON outbox_states (state, due_at);
"""

_MARKS = """
-- Epochs that a scanner called bad, and takings back of it; the latest of an epoch counts.
CREATE TABLE epoch_marks (
    mark_id TEXT PRIMARY KEY,
    alert_id INTEGER NOT NULL,
    -- detections, nondetections or forced.
    section TEXT NOT NULL,
    -- The epoch's identity within its section, the same on every machine.
    epoch TEXT NOT NULL,
    -- NULL where only the id of its source was told, and the store did not hold it then.
    mjd REAL,
    -- '' likewise.
    band TEXT NOT NULL,
    is_bad INTEGER NOT NULL,
    scanner TEXT NOT NULL,
    host TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX epoch_marks_by_alert ON epoch_marks (alert_id);

-- The last score of each alert from before its epochs were marked: that and earlier ones are stale.
CREATE TABLE stale_scores (
    alert_id INTEGER PRIMARY KEY,
    score_id INTEGER NOT NULL
) WITHOUT ROWID;
"""

_DOUBT = """
-- Derived: the list `doubt`, labels that a model which never saw them contradicts, the strongest first.
CREATE TABLE doubt (
    alert_id INTEGER PRIMARY KEY REFERENCES alerts (alert_id),
    -- The decision that is doubted.
    decision_id TEXT NOT NULL,
    worth REAL NOT NULL,
    -- Whether it was drawn at random from all labels, and not because it is contradicted.
    is_random INTEGER NOT NULL,
    reason TEXT NOT NULL
);
"""

_EVENINGS = """
-- What the labels bought by then, one row a reckoning: JSON, by survey.
CREATE TABLE evenings (
    evening_id INTEGER PRIMARY KEY,
    survey TEXT NOT NULL,
    at TEXT NOT NULL,
    labels INTEGER NOT NULL,
    figures TEXT NOT NULL
);
"""

_FOLLOW_UP = """
-- P(worth following up), of models that were taught it; NULL of all others.
ALTER TABLE scores ADD COLUMN pfollow REAL;
ALTER TABLE standing ADD COLUMN pfollow REAL;
"""

_MESSAGES = """
-- Rules for messages, by their names in the configuration: what they asked when they began, and told last.
CREATE TABLE message_rules (
    rule TEXT PRIMARY KEY,
    words TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    told_at TEXT
) WITHOUT ROWID;

-- Which alerts a rule found, each once. `item_id`: the message that told it; NULL: it waits for the next one;
-- '': it fulfilled the rule before that began.
CREATE TABLE message_alerts (
    rule TEXT NOT NULL,
    alert_id INTEGER NOT NULL,
    found_at TEXT NOT NULL,
    item_id TEXT,
    PRIMARY KEY (rule, alert_id)
) WITHOUT ROWID;
CREATE INDEX message_alerts_waiting ON message_alerts (rule) WHERE item_id IS NULL;
"""


def apply(connection: sqlite3.Connection) -> None:
    """Bring a store of version 7 to version 8."""
    for script in (_OUTBOX, _MARKS, _DOUBT, _EVENINGS, _MESSAGES):
        run(connection, script)
    with views_set_aside(connection):
        run(connection, _FOLLOW_UP)
    append_only(connection, "outbox_events", "epoch_marks")
