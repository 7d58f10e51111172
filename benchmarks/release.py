"""How fast a release becomes training tables. Run: python -m benchmarks.release FOLDER [--gigabytes 2].

Simulates as much JSON in the shape of the server's as asked for (in tar.gz, one file an alert, beside plain
and packed lines) into FOLDER, makes the tables of it in a process of its own, and prints alerts and megabytes
(unpacked) a second, and the peak of memory. FOLDER must not exist; it is removed afterwards.
"""

import argparse
import csv
import gzip
import io
import resource
import shutil
import subprocess
import sys
import tarfile
import time
from itertools import count
from pathlib import Path

import orjson

from vra_tui.features.dust_map import ebv_sfd
from vra_tui.simulator import load, prepare
from vra_tui.simulator.api_json import objects

_A_FILE = 2_000
#: Names of the files: one alert a member, one a line, one a line packed.
_FORMS = ("tar.gz", "jsonl", "jsonl.gz")

#: The program, which prints its peak of memory in kB at the end: that of a child counts its parent's, too.
_PROGRAM = """
import atexit
from pathlib import Path
from vra_tui.cli import main
status = Path("/proc/self/status")
atexit.register(lambda: print(status.read_text().split("VmHWM:")[1].split()[0]))
main()
"""


def simulate(folder: Path, size: float) -> int:
    """Write files until ``size`` bytes of JSON are in them, and the labels; the bytes."""
    written = 0
    with (folder / "labels.csv").open("w", newline="") as text:
        labels = csv.writer(text)
        labels.writerow(["ATLAS_ID", "type"])
        for number in count():
            simulation = prepare(load("training").changed(alerts=_A_FILE), number, ebv_sfd)
            contents: list[bytes] = []
            for batch in simulation:
                contents += [orjson.dumps(item) for item in objects(batch, simulation.survey.instrument)]
                labels.writerows(zip(batch.alerts["object_id"], batch.truth["label"], strict=True))
            form = _FORMS[number % len(_FORMS)]
            _write(folder / "release" / f"part{number:03d}.{form}", form, contents)
            written += sum(map(len, contents))
            if written >= size:
                break
    return written


def _write(path: Path, form: str, contents: list[bytes]) -> None:
    if form == "tar.gz":
        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            for number, content in enumerate(contents):
                member = tarfile.TarInfo(f"{number}.json")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return
    lines = b"".join(content + b"\n" for content in contents)
    path.write_bytes(gzip.compress(lines, 1) if form.endswith("gz") else lines)


def main() -> None:
    """Simulate, measure, print, clean up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    options = parser.parse_args()
    folder: Path = options.folder
    (folder / "release").mkdir(parents=True)
    try:
        size = simulate(folder, options.gigabytes * 1e9)
        with (folder / "labels.csv").open() as lines:
            alerts = sum(1 for _ in lines) - 1
        command = [sys.executable, "-c", _PROGRAM]
        command += ["train", "--name", "bench", "--rows-only"]
        command += ["--release", str(folder / "release"), "--labels", str(folder / "labels.csv")]
        for what in ("from nothing", "again, all known"):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            begun = time.perf_counter()
            ran = subprocess.run(
                [*command, "--rows", str(folder / "rows")], check=True, stdout=subprocess.PIPE, text=True
            )
            took = time.perf_counter() - begun
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{what}: {alerts:,} alerts, {size / 1e6:,.0f} MB of JSON in {took:.0f} s ({work:.0f} s of "
                f"processor time): {alerts / took:.0f} alerts/s, {size / took / 1e6:.1f} MB/s "
                f"({size / work / 1e6:.1f} per second of work); peak {int(ran.stdout) / 1024:.0f} MB",
                flush=True,
            )
        held = {path.name: path.stat().st_size / 1e6 for path in sorted((folder / "rows").iterdir())}
        print(", ".join(f"{name} {size:.0f} MB" for name, size in held.items()))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
