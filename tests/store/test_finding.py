"""The alert that somebody names: by id, survey and id, name, address or position; whatever else is pasted."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.quick import examples
from tests.tui.made import an_alert, put
from vra_tui.store.connection import open_store
from vra_tui.store.detail import alert_detail
from vra_tui.store.finding import AmbiguousAlert, UnknownAlert, find_alert, find_alerts, find_near


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """Thirty alerts of one survey within a few arcseconds with one name, and one of another elsewhere."""
    store = open_store(tmp_path_factory.mktemp("finding") / "field.db")
    put(
        store,
        *(an_alert("lsst", str(10**17 + n), arcsec=0.1 * n, other_name="AT2026abc") for n in range(30)),
        an_alert("ztf", "ZTF26bbbbbbb", arcsec=3_600.0, other_name="AT2026xyz"),
    )
    yield store
    store.close()


def place_of(store, text):
    row = alert_detail(store, find_alert(store, text)).row
    return row.ra, row.dec


@pytest.mark.parametrize(
    "text",
    [
        "ZTF26bbbbbbb",
        "ztf26BBBBBBB",
        "ztf:ZTF26bbbbbbb",
        "ztf ZTF26bbbbbbb",
        "26xyz",
        "SN 2026xyz",
        "(“2026xyz”),",
        "https://lasair-ztf.lsst.ac.uk/objects/ZTF26bbbbbbb/",
        "look at AT2026xyz, it rises",
    ],
)
def test_an_alert_is_found_however_it_is_named(field, text):
    (found,) = find_alerts(field, text)
    assert alert_detail(field, found).row.object_id == "ZTF26bbbbbbb"


def test_a_survey_before_a_name_narrows_it(field):
    assert len(find_alerts(field, "lsst:2026abc")) == 30
    with pytest.raises(UnknownAlert):
        find_alerts(field, "ztf:2026abc")


def test_the_first_of_the_names_in_a_text_that_there_is_is_meant_whether_name_or_id(field):
    (other,) = find_alerts(field, "26xyz")
    assert find_alerts(field, "ZTF99none ztf26BBBBBBB 100000000000000003") == [other]
    (third,) = find_alerts(field, "ZTF99none 100000000000000003 ztf26BBBBBBB")
    assert alert_detail(field, third).row.object_id == "100000000000000003"


def test_however_many_names_a_text_holds_the_alerts_are_gone_through_once(field):
    asked = []
    field.set_trace_callback(asked.append)
    try:
        with suppress(UnknownAlert):
            find_alerts(field, " ".join(f"ZTF{number}abcde" for number in range(10, 40)))
    finally:
        field.set_trace_callback(None)
    assert sum("FROM tns_matches" in query for query in asked) == 1


def test_what_is_near_a_position_comes_nearest_first_and_no_further_than_asked(field):
    ra, dec = place_of(field, str(10**17))
    names = [alert_detail(field, one).row.object_id for one in find_near(field, f'{ra} {dec:+} 1.05"')]
    assert names == [str(10**17 + n) for n in range(11)]
    with pytest.raises(UnknownAlert, match="within 5″"):
        find_near(field, f'{ra} {dec - 40:+} 5"')


def test_of_many_that_are_meant_the_first_are_told_with_how_many_there_are(field):
    with pytest.raises(AmbiguousAlert, match="30 alerts") as caught:
        find_alert(field, "2026abc")
    assert len(caught.value.choices) == 21
    assert caught.value.choices[-1] == "and 10 more"


@settings(max_examples=examples(100), deadline=None)
@given(st.text(max_size=60) | st.text("0123456789:. +-hmsdATSN()\"'", max_size=60))
def test_no_text_breaks_it(field, text):
    with suppress(UnknownAlert):
        assert find_near(field, text)
