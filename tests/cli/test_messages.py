"""Verbs that take in and score tell the configured webhooks, and end as well as they would without."""

import json

import pytest

from tests.factories import api_object
from tests.harness.server import Reply, serving


@pytest.fixture
def told(vra, tmp_path, monkeypatch):
    """Run `vra` with a rule and a webhook that gives a reply; returns what it was told, line by line."""
    config = tmp_path / "config.toml"
    config.write_text('[message.new]\nwhen = "points>0"\nto = "team"\ntitle = "new ones"\nevery = "10s"\n')
    monkeypatch.setenv("VRA_CONFIG", str(config))

    def run(*runs, reply=None):
        with serving(lambda call: reply or Reply(b"ok")) as served:
            monkeypatch.setenv("VRA_SOURCE_TEAM_URL", f"{served.url}services/SECRET00000")
            results = [vra(*arguments) for arguments in runs]
        return results, [json.loads(call.body)["text"] for call in served.calls]

    return run


def packets(tmp_path, *numbers):
    path = tmp_path / f"{numbers[0]}.json"
    path.write_text(json.dumps([api_object(number) for number in numbers]))
    return path


def test_after_taking_in_the_webhook_is_told_what_is_new(told, tmp_path):
    first, second = packets(tmp_path, 0), packets(tmp_path, 1, 2)
    results, texts = told(("ingest", first), ("ingest", second))
    assert [code for code, _, _ in results] == [0, 0]
    assert "1 alert is among them already and not told" in texts[0]
    assert texts[1].startswith("new ones: 2 new\n")
    assert "1 message sent." in results[1][2]


def test_what_is_printed_is_the_same_with_a_rule_as_without(told, vra, tmp_path):
    ((code, out, _),), _ = told(("ingest", packets(tmp_path, 0), "--json"))
    assert code == 0
    assert json.loads(out)["new"] == 1


def test_a_webhook_that_is_down_holds_up_nothing_and_the_message_waits(told, tmp_path):
    ((code, _, err),), _ = told(("ingest", packets(tmp_path, 0)), reply=Reply(b"", 503))
    assert code == 0
    assert "No message to team" in err
    assert "SECRET" not in err
    ((_, out, _),), _ = told(("outbox", "list", "--json"))
    (item,) = json.loads(out)
    assert item["state"] == "approved"
    assert "SECRET" not in json.dumps(item)


def test_a_rule_that_cannot_be_understood_is_told_before_anything_is_done(vra, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text('[message.new]\nwhen = "rnak>7"\nto = "team"\n')
    monkeypatch.setenv("VRA_CONFIG", str(config))
    code, _, err = vra("ingest", packets(tmp_path, 0))
    assert code == 2
    assert "message.new.when" in err
    assert "did you mean `rank`" in err


def test_a_rule_is_tried_and_listed(told, tmp_path):
    results, texts = told(
        ("ingest", packets(tmp_path, 0)), ("messages", "test", "new"), ("messages", "list"),
        ("messages", "list", "--json"), ("messages", "test", "nwe"),
    )  # fmt: skip
    assert texts[-1] == "new ones: this is a test"
    assert "points&gt;0" not in results[2][1]
    assert json.loads(results[3][1])[0]["to"] == ["team"]
    assert results[4][0] == 2
    assert "There are: new." in results[4][2]


def test_a_test_that_nobody_hears_ends_with_1(told, tmp_path):
    ingest = ("ingest", packets(tmp_path, 0))
    (_, (code, _, err)), _ = told(ingest, ("messages", "test", "new"), reply=Reply(b"no_service", 404))
    assert (code, "refused" in err) == (1, True)
    ((code, _, err),), _ = told(("messages", "test", "new"), reply=Reply(b"", 503))
    assert (code, "waits in the outbox" in err) == (1, True)


def test_how_often_a_rule_tells_is_listed_in_whole_words(told, tmp_path):
    results, _ = told(("ingest", packets(tmp_path, 0)), ("messages", "list"))
    assert " 10 s " in results[1][1]


def test_the_configuration_is_shown_with_its_rules_and_no_address(told):
    results, _ = told(("config", "show"), ("config", "show", "--json"))
    assert "message.new" in results[0][1]
    assert json.loads(results[1][1])["messages"]["new"]["to"] == ["team"]
    assert "SECRET" not in results[0][1] + results[1][1]
