"""What every place that keeps labels must do, whether it is a store or a folder that a team shares."""

import shutil
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all
from vra_tui.domain.refusal import InputPiece, Refusal
from vra_tui.export.label_folder import LabelFolder
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.label_entry import Merged
from vra_tui.store.label_log import SqliteLabelLog, exchange
from vra_tui.store.log import HISTORY_COLUMNS
from vra_tui.store.precedence import DecisionNode, standing_decision

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def places(tmp_path):
    """Makes places of a kind: a store with two scored alerts, or an empty folder."""
    with ExitStack() as opened:

        def make(kind, name):
            if kind == "folder":
                (tmp_path / name).mkdir()
                return LabelFolder(tmp_path / name)
            store = open_store(tmp_path / f"{name}.db", durable=False)
            opened.callback(store.close)
            ingest_objects(store, [api_object(n) for n in range(2)], Clock(START))
            score_all(store, Clock(START))
            return SqliteLabelLog(store, name)

        yield make


@pytest.fixture(params=["store", "folder"])
def log(request, places):
    return places(request.param, "log")


def row(minute, object_id=FIRST_ID, **values):
    moment = START + timedelta(minutes=minute)
    known = {"survey": "atlas", "object_id": str(object_id), "scanner": "zoe", "host": "summit"}
    return dict.fromkeys(HISTORY_COLUMNS) | known | {
        "decision_id": new_id(moment), "timestamp": timestamp(moment), **values,
    }  # fmt: skip


def pieces(rows):
    return [InputPiece("test", f"row {number}", one) for number, one in enumerate(rows, 1)]


@pytest.fixture
def rows():
    """Good, then garbage, which is undone; and a note."""
    good = row(0, list="good", tags="sn nuclear", note="two\nlines")
    garbage = row(1, list="garbage", follows=good["decision_id"], scanner="ada", rank=2.5)
    undone = row(2, reverts=garbage["decision_id"], scanner="ada")
    return [good, garbage, undone, row(3, note="look again", object_id=FIRST_ID + 1)]


def held(log):
    found = list(log.entries())
    assert not [one for one in found if isinstance(one, Refusal)]
    return [one.value for one in found]


def standing(log):
    """What stands on each alert by the pure rules, from the entries alone."""
    stances = {}
    for one in held(log):
        follows, tags = (tuple((one[name] or "").split()) for name in ("follows", "tags"))
        stance = DecisionNode(
            one["decision_id"], one["list"], one["reverts"], one["scanner"], tags=frozenset(tags),
            follows=follows,
        )  # fmt: skip
        stances.setdefault(one["object_id"], []).append(stance)
    found = {name: standing_decision(known) for name, known in stances.items()}
    return {name: one.list for name, one in found.items() if one is not None}


def test_what_is_appended_is_held_in_the_order_of_its_ids(log, rows):
    came = log.append(pieces(rows[::-1]), now=NOW)
    assert (came.decisions, came.undos, came.notes, came.known, came.refused) == (2, 1, 1, 0, 0)
    assert held(log) == rows


def test_in_whatever_order_and_pieces_and_however_often_it_is_the_same(places, rows):
    for kind in ("store", "folder"):
        for number, order in enumerate(permutations(rows, 4)):
            if kind == "store" and number % 6:
                continue
            log = places(kind, f"{kind}{number}")
            log.append(pieces(order[: number % 4]), now=NOW)
            log.append(pieces(order), now=NOW)
            again = log.append(pieces(order), now=NOW)
            assert (again.known, again.decisions + again.undos + again.notes) == (4, 0)
            assert held(log) == rows
            assert standing(log) == {str(FIRST_ID): "good"}


def test_an_undo_takes_back_the_decision_that_it_names_wherever_it_arrives(log, rows):
    good, garbage, undone, _ = rows
    log.append(pieces([undone, good]), now=NOW)
    assert standing(log) == {str(FIRST_ID): "good"}
    log.append(pieces([garbage]), now=NOW)
    assert standing(log) == {str(FIRST_ID): "good"}


def test_what_is_broken_contradicts_or_is_from_the_future_is_refused_by_itself(log, rows):
    log.append(pieces(rows[:1]), now=NOW)
    wrong = [
        rows[0] | {"list": "garbage"},
        row(4, list="two words"),
        row(5, list="good", survey=None),
        row(60 * 24 * 400, list="good"),
    ]
    refused = []
    given = [*pieces(wrong), Refusal("test", "line 9", "no JSON"), *pieces(rows)]
    came = log.append(given, refused.append, now=NOW)
    assert came.refused == len(refused) == 5
    for word in ("another list", "plain word", "survey None", "future", "no JSON"):
        assert sum(word in one.reason for one in refused) == 1, word
    assert held(log) == rows


def test_the_policies_own_decisions_are_no_part_of_it(log, rows):
    came = log.append(pieces([row(9, list="garbage", scanner=MACHINE), *rows]), now=NOW)
    assert came.machine == 1
    assert held(log) == rows


@pytest.fixture
def team(places):
    """Three stores in which scanners decided, one without knowing of the others, and a folder."""
    logs = [places("store", name) for name in ("zoe", "ada", "eve")]
    lists = ["good", "garbage", "attic"]
    for number, (log, list_name) in enumerate(zip(logs, lists, strict=True)):
        author, moment = Author(log.name, "summit"), START + timedelta(hours=number)
        with transaction(log.store):
            first = decide(log.store, FIRST_ID, list_name, author, moment)
            decide(log.store, FIRST_ID + 1, list_name, author, moment)
            add_note(log.store, FIRST_ID, f"of {log.name}", author, moment)
            if log.name == "eve":
                undo(log.store, first, author, moment)
    return logs, places("folder", "shared")


def places_of(log):
    query = """SELECT object_id, list, decided_by, is_in_conflict FROM standing JOIN objects USING (alert_id)
        ORDER BY 1"""
    return [tuple(one) for one in log.store.execute(query)]


def test_stores_that_exchange_with_a_folder_agree_with_it_and_with_each_other(team):
    logs, folder = team
    for log in (*logs, *logs[:2]):
        exchange(log, folder, lambda refusal: pytest.fail(str(refusal)), now=NOW)
    assert all(held(log) == held(folder) for log in logs)
    assert len(held(folder)) == 10
    for log in logs:
        assert places_of(log) == [
            (str(FIRST_ID), "garbage", "ada", 1), (str(FIRST_ID + 1), "attic", "eve", 1)
        ]  # fmt: skip
    assert standing(folder) == {str(FIRST_ID): "garbage", str(FIRST_ID + 1): "attic"}


def test_an_exchange_the_second_time_changes_nothing(team):
    (zoe, *_), folder = team
    exchange(zoe, folder, now=NOW)
    files = sorted(folder.folder.iterdir())
    taken, given = exchange(zoe, folder, now=NOW)
    assert taken == Merged(known=3)
    assert given == Merged(known=3)
    assert sorted(folder.folder.iterdir()) == files


def test_folders_are_united_by_copying_their_files_together(team, places, tmp_path):
    (zoe, ada, eve), folder = team
    exchange(zoe, folder, now=NOW)
    other = places("folder", "other")
    exchange(ada, other, now=NOW)
    exchange(zoe, other, now=NOW)
    for path in other.folder.iterdir():
        shutil.copy(path, folder.folder)
    exchange(eve, folder, now=NOW)
    assert held(folder) == held(eve)
    assert len(held(folder)) == 10


def test_a_file_that_is_cut_off_or_foreign_costs_its_broken_rows_alone(tmp_path, rows):
    folder = LabelFolder(tmp_path)
    folder.append(pieces(rows[:2]), now=NOW)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    (tmp_path / "labels-x.jsonl").write_text("not,a,table\n1,2,3\n")
    (tmp_path / "labels-y.jsonl").write_text('[1]\n{"decision_id": 3}\n')
    (tmp_path / "labels-z.jsonl").mkdir()
    (tmp_path / "notes.txt").write_text("ours")
    refused = []
    assert folder.append(pieces(rows), refused.append, now=NOW).decisions == 1
    assert not refused
    found = list(folder.entries())
    assert [one.value for one in found if isinstance(one, InputPiece) and len(one.value) > 1] == rows
    assert {one.source.rpartition("/")[2] for one in found if isinstance(one, Refusal)} == {
        path.name, "labels-x.jsonl", "labels-y.jsonl", "labels-z.jsonl",
    }  # fmt: skip
    assert (tmp_path / "notes.txt").read_text() == "ours"
