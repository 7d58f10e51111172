"""`vra gw`: maps from files, standard input and GraceDB, and the alerts on them."""

import base64
import io
import json
import os

import numpy as np
import pytest

from tests.factories import FIRST_ID, api_object, ingest_objects
from tests.harness.server import Reply, serving
from tests.sources.test_sky_maps import written
from tests.sources.wires.test_gracedb import graced
from vra_tui.domain.sky import separation

MJD = 59_999.5


@pytest.fixture
def alerts(store, clock):
    ingest_objects(store, [api_object(n) for n in range(3)], clock)


def some_map(**cards) -> bytes:
    """A hill of 20 degrees around the alerts, at 100 ± 10 Mpc."""
    from astropy import units
    from astropy_healpix import HEALPix

    n = 12 * 16**2
    ra, dec = HEALPix(16, order="nested").healpix_to_lonlat(np.arange(n))
    apart = separation(ra.to_value(units.deg), dec.to_value(units.deg), 150.1, 2.2) / 3600
    columns = [
        ("PROB", "D", np.exp(-0.5 * (apart / 20) ** 2)),
        ("DISTMU", "D", np.full(n, 100.0)),
        ("DISTSIGMA", "D", np.full(n, 10.0)),
    ]
    return written(columns, ORDERING="NESTED", **{"MJD-OBS": MJD, "DATE": "2023-02-25T00:00:00", **cards})


def message(kind="PRELIMINARY", **event) -> bytes:
    body = {
        "time": "2023-02-24T12:00:00Z", "skymap": base64.b64encode(some_map()).decode(),
        "classification": {"BBH": 0.99, "Terrestrial": 0.01}, **event,
    }  # fmt: skip
    told = {"superevent_id": "S230224ab", "alert_type": kind, "time_created": "2023-02-24T12:05:00Z"}
    return json.dumps({**told, "event": None if kind == "RETRACTION" else body}).encode()


@pytest.mark.usefixtures("alerts")
def test_a_map_is_added_listed_and_its_alerts_are_shown(vra, tmp_path):
    path = tmp_path / "S230224ab.multiorder.fits"
    path.write_bytes(some_map())
    code, out, err = vra("gw", "add", path)
    assert (code, err) == (0, "")
    assert "S230224ab, version 1 (map): 90% of it within" in out
    assert "3 alerts of its time, 3 of them there" in out
    assert "nothing new" in vra("gw", "add", path)[1]
    (event,) = json.loads(vra("gw", "list", "--json")[1])
    assert (event["event"], event["event_mjd"], event["alerts"], event["within"]) == ("S230224ab", MJD, 3, 3)
    rows = json.loads(vra("gw", "show", "s230224AB", "--json")[1])
    assert {row["object_id"] for row in rows} == {str(FIRST_ID + n) for n in range(3)}
    assert rows[0]["days"] == pytest.approx(1.5)
    # With the r² of the volume a little more than 100 Mpc.
    assert rows[0]["distance_mpc"] == pytest.approx(102, abs=1)
    assert "host 4.9σ farther" in vra("gw", "show", "S230224ab")[1]
    assert len(json.loads(vra("gw", "show", "S230224ab", "--json", "--limit", "2")[1])) == 2
    assert [row["gw_level"] for row in json.loads(vra("list", "gw", "--json")[1])] == [rows[0]["level"]] * 3
    assert f"{100 * rows[0]['level']:.1f} %" in vra("list", "gw")[1]
    assert "on the map of S230224ab" in vra("show", FIRST_ID)[1]
    assert json.loads(vra("show", FIRST_ID, "--json")[1])["places"][0]["event"] == "S230224ab"


@pytest.mark.usefixtures("alerts")
def test_an_alert_by_gcn_is_taken_from_standard_input_and_its_retraction_too(vra, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(message())))
    assert "version 1 (preliminary)" in vra("gw", "add", "-")[1]
    assert "BBH 99 %, Terr 1 %" in vra("gw", "show", "S230224ab")[1]
    path = tmp_path / "retraction.json"
    path.write_bytes(message("RETRACTION").replace(b"12:05:00", b"12:09:00"))
    assert "retracted" in vra("gw", "add", path)[1]
    assert json.loads(vra("gw", "show", "S230224ab", "--json")[1]) == []
    # The preliminary alert once more, from another folder: what was told later still counts.
    path.write_bytes(message(group="CBC"))
    assert "it is retracted" in vra("gw", "add", path)[1]


@pytest.mark.usefixtures("alerts")
def test_a_superevent_is_fetched_from_the_configured_server(vra, monkeypatch):
    answer = graced(
        [{"N": 1, "voevent_type": "IN", "created": "2023-11-29 01:00:00 UTC"}],
        {"b.multiorder.fits": some_map()},
    )
    with serving(answer) as served:
        monkeypatch.setenv("VRA_GW_SERVER", served.url)
        code, out, err = vra("gw", "add", "S231129ac")
    assert (code, err) == (0, "")
    assert "S231129ac, version 1 (initial)" in out


@pytest.mark.usefixtures("alerts")
def test_of_several_files_what_is_no_map_is_refused_and_the_rest_is_in(vra, tmp_path):
    (tmp_path / "no.fits").write_bytes(b"SIMPLE  = x")
    (tmp_path / "S230224ab.fits").write_bytes(some_map())
    code, out, err = vra("gw", "add", tmp_path / "no.fits", tmp_path / "S230224ab.fits")
    assert code == 1
    assert "no.fits: " in err
    assert "S230224ab" in out


def test_a_map_without_a_time_takes_it_from_the_flag(vra, store, tmp_path):
    path = tmp_path / "S230224ab.fits"
    path.write_bytes(written([("PROB", "D", np.full(12, 1 / 12))]))
    code, _, err = vra("gw", "add", path)
    assert code == 1
    assert "--mjd" in err
    assert vra("gw", "add", path, "--mjd", MJD)[0] == 0


def test_what_is_neither_file_nor_event_is_named(vra, store):
    code, _, err = vra("gw", "add", "GW170817")
    assert code == 2
    assert "neither a file nor" in err
    assert "superevent" in err
    assert "holds none yet" in vra("gw", "show", "S1")[2]
    assert "no sky maps yet" in vra("gw", "list")[2]


def test_a_server_that_is_down_is_said(vra, store, monkeypatch):
    with serving(lambda call: Reply(b"", 404)) as served:
        monkeypatch.setenv("VRA_GW_SERVER", served.url)
        code, _, err = vra("gw", "add", "S231129ac")
    assert code == 1
    assert "does not know" in err


@pytest.mark.skipif("VRA_REAL_DATA" not in os.environ, reason="VRA_REAL_DATA does not name the real data")
def test_real_alerts_of_an_event_and_a_voevent_that_only_names_its_map(vra, store, real_data):
    gw = real_data / "gw"
    code, out, err = vra(
        "gw", "add", gw / "igwn_gwalert_preliminary.json", gw / "GW190425_initial.voevent.xml"
    )
    assert code == 1
    assert "MS260605l, version 1 (preliminary): 90% of it within 7.7 square degrees" in out
    assert "`vra gw add S190425z` asks GraceDB" in err
    assert "retracted" in vra("gw", "add", gw / "igwn_gwalert_retraction.json")[1]
