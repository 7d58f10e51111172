"""`vra ingest` takes any survey's alerts, by content or as the options say, and tells what became of them."""

import io
import json
import sys

import fastavro
import pytest

from tests.factories import api_object
from tests.surveys.lsst import made as lsst
from tests.surveys.ztf import made as ztf
from vra_tui.surveys import installed_surveys

CURVE = "time,m,e,flt\n60001.5,18.5,0.1,r\n60002.5,18.2,0.1,r\n60003.5,18.1,0.1,r\n"
TWO = (
    "star,mjd,mag,magerr,filter,ra,dec\n"
    "V1,60001.5,18.5,0.1,r,10.5,-5.5\nV2,60001.5,17.5,0.1,r,20.5,-6.5\nV1,60002.5,18.4,0.1,r,10.5,-5.5\n"
)
NAMES = "mjd=time,mag=m,magerr=e,band=flt"


def written(path, text):
    path.write_text(text)
    return path


def without_stamps(value):
    """A packet as JSON can hold it."""
    return {key: inner for key, inner in value.items() if not key.startswith("cutout")}


@pytest.fixture
def three_surveys(tmp_path):
    """One alert each of ATLAS, ZTF and LSST, a solar-system source of LSST, and a list of nothing known."""
    moving = lsst.packet_value(diaObject=None, ssSource={"ssObjectId": 5}, prvDiaSources=None)
    moving["diaSource"] |= {"diaObjectId": None, "ssObjectId": 5}
    values = [
        api_object(0),
        without_stamps(ztf.packet_value()),
        without_stamps(lsst.packet_value()),
        without_stamps(moving),
        {"nobody": "knows this"},
    ]
    lines = (json.dumps(value).replace("NaN", "null") for value in values)
    return written(tmp_path / "mixed.jsonl", "\n".join(lines))


def listed(vra, *words):
    return json.loads(vra("list", "all", "--json", *words)[1])


def alerts(vra):
    return sorted((row["survey"], row["object_id"]) for row in listed(vra))


def test_alerts_of_any_survey_are_told_by_their_content_and_counted_for_each(vra, three_surveys):
    code, out, err = vra("ingest", three_surveys)
    assert code == 1
    first, header, *rows = out.splitlines()
    assert first == "3 new, 0 extended, 0 unchanged, 1 refused, 1 without an object passed over"
    held = dict(zip(header.split(), zip(*(row.split() for row in rows[:3]), strict=True), strict=True))
    assert held["survey"] == ("atlas", "lsst", "ztf")
    assert (held["new"], held["alerts"]) == (("1",) * 3, ("1",) * 3)
    assert held["passed"] == ("0", "1", "0")
    assert rows[3].split() == ["none", "known", "0", "0", "0", "1", "0", "|"]
    assert "mixed.jsonl: line 5" in err
    assert [survey for survey, _ in alerts(vra)] == ["atlas", "lsst", "ztf"]


def test_machines_get_the_same_counts(vra, three_surveys):
    vra("ingest", three_surveys)
    code, out, _ = vra("ingest", three_surveys, "--json")
    told = json.loads(out)
    parts = {part.pop("survey"): part for part in told.pop("surveys")}
    assert code == 1
    assert told == {"new": 0, "extended": 0, "unchanged": 3, "refused": 1, "passed_over": 1, "left_out": 0}
    assert {name: sum(part.values()) for name, part in parts.items()} == {
        # What was taken in before is not looked into again.
        None: 4,
        "lsst": 1,
    }
    assert all(sum(part[name] for part in parts.values()) == count for name, count in told.items())


def test_a_survey_refuses_what_is_not_its_own(vra, three_surveys):
    code, out, err = vra("ingest", three_surveys, "--survey", "ZTF")
    assert code == 1
    assert out.startswith("1 new, 0 extended, 0 unchanged, 4 refused")
    assert "it is no packet of the survey `ztf`" in err
    assert alerts(vra) == [("ztf", ztf.OBJECT)]


def test_a_misspelt_survey_is_wrong_usage_and_those_that_there_are_are_named(vra, three_surveys, store_path):
    code, out, err = vra("ingest", three_surveys, "--survey", "zft")
    assert (code, out) == (2, "")
    assert all(name in err for name in installed_surveys())
    assert "--format table" in err
    assert not store_path.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "fits"], "json, avro, parquet, table"),
        (["--columns", "mjd"], "mjd=time"),
        (["--columns", "="], "mjd=time"),
        (["--columns", "brightness=m,mjd=t"], "brightness"),
        (["--columns", "mjd=t,mjd=time"], "twice"),
        (["--columns", "mjd=t", "--format", "avro"], "avro"),
        (["--name", " "], "--name"),
        (["--at", "84.1"], "two numbers"),
        (["--at", "05:36:31 16:38:31"], "degrees"),
        (["--at", "84.1 96.0"], "no place"),
        (["--at", "nan 5"], "no place"),
        (["--schemas", "nowhere"], "nowhere"),
        (["--survey", "my survey", "--format", "table"], "letters"),
        (["--survey", "a:b", "--columns", "mjd=t"], "letters"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_option_that_cannot_be_meant_is_wrong_usage_and_nothing_is_read(
    vra, tmp_path, store_path, options, said
):
    code, out, err = vra("ingest", written(tmp_path / "curve.csv", CURVE), *options)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert not store_path.exists()


def test_anyones_light_curve_comes_in_by_its_columns_under_a_survey_of_ones_own(vra, tmp_path):
    path = written(tmp_path / "curve.csv", CURVE)
    code, out, err = vra("ingest", path, "--columns", NAMES, "--survey", "MyDome")
    assert (code, out) == (1, "0 new, 0 extended, 0 unchanged, 1 refused\n")
    assert "where mydome curve is" in err
    options = ["--columns", NAMES, "--survey", "MyDome", "--name", "V 42", "--at", "84.1 -16.6"]
    assert vra("ingest", path, *options)[:2] == (0, "1 new, 0 extended, 0 unchanged, 0 refused\n")
    [row] = listed(vra)
    assert (row["survey"], row["object_id"], row["ra"], row["dec"]) == ("mydome", "V 42", 84.1, -16.6)
    assert "atlas_id" not in row
    assert vra("show", "mydome:V 42")[1].count("18.") == 3


def test_what_a_table_says_itself_stands_before_what_the_options_say(vra, tmp_path):
    path = written(tmp_path / "two.csv", TWO)
    options = ["--columns", "object_id=star", "--format", "table", "--name", "neither", "--at", "1 1"]
    assert vra("ingest", path, *options)[0] == 0
    places = {row["object_id"]: (round(row["ra"], 4), round(row["dec"], 4)) for row in listed(vra)}
    assert places == {"V1": (10.5, -5.5), "V2": (20.5, -6.5)}


def test_what_is_no_table_cannot_be_of_a_survey_of_ones_own(vra, tmp_path, three_surveys):
    code, out, err = vra("ingest", three_surveys, "--survey", "mydome", "--columns", NAMES)
    assert code == 1
    assert out.startswith("0 new, 0 extended, 0 unchanged, 5 refused")
    assert "mydome" in err


def schema_of(name, value):
    """An Avro schema in which this value can be written."""
    match value:
        case dict():
            fields = [{"name": key, "type": schema_of(key, inner)} for key, inner in value.items()]
            return {"type": "record", "name": name, "fields": fields}
        case [first, *_]:
            return {"type": "array", "items": schema_of(name, first)}
    kinds = {bool: "boolean", int: "long", float: "double", str: "string", bytes: "bytes", type(None): "null"}
    return kinds[type(value)]


def test_a_message_without_its_schema_is_read_with_those_of_a_folder(vra, tmp_path):
    value = lsst.packet_value(prvDiaForcedSources=None)
    schema = {**schema_of("alert", value), "namespace": "lsst.v10_0"}
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "lsst.v10_0.alert.avsc").write_text(json.dumps(schema))
    message = io.BytesIO()
    fastavro.schemaless_writer(message, schema, value)
    path = tmp_path / "message.avro"
    path.write_bytes(b"\0" + (1000).to_bytes(4, "big") + message.getvalue())
    code, _, err = vra("ingest", path)
    assert code == 1
    assert "--schemas" in err
    code, _, err = vra("ingest", path, "--schemas", folder)
    assert (code, alerts(vra)) == (0, [("lsst", str(lsst.OBJECT))]), err


@pytest.mark.parametrize("compressed", [False, True])
def test_standard_input_is_read_as_a_file_is(vra, three_surveys, monkeypatch, compressed):
    import gzip

    data = three_surveys.read_bytes()
    data = gzip.compress(data) if compressed else data
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, out, err = vra("ingest", "-")
    assert code == 1
    assert out.startswith("3 new")
    assert "<stdin>" in err


def test_a_table_from_standard_input_is_named_by_its_options(vra, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CURVE.encode())))
    assert vra("ingest", "-", "--columns", NAMES, "--name", "piped", "--at", "10 10")[0] == 0
    assert alerts(vra) == [("table", "piped")]


def test_packets_with_stamps_that_come_again_bring_nothing(vra, tmp_path):
    value = lsst.packet_value(prvDiaForcedSources=None)
    schema = {**schema_of("alert", value), "namespace": "lsst.v10_0"}
    path = tmp_path / "packets.avro"
    with path.open("wb") as out:
        fastavro.writer(out, schema, [value, value])
    assert vra("ingest", path)[1] == "1 new, 0 extended, 1 unchanged, 0 refused\n"
    kept = json.loads(vra("show", str(lsst.OBJECT), "--json")[1])["stamps"]
    assert sorted(stamp["kind"] for stamp in kept) == ["difference", "science"]
    assert vra("ingest", path)[1] == "0 new, 0 extended, 2 unchanged, 0 refused\n"
    value["cutoutDifference"] += b"z"
    with path.open("wb") as out:
        fastavro.writer(out, schema, [value])
    assert vra("ingest", path)[1] == "0 new, 1 extended, 0 unchanged, 0 refused\n"
