"""Targets that behave badly, and senders that are killed: what a run of the outbox has to live with.

The servers run in this process; what sends are processes of their own, which a server kills (-9) before or
after it did what it was asked. Time is made: each round of senders begins hours after the one before.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.harness.atlas_server import AtlasServer
from tests.harness.lasair_server import LasairServer
from tests.harness.server import Call, Reply, Served, serving
from tests.harness.tns_server import KEY, TnsServer
from vra_tui.store import Store, outbox
from vra_tui.store.connection import open_store
from vra_tui.store.outbox import Draft, Item, State

#: Seconds between two rounds: no rest of an item is longer.
_HOURS = 7 * 3_600.0
_BEGIN = 1.8e9
#: Seconds that a sender waits for an answer here; a slow one takes longer.
PATIENCE = 0.4
_TOKEN_GONE = Reply(b'{"detail": "Token has expired."}', 401)
_TOO_MANY = Reply(b'{"detail": "Request was throttled."}', 429, {"retry-after": "1800"})
#: Faults by how often each comes; those of `_AFTER` come once the server did what it was asked.
_FAULTS = {
    "accepted, then lost": 4, "504 after success": 4, "504, nothing done": 3, "429": 1, "401": 1,
    "slow, done": 2, "truncated, done": 3, "a page instead of JSON": 2, "hung up, nothing done": 3,
    "killed before": 2, "killed after": 4,
}  # fmt: skip


@dataclass
class Unruly:
    """A server in front of another, which does ``share`` of the calls badly until ``most`` faults came."""

    server: Any
    chance: random.Random
    faults: Counter[str]
    pids: list[int]
    most: int
    share: float = 0.6
    at_once: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> Reply:
        with self.at_once:
            if self.faults.total() >= self.most or self.chance.random() > self.share:
                return self._done(call)
            fault = self.chance.choices(list(_FAULTS), list(_FAULTS.values()))[0]
            if fault.startswith("killed") and not self._living():
                return self._done(call)
            self.faults[fault] += 1
            if fault == "killed before":
                self._kill()
                return Reply(b"", 500, cut=0)
            is_done = fault in ("accepted, then lost", "504 after success", "slow, done", "truncated, done")
            reply = self._done(call) if is_done or fault == "killed after" else Reply()
            if fault == "killed after":
                self._kill()
        return {
            "accepted, then lost": Reply(reply.content, cut=0),
            "504 after success": Reply(b"<h1>504 Gateway Time-out</h1>", 504),
            "504, nothing done": Reply(b"<h1>504 Gateway Time-out</h1>", 504),
            "429": _TOO_MANY,
            "401": _TOKEN_GONE,
            "slow, done": Reply(reply.content, pause=PATIENCE * 1.5),
            "truncated, done": Reply(reply.content[: len(reply.content) // 2]),
            "a page instead of JSON": Reply(b"<html>We are down for maintenance</html>"),
            "hung up, nothing done": Reply(b"", cut=0, status=200, headers={"x": "y"}),
            "killed after": Reply(reply.content, cut=0),
        }[fault]

    def _done(self, call: Call) -> Reply:
        reply: Reply = self.server(call)
        return reply

    def _living(self) -> list[int]:
        return [pid for pid in self.pids if Path(f"/proc/{pid}").exists()]

    def _kill(self) -> None:
        os.kill(self.chance.choice(self._living()), signal.SIGKILL)


@dataclass
class Outcome:
    """What came of all items: by kind how many are in each state, and what is wrong.

    ``doubled``: effects that a target has more than once; ``lost``: accepted by the word of the store alone,
    or of the target alone; ``silent``: items that stand without a reason.
    """

    faults: Counter[str]
    kinds: dict[str, Counter[str]]
    rounds: int
    asked: int
    most_calls_an_hour: int
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether everything was accepted exactly once, or stands there with its reason."""
        return not (self.doubled or self.lost or self.silent)


def run_faults(folder: Path, faults: int, seed: int, at_once: int = 2) -> Outcome:
    """Send items through so many faults and kills, ``at_once`` senders on one store; then let all be well."""
    chance = random.Random(seed)
    atlas, lasair, tns = AtlasServer(), LasairServer(), TnsServer()
    path, counted, pids = folder / "vra.db", Counter[str](), list[int]()
    made = 0
    with (
        closing(open_store(path)) as store,
        _served(atlas, chance, counted, pids, faults) as night,
        _served(lasair, chance, counted, pids, faults) as day,
        _served(tns, chance, counted, pids, faults) as sky,
    ):
        calls = 0
        rounds = most_calls = 0
        while counted.total() < faults or _is_open(store):
            if counted.total() < faults and len(outbox.items(store, states=outbox.OPEN)) < 40:
                made += _put(store, atlas, made, 12, rounds)
            _one_round(path, (night.url, day.url, sky.url), rounds, seed, at_once, pids)
            most_calls = max(most_calls, len(night.calls) - calls)
            calls, rounds = len(night.calls), rounds + 1
            if rounds > 40 * faults + 200:
                raise AssertionError("it does not come to an end")
        return _judged(store, atlas, lasair, tns, counted, rounds, most_calls)


@contextmanager
def _served(
    server: Any, chance: random.Random, counted: Counter[str], pids: list[int], faults: int
) -> Iterator[Served]:
    with serving(Unruly(server, chance, counted, pids, faults)) as served:
        yield served


def _is_open(store: Store) -> bool:
    return bool(outbox.items(store, states=[State.APPROVED, State.SENDING], limit=1))


def _put(store: Store, atlas: AtlasServer, first: int, count: int, rounds: int) -> int:
    """More items of each kind, approved; every tenth about an object that the server does not know."""
    drafts = []
    for number in range(first, first + count):
        object_id = atlas.add(number)
        if number % 10 == 9:
            del atlas.objects[object_id]
        drafts += [
            Draft("atlas.list", "night", "move", {"object_id": object_id, "list": "possible"}, object_id),
            Draft(
                "atlas.scores", "night", "scores",
                {"object_id": object_id, "preal": 0.9, "pgal": 0.1, "pfast": None, "rank": 9.0,
                 "is_gal_cand": 0, "at": "2026-11-28T03:04:05"}, object_id,
            ),
            Draft(
                "lasair.annotation", "day", "annotation",
                {"object_id": object_id, "topic": "theirs" if number % 10 == 9 else "our_vra",
                 "version": "1", "classification": "bogus", "explanation": "it's", "classdict": {"rank": 1.0},
                 "url": ""}, object_id,
            ),
            Draft(
                "tns.report", "sky", "report",
                {"server": "sandbox", "survey": "atlas", "object_id": object_id, "internal_name": object_id,
                 "at_report": {"0": {"internal_name": object_id, "photometry":
                    {"0": {"flux_unitid": "9" if number % 10 == 9 else "1"}}}}}, object_id,
            ),
        ]  # fmt: skip
    now = datetime.fromtimestamp(_BEGIN + rounds * _HOURS, UTC)
    outbox.put(store, drafts, by="ana", now=now, is_approved=True)
    return count


def _one_round(
    path: Path, urls: Sequence[str], number: int, seed: int, at_once: int, pids: list[int]
) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(path), *urls, str(_BEGIN + number * _HOURS), str(seed)],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(at_once)
    ]
    pids[:] = [one.pid for one in running]
    codes = [one.wait() for one in running]
    assert set(codes) <= {0, -signal.SIGKILL}, codes


def _judged(
    store: Store,
    atlas: AtlasServer,
    lasair: LasairServer,
    tns: TnsServer,
    faults: Counter[str],
    rounds: int,
    most_calls: int,
) -> Outcome:
    effects = {
        "atlas.list": Counter(one for one, _ in atlas.moves),
        "atlas.scores": Counter(str(row["transient_object_id"]) for row in atlas.scores),
        "lasair.annotation": Counter(row["objectId"] for row in lasair.written),
        "tns.report": Counter(tns.taken),
    }
    came = Outcome(faults, {kind: Counter() for kind in effects}, rounds, 0, most_calls)
    for one in outbox.items(store):
        came.kinds[one.kind][str(one.state)] += 1
        events = outbox.item(store, one.item_id).history
        came.asked += sum(event.answer == "asking whether it arrived" for event in events)
        _judge(came, one, effects[one.kind][str(one.content["object_id"])])
    return came


def _judge(came: Outcome, one: Item, times: int) -> None:
    told = f"{one.kind} {one.content['object_id']}: {times} times, {one.state} ({one.answer})"
    if times > 1:
        came.doubled.append(told)
    if (one.state is State.ACCEPTED) != (times >= 1):
        came.lost.append(told)
    if one.state is not State.ACCEPTED and not one.answer:
        came.silent.append(told)


def _send(path: str, night: str, day: str, sky: str, begin: str, seed: str) -> None:
    """One sender: sends what is due, as `vra outbox send` does, at a made time and with little patience."""
    from vra_tui.config.alert_sources import AlertSource
    from vra_tui.config.reading import Config
    from vra_tui.pipeline.outbox.running import opener_of
    from vra_tui.pipeline.outbox.sending import send_due
    from vra_tui.pipeline.sources import Keys
    from vra_tui.sources.wires import atlas_sending, lasair_sending
    from vra_tui.sources.wires.base import Edges
    from vra_tui.sources.wires.http import Limits

    for module in (atlas_sending, lasair_sending):
        module._LIMITS = Limits(read=PATIENCE, whole=2.0)
    now = [float(begin)]

    def wait(seconds: float) -> None:
        now[0] += seconds

    options: Mapping[str, Mapping[str, object]] = {
        "night": {"url": f"{night}sne/atlas4/api/"}, "day": {"url": f"{day}api/"},
        "sky": {"url": sky, "bot_id": 7, "bot_name": "vra", "sandbox": True},
    }  # fmt: skip
    kinds = {"night": "atlas", "day": "lasair", "sky": "tns"}
    sources = {name: AlertSource(name, kinds[name], "", options[name]) for name in kinds}
    secrets = {
        "VRA_SOURCE_NIGHT_TOKEN": AtlasServer.token, "VRA_SOURCE_DAY_TOKEN": LasairServer.token,
        "VRA_SOURCE_SKY_API_KEY": KEY,
    }  # fmt: skip
    edges = Edges(lambda: now[0], wait, random.Random(seed).random)
    config = Config(Path("config.toml"), {}, {}, alert_sources=sources)
    keys = Keys(secrets, Path("/nonexistent"))
    with closing(open_store(Path(path), create=False)) as store:
        send_due(
            store,
            opener_of(store, config, edges=edges, keys=keys),
            edges=edges,
            clock=lambda: datetime.fromtimestamp(now[0], UTC),
        )


def main(arguments: Sequence[str]) -> None:
    """Run as a sender."""
    _send(*arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
