"""A decision from the future freezes nothing: what is decided next stands, and travels."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import FIRST_ID
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decision_ids import new_id, timestamp
from vra_tui.store.decision_rows import COLUMNS, insert_decisions, latest_id
from vra_tui.store.decisions import Author, decide, latest_by, undo
from vra_tui.store.doctor import examine
from vra_tui.store.healing import from_the_future
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.listing import list_rows
from vra_tui.store.merge import merge
from vra_tui.store.standing import refresh

AMY, EVE = Author("amy", "summit"), Author("eve", "elsewhere")
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
FAR = datetime(2099, 12, 31, 23, tzinfo=UTC)


def take(store, list_name, number=0, author=AMY, now=NOW):
    with transaction(store):
        return decide(store, FIRST_ID + number, list_name, author, now)


def plant(store, number=0, said=NOW, after=None):
    """A decision with an id of 2099, as imports took it before."""
    one = new_id(FAR, after)
    row = dict.fromkeys(COLUMNS) | {
        "decision_id": one, "alert_id": FIRST_ID + number, "list": "garbage", "scanner": "eve",
        "host": "elsewhere", "timestamp": timestamp(said),
    }  # fmt: skip
    with transaction(store):
        insert_decisions(store, [[row[name] for name in COLUMNS]])
        refresh(store, [FIRST_ID + number])
    return one


def lists(store):
    return [row.decided_list for row in list_rows(store, [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2])]


@pytest.mark.parametrize("said", [NOW, FAR])
def test_what_is_decided_next_stands_and_travels_and_so_does_what_was_decided(scored, tmp_path, said):
    planted = plant(scored, said=said)
    assert lists(scored)[0] == "garbage"
    mine = take(scored, "good", number=1)
    assert mine < new_id(NOW + timedelta(hours=1))
    assert lists(scored) == ["garbage", "good", None]
    take(scored, "attic")  # on the alert that the planted one held
    assert lists(scored)[0] == "attic"
    assert latest_id(scored) < planted
    with closing(open_store(tmp_path / "other.db", durable=False)) as other:
        refused = []
        merged = merge(other, SqliteLabelLog(scored, "here").entries(), refused.append, now=NOW)
        assert (merged.decisions, refused) == (3, [])
    assert from_the_future(scored, NOW) == []


def test_what_was_dragged_along_behind_it_is_freed_in_its_order_with_its_undos(scored, tmp_path):
    """A store that lived with it: all it decided since has an id of 2099, and one of it was undone."""
    after = plant(scored)
    rows = []
    for number, name in [(0, "good"), (1, "pm"), (1, "good"), (2, "attic")]:
        after = new_id(NOW, after)
        values = dict.fromkeys(COLUMNS) | {
            "decision_id": after, "alert_id": FIRST_ID + number, "list": name, "scanner": "amy",
            "host": "summit", "timestamp": timestamp(NOW), "follows": rows[-1][0] if rows else None,
        }  # fmt: skip
        rows.append([values[name] for name in COLUMNS])
    undoing = dict.fromkeys(COLUMNS) | {
        "decision_id": new_id(NOW, after), "alert_id": FIRST_ID + 1, "reverts": rows[2][0],
        "scanner": "amy", "host": "summit", "timestamp": timestamp(NOW),
    }  # fmt: skip
    with transaction(scored):
        insert_decisions(scored, [*rows, [undoing[name] for name in COLUMNS]])
        refresh(scored, [FIRST_ID + n for n in range(3)])
    before = lists(scored)
    assert before == ["good", "pm", "attic"]
    (finding,) = [one for one in examine_ids(scored)]
    assert finding.state == "warning"
    assert "6 decisions are from the future" in finding.text
    assert "2099-12-31" in finding.text
    (finding,) = [one for one in examine_ids(scored, repair=True)]
    assert finding.state == "repaired"
    assert lists(scored) == before
    assert [one.state for one in examine_ids(scored)] == ["ok"]
    assert [one.list for one in latest_by(scored, "amy")] == ["attic", "pm", "good"]
    with closing(open_store(tmp_path / "other.db", durable=False)) as other:
        refused = []
        merge(other, SqliteLabelLog(scored, "here").entries(), refused.append, now=NOW)
        assert refused == []
        kept = other.execute("SELECT list FROM decisions ORDER BY decision_id").fetchall()
        assert [row[0] for row in kept] == ["garbage", "good", "pm", "attic"]


def examine_ids(store, **how):
    path = next(row["file"] for row in store.execute("PRAGMA database_list"))
    from pathlib import Path

    return [one for one in examine(Path(path), now=NOW, **how) if one.check == "ids"]


def test_a_decision_from_the_future_can_be_undone_though_it_was_replaced_meanwhile(scored):
    planted = plant(scored)
    with transaction(scored):
        undo(scored, planted, AMY, NOW)
    assert lists(scored)[0] is None


def test_a_clock_that_was_put_back_makes_nothing_the_future(scored):
    take(scored, "good", now=NOW)
    take(scored, "pm", now=NOW - timedelta(days=365))
    assert lists(scored)[0] == "pm"
    assert scored.execute("SELECT count(*) FROM decisions").fetchone()[0] == 2
