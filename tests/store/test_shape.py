"""Files by others are taken only where their schema is this program's; what drops rows unseen is found."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID
from vra_tui.store.backup import BackupError, back_up
from vra_tui.store.bundle import other_store
from vra_tui.store.connection import StoreError, open_store, transaction
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.decisions import Author, add_note, decide
from vra_tui.store.doctor import examine
from vra_tui.store.restore import restore
from vra_tui.store.schema import SCHEMA_VERSION, migrate, step_after
from vra_tui.store.scores import append_scores
from vra_tui.store.shape import difference, normal

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
AMY = Author("amy", "summit")
DROPS = "CREATE TRIGGER quiet BEFORE INSERT ON decisions BEGIN SELECT RAISE(IGNORE); END"
RENAMED = [
    "DROP TRIGGER notes_are_never_changed",
    "CREATE TRIGGER notes_are_never_changed BEFORE INSERT ON notes BEGIN SELECT RAISE(IGNORE); END",
]
ENDLESS = [
    "PRAGMA foreign_keys = OFF",
    "ALTER TABLE tns_matches RENAME TO away",
    """CREATE VIEW tns_matches AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
    SELECT * FROM n""",
]
UNIQUE = "CREATE UNIQUE INDEX one_each ON decisions (scanner)"
COMPUTED = "CREATE INDEX computed ON decisions (length(note))"
COLUMN = "ALTER TABLE notes ADD COLUMN mine TEXT"
HOSTILE = [[DROPS], RENAMED, ENDLESS, [UNIQUE], [COMPUTED], [COLUMN], ["DROP TABLE insights"]]
NAMES = ["quiet", "notes_are_never_changed", "tns_matches", "one_each", "computed", "notes", "insights"]


@pytest.fixture(autouse=True)
def new_stores_are_copied() -> None:
    """Here they are made: that is what is tested."""


def take(store, number=0):
    with transaction(store):
        return decide(store, FIRST_ID + number, "good", AMY, NOW)


@pytest.fixture
def backup(scored, store_path):
    take(scored)
    return back_up(store_path, now=NOW).path


def spoil(path, statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for statement in statements:
            file.execute(statement)


@pytest.mark.parametrize(("statements", "name"), zip(HOSTILE, NAMES, strict=True))
def test_a_foreign_schema_is_refused_by_name_wherever_files_come_in(
    scored, store_path, backup, statements, name
):
    spoil(backup, statements)
    with pytest.raises(BackupError, match=rf"(index|table|trigger|view|lacks).* {name}"), other_store(backup):
        pass
    take(scored, 1)
    scored.close()
    before = store_path.read_bytes()
    with pytest.raises(BackupError, match=rf"(index|table|trigger|view|lacks).* {name}"):
        restore(backup, store_path, now=NOW)
    assert store_path.read_bytes() == before
    findings = [one for one in examine(backup, now=NOW) if one.check == "schema"]
    assert any(one.state == "failure" and name in one.text for one in findings)


@pytest.mark.parametrize("statements", [[DROPS], RENAMED])
def test_no_store_with_a_foreign_trigger_is_opened(scored, store_path, statements):
    spoil(store_path, statements)
    with pytest.raises(StoreError, match=r"triggers that are not of this program: (quiet|notes_are)"):
        open_store(store_path)


def test_a_write_that_wrote_nothing_fails_and_says_so(scored):
    scored.execute(DROPS)
    scored.execute("CREATE TRIGGER hush BEFORE INSERT ON notes BEGIN SELECT RAISE(IGNORE); END")
    with pytest.raises(StoreError, match="took 0 of 1 rows"):
        take(scored)
    with pytest.raises(StoreError, match="took 0 of 1 rows"), transaction(scored):
        add_note(scored, FIRST_ID, "odd", AMY, NOW)
    assert scored.execute("SELECT count(*) FROM standing WHERE decided_list = 'good'").fetchone()[0] == 0


def test_scores_that_are_dropped_unseen_fail_too(scored):
    scored.execute("CREATE TRIGGER quiet BEFORE INSERT ON scores BEGIN SELECT RAISE(IGNORE); END")
    row = (FIRST_ID, 9, 9, 60009.0, "dayN", "m", 0.5, 0.5, None, 5.0, 0, 0, timestamp(NOW), None, 60001.0)
    with pytest.raises(StoreError, match="took 0 of 1 rows"):
        append_scores(scored, [row])


def test_a_restore_whose_labels_are_not_taken_refuses(scored, store_path, backup, monkeypatch):
    """The comparison of schemas held off: the count of what was brought over is a net of its own."""
    monkeypatch.setattr("vra_tui.store.shape.SchemaDifference.why_unfit", None)
    spoil(backup, [DROPS])
    take(scored, 1)
    scored.close()
    before = store_path.read_bytes()
    with pytest.raises(BackupError, match="1 labels of the present store were not taken"):
        restore(backup, store_path, now=NOW)
    assert store_path.read_bytes() == before


def test_what_users_add_for_themselves_is_named_and_does_no_harm(scored, store_path, backup):
    spoil(
        backup,
        [
            "CREATE TABLE my_targets (alert_id INTEGER, why TEXT)",
            "CREATE INDEX mine ON alerts (context_class, real_bogus DESC)",
            "CREATE VIEW my_view AS SELECT * FROM my_targets JOIN alerts USING (alert_id)",
            "ANALYZE",
        ],
    )
    take(scored, 1)
    scored.close()
    assert restore(backup, store_path, now=NOW).brought == 1
    findings = [one for one in examine(store_path, now=NOW) if one.check == "schema"]
    assert [one.state for one in findings] == ["warning", "ok"]
    assert all(name in findings[0].text for name in ("my_targets", "mine", "my_view"))
    open_store(store_path).close()


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_a_store_of_every_version_is_as_it_should_be_also_after_migrations(version):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as store:
        with transaction(store):
            migrate(store, stop_before=step_after(version))
        assert difference(store, version).why_unfit is None
        with transaction(store):
            migrate(store)
        assert difference(store, SCHEMA_VERSION).why_unfit is None


def test_statements_are_the_same_that_differ_in_what_means_nothing():
    assert normal('CREATE TABLE "a" (x  TEXT, -- why\n y)') == normal("create table a(x text,y)")
    assert normal("CHECK (a = 'B')") != normal("CHECK (a = 'b')")


def test_functions_that_do_more_than_compute_cannot_be_called_by_a_schema(store):
    assert store.execute("PRAGMA trusted_schema").fetchone()[0] == 0
