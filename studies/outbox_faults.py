"""The outbox through faults: what targets that behave badly, and killed senders, leave of what was to leave.

`python -m studies.outbox_faults [--faults N] [--seed N]`: two senders at a time on one store, servers on
loopback that accept and lose, answer 504 after success, 429, 401, slowly, half, or with a page, and kill
senders (-9) before and after they did what they were asked. tests/faults/ does it with fewer. Linux only.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.harness.unruly import run_faults


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        came = run_faults(Path(folder), asked.faults, asked.seed)
    print(f"{came.faults.total()} faults, seed {asked.seed}, {came.rounds} rounds of two senders:")
    for fault, times in sorted(came.faults.items()):
        print(f"  {fault:<28}{times:>6}")
    print(f"{'items':<24}{'accepted':>10}{'refused':>10}{'other':>8}")
    for kind, states in came.kinds.items():
        other = states.total() - states["accepted"] - states["refused"]
        print(f"  {kind:<22}{states['accepted']:>10}{states['refused']:>10}{other:>8}")
    print(
        f"asked whether it arrived: {came.asked}; calls of one account in an hour: {came.most_calls_an_hour}"
    )
    for word, found in (("more than once", came.doubled), ("lost", came.lost), ("no reason", came.silent)):
        print(f"{word}: {len(found)}" + "".join(f"\n  {one}" for one in found))
    print(f"{time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
