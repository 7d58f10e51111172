"""Alerts on the maps of events: versions, windows, retractions, hosts."""

from datetime import UTC, datetime
from itertools import permutations

import numpy as np
import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects
from tests.sources.test_sky_maps import flat, written
from vra_tui.cli.showing import as_text
from vra_tui.domain.alert import Refused
from vra_tui.domain.light_curve import no_epochs
from vra_tui.pipeline.sky_maps import MapWindow, add_notice, host_sigma, renew_places
from vra_tui.sources.sky_maps import MapNotice
from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.detail import alert_detail
from vra_tui.store.listing import counts, list_ids, list_rows
from vra_tui.store.query import ListQuery, query_ids
from vra_tui.store.sky_maps import Candidates, count_places, newest_maps, places_of
from vra_tui.tui.context.lines import context_lines

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture
def alerts(store: Store) -> list[int]:
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    return list_ids(store, "all").tolist()


def t0_of(store: Store) -> float:
    return float(store.execute("SELECT min(t0_mjd) FROM alerts").fetchone()[0])


def notice(store: Store, after: float = -2.0, **other: object) -> MapNotice:
    """A map of an event so many days beside the t0 of the store's alerts."""
    content, _ = flat(3)
    return MapNotice("S231129ac", t0_of(store) + after, content, **other)  # type: ignore[arg-type]


def test_alerts_after_the_event_get_a_place_on_its_map(store: Store, alerts: list[int]):
    added = add_notice(store, notice(store), clock)
    assert (added.version, added.alerts) == (1, 3)
    (place,) = places_of(store, alerts[0])
    assert place.days == pytest.approx(2.0)
    assert 0 < place.level <= 1


def test_alerts_long_before_or_after_the_event_have_none(store: Store, alerts: list[int]):
    for after in (1.5, -31.0):
        assert add_notice(store, notice(store, after), clock).alerts == 0
    assert add_notice(store, notice(store, -31.0), clock, MapWindow(days_after=40)).alerts == 3


def test_the_same_notice_again_is_no_new_version_and_an_update_is(store: Store, alerts: list[int]):
    first = notice(store, created="2023-11-29T12:00:00Z")
    assert [add_notice(store, one, clock).version for one in (first, first)] == [1, None]
    update = notice(store, about={"alert_type": "UPDATE"}, created="2023-11-29T13:00:00Z")
    assert add_notice(store, update, clock).version == 2
    (event,) = newest_maps(store)
    assert event.about == {"alert_type": "UPDATE"}
    assert len(places_of(store, alerts[0])) == 1


def test_a_retraction_takes_the_places_away_and_keeps_the_history(store: Store, alerts: list[int]):
    add_notice(store, notice(store), clock)
    added = add_notice(store, MapNotice("S231129ac", None, None, is_retracted=True), clock)
    assert (added.version, added.is_retracted, added.alerts) == (2, True, 0)
    assert places_of(store, alerts[0]) == []
    assert renew_places(store) == 0
    (event,) = newest_maps(store)
    assert event.is_retracted


def test_what_is_retracted_and_unknown_is_refused(store: Store):
    with pytest.raises(Refused, match="not known here"):
        add_notice(store, MapNotice("S1", None, None, is_retracted=True), clock)


def test_a_map_without_a_time_is_refused_with_what_to_do(store: Store):
    content, _ = flat(1)
    with pytest.raises(Refused, match="--mjd"):
        add_notice(store, MapNotice("S1", None, content), clock)


def test_alerts_that_come_later_get_their_place(store: Store):
    ingest_objects(store, [api_object(0)], clock)
    add_notice(store, notice(store), clock)
    ingest_objects(store, [api_object(1)], clock)
    assert renew_places(store) == 1
    assert renew_places(store) == 0


def test_the_order_of_maps_and_alerts_does_not_matter(store: Store, tmp_path):
    from vra_tui.store.connection import open_store

    other = open_store(tmp_path / "other.db")
    ingest_objects(store, [api_object(n) for n in range(3)], clock)
    told = notice(store)
    add_notice(store, told, clock)
    ingest_objects(other, [api_object(2)], clock)
    add_notice(other, told, clock)
    ingest_objects(other, [api_object(n) for n in range(2)], clock)
    renew_places(other)
    rows = "SELECT event, alert_id, level, density, days, is_within FROM sky_map_places ORDER BY alert_id"
    assert [tuple(row) for row in store.execute(rows)] == [tuple(row) for row in other.execute(rows)]
    other.close()


def test_a_host_agrees_within_the_errors_of_both():
    nan = np.full(4, np.nan)
    alerts = Candidates(
        np.arange(4), np.ones(4, dtype=int), nan, nan, nan, np.array([100.0, np.nan, np.nan, np.nan]), nan,
        np.array([np.nan, 0.0228, np.nan, np.nan]), np.array([np.nan, np.nan, 0.0228, np.nan]),
    )  # fmt: skip
    found = host_sigma(alerts, np.full(4, 60.0), np.full(4, 10.0))
    assert found[0] == pytest.approx(40 / np.hypot(10, 10))
    assert found[1] == pytest.approx(found[0], rel=0.02)
    assert found[2] == pytest.approx(40 / np.hypot(10, 30), rel=0.02)
    assert np.isnan(found[3])


def test_a_map_that_cannot_be_read_changes_nothing(store: Store, alerts: list[int]):
    bad = written([("PROB", "D", np.ones(13))])
    with pytest.raises(Refused, match="no whole HEALPix sky"):
        add_notice(store, MapNotice("S1", t0_of(store), bad), clock)
    assert newest_maps(store) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_was_told_last_counts_whatever_arrives_first(store: Store, alerts: list[int], order):
    content = [flat(2)[0], flat(3)[0]]
    mjd = t0_of(store) - 2
    told = [
        MapNotice("S230222a", mjd, content[0], "2023-02-23T10:00:00Z", about={"alert_type": "PRELIMINARY"}),
        MapNotice("S230222a", mjd, content[1], "2023-02-23 12:00:00 UTC", about={"alert_type": "UPDATE"}),
        MapNotice("S230222a", None, None, "2023-02-23T14:00:00Z", is_retracted=True),
    ]
    for index in (*order, *order):
        added = add_notice(store, told[index], clock)
    assert added.version is None
    (event,) = newest_maps(store)
    assert event.is_retracted
    assert count_places(store) == {}
    again = MapNotice("S230222a", mjd, content[0], "2023-02-24T00:00:00Z")
    assert add_notice(store, again, clock).alerts == 3


def test_an_alert_that_moved_out_of_the_time_of_an_event_leaves_its_map(store: Store, alerts: list[int]):
    add_notice(store, notice(store), clock)
    later = api_object(
        0, header={"followup_flag_date": "2023-05-25T00:00:00", "date_modified": "2023-06-01T00:00:00Z"}
    )
    ingest_objects(store, [later], clock)
    renew_places(store)
    assert len(places_of(store, alerts[0])) == 0
    assert len(places_of(store, alerts[1])) == 1


def test_another_window_places_all_alerts_anew(store: Store, alerts: list[int]):
    add_notice(store, notice(store), clock)
    (place,) = places_of(store, alerts[0])
    for level in (place.level / 2, min(1.0, place.level * 1.01)):
        assert renew_places(store, MapWindow(level=level)) == 3
        assert places_of(store, alerts[0])[0].is_within == (place.level <= level)


def test_a_store_without_maps_is_asked_one_question(store: Store, alerts: list[int]):
    asked: list[str] = []
    store.set_trace_callback(asked.append)
    assert renew_places(store) == 0
    assert len(asked) == 1


# The list, the filter words and what the screen tells.


def hill(store: Store) -> MapNotice:
    """A map with a hill around the alerts, 40 degrees wide, and a time two days before them."""
    from tests.cli.test_gw import some_map

    about = {"classification": {"BBH": 0.99, "Terrestrial": 0.01}}
    return MapNotice("S231129ac", t0_of(store) - 2.0, some_map(), "2023-11-29T12:00:00Z", about=about)


@pytest.fixture
def placed(store: Store) -> Store:
    """Alerts on the top of the hill, on its slope, and on the other side of the sky."""
    places = enumerate((150.1, 165.0, 330.0))
    ingest_objects(store, [api_object(n, header={"ra": ra}) for n, ra in places], clock)
    add_notice(store, hill(store), clock)
    return store


def found(store: Store, words: str) -> list[int]:
    return sorted(int(i) - FIRST_ID for i in query_ids(store, ListQuery("all", words=words)))


def test_the_list_of_events_has_what_lies_within_the_most_credible_first(placed: Store):
    assert [i - FIRST_ID for i in list_ids(placed, "gw").tolist()] == [0, 1]
    assert counts(placed)["gw"] == 2
    rows = list_rows(placed, [FIRST_ID, FIRST_ID + 2])
    assert rows[0].gw_level is not None
    assert rows[1].gw_level is None


@pytest.mark.parametrize(
    ("decision", "left"), [("good", [0, 1]), ("followup", [0, 1]), ("garbage", [1]), ("attic", [1])]
)
def test_what_is_decided_to_be_no_counterpart_leaves_the_list(placed: Store, decision: str, left: list[int]):
    with transaction(placed):
        decide(placed, FIRST_ID, decision, Author("amy", "here"), NOW)
    assert [i - FIRST_ID for i in list_ids(placed, "gw").tolist()] == left


def test_filter_words_ask_for_the_level_and_for_the_event(placed: Store):
    assert found(placed, "gw") == found(placed, "gw<0.9") == found(placed, "gw:s231129AC") == [0, 1]
    assert found(placed, "-gw") == found(placed, "gw>=0.9") == [2]
    assert found(placed, "gw<0.1") == [0]
    # An event whose name begins alike is another one.
    assert found(placed, "gw:S231129a") == []


def test_the_context_tells_where_the_alert_lies_on_the_map(placed: Store):
    (line,) = [line for line in shown(placed, FIRST_ID) if line.startswith("gw")]
    assert line.startswith("gw       S231129ac ")
    for words in ("t0 2.00 d after it", "102 ± 10 Mpc there", "host 4.9σ farther", "BBH 99 %, Terr 1 %"):
        assert words in line
    assert not any(line.startswith("gw") for line in shown(placed, FIRST_ID + 2))
    narrow = shown(placed, FIRST_ID, 70)
    (place,) = [index for index, line in enumerate(narrow) if line.startswith("gw")]
    assert "BBH 99 %" not in narrow[place]
    assert "BBH 99 %" in narrow[place + 1]
    assert max(map(len, narrow[place : place + 2])) <= 70
    told = as_text(alert_detail(placed, FIRST_ID), no_epochs())
    assert any("on the map of S231129ac" in line and "BBH 99 %" in line for line in told)


def shown(store: Store, alert_id: int, width: int = 110) -> list[str]:
    lines = context_lines(alert_detail(store, alert_id), no_epochs(), width)
    return ["".join(text for text, _ in line) for line in lines]


def test_after_a_retraction_nothing_tells_of_the_event(placed: Store):
    add_notice(placed, MapNotice("S231129ac", None, None, "2023-11-30T00:00:00Z", is_retracted=True), clock)
    assert list_ids(placed, "gw").tolist() == []
    assert not any(line.startswith("gw") for line in shown(placed, FIRST_ID))


def test_without_a_map_a_key_asks_nothing_more(store: Store, alerts: list[int]):
    def asked() -> int:
        queries: list[str] = []
        store.set_trace_callback(queries.append)
        alert_detail(store, alerts[0])
        store.set_trace_callback(None)
        return len(queries)

    before = asked()
    add_notice(store, hill(store), clock)
    assert asked() == before + 1


def test_scoring_places_what_is_new(store: Store, alerts: list[int]):
    from tests.factories import FixedModel, all_in_scope
    from vra_tui.pipeline.score import score

    add_notice(store, hill(store), clock)
    ingest_objects(store, [api_object(7)], clock)
    score(store, FixedModel(), clock=clock, may_discard=all_in_scope)
    assert FIRST_ID + 7 in list_ids(store, "gw").tolist()
    assert score(store, FixedModel(), clock=clock, may_discard=all_in_scope).scores == 0
