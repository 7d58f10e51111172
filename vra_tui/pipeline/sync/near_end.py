"""The end that asks: compares this store with another one, and carries what each lacks to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from vra_tui.pipeline.sync.differences import WIDTH, KeySet, Span, Told, compare
from vra_tui.pipeline.sync.kinds import AT_ONCE, Kind, Took, kinds_of
from vra_tui.pipeline.sync.lines import (
    PROTOCOL,
    Pipe,
    SyncError,
    keys_of,
    keys_text,
    span_json,
    spans_of,
)
from vra_tui.store import Store
from vra_tui.store.decision_ids import new_id

#: Clocks that differ by less are said to agree: an answer may take some seconds.
_CLOCKS_AGREE = timedelta(seconds=60)


@dataclass(frozen=True)
class WantedAlerts:
    """Which alerts travel too: those of a list, by the screen's filter words, so many of the best rank."""

    list_name: str
    words: str
    limit: int | None


@dataclass
class Synced:
    """What came here, and what went there; ``remarks`` are for people."""

    came: Took = field(default_factory=Took)
    went: Took = field(default_factory=Took)
    remarks: list[str] = field(default_factory=list)


def synchronise(
    store: Store,
    path: Path,
    pipe: Pipe,
    *,
    clock: Callable[[], datetime],
    alerts: WantedAlerts | None = None,
    on_progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Synced:
    """Bring both stores to the same labels and annotations, and on request alerts.

    Every message's rows are kept whole: when the line breaks, what was exchanged stays, and the next time
    carries the rest. Raises SyncError.
    """
    kinds = kinds_of(store, clock, new_id(clock()))
    # While the other end starts. Alerts that travel bring more than was here before.
    held = {name: kind.keys() for name, kind in kinds.items()} if alerts is None else {}
    greeting = pipe.greeted()
    if greeting.protocol != PROTOCOL:
        older = "there" if greeting.protocol < PROTOCOL else "here"
        raise SyncError(
            f"the other end is vra-tui {greeting.version}, which speaks another language than this one. "
            f"Nothing was exchanged; update vra-tui {older}."
        )
    synced = Synced()
    if remark := _clock_remark(greeting.now, clock()):
        synced.remarks.append(remark)
    if alerts is not None:
        # First, so that what classifiers said finds its alerts.
        _exchange_alerts(store, path, pipe, clock, alerts, synced)
    with _understood():
        theirs = set(pipe.ask({"do": "kinds"})["kinds"])
    for name, kind in kinds.items():
        if name not in theirs:
            synced.remarks.append(f"the other end knows no {name}: they stay where they are")
            continue
        keys = held[name] if name in held else kind.keys()
        _exchange(name, kind, keys, pipe, synced, on_progress)
    return synced


def _clock_remark(theirs: str, now: datetime) -> str | None:
    try:
        apart = datetime.fromisoformat(theirs) - now
    except (ValueError, TypeError):
        return None
    if abs(apart) < _CLOCKS_AGREE:
        return None
    way = "ahead of" if apart > timedelta(0) else "behind"
    return f"the clock there is {round(abs(apart).total_seconds())} s {way} the one here"


def _exchange(
    name: str,
    kind: Kind,
    keys: KeySet,
    pipe: Pipe,
    synced: Synced,
    on_progress: Callable[[str, int, int], None],
) -> None:
    begin = True

    def ask(spans: Sequence[Span]) -> list[Told]:
        nonlocal begin
        asked = [span_json(span) for span in spans]
        answer = pipe.ask({"do": "compare", "kind": name, "begin": begin, "spans": asked})
        begin = False
        return [_told(one) for one in answer["told"]]

    with _understood():
        only_theirs, only_ours = compare(keys, ask)
    lacking_here = kind.wanted(only_theirs)
    lacking_there = only_ours and keys_of(
        pipe.ask({"do": "wanted", "kind": name, "keys": keys_text(only_ours)}).get("keys"), WIDTH
    )
    for place in range(0, len(lacking_here), AT_ONCE):
        on_progress(f"{name} from there", place, len(lacking_here))
        wanted = lacking_here[place : place + AT_ONCE]
        with _understood():
            rows = list(pipe.ask({"do": "give", "kind": name, "keys": keys_text(wanted)})["rows"])
        synced.came.add(kind.take(rows))
    for place in range(0, len(lacking_there), AT_ONCE):
        on_progress(f"{name} to there", place, len(lacking_there))
        rows = kind.rows(lacking_there[place : place + AT_ONCE])
        synced.went.add(_took(pipe.ask({"do": "take", "kind": name, "rows": rows})))


@contextmanager
def _understood() -> Iterator[None]:
    """Raise SyncError where an answer of the other end is not what was asked for."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, SyncError):
            raise
        raise SyncError("the other end said what cannot be understood") from None


def _told(answer: dict[str, Any]) -> Told:
    if "keys" in answer:
        return Told(keys_of(answer["keys"], WIDTH))
    return Told(parts=spans_of(answer.get("parts", ())))


def _took(answer: dict[str, Any]) -> Took:
    with _understood():
        counts = {str(name): int(count) for name, count in answer["counts"].items()}
        reasons = [str(reason) for reason in answer.get("reasons", ())]
        return Took(counts, int(answer.get("refused", 0)), reasons)


def _exchange_alerts(
    store: Store,
    path: Path,
    pipe: Pipe,
    clock: Callable[[], datetime],
    alerts: WantedAlerts,
    synced: Synced,
) -> None:
    from vra_tui.pipeline.sync.alerts import chosen_keys, lacking, send_alerts, take_alerts

    asked = {"do": "alerts", "list": alerts.list_name, "words": alerts.words, "limit": alerts.limit}
    theirs = keys_of(pipe.ask(asked).get("keys"), WIDTH)
    ours = chosen_keys(store, alerts.list_name, alerts.words, alerts.limit)
    if wanted := lacking(store, theirs):
        pipe.send({"do": "give_alerts", "keys": keys_text(wanted)})
        synced.came.add(Took(take_alerts(store, pipe, clock)))
    unknown = keys_of(pipe.ask({"do": "lacking_alerts", "keys": keys_text(ours)}).get("keys"), WIDTH)
    if given := [ours[key] for key in unknown if key in ours]:
        pipe.send({"do": "take_alerts"})
        send_alerts(path, pipe, given)
        synced.went.add(_took(pipe.receive()))
