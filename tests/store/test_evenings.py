"""What labels bought by each evening: kept beside those before, the newest of each survey read."""

from vra_tui.store.evenings import KeptEvening, evenings, latest_evenings, put_evening


def kept(survey: str, labels: int) -> KeptEvening:
    return KeptEvening(survey, "2026-11-28T20:00:00Z", labels, {"objects": labels})


def test_every_evening_is_kept_and_the_latest_of_each_survey_is_told(store):
    for one in (kept("ztf", 40), kept("lsst", 100), kept("ztf", 80)):
        assert put_evening(store, one)
    assert [one.labels for one in evenings(store, "ztf")] == [40, 80]
    assert latest_evenings(store) == [kept("lsst", 100), kept("ztf", 80)]


def test_a_store_that_can_only_be_read_keeps_nothing_and_fails_nothing(store):
    store.execute("PRAGMA query_only = 1")
    assert not put_evening(store, kept("ztf", 40))
    assert evenings(store) == []
