"""What does the loop buy? Run: python -m studies.loop [--labels 6000] [--seeds 211-218].

A simulated survey is scanned by a tired human (with a human's errors) until so many labels are there; `vra
train` makes a model of them; `vra replay` plays other streams with it and with the shipped model, under both
policies. Purgatory is read once a week, what is older than seven days.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.harness.labelled_store import make_labelled_store
from vra_tui.scoring.model.library import shipped_default

_LABELS_SEED = 61


def _vra(*arguments: str) -> str:
    command = [sys.executable, "-c", "from vra_tui.cli import main; main()", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def replayed(model: str, policies: tuple[str, ...], seeds: tuple[int, int]) -> dict[str, Any]:
    """The figures of a model's replay under each policy."""
    first, last = seeds
    chosen = [part for policy in policies for part in ("--policy", policy)]
    habits = ["--purgatory-age", "7", "--seed", str(first), "--seeds", str(last - first + 1)]
    return dict(json.loads(_vra("replay", "--model", model, *chosen, *habits, "--json"))["figures"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=6_000)
    parser.add_argument("--seeds", default="211-218", help="streams to replay")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds = (int(first), int(last or first))
    with tempfile.TemporaryDirectory() as folder:
        store, shelf = Path(folder) / "labelled.db", Path(folder) / "models"
        make_labelled_store(store, options.labels, seed=_LABELS_SEED, tired=True)
        _vra("train", "--name", "own", "--db", str(store), "--into", str(shelf), "--repeats", "0")
        print(f"{options.labels} labels by a tired human; streams {options.seeds}")
        print("| model | policy | looks | good lost | good late | galactic lost |\n|" + " --- |" * 6)
        for name, model in (("shipped", shipped_default().name), ("own", str(shelf / "own"))):
            for policy, figures in replayed(model, ("default", "lean"), seeds).items():
                print(f"| {name} | {policy} | {_row(figures)} |")


def _row(figures: dict[str, Any]) -> str:
    groups = {group["name"]: group for group in figures["groups"]}
    good, galactic = groups["good"], groups["galactic"]
    return (
        f"-{1 - figures['workload']:.1%} | {good['lost']} of {good['alerts']} "
        f"({good['lost'] / good['alerts']:.2%}) | {good['late'] / good['alerts']:.1%} | "
        f"{galactic['lost'] / galactic['alerts']:.0%}"
    )


if __name__ == "__main__":
    main()
