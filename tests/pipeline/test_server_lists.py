"""What people decide at the ATLAS server is seen here as theirs, once, and settles nothing silently."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import FixedModel, all_in_scope, quad
from tests.harness.atlas_server import AtlasServer
from tests.harness.server import serving
from tests.sources.wires.conftest import MadeTime, MadeTools
from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.pipeline import pull as pulling
from vra_tui.pipeline.pull import Pulled, pull
from vra_tui.pipeline.score import score
from vra_tui.ranking.lists import DECISIONS
from vra_tui.sources.wires.atlas_answers import NOBODY
from vra_tui.sources.wires.base import SourceSettings
from vra_tui.sources.wires.kinds import open_wire
from vra_tui.store import Store
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, DecisionRow, decide, history, undo
from vra_tui.store.listing import list_ids
from vra_tui.store.log import HistoryQuery, conflicts, history_rows
from vra_tui.store.merge import merge
from vra_tui.surveys.atlas.lists import DECIDED

NOW = datetime(2023, 3, 10, 3, tzinfo=UTC)
HERE = Author("anna", "summit")
THERE = "127.0.0.1"


class Night:
    """A store, the server, and the wire between them."""

    def __init__(self, store: Store) -> None:
        self.store, self.server, self.tools = store, AtlasServer(), MadeTools(MadeTime(NOW.timestamp()))
        self.now, self.refused = NOW, list[Refusal]()
        self.object_id = self.server.add(0)

    def pull(self, store: Store | None = None, **options: object) -> Pulled:
        with serving(self.server) as served:
            given = {"url": f"{served.url}api/", "since": 1000.0, "decided_since": 1000.0, **options}
            wire = open_wire(SourceSettings("atlas", "atlas", given), self.tools.made())
            pulled = pull(store or self.store, wire, clock=lambda: self.now, on_refusal=self.refused.append)
            wire.close()
        assert pulled.fault is None
        return pulled

    def move(self, name: str, by: str | None, at: str) -> None:
        number = DECISIONS[name].list_id
        self.server.move(self.object_id, number, by, at)

    def decide(self, name: str) -> str:
        with transaction(self.store):
            return decide(self.store, int(self.object_id), name, HERE, NOW)

    @property
    def decisions(self) -> list[DecisionRow]:
        return [row for row in history(self.store, int(self.object_id)) if row.scanner != "vra"]

    @property
    def told(self) -> list[tuple[str, str | None, str]]:
        """Of each decision who took it, the list, and on which day it was."""
        return [(row.scanner, row.list, row.timestamp[:16]) for row in self.decisions]

    def list_of(self) -> str:
        query = "SELECT list FROM standing WHERE alert_id = ?"
        return str(self.store.execute(query, (int(self.object_id),)).fetchone()[0])


@pytest.fixture
def night(store: Store) -> Night:
    found = Night(store)
    found.pull()
    return found


def test_a_decision_taken_there_is_that_persons_here(night: Night):
    night.move("good", "michael.fulton", "2023-03-01T10:30:00Z")
    night.pull()
    (row,) = night.decisions
    assert (row.scanner, row.host, row.list) == ("michael.fulton", THERE, "good")
    assert row.timestamp == "2023-03-01T10:30:00.000+00:00"
    assert night.list_of() == "good"
    assert conflicts(night.store) == []


def test_the_same_state_makes_one_decision_however_often_it_is_told(night: Night):
    night.move("good", "michael.fulton", "2023-03-01T10:30:00Z")
    night.pull()
    night.store.execute("DELETE FROM source_positions")
    night.tools.known.clear()
    night.pull(lists=["good"])
    # A comment changes the object, and nothing of where it lies.
    night.server.objects[night.object_id]["object"] |= {
        "date_modified": "2023-03-02T00:00:00Z", "local_comments": "host?", "updated_by": "ken.smith"
    }  # fmt: skip
    night.pull()
    assert night.told == [("michael.fulton", "good", "2023-03-01T10:30")]


def test_what_waits_there_is_no_decision(night: Night):
    night.server.add(1, 8)
    night.server.add(2, 12)
    night.server.add(3, 7)
    night.pull(lists=["eyeball", "fasttrack", "galactic", "agn"])
    assert len(list_ids(night.store, "all")) == 4
    assert night.decisions == []
    assert list(history_rows(night.store, HistoryQuery())) == []


def test_a_conflict_with_a_decision_made_here_is_shown_and_settled_by_a_scanner(night: Night):
    night.decide("garbage")
    night.move("good", "michael.fulton", "2023-03-01T10:30:00Z")
    night.pull()
    (found,) = conflicts(night.store)
    assert {(side.scanner, side.list) for side in found.sides} == {
        ("michael.fulton", "good"), ("anna", "garbage")
    }  # fmt: skip
    assert list_ids(night.store, "conflicts").tolist() == [int(night.object_id)]
    settled = night.decide("good")
    assert conflicts(night.store) == []
    # Nothing that the server goes on saying opens it again.
    night.server.objects[night.object_id]["object"]["date_modified"] = "2023-03-03T00:00:00Z"
    night.pull()
    assert conflicts(night.store) == []
    assert night.decisions[-1].decision_id == settled


def test_the_conflict_is_the_same_whichever_was_first(night: Night):
    night.move("good", "michael.fulton", "2023-03-01T10:30:00Z")
    night.pull()
    night.decide("garbage")  # in knowledge of it: a correction, and no conflict
    assert conflicts(night.store) == []
    night.move("attic", "michael.fulton", "2023-03-04T10:30:00Z")
    night.pull()
    assert len(conflicts(night.store)) == 1


@pytest.mark.parametrize(
    ("at", "is_disputed"), [("2023-03-10T04:00:00Z", False), ("2023-03-09T04:00:00Z", True)]
)
def test_who_decides_anew_there_is_not_in_conflict_with_herself(at: str, is_disputed: bool, night: Night):
    night.decide("garbage")  # on 10 March, at three
    night.now = NOW + timedelta(hours=2)
    night.move("good", HERE.scanner, at)
    night.pull()
    assert bool(conflicts(night.store)) == is_disputed
    assert night.list_of() == ("garbage" if is_disputed else "good")


def test_who_agrees_is_not_in_conflict(night: Night):
    night.decide("good")
    night.move("good", "michael.fulton", "2023-03-01T10:30:00Z")
    night.pull()
    assert len(night.decisions) == 2
    assert conflicts(night.store) == []


def test_a_correction_made_there_follows_what_it_corrects(night: Night):
    for name, by, at in [
        ("possible", "ken", "2023-03-01T01:00:00Z"), ("good", "michael", "2023-03-02T01:00:00Z"),
        ("followup", "ken", "2023-03-03T01:00:00Z"),
    ]:  # fmt: skip
        night.move(name, by, at)
        night.pull()
    assert [row.list for row in night.decisions] == ["possible", "good", "followup"]
    assert conflicts(night.store) == []
    assert night.list_of() == "followup"


def test_a_clock_put_back_there_does_not_turn_the_order_around(night: Night):
    night.move("good", "michael", "2023-03-05T01:00:00Z")
    night.pull()
    night.move("attic", "ken", "2023-03-04T01:00:00Z")
    night.pull()
    assert [row.list for row in night.decisions] == ["good", "attic"]
    assert night.refused == []
    assert night.list_of() == "attic"


def test_put_back_there_it_waits_here_again(night: Night):
    night.move("garbage", "michael", "2023-03-01T01:00:00Z")
    night.pull()
    night.move("eyeball", "ken", "2023-03-02T01:00:00Z")
    night.pull()
    night.pull()
    assert night.told[1:] == [("ken", "eyeball", "2023-03-02T01:00")]
    assert int(night.object_id) in list_ids(night.store, "eyeball")


def test_a_program_that_moves_it_does_not_lend_itself_a_persons_name(night: Night):
    night.move("possible", "michael", "2023-03-01T01:00:00Z")
    night.pull()
    night.move("eyeball", None, "2023-03-02T01:00:00Z")  # by the API, which leaves the name as it was
    night.pull()
    assert night.told[1:] == [(NOBODY, "eyeball", "2023-03-02T01:00")]


@pytest.mark.parametrize("name", [None, "", "VRA", "two\nlines", "x" * 101, 7])
def test_a_name_that_nobody_can_have_is_the_servers(name: object, night: Night):
    night.move("good", None, "2023-03-01T01:00:00Z")
    night.server.objects[night.object_id]["object"]["updated_by"] = name
    night.pull()
    assert night.told == [(NOBODY, "good", "2023-03-01T01:00")]


def test_what_programs_file_there_is_no_decision(night: Night):
    night.move("garbage", "vra", "2023-03-01T01:00:00Z")
    night.pull()
    night.move("pm", "sorter", "2023-03-02T01:00:00Z")
    night.pull(robots=["vra", "sorter"])
    assert night.told == []


def test_a_snooze_of_theirs_ends_with_the_next_visit_and_may_begin_anew(night: Night):
    lc = night.server.objects[night.object_id]["lc"]
    lc += quad(1)
    night.move("possible", "michael", "2023-03-01T01:00:00Z")
    night.pull()
    score(night.store, FixedModel(), clock=lambda: NOW, may_discard=all_in_scope)
    assert night.list_of() == "possible"
    lc += quad(8)
    night.pull()
    score(night.store, FixedModel(), clock=lambda: NOW, may_discard=all_in_scope)
    assert night.list_of() != "possible"
    night.move("possible", "michael", "2023-03-09T01:00:00Z")
    night.pull()
    assert night.list_of() == "possible"
    assert [row.list for row in night.decisions] == ["possible", "possible"]


def test_what_a_scanner_here_took_back_is_not_told_again(night: Night):
    night.move("good", "michael", "2023-03-01T01:00:00Z")
    night.pull()
    (row,) = night.decisions
    with transaction(night.store):
        undo(night.store, row.decision_id, HERE, NOW)
    night.server.objects[night.object_id]["object"]["date_modified"] = "2023-03-02T01:00:00Z"
    night.pull()
    assert [one.list for one in night.decisions] == ["good", None]


def test_two_stores_that_ask_the_same_server_have_the_same_decisions(night: Night, tmp_path):
    night.move("good", "michael", "2023-03-01T01:00:00Z")
    night.pull()
    with open_store(tmp_path / "other.db") as other:
        night.tools.known.clear()
        night.pull(other, lists=["good"])
        rows = list(history_rows(other, HistoryQuery()))
        assert rows == list(history_rows(night.store, HistoryQuery()))
        merged = merge(night.store, [InputPiece("other", "1", row) for row in rows], now=NOW)
    assert (merged.known, merged.decisions, merged.refused) == (1, 0, 0)


def test_a_program_killed_before_the_alerts_were_in_has_lost_neither(
    night: Night, monkeypatch: pytest.MonkeyPatch
):
    class Killed(BaseException):
        """As a signal ends the program."""

    def kill(*arguments: object, **more: object) -> None:
        raise Killed

    other = night.server.add(5, 2, "2023-03-01T01:00:00Z", header={"updated_by": "ken"})
    with monkeypatch.context() as patched:
        patched.setattr(pulling, "ingest", kill)
        with pytest.raises(Killed):
            night.pull(lists=["good"])
    night.pull(lists=["good"])
    assert [row.scanner for row in history(night.store, int(other))] == ["ken"]
    assert int(other) in list_ids(night.store, "good")


def test_a_time_of_the_future_is_refused_and_told(night: Night):
    night.move("good", "michael", "2024-03-01T01:00:00Z")
    night.pull()
    assert night.told == []
    assert any("future" in refusal.reason for refusal in night.refused)


@pytest.mark.parametrize("at", [None, "yesterday", "", 5])
def test_a_decision_without_a_time_is_of_now(at: object, night: Night):
    night.move("good", "michael", "2023-03-01T01:00:00Z")
    night.server.objects[night.object_id]["object"]["date_modified"] = at
    night.pull()
    assert night.told == [("michael", "good", "2023-03-10T03:00")]


def test_recorded_objects_tell_who_filed_them(store: Store, real_data: Path):
    night = Night(store)
    for path in sorted((real_data / "atlas_api").glob("*.json")):
        value = json.loads(path.read_bytes())
        night.server.objects[str(value["object"]["id"])] = value
    night.now = datetime(2026, 11, 28, tzinfo=UTC)
    night.pull(lists=["good", "pm"], since=5_000.0)
    assert night.refused == []
    rows = list(history_rows(store, HistoryQuery()))
    assert [(row["scanner"], row["list"], row["timestamp"]) for row in rows] == [
        ("michael.fulton", "good", "2020-09-15T22:11:51.000+00:00"),
        ("david.young", "pm", "2023-11-13T16:28:20.000+00:00"),
    ]


def test_the_servers_numbers_are_those_of_the_decisions():
    known = {one.list_id: name for name, one in DECISIONS.items() if name != "eyeball"}
    assert dict(DECIDED) == known
