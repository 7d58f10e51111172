"""Packets of real ZTF files, decoded as a source would give them."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vra_tui.surveys.base import Packet

FOLDER = os.environ.get("VRA_REAL_DATA")
needs_real_data = pytest.mark.skipif(not FOLDER, reason="VRA_REAL_DATA names no folder of real data")


def path(name: str) -> Path:
    return Path(FOLDER or "") / name


def avro(name: str) -> list[Packet]:
    fastavro = pytest.importorskip("fastavro")
    if "old_schemas" in name:
        pytest.importorskip("cramjam")
    with path(name).open("rb") as file:
        reader = fastavro.reader(file)
        schema = reader.writer_schema
        full = schema["name"] if "." in schema["name"] else f"{schema.get('namespace', '')}.{schema['name']}"
        return [
            Packet(name, f"record {i}", record, "avro", full.strip("."))
            for i, record in enumerate(reader, start=1)
        ]


def series() -> list[Packet]:
    folder = "ztf_alerts/series_ZTF21abiuvdk"
    return [packet for file in sorted(path(folder).iterdir()) for packet in avro(f"{folder}/{file.name}")]


def parquet(name: str) -> list[Packet]:
    table = pytest.importorskip("pyarrow.parquet").read_table(path(name))
    return [Packet(name, f"row {i}", row, "row") for i, row in enumerate(table.to_pylist(), start=1)]


def split(name: str, value: object) -> list[Packet]:
    """A JSON document's packets: the elements of a list, or the document itself."""
    values = value if isinstance(value, list) else [value]
    return [Packet(name, f"item {i}", one, "json") for i, one in enumerate(values, start=1)]


def document(name: str) -> list[Packet]:
    return split(name, json.loads(path(name).read_bytes()))


def cassette(name: str) -> list[Packet]:
    """The packets of all answers of a recorded exchange."""
    yaml = pytest.importorskip("yaml")
    answers = yaml.safe_load(path(name).read_text())["interactions"]
    bodies = [json.loads(answer["response"]["body"]["string"]) for answer in answers]
    return [packet for body in bodies for packet in split(name, body)]


def markdown(name: str) -> list[Packet]:
    """The packets of the JSON block of a page of documentation."""
    block = re.search(r"```\n(.*?)```", path(name).read_text(), re.DOTALL)
    assert block
    return split(name, json.loads(block[1]))


def everything() -> Iterator[tuple[str, list[Packet]]]:
    """Every real file that holds, or might hold, ZTF's alerts, with its packets."""
    for file in sorted(path("ztf_alerts").rglob("*.avro")):
        name = str(file.relative_to(path("")))
        yield name, avro(name)
    yield "ztf_alerts/fink_50alerts_2025-10.parquet", parquet("ztf_alerts/fink_50alerts_2025-10.parquet")
    for name in ("alerce_get_alert", "antares_get_alert", "boom_query", "fink_get_alert", "lasair_cone"):
        yield f"broker_responses/{name}.yaml", cassette(f"broker_responses/{name}.yaml")
    for name in ("babamul_alert", "ampel_report"):
        yield f"broker_responses/{name}.avro", avro(f"broker_responses/{name}.avro")
    yield "broker_responses/pittgoogle_rows.json", document("broker_responses/pittgoogle_rows.json")
    for name in ("ztf_cand_and_noncand", "ztf_other_ann", "sample_annotations"):
        yield f"lasair/{name}.json", document(f"lasair/{name}.json")
    yield "lasair/object_api_ZTF23aabplmy.md", markdown("lasair/object_api_ZTF23aabplmy.md")
