"""Tell which epochs are bad: of those that scanners marked the latest word counts."""

import sqlite3
from collections.abc import Mapping, Sequence

from vra_tui.domain.epoch_identity import CodeNames, EpochName
from vra_tui.store.codes import band_names, instrument_names
from vra_tui.store.id_lists import json_ids

#: The epochs that are bad, by alert.
BadEpochs = Mapping[int, frozenset[EpochName]]


def code_names(connection: sqlite3.Connection) -> CodeNames:
    """The names of the store's codes."""
    return CodeNames(instrument_names(connection), band_names(connection))


def bad_epochs(
    connection: sqlite3.Connection, alert_ids: Sequence[int], known_by: Mapping[int, str] | None = None
) -> BadEpochs:
    """The bad epochs of some alerts; alerts without any are left out.

    ``known_by``: for each alert the id of a decision; marks that came after it do not count.
    """
    if not _has_marks(connection):
        return {}
    rows = connection.execute(
        """SELECT alert_id, section, epoch, is_bad, mark_id FROM epoch_marks
        WHERE alert_id IN (SELECT value FROM json_each(?)) ORDER BY mark_id""",
        (json_ids(alert_ids),),
    )
    found: dict[int, dict[EpochName, bool]] = {}
    for alert_id, section, epoch, is_bad, mark_id in rows:
        if known_by is None or mark_id < known_by[alert_id]:
            found.setdefault(alert_id, {})[EpochName(section, epoch)] = bool(is_bad)
    bad = {
        alert_id: frozenset(name for name, is_bad in said.items() if is_bad)
        for alert_id, said in found.items()
    }
    return {alert_id: names for alert_id, names in bad.items() if names}


def _has_marks(connection: sqlite3.Connection) -> bool:
    # Most stores have none, and then no alert is looked at for them.
    return connection.execute("SELECT 1 FROM epoch_marks LIMIT 1").fetchone() is not None
