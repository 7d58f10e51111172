"""Alerts that travel on request: chosen by the words of the list, sent as a bundle, united on arrival."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from vra_tui.features.dust_map import DustMap
from vra_tui.pipeline.own_labels import enter_own_labels
from vra_tui.pipeline.sync.lines import Pipe
from vra_tui.store import Store
from vra_tui.store.bundle import bundle_out, other_store
from vra_tui.store.decision_ids import timestamp
from vra_tui.store.query import ListQuery, query_ids
from vra_tui.store.take_over import take_over
from vra_tui.store.travelling import alert_keys
from vra_tui.surveys import installed_surveys


def chosen_keys(store: Store, list_name: str, words: str, limit: int | None) -> dict[bytes, int]:
    """Keys (`travelling.alert_keys`) of the chosen alerts, with their numbers; raises as `query_ids`."""
    ids = query_ids(store, ListQuery(list_name, words=words), None, limit).tolist()
    return dict(alert_keys(store, ids))


def lacking(store: Store, keys: Iterable[bytes]) -> list[bytes]:
    """Those of another store's alerts that are not here, or not as they are there."""
    held = {key for key, _ in alert_keys(store)}
    return [key for key in keys if key not in held]


def send_alerts(path: Path, pipe: Pipe, alert_ids: Sequence[int]) -> None:
    """Send alerts of the store at ``path``."""
    with tempfile.TemporaryDirectory(prefix="vra-") as folder:
        bundle = Path(folder) / "bundle.db"
        bundle_out(path, bundle, alert_ids)
        with bundle.open("rb") as file:
            pipe.send_file(file)


def take_alerts(store: Store, pipe: Pipe, clock: Callable[[], datetime]) -> dict[str, int]:
    """Take in the alerts that the other end sends; how many are new, and how many hold more than before."""
    surveys = installed_surveys()
    with tempfile.TemporaryDirectory(prefix="vra-") as folder:
        bundle = Path(folder) / "bundle.db"
        with bundle.open("wb") as file:
            for part in pipe.receive_file():
                file.write(part)
        with other_store(bundle) as there:
            intake = take_over(
                store,
                there,
                now=timestamp(clock()),
                extinction=DustMap(),
                forced_within=lambda survey: surveys[survey].forced_within if survey in surveys else 0.0,
            )
    enter_own_labels(store, surveys)
    return {"new alerts": intake.new, "alerts with more data": intake.extended}
