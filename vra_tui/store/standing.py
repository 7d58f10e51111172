"""Keep `standing`: one derived row an alert, from its latest score and its standing decision.

Nothing here is a source: scores and decisions are. Both writers below derive the list by the same rule.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.connection import write_all
from vra_tui.store.id_lists import json_ids
from vra_tui.store.precedence import DecisionNode, is_in_conflict, standing_decision
from vra_tui.store.second_opinions import opinion

_DAY = """(SELECT max(0, CAST({mjd} - t0_mjd AS INTEGER) + ({mjd} > t0_mjd))
    FROM alerts a WHERE a.alert_id = standing.alert_id)"""
_DECIDED_AT = """(SELECT julianday(timestamp) - 2400000.5 FROM decisions d
    WHERE d.decision_id = standing.decision_id)"""
# A snooze ends with the next visit: the first exposure of a later day than that of the last one that was
# known when it was decided, also after the days that are scored. Numbers of visits do not tell: they change
# with t0 and end with the scores. A decision of an older version or another program says no more than that,
# though; then what was taken after it was written down is later in any case.
_IS_BACK = f"""(decided_list IS NOT NULL AND decided_list = 'possible' AND coalesce(
    CASE WHEN decided_mjd IS NOT NULL THEN {_DAY.format(mjd="{visited}")} > {_DAY.format(mjd="decided_mjd")}
    ELSE {{visit}} > coalesce(decided_visit, 0) OR {{visited}} > {_DECIDED_AT} END, 0))"""
# What a scanner put back in front of the scanners, and what comes back from a snooze, may not wait in
# purgatory.
_IS_UNDECIDED = f"(decided_list IS NULL OR decided_list = 'eyeball' OR {_IS_BACK})"
_LIST = f"""CASE
    WHEN NOT {_IS_UNDECIDED} THEN decided_list
    WHEN lifted IS NOT NULL THEN 'fasttrack'
    WHEN {{filed}} = 'purgatory' AND decided_list IS NOT NULL AND decided_by != 'vra' THEN 'extragalactic'
    ELSE {{filed}}
END"""


def _derived(filed: str = "filed", visit: str = "visit", visited: str = "visited_mjd") -> str:
    """Assignments of the derived columns, given the expressions for those that they follow from."""
    known = {"filed": filed, "visit": visit, "visited": visited}
    return (
        f"list = {_LIST.format(**known)}, "
        f"is_undecided = {_IS_UNDECIDED.format(**known)}, is_back = {_IS_BACK.format(**known)}"
    )


_PUT_SCORES = f"""
UPDATE standing SET filed = ?1, visit = ?2, visited_mjd = ?16, {_derived("?1", "?2", "?16")},
    day = ?3, mjd = ?4, model = ?5, rank = ?6, preal = ?7, pgal = ?8, pfast = ?9, is_gal_cand = ?10,
    is_tns_match = ?11, max_rank = ?12, mean_rank = ?13, pfollow = ?17,
    pending_revision = nullif(pending_revision, ?14)
WHERE alert_id = ?15
"""
_PUT_DECISION = """
UPDATE standing SET decision_id = ?, decided_list = ?, decided_by = ?, decided_visit = ?, decided_mjd = ?,
    is_in_conflict = ?, opinion = ?
WHERE alert_id = ?
"""
# A scanner may have decided since the policies looked: that stands.
_PUT_MACHINE_DECISION = f"""
UPDATE standing SET decision_id = ?, decided_list = ?, decided_by = ?, decided_visit = ?, decided_mjd = NULL
WHERE alert_id = ? AND coalesce(decided_by, '{MACHINE}') = '{MACHINE}'
"""
_SETTLE = f"UPDATE standing SET {_derived()} WHERE alert_id = ?"
_SETTLE_SNOOZE = f"{_SETTLE} AND decided_list = 'possible'"
#: Alerts whose histories are held in memory at once.
_CHUNK = 5_000


def put_scores(connection: sqlite3.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Write the latest scores: rows ``filed, visit, day, mjd … revision, alert_id, visited_mjd, pfollow``.

    The alert no longer waits to be scored, unless data came since ``revision`` was read. Decisions of the
    same transaction must have been put before: the list follows from both.
    """
    write_all(connection, _PUT_SCORES, rows)


def put_visited(connection: sqlite3.Connection, rows: Iterable[tuple[int, int, float | None]]) -> None:
    """Take alerts that got no new score off the list of those to score.

    Rows ``alert_id, revision, visited_mjd``: those for which data came since that revision was read stay on
    it; the last exposure may end a snooze.
    """
    known = list(rows)
    connection.executemany(
        """UPDATE standing SET pending_revision = nullif(pending_revision, ?2), visited_mjd = ?3
        WHERE alert_id = ?1""",
        known,
    )
    connection.executemany(_SETTLE_SNOOZE, ((row[0],) for row in known))


def put_seen(connection: sqlite3.Connection, rows: Sequence[tuple[int, float]]) -> None:
    """Let the last exposures of alerts that no model scores end their snoozes: rows ``alert_id, mjd``."""
    connection.executemany("UPDATE standing SET visited_mjd = ?2 WHERE alert_id = ?1", rows)
    connection.executemany(_SETTLE_SNOOZE, ((row[0],) for row in rows))


def put_machine_decisions(connection: sqlite3.Connection, rows: Iterable[Sequence[object]]) -> None:
    """Let decisions of the policies stand: rows ``decision_id, list, scanner, visit, alert_id``.

    For alerts whose scores are put next; of several decisions on one alert the last one stands. Where a
    scanner's decision stands, that stays.
    """
    connection.executemany(_PUT_MACHINE_DECISION, rows)


def file_again(connection: sqlite3.Connection, rows: Iterable[tuple[str, int]]) -> None:
    """File alerts in another list than their latest scores did: rows ``filed, alert_id``."""
    connection.executemany(f"UPDATE standing SET filed = ?1, {_derived('?1')} WHERE alert_id = ?2", rows)


def lifted(connection: sqlite3.Connection) -> dict[int, str]:
    """The alerts that are lifted to the fast track, and the rule that lifts each."""
    rows = connection.execute("SELECT alert_id, lifted FROM standing WHERE lifted IS NOT NULL")
    return dict(map(tuple, rows))


def put_lifted(connection: sqlite3.Connection, rows: Iterable[tuple[str | None, int]]) -> None:
    """Lift alerts to the fast track by a rule, or no longer: rows ``rule, alert_id``, None for no longer."""
    known = list(rows)
    connection.executemany("UPDATE standing SET lifted = ? WHERE alert_id = ?", known)
    connection.executemany(_SETTLE, ((alert_id,) for _, alert_id in known))


def discarded_among(connection: sqlite3.Connection, alert_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Those of the alerts that the policies discarded.

    Rows of ``alert_id, visit, preal, pgal, pfast, rank, model``.
    """
    rows = connection.execute(
        f"""SELECT alert_id, visit, preal, pgal, pfast, rank, model FROM standing
        WHERE alert_id IN (SELECT value FROM json_each(?)) AND decided_list = 'garbage'
        AND decided_by = '{MACHINE}' ORDER BY alert_id""",
        (json_ids(alert_ids),),
    )
    return [tuple(row) for row in rows]


def refresh(connection: sqlite3.Connection, alert_ids: Iterable[int]) -> None:
    """Derive the standing decision of each alert from its history, and its list from that.

    Alerts that the store does not hold are passed over: they are derived when they arrive.
    """
    waiting = iter(set(alert_ids))
    while chunk := list(islice(waiting, _CHUNK)):
        rows = [
            (*_decided(known), alert_id) for alert_id, known in _decision_nodes(connection, chunk).items()
        ]
        connection.executemany(_PUT_DECISION, rows)
        connection.executemany(_SETTLE, [(alert_id,) for alert_id in chunk])


def _decided(rows: list[DecisionNode]) -> tuple[object, ...]:
    """The values of `_PUT_DECISION` that follow from an alert's history."""
    decision, asked = standing_decision(rows), opinion(rows)
    found: tuple[object, ...] = (None, None, None, None, None)
    if decision is not None:
        found = (
            decision.decision_id, decision.list, decision.scanner, decision.visit, decision.seen_mjd
        )  # fmt: skip
    return (*found, is_in_conflict(rows), None if asked is None else asked.state)


def decision_nodes(connection: sqlite3.Connection, alert_id: int) -> list[DecisionNode]:
    """Everything decided and undone about an alert, as far as it decides what stands; in order of ids."""
    return _decision_nodes(connection, [alert_id])[alert_id]


def _decision_nodes(
    connection: sqlite3.Connection, alert_ids: Sequence[int]
) -> dict[int, list[DecisionNode]]:
    found: dict[int, list[DecisionNode]] = {alert_id: [] for alert_id in alert_ids}
    rows = connection.execute(
        """SELECT alert_id, decision_id, list, reverts, scanner, visit, tags, follows, seen_mjd FROM decisions
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY alert_id, decision_id""",
        (json.dumps(alert_ids),),
    )
    for alert_id, decision_id, filed, reverts, scanner, visit, tags, follows, seen_mjd in rows:
        found[alert_id].append(
            DecisionNode(
                decision_id,
                filed,
                reverts,
                scanner,
                visit,
                frozenset((tags or "").split()),
                tuple((follows or "").split()),
                seen_mjd,
            )
        )
    return found


_IS_AGED = """is_undecided AND decided_list IS NULL AND filed IS NOT NULL AND filed != 'purgatory'
    AND lifted IS NULL AND (SELECT t0_mjd FROM alerts a WHERE a.alert_id = standing.alert_id) < ?1"""


def aged(
    connection: sqlite3.Connection, before_mjd: float, survey: str, among: Sequence[int] | None = None
) -> list[int]:
    """Undecided alerts of a survey, some or all, that are still shown though t0 lies before ``before_mjd``.

    What a scanner put back in front of the scanners is not among them.
    """
    narrowed = ""
    values: list[object] = [before_mjd, survey]
    if among is not None:
        narrowed = "AND alert_id IN (SELECT value FROM json_each(?3))"
        values.append(json_ids(among))
    rows = connection.execute(
        f"""SELECT alert_id FROM standing WHERE {_IS_AGED} {narrowed}
        AND (SELECT survey FROM objects o WHERE o.alert_id = standing.alert_id) = ?2""",
        values,
    )
    return [row[0] for row in rows]


def move_aged_to_purgatory(connection: sqlite3.Connection, before_mjd: float, found: Sequence[int]) -> int:
    """File what `aged` found in purgatory, if it still is so; returns how many moved. In a transaction.

    To find them takes longer than anybody should wait for the lock.
    """
    return connection.execute(
        f"""UPDATE standing SET filed = 'purgatory', list = 'purgatory'
        WHERE {_IS_AGED} AND alert_id IN (SELECT value FROM json_each(?2))""",
        (before_mjd, json_ids(found)),
    ).rowcount
