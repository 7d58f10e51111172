"""What is new in a list since the last visit: over restarts, beside other screens, with broken files."""

import numpy as np
import pytest

from tests.tui.conftest import look, press, scanning, shown
from tests.tui.test_interleaving import Others
from vra_tui.tui.settings import Settings
from vra_tui.tui.visits import VisitFiles, Visits


@pytest.fixture
def remembering(tmp_path):
    """Options of a screen that remembers visits."""
    return {"settings": Settings(place_file=tmp_path / "places.json")}


@pytest.fixture
def bo(store_path):
    """Other programs that write into the store."""
    others = Others(store_path)
    yield others
    others.store.close()


pytestmark = pytest.mark.usefixtures("only_when_told")


async def stay(pilot):
    """Stay in the open list as long as a scanner who looks at it."""
    for _ in range(3):
        await look(pilot)


def bold_names(app):
    """Names that stand bold in the list, the one under the cursor apart."""
    strips = app.screen._compositor.render_strips()[3:-3]
    spans = [
        segment for strip in strips for segment in strip.crop(0, 50) if segment.style and segment.style.bold
    ]
    return [text.strip() for text, _, _ in spans if text.strip().startswith("23t")]


def in_tab(app, name):
    """What the tab of a list says behind its title."""
    words = shown(app)[0].split()
    after = words[words.index(name) + 1 :]
    return [word for word in after[:2] if word.strip("+").isdigit() and (word is after[0] or word[0] == "+")]


async def test_a_first_visit_marks_nothing_and_what_comes_later_is_new(store_path, bo, remembering):
    async with scanning(store_path, **remembering) as (app, pilot):
        await stay(pilot)
        assert in_tab(app, "eye") == ["30"]
        bo.arrive(0.999)
        app.screen.watcher.count_again()
        app.screen.watcher._counting._until = 0
        await look(pilot)
        assert in_tab(app, "eye") == ["31", "+1"]
        (new,) = app.session.fresh_here
        name = app.session.rows.one(new).name.removeprefix("ATLAS")
        assert bold_names(app) == [name]


async def test_what_came_while_the_screen_was_closed_is_new_until_the_list_was_visited(
    store_path, bo, remembering
):
    async with scanning(store_path, **remembering) as (app, pilot):
        await stay(pilot)
    bo.arrive(0.999)
    for _ in range(2):  # a list that is not visited keeps its news over restarts
        async with scanning(store_path, list_name="purgatory", **remembering) as (app, pilot):
            await stay(pilot)
            assert in_tab(app, "eye") == ["31", "+1"]
    async with scanning(store_path, list_name="eyeball", **remembering) as (app, pilot):
        await stay(pilot)
        assert in_tab(app, "eye") == ["31", "+1"]  # as long as it is open
    async with scanning(store_path, list_name="eyeball", **remembering) as (app, pilot):
        await stay(pilot)
        assert in_tab(app, "eye") == ["31"]


async def test_stepping_through_a_list_is_no_visit(store_path, bo, remembering):
    async with scanning(store_path, list_name="purgatory", **remembering) as (app, pilot):
        await stay(pilot)
        bo.arrive(0.999)
        await press(pilot, "0", "9")
        app.screen.watcher.count_again()
        app.screen.watcher._counting._until = 0
        await look(pilot)
        assert in_tab(app, "eye") == ["31", "+1"]


async def test_an_own_decision_is_no_news_and_anothers_is(store_path, bo, remembering):
    async with scanning(store_path, **remembering) as (app, pilot):
        await stay(pilot)
        await press(pilot, "g")
        bo.decide(20, "attic")
        app.screen.watcher._counting._until = 0
        app.screen.watcher.count_again()
        await look(pilot)
        assert in_tab(app, "good") == ["1"]
        assert in_tab(app, "attic") == ["1", "+1"]


async def test_what_the_scanner_decided_is_not_new_any_more_and_is_again_once_taken_back(
    store_path, bo, remembering
):
    async with scanning(store_path, **remembering) as (app, pilot):
        await stay(pilot)
        bo.arrive(0.999)
        app.screen.watcher._counting._until = 0
        await look(pilot)
        (new,) = app.session.fresh["eyeball"]
        app.screen.move_to(app.session.order.index_of(new))
        await press(pilot, "g")
        assert app.session.new_in("eyeball") == 0
        await press(pilot, "u")
        assert app.session.new_in("eyeball") == 1


async def test_two_screens_of_one_scanner_agree_on_what_was_visited(store_path, bo, remembering):
    async with (
        scanning(store_path, list_name="purgatory", **remembering) as (first, one),
        scanning(store_path, list_name="purgatory", **remembering) as (second, two),
    ):
        for pilot in (one, two):
            await stay(pilot)
        bo.arrive(0.999)
        await press(one, "0")
        await stay(one)
        await press(one, "9")
        await look(one)
        for app, pilot in ((first, one), (second, two)):
            app.screen.watcher._counting._until = 0
            app.screen.watcher.count_again()
            await look(pilot)
            assert in_tab(app, "eye") == ["31"]


def test_a_visit_to_a_narrowed_list_leaves_the_rest_as_it_was(tmp_path):
    files = VisitFiles(tmp_path, tmp_path / "a.db", "amy")
    files.keep("good", np.array([1, 2, 3]))
    visits = Visits(files, "amy")
    for _ in range(2):
        visits.look("good", np.array([9]), False)
    visits.leave()
    assert files.read("good").tolist() == [1, 2, 3, 9]


@pytest.mark.parametrize("ids", [[], [5], [1 << 62, 3, 7], list(range(100_000))])
def test_what_was_seen_is_kept_for_one_scanner_of_one_store(tmp_path, ids):
    VisitFiles(tmp_path, tmp_path / "a.db", "amy").keep("good", np.array(ids, dtype=np.int64))
    assert VisitFiles(tmp_path, tmp_path / "a.db", "amy").read("good").tolist() == sorted(ids)
    assert VisitFiles(tmp_path, tmp_path / "a.db", "ben").read("good") is None
    assert VisitFiles(tmp_path, tmp_path / "b.db", "amy").read("good") is None
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.seen")) < 10_000


@pytest.mark.parametrize("content", [b"", b"not ours", b"x\x9c\x01\x02", b"x\x9ccd\x04\x00\x00\x06\x00\x03"])
def test_a_file_that_is_broken_is_a_visit_forgotten(tmp_path, content):
    files = VisitFiles(tmp_path, tmp_path / "a.db", "amy")
    files.keep("good", np.array([1]))
    (file,) = tmp_path.rglob("*.seen")
    file.write_bytes(content)
    assert VisitFiles(tmp_path, tmp_path / "a.db", "amy").read("good") is None


def test_a_folder_that_cannot_be_written_keeps_nobody_from_the_list(tmp_path):
    (tmp_path / "visits").write_text("a file where a folder should be")
    files = VisitFiles(tmp_path / "visits", tmp_path / "a.db", "amy")
    files.keep("good", np.array([1]))
    assert files.read("good").tolist() == [1]
