"""A clock that jumps back changes neither the order of decisions nor what an undo takes back."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta

from vra_tui.store.connection import open_store
from vra_tui.store.decisions import Author, OnScreen, history, latest_by
from vra_tui.tui.writer import StoreWriter

#: Forwards, back by a year, back to before all of it, forwards again.
JUMPS = [timedelta(seconds=1), timedelta(days=-365), timedelta(days=-20_000), timedelta(days=1)]


def test_decisions_stand_in_the_order_in_which_they_were_taken(store_path):
    moments = iter([datetime(2026, 11, 22, 3, tzinfo=UTC) + jump for jump in JUMPS for _ in range(3)])
    lists = ["good", "garbage", "attic", "pm"]
    with closing(open_store(store_path)) as store:
        wanted = store.execute("SELECT min(alert_id) FROM alerts").fetchone()[0]

        async def scan():
            # A program of its own for each, as after a restart.
            for name in lists:
                writer = StoreWriter(store_path, Author("amy", "here"), lambda: next(moments))
                await writer.decide([(wanted, OnScreen())], name)
                writer.close()
                place = store.execute("SELECT list FROM standing WHERE alert_id = ?", (wanted,)).fetchone()
                assert place["list"] == name
            for name in reversed(lists):
                writer = StoreWriter(store_path, Author("amy", "here"), lambda: next(moments))
                (latest,) = latest_by(store, "amy", 1)
                assert latest.list == name
                await writer.undo([latest.decision_id])
                writer.close()

        asyncio.run(scan())
        taken = [one.list for one in history(store, wanted)]
        assert taken == [*lists, None, None, None, None]
        assert latest_by(store, "amy", 1) == []
        assert store.execute("SELECT is_undecided FROM standing WHERE alert_id = ?", (wanted,)).fetchone()[0]
