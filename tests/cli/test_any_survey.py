"""Alerts of every survey are named by survey and id, in every output; the store's number leaves in none."""

import csv
import io
import json
import math
import re

import pytest

from tests.factories import FIRST_ID, api_object, put_alert, quad
from tests.surveys.ztf import made as ztf
from vra_tui.domain.alert import Alert, Annotation, CatalogueMatch, Stamp, StampKind
from vra_tui.domain.building import build_light_curve
from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import DAY1_FEATURES, FAST_FEATURES, VISIT_FEATURES
from vra_tui.store.connection import open_store
from vra_tui.surveys.base import Packet
from vra_tui.surveys.ztf import Ztf

ATLAS = ("atlas", str(FIRST_ID))
ZTF = ("ztf", ztf.OBJECT)
MINE = ("mine", "SN 1987A")


def curve(*mags, band="r"):
    """A light curve of one detection a night."""
    n = len(mags)
    columns = {"mjd": [60_000.5 + i for i in range(n)], "mag": list(mags), "magerr": [0.1] * n,
               "limit": [20.0] * n, "ra": [150.1] * n, "dec": [2.2] * n, "score": [0.9] * n,
               "instrument": ["dome"] * n, "band": [band] * n}  # fmt: skip
    light_curve, instruments, bands = build_light_curve(columns, {}, {})
    return {"light_curve": light_curve, "instruments": instruments, "bands": bands}


@pytest.fixture
def atlas(vra, filled_once, tmp_path):
    """A store with two scored alerts of ATLAS."""

    def fill():
        path = tmp_path / "atlas.jsonl"
        path.write_text("\n".join(json.dumps(api_object(n, lc=quad(0) + quad(2))) for n in range(2)))
        assert vra("ingest", path)[0] == 0
        assert vra("score", "--ranks-only")[0] == 0

    filled_once("two scored of ATLAS", fill)
    return vra


@pytest.fixture
def mixed(atlas, store_path, clock):
    """One more of ZTF, and one of a survey of one's own at ATLAS's place; neither is scored."""
    store = open_store(store_path)
    alert: Alert = Ztf().alert(Packet("made", "record 1", ztf.packet_value()))
    said = {name: getattr(alert, name) for name in ("as_of", "light_curve", "instruments", "bands",
            "matches", "stamps", "details")}  # fmt: skip
    put_alert(store, *ZTF, clock, **{**alert.facts, **said})
    put_alert(store, *MINE, clock, other_name="AT1987A", **curve(18.5, 18.25, band="clear"))
    store.close()
    return atlas


def records(out):
    return list(csv.DictReader(io.StringIO(out)))


def names(rows):
    return {(row["survey"], row["object_id"]) for row in rows}


def test_lists_of_atlas_alone_bear_its_ids_as_numbers_too_and_mixed_ones_do_not(atlas, mixed):
    rows = json.loads(atlas("list", "all", "--json")[1])
    assert list(rows[0])[:3] == ["survey", "object_id", "name"]
    assert names(rows) == {ATLAS, ("atlas", str(FIRST_ID + 1)), ZTF, MINE}
    assert not {"atlas_id", "alert_id"} & set(rows[0])
    table = records(atlas("list", "all", "--format", "csv")[1])
    assert names(table) == names(rows)
    assert list(table[0]) == list(rows[0])


def test_of_no_alerts_the_columns_are_those_of_atlas(atlas):
    empty = atlas("list", "duplicates", "--format", "csv")[1].strip()
    assert empty == atlas("list", "all", "--format", "csv")[1].splitlines()[0]
    assert empty.endswith("model,atlas_id")


def test_what_is_not_scored_shows_as_such_and_is_no_error(mixed):
    code, out, _ = mixed("list", "all")
    assert code == 0
    unscored = [line for line in out.splitlines() if "unscored" in line]
    assert {tuple(line.split()[:2]) for line in unscored} == {("-", "mine:SN"), ("-", f"ztf:{ztf.OBJECT}")}
    by_name = {
        (row["survey"], row["object_id"]): row for row in json.loads(mixed("list", "all", "--json")[1])
    }
    values = by_name[ZTF]
    empty = ("preal", "pgal", "pfast", "rank", "is_gal_cand", "list", "visit", "model")
    assert all(values[name] is None for name in empty)
    code, words, _ = mixed("show", ztf.OBJECT)
    assert code == 0
    assert "not scored" in words


@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_table_fits_its_terminal_with_ids_whole_and_columns_aligned(mixed, monkeypatch, width):
    monkeypatch.setattr("vra_tui.cli.output.terminal_width", lambda: width)
    lines = [line.rstrip() for line in mixed("list", "all")[1].splitlines()]
    assert max(map(len, lines)) <= width
    assert {f"atlas:{FIRST_ID}", f"ztf:{ztf.OBJECT}", "mine:SN 1987A"} <= {
        found for line in lines[1:] for found in re.findall(r"\w+:(?:SN )?\w+", line)
    }
    at = lines[0].index("alert")
    assert {line[at - 1] for line in lines} == {" "}
    assert all(re.match(r"(atlas|ztf|mine):", line[at:]) for line in lines[1:])
    assert {"rank", "alert", "list", "flags"} <= set(lines[0].split())


@pytest.mark.parametrize(
    "text", [f"ztf:{ztf.OBJECT}", f"ZTF {ztf.OBJECT}", ztf.OBJECT.lower(), "mine:SN 1987A", "SN1987A"]
)
def test_an_alert_is_decided_logged_and_undone_by_what_it_is_called(mixed, text):
    which = ZTF if "ztf" in text.lower() else MINE
    called = ":".join(which)
    code, out, _ = mixed("decide", text, "good", "--scanner", "zoe")
    assert (code, out.startswith(f"{called} is good")) == (0, True)
    [row] = json.loads(mixed("log", "--json", "--alert", text)[1])
    assert (row["survey"], row["object_id"]) == which
    [row] = records(mixed("log", "--format", "csv")[1])
    assert (row["survey"], row["object_id"]) == which
    [row] = [json.loads(line) for line in mixed("log", "--format", "jsonl")[1].splitlines()]
    assert (row["survey"], row["object_id"]) == which
    assert called in mixed("log")[1]
    told = json.loads(mixed("undo", "--scanner", "zoe", "--json")[1])
    assert [(one["survey"], one["object_id"]) for one in told] == [which]
    told = json.loads(mixed("decide", text, "pm", "--scanner", "zoe", "--json")[1])
    assert (told["survey"], told["object_id"]) == which
    assert called in mixed("undo", "--scanner", "zoe")[1]


def test_features_go_out_by_name_and_come_back_as_predictions_of_the_models_survey(mixed, tmp_path):
    table = tmp_path / "features.csv"
    table.write_text(mixed("features")[1])
    rows = records(table.read_text())
    assert names(rows) == {ATLAS, ("atlas", str(FIRST_ID + 1)), ZTF, MINE}
    assert not {"atlas_id", "alert_id"} & set(rows[0])
    # The shipped model is for ATLAS: the others' rows are refused, and named.
    code, out, err = mixed("predict", table, "--stage", "day1")
    assert code == 1
    assert "holds alerts of mine and ztf too" in err
    of_atlas = [(row["survey"], row["object_id"]) for row in rows if row["survey"] == "atlas"]
    assert [(row["survey"], row["object_id"]) for row in records(out)] == of_atlas
    told = json.loads(mixed("predict", table, "--stage", "day1", "--json")[1])
    assert list(told[0])[:2] == ["survey", "object_id"]
    assert names(told) == set(of_atlas)
    [one] = records(mixed("features", f"ztf:{ztf.OBJECT}")[1])
    assert (one["survey"], one["object_id"]) == ZTF


def test_two_models_are_held_against_each_other_by_name(mixed):
    shipped = [row["name"] for row in json.loads(mixed("models", "list", "--json")[1])]
    if len(shipped) < 2:
        pytest.skip("there is one model only")
    code, out, _ = mixed("models", "compare", *shipped[:2], "--json")
    assert code == 0
    told = json.loads(out)
    found = [one for kind in ("lost", "gained", "discarded", "spared") for one in told[kind]]
    assert all(set(one) >= {"survey", "object_id"} and "alert_id" not in one for one in found)


def test_no_output_holds_the_number_of_the_store(mixed, store_path, tmp_path):
    mixed("decide", ztf.OBJECT, "good", "--scanner", "zoe")
    mixed("decide", "mine:SN 1987A", "garbage", "--scanner", "zoe")
    store = open_store(store_path)
    inside = [str(row[0]) for row in store.execute("SELECT alert_id FROM objects WHERE survey != 'atlas'")]
    store.close()
    commands = [
        ["list", "all"], ["list", "all", "--json"], ["list", "all", "--format", "csv"], ["show", ztf.OBJECT],
        ["show", ztf.OBJECT, "--json"], ["features"], ["features", "--format", "json"], ["log"],
        ["log", "--json"], ["log", "--format", "csv"], ["report"], ["report", "--json"],
        ["models", "compare", "duck-2", "duck-2", "--json"], ["labels", "conflicts", "--json"],
        ["undo", "--scanner", "zoe"],
    ]  # fmt: skip
    for command in commands:
        code, out, err = mixed(*command)
        assert code == 0, (command, err)
        assert "alert_id" not in out, command
        assert not [number for number in inside if number in out + err], command


@pytest.fixture
def told(mixed, store_path, clock):
    """The survey of one's own has said more of its alert: classes, stamps, sources near."""
    store = open_store(store_path)
    put_alert(
        store, *MINE, clock, **curve(18.5, 18.25, band="clear"), as_of=60_010.0,
        matches=(
            CatalogueMatch("gaia", "G1", "Gaia DR3", separation_arcsec=0.5, mag=17.5, mag_band="G"),
            CatalogueMatch("ned", "NGC 1", "NED", object_type="galaxy", separation_arcsec=9.5, z=0.01),
        ),
        annotations=(
            Annotation("needle", "SN", "1.0", numbers={"SN": 0.75, "TDE": 0.25}, mjd=60_001.5),
            Annotation("needle", "TDE", "1.0", numbers={"SN": 0.25, "TDE": 0.75}, mjd=60_002.5),
            Annotation("\x1b]0;owned\x07rapid", "<b>Ia</b>\x1b[2J", explanation="<i>it\x9b31m is</i>"),
        ),
        stamps=(
            Stamp(StampKind.SCIENCE, b"s" * 2_000, 60_001.5, 7),
            Stamp(StampKind.SCIENCE, b"s" * 3_000, 60_002.5, 8),
            Stamp(StampKind.DIFFERENCE, b"d" * 1_000, 60_002.5, 8),
        ),
    )  # fmt: skip
    store.close()
    return mixed


def test_an_alert_is_shown_with_what_others_said_of_it_and_what_is_kept(told):
    lines = told("show", "mine:SN 1987A")[1].splitlines()
    assert lines[0] == "mine:SN 1987A  AT1987A"
    assert "  0.5″ G1 (Gaia DR3, by gaia)  mag G 17.50" in lines
    assert "  9.5″ galaxy NGC 1 (NED, by ned)  z 0.0100" in lines
    assert "needle 1.0 (MJD 60002.50): TDE; TDE 0.75, SN 0.25; and 1 answers before that" in lines
    assert "stamps of MJD 60002.500: science 3.0 kB, difference 1.0 kB; 1 of earlier exposures" in lines
    assert [line for line in lines if line.startswith("also atlas:")]
    assert [line for line in lines if "clear 1×" in line]
    assert not {"\x1b", "\x9b", "\x07"} & set("\n".join(lines))


def test_machines_get_it_whole(told):
    record = json.loads(told("show", "mine:SN 1987A", "--json")[1])
    assert [(one["topic"], one["classification"]) for one in record["annotations"]][:2] == [
        ("needle", "TDE"),
        ("needle", "SN"),
    ]
    assert [(one["kind"], one["size"]) for one in record["stamps"]][:2] == [
        ("science", 3_000),
        ("difference", 1_000),
    ]
    assert names(record["associations"]) == {ATLAS, ("atlas", str(FIRST_ID + 1))}
    assert [(one["source"], one["mag"]) for one in record["matches"]] == [("gaia", 17.5), ("ned", None)]
    assert record["lightcurve"]["detections"]["filter"] == ["clear", "clear"]
    assert record["lightcurve"]["detections"]["score"] == pytest.approx([0.9, 0.9], abs=1e-4)
    assert not {"alert_id", "rb_pix", "atlas_id"} & set(record)


def test_the_score_is_called_as_its_survey_calls_it(mixed):
    assert "drb 0.875" in mixed("show", ztf.OBJECT)[1]
    record = json.loads(mixed("show", ztf.OBJECT, "--json")[1])
    assert (record["score_name"], record["real_bogus"]) == ("drb", 0.875)
    record = json.loads(mixed("show", ATLAS[1], "--json")[1])
    assert (record["score_name"], record["real_bogus"], record["rb_pix"]) == ("rb_pix", 0.97, 0.97)


@pytest.mark.parametrize(
    ("asked", "columns"),
    [((), (*DAY1_FEATURES, *VISIT_FEATURES)), (("--set", "vra-dayN-1"), (*DAY1_FEATURES, *VISIT_FEATURES)),
     (("--set", "vra-day1-1"), DAY1_FEATURES), (("--set", "vra-fast-1"), FAST_FEATURES),
     (("--set", "stream-1"), STREAM_1)],
)  # fmt: skip
def test_each_set_has_its_columns_after_survey_and_id(mixed, asked, columns):
    rows = records(mixed("features", *asked)[1])
    assert list(rows[0]) == ["survey", "object_id", *columns]
    assert names(rows) >= {ATLAS, ZTF, MINE}


def test_a_table_of_atlas_alone_bears_its_ids_as_numbers_too(atlas):
    assert list(records(atlas("features", "--set", "stream-1")[1])[0])[-1] == "atlas_id"


def test_json_says_what_csv_says(mixed):
    table = records(mixed("features", "--set", "stream-1")[1])
    told = json.loads(mixed("features", "--set", "stream-1", "--format", "json")[1])
    assert len(told) == len(table)
    for row, record in zip(table, told, strict=True):
        for name in STREAM_1:
            found = math.nan if record[name] is None else record[name]
            assert found == pytest.approx(float(row[name] or "nan"), nan_ok=True)


def test_the_table_is_that_of_the_time_asked_for(mixed):
    now = {
        (row["survey"], row["object_id"]): row for row in records(mixed("features", "--set", "stream-1")[1])
    }
    then = {
        (row["survey"], row["object_id"]): row
        for row in records(mixed("features", "--set", "stream-1", "--at-mjd", "60000.9")[1])
    }
    assert (now[MINE]["n_detections"], then[MINE]["n_detections"]) == ("2.0", "1.0")
    assert then[ZTF]["star_score"] == ""
    [one] = records(mixed("features", "--set", "stream-1", f"ztf:{ZTF[1]}")[1])
    assert one == now[ZTF]


def test_a_set_that_is_not_known_is_refused_with_those_that_are(mixed):
    code, out, err = mixed("features", "--set", "stream-9")
    assert (code, out) == (2, "")
    assert "stream-9" in err
    assert "vra-day1-1, vra-dayN-1, vra-fast-1, stream-1" in err
