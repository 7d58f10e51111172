"""The Lasair VRA's labels come in as decisions, and what is bogus in a real object as a bad epoch."""

import io
from datetime import UTC, datetime
from itertools import permutations

import pytest

from vra_tui.domain.refusal import Refusal
from vra_tui.export.lasair_labels import COLUMNS, with_lasair
from vra_tui.export.tables import read_table
from vra_tui.store.epoch_marks import marks_of
from vra_tui.store.label_names import labels_taught
from vra_tui.store.label_table import standing_rows
from vra_tui.store.log import HistoryQuery, history_rows
from vra_tui.store.merge import merge
from vra_tui.store.objects import number_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HEAD = "diaSourceId,diaObjectId,label,timestamp,session_id,url"
#: Ids of LSST's length.
OBJECT = 170_028_460_500_000_001


def line(source, number, label, minute=0, session="a1"):
    moment = f"2026-03-01T00:{minute:02d}:00"
    return (
        f"{OBJECT * 10 + source},{OBJECT + number},{label},{moment},{session},https://lasair.example/{number}"
    )


def pieces(*lines, head=HEAD):
    file = io.BytesIO("\n".join([head, *lines, ""]).encode())
    return list(with_lasair(read_table(file, "labels.csv", (COLUMNS,))))


def take(store, *lines, head=HEAD):
    refused = []
    return merge(store, pieces(*lines, head=head), refused.append, now=NOW), refused


def standing(store):
    return {row["object_id"]: row["list"] for row in standing_rows(store, HistoryQuery())}


def decided(store):
    return [(row["object_id"], row["list"]) for row in history_rows(store, HistoryQuery()) if row["list"]]


@pytest.mark.parametrize(
    ("letter", "filed", "taught"),
    [("r", "real", "real"), ("x", "good", "good"), ("g", "attic", "galactic"), ("a", "agn", "real"),
     ("b", "garbage", "garbage"), ("v", "variable", "galactic")],
)  # fmt: skip
def test_each_letter_files_and_teaches(store, letter, filed, taught):
    from vra_tui.pipeline.own_labels import enter_own_labels
    from vra_tui.surveys import installed_surveys

    came, refused = take(store, line(1, 0, letter))
    assert (came.decisions, came.waiting, refused) == (1, 1, [])  # kept for an alert that may come
    assert decided(store) == [(str(OBJECT), filed)]
    enter_own_labels(store, installed_surveys())
    assert labels_taught(store)[filed] == taught


def test_the_latest_of_an_object_stands_when_it_comes_and_all_are_kept_and_twice_is_once(store):
    from tests.tui.made import an_alert, put

    lines = [line(1, 0, "r", 1), line(1, 0, "x", 2), line(2, 0, "v", 3), line(3, 1, "b", 1)]
    take(store, *lines)
    before = list(history_rows(store, HistoryQuery()))
    came, refused = take(store, *reversed(lines))
    assert (came.decisions, came.known, refused) == (0, 4, [])
    assert list(history_rows(store, HistoryQuery())) == before
    put(store, *(an_alert("lsst", str(OBJECT + number)) for number in (0, 1)))
    assert standing(store) == {str(OBJECT): "variable", str(OBJECT + 1): "garbage"}
    assert store.execute("SELECT sum(is_in_conflict) FROM standing").fetchone()[0] == 0


def test_one_bogus_detection_of_a_real_object_is_a_bad_epoch_and_no_word_on_the_object(store):
    rows = [line(1, 0, "x", 1), line(2, 0, "b", 2), line(3, 0, "x", 3)]
    number = number_of("lsst", str(OBJECT))
    for lines in permutations(rows):
        take(store, *lines)
    assert decided(store) == [(str(OBJECT), "good"), (str(OBJECT), "good")]
    [mark] = marks_of(store, number)
    assert (mark.section, mark.epoch, mark.is_bad) == ("detections", str(OBJECT * 10 + 2), True)
    assert mark.reason == "labelled bogus in session a1"
    # A detection that was called bogus and then real is real; an object with nothing else is bogus.
    take(store, line(4, 1, "b", 1), line(4, 1, "x", 2), line(5, 2, "x", 1), line(5, 2, "b", 2))
    assert sorted(one for one in decided(store) if one[0] != str(OBJECT)) == [
        (str(OBJECT + 1), "garbage"), (str(OBJECT + 1), "good"),
        (str(OBJECT + 2), "garbage"), (str(OBJECT + 2), "good"),
    ]  # fmt: skip
    assert len(marks_of(store, number)) == 1


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("1.7e+17,170028460500000001,x,2026-03-01T00:00:00,a,", "rounds"),
        ("17,,x,2026-03-01T00:00:00,a,", "diaObjectId"),
        ("17,0,x,2026-03-01T00:00:00,a,", "diaObjectId"),
        ("17,170028460500000001,q,2026-03-01T00:00:00,a,", "none of r, x, g, a, b, v"),
        ("17,170028460500000001,,2026-03-01T00:00:00,a,", "label"),
        ("17,170028460500000001,x,soon,a,", "no time"),
        ("17,170028460500000001,x,2126-03-01T00:00:00,a,", "future"),
        ("17,170028460500000001", "cells"),
    ],
)
def test_a_row_with_damage_is_refused_by_itself(store, broken, reason):
    came, refused = take(store, broken, line(1, 5, "x"))
    assert came.decisions == 1
    [refusal] = refused
    assert isinstance(refusal, Refusal)
    assert (refusal.source, refusal.position) == ("labels.csv", "line 2")
    assert reason in refusal.reason


def test_times_may_be_seconds_or_name_a_zone_and_a_session_may_be_called_so(store):
    head = "diaSourceId,diaObjectId,label,timestamp,session"
    rows = (f"11,{OBJECT},x,1772323200.5,evening 1", f"12,{OBJECT},r,2026-03-01T02:00:00+02:00,")
    take(store, *rows, head=head)
    rows = list(history_rows(store, HistoryQuery()))
    assert [row["timestamp"][:19] for row in rows] == ["2026-03-01T00:00:00"] * 2
    assert {row["tags"] for row in rows} == {"source:11 session:evening_1", "source:12"}
    assert {row["scanner"] for row in rows} == {"lasair-vra"}
