"""The process that scores: what it does with its orders."""

from pathlib import Path
from typing import Any

import pytest

from tests.factories import Clock, api_object, ingest_objects
from vra_tui.pipeline.score_store import StoreScorer
from vra_tui.pipeline.scoring_rounds import ScoringRounds
from vra_tui.pipeline.scoring_worker import Orders, serve
from vra_tui.scoring.model.judges import Judges
from vra_tui.scoring.model.library import load_in_use
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.transaction import transaction
from vra_tui.store.turns import Turn


def test_an_order_to_finish_stands_until_the_store_that_was_locked_can_be_written(
    store: Store, store_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vra_tui.store.sqlite_file.BUSY_TIMEOUT", 0.05)
    ingest_objects(store, [api_object(0)], clock)
    locking = open_store(store_path)
    held = transaction(locking)
    held.__enter__()
    told: list[dict[str, Any]] = []

    def tell(**words: Any) -> None:
        told.append(words)
        if "fault" in words and len(told) == 1:
            held.__exit__(None, None, None)

    orders = Orders(['{"finish": true}\n'], lambda: None)
    orders.stop.wait(300)  # the end of the lines; nobody asks this one to end at once
    orders.stop.clear()
    own = open_store(store_path)
    own.execute("PRAGMA busy_timeout = 50")
    serve(
        own,
        ScoringRounds(StoreScorer(Judges.alone(load_in_use()[0]), clock)),
        orders,
        tell,
        Turn(store_path, "scoring"),
    )
    own.close()
    locking.close()
    assert "not scored yet" in told[0]["fault"]
    assert sum(words.get("scored", 0) for words in told) == 1


def test_one_whose_parent_hung_up_without_a_word_ends():
    ended: list[str] = []
    orders = Orders(['{"came": 1}\n'], lambda: ended.append("hung up"))
    assert orders.stop.wait(300)
    assert ended == ["hung up"]
    assert orders.all_new(0.1) == [{"came": 1}]
