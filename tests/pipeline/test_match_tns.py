"""Reports of the kept TNS list reach the alerts at their places, once, in the words of their surveys."""

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import put_alert
from vra_tui.domain.tns_objects import TnsObject, TnsObjects, pairs_within
from vra_tui.pipeline.match_tns import match_tns
from vra_tui.store.detail import alert_detail
from vra_tui.store.tns_objects import count_tns_objects, put_tns_objects

ONE = TnsObject(
    7, "2026abc", "SN", 84.0, 16.0, "SN Ia", 0.01, 18.2, "cyan", 60270.1, "ATLAS", "ATLAS26abc",
    "2023-11-20 09:00:00", "2023-11-25 01:02:03",
)  # fmt: skip


def keep(store, *objects: TnsObject, is_whole: bool = False) -> None:
    put_tns_objects(store, TnsObjects(objects, is_whole))


def reports(store, alert_id: int):
    return alert_detail(store, alert_id).tns


@pytest.fixture
def alert(store, clock) -> int:
    return put_alert(store, "ztf", "ZTF21abiuvdk", clock, ra=84.0, dec=16.0004)


def test_a_report_within_the_radius_is_added_once(store, clock, alert):
    keep(store, ONE, replace(ONE, objid=8, name="2026far", dec=16.01))
    assert match_tns(store, clock=clock).extended == 1
    (report,) = reports(store, alert)
    assert (report.designation, report.type, report.discoverer) == ("2026abc", "SN Ia", "ATLAS")
    assert report.separation_arcsec == pytest.approx(1.44, abs=0.01)
    again = match_tns(store, clock=clock)
    assert (again.extended, again.unchanged) == (0, 0)


def test_a_report_that_changed_there_changes_here(store, clock, alert):
    keep(store, ONE)
    match_tns(store, clock=clock)
    keep(store, replace(ONE, type="SN II", modified="2023-11-26 00:00:00"))
    match_tns(store, clock=clock)
    assert [report.type for report in reports(store, alert)] == ["SN II"]


def test_an_older_version_of_an_object_does_not_replace_a_newer_one(store, clock, alert):
    keep(store, replace(ONE, type="SN II", modified="2023-11-26 00:00:00"))
    keep(store, ONE)
    match_tns(store, clock=clock)
    assert [report.type for report in reports(store, alert)] == ["SN II"]


def test_few_alerts_and_all_alerts_are_matched_alike(store, clock, alert):
    places = [(359.9999, -0.0001), (0.0001, 0.0001), (12.0, 89.9999), (200.0, 89.9999), (12.0, -90.0)]
    objects = [replace(ONE, objid=n, name=f"2026a{n}", ra=ra, dec=dec) for n, (ra, dec) in enumerate(places)]
    keep(store, *objects)
    ids = [
        put_alert(store, "ztf", f"ZTF21aaaaaa{chr(97 + n)}", clock, ra=ra, dec=dec)
        for n, (ra, dec) in enumerate(places)
    ]
    match_tns(store, clock=clock, alert_ids=ids)
    few = [sorted(one.designation for one in reports(store, number)) for number in ids]
    # The first two lie 1.02 arcsec apart over the turn of RA, the next two 0.7 over the pole.
    assert few == [
        ["2026a0", "2026a1"], ["2026a0", "2026a1"], ["2026a2", "2026a3"], ["2026a2", "2026a3"], ["2026a4"],
    ]  # fmt: skip
    assert match_tns(store, clock=clock).extended == 0


def test_a_whole_list_replaces_what_was_kept_and_takes_no_report_back(store, clock, alert):
    keep(store, ONE)
    match_tns(store, clock=clock)
    keep(store, replace(ONE, objid=9, name="2026new", ra=3.0), is_whole=True)
    match_tns(store, clock=clock)
    assert count_tns_objects(store) == 1
    assert len(reports(store, alert)) == 1


def test_without_a_list_nothing_is_done(store, clock, alert):
    assert match_tns(store, clock=clock).extended == 0


def test_pairs_are_those_of_a_look_at_each(chance):
    """The tree finds what comparing all with all finds, wherever on the sky."""
    from vra_tui.domain.sky import separation

    rng = np.random.default_rng(5)
    ra = np.concatenate([rng.uniform(0, 360, 200), rng.uniform(359.99, 360, 50), rng.uniform(0, 360, 50)])
    dec = np.concatenate([rng.uniform(-90, 90, 200), rng.uniform(-0.01, 0.01, 50), np.full(50, 89.9995)])
    other_ra = (ra + rng.normal(0, 0.0008, len(ra))) % 360
    other_dec = np.clip(dec + rng.normal(0, 0.0008, len(ra)), -90, 90)
    mine, theirs, apart = pairs_within(ra, dec, other_ra, other_dec, 3.0)
    every = separation(ra[:, None], dec[:, None], other_ra[None], other_dec[None])
    assert set(zip(mine.tolist(), theirs.tolist(), strict=True)) == set(map(tuple, np.argwhere(every <= 3.0)))
    assert np.all(apart == every[mine, theirs])
