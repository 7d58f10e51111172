"""`vra tns report`: printed field by field, as JSON, edited, and put into the outbox; nothing is sent."""

import json
import stat
from pathlib import Path

import pytest

from tests.factories import FIRST_ID, score_all
from vra_tui.config.locations import user_config_dir
from vra_tui.store.outbox import State, approve, item, items

CONFIG = """
[tns]
reporter = "A. Nother (QUB)"
reporting_group = 111
[source.tns-sandbox]
kind = "tns"
bot_id = 7
bot_name = "vra"
sandbox = true
"""
ONE, OTHER = f"atlas:{FIRST_ID}", f"atlas:{FIRST_ID + 1}"
#: The made-up objects are years old.
pytestmark = pytest.mark.usefixtures("reportable")
LATE = ("--override", "late=found in old data")


@pytest.fixture
def configured():
    folder = user_config_dir()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.toml"

    def configured(more: str = "") -> None:
        path.write_text(CONFIG + more)
        path.chmod(0o600)

    configured()
    return configured


def test_a_report_is_printed_field_by_field_with_what_speaks_against_it(vra):
    code, out, err = vra("tns", "report", ONE)
    assert (code, err) == (1, "")
    for told in (
        f"AT report of {ONE}",
        "discovery             2023-02-25.47000",
        "filter                72 (orange-ATLAS)",
        "block fields: reporters (`reporter`) is empty", "warn late: it was discovered",
    ):  # fmt: skip
        assert told in out


def test_with_a_reporter_nothing_blocks_and_warnings_are_no_failure(vra, configured):
    code, out, _ = vra("tns", "report", ONE)
    assert code == 0
    assert "block" not in out


def test_the_json_of_several_is_one_bulk_report_and_one_that_cannot_be_made_holds_up_no_other(
    vra, configured
):
    code, out, err = vra("tns", "report", ONE, OTHER, f"atlas:{FIRST_ID + 2}", "nothing", "--json")
    assert code == 1
    told = json.loads(out)["at_report"]
    assert [one["internal_name"] for one in told.values()] == ["ATLAS23abc", "ATLAS23abd"]
    assert told["0"]["reporting_groupid"] == "111"
    assert "has no detection of positive flux" in err
    assert "'nothing'" in err
    grouped = json.loads(vra("tns", "report", ONE, "--json", "--spelling", "grouped")[1])["at_report"]["0"]
    assert grouped["photometry"]["photometry_group"]["0"]["flux_units"] == "1"


def test_fields_are_written_by_name(vra, configured):
    out = vra("tns", "report", ONE, "--set", "remarks=it rises = fast", "--json")[1]
    assert json.loads(out)["at_report"]["0"]["remarks"] == "it rises = fast"
    code, _, err = vra("tns", "report", ONE, "--set", "colour=blue")
    assert (code, "no field `colour`" in err) == (1, True)
    assert vra("tns", "report", ONE, "--set", "colour")[0] == 2
    assert "There is no rule `late!`" in vra("tns", "report", ONE, "--override", "late!=x")[2]


def test_a_draft_needs_a_reason_for_each_warning_and_stands_in_the_outbox(vra, configured, store):
    code, _, err = vra("tns", "report", ONE, "--draft")
    assert (code, items(store)) == (1, [])
    assert "warn late" in err
    code, _, err = vra("tns", "report", ONE, OTHER, "--draft", *LATE)
    assert code == 0
    kept = items(store)
    assert [one.subject for one in kept] == [
        f"AT report of ATLAS23ab{letter} to the TNS's sandbox" for letter in "cd"
    ]
    assert {(one.kind, one.target, one.state) for one in kept} == {
        ("tns.report", "tns-sandbox", State.DRAFT),
    }  # fmt: skip
    assert kept[0].content["overrides"] == {"late": "found in old data"}
    assert kept[0].item_id in err


def test_of_a_list_those_are_drafted_that_no_report_tells_of(vra, configured, store, clock):
    score_all(store, clock)
    for number in range(2):
        vra("decide", f"atlas:{FIRST_ID + number}", "good")
    assert vra("tns", "report", ONE, "--draft", *LATE)[0] == 0
    assert vra("tns", "report", "--list", "good", "--draft", *LATE)[0] == 0
    assert [one.content["internal_name"] for one in items(store)] == ["ATLAS23abc", "ATLAS23abd"]
    code, _, err = vra("tns", "report", "--list", "good", "--draft", *LATE)
    assert (code, "everything is reported" in err) == (0, True)
    (first, _) = items(store)
    approve(store, [first.item_id], by="zoe", now=clock())
    # What is only approved is replaced by another; what left is told.
    assert "sent" not in vra("tns", "report", ONE)[1]
    store.execute("UPDATE outbox_states SET state = 'accepted' WHERE item_id = ?", (first.item_id,))
    store.commit()
    assert "warn sent: a report of it is accepted in the outbox" in vra("tns", "report", ONE)[1]
    assert "warn sent" not in vra("tns", "report", ONE, "--real")[1]


def test_a_draft_whose_decision_is_taken_back_does_not_leave(vra, configured, store, clock):
    score_all(store, clock)
    vra("decide", ONE, "good", "--scanner", "zoe")
    vra("tns", "report", ONE, OTHER, "--draft", *LATE)
    decided, bare = items(store)
    assert decided.decision_id is not None
    assert bare.decision_id is None
    vra("undo", "--scanner", "zoe")
    assert [one.is_reverted for one in items(store)] == [True, False]


def test_one_that_may_not_leave_holds_up_no_other(vra, configured, store):
    code, _, _ = vra("tns", "report", f"atlas:{FIRST_ID + 2}", ONE, "--draft", *LATE)
    assert (code, [one.content["internal_name"] for one in items(store)]) == (1, ["ATLAS23abc"])


def test_an_item_of_the_outbox_is_changed_into_another(vra, configured, store, editor):
    vra("tns", "report", ONE, "--draft", *LATE)
    (first,) = items(store)
    editor("text = text.replace('remarks: ', 'remarks: rises fast')")
    code, _, err = vra("tns", "report", "--item", first.item_id[-8:], "--edit", "--draft")
    assert (code, err.count("item")) == (0, 1)
    last = items(store)[-1]
    assert (last.content["form"]["remarks"], last.follows) == ("rises fast", first.item_id)
    # The reasons were given, and hold.
    assert last.content["overrides"] == {"late": "found in old data"}
    assert item(store, first.item_id).state is State.WITHDRAWN


def test_a_broken_edit_changes_nothing_and_keeps_what_was_written(vra, configured, store, editor):
    editor("text += 'what is this\\n'")
    code, _, err = vra("tns", "report", ONE, "--edit", "--draft", *LATE)
    assert (code, items(store)) == (1, [])
    assert "`what is this` is no field of a report" in err
    kept = Path(err.rpartition("kept in ")[2].strip().rstrip("."))
    assert "what is this" in kept.read_text()
    assert stat.S_IMODE(kept.parent.stat().st_mode) & 0o077 == 0


def test_an_editor_that_fails_changes_nothing(vra, configured, editor, monkeypatch):
    monkeypatch.setenv("EDITOR", "/nowhere/at/all")
    monkeypatch.delenv("VISUAL", raising=False)
    code, _, err = vra("tns", "report", ONE, "--edit")
    assert (code, "cannot be run" in err, "Nothing was changed" in err) == (1, True, True)
    monkeypatch.setenv("EDITOR", "false")
    assert "`false` ended with 1" in vra("tns", "report", ONE, "--edit")[2]


def test_a_wrong_value_in_an_edit_is_kept_and_told(vra, configured, editor):
    editor("text = text.replace('| 18.4', '| -18.4', 1)")
    code, out, _ = vra("tns", "report", ONE, "--edit")
    assert (code, "-18.440" in out, "is negative" in out) == (1, True, True)


def test_the_tns_itself_is_asked_for_in_so_many_words_and_with_a_key(vra, configured, store, monkeypatch):
    code, _, err = vra("tns", "report", ONE, "--draft", "--real", *LATE)
    assert (code, "names no bot for the TNS" in err) == (2, True)
    configured('[source.tns]\nkind = "tns"\nbot_id = 7\nbot_name = "vra"\n')
    code, _, err = vra("tns", "report", ONE, "--draft", "--real", *LATE)
    assert (code, "need the key of `tns`'s bot" in err) == (2, True)
    monkeypatch.setenv("VRA_SOURCE_TNS_API_KEY", "0f9a8b7c6d5e4f30")
    code, _, err = vra("tns", "report", ONE, "--draft", "--real", *LATE)
    assert code == 0
    (kept,) = items(store)
    assert (kept.target, kept.content["server"]) == ("tns", "real")
    assert "0f9a8b7c6d5e4f30" not in json.dumps(kept.content)


def test_without_a_bot_for_the_sandbox_it_is_said_how_to_add_one(vra):
    code, _, err = vra("tns", "report", ONE, "--draft", *LATE)
    assert code == 2
    assert "[source.tns-sandbox]" in err
