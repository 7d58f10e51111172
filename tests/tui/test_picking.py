"""Lists to choose from: what was found, and named views."""

import os
import sqlite3
import subprocess
import sys
import tomllib

import pytest

from tests.factories import FIRST_ID
from tests.tui.conftest import press, scanning, shown, until_shown
from tests.tui.made import an_alert, put
from vra_tui.store.connection import open_store
from vra_tui.store.query import FilterError, ListQuery
from vra_tui.tui.named_views import NamedViews, ViewError
from vra_tui.tui.picker import Picker
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.settings import Settings
from vra_tui.tui.view_picker import ViewPicker


@pytest.fixture
def three(tmp_path):
    """Three alerts in one field of two surveys, two of them with one name, and one elsewhere."""
    path = tmp_path / "three.db"
    store = open_store(path)
    put(
        store,
        an_alert("ztf", "ZTF26aaaaaaa", other_name="AT2026abc"),
        an_alert("lsst", "313853517191479345", arcsec=5.0, other_name="AT2026abc"),
        an_alert("ztf", "ZTF26bbbbbbb", arcsec=3_600.0),
    )
    store.close()
    return path


@pytest.mark.parametrize(
    "text", ["26abc", "SN 2026abc", "https://www.wis-tns.org/object/2026abc", "10:00:24 +02:12:00"]
)
async def test_of_several_that_are_meant_one_is_chosen(three, text):
    async with scanning(three, list_name="all") as (app, pilot):
        await press(pilot, "i", *text, "enter")
        assert isinstance(app.screen, Picker)
        await until_shown(app, "2 alerts")
        await press(pilot, "/", *"lsst", "enter")
        assert not isinstance(app.screen, Picker)
        assert app.session.current_name() == ("lsst", "313853517191479345")
        assert len(app.session.order) == 3


async def test_leaving_the_list_of_those_found_leaves_the_cursor(three):
    async with scanning(three, list_name="all") as (app, pilot):
        before = app.session.order.current
        await press(pilot, "i", *"26abc", "enter", "j", "j", "k", "escape")
        assert app.session.order.current == before


@pytest.mark.parametrize(
    "text", ["https://lasair-ztf.lsst.ac.uk/objects/ZTF26bbbbbbb/", "'ZTF26bbbbbbb'", "ra=150.1 dec=3.2"]
)
async def test_the_one_that_is_meant_is_gone_to(three, text):
    async with scanning(three, list_name="all") as (app, pilot):
        await press(pilot, "i", *text, "enter")
        assert app.session.current_name() == ("ztf", "ZTF26bbbbbbb")


async def test_what_is_not_found_is_told_below_and_the_text_stays(store_path):
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "i", *"SN1987A", "enter")
        assert isinstance(app.screen, Prompt)
        await until_shown(app, "no alert called 'SN1987A'")
        await press(pilot, "ctrl+u", *"ATLAS23t007", "enter")
        assert app.session.order.current == FIRST_ID + 7
        await press(pilot, "i", "up")
        assert app.screen.query_one("#prompt").value == "ATLAS23t007"


async def test_a_view_is_kept_opened_and_deleted_by_keys(store_path, tmp_path):
    file = tmp_path / "views.toml"
    settings = Settings(views=NamedViews(file))
    async with scanning(store_path, settings=settings) as (app, pilot):
        await press(pilot, "V")
        await until_shown(app, "No view is kept yet")
        await press(pilot, "escape", "/", *"-tns", "enter", "V", "s", *"new", "enter")
        await press(pilot, "4", "V")
        await until_shown(app, "-tns")
        await press(pilot, "enter")
        assert app.session.query.words == "-tns"
        assert app.session.query.list_name == "eyeball"
        await press(pilot, "V", "d", "j")
        assert NamedViews(file).read().keys() == {"new"}
        await press(pilot, "d")
        await until_shown(app, "d again deletes the view new")
        await press(pilot, "d")
        assert not isinstance(app.screen, ViewPicker)
        assert NamedViews(file).read() == {}


async def test_a_view_is_put_in_the_place_of_another_only_when_told_twice(store_path, tmp_path):
    views = NamedViews(tmp_path / "views.toml")
    views.keep("new", ListQuery("good", "rank", "tns"))
    async with scanning(store_path, settings=Settings(views=views)) as (app, pilot):
        await press(pilot, "V", "s", *"new", "enter")
        await until_shown(app, "There is a view new already")
        assert views.read()["new"].list_name == "good"
        await press(pilot, "enter")
        assert views.read()["new"].list_name == "eyeball"
        assert "Kept as view new" in "\n".join(shown(app))


def test_deleting_a_view_leaves_all_else_as_it_is_written(tmp_path):
    file = tmp_path / "views.toml"
    file.write_text(
        '# mine\n[ "by hand" ]\nlist = "good"\n\n[two]\nlist = "all" # note\n\n[three]\nfilter = "tns"\n'
    )
    views = NamedViews(file)
    views.keep('four \\ "x" \x7f', ListQuery("pm", "rank", 'host:"NGC 1"'))
    before = views.read()
    views.delete("two")
    assert views.read() == {name: query for name, query in before.items() if name != "two"}
    assert file.read_text().startswith('# mine\n[ "by hand" ]\nlist = "good"\n\n[three]')
    views.delete("by hand")
    views.delete('four \\ "x" \x7f')
    assert list(views.read()) == ["three"]


@pytest.mark.parametrize(
    "text",
    [
        'two = { list = "all" }\n',
        'two.list = "all"\n',
        '[one]\nfilter = """\n[two]\n"""\n[two]\nlist = "all"\n',
        "[two\n",
    ],
)
def test_what_is_written_in_another_way_is_not_cut_by_guess(tmp_path, text):
    file = tmp_path / "views.toml"
    file.write_text(text)
    with pytest.raises(ViewError):
        NamedViews(file).delete("two")
    assert file.read_text() == text


def test_a_view_kept_again_stands_once(tmp_path):
    views = NamedViews(tmp_path / "own" / "views.toml")
    for words in ("tns", "-tns", ""):
        views.keep("one", ListQuery("all", "rank", words))
    assert len(tomllib.loads((tmp_path / "own" / "views.toml").read_text())) == 1
    assert views.read() == {"one": ListQuery("all", "rank", "")}
    with pytest.raises(FilterError):
        views.keep("two", ListQuery("all", "rank", "magg<1"))


def test_a_file_of_views_in_another_encoding_is_told_of_and_left_alone(tmp_path):
    file = tmp_path / "views.toml"
    file.write_bytes('# façade\n[old]\nlist = "good"\n'.encode("latin-1"))
    before = file.read_bytes()
    with pytest.raises(ViewError, match="no UTF-8"):
        NamedViews(file).keep("new", ListQuery("eyeball"))
    with pytest.raises(ViewError, match="no UTF-8"):
        NamedViews(file).delete("old")
    assert file.read_bytes() == before


def test_views_are_written_as_utf_8_in_every_locale(tmp_path):
    file = tmp_path / "views.toml"
    program = (
        "import sys; from pathlib import Path; from vra_tui.store.query import ListQuery\n"
        "from vra_tui.tui.named_views import NamedViews\n"
        r"query = ListQuery('eyeball', words='host:\xe9')" + "\n"
        r"NamedViews(Path(sys.argv[1])).keep('\xe9t\xe9 \u2265', query)"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", program, file], env=environment, check=True)
    assert NamedViews(file).read() == {"été ≥": ListQuery("eyeball", words="host:é")}


async def test_a_list_that_cannot_be_sorted_is_not_said_to_be(three, monkeypatch):
    async def broken(*_):
        raise sqlite3.OperationalError("disk I/O error")

    async with scanning(three, list_name="all") as (app, pilot):
        monkeypatch.setattr(app.screen.watcher, "ids", broken)
        await app.screen.sort_by("newest")
        await pilot.pause()
        await until_shown(app, "The list cannot be read")
