"""Keys and arriving alerts in any order: no decision lands on an alert that was not on the screen.

The test looks at the screen as a scanner does: it reads the line under the cursor before each key, and
afterwards compares what the store holds with what it read.
"""

import shutil
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events

from tests.factories import FIRST_ID, Clock, api_object, ingest_objects, score_all
from tests.tui.conftest import look, name_on_screen, press, scanning, until, until_placed, until_shown
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store.connection import open_store
from vra_tui.store.decisions import Author, decide
from vra_tui.store.viewing import tell_viewing
from vra_tui.tui.meant_alert import MeantAlert

pytestmark = pytest.mark.slow


BEN = Author("ben", "elsewhere")

KEYS = {decision.key: decision.list.value for decision in DECISIONS.values()}

#: The keys that open another view, and back; sizes with and without a headline beside the list.
VIEWS = ["Z", "N", "M", "enter"]
SIZES = [(20, 6), (44, 12), (60, 20), (100, 20), (120, 40), (200, 60)]

happenings = st.one_of(
    st.tuples(st.just("decide"), st.sampled_from(sorted(KEYS))),
    st.tuples(st.just("twice"), st.sampled_from(sorted(KEYS))),
    st.tuples(st.just("move"), st.sampled_from(["j", "k", "j", "tab", "end", "home", "pagedown"])),
    st.tuples(st.just("arrive"), st.floats(0.2, 0.999)),
    st.tuples(st.just("other scanner"), st.tuples(st.integers(0, 29), st.sampled_from(["attic", "eyeball"]))),
    st.tuples(st.just("other screen"), st.integers(0, 29)),
    st.tuples(st.just("undo"), st.just("u")),
    st.tuples(st.just("refresh"), st.just("r")),
    st.tuples(st.just("sort"), st.sampled_from(["o", "backslash"])),
    st.tuples(st.just("view"), st.sampled_from(VIEWS)),
    st.tuples(st.just("resize"), st.sampled_from(SIZES)),
    st.tuples(st.just("at once"), st.lists(st.sampled_from(["j", "k", *VIEWS]), min_size=2, max_size=6)),
)


class Others:
    """Other programs on the same store: new alerts, and another scanner."""

    def __init__(self, path: Any) -> None:
        self.store = open_store(path)
        self.clock = Clock(datetime(2027, 1, 1, tzinfo=UTC))
        self.number = 500

    def arrive(self, preal: float) -> None:
        self.number += 1
        ingest_objects(self.store, [api_object(self.number)], self.clock)
        score_all(self.store, self.clock, preal=lambda table: np.full(len(table), preal), pgal=0.05)

    def decide(self, number: int, list_name: str) -> None:
        with self.store:
            decide(self.store, FIRST_ID + number, list_name, BEN, self.clock())

    def look_at(self, number: int) -> None:
        tell_viewing(self.store, "another", BEN, FIRST_ID + number, datetime.now(UTC))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(happenings, min_size=4, max_size=14))
async def test_a_decision_lands_on_the_alert_that_was_read_under_the_cursor(
    template_store, tmp_path_factory, steps
):
    path = tmp_path_factory.mktemp("interleaved") / "screen.db"
    shutil.copy(template_store, path)
    others = Others(path)
    expected: list[tuple[str, str]] = []
    async with scanning(path, size=(100, 20)) as (app, pilot):
        for kind, value in steps:
            await until_placed(app)
            read = name_on_screen(app)
            assert read is not None, (kind, value)
            if kind == "decide":
                await press(pilot, value)
                expected.append((read, KEYS[value]))
            elif kind == "twice":
                # Both pressed while this alert is on the screen: the second waits, and means it too.
                for _ in range(2):
                    app.post_message(events.Key(value, value))
                await press(pilot, "escape")
                expected.append((read, KEYS[value]))
            elif kind == "arrive":
                others.arrive(value)
                await look(pilot)
                assert name_on_screen(app) == read
            elif kind == "other scanner":
                others.decide(*value)
                await look(pilot)
                assert name_on_screen(app) == read
            elif kind == "other screen":
                others.look_at(value)
                await look(pilot)
                assert name_on_screen(app) == read
            elif kind == "resize":
                await pilot.resize_terminal(*value)
                await until_placed(app)
                assert name_on_screen(app) == read
            elif kind == "view":
                await press(pilot, value)
                await until_placed(app)
                assert name_on_screen(app) == read
            elif kind == "at once":
                for key in value:
                    app.post_message(events.Key(key, key if len(key) == 1 else None))
                await press(pilot, "f")
            else:
                await press(pilot, value)
    kept = others.store.execute(
        """SELECT substr(name, 6), list FROM decisions JOIN alerts USING (alert_id)
        WHERE list IS NOT NULL AND scanner = 'amy' ORDER BY sequence"""
    ).fetchall()
    others.store.close()
    assert [tuple(row) for row in kept] == expected


async def test_new_alerts_appear_without_a_key(store_path):
    others = Others(store_path)
    async with scanning(store_path) as (app, _):
        others.arrive(0.999)
        await until(app, lambda: len(app.session.order) == 31, "the new alert did not come")
        await until_shown(app, "0 eye 31 +1")
    others.store.close()


def test_what_the_glance_knows_is_bounded():
    meant = MeantAlert()
    for number in range(1_000):
        meant.leapt(number, number + 1)
        meant.drawn(number + 1, float(number))
    assert meant.meant(1_000, 999.5) == 1_000
