"""What high-ranked alerts lack is asked for by rank, once, and what came is remembered."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import api_object, ingest_objects, score_all
from vra_tui.domain.alert import Alert, Stamp, StampKind, TnsReport
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.tns_objects import TnsObject, TnsObjects
from vra_tui.pipeline.completing import complete
from vra_tui.sources.wires.base import (
    Answered,
    Delivery,
    Progress,
    SourceSettings,
    Target,
    Tools,
    Wanted,
    Wire,
    WireFault,
)
from vra_tui.sources.wires.budget import unlimited
from vra_tui.store.connection import open_store
from vra_tui.store.detail import alert_detail
from vra_tui.store.finding import find_alert
from vra_tui.store.lacking import wanting
from vra_tui.store.requests import requests_of
from vra_tui.store.tns_objects import put_tns_objects
from vra_tui.surveys.base import Packet

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


class Made(Wire):
    """A wire that has pictures and TNS reports, and notes what it is asked for."""

    kind = "made"
    adds = frozenset({"picture", "tns"})

    def __init__(self, name: str = "made", has: bool = True, fault: str | None = None) -> None:
        tools = Tools(None, lambda word: None, lambda n: unlimited())  # type: ignore[arg-type]
        super().__init__(SourceSettings(name, "made"), tools)
        self.has, self.fault = has, fault
        self.asked: list[tuple[str, str]] = []

    def check(self) -> Answered:
        return Answered("answers")

    def add_to(self, what: str, target: Target) -> Iterator[Packet | Refusal]:
        self.asked.append((what, target.object_id))
        if self.fault:
            raise WireFault(self.fault)
        if self.has:
            stamps = (Stamp(StampKind.CONTEXT, b"SIMPLE  =", target.seen_mjd),) if what == "picture" else ()
            tns = (TnsReport("2026abc"),) if what == "tns" else ()
            value = Alert(target.survey, target.object_id, 1.0, stamps=stamps, tns=tns)
            yield Packet(self.name, what, value, digest=f"{what}{target.object_id}".encode())


@pytest.fixture
def ranked(store, clock) -> list[str]:
    """Three alerts of ATLAS, undecided, of which the second ranks highest and the third low."""
    objects = [api_object(number, tns_crossmatches=[]) for number in range(3)]
    ingest_objects(store, objects, clock)
    preal = {
        find_alert(store, str(one["object"]["id"])): p
        for one, p in zip(objects, (0.8, 0.99, 0.3), strict=True)
    }
    score_all(store, clock, preal=lambda table: [preal[int(number)] for number in table.alert_id])
    return [str(one["object"]["id"]) for one in objects]


def run(store, *wires: Wire, at: datetime = NOW, **how):
    return complete(store, wires, clock=lambda: at, **how)


def test_the_highest_rank_comes_first_and_low_ones_not_at_all(store, ranked):
    wire = Made()
    done = run(store, wire)
    assert wire.asked == [
        ("tns", ranked[1]), ("picture", ranked[1]), ("tns", ranked[0]), ("picture", ranked[0]),
    ]  # fmt: skip
    assert (done.asked, done.came) == (4, 4)
    detail = alert_detail(store, find_alert(store, ranked[1]))
    assert [report.designation for report in detail.tns] == ["2026abc"]
    assert [stamp.kind for stamp in detail.stamps] == ["context"]


def test_what_came_is_not_asked_for_again_and_is_remembered(store, ranked):
    run(store, Made())
    again = Made()
    assert run(store, again, at=NOW + timedelta(days=30)).asked == 0
    told = requests_of(store, find_alert(store, ranked[1]))
    assert [(one.what, one.source, one.came) for one in told] == [
        ("tns", "made", "came"), ("picture", "made", "came"),
    ]  # fmt: skip


def test_what_did_not_come_is_asked_for_again_a_day_later_from_another_source_at_once(store, ranked):
    first = Made("first", has=False)
    other = Made("other")
    run(store, first, other)
    assert ("tns", ranked[1]) in other.asked
    lonely = Made("first", has=False)
    assert run(store, lonely).asked == 0
    only = Made("third", has=False)
    run(store, only, rank_above=-1)
    assert len(only.asked) == 2  # the low-ranked one alone lacks something still
    assert run(store, Made("third", has=False), rank_above=-1).asked == 0
    later = Made("third", has=False)
    run(store, later, rank_above=-1, at=NOW + timedelta(days=1, minutes=1))
    assert [what for what, _ in later.asked] == ["tns"]  # a picture does not come later


def test_a_source_that_fails_is_left_alone_and_hinders_no_other(store, ranked):
    broken, sound = Made("broken", fault="broken: no connection."), Made("sound")
    done = run(store, broken, sound)
    assert len(broken.asked) == 1
    assert done.faults == {"broken": "broken: no connection."}
    assert len(sound.asked) == 4
    assert run(store, Made("broken"), at=NOW + timedelta(minutes=5), rank_above=-1).asked == 2


def test_of_two_programs_that_complete_one_store_at_once_one_asks(store, store_path, ranked):
    """The second begins while the first waits for its first answer."""
    first, second = Made(), Made()
    other = open_store(store_path)
    answer = first.add_to

    def slow(what: str, target: Target) -> Iterator[Packet | Refusal]:
        if not second.asked:
            complete(other, [second], clock=lambda: NOW)
        return answer(what, target)

    first.add_to = slow  # type: ignore[method-assign]
    complete(store, [first], clock=lambda: NOW)
    other.close()
    both = first.asked + second.asked
    assert len(both) == len(set(both)) == 4


def test_no_more_is_asked_for_than_allowed(store, ranked):
    assert run(store, Made(), most=3).asked == 3


def test_the_kept_list_of_the_tns_is_looked_at_before_anybody_is_asked(store, ranked):
    one = wanting(store, 5.0, 10)[0]
    put_tns_objects(store, TnsObjects((TnsObject(7, "2026xyz", "AT", one.ra, one.dec),)))
    wire = Made()
    run(store, wire)
    assert ("tns", ranked[1]) not in wire.asked
    assert [r.designation for r in alert_detail(store, one.alert_id).tns] == ["2026xyz"]


def test_a_program_that_died_between_asking_and_noting_asks_again_after_an_hour(store, ranked):
    class Killed(BaseException):
        """As a signal ends the program."""

    class Dying(Made):
        def add_to(self, what, target):
            raise Killed

    with pytest.raises(Killed):
        run(store, Dying())
    soon, later = Made(), Made()
    run(store, soon, most=1)
    assert soon.asked != [("tns", ranked[1])]
    run(store, later, most=1, at=NOW + timedelta(hours=2))
    assert later.asked == [("tns", ranked[1])]


def test_only_sources_of_the_survey_are_asked(store, ranked):
    class OfZtf(Made):
        def adds_to_survey(self, survey: str) -> bool:
            return survey == "ztf"

    assert run(store, OfZtf()).asked == 0


def test_what_was_asked_and_what_came_is_told_in_the_alerts_context(store, ranked):
    from vra_tui.cli.showing import as_text
    from vra_tui.domain.light_curve import no_epochs
    from vra_tui.tui.context.lines import context_lines

    run(store, Made("sky\x1b[31m"))
    detail = alert_detail(store, find_alert(store, ranked[1]))
    lines = ["".join(text for text, _ in line) for line in context_lines(detail, no_epochs(), 110)]
    said = next(line for line in lines if line.startswith("asked"))
    assert "TNS reports from sky" in said
    assert "came" in said
    text = "\n".join(as_text(detail, no_epochs()))
    assert "for a picture of the field at 2026-11-28T03:00: came" in text
    assert "\x1b" not in said + text


def test_what_a_queue_answered_hinders_nothing_that_is_asked_later(store, ranked):
    class Queue(Made):
        adds = frozenset()
        completes = ("photometry",)
        survey = "atlas"

        def complete(self, wanted: Sequence[Wanted]) -> Iterator[Delivery]:
            yield Delivery([], progress=[Progress(one.request_id, came="nothing new") for one in wanted])

    run(store, Queue("forced"))
    sky = Made()
    run(store, Queue("forced"), sky)
    assert len(sky.asked) == 4


def test_a_queue_is_looked_at_however_many_others_were_asked(store, ranked):
    class Queue(Made):
        adds = frozenset()
        completes = ("photometry",)
        survey = "atlas"
        looked_at = 0

        def complete(self, wanted: Sequence[Wanted]) -> Iterator[Delivery]:
            self.looked_at += len(wanted)
            return iter(())

    queue = Queue("forced")
    done = run(store, Made(), queue, most=1)
    assert done.asked == 1
    assert queue.looked_at == 2
