"""A snooze ends with the next visit, however late; nothing else ends it."""

from datetime import UTC, datetime

import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects, missed_quad, quad, score_all
from vra_tui.export.label_files import history_labels
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, OnScreen, decide, undo
from vra_tui.store.doctor import examine
from vra_tui.store.listing import list_rows
from vra_tui.store.merge import merge
from vra_tui.surveys.base import Packet

ZOE = Author("zoe", "here")


def nights(*days):
    return [row for day in days for row in quad(day)]


def take_in(store, clock, *days, missed=(), **header):
    limits = [row for day in (-2, *missed) for row in missed_quad(day)]
    ingest_objects(store, [api_object(lc=nights(*days), lcnondets=limits, header=header)], clock)
    score_all(store, clock)


def snooze(store, clock, on_screen=None):
    with transaction(store):
        return decide(store, FIRST_ID, "possible", ZOE, clock(), on_screen)


def place(store):
    row = list_rows(store, [FIRST_ID])[0]
    return row.list if not row.is_back else f"back in {row.list}"


@pytest.mark.parametrize("decided", [0, 3, 14, 15, 16, 18, 40])
@pytest.mark.parametrize("seen", [True, False])
def test_a_snooze_ends_with_the_next_visit_however_late(store, clock, decided, seen):
    take_in(store, clock, 0, *({decided} - {0}))
    snooze(store, clock)
    assert place(store) == "possible"
    take_in(store, clock, 0, decided)
    assert place(store) == "possible"
    if seen:
        take_in(store, clock, 0, decided, decided + 2)
    else:
        take_in(store, clock, 0, decided, missed=(decided + 2,))
    assert place(store) == "back in extragalactic"


def test_what_came_late_of_earlier_nights_is_no_visit(store, clock):
    take_in(store, clock, 0, 5, 20)
    snooze(store, clock)
    take_in(store, clock, 0, 2, 5, 17, 20)
    assert place(store) == "possible"


def test_the_rest_of_the_night_on_screen_is_no_visit(store, clock):
    ingest_objects(store, [api_object(lc=quad(0) + quad(20)[:2])], clock)
    score_all(store, clock)
    snooze(store, clock)
    ingest_objects(store, [api_object(lc=quad(0) + quad(20))], clock)
    score_all(store, clock)
    assert place(store) == "possible"


def test_a_visit_that_was_not_on_screen_yet_ends_the_snooze(store, clock):
    take_in(store, clock, 0, 18)
    row = list_rows(store, [FIRST_ID])[0]
    take_in(store, clock, 0, 18, 20)
    snooze(store, clock, OnScreen(row.visit, seen_mjd=row.visited_mjd))
    assert place(store) == "back in extragalactic"


def test_each_snooze_ends_for_itself_and_an_undo_lets_the_earlier_one_stand(store, clock):
    take_in(store, clock, 0, 18)
    snooze(store, clock)
    take_in(store, clock, 0, 18, 20)
    again = snooze(store, clock)
    assert place(store) == "possible"
    with transaction(store):
        undo(store, again, ZOE, clock())
    assert place(store) == "back in extragalactic"


@pytest.mark.parametrize("moved_to", ["2023-02-22T00:00:00", "2023-03-01T00:00:00"])
def test_a_t0_that_moves_neither_ends_nor_prolongs_a_snooze(store, clock, moved_to):
    take_in(store, clock, 0, 2, 4, 6)
    snooze(store, clock)
    take_in(store, clock, 0, 2, 4, 6, followup_flag_date=moved_to, date_modified="2023-03-05T00:00:00Z")
    assert place(store) == "possible"
    take_in(store, clock, 0, 2, 4, 6, 8, followup_flag_date=moved_to, date_modified="2023-03-05T00:00:00Z")
    assert place(store) == "back in extragalactic"


def test_a_snooze_ends_alike_in_a_store_to_which_it_travelled(store, clock, tmp_path):
    take_in(store, clock, 0, 18)
    snooze(store, clock)
    pieces = [Packet("file", f"line {n}", row) for n, row in enumerate(history_labels(store), 1)]
    there = open_store(tmp_path / "there.db", durable=False)
    take_in(there, clock, 0, 18)
    merge(there, pieces, now=clock())
    assert place(there) == "possible"
    take_in(there, clock, 0, 18, 20)
    assert place(there) == "back in extragalactic"
    there.close()


def test_a_snooze_that_does_not_say_what_was_on_screen_ends_with_what_came_after_it(store, clock):
    """As one from an older version, taken after the days that are scored."""
    take_in(store, clock, 0, 14, 18)
    with transaction(store):
        decide(store, FIRST_ID, "possible", ZOE, datetime(2023, 3, 16, 12, tzinfo=UTC), OnScreen(visit=2))
    assert place(store) == "possible"
    take_in(store, clock, 0, 14, 18, 20)
    assert place(store) == "back in extragalactic"


def test_the_doctor_finds_ended_snoozes_where_they_belong(store, store_path, clock):
    take_in(store, clock, 0, 18)
    snooze(store, clock)
    ingest_objects(store, [api_object(lc=nights(0, 18, 20))], clock)
    for _ in range(2):
        found = {one.check: one.state for one in examine(store_path, now=clock(), full=True)}
        assert found["places"] == "ok"
        score_all(store, clock)
