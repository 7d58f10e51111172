"""Rubin's packets as a broker sends them: of their real size, in Confluent framing, each of another object.

Copies of real ones where VRA_REAL_DATA names a folder of them, else of what the simulator makes; either with
their stamps, and histories cut to a length that is asked for.
"""

import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

#: What `lsst.v10_0` is in a frame.
FRAME = 1_000
_HISTORIES = {"prvDiaSources": "diaSourceId", "prvDiaForcedSources": "diaForcedSourceId"}
#: Between the ids of two copies: no history is longer.
_APART = 1_000


@dataclass(frozen=True)
class Templates:
    """Decoded packets to make copies of, their schema, and in words where they come from."""

    schema: Any
    values: list[dict[str, Any]]
    words: str

    @classmethod
    def found(cls) -> "Templates":
        """Real packets where there are some, else simulated ones."""
        folder = os.environ.get("VRA_REAL_DATA")
        return _real(Path(folder)) if folder else _simulated()

    def write_schema(self, folder: Path) -> Path:
        """Write the schema where a source's `schemas` finds it; the folder."""
        place = folder / "schemas" / "10.0"
        place.mkdir(parents=True, exist_ok=True)
        plain = {key: value for key, value in self.schema.items() if not key.startswith("__")}
        (place / "lsst.v10_0.alert.avsc").write_text(json.dumps(plain))
        return place.parent

    def messages(self, count: int, history: int, first: int = 0, nights: int = 0) -> Iterator[bytes]:
        """So many messages of as many objects, with up to ``history`` earlier sources and forced ones.

        ``nights``: so much later, of the same objects, and with a source that is new.
        """
        rng = np.random.default_rng(first + 1)
        for number in range(first, first + count):
            place = {"ra": float(rng.uniform(0, 360)), "dec": float(rng.uniform(-80, 10))}
            value = _copy(self.values[number % len(self.values)], number, place, history)
            value["diaSource"]["midpointMjdTai"] += nights
            value["diaSource"]["diaSourceId"] += nights
            out = io.BytesIO()
            fastavro.schemaless_writer(out, self.schema, value)
            yield b"\x00" + FRAME.to_bytes(4, "big") + out.getvalue()


def _copy(value: Mapping[str, Any], number: int, place: Mapping[str, float], history: int) -> dict[str, Any]:
    """A packet of another object at another place, whose sources have ids of their own."""
    object_id = int(value["diaObject"]["diaObjectId"]) + number * _APART

    def moved(row: Mapping[str, Any], id_name: str) -> dict[str, Any]:
        return {**row, **place, "diaObjectId": object_id, id_name: row[id_name] + number * _APART}

    made = {**value, "ssSource": None, "mpc_orbits": None}
    made["diaSource"] = moved(value["diaSource"], "diaSourceId")
    # Every score is as frequent as any other.
    made["diaSource"]["reliability"] = number * 37 % 100 / 100
    made["diaSourceId"] = made["diaSource"]["diaSourceId"]
    made["diaObject"] = {**value["diaObject"], **place, "diaObjectId": object_id}
    for section, id_name in _HISTORIES.items():
        rows = (value.get(section) or [])[-history:] if history else []
        made[section] = [moved(row, id_name) for row in rows]
    return made


def _real(folder: Path) -> Templates:
    from fastavro.schema import load_schema

    (schema,) = (folder / "lsst_schemas" / "10.0").rglob("lsst.v10_0.alert.avsc")
    (packets,) = (folder / "lsst_alerts").glob("fink_lsst_v10_0_*.avro")
    with packets.open("rb") as stream:
        values = [dict(value) for value in fastavro.reader(stream)]
    return Templates(load_schema(str(schema)), _of_objects(values), "real packets of lsst.v10_0, copied")


def _of_objects(values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are no sources of the solar system."""
    return [value for value in values if (value.get("diaObject") or {}).get("diaObjectId")]


def _simulated() -> Templates:
    from typer.testing import CliRunner

    from vra_tui.cli import app

    with tempfile.TemporaryDirectory() as name:
        told = [
            "simulate",
            "--survey",
            "lsst",
            "--format",
            "avro",
            "--alerts",
            "60",
            "--nights",
            "9",
            "--out",
            name,
        ]
        assert CliRunner().invoke(app, told).exit_code == 0
        with max(Path(name).glob("*.avro")).open("rb") as stream:
            reader = fastavro.reader(stream)
            values = [dict(value) for value in reader]
            schema = fastavro.parse_schema(reader.writer_schema)
    return Templates(schema, _of_objects(values), "packets of the simulator, copied")
