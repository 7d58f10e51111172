"""What a source's `keep` does not want stays out of the store, is counted, and may come in later."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.factories import Clock
from tests.pipeline.test_watch import NOTHING, Run, Script
from tests.sources.wires.test_kafka import opened
from tests.surveys.lsst import made as lsst
from vra_tui.pipeline.ingest import ingest
from vra_tui.pipeline.pull import pull, pull_objects
from vra_tui.pipeline.sources import real_edges
from vra_tui.sources.wires.base import Answered, Delivery, Keep, SourceError, SourceSettings, Tools, Wire
from vra_tui.sources.wires.budget import unlimited
from vra_tui.store import Store
from vra_tui.store.intake import is_seen
from vra_tui.surveys.base import Packet


def packet(number: int, score: float | None, detections: int = 1, told: int | None = None) -> Packet:
    """A packet of LSST with so many detections, of an object of which it says that it has ``told``."""
    name = lsst.OBJECT + number
    rows = [
        lsst.source(night, diaObjectId=name, diaSourceId=lsst.SOURCE - 10 * number - night, reliability=score)
        for night in range(detections)
    ]
    body = {"diaObjectId": name, "ra": 10.0 + number, "dec": -30.0, "nDiaSources": told}
    value = lsst.packet_value(diaSource=rows[0], prvDiaSources=rows[1:], diaObject=body)
    return Packet("rubin", f"t@{number}", value, "avro", digest=bytes([number, detections] * 8))


def kept(store: Store) -> set[int]:
    return {int(row[0]) - lsst.OBJECT for row in store.execute("SELECT object_id FROM objects")}


def test_below_the_score_or_with_too_few_detections_it_stays_out_and_is_counted(store: Store, clock: Clock):
    coming = [packet(0, 0.9, 3), packet(1, 0.2, 3), packet(2, 0.9, 1), packet(3, 0.5, 2)]
    intake = ingest(store, coming, clock=clock, keep=Keep(score=0.5, detections=2))
    assert kept(store) == {0, 3}
    assert (intake.new, intake.left_out, intake.refused) == (2, 2, 0)
    assert intake.by_survey["lsst"].left_out == 2


def test_what_a_packet_does_not_say_is_no_reason_to_leave_it_out(store: Store, clock: Clock):
    """A short packet may tell of more detections than it brings."""
    ingest(store, [packet(0, None), packet(1, 0.9, 1, told=5)], clock=clock, keep=Keep(score=0.5))
    ingest(store, [packet(2, None, 1, told=5)], clock=clock, keep=Keep(score=0.5, detections=4))
    assert kept(store) == {0, 1, 2}


def test_an_object_that_the_store_holds_is_followed_though_its_score_sinks(store: Store, clock: Clock):
    keep = Keep(score=0.5)
    ingest(store, [packet(0, 0.9)], clock=clock, keep=keep)
    intake = ingest(store, [packet(0, 0.1, 2)], clock=clock, keep=keep)
    assert (intake.extended, intake.left_out) == (1, 0)


def test_what_was_left_out_comes_in_once_it_is_wanted(store: Store, clock: Clock):
    coming = [packet(0, 0.2)]
    ingest(store, coming, clock=clock, keep=Keep(score=0.5))
    assert not is_seen(store, coming[0].digest)
    assert ingest(store, coming, clock=clock, keep=Keep(score=0.1)).new == 1


class Server(Wire):
    """A server that holds one object of a low score."""

    kind = "server"

    def __init__(self) -> None:
        tools = Tools(real_edges(), lambda word: None, lambda limit: unlimited())
        super().__init__(SourceSettings("s", self.kind, {"keep": {"score": 0.5}}), tools)

    def check(self) -> Answered:
        return Answered("answers")

    def query(self, positions: Mapping[str, str]) -> Iterator[Delivery]:
        yield Delivery([packet(0, 0.2)], {"t": "1"})

    def object(self, object_id: str) -> Iterator[Packet]:
        yield packet(0, 0.2)


def test_it_holds_for_what_comes_by_itself_not_for_what_is_asked_for_by_name(store: Store, clock: Clock):
    assert pull(store, Server(), clock=clock).intake.left_out == 1
    assert pull_objects(store, Server(), ["0"], clock=clock).intake.new == 1


def test_the_line_of_a_watch_counts_what_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Script, "keep", Keep(score=0.5))
    coming = [packet(0, 0.9), packet(1, 0.2), packet(2, 0.1)]
    run = Run(tmp_path, a=[Delivery(coming, {"t[0]": "3"}), NOTHING])
    run.watch.run()
    assert "a up, 3 in, 2 not kept" in run.lines[-1]
    assert kept(run.store) == {0}


@pytest.mark.parametrize(
    ("keep", "why"),
    [
        ({"scor": 0.5}, "there is no option `keep.scor`"),
        ({"score": "high"}, "`keep.score`: "),
        ({"detections": 0}, "`keep.detections`: "),
        (0.5, "`keep`: "),
    ],
)
def test_a_keep_that_means_nothing_is_named(keep: Any, why: str):
    with pytest.raises(SourceError, match=why):
        opened("nowhere:1", "lasair_2none", keep=keep)
