"""Tables as strangers write them: every spelling of the same light curve gives the same light curve."""

import numpy as np
import pytest

from tests.sources.made import parquet, read
from vra_tui.domain.alert import Refused
from vra_tui.surveys.table import Table

ROWS = "A7,60000.5,18.25,0.125,g,10.125,-5.25\nA7,60001.5,18.75,0.25,r,10.125,-5.25\n"
HEADER = "objid,mjd,mag,magerr,filter,ra,dec\n"
PLAIN = HEADER + ROWS
ISO = ROWS.replace("60000.5", "2023-02-25T12:00:00").replace("60001.5", "2023-02-26 12:00:00.000")
JD = ROWS.replace("60000.5", "2460001.0").replace("60001.5", "2460002.0")
SAME = {
    "upper case": HEADER.upper() + ROWS,
    "other words": "Target Name,MJD-OBS,Mag,mag_unc,FILT,RAJ2000,DEJ2000\n" + ROWS,
    "JD": HEADER.replace("mjd", "JD") + JD,
    "a time that is MJD": HEADER.replace("mjd", "time") + ROWS,
    "a time that is JD": HEADER.replace("mjd", "obs_time") + JD,
    "ISO dates": HEADER.replace("mjd", "date-obs") + ISO,
    "semicolons": PLAIN.replace(",", ";"),
    "decimal commas": PLAIN.replace(",", ";").replace(".", ","),
    "byte order mark": "\ufeff" + PLAIN,
    "comments before and between": "# GOTO\n#\n\n" + HEADER + "# night one\n" + ROWS,
    "header in a comment": "# made by hand\n#" + PLAIN.replace(",", " "),
    "a row of units": HEADER + ",d,mag,mag,,deg,deg\n" + ROWS,
    "units in the names": "objid,time (MJD),mag [AB],magerr,filter,ra [deg],dec [deg]\n" + ROWS,
    "quotes": PLAIN.replace("A7", '"A7"').replace("mjd", '"mjd"'),
    "blanks behind commas": PLAIN.replace(",", " , "),
    "an index without a name": "," + HEADER + "0," + ROWS.replace("\nA7", "\n1,A7"),
    "empty fields at the ends": HEADER + ROWS.replace("\n", ",\n"),
    "old Macintosh": PLAIN.replace("\n", "\r"),
    "sexagesimal": PLAIN.replace("10.125", "00:40:30").replace("-5.25", "-05:15:00.0"),
}


def light_curve(data, **reading):
    """The one alert of a table, as numbers and words."""
    packets, refusals = read(data if isinstance(data, bytes) else data.encode(), "x/table.csv", **reading)
    assert not refusals
    (packet,) = packets
    alert = Table().alert(packet)
    seen = alert.light_curve.detections
    bands = [alert.bands[code] for code in seen.band]
    told = [seen.mjd, seen.mag, seen.magerr]
    return alert.object_id, np.round(told, 6).tolist(), bands, np.round([*alert.facts.values()], 9).tolist()


@pytest.mark.parametrize("data", SAME.values(), ids=SAME.keys())
def test_the_same_light_curve_is_read_however_it_is_written(data):
    if "," not in data.split("\n", 1)[0] or data.endswith(",\n"):
        assert light_curve(data, format="table") == light_curve(PLAIN)
    assert light_curve(data, format="table" if data.endswith(",\n") else None) == light_curve(PLAIN)


@pytest.mark.parametrize(
    "name", ["objid", "OBJID", "obj_id", "ticid", "cid", "target", "candidate id", "iau_name"]
)
def test_ids_are_found_by_their_usual_names_and_keep_their_zeros(name):
    data = f"{name},mjd,mag,ra,dec\n007,60000.5,18,10,-5\n7,60000.5,18,11,-5\n00,60001.5,18,12,-5\n"
    packets, refusals = read(data.encode())
    assert not refusals
    assert [packet.value.object_id for packet in packets] == ["007", "7", "00"]


def test_several_places_without_ids_are_no_one_object():
    data = b"mjd,mag,ra,dec,nr\n60000.5,18,10,-5,a\n60001.5,18,10.2,-5,b\n"
    packets, refusals = read(data)
    assert not packets
    assert "--columns object_id=NAME" in refusals[0].reason
    assert len(read(data, columns={"object_id": "nr"})[0]) == 2
    # One object that scatters, also about 0 degrees, is one.
    assert len(read(b"mjd,mag,ra,dec\n60000.5,18,359.9999,-5\n60001.5,18,0.0001,-5\n")[0]) == 1


@pytest.mark.parametrize(
    "nothing", ["NaN", "nan", "", "null", "NULL", "None", "N/A", "-", "--", "99", "-999", "inf"]
)
def test_a_number_that_is_none_is_none_however_it_is_spelled(nothing):
    data = HEADER + ROWS + f"A7,60002.5,{nothing},{nothing},g,10.125,-5.25\n"
    assert light_curve(data) == light_curve(PLAIN)


@pytest.mark.parametrize("limit", [">19.5", "> 19.5", "<19.5"])
def test_a_magnitude_with_a_sign_before_it_is_a_limit(limit):
    (packet,), _ = read((PLAIN + f"A7,60002.5,{limit},,g,10.125,-5.25\n").encode())
    curve = Table().alert(packet).light_curve
    assert len(curve.detections) == 2
    assert curve.nondetections.limit.tolist() == [19.5]


@pytest.mark.parametrize(
    ("names", "flux"),
    [
        ("flux_uJy,flux_err_uJy", 100.0),
        ("flux (\u00b5Jy),flux_err (\u00b5Jy)", 100.0),
        ("Flux[nJy],fluxerr[nJy]", 100_000.0),
        ("flux(mJy),flux_err(mJy)", 0.1),
        ("flux_Jy,e_flux_Jy", 0.0001),
        ("FLUXCAL,FLUXCALERR", 10.0 ** (0.4 * (27.5 - 18.9))),
    ],
)
def test_fluxes_say_their_unit_in_many_ways(names, flux):
    data = f"objid,mjd,{names},filter,ra,dec\nA7,60000.5,{flux},{flux / 10},g,10,-5\n"
    (packet,), _ = read(data.encode())
    curve = Table().alert(packet).light_curve
    assert curve.detections.mag[0] == pytest.approx(18.9, abs=1e-6)
    assert curve.forced.dflux[0] == pytest.approx(10.0)


def test_the_unit_of_a_flux_may_stand_below_its_name():
    data = "objid,mjd,flux,fluxerr,ra,dec\n,d,nJy,nJy,deg,deg\nA7,60000.5,100000,10000,10,-5\n"
    (packet,), _ = read(data.encode())
    assert Table().alert(packet).light_curve.forced.flux[0] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("objid,when,mag", ["no column of times", "--columns mjd=NAME", "objid, when, mag"]),
        ("objid,mjd,bright", ["no column of brightness", "--columns mag=NAME"]),
        ("objid,when,bright", ["no column of times", "no column of brightness", "mjd=NAME,mag=NAME"]),
    ],
)
def test_the_column_that_is_missing_is_named(header, words):
    _, (refusal,) = read(f"{header}\nA,60000.5,18\n".encode())
    assert all(word in refusal.reason for word in words)


def test_a_time_of_no_known_scale_is_refused_with_help():
    (packet,), _ = read(b"time,mag,ra,dec\n2000.5,18,10,-5\n")
    with pytest.raises(Refused, match="--columns mjd=NAME"):
        Table().alert(packet)


def test_standard_input_without_a_name_says_so():
    data = b"mjd,mag\n60000.5,18\n"
    assert "--name ID" in read(data, "<stdin>")[1][0].reason
    assert read(data, "<stdin>", name="V42")[0][0].value.object_id == "V42"


def test_whole_numbers_of_parquet_stay_exact_beside_nulls():
    pytest.importorskip("pyarrow")
    big = 313_637_921_267_122_191
    rows = [
        {"diaObjectId": n, "mjd": 60_000.5, "mag": 18.0, "ra": 1.0, "dec": 2.0} for n in (big, None, big + 1)
    ]
    packets, refusals = read(parquet(rows))
    assert [packet.value.object_id for packet in packets] == [str(big), str(big + 1)]
    assert "no object id" in refusals[0].reason


def test_texts_of_parquet_may_be_null_and_floats_are_no_ids():
    pytest.importorskip("pyarrow")
    row = {"mjd": 60_000.5, "mag": 18.0, "ra": 1.0, "dec": 2.0}
    packets, refusals = read(parquet([{"objid": name, **row} for name in ("A", None, "B")]))
    assert [packet.value.object_id for packet in packets] == ["A", "B"]
    assert "no object id" in refusals[0].reason
    packets, refusals = read(parquet([{"objid": 313637921267122191.0, **row}]))
    assert not packets
    assert "round" in refusals[0].reason


def test_dates_of_parquet_are_times():
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    time = pd.Timestamp("2023-02-25T12:00:00").to_pydatetime()
    (packet,), _ = read(parquet([{"objid": "A", "time": time, "mag": 18.0, "ra": 1.0, "dec": 2.0}]))
    assert Table().alert(packet).light_curve.detections.mjd.tolist() == [60_000.5]


@pytest.mark.parametrize("form", ["text", "parquet"])
def test_an_object_of_a_table_that_was_taken_in_is_known_again(form):
    rows = [{"objid": name, "mjd": 60_000.5 + n, "mag": 18.0} for n, name in enumerate("ABA")]
    changed = [*rows[:2], {**rows[2], "mag": 18.5}]

    def data(rows):
        if form == "parquet":
            pytest.importorskip("pyarrow")
            return parquet(rows)
        text = "".join(f"{row['objid']},{row['mjd']},{row['mag']}\n" for row in rows)
        return f"objid,mjd,mag\n{text}".encode()

    digests = {packet.digest for packet in read(data(rows))[0]}
    assert len(digests) == 2
    assert b"" not in digests
    again = read(data(rows), is_known=digests.__contains__)[0]
    assert [(packet.is_repeat, packet.value) for packet in again] == [(True, None)] * 2
    assert [packet.is_repeat for packet in read(data(changed), is_known=digests.__contains__)[0]] == [
        False,
        True,
    ]
    # What the user says of the table counts: another name for the column may mean another number.
    assert not any(
        packet.is_repeat for packet in read(data(rows), is_known=digests.__contains__, name="x")[0]
    )
