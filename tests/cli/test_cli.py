"""The command line does what DESIGN.md section 8 says, for people and for machines."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from tests.factories import FIRST_ID, NO_NAMES, api_object, detection, quad
from vra_tui.cli import main


@pytest.fixture
def objects(tmp_path):
    path = tmp_path / "objects.jsonl"
    path.write_text("\n".join(json.dumps(api_object(n, lc=quad(0) + quad(2))) for n in range(3)))
    return path


@pytest.fixture
def scored(vra, filled_once, objects):
    def fill():
        assert vra("ingest", objects)[0] == 0
        assert vra("score")[0] == 0

    filled_once("three scored", fill)
    return vra


def test_from_files_to_a_ranked_list(vra, objects):
    code, out, _ = vra("ingest", objects)
    assert (code, out) == (0, "3 new, 0 extended, 0 unchanged, 0 refused\n")
    code, out, _ = vra("score")
    assert code == 0
    assert out.startswith("3 alerts, 6 new scores by ")
    code, out, _ = vra("list", "all")
    assert code == 0
    assert str(FIRST_ID) in out


def test_refused_input_ends_in_1_and_is_named_on_standard_error(vra, tmp_path):
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps([api_object(0), api_object(1, lc=[detection(0, mjd=1e9)])]))
    code, out, err = vra("ingest", path)
    assert code == 1
    assert out.startswith("1 new")
    assert "mixed.json: object 2" in err
    assert "lc[0].mjd is 1e+09" in err


def test_standard_input_is_read(vra, objects, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(objects.read_bytes())))
    assert vra("ingest", "-")[1].startswith("3 new")


def test_a_list_for_machines_has_the_promised_columns(scored):
    rows = json.loads(scored("list", "all", "--format", "json")[1])
    promised = (
        "survey object_id name ra dec t0_mjd preal pgal pfast rank is_gal_cand list visit model".split()
    )
    promised.append("atlas_id")  # where all are ATLAS's
    assert list(rows[0]) == promised
    assert 0 < rows[0]["pfast"] < 1
    table = list(csv.DictReader(io.StringIO(scored("list", "all", "--format", "csv", "--limit", 2)[1])))
    assert list(table[0]) == promised
    assert len(table) == 2
    assert rows == json.loads(scored("list", "all", "--json")[1])


def test_an_unknown_list_is_wrong_usage_and_the_lists_are_named(scored):
    code, out, err = scored("list", "nonsense")
    assert (code, out) == (2, "")
    assert "extragalactic" in err
    assert "Traceback" not in err


def test_an_alert_is_shown_by_id_and_name_in_words_and_as_json(scored):
    _, words, _ = scored("show", FIRST_ID)
    assert "NGC 9999" in words
    assert "visit  2" in words
    record = json.loads(scored("show", "ATLAS23t000", "--json")[1])
    assert (record["survey"], record["object_id"]) == ("atlas", str(FIRST_ID))
    assert "alert_id" not in record
    assert len(record["lightcurve"]["detections"]["mjd"]) == 8


def test_an_unknown_alert_is_said(scored):
    code, _, err = scored("show", "ATLAS99xyz")
    assert code == 2
    assert "ATLAS99xyz" in err


def test_features_as_they_stood_then(scored):
    rows = list(csv.DictReader(io.StringIO(scored("features", "--at-mjd", "60001")[1])))
    assert [row["DET_N_total"] for row in rows] == ["4.0"] * 3
    assert rows[0]["photoz"] == ""
    assert (rows[0]["survey"], rows[0]["object_id"], rows[0]["atlas_id"]) == ("atlas", *[str(FIRST_ID)] * 2)
    as_json = json.loads(scored("features", FIRST_ID, "--format", "json")[1])
    assert as_json[0]["DET_N_total"] == 8.0
    assert as_json[0]["photoz"] is None


def test_a_feature_table_scores_as_the_store_does(scored, tmp_path):
    table = tmp_path / "features.csv"
    table.write_text(scored("features")[1])
    predicted = list(csv.DictReader(io.StringIO(scored("predict", table, "--stage", "dayN")[1])))
    listed = {row["object_id"]: row for row in json.loads(scored("list", "all", "--json")[1])}
    for row in predicted:
        assert float(row["rank"]) == pytest.approx(listed[row["object_id"]]["rank"], abs=1e-4)


def test_a_decision_without_the_screen_comes_out_as_a_label(scored):
    code, _, _ = scored("decide", "ATLAS23t001", "good", "--comment", "host 5 arcsec off", "--scanner", "zoe")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(scored("labels", "export")[1])))
    assert [(row["object_id"], row["label"], row["note"], row["scanner"]) for row in rows] == [
        (str(FIRST_ID + 1), "good", "host 5 arcsec off", "zoe")
    ]
    encoded = json.loads(scored("labels", "export", "--format", "jsonl", "--encoding", "vra")[1])
    assert (encoded["preal"], encoded["pgal"], encoded["username"]) == (1.0, 0.0, "zoe")


def test_labels_go_to_a_file_when_asked(scored, tmp_path):
    scored("decide", FIRST_ID, "pm")
    out = tmp_path / "labels.csv"
    code, printed, err = scored("labels", "export", "--out", out)
    assert (code, printed) == (0, "")
    assert "1 labels" in err
    assert out.read_text().count("\n") == 2


def test_statistics_of_labels(scored):
    scored("decide", FIRST_ID, "pm", "--scanner", "zoe")
    counts = json.loads(scored("labels", "stats", "--json")[1])
    assert {"list": "pm", "scanner": "zoe", "decisions": 1, "label": "pm"} in counts
    assert "zoe" in scored("labels", "stats")[1]


def test_nobody_decides_in_the_machines_name(scored):
    code, _, err = scored("decide", FIRST_ID, "good", "--scanner", "vra")
    assert code == 2
    assert "policies" in err


def test_nobody_decides_under_a_name_that_is_none_wherever_it_comes_from(scored, monkeypatch):
    for name in NO_NAMES:
        monkeypatch.delenv("VRA_SCANNER", raising=False)
        assert scored("decide", FIRST_ID, "good", "--scanner", name)[0] == 2
        assert scored("--scanner", name, "decide", FIRST_ID, "good")[0] == 2
        monkeypatch.setattr("getpass.getuser", lambda name=name: name)
        code, _, err = scored("decide", FIRST_ID, "good")
        assert code == 2
        assert "The login name" in err
        monkeypatch.setenv("VRA_SCANNER", name or " ")
        code, _, err = scored("decide", FIRST_ID, "good")
        assert code == 2
        assert "VRA_SCANNER" in err
    assert json.loads(scored("log", "--json")[1]) == []


def test_a_user_without_a_login_name_says_who_decides(scored, monkeypatch):
    def nameless():
        raise OSError("no username set in the environment")

    monkeypatch.setattr("getpass.getuser", nameless)
    code, _, err = scored("decide", FIRST_ID, "good")
    assert code == 2
    assert "--scanner" in err
    assert scored("decide", FIRST_ID, "good", "--scanner", "zoe")[0] == 0


@pytest.fixture
def twins(vra, filled_once, tmp_path):
    """Two alerts at one place with one TNS report, and a third with the survey's name of the first."""
    report = [{"external_designation": "2023abc", "type": "SN Ia"}]
    path = tmp_path / "twins.jsonl"
    objects = [
        api_object(0, lc=quad(0), tns_crossmatches=report),
        api_object(1, lc=quad(0), tns_crossmatches=report),
        api_object(2, lc=quad(0), header={"other_designation": "ATLAS23t000"}),
        api_object(3, lc=quad(0)),
    ]
    path.write_text("\n".join(map(json.dumps, objects)))

    def fill():
        assert vra("ingest", path)[0] == 0
        assert vra("score", "--ranks-only")[0] == 0

    filled_once("twins", fill)
    return vra


@pytest.mark.parametrize(
    "words",
    [
        ["decide", "{}", "good"],
        ["show", "{}"],
        ["show", "{}", "--json"],
        ["features", "{}"],
        ["log", "--alert", "{}"],
        ["bundle", "out", "BUNDLE", "--alert", "{}"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(("name", "shared_by"), [("2023abc", (0, 1)), ("atlas23T000", (0, 2))])
def test_of_alerts_that_share_a_name_none_is_taken_and_all_are_listed(
    twins, tmp_path, words, name, shared_by
):
    bundle = tmp_path / "bundle.db"
    code, out, err = twins(*(word.format(name).replace("BUNDLE", str(bundle)) for word in words))
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert sorted(line.split()[0] for line in lines[1:]) == [f"atlas:{FIRST_ID + n}" for n in shared_by]
    assert all("RA 150.1" in line and "Dec +2.2" in line and "rank " in line for line in lines[1:])
    assert json.loads(twins("log", "--json", "--alert", FIRST_ID)[1]) == []
    assert not bundle.exists()
    by_id = [word.format(FIRST_ID).replace("BUNDLE", str(bundle)) for word in words]
    assert twins(*by_id)[0] == 0


def test_an_id_that_no_store_can_hold_is_no_alert(twins):
    for words in (["show", "9" * 19], ["decide", "9" * 19, "good"], ["log", "--alert", "9" * 19]):
        code, _, err = twins(*words)
        assert code == 2
        assert "holds no alert" in err


def test_without_a_store_the_way_to_one_is_told(vra):
    code, _, err = vra("list")
    assert code == 2
    assert "vra ingest" in err


def test_wrong_usage_ends_in_2(vra):
    assert vra("list", "--limit", "0")[0] == 2
    assert vra("nonsense")[0] == 2


def test_debug_shows_the_traceback_that_people_are_spared(monkeypatch, store_path):
    from vra_tui.errors import VraError

    monkeypatch.setattr(sys, "argv", ["vra", "--debug", "list", "--db", str(store_path)])
    with pytest.raises(VraError):
        main()


def test_names_that_would_move_the_cursor_are_printed_as_text(vra, tmp_path):
    path = tmp_path / "hostile.json"
    header = {"atlas_designation": "AT\x1b]0;owned\x07\x1b[2J", "sherlockClassification": "S\x9b31mN"}
    annotation = [{"classification": "SN", "annotation": "<em>a\x1b[1mb</em>\u202e"}]
    path.write_text(json.dumps(api_object(header=header, sherlock_classifications=annotation)))
    vra("ingest", path)
    vra("score")
    for arguments in (["list", "all"], ["show", FIRST_ID], ["list", "all", "--format", "csv"]):
        out = vra(*arguments)[1]
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(out)


@pytest.mark.slow
def test_the_reader_of_a_pipe_may_go_away(objects, store_path):
    environment = {**os.environ, "VRA_DB": str(store_path)}
    vra = [sys.executable, "-c", "from vra_tui.cli import main; main()"]
    subprocess.run([*vra, "ingest", str(objects)], env=environment, check=True, capture_output=True)
    process = subprocess.Popen(
        [*vra, "features"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


def test_thresholds_of_the_policies_are_configuration(vra, objects, isolated_user):
    folder = isolated_user / "config" / "vra-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("[policy]\nextragalactic_rank = 11\nnearby_mpc = 0\n")
    vra("ingest", objects)
    vra("score")
    lists = {row["list"] for row in json.loads(vra("list", "all", "--json")[1])}
    assert "extragalactic" not in lists


@pytest.mark.parametrize(
    ("line", "said"),
    [("extragalactic_rank = 'high'", "is a number"), ("extragalactic_rang = 6", "did you mean")],
)
def test_a_threshold_that_is_none_is_refused_with_its_line(vra, objects, isolated_user, line, said):
    folder = isolated_user / "config" / "vra-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f"[policy]\n{line}\n")
    vra("ingest", objects)
    code, _, err = vra("score")
    assert code == 2
    assert "line 2" in err
    assert said in err


def test_long_work_gives_way_to_the_screens_on_the_host(vra, monkeypatch, objects):
    nice = []
    monkeypatch.setattr("os.getpriority", lambda which, who: 0)
    monkeypatch.setattr("os.setpriority", lambda which, who, priority: nice.append(priority))
    vra("list")
    assert nice == []
    for verb in (["ingest", objects], ["score", "--ranks-only"]):
        vra(*verb)
    assert nice == [10, 10]


def test_on_wish_an_alerts_light_curve_is_drawn(scored):
    plain, drawn = (scored("show", FIRST_ID, *more)[1] for more in ((), ("--plot",)))
    assert drawn.startswith(plain)
    curve = drawn[len(plain) :].splitlines()
    assert curve[1].startswith("mag   ATLAS ◇ o ")
    assert curve[-1].startswith("days  ")
    assert max(map(len, curve)) <= 80
    assert "\x1b" not in drawn


def test_a_figure_goes_round_the_gate_without_letting_a_band_through(scored):
    from vra_tui.cli.curve_figure import curve_lines
    from vra_tui.cli.figures import Paper
    from vra_tui.domain.light_curve import no_epochs

    for on in (Paper(), Paper(has_colour=True), Paper(is_ascii=True)):
        lines = curve_lines(no_epochs(), 60000.0, {99: "\x1b[2J"}, on)
        assert "\x1b[2J" not in "".join(lines)


def test_on_wish_a_report_is_drawn(scored):
    assert scored("decide", FIRST_ID, "good", "--scanner", "ana")[0] == 0
    drawn = scored("report", "--plot")[1]
    assert "Decided, by scanner" in drawn
    assert any(line.startswith("ana 1┤█") for line in drawn.splitlines())
    assert "Decided, by scanner" not in scored("report")[1]


def test_the_form_of_a_written_report_follows_the_name_of_its_file(scored, tmp_path):
    for name, begun in (("r.html", "<!doctype html>"), ("r.md", "# Scanning"), ("r.txt", "# Scanning")):
        assert scored("report", "--week", "--out", tmp_path / name)[0] == 0
        assert (tmp_path / name).read_text().startswith(begun)
    assert scored("report", "--json", "--out", tmp_path / "r.json")[0] == 0
    assert json.loads((tmp_path / "r.json").read_text())["arrived"] == 3


@pytest.mark.parametrize(
    "words", [("name : t001 -tns rank > 1",), ("name:t001", "-tns"), ("name", ":", "T001", "-tns")]
)
def test_a_list_takes_the_filter_words_of_the_screen(scored, words):
    code, out, _ = scored("list", "all", *words, "--json")
    assert code == 0
    assert [row["name"] for row in json.loads(out)] == ["ATLAS23t001"]


def test_a_filter_word_that_means_nothing_is_refused(scored):
    for words in (("magg<18",), ("rank>1", "--limt", "3")):
        code, out, err = scored("list", "all", *words)
        assert (code, out) == (2, "")
        assert "no number `magg`; did you mean `mag`" in err or "`--limt` is no filter word" in err
