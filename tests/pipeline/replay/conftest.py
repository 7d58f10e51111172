"""A small simulated stream with a bad night, as API objects and as a stream, and its tape."""

import csv
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from vra_tui.pipeline.replay.sources import folder_stream
from vra_tui.pipeline.replay.tape import record
from vra_tui.scoring.model.library import default_model
from vra_tui.scoring.model.trained import load_model
from vra_tui.simulator import load, prepare
from vra_tui.simulator.api_json import TRUTH_FILE, write
from vra_tui.simulator.instrument import Instrument
from vra_tui.surveys.base import Packet


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """90 alerts of 7 nights, 35 of them trailed images of one night; followed for 6 days."""
    from vra_tui.features.dust_map import ebv_sfd
    from vra_tui.pipeline.ingest import read_paths

    plan = load("ordinary").changed(
        alerts=90,
        nights=7,
        history=20,
        follow=6,
        mixture={"good": 0.25, "galactic": 0.15, "garbage": 0.35, "pm": 0.25},
        bad_nights=({"night": 5, "unit": "02a", "alerts": 35, "logit": (5.0, 2.2)},),
    )
    folder = tmp_path_factory.mktemp("stream")
    write(prepare(plan, 4, ebv_sfd), folder, Instrument.shipped())
    with (folder / TRUTH_FILE).open(encoding="utf-8") as file:
        labels = {int(row["object_id"]): row["label"] for row in csv.DictReader(file)}
    objects = [piece.value for piece in read_paths([folder]) if isinstance(piece, Packet)]
    stream = folder_stream(folder, clock=lambda: datetime.now(UTC))
    model = load_model(default_model())
    (tape,) = record(stream, [model])
    return SimpleNamespace(
        folder=folder, labels=labels, objects=objects, stream=stream, model=model, tape=tape
    )
