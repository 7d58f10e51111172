"""`vra outbox`: what is to leave is listed, shown, approved, sent, dropped and tried again."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Vra
from tests.factories import FIRST_ID, Clock, api_object, ingest_objects
from tests.harness.atlas_server import TOKEN, AtlasServer
from tests.harness.server import serving
from tests.store.test_outbox import move
from vra_tui.store import outbox
from vra_tui.store.connection import open_store
from vra_tui.store.outbox import Draft

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
CONFIG = """
[source.night]
kind = "atlas"
url = "{url}sne/atlas4/api/"
[outbox.rule.moves]
makes = "atlas.list"
target = "night"
lists = ["possible"]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("VRA_CONFIG", str(path))
    monkeypatch.setenv("VRA_SOURCE_NIGHT_TOKEN", TOKEN)
    return path


@pytest.fixture
def ids(store_path: Path, config: Path, clock: Clock) -> list[str]:
    """Two drafts in a store with one alert."""
    store = open_store(store_path)
    ingest_objects(store, [api_object(0)], clock)
    drafts = [move("good", target="night"), move("attic", identity="2", target="night")]
    made = outbox.put(store, drafts, by="ana", now=NOW)
    store.close()
    return made


def states(vra: Vra) -> list[str]:
    code, out, _ = vra("outbox", "list", "--json", "--state", "draft", "--state", "approved",
                       "--state", "refused", "--state", "withdrawn", "--state", "accepted")  # fmt: skip
    assert code == 0
    return [one["state"] for one in json.loads(out)]


def test_items_are_listed_with_their_alerts_by_name(vra: Vra, ids: list[str]):
    code, out, _ = vra("outbox", "list", "--json")
    first, second = json.loads(out)
    assert code == 0
    assert (first["item_id"], first["state"], first["alerts"]) == (ids[0], "draft", [f"atlas:{FIRST_ID}"])
    assert "alert_ids" not in first
    assert second["content"] == {"object_id": "1", "list": "attic"}
    _, out, _ = vra("outbox", "list", "--alert", FIRST_ID)
    assert "move 1 to good" in out
    assert vra("outbox", "list", "--state", "sent")[0] == 2


def test_one_is_shown_with_its_history_and_nothing_for_the_terminal_to_act_on(
    vra: Vra, ids: list[str], store_path: Path
):
    store = open_store(store_path)
    hostile = Draft("atlas.comment", "night", "\x1b[31mred", {"text": "\x1b]0;title\x07"}, "3")
    item_id = outbox.put(store, [hostile], by="ana", now=NOW)[0]
    store.close()
    code, out, _ = vra("outbox", "show", item_id[-12:])
    assert code == 0
    assert "draft" in out
    assert "\x1b" not in out
    told = json.loads(vra("outbox", "show", item_id, "--json")[1])
    assert [one["by"] for one in told["history"]] == ["ana"]
    assert vra("outbox", "show", "nothing")[0] == 2


def test_drafts_are_approved_and_dropped_by_the_ends_of_their_ids_or_all(vra: Vra, ids: list[str]):
    assert vra("outbox", "approve")[0] == 2
    assert vra("outbox", "approve", ids[0][-12:])[0] == 0
    assert states(vra) == ["approved", "draft"]
    assert vra("outbox", "drop", "--all")[0] == 0
    assert states(vra) == ["approved", "withdrawn"]
    assert vra("outbox", "approve", ids[1])[0] == 2
    assert vra("outbox", "drop", ids[0], "--json")[0] == 0
    assert states(vra) == ["withdrawn", "withdrawn"]


def test_what_is_approved_is_sent_and_what_is_refused_says_why(vra: Vra, ids: list[str], config: Path):
    server = AtlasServer()
    object_id = server.add(0)
    with serving(server) as served:
        config.write_text(CONFIG.format(url=served.url))
        vra("decide", object_id, "possible")
        code, out, _ = vra("outbox", "send")
        assert (code, out[:16]) == (0, "Nothing is due: ")
        assert vra("outbox", "approve", "--all", "--kind", "atlas.list")[0] == 0
        code, out, err = vra("outbox", "send")
    assert (code, out) == (1, "1 accepted, 2 refused\n")
    assert "--state refused" in err
    assert server.moves == [(object_id, 3)]
    _, out, _ = vra("outbox", "list", "--state", "refused", "--json")
    assert {one["answer"] for one in json.loads(out)} == {"the server says: Object does not exist."}
    assert vra("outbox", "retry", "--all")[0] == 0
    assert states(vra).count("approved") == 2


def test_an_undo_takes_back_what_has_not_left(vra: Vra, ids: list[str], config: Path):
    config.write_text(CONFIG.format(url="https://127.0.0.1:1/"))
    vra("outbox", "drop", "--all")
    vra("decide", FIRST_ID, "possible")
    assert states(vra) == ["withdrawn", "withdrawn", "draft"]
    vra("undo")
    assert states(vra) == ["withdrawn"] * 3


def test_without_a_target_nothing_leaves_and_it_is_said(vra: Vra, ids: list[str]):
    vra("outbox", "approve", "--all")
    code, out, err = vra("outbox", "send")
    assert (code, out) == (1, "2 wait\n")
    assert "[source.night]" in err
    assert states(vra) == ["approved", "approved"]


def test_all_that_is_approved_is_dropped_at_once(vra: Vra, ids: list[str]):
    vra("outbox", "approve", ids[0])
    assert vra("outbox", "drop", ids[1], "--state", "approved")[0] == 2
    code, _, err = vra("outbox", "drop", "--all", "--state", "aproved")
    assert (code, "Is it `approved`?" in err) == (2, True)
    code, out, _ = vra("outbox", "drop", "--all", "--state", "approved")
    assert (code, out) == (0, "1 withdrawn.\n")
    assert states(vra) == ["withdrawn", "draft"]


def test_what_rests_after_a_failure_is_said_with_the_way_to_try_it_now(
    vra: Vra, ids: list[str], config: Path, monkeypatch: pytest.MonkeyPatch
):
    config.write_text(CONFIG.format(url="https://127.0.0.1:1/"))
    monkeypatch.delenv("VRA_SOURCE_NIGHT_TOKEN")
    vra("outbox", "approve", ids[0])
    assert vra("outbox", "send")[0] == 1
    code, out, err = vra("outbox", "send")
    assert (code, out) == (1, "1 wait\n")
    assert "rests until" in err
    assert "wants a token" in err
    assert "vra outbox retry" in err
    assert json.loads(vra("outbox", "send", "--json")[1])["waiting"] == 1
    assert vra("outbox", "send", "--kind", "message")[0] == 0


@pytest.mark.parametrize("verb", [("list",), ("approve", "--all"), ("drop", "--all"), ("send",)])
def test_a_kind_that_is_none_is_refused_with_the_nearest(vra: Vra, ids: list[str], verb: tuple[str, ...]):
    code, _, err = vra("outbox", *verb, "--kind", "atlas.lst")
    assert code == 2
    assert "Is it `atlas.list`?" in err
    assert states(vra) == ["draft", "draft"]


def test_a_rule_that_is_wrong_keeps_nobody_from_the_outbox(vra: Vra, ids: list[str], config: Path):
    config.write_text(CONFIG.format(url="https://127.0.0.1:1/").replace("atlas.list", "atlas.lst"))
    code, out, err = vra("outbox", "list")
    assert code == 0
    assert "move 1 to good" in out
    assert "Is it `atlas.list`?" in err


def test_a_draft_that_is_named_does_not_leave_and_it_is_said(vra: Vra, ids: list[str]):
    code, _, err = vra("outbox", "send", ids[0])
    assert code == 0
    assert "is a draft" in err


WATCHING = """
[source.night]
kind = "atlas"
url = "{url}sne/atlas4/api/"
since = 10000.0
[outbox.rule.ranks]
makes = "atlas.rank"
target = "night"
approve = true
"""


@pytest.mark.slow
def test_a_watch_takes_in_scores_and_tells_the_server(vra: Vra, config: Path):
    server = AtlasServer()
    object_id = server.add(0)
    with serving(server) as served:
        config.write_text(WATCHING.format(url=served.url))
        code, out, err = vra("watch", "--once")
        assert code == 0, err
        assert "outbox: 1 accepted" in out
        assert list(server.ranks) == [object_id]
        vra("watch", "--once")
    assert len(json.loads(vra("outbox", "list", "--json")[1])) == 1


@pytest.fixture
def public(store_path: Path, ids: list[str]) -> dict[str, str]:
    """Drafts that go to the TNS, to its sandbox, and into an AstroNote, beside those of ``ids``."""
    drafts = {
        "real": Draft("tns.report", "tns", "report on a", {"server": "real"}, "1"),
        "sandbox": Draft("tns.report", "tns-sandbox", "report on a", {"server": "sandbox"}, "1"),
        "note": Draft("astronote", "tns", "note on a", {"title": "a"}, "1"),
    }
    with closing(open_store(store_path)) as store:
        made = outbox.put(store, drafts.values(), by="ana", now=NOW)
    return dict(zip(drafts, made, strict=True))


def state_of(store_path: Path, item_id: str) -> str:
    with closing(open_store(store_path)) as store:
        return str(outbox.item(store, item_id).state)


def test_what_stands_in_public_for_good_leaves_by_name_alone(
    vra: Vra, ids: list[str], public: dict[str, str], store_path: Path
):
    code, out, err = vra("outbox", "approve", "--all")
    assert (code, out) == (0, "3 approved.\n")
    assert "2 left as before (astronote, tns.report)" in err
    assert "--all --kind astronote --kind tns.report" in err
    assert {name: state_of(store_path, item) for name, item in public.items()} == {
        "real": "draft", "sandbox": "approved", "note": "draft",
    }  # fmt: skip
    code, out, err = vra("outbox", "approve", "--all", "--kind", "tns.report", "--json")
    assert [one["item_id"] for one in json.loads(out)] == [public["real"]]
    assert "left" not in err
    assert vra("outbox", "approve", public["note"])[:2] == (0, "1 approved.\n")


def test_dropping_all_takes_what_is_public_too(vra: Vra, public: dict[str, str], store_path: Path):
    assert vra("outbox", "drop", "--all")[1] == "5 withdrawn.\n"
    assert state_of(store_path, public["real"]) == "withdrawn"
