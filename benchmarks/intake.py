"""Packets taken in a second, by survey, and the same ones again: `python -m benchmarks.intake [--rounds N]`.

Made-up packets in files as they arrive: ZTF's with three stamps and a month of history, LSST's with histories
of 300 sources, Lasair's bare messages. The numbers are medians over rounds, each in a store of its own.
"""

import argparse
import gzip
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

from tests.surveys.lsst import made as lsst
from tests.surveys.ztf import made as ztf
from vra_tui.domain.refusal import Refusal
from vra_tui.pipeline.ingest import ingest_paths
from vra_tui.store.connection import open_store

#: Of each kind: how many packets, what was asked for a second.
ASKED = {"ztf": (600, 300), "lsst": (200, 60), "lasair": (6_000, 2_000)}
_HISTORY = 30
_SOURCES = 300
_CLOCK = lambda: datetime(2026, 11, 22, tzinfo=UTC)  # noqa: E731


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for kind, (count, asked) in ASKED.items():
            source = Path(folder) / kind
            source.mkdir()
            _MAKE[kind](source, count, rng)
            rates = [_rates(source, Path(folder) / f"{kind}{n}.db", count) for n in range(options.rounds)]
            first = statistics.median(rate for rate, _ in rates)
            ratios = sorted(again / once for once, again in rates)
            ratio = statistics.median(ratios)
            print(
                f"intake: {kind}: {first:,.0f} packets/s (asked: {asked:,}); the same again {ratio:.1f} "
                f"times as fast ({ratios[0]:.1f} to {ratios[-1]:.1f}; asked: 3)"
            )


def _rates(source: Path, db: Path, count: int) -> tuple[float, float]:
    """Packets a second into a new store, and again into the same."""
    connection = open_store(db, durable=False)
    rates = []
    for expected in ("new", "unchanged"):
        begin = time.perf_counter()
        refusals: list[Refusal] = []
        intake = ingest_paths(connection, [source], clock=_CLOCK, on_refusal=refusals.append)
        rates.append(count / (time.perf_counter() - begin))
        assert getattr(intake, expected) == count, (intake, refusals[:1])
    connection.close()
    db.unlink()
    return rates[0], rates[1]


def _ztf(folder: Path, count: int, rng: np.random.Generator) -> None:
    """One packet a file, as the archive of a night holds them."""
    schema = _schema_of(ztf.packet_value(), "ztf.alert")
    # Noise compresses as badly as a real stamp does.
    image = (rng.normal(0, 50, (63, 63)).round(1)).astype(">f4").tobytes()
    stamp = gzip.compress(lsst.STAMP + image)
    for number in range(count):
        value = ztf.packet_value(ra=rng.uniform(0, 360), dec=rng.uniform(-30, 80))
        value["objectId"] = _ztf_id(number)
        value["candid"] += number
        value["candidate"]["candid"] = value["candid"]
        limit, earlier = value["prv_candidates"]
        value["prv_candidates"] = [
            {**(earlier if n % 3 else limit), "jd": ztf.JD - n - 1} for n in range(_HISTORY)
        ]
        for n, row in enumerate(value["prv_candidates"]):
            row["candid"] = None if row["candid"] is None else 10**12 * (n + 1) + number
        value["fp_hists"] = [{**value["fp_hists"][0], "jd": ztf.JD - n - 1.5} for n in range(_HISTORY)]
        for cutout in ("cutoutScience", "cutoutTemplate", "cutoutDifference"):
            value[cutout]["stampData"] = stamp
        (folder / f"{number}.avro").write_bytes(_container(schema, [value]))


def _ztf_id(number: int) -> str:
    letters = ""
    for _ in range(7):
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
    return f"ZTF26{letters}"


def _lsst(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Packets in containers of 50."""
    schema = _schema_of(lsst.packet_value(), "lsst.v10_0.alert")
    for first in range(0, count, 50):
        values = []
        for number in range(first, first + 50):
            changes = {"diaObjectId": lsst.OBJECT + number}
            sources = [
                {**lsst.source(n, **changes), "diaSourceId": lsst.SOURCE - n * 1_000 - number}
                for n in range(_SOURCES + 1)
            ]
            value = lsst.packet_value(
                diaSource=sources[0],
                prvDiaSources=sources[1:],
                prvDiaForcedSources=[lsst.forced(n, **changes) for n in range(_SOURCES)],
            )
            value["diaObject"] |= changes | {"ra": rng.uniform(0, 360), "dec": rng.uniform(-80, 10)}
            values.append(value)
        (folder / f"{first}.avro").write_bytes(_container(schema, values))


def _lasair(folder: Path, count: int, rng: np.random.Generator) -> None:
    """Bare messages, one a line."""
    lines = []
    for number in range(count):
        row = {**lsst.ROW, "diaObjectId": lsst.OBJECT + number, "ra": rng.uniform(0, 360)}
        lines.append(json.dumps({**row, "decl": rng.uniform(-80, 10)}))
    (folder / "messages.jsonl").write_text("\n".join(lines))


_MAKE: dict[str, Callable[[Path, int, np.random.Generator], None]] = {
    "ztf": _ztf,
    "lsst": _lsst,
    "lasair": _lasair,
}


def _container(schema: Any, values: list[Any]) -> bytes:
    """An Avro container with one packet a block."""
    out = io.BytesIO()
    fastavro.writer(out, schema, values, sync_interval=1, sync_marker=b"0123456789abcdef")
    return out.getvalue()


def _schema_of(value: dict[str, Any], name: str) -> Any:
    """An Avro schema that takes a value, all of whose keys may be null."""
    return fastavro.parse_schema({**_type_of(value, name.rpartition(".")[2]), "namespace": "bench"})


def _type_of(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        fields = [
            {"name": key, "type": ["null", *_types(inner, f"{name}_{key}")]} for key, inner in value.items()
        ]
        return {"type": "record", "name": name, "fields": fields}
    if isinstance(value, list):
        merged: dict[str, Any] = {}
        for row in value:
            merged |= {key: inner for key, inner in row.items() if merged.get(key) is None}
        return {"type": "array", "items": _type_of(merged, name)}
    kinds = {bool: "boolean", int: "long", float: "double", str: "string", bytes: "bytes"}
    return kinds[type(value)]


def _types(value: Any, name: str) -> list[Any]:
    return ["double", "string"] if value is None else [_type_of(value, name)]


if __name__ == "__main__":
    main()
