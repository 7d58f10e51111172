"""Do second looks find wrong labels, and does the next model gain? Run: python -m studies.second_looks.

For each seed, alerts of a simulated month are labelled by two scanners, one careful and one in a hurry, who
err at random. The list `doubt` is made from these labels, and whoever looks again knows the truth. Prints
what share of the list is wrong, what share of the wrong ones it holds, what the looks drawn at random tell
of each scanner, and AuRaK (relevant = good) on another month of models taught on the labels before, after
as many looks at random, after the looks of the list, and on the truth; paired by seed, with the 95 %
interval of the mean (Student's t).
"""

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.teach import _T, answers, month, taken
from vra_tui.pipeline.doubt import LENGTH, RANDOM_SHARE, SHARE
from vra_tui.ranking.label_noise import noise_of
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.doubtful_labels import doubtful
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.training.boosters import LabelledRows, balanced
from vra_tui.scoring.training.validation import cross_validate

#: The scanners, and what share of their labels is wrong.
ERRORS = {"careful": 0.02, "hurried": 0.10}
LABELS = np.array(["galactic", "garbage", "good", "pm"])

Strings = NDArray[np.str_]


def mislabelled(truth: Strings, seed: int) -> tuple[Strings, Strings]:
    """Labels as two scanners give them to half of the alerts each, and who gave each."""
    rng = np.random.default_rng(seed)
    who = rng.choice(list(ERRORS), len(truth))
    is_wrong = rng.random(len(truth)) < np.array([ERRORS[name] for name in who])
    other = LABELS[(np.searchsorted(LABELS, truth) + rng.integers(1, 4, len(truth))) % 4]
    return np.where(is_wrong, other, truth), who


@dataclass(frozen=True)
class Month:
    """What came of a month: wrong labels in all, listed, and wrong ones found among these; whether each look
    at random of a scanner's labels found a wrong one; AuRaK by what was taught."""

    wrong: int
    listed: int
    found: int
    drawn: dict[str, list[bool]]
    aurak: dict[str, float]


def run(seed: int, labels: int, judge: LabelledRows) -> Month:
    """One simulated month: what the list holds, and AuRaK by what the models were taught on."""
    whole = month(seed, 8_000)
    rows = taken(whole, np.random.default_rng(seed).permutation(len(whole))[:labels])
    said, who = mislabelled(rows.label, seed)
    noisy = LabelledRows(rows.table, said)
    folded = cross_validate(balanced(noisy, "even", seed=seed), seed=seed, repeats=2)
    most = min(LENGTH, -(-labels // SHARE))
    random = round(most * RANDOM_SHARE)
    preal, pgal = folded.preal.mean(axis=0), folded.pgal.mean(axis=0)
    listed, is_random = doubtful(said, preal, pgal, most, random, seed)
    is_wrong = said != rows.label
    asked = listed[~is_random]
    drawn = np.random.default_rng(seed + 1).permutation(labels)[: len(listed)]
    good = judge.label == "good"

    def judged(corrected: NDArray[np.int64]) -> float:
        label = said.copy()
        label[corrected] = rows.label[corrected]
        taught = balanced(LabelledRows(rows.table, label), "even", seed=seed)
        return aurak(rank(*answers(taught, judge, seed)), good)

    at_random = listed[is_random]
    return Month(
        int(is_wrong.sum()),
        len(asked),
        int(is_wrong[asked].sum()),
        {name: is_wrong[at_random][who[at_random] == name].tolist() for name in ERRORS},
        {
            "before": judged(np.empty(0, dtype=np.int64)),
            "as many at random": judged(drawn),
            "second looks": judged(listed),
            "the truth": judged(np.arange(labels)),
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="2 to 20")
    parser.add_argument("--labels", type=int, default=2_000)
    arguments = parser.parse_args()
    judge = month(900, 8_000)
    runs = []
    for seed in range(1, arguments.seeds + 1):
        runs.append(run(seed, arguments.labels, judge))
        one = runs[-1]
        print(f"seed {seed}: {one.found} of {one.listed} wrong, of {one.wrong} in all", flush=True)
        if len(runs) > 1:
            print(_summary(runs), flush=True)


def _summary(runs: list[Month]) -> str:
    wrong, listed, found = (sum(getattr(one, name) for one in runs) for name in ("wrong", "listed", "found"))
    lines = [
        f"{len(runs)} months: {found / listed:.0%} of the list are wrong, it holds {found / wrong:.0%} of "
        "the wrong ones"
    ]
    for name, share in ERRORS.items():
        noise = noise_of([is_wrong for one in runs for is_wrong in one.drawn[name]])
        if noise is not None:
            lines.append(
                f"{name}, wrong in {share:.0%}: {noise.overturned} of {noise.looked} drawn at random, "
                f"{noise.share:.1%} ({noise.low:.1%} to {noise.high:.1%})"
            )
    for name in runs[0].aurak:
        values, before = (np.array([one.aurak[which] for one in runs]) for which in (name, "before"))
        ahead = values - before
        half = _T[len(ahead) - 2] * ahead.std(ddof=1) / np.sqrt(len(ahead))
        lines.append(f"{name:18s} {values.mean():7.4f} {ahead.mean():+9.4f} +- {half:.4f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
