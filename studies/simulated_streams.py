"""Labelled `stream-1` features of simulated ZTF and LSST streams, kept in a folder between runs of a study.

Each object stands once, as a team sees it that starts at the end of the fortnight: with its last packet and
the history in it.
"""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert, NotAnAlert
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.stream import STREAM_1
from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.simulator import Batch, Simulation, load, prepare
from vra_tui.simulator.api_json import truth_rows
from vra_tui.simulator.packets import packets_of
from vra_tui.store.codes import Codes
from vra_tui.store.connection import open_store
from vra_tui.store.intake import put_alerts
from vra_tui.store.objects import known_numbers
from vra_tui.surveys import installed_surveys
from vra_tui.surveys.base import Packet

_NOW = "2026-11-28T00:00:00Z"
_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class LabelledStream:
    """Objects of a simulated stream: their features, and what they truly are (label and kind), shape (n,)."""

    table: FeatureTable
    label: NDArray[np.str_]
    kind: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.table)


def labelled_stream(survey: str, seed: int, objects: int, folder: Path) -> LabelledStream:
    """An ordinary fortnight of a survey; read from ``folder`` where a run before left it there."""
    file = folder / f"{survey}-{seed}-{objects}.npz"
    if not file.exists():
        table, label, kind = _simulated(survey, seed, objects)
        folder.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez_compressed(part, alert_id=table.alert_id, values=table.values, label=label, kind=kind)
        part.replace(file)
    with np.load(file) as held:
        table = FeatureTable(held["alert_id"], STREAM_1, held["values"])
        return LabelledStream(table, held["label"], held["kind"])


def _simulated(
    survey: str, seed: int, objects: int
) -> tuple[FeatureTable, NDArray[np.str_], NDArray[np.str_]]:
    scenario = load("ordinary").by(survey).changed(alerts=objects)
    simulation = prepare(scenario, seed, ebv_sfd)
    truth: dict[str, tuple[str, str]] = {}
    with TemporaryDirectory() as room:
        store = open_store(Path(room) / "stream.db", durable=False)
        codes = Codes(store)
        for index in range(scenario.batches):
            batch = simulation.batch(index)
            truth |= {str(row[1]): (str(row[2]), str(row[3])) for row in truth_rows(batch, False, survey)}
            alerts = _last_alerts(batch, simulation, index, survey)
            while part := list(itertools.islice(alerts, _AT_ONCE)):
                put_alerts(store, part, _NOW, ebv_sfd, codes)
        numbers = known_numbers(store, ((survey, name) for name in truth))
        table = stream_features(store, list(numbers.values()))
        store.close()
    name_of = {number: name for (_, name), number in numbers.items()}
    told = [truth[name_of[number]] for number in table.alert_id.tolist()]
    label, kind = (np.array(column, dtype=np.str_) for column in zip(*told, strict=True))
    return table, label, kind


def _last_alerts(batch: Batch, simulation: Simulation, index: int, survey: str) -> Iterator[Alert]:
    """Each object of a batch with its last packet alone."""
    module = installed_surveys()[survey]
    last: dict[object, dict[str, object]] = {}
    for packet in packets_of(batch, simulation, "none", index):
        last[_name(packet.value)] = packet.value
    for name, value in last.items():
        with suppress(NotAnAlert):
            yield module.alert(Packet("simulated", str(name), value, form="avro"))


def _name(value: dict[str, object]) -> object:
    found = value.get("objectId")
    if found is None:
        source = value["diaSource"]
        found = source["diaObjectId"] if isinstance(source, dict) else None
    return found
