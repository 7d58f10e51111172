"""Keys: remapped, preset, refused with the line of the configuration named."""

import re
from pathlib import Path

import pytest

import vra_tui.tui
from tests.tui.conftest import press, scanning, shown
from vra_tui.config.reading import ConfigError, load_config
from vra_tui.config.template import template
from vra_tui.tui.actions import PRESETS
from vra_tui.tui.help import help_lines
from vra_tui.tui.keymap import SCREENS, KeyMapError, default_keys, keys_in_force, keys_template, resolve
from vra_tui.tui.outbox.form_screen import FormScreen
from vra_tui.tui.outbox.screen import OutboxScreen
from vra_tui.tui.scan_screen import ScanScreen
from vra_tui.tui.spans import text_of, width_of


@pytest.mark.parametrize("preset", PRESETS)
def test_no_two_actions_of_a_preset_share_a_key(preset):
    for screen in SCREENS:
        keys = [key for name in screen for key in default_keys(preset)[name]]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_key_map_without_clashes(preset):
    assert resolve({}, preset)


def test_every_action_of_the_registry_exists_on_the_screen():
    for actions, screen in zip(SCREENS, (ScanScreen, OutboxScreen, FormScreen), strict=True):
        for action in actions.values():
            assert hasattr(screen, f"action_{action.call.partition('(')[0]}"), action.name


def test_the_help_tells_every_key_in_force():
    text = "\n".join(text_of(line) for line in help_lines(resolve({"good": "b", "nightly": []})))
    assert "  b             good" in text
    assert "one point a night" not in text


async def test_no_line_of_the_help_is_cut_on_the_smallest_terminal(store_path):
    for width in (80, 44):
        async with scanning(store_path, size=(width, 24)) as (app, pilot):
            await press(pilot, "?")
            pane = app.screen.query_one("#help-lines")
            assert not [text_of(line) for line in pane.lines if width_of(line) > pane.size.width]


def test_two_keys_can_be_swapped():
    keys = resolve({"good": "t", "garbage": ["g"]})
    assert (keys["good"], keys["garbage"]) == (("t",), ("g",))


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"good": "t"}, "belongs to `garbage`"),
        ({"god": "b"}, "did you mean `good`?"),
        ({"good": "ctrl+enter"}, "terminals send no key `ctrl+enter`"),
        ({"good": 3}, "must be a key or a list of keys"),
        ({"outbox_send": "a"}, "belongs to `outbox_approve`"),
        ({"form_put": ["escape"]}, "belongs to `form_leave`"),
        ({"outbox_aprove": "b"}, "did you mean `outbox_approve`?"),
    ],
)
def test_a_key_map_that_cannot_be_is_refused_by_name(own, said):
    with pytest.raises(KeyMapError, match="the key map") as error:
        resolve(own)
    assert said in str(error.value)


async def test_remapped_keys_decide_and_the_footer_shows_them(store_path, ids, decided):
    async with scanning(store_path, keys=resolve({"good": "b", "nightly": []})) as (app, pilot):
        await press(pilot, "g", "b")
        assert "b good" in shown(app)[-1]
    assert decided() == [(ids[0], "good")]


async def test_swapped_keys_decide_as_swapped(store_path, ids, decided):
    async with scanning(store_path, keys=resolve({"good": "t", "garbage": "g"})) as (_, pilot):
        await press(pilot, "g", "t")
    assert decided() == [(ids[0], "garbage"), (ids[1], "good")]


async def test_the_accept_preset_decides_by_its_own_keys(store_path, ids, decided):
    async with scanning(store_path, keys=default_keys("accept")) as (_, pilot):
        await press(pilot, "a", "x", "space")
    assert [name for _, name in decided()] == ["good", "garbage", "possible"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\n# mine\ngood = "t"\n', "line 3: `good` takes the key t, which belongs to `garbage`"),
        ('[keys]\ngod = "b"\n', "line 2: there is no action `god`"),
        ('[screen]\nkeys = "accept"\n[keys]\ngood = "x"\n', "line 4: `good` takes the key x"),
    ],
)
def test_what_is_wrong_with_keys_in_the_file_is_named_with_its_line(tmp_path, text, said):
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        keys_in_force(load_config(path, {}))
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_the_template_uncommented_is_the_default_configuration(tmp_path):
    path = tmp_path / "config.toml"
    lines = f"{template()}\n{keys_template()}".splitlines()
    options = [line.removeprefix("# ") if " = " in line else line for line in lines]
    path.write_text("\n".join(options))
    config = load_config(path, {})
    assert dict(keys_in_force(config)) == default_keys()
    assert config.values == load_config(tmp_path / "none.toml", {}).values
    assert set(config.origins.values()) == {str(path)}


async def test_messages_and_help_name_the_keys_in_force(store_path):
    keys = resolve({"undo": "f9", "ask": "f8", "help": ["question_mark", "f1"], "nightly": []})
    async with scanning(store_path, keys=keys) as (app, pilot):
        assert "A letter decides, f9 takes it back, ? lists all keys." in "\n".join(shown(app))
        await press(pilot, "f9")
        assert "nothing left to undo: f9 takes back" in "\n".join(shown(app))
        await press(pilot, "f8")
        assert "f8: without your own vote" in "\n".join(shown(app))
        await press(pilot, "escape", "b", "exclamation_mark")
        await press(pilot, "escape", "escape", "f1")
        help_text = "\n".join(text_of(line) for line in app.screen.query_one("#help-lines").lines)
        assert "f9 takes it back" in " ".join(help_text.split())


@pytest.mark.parametrize(
    "source", sorted(Path(vra_tui.tui.__file__).parent.glob("room/*.py")), ids=lambda path: path.stem
)
def test_no_message_of_the_room_has_a_key_in_its_words(source):
    """`X stops it` would decide in the preset `accept`, where X means garbage with a note."""
    said = re.compile(r"""["' ]([A-Za-z?/!]|Esc|F\d) (takes|shows|scores|stops|again|lists|brings|opens)\b""")
    assert not [line for line in source.read_text().splitlines() if said.search(line) and '"""' not in line]
