"""A key that finds nothing to do says so: silence would look like a key that was lost."""

import pytest

from tests.tui.conftest import press, scanning, shown


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("<", "There are no stamps of this alert."),
        (">", "There are no stamps of this alert."),
        ("+", "There are no stamps of this alert."),
        ("B", "There are no stamps of this alert."),
        ("{", "This is the top of the context."),
        ("x", "MJD."),
    ],
)
async def test_it_is_told_in_the_foot(store_path, key, said):
    async with scanning(store_path, size=(120, 40)) as (app, pilot):
        await press(pilot, key)
        if key == "x" and said not in "\n".join(shown(app)):
            await press(pilot, key)
        assert said in "\n".join(shown(app)[-3:])


async def test_on_in_the_context_says_where_it_ends(store_path):
    async with scanning(store_path, size=(120, 40)) as (app, pilot):
        for _ in range(20):
            await press(pilot, "}")
        assert "This is the end of the context." in "\n".join(shown(app)[-3:])
