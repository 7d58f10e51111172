"""Files of simulated packets: an Avro container for every night, and the truth of the objects."""

import csv
import secrets
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from vra_tui.simulator.api_json import TRUTH_COLUMNS, TRUTH_FILE, truth_rows
from vra_tui.simulator.generate import Simulation
from vra_tui.simulator.packets.stream import SCHEMAS, Stamps, packets_of
from vra_tui.simulator.server_text import iso


def night_file(night: int) -> str:
    """Name of the file of a night, by the date of its local midnight (MJD)."""
    return iso(float(night))[:10].replace("-", "") + ".avro"


def write(
    simulation: Simulation,
    folder: Path,
    human: bool = False,
    stamps: Stamps = "all",
    on_progress: Callable[[int], None] = lambda objects: None,
) -> tuple[int, int]:
    """Write a file a night and ``truth.csv``; the numbers of objects and packets. All appear when whole.

    A file holds its night's packets in time order; of more than `scenario.BATCH` objects, one such stream
    after the other. The same seed gives the same bytes. ``human``: the tired human's label is part of the
    truth. Raises OSError, ScenarioError.
    """
    from fastavro import parse_schema, writer

    survey = simulation.scenario.survey
    schema = parse_schema(SCHEMAS[survey])
    folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(8)
    partial: dict[str, Path] = {}

    def part(name: str) -> Path:
        return partial.setdefault(name, folder / f".{name}.{token}.part")

    objects = packets = 0
    try:
        with part(TRUTH_FILE).open("x", newline="", encoding="utf-8") as text:
            table = csv.writer(text, lineterminator="\n")
            table.writerow([*TRUTH_COLUMNS, "human"] if human else TRUTH_COLUMNS)
            for index, batch in enumerate(simulation):
                stream = packets_of(batch, simulation, stamps, index)
                for night, sent in groupby(stream, attrgetter("night")):
                    name = night_file(night)
                    values = [packet.value for packet in sent]
                    packets += len(values)
                    with part(name).open("a+b") as file:
                        # The mark between blocks is drawn at random unless it is given.
                        mark = f"{survey} {name}".encode().ljust(16)[:16]
                        writer(file, schema, values, codec="deflate", sync_marker=mark)
                table.writerows(truth_rows(batch, human, survey))
                objects += len(batch)
                on_progress(len(batch))
        for name, path in partial.items():
            path.replace(folder / name)
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
    return objects, packets
