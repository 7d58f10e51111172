"""Loading alerts in bulk."""

from tests.factories import FIRST_ID
from vra_tui.store.bulk import ALERT_COLUMNS, load_alerts
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import COLUMNS, insert_decisions
from vra_tui.store.listing import list_ids

NUMBERS = {"ra": 1.0, "dec": 2.0, "t0_mjd": 60_000.0, "n_detections": 0, "n_nondetections": 0, "n_forced": 0}


def test_a_decision_that_came_before_its_alert_stands_when_the_alert_is_loaded(store):
    given = {"alert_id": FIRST_ID, "list": "good", "scanner": "ada", "host": "summit", "timestamp": "2026"}
    decision = {"decision_id": "019b0000-0000-7000-8000-000000000000", **given}
    alerts = [[FIRST_ID + n, *(NUMBERS.get(name) for name in ALERT_COLUMNS[1:])] for n in range(2)]
    with transaction(store):
        insert_decisions(store, [[decision.get(name) for name in COLUMNS]])
        load_alerts(store, alerts, [], {}, "2026-11-22")
    assert list_ids(store, "good").tolist() == [FIRST_ID]
