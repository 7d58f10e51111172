"""The outbox beside a watch: score, annotate, send; what goes wrong is said once."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import Clock, api_object, ingest_objects, score_all
from tests.harness.atlas_server import TOKEN, AtlasServer
from tests.harness.server import serving
from vra_tui.config.reading import load_config
from vra_tui.pipeline.outbox.drafting import Rules
from vra_tui.pipeline.outbox.running import Outgoing, opener_of
from vra_tui.pipeline.sources import Keys, real_edges
from vra_tui.store import Store, outbox
from vra_tui.store.connection import transaction
from vra_tui.store.following import calls_of, note_call
from vra_tui.store.outbox import State

CONFIG = """
[source.night]
kind = "atlas"
url = "{url}sne/atlas4/api/"
account = "ours"
[outbox.rule.ranks]
makes = "atlas.rank"
target = "night"
approve = true
"""


@pytest.fixture
def server() -> AtlasServer:
    return AtlasServer()


def outgoing(
    store_path: Path, folder: Path, url: str, clock: Clock, said: list[str], token: str = TOKEN
) -> Outgoing:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(url=url))
    config, stop = load_config(path), threading.Event()
    edges = real_edges(stop)
    keys = Keys({"VRA_SOURCE_NIGHT_TOKEN": token}, folder / "none")
    return Outgoing(
        store_path,
        Rules.of(config),
        lambda store: opener_of(store, config, edges=edges, keys=keys),
        edges=edges,
        stop=stop,
        clock=clock,
        say=said.append,
        every=0.01,
    )


def scored(store: Store, server: AtlasServer, clock: Clock) -> None:
    server.add(0)
    ingest_objects(store, [api_object(0)], clock)
    score_all(store, clock)
    clock.now += timedelta(hours=1)


def test_what_is_scored_is_sent_by_a_rule_that_says_so(
    store: Store, store_path: Path, tmp_path: Path, server: AtlasServer, clock: Clock
):
    said: list[str] = []
    with serving(server) as served:
        run = outgoing(store_path, tmp_path, served.url, clock, said)
        run.once()
        scored(store, server, clock)
        run.once()
        run.once()
    assert len(server.ranks) == 1
    assert [one.state for one in outbox.items(store)] == [State.ACCEPTED]
    assert len(said) == 1
    assert "outbox: 1 accepted" in said[0]
    (row,) = server.ranks.values()
    assert row["rank"] == pytest.approx(9.0, abs=0.01)


def test_a_target_that_does_not_know_us_is_told_of_once(
    store: Store, store_path: Path, tmp_path: Path, server: AtlasServer, clock: Clock
):
    said: list[str] = []
    with serving(server) as served:
        run = outgoing(store_path, tmp_path, served.url, clock, said, token="0ld")
        run.once()
        scored(store, server, clock)
        for _ in range(3):
            run.once()
            clock.now += timedelta(hours=1)
    assert [one for one in said if "nothing sent to night" in one] == said[:1]
    assert "0ld" not in said[0]
    assert [one.state for one in outbox.items(store)] == [State.APPROVED]


def test_reading_keeps_a_part_of_the_accounts_hour(
    store: Store, store_path: Path, tmp_path: Path, server: AtlasServer, clock: Clock
):
    said: list[str] = []
    with serving(server) as served:
        run = outgoing(store_path, tmp_path, served.url, clock, said)
        run.once()
        scored(store, server, clock)
        now = real_edges().now()
        for _ in range(75):
            note_call(store, "ours", now)
        run.once()
        assert served.calls == []
    assert "used up" in said[0]
    assert len(calls_of(store, "ours", now)) == 75
    (item,) = outbox.items(store)
    assert item.state is State.APPROVED


def test_the_thread_drafts_sends_and_ends_when_it_is_told_to(
    store: Store, store_path: Path, tmp_path: Path, server: AtlasServer, clock: Clock
):
    came = threading.Event()
    said: list[str] = []
    with serving(server) as served:
        run = outgoing(store_path, tmp_path, served.url, clock, said)
        run.once()
        scored(store, server, clock)
        run._say = lambda line: (said.append(line), came.set())[0]
        run.start()
        assert came.wait(30)
        run._stop_asked.set()
        run.join(30)
    assert not run.is_alive()
    assert len(server.ranks) == 1
    with transaction(store):
        pass  # it holds no lock
