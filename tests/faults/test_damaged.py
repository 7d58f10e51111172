"""A store with a damaged page: found, named, and nothing of the labels lost."""

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.pages import damage, damage_middle
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.doctor import examine
from vra_tui.store.salvage import salvage

LISTS = ("good", "pm", "garbage", "followup")
_LABELS = (
    "SELECT decision_id, alert_id, list, reverts, scanner, timestamp FROM decisions ORDER BY decision_id"
)
_PLACES = "SELECT alert_id, list, decision_id, decided_list, is_undecided FROM standing ORDER BY alert_id"


@pytest.fixture(scope="module")
def labelled_once(template, tmp_path_factory):
    path = tmp_path_factory.mktemp("labelled") / "vra.db"
    shutil.copyfile(template, path)
    with closing(open_store(path)) as store, transaction(store):
        ids = [row[0] for row in store.execute("SELECT alert_id FROM alerts ORDER BY alert_id")]
        now = datetime(2026, 1, 1, tzinfo=UTC)
        amy = Author("amy", "summit")
        for number in range(400):
            now += timedelta(seconds=1)
            taken = decide(store, ids[number % len(ids)], LISTS[number % 3], amy, now, note="seen twice")
            if number % 10 == 0:
                undo(store, taken, amy, now)
        add_note(store, ids[0], "odd", amy, now)
    return path


@pytest.fixture
def labelled(labelled_once, store_path):
    """The store with 400 decisions, some of them undone."""
    shutil.copyfile(labelled_once, store_path)
    return store_path


def content(path):
    with closing(open_store(path)) as store:
        return [
            [tuple(row) for row in store.execute(query)]
            for query in (_LABELS, _PLACES, "SELECT note FROM notes")
        ]


def failures(path, **how):
    return [one.text for one in examine(path, now=datetime.now(UTC), **how) if one.state == "failure"]


@pytest.mark.parametrize("table", ["decisions", "standing", "alerts", "scores", "lightcurves", "matches"])
def test_damage_is_named_and_salvage_brings_every_label(labelled, tmp_path, table):
    before = content(labelled)
    damage_middle(labelled, table)
    assert sum(f"table {table} is damaged" in text for text in failures(labelled)) == 1
    salvaged = tmp_path / "salvaged.db"
    found = salvage(labelled, salvaged)
    assert found.damaged == {table: 1}
    assert found.lost == 0
    after = content(salvaged)
    assert (after[0], after[2]) == (before[0], before[2])
    if table not in ("alerts", "standing", "scores"):
        assert after[1] == before[1]
    assert failures(salvaged, full=True) == []


@pytest.mark.parametrize("index", ["decisions_by_alert", "standing_by_rank"])
def test_damage_in_an_index_is_told_from_damage_in_its_table_and_costs_nothing(labelled, tmp_path, index):
    before = content(labelled)
    damage_middle(labelled, index)
    table = index.partition("_")[0]
    assert any(f"an index of table {table} is damaged" in text for text in failures(labelled))
    salvaged = tmp_path / "salvaged.db"
    salvage(labelled, salvaged)
    assert content(salvaged) == before


def test_a_verb_on_a_damaged_store_says_so_in_a_line(vra, labelled):
    damage_middle(labelled, "standing")
    damage_middle(labelled, "standing_undecided")
    code, _, err = vra("list", "all")
    assert (code, err.count("\n")) == (2, 1)
    assert "vra doctor" in err


def test_the_screen_on_a_damaged_store_says_so_and_can_be_left(scanner, labelled):
    damage_middle(labelled, "lightcurves")
    damage_middle(labelled, "alerts")
    screen = scanner()
    for _ in range(40):
        screen.press("e")
    screen.wait("damaged")
    assert any("vra doctor" in line for line in screen.lines())
    screen.press("q")
    assert screen.terminal.ended() == 0


def test_a_backup_of_a_damaged_store_is_refused_and_the_earlier_ones_stay(vra, labelled):
    assert vra("backup")[0] == 0
    kept = list(labelled.parent.glob("backups/*.db"))
    damage_middle(labelled, "lightcurves")
    code, _, err = vra("backup", "--keep", "1")
    assert (code, err.count("\n")) == (2, 1)
    assert "vra doctor" in err
    assert list(labelled.parent.glob("backups/*")) == kept


def test_a_restore_over_a_damaged_store_brings_the_labels_that_the_backup_lacks(vra, labelled):
    assert vra("backup")[0] == 0
    (backup,) = labelled.parent.glob("backups/*.db")
    with closing(open_store(labelled)) as store, transaction(store):
        wanted = store.execute("SELECT max(alert_id) FROM alerts").fetchone()[0]
        late = decide(store, wanted, "followup", Author("zoe", "here"), datetime.now(UTC), note="rising")
    before = content(labelled)
    damage_middle(labelled, "decisions")
    damage_middle(labelled, "alerts")
    code, _, err = vra("restore", backup)
    assert code == 0, err
    assert content(labelled) == before
    with closing(open_store(labelled)) as store:
        row = store.execute("SELECT note FROM decisions WHERE decision_id = ?", (late,)).fetchone()
        assert row["note"] == "rising"
    (aside,) = labelled.parent.glob("*-replaced.db")
    assert str(aside) in err
    assert failures(labelled, full=True) == []


def test_a_store_without_its_first_page_is_restored(vra, labelled):
    assert vra("backup")[0] == 0
    (backup,) = labelled.parent.glob("backups/*.db")
    before = content(labelled)
    damage(labelled, 1)
    for verb in (["list"], ["doctor"]):
        code, out, err = vra(*verb)
        assert code > 0
        assert "restore" in out + err
    code, _, err = vra("restore", backup)
    assert code == 0, err
    assert "could not be read" in err
    assert content(labelled) == before


def test_a_decision_whose_text_is_damaged_is_counted_and_not_lost_in_silence(labelled, tmp_path):
    """Flipped bits may leave a page whole and a row that the table refuses."""
    with closing(open_store(labelled)) as store:
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute("PRAGMA ignore_check_constraints = ON")
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute("DROP TRIGGER decisions_are_never_changed")
        one = store.execute("SELECT min(sequence) FROM decisions").fetchone()[0]
        store.execute("UPDATE decisions SET list = NULL, reverts = NULL WHERE sequence = ?", (one,))
    with closing(open_store(labelled)) as store:
        before = store.execute("SELECT count(*) FROM decisions").fetchone()[0]
    found = salvage(labelled, tmp_path / "salvaged.db")
    assert (found.rows["decisions"], found.damaged["decisions"], found.lost) == (before - 1, 1, 1)
    assert found.patched == 0
