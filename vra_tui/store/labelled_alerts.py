"""Read scanners' standing decisions with what was on screen at each, for training."""

import json
import sqlite3
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.times import mjd_of
from vra_tui.ranking.lists import MACHINE
from vra_tui.store.columns import read_columns
from vra_tui.store.label_names import labels_taught

Floats = NDArray[np.float64]

# A store keeps the scores that were on screen to the last bit; a file they travelled in perhaps not.
_SAME_SCORE = 1e-6

_OF_THE_VISIT = "SELECT s.mjd FROM scores s WHERE s.alert_id = d.alert_id AND s.visit = d.visit"
_IN_TIME = "s.scored_at <= d.timestamp"
_SAME = f"s.model IS d.model AND abs(s.preal - d.preal) < {_SAME_SCORE}"
# The score on screen: of the visit that the decision names, the latest one that says what the decision was
# taken on, else the latest that there was. A store to which the decision came from another may have scored
# the alert later: then the first score that says the very same.
_SEEN_MJD = f"""coalesce(
    ({_OF_THE_VISIT} AND {_IN_TIME} AND {_SAME} ORDER BY s.score_id DESC LIMIT 1),
    ({_OF_THE_VISIT} AND {_IN_TIME} ORDER BY s.score_id DESC LIMIT 1),
    ({_OF_THE_VISIT} AND {_SAME} ORDER BY s.score_id LIMIT 1)
)"""

#: What is only known to be real contradicts nothing that is.
NO_CONTRADICTION = "('real good', 'good real', 'real galactic', 'galactic real')"
_LABELLED = f"""
SELECT d.alert_id, d.decision_id, d.list, d.scanner, d.timestamp, d.visit, {_SEEN_MJD},
    EXISTS (
        SELECT 1 FROM decisions o WHERE o.alert_id = d.alert_id AND o.scanner NOT IN (d.scanner, :machine)
        AND o.list IS NOT NULL AND :taught ->> o.list NOT IN (:taught ->> d.list, '')
        AND (:taught ->> o.list) || ' ' || (:taught ->> d.list) NOT IN {NO_CONTRADICTION}
        AND NOT EXISTS (SELECT 1 FROM decisions undoing WHERE undoing.reverts = o.decision_id)
    )
FROM standing s JOIN decisions d ON d.decision_id = s.decision_id
WHERE d.scanner != :machine AND :taught ->> d.list != ''
ORDER BY d.alert_id
"""


@dataclass(frozen=True, eq=False)
class LabelledAlerts:
    """Alerts on which a scanner's decision with a label stands, in ascending order of id; shape (n,) each.

    ``label``: good, galactic, garbage, pm or real. ``listed``: the list it was decided to. ``decided_mjd``:
    when. ``visit``: the running number of the visit that was on screen, 0 where none was recorded.
    ``seen_mjd``: the last exposure that the score on screen was computed from, NaN where the store does not
    hold that score. ``is_contested``: another scanner labelled it otherwise, and that was not undone.
    """

    alert_id: NDArray[np.int64]
    label: NDArray[np.str_]
    decision_id: NDArray[np.str_]
    scanner: NDArray[np.str_]
    decided_mjd: Floats
    visit: NDArray[np.int64]
    seen_mjd: Floats
    is_contested: NDArray[np.bool_]
    listed: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.alert_id)

    def where(self, chosen: NDArray[np.bool_] | slice) -> "LabelledAlerts":
        """The chosen alerts."""
        return LabelledAlerts(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def labelled_alerts(connection: sqlite3.Connection) -> LabelledAlerts:
    """Read scanners' labels, without decisions of policies, undone ones and lists without a label."""
    taught = labels_taught(connection)
    values = {"machine": MACHINE, "taught": json.dumps(taught)}
    ids, decisions, lists, scanners, times, visits, seen, contested = read_columns(
        connection, _LABELLED, values
    )
    return LabelledAlerts(
        np.array(ids, dtype=np.int64),
        np.array([taught[name] for name in lists], dtype=np.str_),
        np.array(decisions, dtype=np.str_),
        np.array(scanners, dtype=np.str_),
        np.array([mjd_of(datetime.fromisoformat(time)) for time in times], dtype=np.float64),
        np.array([visit or 0 for visit in visits], dtype=np.int64),
        np.array(seen, dtype=np.float64),
        np.array(contested, dtype=bool),
        np.array(lists, dtype=np.str_),
    )


def unknown_alerts(connection: sqlite3.Connection) -> int:
    """Count the alerts that scanners decided elsewhere and this store does not hold."""
    found = connection.execute(
        """SELECT count(DISTINCT d.alert_id) FROM decisions d WHERE d.scanner != ?
        AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.alert_id = d.alert_id)""",
        (MACHINE,),
    )
    return int(found.fetchone()[0])


def unit_names(connection: sqlite3.Connection) -> NDArray[np.str_]:
    """Name of each telescope unit by its code, shape (256,); "?" where there is none."""
    names = np.full(256, "?", dtype="U16")
    for code, name in connection.execute("SELECT code, name FROM instruments"):
        names[code] = name
    return names
