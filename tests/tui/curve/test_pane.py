"""The light curve on the screen: the keys that change its look, and other surveys' points beside its own."""

import pytest

from tests.tui.conftest import press, scanning
from tests.tui.made import T0, an_alert, put
from vra_tui.store.connection import open_store
from vra_tui.tui.curve.draw import Axis
from vra_tui.tui.curve.points import Limits
from vra_tui.tui.spans import fit_line, text_of


@pytest.fixture
def two_surveys(tmp_path):
    """A store with one source that two surveys see."""
    path = tmp_path / "two.db"
    store = open_store(path)
    put(store, an_alert("ztf", "ZTF26aajcbhr"), an_alert("atlas", "1000005291314656200", arcsec=0.5))
    store.close()
    return path


async def test_both_surveys_of_a_source_are_in_its_plot(two_surveys):
    async with scanning(two_surveys) as (app, pilot):
        for _ in range(2):
            legend = text_of(app.screen.curve.lines[0])
            assert "ZTF ● g 1  ■ r 1" in legend
            assert "ATLAS ○ c 1  ◇ o 1" in legend
            await press(pilot, "j")


async def test_the_limits_go_round_from_the_deep_ones_to_none(store_path):
    async with scanning(store_path) as (app, pilot):
        seen = []
        for _ in range(4):
            seen.append(app.screen.curve.look.limits)
            await press(pilot, "L")
        assert seen == [Limits.DEEP, Limits.ALL, Limits.NONE, Limits.DEEP]


@pytest.mark.parametrize("age", [2.5, 900.0])
async def test_the_axis_key_shows_another_axis_each_time(two_surveys, age, monkeypatch):
    async with scanning(two_surveys) as (app, pilot):
        monkeypatch.setattr(app.screen.curve, "_clock", lambda: T0 + age)
        app.screen.show_panes()
        axes = []
        for _ in range(4):
            axes.append(text_of(app.screen.curve.lines[-1]))
            await press(pilot, "x")
        assert len(set(axes)) == (3 if age < 5 else 2)
        assert axes[0] == axes[3 if age < 5 else 2]
        assert ("now" in axes[0]) == (age < 5)
        assert app.screen.curve.look.axis in set(Axis)


async def test_reading_begins_with_the_latest_detection_and_stops_at_the_ends(store_path):
    async with scanning(store_path) as (app, pilot):
        curve = app.screen.curve
        await press(pilot, "h")
        assert curve.reading == len(curve.points) - 1
        await press(pilot, *"l" * 3)
        assert curve.reading == len(curve.points) - 1
        await press(pilot, *"h" * (len(curve.points) + 2))
        assert curve.reading == 0
        assert f"{curve.points.value[0]:.2f}" in text_of(curve.lines[0])


async def test_a_damaged_light_curve_leaves_the_rest_of_the_alert_in_sight(store_path):
    store = open_store(store_path)
    store.execute("UPDATE lightcurves SET detections = ?", (b"\x07damaged",))
    store.close()
    async with scanning(store_path) as (app, pilot):
        await press(pilot, "j")
        assert "no detections" in text_of(app.screen.curve.lines[0])
        assert "light curve cannot be read" in text_of(app.screen.panes["status"].lines[0])
        assert any(map(text_of, app.screen.context.lines))


@pytest.mark.parametrize("size", [(44, 20), (80, 24), (120, 40), (200, 60)])
async def test_no_number_of_the_table_is_cut(two_surveys, size):
    async with scanning(two_surveys, size=size) as (app, pilot):
        await press(pilot, "enter")
        await pilot.pause()
        table = app.screen.table
        assert table.display
        width = table.size.width
        shown = [text_of(fit_line(line, width)) for line in table.lines]
        assert len(shown) == 4
        assert "…" not in "".join(shown)
        assert all(("6000" in line) == (size[0] >= 200) for line in shown)
