"""Read the facts for a report on a period: the work of the team and of the policies."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Any

from vra_tui.ranking.agreement import Agreement, agreement
from vra_tui.ranking.label_noise import ScannerNoise, by_scanner, confusion
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.bounds import as_typed
from vra_tui.store.decision_times import Hours, decision_times
from vra_tui.store.doubt_list import second_looks
from vra_tui.store.flow import Flow, flow
from vra_tui.store.label_names import labels_taught
from vra_tui.store.potential_misses import Discards, PutAside, discards, put_aside


@dataclass(frozen=True)
class Period:
    """From ``since`` up to, and not with, ``until``: ISO 8601 times in UTC, as the store keeps them."""

    since: str
    until: str


@dataclass(frozen=True)
class ScannerWork:
    """What one scanner decided; undone decisions are only counted. ``seconds``: median looked at an alert."""

    scanner: str
    alerts: int
    by_list: dict[str, int]
    undone: int
    seconds: float | None


@dataclass(frozen=True)
class Purgatory:
    """Who waits in purgatory: how many, and the ages since t0 of the median and the oldest, days."""

    alerts: int
    median_days: float | None
    oldest_days: float | None


@dataclass(frozen=True)
class Pair:
    """Two scanners and how far they agree on the alerts that both decided, whenever that was."""

    first: str
    second: str
    agreement: Agreement


@dataclass(frozen=True)
class Shadow:
    """A shadow model beside the one in use, at the latest common visit of ``alerts`` alerts of the period.

    ``good``: labelled good by scanners; ``found``, ``found_by_shadow``: how many of them rank above 7.
    ``shown``, ``shown_by_shadow``: all that rank above 7. ``differ``: ranks more than 2 apart.
    """

    model: str
    in_use: str
    alerts: int
    good: int
    found: int
    found_by_shadow: int
    shown: int
    shown_by_shadow: int
    differ: int


@dataclass(frozen=True)
class Activity:
    """Everything that a report tells."""

    period: Period
    arrived: int
    decided: int
    undone: int
    first_decision: Hours | None
    scanners: list[ScannerWork]
    labels: dict[str, int]
    good: int
    unreported: int
    left: dict[str, int]
    discards: Discards
    purgatory: Purgatory
    pairs: list[Pair]
    opinions: dict[str, int]
    conflicts: int
    shadows: list[Shadow]
    flow: Flow
    #: Of the first decisions: the times by the list decided to, and how many alerts waited how long.
    first_decision_by_list: dict[str, Hours]
    first_decision_spans: dict[str, int]
    put_aside: list[PutAside]
    #: Of all second looks at labels so far, whose labels they overturned, and what labels became.
    noise: list[ScannerNoise] = field(default_factory=list)
    confusion: list[tuple[str, str, int]] = field(default_factory=list)


_KINDS = {"scanner": str, "seconds": float}


def activity(connection: sqlite3.Connection, period: Period) -> Activity:
    """Read the work of a period, and the state of things now."""
    found = connection.execute(
        """SELECT d.alert_id, d.list, d.scanner, d.seconds,
        EXISTS (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id) AS is_undone,
        -- What the program set right, as after a wrong clock, nobody took back.
        EXISTS (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id AND u.scanner != ?1)
            AS is_taken_back
        FROM decisions d WHERE d.list IS NOT NULL AND d.scanner != ?1
        AND d.timestamp >= ?2 AND d.timestamp < ?3
        ORDER BY d.decision_id""",
        (MACHINE, period.since, period.until),
    )
    rows = [as_typed(row, _KINDS) for row in found]
    standing = {row["alert_id"]: row["list"] for row in rows if not row["is_undone"]}
    taught = labels_taught(connection)
    labels = Counter(taught[name] or name for name in standing.values())
    looks = second_looks(connection)
    good = [alert_id for alert_id, name in standing.items() if taught[name] == "good"]
    times = decision_times(connection, period.since, period.until)
    return Activity(
        period=period,
        arrived=_one(
            connection, "SELECT count(*) FROM alerts WHERE ingested_at >= ? AND ingested_at < ?", period
        ),
        decided=len(standing),
        undone=sum(row["is_taken_back"] for row in rows),
        first_decision=times.all,
        scanners=_scanners(rows),
        labels=dict(labels.most_common()),
        good=len(good),
        unreported=len(good) - _reported(connection, good),
        left=_left(connection),
        discards=discards(connection, period.since, period.until),
        purgatory=_purgatory(connection),
        pairs=_pairs(connection),
        opinions=_counted(
            connection,
            "SELECT opinion, count(*) FROM standing WHERE opinion IS NOT NULL GROUP BY opinion",
        ),
        conflicts=connection.execute("SELECT count(*) FROM standing WHERE is_in_conflict").fetchone()[0],
        shadows=_shadows(connection, period),
        flow=flow(connection, period.since, period.until),
        first_decision_by_list=times.by_list,
        first_decision_spans=times.spans,
        put_aside=put_aside(connection, period.since, period.until),
        noise=by_scanner((one.scanner, one.is_random, one.is_overturned) for one in looks),
        confusion=confusion((one.before, one.after) for one in looks),
    )


def _one(connection: sqlite3.Connection, query: str, period: Period) -> int:
    return int(connection.execute(query, (period.since, period.until)).fetchone()[0])


def _counted(connection: sqlite3.Connection, query: str) -> dict[str, int]:
    return dict(connection.execute(query).fetchall())


def _scanners(rows: Iterable[dict[str, Any]]) -> list[ScannerWork]:
    by_scanner: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_scanner[row["scanner"]].append(row)
    work = []
    for scanner, mine in by_scanner.items():
        kept = {row["alert_id"]: row["list"] for row in mine if not row["is_undone"]}
        seconds = [row["seconds"] for row in mine if row["seconds"] is not None]
        work.append(
            ScannerWork(
                scanner,
                len(kept),
                dict(Counter(kept.values()).most_common()),
                sum(row["is_taken_back"] for row in mine),
                median(seconds) if seconds else None,
            )
        )
    return sorted(work, key=lambda one: -one.alerts)


def _reported(connection: sqlite3.Connection, alert_ids: list[int]) -> int:
    known = {row[0] for row in connection.execute("SELECT DISTINCT alert_id FROM tns_matches")}
    return len(known.intersection(alert_ids))


def _left(connection: sqlite3.Connection) -> dict[str, int]:
    return _counted(
        connection,
        """SELECT coalesce(list, 'unscored') AS name, count(*) FROM standing WHERE is_undecided
        GROUP BY name ORDER BY count(*) DESC, name""",
    )


def _purgatory(connection: sqlite3.Connection) -> Purgatory:
    ages = [
        row[0]
        for row in connection.execute(
            """SELECT (SELECT max(last_mjd) FROM alerts) - a.t0_mjd AS age FROM standing s
            JOIN alerts a USING (alert_id) WHERE s.list = 'purgatory' AND age IS NOT NULL ORDER BY age"""
        )
    ]
    return Purgatory(len(ages), median(ages) if ages else None, ages[-1] if ages else None)


def _pairs(connection: sqlite3.Connection) -> list[Pair]:
    """Every two scanners' latest labels of the alerts that both labelled, those with most alerts first."""
    taught = labels_taught(connection)
    labels: dict[str, dict[int, str]] = defaultdict(dict)
    rows = connection.execute(
        """WITH shared AS (
            SELECT alert_id FROM decisions WHERE list IS NOT NULL AND scanner != ?1
            GROUP BY alert_id HAVING count(DISTINCT scanner) > 1)
        SELECT d.alert_id, d.scanner, d.list FROM decisions d JOIN shared USING (alert_id)
        WHERE d.list IS NOT NULL AND d.scanner != ?1
        AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.reverts = d.decision_id)
        ORDER BY d.decision_id""",
        (MACHINE,),
    )
    for row in rows:
        if label := taught[row["list"]]:
            labels[row["scanner"]][row["alert_id"]] = label
    pairs = []
    for first, second in combinations(sorted(labels), 2):
        both = sorted(labels[first].keys() & labels[second].keys())
        if both:
            found = agreement([labels[first][i] for i in both], [labels[second][i] for i in both])
            pairs.append(Pair(first, second, found))
    return sorted(pairs, key=lambda pair: -pair.agreement.alerts)


def _shadows(connection: sqlite3.Connection, period: Period) -> list[Shadow]:
    good = [name for name, label in labels_taught(connection).items() if label == "good"]
    rows = connection.execute(
        """WITH latest AS (
            SELECT max(score_id) AS score_id FROM shadow_scores
            WHERE scored_at >= ? AND scored_at < ? GROUP BY alert_id, model),
        beside AS (
            SELECT w.model, w.rank AS theirs, w.alert_id, (
                SELECT max(s.score_id) FROM scores s
                WHERE s.alert_id = w.alert_id AND s.visit = w.visit AND s.mjd = w.mjd) AS score_id
            FROM shadow_scores w JOIN latest USING (score_id))
        SELECT b.model, s.model, count(*), sum(g.is_good), sum(g.is_good AND s.rank > 7),
            sum(g.is_good AND b.theirs > 7), sum(s.rank > 7), sum(b.theirs > 7),
            sum(abs(s.rank - b.theirs) > 2)
        FROM beside b JOIN scores s ON s.score_id = b.score_id JOIN (
            SELECT alert_id, coalesce(decided_by != 'vra'
                AND decided_list IN (SELECT value FROM json_each(?)), 0) AS is_good
            FROM standing) g ON g.alert_id = b.alert_id
        GROUP BY b.model, s.model ORDER BY count(*) DESC""",
        (period.since, period.until, json.dumps(good)),
    )
    return [Shadow(row[0], row[1], *(value or 0 for value in tuple(row)[2:])) for row in rows]
