"""API objects ingested a second, of the size of real ones, and the memory that takes.

Takes the real objects named by VRA_REAL_DATA where it is set (as copies under new ids), else objects of
the same size made here.
"""

import json
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.pipeline.ingest import ingest, read_paths
from vra_tui.store.connection import open_store

_OBJECTS = 300


def main() -> None:
    templates = _real() or [_made()]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "objects"
        source.mkdir()
        size = 0
        for number in range(_OBJECTS):
            template = templates[number % len(templates)]
            template["object"]["id"] = 1_000_000_000_000_000_000 + number
            size += (source / f"{number}.json").write_bytes(json.dumps(template).encode())
        connection = open_store(Path(folder) / "bench.db", durable=False)
        begin = time.perf_counter()
        intake = ingest(connection, read_paths([source]), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        spent = time.perf_counter() - begin
        assert intake.new == _OBJECTS
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        kind = "real" if os.environ.get("VRA_REAL_DATA") else "made"
        print(
            f"ingest: {_OBJECTS / spent:.0f} {kind} objects/s of {size / _OBJECTS / 1e6:.2f} MB "
            f"(asked: 60), {size / spent / 1e6:.0f} MB/s, peak memory {peak:.0f} MB"
        )
        connection.close()


def _real() -> list[dict]:
    folder = os.environ.get("VRA_REAL_DATA")
    return (
        [json.loads(p.read_bytes()) for p in sorted(Path(folder, "atlas_api").glob("*.json"))]
        if folder
        else []
    )


def _made() -> dict:
    missed = [
        {"id": i, "mjd": 58000 + i * 0.7, "exptime": 30.0, "filter": "o", "zp": 22.3, "mag5sig": 19.5,
         "expname": f"01a{58000 + int(i * 0.7)}o{i % 1000:04d}o", "filename": f"01a{i}.ddc", "input": None,
         "reference": None, "pointing": "TA356N34"}
        for i in range(3_000)
    ]  # fmt: skip
    header = {"id": 0, "ra": 10.0, "dec": 10.0, "followup_flag_date": "2023-11-13T00:00:00"}
    return {"object": header, "lc": [], "lcnondets": missed}


if __name__ == "__main__":
    main()
