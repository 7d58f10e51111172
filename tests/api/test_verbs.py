"""What changes a store from Python does what the command line does, and is told of in the same words."""

import inspect
import json
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import vra_tui as vra
from tests.factories import api_object, quad
from vra_tui.domain.alert import Alert
from vra_tui.domain.building import build_light_curve
from vra_tui.surveys.base import Packet, Survey


class Gotham(Survey):
    """A survey that no installed package has."""

    name = "gotham"
    title = "GOTHAM"

    def recognises(self, packet: Packet) -> bool:
        return isinstance(packet.value, dict) and "gotham_id" in packet.value

    def alert(self, packet: Packet) -> Alert:
        columns = {
            "mjd": [60001.5], "mag": [18.0], "magerr": [0.1], "limit": [20.0], "ra": [1.0], "dec": [2.0],
            "instrument": ["tower"], "band": ["r"],
        }  # fmt: skip
        curve, instruments, bands = build_light_curve(columns)
        where = {"ra": 1.0, "dec": 2.0}
        number = str(packet.value["gotham_id"])
        return Alert("gotham", number, 60001.5, where, curve, instruments, bands)


def written(path, *values):
    path.write_text("\n".join(json.dumps(value) if isinstance(value, dict) else value for value in values))
    return path


def test_a_repr_says_which_file_and_how_much_is_in_it(opened, path):
    assert repr(opened) == f"<store {path}: 8 alerts, 1 decisions>"
    assert bool(opened)
    opened.close()
    opened.close()
    assert repr(opened) == f"<closed store {path}>"
    for use in (opened.alerts, opened.score, lambda: opened.ingest(path), lambda: opened.decide("x", "good")):
        with pytest.raises(vra.VraError, match="closed"):
            use()


def test_the_store_of_the_environment_is_opened_where_none_is_named(path, monkeypatch, tmp_path):
    monkeypatch.setenv("VRA_DB", str(path))
    with vra.open() as store:
        assert store.path == path
    with pytest.raises(vra.VraError, match="no store"):
        vra.open(str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()
    with vra.open(tmp_path / "new.db", create=True) as store:
        assert store
        assert len(store.alerts()) == 0


def test_decisions_of_one_call_are_one_batch_that_one_undo_takes_back(opened, path):
    wanted = opened.alerts(filter="undecided", limit=3)
    before = opened.alerts()
    ids = opened.decide(wanted, "good", note="from a notebook", tags=["notebook", "bulk"])
    assert len(ids) == len(set(ids)) == 3
    with vra.open(path) as other:
        labels = other.labels(scanner="zoe")
        assert set(ids) <= set(labels["decision_id"])
        assert (labels.set_index("decision_id").loc[list(ids)]["label"] == "good").all()
        history = other.labels(history=True)
        assert history.set_index("decision_id").loc[list(ids)]["batch_id"].nunique() == 1
        assert set(history.set_index("decision_id").loc[list(ids)]["tags"]) == {"notebook bulk"}
    undone = opened.undo()
    assert set(undone["decision_id"]) == set(ids)
    assert set(undone["object_id"]) == set(wanted["object_id"])
    pd.testing.assert_frame_equal(opened.alerts(), before)


def test_a_call_that_names_one_unknown_alert_decides_none(opened):
    before = opened.labels(history=True)
    for alerts, to in ((["ZTF24demo", "nobody"], "good"), (["ZTF24demo", "demo"], "heaven")):
        with pytest.raises(vra.VraError):
            opened.decide(alerts, to)
    with pytest.raises(vra.VraError, match="one word"):
        opened.decide(["ZTF24demo", "1100000000000000003"], "good", tags=["two words"])
    pd.testing.assert_frame_equal(opened.labels(history=True), before)


def test_an_alert_that_is_named_twice_is_decided_once(opened):
    assert len(opened.decide(["ZTF24demo", ("ztf", "ZTF24demo")], "good")) == 1


def test_who_decides_is_who_was_named_at_opening(path, monkeypatch):
    monkeypatch.setenv("VRA_SCANNER", "yun")
    for scanner, decided_by in ((None, "yun"), ("ada", "ada")):
        with vra.open(path, scanner=scanner) as store:
            store.decide("ZTF24demo", "good")
            assert store.alerts(filter="name:demo")["decided_by"].tolist() == [decided_by]
    with vra.open(path, scanner="vra") as store, pytest.raises(vra.VraError, match="scanner="):
        store.decide("ZTF24demo", "good")


def test_nothing_to_undo_is_said(path):
    with vra.open(path, scanner="nobody") as store, pytest.raises(vra.VraError, match="nothing"):
        store.undo()


def test_what_is_broken_is_left_out_and_warned_of_with_its_place(opened, tmp_path):
    file = written(tmp_path / "mixed.jsonl", api_object(50), "{broken", {"nobody": "knows this"})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        intake = opened.ingest(file)
    assert (intake.new, intake.refused) == (1, 2)
    assert [one.category for one in told] == [vra.VraWarning] * 2
    assert {one.filename for one in told} == {__file__}, "a warning stands at the user's own line"
    assert all(f"{file}: line {number}" in str(one.message) for number, one in enumerate(told, start=2))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert [alert.object_id for alert in vra.read(file)] == [str(api_object(50)["object"]["id"])]
    assert [one.filename for one in told] == [__file__] * 2
    refused = []
    assert len(list(vra.read(file, on_refusal=refused.append))) == 1
    assert [one.position for one in refused] == ["line 2", "line 3"]


def test_taking_in_again_changes_nothing(opened, packets):
    before = opened.alerts()
    assert opened.ingest(packets).unchanged == 2
    pd.testing.assert_frame_equal(opened.alerts(), before)


def test_a_packet_tells_what_the_store_tells_once_it_is_in(tmp_path, packets):
    with vra.open(tmp_path / "new.db", create=True) as store:
        store.ingest(packets)
        for packet in vra.read(packets):
            name = (packet.survey, packet.object_id)
            pd.testing.assert_frame_equal(packet.light_curve(), store.light_curve(name))
            pd.testing.assert_frame_equal(packet.matches(), store.matches(name))
            pd.testing.assert_frame_equal(packet.annotations(), store.annotations(name))
            assert len(packet.stamps()) == len(store.stamps(name)) == 0
            assert repr(packet) == f"<atlas {packet.object_id}: 4 detections>"
            assert packet.facts["ra"] == 150.1


def test_a_survey_of_ones_own_is_taken_in_beside_the_installed_ones(opened, tmp_path):
    file = written(tmp_path / "gotham.jsonl", {"gotham_id": 7}, api_object(51))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [packet.survey for packet in vra.read(file, surveys=[Gotham()])] == ["gotham", "atlas"]
        assert opened.ingest(file, surveys=[Gotham()]).new == 2
    assert opened.light_curve(("gotham", "7"))["instrument"].tolist() == ["tower"]
    with pytest.warns(vra.VraWarning, match="gotham_id"):
        opened.ingest(written(tmp_path / "more.jsonl", {"gotham_id": 8}))


def test_a_name_of_a_survey_that_is_taken_is_refused(packets):
    class Other(Gotham):
        name = "atlas"

    with pytest.raises(vra.VraError, match="already"):
        list(vra.read(packets, surveys=[Other()]))


@pytest.mark.parametrize(
    "said", [{"format": "fits"}, {"columns": {"brightness": "m"}}, {"at": (1.0, 95.0)}, {"survey": "zft"}]
)
def test_what_cannot_be_meant_of_a_file_is_refused_before_it_is_read(opened, packets, said):
    for call in (lambda: opened.ingest(packets, **said), lambda: list(vra.read(packets, **said))):
        with pytest.raises(vra.VraError) as raised:
            call()
        assert "--at" not in str(raised.value)


def test_scoring_files_what_vra_score_would(tmp_path, monkeypatch, capsys):
    from vra_tui.cli import main

    file = written(
        tmp_path / "new.jsonl", *(api_object(number, lc=quad(0, 17 + number)) for number in range(3))
    )
    for name in ("python", "command"):
        with vra.open(tmp_path / f"{name}.db", create=True) as store:
            store.ingest(file)
    with vra.open(tmp_path / "python.db") as store:
        scored = store.score()
        assert (scored.report.alerts, scored.explained) == (3, 3)
        told = store.alerts(), store.scores()
    monkeypatch.setattr("os.setpriority", lambda *_: None)
    monkeypatch.setattr("sys.argv", ["vra", "score", "--db", str(tmp_path / "command.db")])
    with pytest.raises(SystemExit):
        main()
    with vra.open(tmp_path / "command.db") as store:
        for one, other in zip(told, (store.alerts(), store.scores()), strict=True):
            pd.testing.assert_frame_equal(one, other)


def test_the_rules_of_the_configuration_file_alerts(opened, tmp_path, monkeypatch):
    file = tmp_path / "config.toml"
    file.write_text("[policy]\nextragalactic_above = nonsense\n")
    monkeypatch.setenv("VRA_CONFIG", str(file))
    with pytest.raises(vra.VraError, match=r"config\.toml"):
        opened.score()


def test_a_fault_of_the_file_is_told_in_words(opened, path):
    with ThreadPoolExecutor(1) as pool, pytest.raises(vra.VraError, match="thread"):
        pool.submit(opened.alerts).result()
    with vra.open(path) as other:
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        with pytest.raises(vra.VraError) as raised:
            other.alerts()
        assert "damaged" in repr(other)
    assert str(path) in str(raised.value)


IMPORTING = """
import sys
import vra_tui as vra
vra.VraError, vra.__version__, dir(vra)
print(*sorted({"numpy", "pandas", "sqlite3", "pydantic", "textual", "typer"} & set(sys.modules)))
"""
LISTING = """
import sys
from vra_tui.cli import main
sys.argv = ["vra", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print(*sorted({"pandas", "xgboost", "astropy", "textual"} & set(sys.modules)), file=sys.stderr)
"""


def test_importing_the_package_imports_nothing_of_weight():
    run = subprocess.run([sys.executable, "-c", IMPORTING], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_list_over_ssh_does_without_pandas(path, form):
    run = subprocess.run(
        [sys.executable, "-c", LISTING, "list", "--db", str(path), *form],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1100000000000000003" in run.stdout
    assert run.stderr.strip() == ""


def test_to_ingest_takes_the_options_that_to_read_takes():
    read, ingest = (
        [(one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()]
        for function in (vra.read, vra.OpenStore.ingest)
    )
    assert read == [one for one in ingest if one[0] != "self"]


def test_every_public_name_is_there_and_no_other():
    assert all(hasattr(vra, name) for name in vra.__all__)
    assert {*vra.__all__, "__version__"} == set(dir(vra))
    with pytest.raises(AttributeError, match="opne"):
        vra.opne  # noqa: B018
