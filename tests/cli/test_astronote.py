"""`vra astronote`: printed, edited, kept in the outbox, by templates of one's own."""

import json

import pytest

from tests.factories import FIRST_ID
from vra_tui.store.outbox import items

ONE, OTHER = f"atlas:{FIRST_ID}", f"atlas:{FIRST_ID + 1}"
pytestmark = pytest.mark.usefixtures("reportable")


def test_a_note_is_printed_edited_and_kept(vra, store, editor):
    code, out, _ = vra("astronote", ONE)
    assert (code, out.startswith("=== title ===\nATLAS: discovery of ATLAS23abc")) == (0, True)
    assert json.loads(vra("astronote", ONE, OTHER, "--json")[1])["objects"][1]["name"] == "ATLAS23abd"
    assert vra("astronote", ONE, "--md")[1].startswith("# ATLAS: discovery of ATLAS23abc")
    editor("text = text.replace('We report', 'We found')")
    assert vra("astronote", ONE, "--edit", "--draft")[0] == 0
    (kept,) = items(store)
    assert (kept.kind, kept.content["abstract"][:8]) == ("astronote", "We found")
    editor("text = text.replace('We found', 'We saw')")
    assert vra("astronote", "--item", kept.item_id, "--edit", "--draft")[0] == 0
    last = items(store)[-1]
    assert (last.content["abstract"][:6], last.identity, last.follows) == ("We saw", ONE, kept.item_id)
    assert last.alert_ids == kept.alert_ids
    assert vra("astronote")[0] == 2


def test_a_template_of_one_s_own_is_used_and_what_is_wrong_with_it_told_by_line(vra, tmp_path):
    own = tmp_path / "own.txt"
    own.write_text("=== title ===\n{name}\n=== abstract ===\n{tns_type}\n=== text ===\nx\n")
    code, _, err = vra("astronote", ONE, "--template", own)
    assert (code, "line 4 of the template: `{tns_type}` has no value here" in err) == (1, True)
    own.write_text("=== title ===\n{0.__class__}\n")
    code, _, err = vra("astronote", ONE, "--template", own)
    assert (code, "line 2: there is no field" in err) == (2, True)
