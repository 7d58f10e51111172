"""What stands around an alert comes out as it went in."""

from tests.tui.made import an_alert, put
from vra_tui.domain.alert import CatalogueMatch
from vra_tui.store.detail import alert_detail
from vra_tui.store.objects import number_of
from vra_tui.store.surroundings import surroundings


def around(store, survey="ztf", object_id="ZTF26aajcbhr"):
    return surroundings(store, number_of(survey, object_id))


def test_alerts_of_other_surveys_at_the_place_are_told_from_both_sides(store):
    put(store, an_alert("ztf", "ZTF26aajcbhr"), an_alert("atlas", "1000005291314656200", arcsec=0.5))
    put(store, an_alert("lsst", "44130521", arcsec=30.0))
    (one,) = alert_detail(store, number_of("ztf", "ZTF26aajcbhr")).associations
    assert (one.survey, one.object_id) == ("atlas", "1000005291314656200")
    assert round(one.separation_arcsec, 1) == 0.5
    (back,) = alert_detail(store, number_of("atlas", "1000005291314656200")).associations
    assert back.object_id == "ZTF26aajcbhr"


def test_facts_are_those_that_are_known(store):
    matches = (
        CatalogueMatch("gaia", separation_arcsec=0.3),
        CatalogueMatch("ps1", separation_arcsec=2.0, star_score=0.1),
    )
    put(store, an_alert("ztf", "ZTF26aajcbhr", matches=matches, star_score=0.98, star_arcsec=0.4))
    found = around(store)
    assert found.facts == {"star_score": 0.98, "star_arcsec": 0.4}


def test_nothing_is_around_an_alert_that_is_not_there(store):
    assert surroundings(store, 5) == surroundings(store, 6)
    assert not surroundings(store, 5).facts
