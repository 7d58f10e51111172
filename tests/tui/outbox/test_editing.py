"""An edited text is taken whole or not at all, and is never lost."""

import json

import pytest

from tests.tui.outbox.test_lines import item
from vra_tui.tui.outbox.editing import Desk, EditFault, content_of, editor, run_editor, subject_of, text_of

ITEM = item(content={"list": "good", "rank": 8.5, "note": None, "flag": True, "deep": {"a": [1]}})


def test_a_text_tells_the_content_that_it_was_made_of():
    assert content_of(text_of(ITEM), ITEM) == ITEM.content


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rank": "nine"}, "`rank`"),
        ({"flag": 1}, "`flag`"),
        ({"deep": []}, "`deep`"),
    ],
)
def test_what_has_become_something_else_is_told(changes, said):
    with pytest.raises(EditFault, match=said):
        content_of(json.dumps({**ITEM.content, **changes}), ITEM)


@pytest.mark.parametrize("changes", [{"rank": 9}, {"note": "new"}, {"list": "attic"}, {"more": 1}])
def test_what_is_still_of_its_kind_is_taken(changes):
    assert content_of(json.dumps({**ITEM.content, **changes}), ITEM) == {**ITEM.content, **changes}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"list": "good"\n "rank": 1}', "line 2"),
        ("[]", "no { … }"),
        ('{"list": NaN}', "NaN"),
        ("[" * 200_000, "."),
        ('{"list": "good"}', "`rank` is missing"),
    ],
)
def test_what_cannot_be_understood_is_told_by_its_place(text, said):
    with pytest.raises(EditFault, match=said):
        content_of(text, ITEM)


def test_what_was_written_is_there_at_the_next_edit(tmp_path):
    desk = Desk(tmp_path / "edits")
    path = desk.begin("one", "before")
    path.write_text("half of a new te")
    assert Desk(tmp_path / "edits").begin("one", "before").read_text() == "half of a new te"
    assert path.stat().st_mode & 0o777 == 0o600
    desk.keep("one", "half of a new text")
    assert desk.kept("one") == "half of a new text"
    assert path.stat().st_mode & 0o077 == 0
    desk.end("one")
    assert desk.kept("one") is None
    assert desk.begin("one", "before").read_text() == "before"


def test_an_id_leads_out_of_no_folder(tmp_path):
    assert Desk(tmp_path).begin("../../x/y", "t").parent == tmp_path


def test_an_editor_that_fails_is_told(tmp_path):
    with pytest.raises(EditFault, match="did not end well"):
        run_editor(tmp_path / "x", ["false"])
    with pytest.raises(EditFault, match="did not end well"):
        run_editor(tmp_path / "x", ["no-such-editor-here"])


def test_the_editor_is_the_one_that_the_user_has():
    assert editor({"VISUAL": "code --wait", "EDITOR": "ed"}) == ["code", "--wait"]
    assert editor({"EDITOR": "ed"}) == ["ed"]
    assert editor({}) == ["vi"]


def test_what_it_is_about_stays():
    one = item(content={"object_id": "1", "list": "good"})
    with pytest.raises(EditFault, match="`object_id` says what it is about"):
        content_of('{"object_id": "2", "list": "good"}', one)


@pytest.mark.parametrize(
    ("subject", "content", "shown"),
    [
        ("move 1 to good", {"list": "attic"}, "move 1 to attic"),
        ("move 1 (goodly) to good", {"list": "attic"}, "move 1 (goodly) to attic"),
        ("a message", {"list": "attic"}, "a message (edited)"),
        ("a message (edited)", {"list": "attic"}, "a message (edited)"),
    ],
)
def test_the_subject_says_what_the_edit_made_of_it(subject, content, shown):
    assert subject_of(content, item(subject=subject, content={"list": "good"})) == shown


def test_what_is_about_many_alerts_has_a_file_of_its_own(tmp_path):
    desk = Desk(tmp_path)
    about = [f"note-{'-'.join(f'ZTF26aa{number:05d}' for number in range(50))}-{last}" for last in "ab"]
    for one in about:
        desk.begin(one, one[-1])
    assert [desk.read(one) for one in about] == ["a", "b"]
