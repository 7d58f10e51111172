"""AT reports in the outbox: what may enter, what it holds, and that it can be changed there."""

import json
import platform
from pathlib import Path

import pytest

from tests.export.drafts.conftest import NOW
from vra_tui.errors import VraError
from vra_tui.export.drafts.at_checks import check
from vra_tui.export.drafts.at_draft import NotReady, draft_of, report_of
from vra_tui.export.drafts.at_report import changed
from vra_tui.export.drafts.finding import Finding, Level
from vra_tui.export.drafts.spelling import read_spelling
from vra_tui.store.outbox import State, item, put


def drafted(report, findings=(), **more):
    options = {"target": "tns-sandbox", "is_real": False, "now": NOW, **more}
    return draft_of(report, 1, findings, read_spelling("flat"), **options)


def test_a_sound_report_becomes_a_draft_from_which_alone_follows_what_is_sent(sound, sound_facts):
    draft = drafted(sound, check(sound, sound_facts, NOW))
    assert (draft.kind, draft.target, draft.alert_ids) == ("tns.report", "tns-sandbox", (1,))
    assert draft.subject == "AT report of ATLAS23abc to the TNS's sandbox"
    content = json.loads(json.dumps(draft.content))
    assert (content["server"], content["internal_name"]) == ("sandbox", "ATLAS23abc")
    assert content["at_report"]["0"]["internal_name"] == "ATLAS23abc"
    assert report_of(content) == sound
    assert drafted(sound, is_real=True).content["server"] == "real"


def test_what_blocks_or_warns_without_a_reason_keeps_it_out(sound):
    warning = Finding("late", Level.WARN, "it is old", "Say why")
    block = Finding("fields", Level.BLOCK, "it is empty", "Mend it")
    with pytest.raises(NotReady, match="may not leave yet") as raised:
        drafted(sound, [block, warning])
    assert raised.value.choices == ("block fields: it is empty. Mend it", "warn late: it is old. Say why")
    with pytest.raises(NotReady):
        drafted(sound, [block], overrides={"fields": "I want it"})
    made = drafted(sound, [warning], overrides={"late": " found in old data ", "agn": "not asked"})
    assert made.content["overrides"] == {"late": "found in old data"}


def test_a_changed_report_replaces_the_draft_that_has_not_left(sound, store):
    (first,) = put(store, [drafted(sound)], by="zoe", now=NOW)
    (same,) = put(store, [drafted(sound)], by="zoe", now=NOW)
    (other,) = put(store, [drafted(changed(sound, "remarks", "rises"), follows=first)], by="zoe", now=NOW)
    assert (same == first, other == first) == (True, False)

    assert (item(store, first).state, item(store, other).state) == (State.WITHDRAWN, State.DRAFT)


def test_nothing_of_this_machine_is_in_it(sound):
    told = json.dumps(drafted(sound).content)
    for own in (platform.node(), str(Path.home()), str(Path.cwd())):
        assert own not in told


def test_what_is_no_report_is_said_to_be_none():
    with pytest.raises(VraError, match="holds no AT report"):
        report_of({"form": []})
