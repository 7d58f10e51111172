"""Read what was put aside and turned out to be worth a look: rescued by scanners, or known to the TNS."""

import json
import sqlite3
from dataclasses import dataclass

from vra_tui.ranking.lists import MACHINE
from vra_tui.store.label_names import labels_taught


@dataclass(frozen=True)
class Discarded:
    """An alert that the policies discarded and that turned out to be worth a look.

    ``rescued``: the list to which a scanner moved it. ``tns``: its TNS designation, with type where known.
    """

    survey: str
    object_id: str
    name: str | None
    rank: float | None
    reason: str | None
    rescued: str | None
    tns: str | None


@dataclass(frozen=True)
class Discards:
    """``brought_back`` by the policies themselves at a later visit; ``missed``: the potential misses."""

    alerts: int
    brought_back: int
    missed: list[Discarded]


@dataclass(frozen=True)
class PutAside:
    """An alert that a scanner put aside, and of which the TNS says that it was worth a look."""

    survey: str
    object_id: str
    name: str | None
    rank: float | None
    list: str
    scanner: str
    tns: str


#: What the TNS calls by a name that begins so lies outside of our galaxy.
_EXTRAGALACTIC = "SN SLSN TDE Kilonova Afterglow FBOT LBOT Gap ILRT LRN Impostor".split()
_TNS = "t.designation || coalesce(' ' || t.type, '')"


def discards(connection: sqlite3.Connection, since: str, until: str) -> Discards:
    """Read what the policies discarded in a period; among the misses, what scanners rescued comes first."""
    rows = connection.execute(
        f"""SELECT o.survey, o.object_id, a.name, d.rank, d.note AS reason, max(d.decision_id),
        s.decided_list, s.decided_by, (SELECT {_TNS} FROM tns_matches t
            WHERE t.alert_id = d.alert_id ORDER BY t.separation_arcsec LIMIT 1) AS tns
        FROM decisions d JOIN standing s USING (alert_id) JOIN alerts a USING (alert_id)
        JOIN objects o USING (alert_id)
        WHERE d.scanner = ? AND d.list = 'garbage' AND d.timestamp >= ? AND d.timestamp < ?
        GROUP BY d.alert_id""",
        (MACHINE, since, until),
    ).fetchall()
    taught = labels_taught(connection)
    missed, brought_back = [], 0
    for row in rows:
        by_scanner = row["decided_list"] if row["decided_by"] not in (MACHINE, None) else None
        brought_back += row["decided_by"] == MACHINE and row["decided_list"] != "garbage"
        rescued = by_scanner if taught.get(by_scanner or "", "pm") not in ("garbage", "pm") else None
        if rescued or row["tns"]:
            known = {name: row[name] for name in ("survey", "object_id", "name", "rank", "reason")}
            missed.append(Discarded(**known, rescued=rescued, tns=row["tns"]))
    missed.sort(
        key=lambda one: (one.rescued is None, one.tns is None, -(one.rank or 0), one.survey, one.object_id)
    )
    return Discards(len(rows), brought_back, missed)


def put_aside(connection: sqlite3.Connection, since: str, until: str) -> list[PutAside]:
    """Read which decisions of a period that still stand the TNS contradicts, the highest rank first.

    What was called bogus or a moving star, and has a report; and what was called galactic, and has a report
    with an extragalactic type.
    """
    taught = labels_taught(connection)
    aside = [name for name, label in taught.items() if label in ("garbage", "pm", "galactic")]
    types = " OR ".join("t.type LIKE ?" for _ in _EXTRAGALACTIC)
    rows = connection.execute(
        f"""SELECT o.survey, o.object_id, a.name, d.rank, d.list, d.scanner, (
            SELECT {_TNS} FROM tns_matches t WHERE t.alert_id = d.alert_id
                AND (d.list NOT IN (SELECT value FROM json_each(?)) OR {types})
                ORDER BY t.type IS NULL, t.separation_arcsec LIMIT 1) AS tns
        FROM standing s JOIN decisions d ON d.decision_id = s.decision_id
        JOIN alerts a ON a.alert_id = s.alert_id JOIN objects o ON o.alert_id = s.alert_id
        WHERE d.scanner != ? AND d.timestamp >= ? AND d.timestamp < ?
        AND d.list IN (SELECT value FROM json_each(?)) AND tns IS NOT NULL
        ORDER BY d.rank DESC NULLS LAST, o.survey, o.object_id""",
        (
            json.dumps([name for name in aside if taught[name] == "galactic"]),
            *(f"{begun}%" for begun in _EXTRAGALACTIC),
            MACHINE, since, until, json.dumps(aside),
        ),
    )  # fmt: skip
    return [PutAside(*row) for row in rows]
