"""Lists are ranked, counted, and read by window."""

import pytest

from tests.factories import FIRST_ID, api_object, detection, ingest_objects, put_alert, score_all
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import Author, decide
from vra_tui.store.detail import alert_detail
from vra_tui.store.finding import (
    AmbiguousAlert,
    UnknownAlert,
    find_alert,
    find_alerts,
    find_near,
    find_object,
)
from vra_tui.store.listing import UnknownList, counts, data_version, list_ids, list_rows
from vra_tui.store.objects import numbers as numbers_of
from vra_tui.store.query import near


def by_declination(table):
    """P(real) that grows with declination, so that tests can order alerts."""
    return table.column("dec") / 90


@pytest.fixture
def ranked(store, clock):
    """Alerts 0, 1, 2 with P(real) 0.99, 0.5 and 0.1, and alert 3 not scored."""
    objects = [api_object(n, header={"dec": dec}) for n, dec in enumerate([89.0, 45.0, 9.0])]
    ingest_objects(store, objects, clock)
    score_all(store, clock, preal=by_declination, pgal=0.0)
    ingest_objects(store, [api_object(3)], clock)
    return store


def numbers(ids):
    return [int(alert_id) - FIRST_ID for alert_id in ids]


def test_the_best_rank_stands_first_and_the_unscored_last(ranked):
    assert numbers(list_ids(ranked, "all")) == [0, 1, 2, 3]


def test_eyeball_is_every_undecided_alert(ranked, clock):
    with transaction(ranked):
        decide(ranked, FIRST_ID, "good", Author("zoe", "h"), clock())
    assert numbers(list_ids(ranked, "eyeball")) == [1, 2, 3]
    assert numbers(list_ids(ranked, "good")) == [0]


def test_a_limit_takes_the_top(ranked):
    assert numbers(list_ids(ranked, "all", limit=2)) == [0, 1]


def test_a_limit_of_none_or_more_than_there_are_takes_all_in_the_same_order(ranked):
    assert numbers(list_ids(ranked, "all", limit=9)) == numbers(list_ids(ranked, "all")) == [0, 1, 2, 3]
    assert numbers(list_ids(ranked, "all", limit=0)) == []


def test_a_list_that_does_not_exist_is_refused_with_the_names_of_those_that_do(ranked):
    with pytest.raises(UnknownList, match="fasttrack, extragalactic"):
        list_ids(ranked, "nope'; DROP TABLE alerts; --")


def test_counts_cover_every_list_in_the_order_in_which_it_is_offered(ranked):
    found = counts(ranked)
    assert list(found)[:4] == ["eyeball", "fasttrack", "extragalactic", "galactic"]
    assert (found["eyeball"], found["extragalactic"], found["purgatory"]) == (4, 1, 2)


def test_rows_come_in_the_order_asked_without_those_that_are_gone(ranked):
    rows = list_rows(ranked, [FIRST_ID + 2, 5, FIRST_ID])
    assert numbers(row.alert_id for row in rows) == [2, 0]
    assert rows[1].host == "NGC 9999"
    assert rows[1].last_mag == 18.5


def test_another_connections_commit_is_noticed_and_ones_own_is_not(ranked, store_path, clock):
    before = data_version(ranked)
    with transaction(ranked):
        decide(ranked, FIRST_ID, "good", Author("zoe", "h"), clock())
    assert data_version(ranked) == before
    other = open_store(store_path)
    with transaction(other):
        decide(other, FIRST_ID + 1, "good", Author("ada", "h"), clock())
    other.close()
    assert data_version(ranked) != before


def test_an_alert_is_found_by_id_by_name_and_by_its_tns_name(store, clock):
    ingest_objects(store, [api_object(4, header={"other_designation": "2023xyz"})], clock)
    for text in (str(FIRST_ID + 4), "ATLAS23t004", "atlas23t004 ", "2023xyz"):
        assert find_alert(store, text) == FIRST_ID + 4
    for text in ("ATLAS99zzz", "", "5", str(FIRST_ID)):
        with pytest.raises(UnknownAlert):
            find_alert(store, text)


@pytest.fixture
def surveys(store, clock):
    """ZTF's and a made-up survey's alerts of which two share an id, and what each is called."""
    return {
        (survey, object_id): put_alert(store, survey, object_id, clock, **facts)
        for survey, object_id, facts in [
            ("ztf", "ZTF18aabeyio", {"other_name": "AT2018bcd"}),
            ("ztf", "42", {}),
            ("lsst", "42", {"other_name": "SN 2024xyz"}),
            ("lsst", "313853517191479345", {"name": "42 Cyg"}),
            ("mine", "SN 1987A", {}),
        ]
    }


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("ZTF18aabeyio", ("ztf", "ZTF18aabeyio")),
        ("ztf18aabeyio", ("ztf", "ZTF18aabeyio")),
        ("ztf:ZTF18aabeyio", ("ztf", "ZTF18aabeyio")),
        (" ZTF  ZTF18aabeyio ", ("ztf", "ZTF18aabeyio")),
        ("ztf:42", ("ztf", "42")),
        ("lsst 42", ("lsst", "42")),
        ("lsst:SN2024xyz", ("lsst", "42")),
        ("313853517191479345", ("lsst", "313853517191479345")),
        ("42 cyg", ("lsst", "313853517191479345")),
        ("AT2018bcd", ("ztf", "ZTF18aabeyio")),
        ("SN 2018bcd", ("ztf", "ZTF18aabeyio")),
        ("2018bcd", ("ztf", "ZTF18aabeyio")),
        ("at2024xyz", ("lsst", "42")),
        ("2024XYZ", ("lsst", "42")),
        ("SN 1987A", ("mine", "SN 1987A")),
        ("mine:SN 1987A", ("mine", "SN 1987A")),
    ],
)
def test_an_alert_of_any_survey_is_found_by_its_id_its_survey_and_id_or_a_name(store, surveys, text, which):
    assert find_alert(store, text) == surveys[which]


@pytest.mark.parametrize("text", ["", "ztf", "ztf:", "4", "042", "lsst:ZTF18aabeyio", "2018bc", "atlas:42"])
def test_what_names_no_alert_is_said_to_be_unknown(store, surveys, text):
    with pytest.raises(UnknownAlert):
        find_alert(store, text)


def test_an_id_that_two_surveys_share_is_refused_with_both_to_choose_from(store, surveys):
    with pytest.raises(AmbiguousAlert) as refused:
        find_alert(store, "42")
    first = [choice.split()[0] for choice in refused.value.choices]
    assert sorted(first) == ["lsst:42", "ztf:42"]
    assert [find_alert(store, text) for text in first] == find_alerts(store, "42")


def test_rows_and_details_say_the_survey_and_its_id(store, surveys):
    named = {row.alert_id: (row.survey, row.object_id) for row in list_rows(store, list(surveys.values()))}
    assert named == {number: name for name, number in surveys.items()}
    detail = alert_detail(store, surveys["mine", "SN 1987A"])
    assert (detail.survey, detail.object_id) == ("mine", "SN 1987A")


def test_an_object_of_which_only_decisions_are_known_is_found_where_they_are_asked_for(store, surveys):
    with transaction(store):
        number = numbers_of(store, [("ztf", "ZTF20early")])["ztf", "ZTF20early"]
    with pytest.raises(UnknownAlert):
        find_alert(store, "ZTF20early")
    assert find_object(store, "ZTF20early") == find_object(store, "ztf:ZTF20early") == number


def test_the_detail_of_an_alert_holds_its_context_and_history(ranked, clock):
    with transaction(ranked):
        decide(ranked, FIRST_ID, "good", Author("zoe", "h"), clock(), note="bright")
    detail = alert_detail(ranked, FIRST_ID)
    assert detail.row.list == "good"
    assert [score.visit for score in detail.scores] == [1]
    assert detail.decisions[0].note == "bright"
    assert detail.matches[0].z == 0.05
    assert "NGC 9999" in detail.sherlock_annotation


def test_the_width_of_the_point_spread_comes_from_the_detections_images(store, clock):
    rows = [
        detection(-1 + i / 100, number=i, major=2.0, minor=width) for i, width in enumerate([2.0, 2.0, 8.0])
    ]
    ingest_objects(store, [api_object(0, lc=rows), api_object(1)], clock)
    assert alert_detail(store, FIRST_ID).psf_arcsec == pytest.approx(2.0 * 1.86)
    assert alert_detail(store, FIRST_ID + 1).psf_arcsec is None


@pytest.mark.parametrize("odd", [None, "wide", -1.0, 0, [2.0]])
def test_a_width_that_is_none_is_left_out(store, clock, odd):
    ingest_objects(store, [api_object(lc=[detection(-1, major=odd, minor=2.0)])], clock)
    assert alert_detail(store, FIRST_ID).psf_arcsec is None


@pytest.mark.parametrize("dec", [0.0, -89.9999])
def test_what_is_near_is_found_across_the_seam_of_right_ascension_the_nearest_first(store, clock, dec):
    away = {0: 3.0, 1: -1.0, 2: 0.5, 3: -40.0}
    # Near the pole a hundred times as much right ascension is next to no distance.
    turn = {n: offset / 3600 * (1 if dec == 0 else 100) for n, offset in away.items()}
    objects = [api_object(n, header={"ra": turn[n] % 360, "dec": dec}) for n in away]
    ingest_objects(store, objects, clock)
    found = near(store, 0.0, dec, 10.0)
    expected = [2, 1, 0] if dec == 0 else [2, 1, 0, 3]
    assert found == [FIRST_ID + n for n in expected]


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("https://lasair-ztf.lsst.ac.uk/objects/ZTF18aabeyio/", ("ztf", "ZTF18aabeyio")),
        ("https://www.wis-tns.org/object/2018bcd", ("ztf", "ZTF18aabeyio")),
        ("https://lasair.lsst.ac.uk/objects/313853517191479345/", ("lsst", "313853517191479345")),
        ("<https://ztf.fink-portal.org/ZTF18aabeyio>", ("ztf", "ZTF18aabeyio")),
        ('"ZTF18aabeyio"', ("ztf", "ZTF18aabeyio")),
        ("18bcd", ("ztf", "ZTF18aabeyio")),
        ("AT 18bcd (ZTF18aabeyio)", ("ztf", "ZTF18aabeyio")),
        ("see ztf:ZTF18aabeyio, please", ("ztf", "ZTF18aabeyio")),
        ("LSST diaObjectId 313853517191479345", ("lsst", "313853517191479345")),
    ],
)
def test_an_alert_is_found_by_what_people_paste(store, surveys, text, which):
    assert find_alert(store, text) == surveys[which]
    assert find_near(store, text) == [surveys[which]]


@pytest.mark.parametrize(
    "text", ["lsst ZTF18aabeyio", "https://www.wis-tns.org/object/2024", "\x1b]52;c;x\x07", "a" * 9_999]
)
def test_what_people_paste_in_vain_is_said_to_be_unknown(store, surveys, text):
    with pytest.raises(UnknownAlert) as raised:
        find_near(store, text)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


def test_a_position_finds_what_is_there_only_where_that_is_asked_for(store, clock):
    ingest_objects(
        store, [api_object(n, header={"ra": 10.0, "dec": -5.0 + n / 3600}) for n in range(3)], clock
    )
    here = [FIRST_ID, FIRST_ID + 1, FIRST_ID + 2]
    assert find_near(store, "00:40:00.0 -05:00:00") == here
    assert find_near(store, "https://www.legacysurvey.org/viewer?ra=10&dec=-5") == here
    assert find_alert(store, "ra=10 dec=-5 r=0.5", by_position=True) == FIRST_ID
    with pytest.raises(UnknownAlert):
        find_alert(store, "ra=10 dec=-5 r=0.5")
    with pytest.raises(AmbiguousAlert):
        find_alert(store, "10 -5", by_position=True)
    with pytest.raises(UnknownAlert, match="within 10\u2033 of RA 200"):
        find_near(store, "200 -5")
