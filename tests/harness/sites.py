"""Stores of several scanners whose clocks jump, for tests of how histories come together."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.factories import FIRST_ID
from vra_tui.domain.refusal import InputPiece
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, latest_by, undo
from vra_tui.store.epoch_marks import read_epoch
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.log import HistoryQuery, conflicts, history_rows
from vra_tui.store.marked_alerts import mark_epochs
from vra_tui.store.merge import merge
from vra_tui.store.second_opinions import ASK

ZOE, ADA, EVE = (Author(name, "summit") for name in ("zoe", "ada", "eve"))
#: Alerts of each store.
ALERTS = 2
START = datetime(2026, 3, 1, tzinfo=UTC)
#: When histories are taken in, by the clock here.
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass
class Site:
    """A store with a scanner whose clock jumps."""

    store: object
    scanner: Author
    now: datetime = START
    written: int = 0
    refused: list = field(default_factory=list)

    def act(self, what, number, jump):
        self.now += timedelta(milliseconds=jump)
        with transaction(self.store):
            if what == "undo":
                own = latest_by(self.store, self.scanner.scanner, 1)
                if own:
                    undo(self.store, own[0].decision_id, self.scanner, self.now)
            elif what == "undo another's":
                row = self.store.execute(
                    """SELECT decision_id FROM decisions d WHERE list IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id) ORDER BY sequence LIMIT 1"""
                ).fetchone()
                if row:
                    undo(self.store, row[0], self.scanner, self.now)
            elif what == "note":
                add_note(self.store, FIRST_ID + number, f"note {self.now}", self.scanner, self.now)
            elif what.endswith("epoch"):
                is_bad = what == "bad epoch"
                alert_id, epoch = FIRST_ID + number, read_epoch(EPOCH)
                mark_epochs(self.store, alert_id, [epoch], is_bad, self.scanner, self.now, f"at {self.now}")
            elif what == "ask for a second opinion":
                decide(self.store, FIRST_ID + number, "good", self.scanner, self.now, tags=[ASK])
            else:
                decide(self.store, FIRST_ID + number, what, self.scanner, self.now)

    def take(self, other):
        merged = SqliteLabelLog(self.store, "here").append(
            list(SqliteLabelLog(other.store, "other").entries()), self.refused.append, now=NOW
        )
        assert not self.refused
        return merged


def everything(store):
    """What a store says of every decision and alert, in no order of its own."""
    standing = store.execute(
        """SELECT alert_id, list, is_undecided, is_back, decision_id, decided_list, decided_by, decided_visit,
        is_in_conflict, opinion FROM standing ORDER BY alert_id"""
    )
    return (
        [tuple(row.values()) for row in history_rows(store, HistoryQuery())],
        [tuple(row) for row in standing],
        [tuple(row) for row in store.execute("SELECT n_detections, last_mag FROM alerts ORDER BY alert_id")],
        conflicts(store),
    )


def sites(folder, scored_file, count=3):
    found = []
    for author in (ZOE, ADA, EVE)[:count]:
        path = folder / f"{author.scanner}.db"
        path.write_bytes(scored_file)
        found.append(Site(open_store(path, durable=False), author))
    return found


#: An epoch of all of these alerts.
EPOCH = "detections 60000.500000000/02a/o 60000.500000000 o"


def decided(site, number=0):
    row = site.store.execute("SELECT * FROM standing WHERE alert_id = ?", (FIRST_ID + number,)).fetchone()
    return row["decided_list"], bool(row["is_in_conflict"])


def refusals_of(store, *rows):
    refused = []
    pieces = [InputPiece("f.csv", f"line {n}", row) for n, row in enumerate(rows, 2)]
    merged = merge(store, pieces, refused.append, now=NOW)
    return merged, [f"{one.position}: {one.reason}" for one in refused]
