"""Completing: an alert that ranks high and lacks something gets it, by rank, within the sources' budgets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import utc_text
from vra_tui.pipeline.ingest import ingest
from vra_tui.pipeline.match_tns import match_tns
from vra_tui.pipeline.requests import ask, work_off
from vra_tui.sources.wires.base import NotOffered, Target, Wire, WireFault
from vra_tui.store import Store
from vra_tui.store.intake import NOTHING, Intake
from vra_tui.store.lacking import LACKS, Wanting, wanting
from vra_tui.store.requests import asked_since, note_asked, note_came
from vra_tui.surveys import Surveys, installed_surveys
from vra_tui.surveys.base import Packet

#: Alerts above this rank are completed.
RANK_ABOVE = 5.0
#: So many alerts are looked at each time, and so many requests are made at most.
_QUEUE, _MOST = 200, 20
#: What was asked for is asked for again after so many days, where it is still lacking: reports and forced
#: photometry come later; what lay near when an alert was seen, and a picture, do not change.
_AGAIN_DAYS = {"object": 1.0, "stamps": 1.0, "tns": 1.0, "picture": 365.0, "solar": 365.0}
#: What could not be asked is tried again after so long.
_AGAIN_AFTER_FAILURE = timedelta(hours=1)
#: What sources that answer later are asked for (`Wire.completes`) where an alert lacks something.
_LATER = {"object": "photometry", "stamps": "cutouts"}
#: What expires or decides first comes first.
_FIRST = ("stamps", "object", "tns", "solar", "picture")


@dataclass
class Completed:
    """What came of completing: how many requests were made, how many brought something, what failed."""

    asked: int = 0
    came: int = 0
    intake: Intake = field(default_factory=Intake)
    faults: dict[str, str] = field(default_factory=dict)


def complete(
    store: Store,
    wires: Sequence[Wire],
    *,
    clock: Callable[[], datetime],
    rank_above: float = RANK_ABOVE,
    most: int = _MOST,
    surveys: Surveys | None = None,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Completed:
    """Ask the sources for what the alerts that rank highest lack, at most ``most`` requests, and take it in.

    The kept list of the TNS is looked at first, which costs nothing. A source that fails, or whose budget
    is used up, is left alone for the rest of the run. Sources that answer later are looked at last. What
    is asked is noted before it is sent, so that a program that dies asks no server for ever, and of two
    programs one asks. ``is_over``:
    asked between two requests whether to end. Works in the thread of ``store`` and of the wires.
    """
    done, at_hand = Completed(), surveys or installed_surveys()
    queue = wanting(store, rank_above, _QUEUE)
    lacking = [one.alert_id for one in queue if "tns" in one.lacks]
    if lacking:
        done.intake += match_tns(store, clock=clock, alert_ids=lacking)
        queue = wanting(store, rank_above, _QUEUE)
    now = clock()
    since = {what: utc_text(now - timedelta(days=_AGAIN_DAYS[what])) for what in LACKS}
    failed_since = utc_text(now - _AGAIN_AFTER_FAILURE)
    asked = asked_since(store, [one.alert_id for one in queue], since, failed_since)
    for one, what in _by_importance(queue):
        for wire in wires:
            if wire.name in done.faults or (one.alert_id, what, wire.name) in asked:
                continue
            if what not in wire.adds or not wire.adds_to_survey(one.survey):
                continue
            if done.asked >= most or is_over():
                break
            if not note_asked(
                store, one.alert_id, what, wire.name, utc_text(clock()), since[what], failed_since
            ):
                break  # another process asks just now
            if _ask(store, wire, one, what, done, clock, at_hand, on_refusal):
                break  # one source of a kind is enough
    for wire in wires:
        if wire.completes and not is_over():
            _work_off(store, wire, queue, done, clock, on_refusal)
    return done


def _by_importance(queue: Sequence[Wanting]) -> Iterator[tuple[Wanting, str]]:
    """Everything that alerts lack: of the most important alert first, and of each what expires first."""
    for one in queue:
        for what in sorted(one.lacks, key=_FIRST.index):
            yield one, what


def _work_off(
    store: Store,
    wire: Wire,
    queue: Sequence[Wanting],
    done: Completed,
    clock: Callable[[], datetime],
    on_refusal: Callable[[Refusal], None],
) -> None:
    """Ask a source that answers later, a queue, for what alerts lack; take in what it has made by now."""
    for what, later in _LATER.items():
        if later in wire.completes:
            lacking = [one.alert_id for one in queue if what in one.lacks]
            again = timedelta(days=_AGAIN_DAYS[what])
            ask(store, wire, lacking, later, clock=clock, again_after=again)
    worked = work_off(store, wire, clock=clock, on_refusal=on_refusal)
    done.asked += worked.asked
    done.came += worked.came
    if worked.fault is not None:
        done.faults[wire.name] = worked.fault


def _ask(
    store: Store,
    wire: Wire,
    one: Wanting,
    what: str,
    done: Completed,
    clock: Callable[[], datetime],
    surveys: Surveys,
    on_refusal: Callable[[Refusal], None],
) -> bool:
    """Ask one source for one thing, which is noted; whether something came."""
    target = Target(
        one.survey, one.object_id, one.ra, one.dec, one.last_mjd, one.other_name, one.designations
    )
    done.asked += 1
    pieces: list[Packet | Refusal] = []
    try:
        pieces += wire.add_to(what, target)
    except (WireFault, NotOffered) as fault:
        # What came before it failed is as good as ever.
        done.faults[wire.name] = str(fault)
    intake = ingest(store, pieces, clock=clock, surveys=surveys, on_refusal=on_refusal) if pieces else NOTHING
    is_there = bool(intake.new or intake.extended)
    done.intake += intake
    done.came += is_there
    note_came(store, one.alert_id, what, wire.name, _words(wire.name, done, intake), utc_text(clock()))
    return is_there


def _words(name: str, done: Completed, intake: Intake) -> str:
    if intake.new or intake.extended:
        return "came"
    if name in done.faults:
        return f"failed: {done.faults[name][:200]}"
    return "refused" if intake.refused else "nothing new"
