"""Check what the tables of a store say, one by one, for the doctor: names, times, curves, places, the outbox.

Each check holds for stores of this version alone.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from vra_tui.store import consistency, outbox_check, standing_check
from vra_tui.store.connection import transaction
from vra_tui.store.decision_ids import taken_at
from vra_tui.store.doctor_files import Finding
from vra_tui.store.healing import from_the_future, set_right
from vra_tui.store.transaction import one_view

#: So many of the latest decided alerts are looked at unless all are asked for.
_SAMPLE = 2_000
_CHANGED_LAST = f"SELECT alert_id FROM alerts ORDER BY updated_at DESC, alert_id LIMIT {_SAMPLE}"
_DECIDED_LAST = f"""SELECT DISTINCT alert_id FROM
    (SELECT alert_id FROM decisions ORDER BY sequence DESC LIMIT {_SAMPLE})"""


@dataclass(frozen=True)
class How:
    """How a store is examined: as a whole or a sample of it, whether what is wrong is mended, and when."""

    full: bool
    repair: bool
    now: datetime


def ids(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether decisions are from the future: they would sort before all that is decided until then."""
    found = from_the_future(connection, how.now)
    if not found:
        yield Finding("ids", "ok", "no decision is from the future")
        return
    moment = taken_at(found[0])
    first = f"{found[0]}{f' of {moment:%Y-%m-%d}' if moment else ''}"
    text = f"{len(found):,} decisions are from the future, the first {first}"
    if how.repair:
        with transaction(connection):
            fresh = set_right(connection, how.now)
        yield Finding("ids", "repaired", f"{text}: {len(fresh):,} stand under ids of now")
    else:
        helps = "the next decision here, or `vra doctor --repair`, writes them anew under ids of now"
        yield Finding(
            "ids", "warning", f"{text}; no other store takes them. Is the clock right? Then {helps}"
        )


def places(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether each alert stands where its scores and decisions say."""
    lost = standing_check.count_missing(connection)
    unbacked = standing_check.differing_from_scores(connection) if how.full else []
    query = "SELECT alert_id FROM standing ORDER BY alert_id" if how.full else _DECIDED_LAST
    asked = [row[0] for row in connection.execute(query)]
    wrong = {*unbacked, *standing_check.differing_from_decisions(connection, asked)}
    count = lost + len(wrong)
    which = f"{len(asked):,} alerts" if how.full else f"the {len(asked):,} alerts decided last"
    if not count:
        yield Finding("places", "ok", f"{which} stand where their scores and decisions say")
    elif how.repair:
        standing_check.repair_standing(connection, unbacked, sorted(wrong))
        helps = "; `vra score --all` files those that had no place" if lost else ""
        yield Finding("places", "repaired", f"{count:,} of {which} stand where they should{helps}")
    else:
        text = f"{count:,} of {which} do not stand where their scores and decisions say"
        yield Finding("places", "failure", f"{text}. `vra doctor --repair` derives them anew")


def objects(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether each alert has a name, and the number that goes with it in every store."""
    nameless, misnumbered = consistency.nameless(connection), consistency.misnumbered(connection)
    if nameless:
        text = f"{len(nameless):,} alerts have no survey and object id, the first is number {nameless[0]}"
        yield Finding("objects", "failure", text)
    if misnumbered:
        survey, object_id = misnumbered[0]
        text = (
            f"{len(misnumbered):,} objects stand under the number of another, the first {survey} {object_id}"
        )
        yield Finding("objects", "failure", text)
    if not nameless and not misnumbered:
        count = connection.execute("SELECT count(*) FROM objects").fetchone()[0]
        yield Finding("objects", "ok", f"{count:,}, each with its survey, its id and its own number")


def times(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether it can be read when each thing was said."""
    found = consistency.untimely(connection)
    text = f"of {len(found):,} alerts it cannot be read when what is known of them was said"
    if not found:
        yield Finding("times", "ok", "of every alert it is known when what is known of it was said")
    elif how.repair:
        with transaction(connection):
            consistency.forget_times(connection, found)
        yield Finding("times", "repaired", f"{text}: it is taken as said by their newest packet")
    else:
        helps = "`vra doctor --repair` takes all of it as said by their newest packet"
        yield Finding("times", "failure", f"{text}; nothing of theirs can be taken in. {helps}")


def curves(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether light curves can be read, and what their codes mean."""
    query = "SELECT alert_id FROM alerts ORDER BY alert_id" if how.full else _CHANGED_LAST
    found = consistency.look_at_curves(connection, [row[0] for row in connection.execute(query)])
    if found.unreadable:
        text = f"of {len(found.unreadable):,} alerts they cannot be read ({found.why})"
        yield Finding("light curves", "failure", f"{text}: `vra restore` a backup, or ingest them anew")
    if found.uncoded:
        text = f"{len(found.uncoded):,} hold codes of instruments or bands that are not their survey's"
        yield Finding("light curves", "failure", f"{text}: `vra restore` a backup brings the tables back")
    if not found.unreadable and not found.uncoded:
        which = "all" if how.full else "the latest"
        text = f"{which} {found.count:,} can be read, and all their instruments and bands are known"
        yield Finding("light curves", "ok", text)


def associations(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether alerts of several surveys at one place, and no others, are associated."""
    with one_view(connection):
        written, right = consistency.associated(connection), consistency.neighbours(connection)
    count = consistency.differing(written, right)
    text = f"{count:,} do not follow from where the alerts are"
    if not count:
        yield Finding("associations", "ok", f"{len(right) // 2:,}, as the alerts' positions say")
    elif how.repair:
        with transaction(connection):
            consistency.write_associations(connection, consistency.neighbours(connection))
        yield Finding("associations", "repaired", f"{text}: found anew")
    else:
        yield Finding("associations", "failure", f"{text}. `vra doctor --repair` finds them anew")


def outbox(connection: sqlite3.Connection, how: How) -> Iterator[Finding]:
    """Tell whether each item that is to leave is as far as its history says."""
    wrong = outbox_check.differing_from_events(connection)
    text = f"{len(wrong):,} items are not as far as their history says"
    if not wrong:
        count = connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
        yield Finding("outbox", "ok", f"{count:,} items, each as far as its history says")
    elif how.repair:
        with transaction(connection):
            outbox_check.repair_states(connection, wrong)
        yield Finding("outbox", "repaired", f"{text}: derived anew")
    else:
        yield Finding("outbox", "failure", f"{text}. `vra doctor --repair` derives that anew")


#: Finds what is wrong, and mends it where that is asked for and can be.
Check = Callable[[sqlite3.Connection, How], Iterator[Finding]]
CONTENT_CHECKS: tuple[Check, ...] = (objects, ids, times, curves, associations, places, outbox)
