"""Stores that gave other numbers to the same objects say the same of them, by survey and object id."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import FIRST_ID, T0, Clock, score_all
from vra_tui.domain.alert import Alert, Annotation, CatalogueMatch, ContextNote, Stamp, StampKind, TnsReport
from vra_tui.domain.building import build_light_curve
from vra_tui.domain.light_curve import LightCurve
from vra_tui.store.bundle import bundle_out, newer_there, other_store
from vra_tui.store.codes import Codes, band_names, instrument_names
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, add_note, decide, undo
from vra_tui.store.intake import put_alerts
from vra_tui.store.label_log import SqliteLabelLog
from vra_tui.store.log import HistoryQuery, conflicts, history_rows
from vra_tui.store.merge import merge
from vra_tui.store.objects import known_numbers, number_of
from vra_tui.store.sections import unpacked

START = datetime(2026, 3, 1, tzinfo=UTC)
#: When histories are taken in, by the clock here.
NOW = datetime(2026, 12, 1, tzinfo=UTC)
ATLAS, ZTF, LSST = ("atlas", str(FIRST_ID)), ("ztf", "ZTF18abcdefg"), ("lsst", "170032882292621322")
OBJECTS = [ATLAS, ZTF, LSST]


def packet(name, night):
    """What its survey says of an object on one night; all three are at one place."""
    survey, object_id = name
    seen = {
        "mjd": [T0 + night - 0.52, T0 + night - 0.51],
        "ra": [150.1, 150.10002],
        "dec": [2.2, 2.20001],
        "mag": [18.5 - 0.1 * night, 18.4],
        "magerr": [0.1, 0.05],
        "limit": [19.5, np.nan],
        "instrument": [survey, survey + "2"],
        "band": ["o" if survey == "atlas" else "r", "g"],
        "source_id": [night + 10, night + 20],
        "score": [0.5, 0.9],
    }
    missed = {"mjd": [T0 + night - 2.5], "limit": [19.0], "instrument": [survey], "band": ["zz"]}
    curve, instruments, bands = build_light_curve(seen, missed)
    return Alert(
        survey, object_id, T0 + night,
        {"ra": 150.1, "dec": 2.2, "name": f"{survey} {night}", "real_bogus": 0.9, "context_class": "SN"},
        curve, instruments, bands,
        matches=(CatalogueMatch(catalogue_object_id=f"NGC {night}", z=0.01, separation_arcsec=2.0),),
        context=ContextNote("SN", f"as of {night}"),
        tns=(TnsReport(f"2023ab{night}", "SN Ia"),) if night == 2 else (),
        annotations=(Annotation("early", "SN", numbers={"p": night / 10}, mjd=T0 + night),),
        stamps=(Stamp(StampKind.SCIENCE, b"fits", T0 + night, night + 10),),
        details={str(night + 10): {"chi": night}},
    )  # fmt: skip


PACKETS = [packet(name, night) for name in OBJECTS for night in range(3)]


def no_dust(ra, dec):
    return np.full(len(ra), 0.05)


def histories(folder):
    """The rows that two scanners wrote in stores of their own that hold all alerts: parts that may travel."""
    parts = []
    for author, start in ((Author("zoe", "summit"), 0), (Author("ada", "home"), 1)):
        clock = Clock(START + timedelta(milliseconds=start))
        with closing(open_store(folder / f"{author.scanner}.db", durable=False)) as store:
            put_alerts(store, PACKETS, START.isoformat(), no_dust, Codes(store))
            for at, name in enumerate(OBJECTS):
                number = known_numbers(store, [name])[name]
                with transaction(store):
                    decide(store, number, ("good", "pm")[(at + start) % 2], author, clock(), note="so")
                    last = decide(store, number, "possible", author, clock())
                    add_note(store, number, f"of {name}", author, clock())
                    if at == start:
                        undo(store, last, author, clock())
            parts += [[piece] for piece in SqliteLabelLog(store, author.scanner).entries()]
    return parts


@pytest.fixture(scope="module")
def doings(tmp_path_factory):
    """Everything that may reach a store: packets, and pieces of histories."""
    return [*PACKETS, *histories(tmp_path_factory.mktemp("scanners"))]


def reach(store, doing):
    if isinstance(doing, Alert):
        _, refused = put_alerts(store, [doing], START.isoformat(), no_dust, Codes(store))
        assert not refused
    else:
        merge(store, doing, lambda refusal: pytest.fail(refusal.reason), now=NOW)


#: When, how often, in which place of a table: a store's own. And how light curves are packed (see `curves`).
OWN = {
    "ingested_at", "updated_at", "revision", "sequence", "score_id", "import_id", "stamp_id", "taken_in",
    "scored_at", "pending_revision",
}  # fmt: skip


def everything(store):
    """What each table says of each object, by its name; in no order."""
    tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for table in tables:
        columns = [row["name"] for row in store.execute(f"PRAGMA table_info({table})")]
        if "alert_id" not in columns or table in ("objects", "lightcurves"):
            continue
        named = ["o.survey || ' ' || o.object_id"] + [
            "(SELECT survey || ' ' || object_id FROM objects p WHERE p.alert_id = t.other_id)"
            if name == "other_id"
            else f"t.{name}"
            for name in columns
            if name not in {*OWN, "alert_id"}
        ]
        rows = store.execute(
            f"SELECT {', '.join(named)} FROM {table} t JOIN objects o ON o.alert_id = t.alert_id"
        )
        found[table] = sorted((tuple(row) for row in rows), key=repr)
        whole = store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        assert len(found[table]) == whole, f"{table} has rows of objects without a name"
    return found | {"curves": curves(store), "labels": set(map(tuple, store.execute("SELECT * FROM labels")))}


def curves(store):
    """Each light curve with names in place of codes."""
    instruments, bands = instrument_names(store), band_names(store)
    rows = store.execute(
        """SELECT survey, object_id, detections, nondetections, forced
        FROM lightcurves JOIN objects USING (alert_id)"""
    ).fetchall()
    found = {}
    for survey, object_id, *packed in rows:
        found[survey, object_id] = [
            sorted(
                (instruments[record["instrument"]], bands[record["band"]], *map(float, record[own]))
                for record in section.records
                for own in [[n for n in section.records.dtype.names if n not in ("instrument", "band")]]
            )
            for section in LightCurve.from_bytes(*unpacked(packed)).sections
        ]
    return found


def occupy(store, name):
    """Let another object have the number that this one would get."""
    with transaction(store):
        store.execute("INSERT INTO objects VALUES (?, 'other', ?)", (number_of(*name), f"not {name[1]}"))


@settings(max_examples=12)
@given(st.data())
def test_in_any_order_and_with_numbers_that_collide_stores_agree_on_every_row(tmp_path_factory, doings, data):
    folder = tmp_path_factory.mktemp("numbers")
    stores = []
    for number in range(2):
        order = data.draw(st.permutations(range(len(doings))))
        store = open_store(folder / f"{number}.db", durable=False)
        stores.append(store)
        if number:
            for name in data.draw(st.lists(st.sampled_from(OBJECTS), min_size=1, unique=True)):
                occupy(store, name)
        for at in order:
            reach(store, doings[at])
        score_all(store, Clock(START + timedelta(days=1)))
    here, there = stores
    assert everything(here) == everything(there)
    assert known_numbers(here, OBJECTS) != known_numbers(there, OBJECTS)
    assert list(history_rows(here, HistoryQuery())) == list(history_rows(there, HistoryQuery()))
    sides = [
        [(one.survey, one.object_id, [side.decision_id for side in one.sides]) for one in conflicts(store)]
        for store in stores
    ]
    assert sides[0] == sides[1]
    for store in stores:
        store.close()


@pytest.fixture
def apart(tmp_path):
    """Two stores with all alerts; the second has other numbers for them."""
    stores = [open_store(tmp_path / name, durable=False) for name in ("here.db", "there.db")]
    for name in OBJECTS:
        occupy(stores[1], name)
    for store in stores:
        put_alerts(store, PACKETS, START.isoformat(), no_dust, Codes(store))
    assert not set(known_numbers(stores[0], OBJECTS).values()) & set(
        known_numbers(stores[1], OBJECTS).values()
    )
    yield stores
    for store in stores:
        store.close()


def test_a_bundle_of_a_store_with_other_numbers_finds_home(apart, tmp_path, clock):
    here, there = apart
    chosen = list(known_numbers(there, OBJECTS[1:]).values())
    made = bundle_out(tmp_path / "there.db", tmp_path / "bundle.db", chosen)
    assert made.alerts == 2
    with closing(open_store(tmp_path / "bundle.db")) as laptop:
        assert set(known_numbers(laptop, OBJECTS)) == set(OBJECTS[1:])
        # What is at its edge goes along as far as both ends do; names of bands and instruments as at home.
        assert laptop.execute("SELECT count(*) FROM associations").fetchone()[0] == 2
        assert curves(laptop) == {name: rows for name, rows in curves(there).items() if name != ATLAS}
        assert laptop.execute("PRAGMA foreign_key_check").fetchall() == []
        with transaction(laptop):
            for number in chosen:
                decide(laptop, number, "good", Author("ada", "laptop"), clock())
                add_note(laptop, number, "on the way", Author("ada", "laptop"), clock())
    for new in (2, 0):
        with other_store(tmp_path / "bundle.db") as found:
            assert newer_there(here, found) == 0
            merged = merge(here, SqliteLabelLog(found, "bundle").entries(), now=NOW)
        assert (merged.decisions, merged.notes, merged.waiting, merged.refused) == (new, new, 0, 0)
    rows = here.execute(
        """SELECT survey, object_id FROM standing JOIN objects USING (alert_id)
        WHERE decided_list = 'good' ORDER BY survey DESC"""
    )
    assert [tuple(row) for row in rows] == [ZTF, LSST]


def test_later_data_there_are_found_by_name(apart):
    here, there = apart
    put_alerts(
        there, [packet(ZTF, 5), packet(("ztf", "ZTF20aaaaaaa"), 1)], NOW.isoformat(), no_dust, Codes(there)
    )
    assert (newer_there(here, there), newer_there(there, here)) == (2, 0)


def test_an_older_store_is_taken_in_by_name(apart, tmp_path):
    """Its numbers are ids of ATLAS: here they belong to other objects."""
    from vra_tui.store.schema import migrate

    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as old:
        with transaction(old):
            migrate(old, stop_before="v5_any_survey")
        old.execute(
            """INSERT INTO decisions (decision_id, atlas_id, list, scanner, host, timestamp) VALUES
            ('01a20364-804b-715b-85af-fd72016759ff', ?, 'pm', 'zoe', '', '2026-01-01T00:00:00+00:00')""",
            (FIRST_ID,),
        )
    there = apart[1]
    with other_store(tmp_path / "old.db") as old:
        assert merge(there, SqliteLabelLog(old, "old").entries(), now=NOW).waiting == 0
    assert [(row["survey"], row["object_id"]) for row in history_rows(there, HistoryQuery())] == [ATLAS]
    decided = there.execute("SELECT alert_id FROM standing WHERE decided_list = 'pm'").fetchone()[0]
    assert decided == known_numbers(there, [ATLAS])[ATLAS] != FIRST_ID
