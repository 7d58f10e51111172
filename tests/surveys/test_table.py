"""Anyone's light curves are understood by the names of their columns."""

import numpy as np
import pytest

from tests.sources.made import read
from vra_tui.domain.alert import Refused
from vra_tui.domain.epochs import source_id_of
from vra_tui.surveys.base import EpochTable, Packet
from vra_tui.surveys.table import COLUMNS, Table, found_columns


def alert_of(options=None, **columns):
    table = EpochTable("A1", {name: np.array(values, dtype=object) for name, values in columns.items()})
    packet = Packet(
        "made", "object 1", table, "table", options={"ra": 10.0, "dec": -5.0} if options is None else options
    )
    assert Table().recognises(packet)
    return Table().alert(packet)


def test_magnitudes_are_detections():
    alert = alert_of(mjd=["60000.5", "60001.5"], mag=["18.5", "-19.5"], magerr=["0.1", ""], filter=["g", "r"])
    detections = alert.light_curve.detections
    assert (alert.survey, alert.object_id, alert.as_of) == ("table", "A1", 0.0)
    assert detections.mjd.tolist() == [60000.5, 60001.5]
    assert detections.mag.tolist() == [18.5, -19.5]
    assert detections.magerr[0] == 0.1
    assert np.isnan(detections.magerr[1])
    assert [alert.bands[code] for code in detections.band] == ["g", "r"]
    assert alert.facts == {"ra": 10.0, "dec": -5.0}


@pytest.mark.parametrize("ours", COLUMNS)
def test_every_name_of_a_column_is_known_in_any_case(ours):
    for theirs in COLUMNS[ours]:
        assert ours in found_columns({"mjd": [1], "mag": [1], f" {theirs.upper()} ": [1]})


def test_times_are_mjd_utc_whichever_scale_they_come_in():
    assert alert_of(jd=[2460001.0], mag=[18.0]).light_curve.detections.mjd[0] == 60000.5
    tai = alert_of(midpointMjdTai=[60000.5], mag=[18.0]).light_curve.detections.mjd[0]
    assert tai == pytest.approx(60000.5 - 37 / 86_400, abs=2e-9)


@pytest.mark.parametrize(
    "columns",
    [
        {"ujy": [100.0], "dujy": [10.0]},
        {"psfFlux": [100_000.0], "psfFluxErr": [10_000.0]},
        {"flux": [1.0], "fluxerr": [0.1], "zp": [18.9]},
    ],
)
def test_fluxes_in_any_unit_are_microjansky_and_magnitudes(columns):
    # 23.9 - 2.5 log10(100) = 18.9; ten sigma: 2.5 / ln 10 / 10 = 0.1086.
    curve = alert_of(mjd=[60000.5], **columns).light_curve
    assert curve.detections.mag[0] == pytest.approx(18.9, abs=1e-6)
    assert curve.detections.magerr[0] == pytest.approx(0.1086, abs=1e-4)
    assert curve.forced.flux[0] == pytest.approx(100.0)


def test_a_flux_below_five_sigma_is_a_forced_point_and_no_detection():
    curve = alert_of(mjd=[60000.5, 60001.5], ujy=[40.0, -60.0], dujy=[10.0, 10.0]).light_curve
    assert curve.detections.mjd.tolist() == [60001.5]
    assert curve.detections.mag[0] < 0
    assert curve.forced.flux.tolist() == [40.0, -60.0]


def test_a_flux_without_a_unit_is_refused_with_help():
    with pytest.raises(Refused, match="--columns ujy=flux"):
        alert_of(mjd=[60000.5], flux=[1.0])


def test_limits_are_nondetections_and_99_is_nothing_seen():
    curve = alert_of(mjd=[60000.5, 60001.5], mag=[99.0, 18.0], diffmaglim=[20.5, 20.6]).light_curve
    assert curve.nondetections.limit.tolist() == [20.5]
    assert curve.detections.limit.tolist() == [20.6]


def test_ids_of_detections_are_exact_and_zero_where_there_are_none():
    ids = ["313637921267122191", "d7", ""]
    curve = alert_of(mjd=[60000.5, 60001.5, 60002.5], mag=[18.0] * 3, candid=ids).light_curve
    assert curve.detections.source_id.tolist() == [313637921267122191, source_id_of("d7"), 0]


def test_numbers_of_ztfs_filters_are_its_bands():
    assert alert_of(mjd=[60000.5, 60001.5], mag=[18.0] * 2, fid=["1", "2"]).bands == ("g", "r")


def test_the_place_is_the_median_also_at_zero_degrees():
    columns = {
        "mjd": [60000.5, 60001.5, 60002.5],
        "mag": [18.0] * 3,
        "ra": [359.9999, 0.0001, 0.0],
        "dec": [1.0] * 3,
    }
    assert alert_of({}, **columns).facts == {"ra": pytest.approx(0.0, abs=1e-9), "dec": 1.0}


def test_without_a_place_nothing_is_said_of_it():
    assert alert_of({}, mjd=[60000.5], mag=[18.0]).facts == {}


@pytest.mark.parametrize("place", [{"ra": 400.0, "dec": 5.0}, {"ra": 10.0, "dec": 95.0}])
def test_a_place_that_is_none_is_refused(place):
    with pytest.raises(Refused, match="no place on the sky") as refused:
        alert_of(place, mjd=[60000.5], mag=[18.0])
    assert refused.value.object_id == "A1"


def test_rows_without_time_or_brightness_are_left_out_and_a_table_of_them_refused():
    assert len(alert_of(mjd=["", "60001.5"], mag=["18", "x"], limit=["20", "20"]).light_curve.detections) == 0
    with pytest.raises(Refused, match="none of its rows"):
        alert_of(mjd=["", "x"], mag=["18", "18"])


def test_the_user_names_the_survey_and_never_another_object_than_the_table_does():
    alert = alert_of({"survey": "goto", "name": "GOTO24x"}, mjd=[60000.5], mag=[18.0])
    assert (alert.survey, alert.object_id) == ("goto", "A1")


def test_tables_without_light_curves_are_not_known():
    for columns in ({"mjd": [1]}, {"mag": [1]}, {"a": [1]}):
        assert not Table().recognises(Packet("made", "object 1", EpochTable("A1", columns), "table"))
    assert not Table().recognises(Packet("made", "object 1", {"mjd": 1, "mag": 1}))


def test_the_order_of_rows_makes_no_difference():
    text = "mjd,mag,filter\n60000.5,18,g\n60001.5,19,r\n60002.5,20,g\n"
    header, *rows = text.splitlines()
    forth, back = (read("\n".join([header, *order]).encode())[0][0] for order in (rows, rows[::-1]))
    one, other = Table().alert(forth).light_curve, Table().alert(back).light_curve
    assert one.detections.records.tobytes() == other.detections.records.tobytes()
