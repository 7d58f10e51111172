"""Reading topics without losing a message: the newest first, a backlog chunk by chunk behind them.

Two consumers. One reads the end of each partition, and what comes. Where more waits than `AT_MOST`, it begins
so many messages before the end; the other then reads what lies before, backwards in chunks of that size, each
chunk in order. Neither reads further ahead than the client's bounded queue, and nothing is kept on disk: what
was taken in stands in the store as ranges of offsets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import Delivery, Edges, WireFault
from vra_tui.sources.wires.kafka_client import Broker, Event
from vra_tui.sources.wires.messages import Messages
from vra_tui.sources.wires.offsets import Done, Range, plan
from vra_tui.surveys.base import Packet

if TYPE_CHECKING:
    from confluent_kafka import Message

    from vra_tui.sources.wires.kafka import KafkaOptions

#: A chunk of the backlog, and what the end of a partition may be behind before it begins anew at its newest.
AT_MOST = 2_000
_FAR_BEHIND = 10 * AT_MOST
#: A delivery is at most so many messages, and no longer than so many bytes by more than a message or two:
#: unpacked, one with a long history is seven times as large.
_DELIVERED, _AT_ONCE = 500, 100
_DELIVERED_BYTES = 8 << 20
#: The size of messages as long as none has come, bytes: of a survey's packet with a long history.
_PRESUMED = 256 << 10
#: How long one read waits for messages, seconds: with nothing else to do, and with a backlog.
_PATIENCE, _HASTE = 0.25, 0.02
#: How often it is said that nothing came, seconds; and how often new partitions are looked for.
_QUIET, _LOOKS = 1.0, 60.0
#: So long the newest messages are waited for before older ones are read, seconds: the broker that leads their
#: partition may be away.
_HEAD_START = 10.0
#: Who joins a group is given partitions within so many seconds, or something is wrong.
_JOINS_WITHIN = 90.0

Place = tuple[str, int]


@dataclass
class _Partition:
    """A partition that this process reads: what was taken in, where its end is read, where it ended last.

    ``newest``: where it ended when reading of its end began; nothing older is read before that is reached.
    """

    done: Done
    low: int
    at: int
    end: int
    newest: int

    @property
    def backlog(self) -> int:
        """How many messages wait before the place where the end is read."""
        return sum(high - low for low, high in self.done.gaps(self.low, self.at))

    @property
    def behind(self) -> int:
        """How many messages wait."""
        return self.backlog + max(0, self.end - self.at)


@dataclass
class _Chunk:
    """A part of the backlog that is being read: up to ``end``, the next message ``at``."""

    place: Place
    at: int
    end: int


class Reader:
    """Reads the topics of a source. ``positions`` are those that the store holds now, by `topic[number]`."""

    def __init__(
        self,
        name: str,
        options: "KafkaOptions",
        client: Mapping[str, Any],
        messages: Messages,
        positions: Mapping[str, str],
        edges: Edges,
    ) -> None:
        self._name, self._options, self._messages, self._edges = name, options, messages, edges
        self._positions = positions
        self._client = client
        self._newest = self._broker(options.group)
        self._older: Broker | None = None
        self._partitions: dict[Place, _Partition] = {}
        self._chunk: _Chunk | None = None
        self._untold: list[Refusal] = []
        self._committed: dict[Place, int] = {}
        self._is_given = False
        self._size_of_one = _PRESUMED
        self._began = self._looked = self._told = self._began_at_end = edges.now()

    def deliveries(self) -> Iterator[Delivery]:
        """What the topics hold and what comes, for ever; see `Wire.follow`. Raises WireFault, Stopped."""
        self._begin()
        while True:
            self._edges.wait(0.0)
            newest = self._read(self._newest, _HASTE if self._is_owing else _PATIENCE, _DELIVERED)
            if newest or self._untold:
                yield self._delivery(newest)
                self._keep_near_the_end()
            if len(newest) < _DELIVERED and self._is_owing and (older := self._read_older()):
                yield self._delivery(older)
            self._commit()
            self._look_after_silence()
            if not newest and self._is_at_the_end and self._is_time("_told", _QUIET):
                yield Delivery([], behind=0)

    def close(self) -> None:
        """Leave the group and let go of the connections."""
        for broker in (self._newest, self._older):
            if broker is not None:
                broker.close()

    def _broker(self, group: str | None = None) -> Broker:
        options = self._options
        return Broker(self._name, options.brokers, self._client, options.timeout, group)

    def _begin(self) -> None:
        """Ask for the topics; then join the group, or read all their partitions."""
        partitions = self._newest.partitions(self._options.topic)
        is_pattern = any(topic.startswith("^") for topic in self._options.topic)
        if not partitions and not is_pattern:
            topics = ", ".join(self._options.topic)
            raise WireFault(f"`{self._name}`: {self._options.brokers} has no topic {topics}.")
        if self._options.group is not None:
            self._newest.join(self._options.topic, self._given, self._taken)
        else:
            self._newest.read_from(self._given(partitions))

    # --- partitions that come and go ---

    def _given(self, places: Sequence[Place]) -> dict[Place, int]:
        """Take over partitions from where the store stands; the offsets from which their ends are read."""
        starts = {}
        for place in places:
            self._partitions[place] = self._planned(place, self._stored(place))
            starts[place] = self._partitions[place].at
        self._is_given = True
        self._newest.silence = 0.0
        return starts

    def _taken(self, places: Sequence[Place]) -> None:
        for place in places:
            self._partitions.pop(place, None)
            self._committed.pop(place, None)
            if self._chunk is not None and self._chunk.place == place:
                self._chunk = None

    def _stored(self, place: Place) -> Done | None:
        """What was taken in: as the store says; of a partition that is new to it, as the group says.

        Where processes of the group have a store each, what any of them took in is taken in.
        """
        done = None
        if (told := self._positions.get(part_of(place))) is not None:
            try:
                done = Done.parse(told)
            except ValueError:
                # Reading it anew costs time, and loses nothing.
                return None
        is_asked = done is None or self._options.positions == "group"
        if self._options.group is None or not is_asked:
            return done
        committed = self._newest.committed(place)
        return done if committed is None else (done or Done()).with_range(0, committed)

    def _planned(self, place: Place, done: Done | None) -> _Partition:
        low, high = self._newest.bounds(place)
        planned = plan(done, low, high, AT_MOST, self._options.start == "latest")
        if planned.is_anew:
            self._tell(place, high, f"the topic ends at {high}, before the place up to which it was read: it "
                       "was made anew, and is read from its beginning")  # fmt: skip
        if planned.expired:
            self._tell_expired(place, low, planned.expired)
        self._began_at_end = self._edges.now()
        return _Partition(planned.done, low, planned.at, high, high)

    def _tell(self, place: Place, offset: int, reason: str) -> None:
        self._untold.append(Refusal(self._name, f"{part_of(place)}@{offset}", reason))

    def _tell_expired(self, place: Place, low: int, count: int) -> None:
        self._tell(place, low, f"{count:,} messages were deleted by the broker before they were read")

    # --- reading ---

    def _read(self, broker: Broker, seconds: float, most: int) -> "list[Message]":
        """Messages of partitions that are ours, in order; fewer than ``most`` where no more are there."""
        found: list[Message] = []
        size = 0
        while len(found) < most and size < _DELIVERED_BYTES:
            # As many as there is room for, were they like those that came last.
            room = (_DELIVERED_BYTES - size) // self._size_of_one
            asked = min(_AT_ONCE, most - len(found), max(1, room))
            messages, events = broker.messages(asked, _HASTE if found else seconds)
            self._note(broker, events)
            if messages:
                length = sum(len(message.value() or b"") for message in messages)
                self._size_of_one = max(1, length // len(messages))
                size += length
                found += messages
            if len(messages) < asked:
                break
        return found

    def _note(self, broker: Broker, events: Sequence[Event]) -> None:
        for what, place, offset in events:
            partition = self._partitions.get(place)
            if partition is None:
                continue
            if broker is self._older:
                # What the client does not show (marks of transactions) lies before the end of the chunk.
                if self._chunk is not None and self._chunk.place == place:
                    if what == "end":
                        self._advance_older(offset)
                    else:
                        self._chunk = None
                        self._expire(place, partition)
            elif what == "end":
                partition.done = partition.done.with_range(partition.at, offset)
                partition.at = partition.end = max(partition.at, offset)
            else:
                self._partitions[place] = self._planned(place, partition.done)
                if not self._newest.seek(place, self._partitions[place].at):
                    raise WireFault(f"`{self._name}`: {part_of(place)} no longer begins where it did.")

    def _expire(self, place: Place, partition: _Partition) -> None:
        """The broker deleted messages before they were read: tell it, and go on behind them."""
        low, _ = self._newest.bounds(place)
        if expired := sum(end - begin for begin, end in partition.done.gaps(0, low)):
            self._tell_expired(place, low, expired)
        partition.low, partition.done = low, partition.done.with_range(0, low)

    def _next_gap(self) -> tuple[Place, Range] | None:
        """The newest part of the backlog that is to be read, partition by partition in turn."""
        if self._chunk is not None:
            return self._chunk.place, (self._chunk.at, self._chunk.end)
        waiting = [
            (partition.backlog, place) for place, partition in self._partitions.items() if partition.backlog
        ]
        if not waiting:
            return None
        _, place = max(waiting)
        partition = self._partitions[place]
        low, high = partition.done.gaps(partition.low, partition.at)[-1]
        return place, (max(low, high - AT_MOST), high)

    def _read_older(self) -> "list[Message]":
        """The next messages of the backlog."""
        if self._chunk is None:
            gap = self._next_gap()
            if gap is None:
                return []
            self._older = self._older or self._broker()
            self._chunk = _Chunk(gap[0], *gap[1])
            self._older.read_from({gap[0]: gap[1][0]})
            self._older.silence = 0.0
        assert self._older is not None
        chunk = self._chunk
        found = self._read(self._older, _HASTE, min(_DELIVERED, chunk.end - chunk.at))
        if self._older.silence > 2 * self._options.timeout:
            raise WireFault(f"`{self._name}`: {self._options.brokers} does not send {part_of(chunk.place)}.")
        return [one for one in found if int(one.offset() or 0) < chunk.end]

    def _advance_older(self, offset: int) -> None:
        """The chunk was read up to an offset."""
        chunk = self._chunk
        if chunk is None:
            return
        partition = self._partitions[chunk.place]
        partition.done = partition.done.with_range(chunk.at, min(offset, chunk.end))
        chunk.at = max(chunk.at, offset)
        if chunk.at >= chunk.end:
            self._chunk = None

    def _delivery(self, messages: "Sequence[Message]") -> Delivery:
        """Messages as pieces, and the ranges that are taken in with them."""
        pieces: list[Packet | Refusal] = list(self._untold)
        contents: dict[str, bytes] = {}
        self._untold = []
        changed: set[Place] = set()
        for message in messages:
            place, offset, value = (
                (str(message.topic()), int(message.partition() or 0)),
                int(message.offset() or 0),
                message.value(),
            )
            partition = self._partitions.get(place)
            if partition is None:
                continue  # it went to another process
            if value is not None:
                position = f"{part_of(place)}@{offset}"
                made = list(self._messages.pieces(value, message.key(), position))
                contents |= {piece.position: value for piece in made}
                pieces += made
            changed.add(place)
            chunk = self._chunk
            if chunk is not None and chunk.place == place and chunk.at <= offset < chunk.end:
                self._advance_older(offset + 1)
            elif offset >= partition.at:
                partition.done = partition.done.with_range(partition.at, offset + 1)
                partition.at = offset + 1
                partition.end = max(partition.end, partition.at)
        positions = {part_of(place): str(self._partitions[place].done) for place in changed}
        return Delivery(pieces, positions, contents, sum(one.behind for one in self._partitions.values()))

    # --- keeping on ---

    def _keep_near_the_end(self) -> None:
        """Where the end of a partition ran far ahead, go on at its newest; what lies between is backlog."""
        for place, partition in self._partitions.items():
            end = self._newest.known_end(place)
            if end is None:
                continue
            partition.end = max(partition.end, end)
            if partition.end - partition.at > _FAR_BEHIND:
                at = partition.end - AT_MOST
                if self._newest.seek(place, at):
                    partition.at, partition.newest = at, partition.end
                    self._began_at_end = self._edges.now()

    def _commit(self) -> None:
        """Tell the group, where there is one, what is in the store: all that was delivered before."""
        if self._options.group is None or self._untold:
            return
        if self._newest.is_commit_lost:
            self._newest.is_commit_lost = False
            self._committed.clear()
        reached = {place: one.done.before for place, one in self._partitions.items()}
        news = {place: offset for place, offset in reached.items() if self._committed.get(place) != offset}
        if news:
            self._newest.commit(news)
            self._committed |= news

    @property
    def _is_owing(self) -> bool:
        """Whether older messages are to be read now: there are some, and the newest came before them."""
        if self._next_gap() is None:
            return False
        is_newest_there = all(one.at >= one.newest for one in self._partitions.values())
        return is_newest_there or self._edges.now() - self._began_at_end > _HEAD_START

    @property
    def _is_at_the_end(self) -> bool:
        return self._is_given and all(one.behind == 0 for one in self._partitions.values())

    def _look_after_silence(self) -> None:
        """Ask a broker of which nothing was heard for a while. Raises WireFault where it does not answer."""
        now, timeout = self._edges.now(), self._options.timeout
        if not self._is_given:
            if now - self._began > _JOINS_WITHIN:
                raise WireFault(
                    f"`{self._name}`: the group {self._options.group} gave no partitions within "
                    f"{_JOINS_WITHIN:.0f} s."
                )
            if not self._newest.is_in_doubt:
                return
        if self._newest.is_in_doubt or self._newest.silence > timeout:
            self._newest.is_in_doubt = False
            self._newest.partitions(self._options.topic)
            self._ask_for_ends()
        if self._options.group is None and self._is_time("_looked", _LOOKS):
            fresh = [
                one for one in self._newest.partitions(self._options.topic) if one not in self._partitions
            ]
            if fresh:
                self._given(fresh)
                self._newest.read_from({place: one.at for place, one in self._partitions.items()})

    def _ask_for_ends(self) -> None:
        """See what the partitions hold: there may be messages that do not reach us."""
        stuck = None
        for place, partition in self._partitions.items():
            _, partition.end = self._newest.bounds(place)
            if partition.end > partition.at:
                stuck = place
        if stuck is not None and self._newest.silence > 2 * self._options.timeout:
            raise WireFault(
                f"`{self._name}`: {self._options.brokers} holds messages in {part_of(stuck)} and sends none."
            )
        if stuck is None:
            self._newest.silence = 0.0

    def _is_time(self, mark: str, seconds: float) -> bool:
        """Whether so much time went by since this was last asked for with True as the answer."""
        now = self._edges.now()
        if now - getattr(self, mark) < seconds:
            return False
        setattr(self, mark, now)
        return True


def part_of(place: Place) -> str:
    """A partition as the store names it and people read it: `topic[3]`."""
    return f"{place[0]}[{place[1]}]"
