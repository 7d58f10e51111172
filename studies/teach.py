"""Do labels from the list `teach` teach more than as many random ones? Run: python -m studies.teach.

For each seed a simulated month. Some of its alerts are labelled at random and train a first model. Then 500
more labels are taken from the same alerts in different ways; each time the model is trained anew on all of
them and judged on another simulated month. Prints AuRaK (relevant = good) and, paired by seed, how far each
way is ahead of random labels, with the 95 % interval of the mean (Student's t).
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.table import FeatureTable
from vra_tui.features.vra import compute
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import PGAL, PREAL
from vra_tui.scoring.training.boosters import LabelledRows, fit_day1, margin
from vra_tui.scoring.training.next_labels import UndecidedAlerts, choose
from vra_tui.scoring.training.recipes import DAY1_RECIPES
from vra_tui.scoring.training.validation import probability
from vra_tui.simulator import load, simulate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: 97.5 % quantile of Student's t for 1 to 19 degrees of freedom.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23,
      2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09)  # fmt: skip


def month(seed: int, alerts: int) -> LabelledRows:
    """Day-1 features and true labels of a simulated month."""
    scenario = load("ordinary").model_copy(update={"alerts": alerts, "nights": 28})
    tables, labels = [], []
    for batch in simulate(scenario, seed, ebv_sfd):
        t0 = batch.alerts["t0_mjd"].astype(float)
        tables.append(compute(light_curves(batch), context(batch), at_mjd=t0))
        labels.append(batch.truth["label"].astype(np.str_))
    joined = FeatureTable(
        np.concatenate([table.alert_id for table in tables]),
        tables[0].names,
        np.concatenate([table.values for table in tables]),
    )
    return LabelledRows(joined, np.concatenate(labels))


def answers(trained_on: LabelledRows, asked: LabelledRows, seed: int) -> tuple[Floats, Floats]:
    """P(real) and P(galactic) of rows by a first-look model trained on others."""
    features = DAY1_RECIPES[PREAL.name].features
    matrix = feature_matrix(asked.table, features)
    first, second = (
        probability(margin(fit_day1(question, trained_on, seed=seed), matrix)) for question in (PREAL, PGAL)
    )
    return first, second


def ways(stream: LabelledRows, pool: Ints, known: LabelledRows, labels: int, seed: int) -> dict[str, Ints]:
    """Rows of the stream that each way of choosing would have labelled."""
    rng = np.random.default_rng(seed)
    preal, pgal = answers(known, taken(stream, pool), seed)
    ranks = np.asarray(rank(preal, pgal))
    unknown, never = np.full(len(pool), np.nan), np.zeros(len(pool), dtype=bool)
    ids = stream.table.alert_id[pool]
    candidates = UndecidedAlerts(ids, preal, pgal, ranks, ranks, unknown, never)
    return {
        "random": rng.permutation(pool)[:labels],
        "best rank first": pool[np.argsort(-ranks)[:labels]],
        "teach": pool[choose(candidates, labels).rows],
    }


def taken(rows: LabelledRows, chosen: Ints) -> LabelledRows:
    """The chosen rows, in the order of the table."""
    mask = np.zeros(len(rows), dtype=bool)
    mask[chosen] = True
    return rows.where(mask)


def run(seed: int, alerts: int, first: int, labels: int, judge: LabelledRows) -> dict[str, float]:
    """AuRaK before, and after each way of labelling."""
    stream = month(seed, alerts)
    # A stream sorted by time is labelled from its beginning; the pool's order must be that of `taken`.
    order = np.random.default_rng(seed).permutation(len(stream))
    begun, pool = order[:first], np.sort(order[first:])
    good = judge.label == "good"

    def judged(rows: Ints) -> float:
        return aurak(rank(*answers(taken(stream, rows), judge, seed)), good)

    found = {"before": judged(begun)}
    for name, rows in ways(stream, pool, taken(stream, begun), labels, seed).items():
        found[name] = judged(np.concatenate([begun, rows]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="2 to 20")
    parser.add_argument("--alerts", type=int, default=8_000, help="of a month")
    parser.add_argument("--first", type=int, nargs="*", default=[200, 1_000], help="labels to begin with")
    parser.add_argument("--labels", type=int, default=500)
    arguments = parser.parse_args()
    judge = month(900, arguments.alerts)
    for first in arguments.first:
        runs = [
            run(seed, arguments.alerts, first, arguments.labels, judge)
            for seed in range(1, arguments.seeds + 1)
        ]
        print(f"\n{first} random labels, then {arguments.labels} more; {len(runs)} simulated months")
        print(f"{'':18s} {'AuRaK':>7s} {'ahead of random':>18s}")
        for name in runs[0]:
            values = np.array([one[name] for one in runs])
            ahead = values - np.array([one["random"] for one in runs])
            half = _T[len(ahead) - 2] * ahead.std(ddof=1) / np.sqrt(len(ahead))
            print(f"{name:18s} {values.mean():7.4f} {ahead.mean():+9.4f} +- {half:.4f}")


if __name__ == "__main__":
    main()
