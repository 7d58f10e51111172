"""Labels of a survey's own have keys, told where a survey of the store has them."""

import pytest

from tests.tui.conftest import press, scanning, shown
from tests.tui.made import an_alert, put
from vra_tui.store.connection import open_store
from vra_tui.store.label_names import labels_taught
from vra_tui.surveys.own_labels import OWN_LABELS
from vra_tui.tui.actions import actions_of
from vra_tui.tui.help import help_lines
from vra_tui.tui.keymap import resolve
from vra_tui.tui.spans import text_of


@pytest.fixture(params=["ztf", "lsst", "goto"])
def other_survey(request, tmp_path):
    """A store of four alerts of another survey than ATLAS, of whose labels it does not know yet."""
    path = tmp_path / "other.db"
    store = open_store(path)
    put(store, *(an_alert(request.param, f"4413052{n}", arcsec=90.0 * n) for n in range(4)))
    store.close()
    return path


async def test_each_key_decides_its_label_which_the_store_then_knows(other_survey):
    async with scanning(other_survey, size=(200, 60), list_name="eyeball") as (app, pilot):
        keys = shown(app)[-1]
        assert all(f"{label.key} {label.name}" in keys for label in OWN_LABELS)
        await press(pilot, "equals_sign", "semicolon", "colon", "comma")
    store = open_store(other_survey)
    found = [row[0] for row in store.execute("SELECT list FROM decisions ORDER BY sequence")]
    assert found == ["real", "agn", "variable", "mover"]
    taught = labels_taught(store)
    assert [taught[name] for name in found] == ["real", "real", "galactic", "garbage"]
    store.close()


async def test_where_no_survey_has_them_they_are_not_told_and_decide_nothing(store_path, decided):
    async with scanning(store_path, size=(200, 60)) as (app, pilot):
        assert "mover" not in shown(app)[-1]
        await press(pilot, "semicolon")
        assert "No survey of this store has a label agn" in "\n".join(shown(app))
        actions = actions_of(app.session.own_labels)
        [nothing] = help_lines(app.keys_in_force, "mover", actions=actions)
        assert "Nothing in the help" in text_of(nothing)
    assert decided() == []


def test_they_are_moved_by_name_and_told_among_the_actions_of_their_store():
    assert resolve({"agn": "J"})["agn"] == ("J",)
    names = {action.name for action in actions_of(["agn", "elsewhere"])}
    assert "agn" in names
    assert "mover" not in names
