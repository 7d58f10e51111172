"""`stream-1` of stored alerts: as the plain reference has it, however data came, and nothing of later."""

import random
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import T0, Clock, api_object, detection, forced, nondetection, put_alert
from tests.features.stream_made import blank_context, by_reference
from tests.pipeline.test_arrival_of_packets import lsst_packets, shuffled, taken_in, ztf_packets
from tests.surveys.lsst import made as lsst
from tests.surveys.ztf import made as ztf
from vra_tui.domain.alert import CatalogueMatch
from vra_tui.domain.building import build_light_curve
from vra_tui.errors import VraError
from vra_tui.features.stream import AS_TOLD, STREAM_1
from vra_tui.features.table import DAYN_FEATURES
from vra_tui.pipeline.feature_tables import TABLE_COLUMNS, feature_table, features_at
from vra_tui.pipeline.stream_features import context_of, hosts_of, stream_features
from vra_tui.store.codes import band_names
from vra_tui.store.connection import open_store
from vra_tui.store.curves import light_curves
from vra_tui.store.known_objects import read_known
from vra_tui.store.listing import list_ids
from vra_tui.store.objects import names_of
from vra_tui.store.stream_records import FACTS, read_stream_records

SLOW = settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
#: Features made of what packets say beside epochs: of each thing the store keeps the newest word alone.
OF_WORDS = {
    *AS_TOLD, "object_score", "days_since_first_told", "latest_less_reference_mag", "peak_absolute_mag",
    "peak_less_host_mag", "n_other_matches_near", "position_scatter_in_errors",
    *(name for name in STREAM_1 if name.startswith("host_")),
}  # fmt: skip


def all_ids(store):
    return list_ids(store, "all").tolist()


def table_of(store, at=None):
    """The features of all alerts of a store, by survey and object id."""
    table = stream_features(store, all_ids(store), at)
    names = names_of(store, table.alert_id.tolist())
    return {names[i]: row for i, row in zip(table.alert_id.tolist(), table.values, strict=True)}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        np.testing.assert_array_equal(found[key], row, err_msg=str(key))


def atlas_object(number=0):
    match = {"separationarcsec": 3.0, "z": 0.02, "catalogue_table_name": "NED", "association_type": "SN",
             "catalogue_object_type": "galaxy", "catalogue_object_id": "NGC 1"}  # fmt: skip
    lc = [detection(day, 18.5 - 0.1 * day, number=10 * day + i) for day in (0, 1, 4) for i in range(2)]
    points = [forced(day, 18.6) for day in (-9, -2, 2)]
    return api_object(
        number, lc=lc, lcnondets=[nondetection(-3), nondetection(2)], fp=points, sherlock_crossmatches=[match]
    )


def mixed():
    """Packets of all three surveys; each later one knows all epochs of those before it."""
    packets = [atlas_object(), atlas_object(1)]
    for night in range(4):
        value = ztf.packet_value(
            jd=ztf.JD + night, candid=ztf.CANDID + 10**12 * night, fid=1 + night % 2,
            magpsf=18.5 - 0.2 * night, fwhm=2.0 + 0.1 * night,
        )  # fmt: skip
        value["candid"] = value["candidate"]["candid"]
        limit, earlier = value["prv_candidates"]
        value["prv_candidates"] = [limit, earlier] + [
            {**earlier, "jd": ztf.JD + before, "candid": ztf.CANDID + 10**12 * before, "isdiffpos": "t",
             "magpsf": 18.5 - 0.2 * before, "fid": 1 + before % 2, "sigmapsf": 0.125, "rb": None,
             "ra": 267.0006792, "dec": -5.8633869} for before in range(night)
        ]  # fmt: skip
        packets.append(value)
    packets += [
        lsst.packet_value(
            diaSource=lsst.source(-night, band="grgr"[night]),
            diaSourceId=lsst.SOURCE + night,
            prvDiaSources=[lsst.source(-before, band="grgr"[before]) for before in range(night)],
            prvDiaForcedSources=[lsst.forced(-before) for before in range(night + 1)],
        )
        for night in range(4)
    ]
    return packets


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return taken_in(tmp_path_factory, Clock(datetime(2026, 11, 22, tzinfo=UTC)), mixed())


def test_the_table_is_that_of_the_plain_reference(whole):
    """Facts read one by one as the store knows them; the light curves laid out by hand."""
    ids = sorted(all_ids(whole))
    known = read_known(whole, ids)
    about = blank_context(len(ids))
    for name in FACTS:
        told = [known[number].fact(name) for number in ids]
        getattr(about, name)[:] = [np.nan if one is None else one for one in told]
    rows = {row["alert_id"]: row for row in whole.execute("SELECT * FROM alerts")}
    about.ra[:], about.dec[:], about.t0_mjd[:] = (
        [rows[number][name] for number in ids] for name in ("ra", "dec", "t0_mjd")
    )
    about.ebv[:] = [np.nan if rows[n]["ebv_sfd"] is None else rows[n]["ebv_sfd"] for n in ids]
    for row, number in enumerate(ids):
        _, best = known[number].matches.get("ps1") or known[number].matches.get("sherlock") or (0, None)
        if not best:
            continue
        about.host.kind[row] = 2
        for name in ("separation_arcsec", "z", "mag"):
            value = getattr(best[0], name)
            getattr(about.host, name)[row] = np.nan if value is None else value
    expected = by_reference(
        light_curves(whole, ids, with_forced=True), about, band_names(whole), np.full(len(ids), np.nan)
    )
    found = stream_features(whole, ids)
    assert found.alert_id.tolist() == ids
    for name in STREAM_1:
        if name != "n_other_matches_near":
            np.testing.assert_allclose(found.column(name), expected[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_every_survey_has_its_own_numbers_in_the_table(whole):
    found = table_of(whole)
    by_survey = {survey: dict(zip(STREAM_1, row, strict=True)) for (survey, _), row in found.items()}
    assert set(by_survey) == {"atlas", "ztf", "lsst"}
    assert by_survey["atlas"]["host_redshift"] == 0.02
    assert by_survey["atlas"]["forced_signal_to_noise_latest"] > 0
    assert by_survey["ztf"]["fwhm_arcsec"] == pytest.approx(2.3 * 1.012)
    assert by_survey["ztf"]["host_separation_arcsec"] == 1.5
    assert by_survey["lsst"]["trail_arcsec"] == 0.5
    assert by_survey["lsst"]["n_bands"] == 2


def test_order_and_batches_and_repeats_make_no_difference(tmp_path_factory, clock, whole):
    expected, then = table_of(whole), table_of(whole, T0 + 1.5)

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
    @given(seed=st.integers(0, 2**16))
    def check(seed):
        # Instruments and bands are met in another order, and get other codes.
        rng = random.Random(seed)
        store = taken_in(tmp_path_factory, clock, shuffled(mixed(), rng), rng)
        assert_same(table_of(store), expected)
        assert_same(table_of(store, T0 + 1.5), then)

    check()


@pytest.mark.parametrize("packets", [ztf_packets(), lsst_packets()], ids=["ztf", "lsst"])
def test_packets_of_any_kind_in_any_order_give_the_same_table(packets, tmp_path_factory, clock):
    @SLOW
    @given(values=packets, seed=st.integers(0, 2**16))
    def check(values, seed):
        rng = random.Random(seed)
        at_once = taken_in(tmp_path_factory, clock, values)
        other = taken_in(tmp_path_factory, clock, shuffled(values, rng), rng)
        assert_same(table_of(other), table_of(at_once))

    check()


def test_codes_that_a_store_gave_in_another_order_change_nothing(tmp_path_factory, clock):
    """Instruments and bands of several letters are numbered as they come."""

    def alert(store, name, bands):
        columns = {"mjd": [60_000.5, 60_001.5, 60_002.5], "mag": [18.0, 17.5, 17.0], "magerr": [0.1] * 3,
                   "limit": [20.0] * 3, "ra": [150.1] * 3, "dec": [2.2] * 3, "score": [0.9] * 3,
                   "instrument": [f"dome {name}"] * 3, "band": bands}  # fmt: skip
        curve, instruments, names = build_light_curve(columns, {}, {})
        return put_alert(store, "mine", name, clock, light_curve=curve, instruments=instruments, bands=names)

    alerts = {"a": ["BP", "RP", "RP"], "b": ["RP", "zg", "BP"], "c": ["Ks", "zg", "zg"]}
    tables = []
    for order in ("abc", "cba"):
        store = open_store(tmp_path_factory.mktemp("s") / "vra.db", durable=False)
        for name in order:
            alert(store, name, alerts[name])
        tables.append((band_names(store), table_of(store)))
    (first, expected), (other, found) = tables
    assert first != other
    assert_same(found, expected)
    assert np.isfinite(expected["mine", "b"][STREAM_1.index("colour_as_g_r_mag")])


@pytest.mark.parametrize("night", range(4))
def test_nothing_of_later_is_known(tmp_path_factory, clock, whole, night):
    """Against a store that had nothing but what was told by then: the same, or missing where a newer word
    stands in place of the one of then."""
    for packets, day in ((mixed()[2:6], ztf.MJD), (mixed()[6:], lsst.TAI - 37.0 / 86_400.0)):
        at = day + night
        then = table_of(taken_in(tmp_path_factory, clock, packets[: night + 1]), at)
        now = table_of(taken_in(tmp_path_factory, clock, packets), at)
        assert now.keys() == then.keys()
        for key, row in now.items():
            for name, value, expected in zip(STREAM_1, row, then[key], strict=True):
                if name in OF_WORDS and np.isnan(value):
                    continue
                np.testing.assert_equal(value, expected, err_msg=f"{key} {name}")
        if night == 3:
            assert_same(now, then)


def test_what_was_said_later_is_missing_and_not_given_away(store, clock):
    match = CatalogueMatch("sherlock", association_type="AGN", separation_arcsec=0.1, z=0.5)
    curve, instruments, bands = build_light_curve(
        {
            "mjd": [T0 - 0.5],
            "mag": [18.0],
            "magerr": [0.1],
            "limit": [20.0],
            "ra": [1.0],
            "dec": [1.0],
            "score": [0.5],
            "instrument": ["x"],
            "band": ["r"],
        },
        {},
        {},
    )
    sections = {"light_curve": curve, "instruments": instruments, "bands": bands}
    number = put_alert(store, "mine", "1", clock, as_of=T0, gaia_mag=15.0, **sections)
    put_alert(store, "mine", "1", clock, as_of=T0 + 5, matches=(match,), fwhm_arcsec=3.0, context_class="AGN")
    names = ("gaia_mag", "fwhm_arcsec", "host_is_agn", "host_redshift", "host_separation_arcsec")
    for at, expected in {T0: [15.0, *[np.nan] * 4], T0 + 5: [15.0, 3.0, 1.0, 0.5, 0.1]}.items():
        np.testing.assert_array_equal(stream_features(store, [number], at).select(names)[0], expected)
    before = stream_features(store, [number], T0 - 1)
    assert np.isnan(before.column("gaia_mag")[0])
    assert before.column("n_detections")[0] == 0


def test_sources_that_were_looked_for_and_not_found_are_told_from_those_nobody_looked_for(store, clock):
    unknown = put_alert(store, "mine", "1", clock)
    none = put_alert(store, "mine", "2", clock, ra=20.0, matches=(), as_of=T0)
    table = stream_features(store, [unknown, none])
    kinds = dict(zip(table.alert_id.tolist(), table.column("host_is_galaxy").tolist(), strict=True))
    assert np.isnan(kinds[unknown])
    assert kinds[none] == 0
    assert np.isnan(stream_features(store, [none], T0 - 1).column("host_is_galaxy")[0])


def test_an_alert_without_a_host_has_that_of_another_survey_at_its_place(store, clock):
    match = CatalogueMatch("sherlock", association_type="SN", separation_arcsec=4.0, z=0.01)
    bare = put_alert(store, "mine", "1", clock, as_of=T0)
    put_alert(store, "near", "1", clock, ra=150.1 + 0.5 / 3600, as_of=T0 + 3, matches=(match,))
    put_alert(store, "far", "1", clock, ra=150.1 + 30 / 3600, as_of=T0, matches=(match,))
    assert stream_features(store, [bare]).column("host_redshift")[0] == 0.01
    # What the other survey's alert was told later was not known, nor for one asked together with a later one.
    others = [number for number in all_ids(store) if number != bare]
    at = [T0, *[T0 + 9] * len(others)]
    table = stream_features(store, [bare, *others], at)
    mine = table.alert_id.tolist().index(bare)
    assert np.isnan(table.column("host_redshift")[mine])


def test_the_time_of_each_alert_is_its_own_and_pieces_do_not_matter(whole):
    ids = all_ids(whole)
    rng = np.random.default_rng(1)
    at = np.where(rng.random(len(ids)) < 0.3, np.nan, T0 + rng.uniform(-1, 5, len(ids)))
    together = stream_features(whole, ids, at)
    for number, time in zip(ids, at.tolist(), strict=True):
        alone = stream_features(whole, [number], time)
        row = together.alert_id.tolist().index(number)
        # Sines of several numbers at once differ from those of one in the last digit.
        np.testing.assert_allclose(together.values[row], alone.values[0], rtol=1e-14)


def test_no_alerts_and_unknown_ones_make_no_rows_and_repeated_ones_one(whole):
    ids = all_ids(whole)
    assert stream_features(whole, []).values.shape == (0, len(STREAM_1))
    assert stream_features(whole, [1, 2]).values.shape == (0, len(STREAM_1))
    assert len(stream_features(whole, [ids[0], ids[0], 1])) == 1
    with pytest.raises(ValueError, match="broadcast"):
        stream_features(whole, ids, [1.0] * (len(ids) + 1))


def test_context_and_hosts_can_be_had_alone(whole):
    ids = sorted(all_ids(whole))
    at = dict.fromkeys(ids, np.inf)
    records = read_stream_records(whole, ids, at)
    curves = light_curves(whole, ids, with_forced=True)
    context = context_of(records, hosts_of(whole, records, at), curves, np.full(len(ids), np.inf))
    assert (context.host.kind == 2).any()
    assert np.isfinite(context.t0_mjd).all()


def test_a_table_is_asked_for_by_the_name_of_its_set(whole):
    ids = all_ids(whole)
    for name, columns in TABLE_COLUMNS.items():
        assert feature_table(whole, name, ids).names == columns
    published = feature_table(whole, "vra-dayN-1", ids, T0 + 1)
    expected = features_at(whole, ids, T0 + 1)
    np.testing.assert_array_equal(published.select(DAYN_FEATURES), expected.select(DAYN_FEATURES))
    with pytest.raises(VraError, match="stream-1"):
        feature_table(whole, "stream-2", ids)
