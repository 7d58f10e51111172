"""What stands in the title of a prompt is text, whatever the alert is called."""

from tests.factories import api_object, ingest_objects, score_all
from tests.hostile.corpus import SEQUENCES
from tests.tui.conftest import press, scanning, shown
from vra_tui.store.connection import open_store
from vra_tui.tui.prompt import Prompt


async def test_markup_in_a_name_is_no_action_in_the_title_of_a_prompt(tmp_path, clock):
    path = tmp_path / "v.db"
    store = open_store(path)
    ingest_objects(store, [api_object(0, header={"atlas_designation": SEQUENCES["textual markup"]})], clock)
    score_all(store, clock)
    store.close()
    async with scanning(path) as (app, pilot):
        await press(pilot, "n")
        assert isinstance(app.screen, Prompt)
        assert "Note on [@click=app.exit]x[/][$error]y[/] [/] [" in "\n".join(shown(app))


async def test_what_is_pasted_loses_what_a_terminal_would_act_on(tmp_path):
    path = tmp_path / "v.db"
    open_store(path).close()
    async with scanning(path) as (app, pilot):
        await press(pilot, "slash")
        assert isinstance(app.screen, Prompt)
        line = app.screen.query_one("#prompt")
        line.insert_text_at_cursor("a  \x1b]52;c;x\x07b\u202ec\x9b31md ")
        await pilot.pause()
        assert line.value == "a  bcd "
