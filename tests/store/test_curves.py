"""Light curves come out of the store as they went in, those of other surveys at a place along with them."""

from tests.tui.made import an_alert, put
from vra_tui.store.curves import associated_curves, readable_curves
from vra_tui.store.objects import number_of


def around(store, survey="ztf", object_id="ZTF26aajcbhr", **more):
    return associated_curves(store, number_of(survey, object_id), **more)


def test_the_curves_of_other_surveys_come_with_their_names_the_nearest_first(store):
    put(store, an_alert("ztf", "ZTF26aajcbhr"), an_alert("lsst", "44130521", arcsec=0.9))
    put(store, an_alert("atlas", "1000005291314656200", arcsec=0.5), an_alert("ztf", "far", arcsec=30.0))
    found = around(store)
    assert [one.survey for one in found] == ["atlas", "lsst"]
    assert [len(one.curve.detections) for one in found] == [2, 6]
    assert [one.survey for one in around(store, most=1)] == ["atlas"]
    assert [one.survey for one in around(store, "lsst", "44130521")] == ["atlas", "ztf"]
    assert around(store, "ztf", "far") == []


def test_a_damaged_curve_of_another_survey_hides_none_of_the_others(store):
    put(store, an_alert("ztf", "ZTF26aajcbhr"), an_alert("lsst", "44130521", arcsec=0.9))
    put(store, an_alert("atlas", "1000005291314656200", arcsec=0.5))
    for broken in (b"\x07nonsense", b"\x01\xff\xff\xff\x7f", b"\x00abc", "text"):
        store.execute(
            "UPDATE lightcurves SET detections = ? WHERE alert_id = ?",
            (broken, number_of("lsst", "44130521")),
        )
        assert [one.survey for one in around(store)] == ["atlas"]


def test_of_a_page_of_curves_only_the_damaged_one_is_missing(store):
    names = [("ztf", f"ZTF26aajcb{letter}") for letter in "abc"]
    put(store, *(an_alert(*name, arcsec=60.0 * n) for n, name in enumerate(names)))
    ids = [number_of(*name) for name in names]
    assert readable_curves(store, ids).alert_id.tolist() == sorted(ids)
    store.execute("UPDATE lightcurves SET nondetections = ? WHERE alert_id = ?", (b"\x07", ids[1]))
    assert readable_curves(store, ids).alert_id.tolist() == sorted({ids[0], ids[2]})
