"""`vra sync` of 100,000 decisions between two stores: first, with nothing new, with one new decision.

The far end is a process of its own behind a pipe; with ``--ssh COMMAND HOST`` it stands behind a real ssh.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.labels import ME, make_store, spread
from tests.harness.stores import make_bare_store
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.decisions import decide

#: Seconds asked.
FIRST, NOTHING_NEW = 30.0, 1.0


def main(
    decisions: int = 150_000, alerts: int = 20_000, ssh: str | None = None, host: str = "loopback"
) -> None:
    """Print the seconds of each; a third of the decisions are the policies', and stay where they are."""
    with tempfile.TemporaryDirectory(prefix="vra-sync-") as name:
        folder = Path(name)
        near, far = folder / "near.db", folder / "far.db"
        make_bare_store(near, spread(alerts))
        make_store(far, decisions, alerts, random.Random(1))
        if ssh is None:
            script = folder / "ssh"
            script.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
            script.chmod(0o755)
            ssh = str(script)
        vra = str(Path(sys.executable).with_name("vra"))
        for what, asked in (
            ("first time", FIRST),
            ("nothing new", NOTHING_NEW),
            ("one new there", NOTHING_NEW),
        ):
            if what == "one new there":
                with closing(open_store(far)) as store, transaction(store):
                    decide(store, 1_000_000_000_000_000_000, "good", ME, datetime.now(UTC))
            begin = time.perf_counter()
            arguments = [vra, "--db", str(near), "sync", f"{host}:{far}", "--ssh", ssh, "--remote-vra", vra]
            done = subprocess.run([*arguments, "--json"], capture_output=True, check=True)
            spent = time.perf_counter() - begin
            counts = json.loads(done.stdout)["came"]["counts"]
            came = sum(count for key, count in counts.items() if key != "waiting")
            verdict = "" if spent <= asked else f"   MORE THAN {asked:g} s"
            print(f"sync: {what:<16} {spent:6.2f} s   {came:,} rows came{verdict}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ssh", help="ssh with its options")
    parser.add_argument("--host", default="127.0.0.1")
    given = parser.parse_args()
    main(ssh=given.ssh, host=given.host)
