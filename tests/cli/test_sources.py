"""`vra sources` and `vra pull`: added, listed, tested, pulled; secrets stay where they belong."""

import io
import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import api_object
from tests.harness.server import Call, Reply, serving
from tests.sources.wires.test_lasair import IDS, Server, an_object
from vra_tui.domain.refusal import Refusal
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.following import keep_rejected, note_state
from vra_tui.store.refusals import put_refusals

TOKEN = "a7f31b0c9d2e4f58"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "config.toml"
    monkeypatch.setenv("VRA_CONFIG", str(path))
    return path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """What stands on standard input."""

    def type_in(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    type_in("")
    return type_in


def added(vra, typed, url: str, *options: str, name: str = "night") -> tuple[int, str, str]:
    typed(f"{TOKEN}\n")
    return vra("sources", "add", name, "--kind", "lasair", f"url={url}api/", *options)


def test_a_source_is_added_behind_what_the_file_holds_and_its_secret_apart(vra, typed, config: Path):
    config.parent.mkdir()
    config.write_text("# mine\n[screen]\ntheme = 'light' # I like it", encoding="utf-8")
    before = config.read_text()
    code, out, err = added(vra, typed, "https://127.0.0.1/", "most=7", "query.conditions=nDiaSources > 3")
    assert code == 0, err
    assert config.read_text().startswith(before)
    shown = json.loads(vra("config", "show", "--json")[1])["sources"]["night"]
    assert shown == {
        "kind": "lasair", "url": "https://127.0.0.1/api/", "most": 7,
        "query": {"conditions": "nDiaSources > 3"},
    }  # fmt: skip
    kept = config.parent / "credentials.toml"
    assert TOKEN in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert TOKEN not in config.read_text() + out + err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--kind", "lasair", f"token={TOKEN}"], "is a secret"),
        (["--kind", "lasair", f"url=https://me:{TOKEN}@lasair.org/"], "is a secret"),
        (["--kind", "lasair", "surwey=ztf"], "is it `survey`"),
        (["--kind", "lasiar"], "Is it `lasair`"),
        (["--kind", "lasair", "survey"], "key=value"),
        (["--kind", "lasair", "most=1", "most=2"], "given twice"),
        ([], "--kind"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_written(words, why, vra, typed, config: Path):
    code, out, err = vra("sources", "add", "night", *words)
    assert code == 2
    assert why in err
    assert TOKEN not in out + err
    assert not config.exists()


@pytest.mark.parametrize(
    "there", ["[source.night]\nkind = 'lasair'\n", "source = {night = {kind = 'lasair'}}\n"]
)
def test_a_name_that_is_taken_stays_as_it_is(there: str, vra, typed, config: Path):
    config.parent.mkdir()
    config.write_text(there)
    code, _, err = added(vra, typed, "https://127.0.0.1/")
    assert (code, config.read_text()) == (2, there)
    assert "already" in err


def test_a_file_that_takes_no_further_table_is_left_alone(vra, typed, config: Path):
    config.parent.mkdir()
    config.write_text(there := "source = {day = {kind = 'lasair'}}\n")
    code, _, err = added(vra, typed, "https://127.0.0.1/")
    assert (code, config.read_text()) == (2, there)
    assert "Nothing was written" in err


def test_secrets_of_a_name_are_never_overwritten(vra, typed, config: Path):
    kept = config.parent / "credentials.toml"
    kept.parent.mkdir()
    kept.write_text("[night]\ntoken = 'older'\n")
    kept.chmod(0o600)
    code, _, err = added(vra, typed, "https://127.0.0.1/")
    assert (code, kept.read_text()) == (2, "[night]\ntoken = 'older'\n")
    assert TOKEN not in err


def test_sources_are_listed_with_how_they_are_and_what_is_left_of_the_hour(vra, typed, config: Path):
    with serving(Server()) as served:
        added(vra, typed, served.url, "query.conditions=nDiaSources > 0", "most=2")
        (row,) = json.loads(vra("sources", "list", "--json")[1])
        assert (row["is_up"], row["calls_left"], row["calls_an_hour"]) == (None, 100, 100)
        assert vra("pull", "night", "--no-score")[0] == 0
    (row,) = json.loads(vra("sources", "list", "--json")[1])
    assert (row["is_up"], row["packets"], row["refused"], row["calls_left"]) == (True, 2, 0, 97)
    assert "97 of 100" in vra("sources", "list")[1]


def test_what_is_configured_no_more_is_listed_as_such(vra, config: Path, store_path: Path):
    store = open_store(store_path)
    with transaction(store):
        note_state(store, "old", "kafka", False, "no connection", "2026-11-28T03:00:00+00:00", 5, 1)
    store.close()
    out = vra("sources", "list")[1]
    assert "configured no more" in out
    assert "DOWN since 2026-11-28T03:00" in out


def test_testing_says_of_each_whether_it_answers(vra, typed, config: Path):
    with serving(Server()) as served:
        added(vra, typed, served.url)
        typed("wrong-token\n")
        vra("sources", "add", "other", "--kind", "lasair", f"url={served.url}api/")
        code, out, _ = vra("sources", "test")
        alone = vra("sources", "test", "night")
    first, second = out.splitlines()
    assert code == 1
    assert first.startswith("night: ")
    assert "99 of 100 calls left" in first
    assert second.startswith("other: FAILED")
    assert "401" in second
    assert "wrong-token" not in out
    assert alone[0] == 0


def test_a_pull_takes_in_scores_and_files(vra, typed, config: Path):
    with serving(Server()) as served:
        added(vra, typed, served.url, "query.conditions=nDiaSources > 0")
        code, out, err = vra("pull", "night", "--json")
    told = json.loads(out)
    assert code == 0, err
    assert (told["sources"][0]["source"], told["sources"][0]["new"]) == ("night", 3)
    assert told["scored"]["model"]
    assert len(json.loads(vra("list", "all", "--json")[1])) == 3


def test_a_rule_of_lifting_that_is_none_is_told_before_anything_is_asked(vra, config: Path, tmp_path: Path):
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.json").write_text(json.dumps(api_object(0)))
    config.parent.mkdir()
    config.write_text(
        f'[lift]\nrule = "nonsense>>7"\n[source.drop]\nkind = "folder"\npath = "{drop}"\nsettle = 0\n'
    )
    code, out, err = vra("pull", "drop")
    assert (code, out) == (2, "")
    assert "lift.rule" in err
    assert vra("pull", "drop", "--no-score")[:2] == (0, "drop: 1 new, 0 extended, 0 unchanged, 0 refused\n")


def test_an_object_is_pulled_by_its_id(vra, typed, config: Path):
    with serving(Server()) as served:
        added(vra, typed, served.url, "query.conditions=nDiaSources > 0")
        code, _, err = vra("pull", "night", "--object", IDS[1], "--no-score")
    assert code == 0, err
    (row,) = json.loads(vra("list", "all", "--json")[1])
    assert row["object_id"] == str(IDS[1])


def test_what_came_before_a_fault_is_in_and_the_fault_is_told(vra, typed, config: Path):
    server = Server()

    def failing(call: Call) -> Reply:
        if call.form.get("objectId") == str(IDS[0]):  # the last one
            return Reply(b"forbidden", 403)
        return server(call)

    with serving(failing) as served:
        added(vra, typed, served.url, "query.conditions=nDiaSources > 0")
        code, out, err = vra("pull", "night", "--no-score")
    assert code == 1
    assert "2 new" in out
    assert "403" in err
    assert TOKEN not in err


def test_a_name_that_is_none_is_told_with_the_nearest(vra, typed, config: Path):
    added(vra, typed, "https://127.0.0.1/")
    code, _, err = vra("pull", "nihgt")
    assert code == 2
    assert "Is it `night`" in err


def test_what_was_refused_is_listed_with_why_and_how_often(vra, typed, config: Path):
    server = Server()
    server.objects[str(IDS[1])] = json.dumps({**an_object(IDS[1]), "diaSourcesList": 3}).encode()
    with serving(server) as served:
        added(vra, typed, served.url, f'objects=["{IDS[1]}"]')
        for _ in range(2):
            assert vra("pull", "night", "--no-score")[0] == 1
    (row,) = json.loads(vra("sources", "rejects", "--json")[1])
    assert (row["source"], row["position"], row["times"]) == ("night", f"object {IDS[1]}", 2)
    assert json.loads(vra("sources", "rejects", "other", "--json")[1]) == []
    (file,) = vra("sources", "rejects", "--bytes", config.parent / "looked at")[1].splitlines()
    assert json.loads(Path(file).read_text())["diaObjectId"] == IDS[1]
    assert str(IDS[1]) in vra("sources", "rejects", "night")[1]


@pytest.fixture
def poison(vra, store_path: Path) -> None:
    """Two packets of a topic that were refused, of which one is understood today."""
    store = open_store(store_path)
    now = datetime(2026, 11, 28, tzinfo=UTC).isoformat()
    kept = [
        ("night", "topic[0]@1", b"\x00poison"),
        ("night", "topic[0]@2", json.dumps(api_object(1)).encode()),
    ]
    with transaction(store):
        keep_rejected(store, kept, now)
        put_refusals(store, [Refusal(source, place, "why", None) for source, place, _ in kept], now)
    store.close()


def test_refused_packets_are_written_to_files_as_they_came(poison, vra, tmp_path: Path):
    folder = tmp_path / "looked at"
    for _ in range(2):
        assert vra("sources", "rejects", "--bytes", folder)[0] == 0
    assert sorted(path.read_bytes() for path in folder.iterdir())[0] == b"\x00poison"
    assert len(list(folder.iterdir())) == 2


def test_refused_packets_are_taken_in_again_and_those_understood_are_refused_no_longer(poison, vra):
    code, out, _ = vra("sources", "rejects", "--again", "--json")
    assert code == 1
    assert (json.loads(out)["new"], json.loads(out)["refused"]) == (1, 1)
    left = json.loads(vra("sources", "rejects", "--json")[1])
    assert {row["position"] for row in left} == {"topic[0]@1"}


def test_what_high_ranked_alerts_lack_is_asked_of_all_sources(vra, typed, config: Path, tmp_path: Path):
    """Alerts dropped into a folder are scored, and the one source that can complete them is asked."""
    folder = tmp_path / "dropped"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.json").write_text(json.dumps(api_object(number, tns_crossmatches=[])))
    picture = b"SIMPLE  =" + b" " * 2871

    def answer(call: Call) -> Reply:
        return Reply(picture)

    with serving(answer) as served:
        assert vra("sources", "add", "drop", "--kind", "folder", f"path={folder}", "settle=0")[0] == 0
        added = vra("sources", "add", "sky", "--kind", "hips", f"url={served.url}", "format=fits")
        assert added[0] == 0
        code, out, err = vra("pull", "drop", "--complete", "--json")
    told = json.loads(out)
    assert code == 0, err
    assert told["scored"]["scores"] >= 2
    ranks = [row["rank"] for row in json.loads(vra("list", "all", "--json")[1])]
    # What the server sends shows nothing, so that each survey is asked, and nothing comes.
    assert told["completed"]["asked"] == sum(rank > 5 for rank in ranks)
    assert told["completed"]["came"] == 0


def test_a_watched_folder_is_watched_and_sources_that_only_complete_hinder_nothing(
    vra, typed, config: Path, tmp_path: Path
):
    folder = tmp_path / "dropped"
    folder.mkdir()
    (folder / "0.json").write_text(json.dumps(api_object(0)))
    vra("sources", "add", "drop", "--kind", "folder", f"path={folder}", "settle=0.05")
    vra("sources", "add", "sky", "--kind", "hips", "url=https://127.0.0.1/")
    code, _, err = vra("watch", "--once")
    assert code == 0, err
    assert len(json.loads(vra("list", "all", "--json")[1])) == 1
    (state,) = [one for one in json.loads(vra("sources", "list", "--json")[1]) if one["source"] == "drop"]
    assert (state["is_up"], state["packets"]) == (True, 1)
