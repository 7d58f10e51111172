"""How real is the simulated stream? Run: python -m studies.realism REAL [--quantiles].

REAL is the folder with ``vra_duck``. Prints, per label, the cross-validated AUC of boosted trees that tell
simulated feature rows from real ones, and the features that give them away; AuRaK of a model trained on real
rows, and of rb_pix alone, on an unbalanced simulated stream; quantiles of every feature, side by side.
"""

import argparse
import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.table import DAY1_FEATURES, DAYN_FEATURES
from vra_tui.features.vra import compute
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.simulator import Batch, Scenario, load, simulate

LABELS = ("good", "galactic", "garbage", "pm")
#: Separator and scorer are small: a few hundred rows per label.
_TREES = {"max_depth": 4, "eta": 0.1, "subsample": 0.8, "colsample_bytree": 0.8, "min_child_weight": 3}
_SCORER = {"max_depth": 5, "eta": 0.06, "subsample": 0.8, "colsample_bytree": 0.7, "min_child_weight": 3}


def read_real(folder: Path, stage: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feature rows, labels and object ids of the real sample. Stage: day1 or dayN."""
    names = DAY1_FEATURES if stage == "day1" else DAYN_FEATURES
    with (folder / f"X_train_{stage}.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    with (folder / f"y_train_{stage}.csv").open(newline="") as lines:
        labels = np.array([row["type"] for row in csv.DictReader(lines)])
    number = {"True": 1.0, "False": 0.0, "": np.nan}
    values = [[number[v] if (v := row[name]) in number else float(v) for name in names] for row in rows]
    return np.array(values), labels, np.array([int(row["ATLAS_ID"]) for row in rows])


def rows_at_day1(batch: Batch) -> np.ndarray:
    """Day-1 features of every alert of a batch, as they stood at t0."""
    table = compute(light_curves(batch), context(batch), at_mjd=batch.alerts["t0_mjd"].astype(float))
    return table.select(DAY1_FEATURES)


def rows_at_visits(batch: Batch, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Day-N features at every visit of fifteen days after t0, and the row of each in the batch."""
    curves, about = light_curves(batch), context(batch)
    values, owners = [], []
    t0 = batch.alerts["t0_mjd"].astype(float)
    for day in range(1, 16):
        table = compute(curves, about, at_mjd=t0 + day)
        visited = np.flatnonzero(table.column("dayN") == day)
        values.append(table.select(DAYN_FEATURES)[visited])
        owners.append(visited)
    return np.concatenate(values), np.concatenate(owners)


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Area under the ROC curve: the share of pairs in the right order."""
    everything = np.concatenate([positive, negative])
    _, inverse, count = np.unique(everything, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - 0.5 * (count - 1))[inverse]
    n, m = len(positive), len(negative)
    return float((rank[:n].sum() - n * (n + 1) / 2) / (n * m))


def recall_area(score: np.ndarray, relevant: np.ndarray) -> float:
    """AuRaK: the mean over all K of the recall at rank K."""
    hits = np.cumsum(relevant[np.argsort(-score, kind="stable")])
    return float((hits / hits[-1]).mean())


def folds(group: np.ndarray, k: int, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """k splits into training and test rows; rows of a group stay together."""
    groups = rng.permutation(np.unique(group))
    for part in range(k):
        test = np.isin(group, groups[part::k])
        yield np.flatnonzero(~test), np.flatnonzero(test)


def separate(
    real: np.ndarray,
    simulated: np.ndarray,
    real_group: np.ndarray,
    sim_group: np.ndarray,
    names: tuple[str, ...],
) -> tuple[float, list[tuple[str, float]]]:
    """Cross-validated AUC of telling the two apart, and the features that do it, by share of gain."""
    import xgboost as xgb

    rng = np.random.default_rng(7)
    x = np.concatenate([real, simulated])
    y = np.repeat([0.0, 1.0], [len(real), len(simulated)])
    weight = np.where(y == 1, len(real) / len(simulated), 1.0)
    group = np.concatenate([real_group, -1 - sim_group])
    score, gain = np.zeros(len(y)), dict.fromkeys(names, 0.0)
    repeats, results = 3, []
    for _ in range(repeats):
        for train, test in folds(group, 5, rng):
            data = xgb.DMatrix(x[train], y[train], weight=weight[train], feature_names=list(names))
            model = xgb.train({**_TREES, "objective": "binary:logistic", "nthread": 2}, data, 120)
            score[test] = model.predict(xgb.DMatrix(x[test], feature_names=list(names)))
            for name, value in model.get_score(importance_type="total_gain").items():
                gain[name] += value
        results.append(auc(score[y == 1], score[y == 0]))
    total = sum(gain.values())
    ranked = sorted(((name, value / total) for name, value in gain.items()), key=lambda item: -item[1])
    return float(np.mean(results)), ranked


def score_with_real(
    real: np.ndarray, labels: np.ndarray, rows: np.ndarray, names: tuple[str, ...]
) -> np.ndarray:
    """Rank of the rows by P(real) and P(galactic) of models trained on the real rows."""
    import xgboost as xgb

    from vra_tui.ranking.rank import rank

    parameters = {**_SCORER, "objective": "binary:logistic", "nthread": 2, "seed": 1}
    is_real = np.isin(labels, ["good", "galactic", "AGN"]).astype(float)
    known = labels != "garbage"
    is_galactic = np.isin(labels, ["galactic", "pm"]).astype(float)
    preal = xgb.train(parameters, xgb.DMatrix(real, is_real), 200).predict(xgb.DMatrix(rows))
    pgal = xgb.train(parameters, xgb.DMatrix(real[known], is_galactic[known]), 200).predict(xgb.DMatrix(rows))
    return np.asarray(rank(preal, pgal))


def score_shipped(rows: np.ndarray, names: tuple[str, ...], stage: str) -> np.ndarray:
    """Rank of the rows by the model that comes with the program, which was trained on the same real rows."""
    from vra_tui.features.table import FeatureTable
    from vra_tui.ranking.rank import rank
    from vra_tui.scoring.model.library import default_model
    from vra_tui.scoring.model.trained import load_model

    table = FeatureTable(np.arange(len(rows), dtype=np.int64), names, rows)
    scores = load_model(default_model()).scores(table, stage)
    return np.asarray(rank(scores.preal, scores.pgal))


def reference(
    real: np.ndarray, labels: np.ndarray, ids: np.ndarray, names: tuple[str, ...], mixture: dict[str, float]
) -> tuple[float, float]:
    """AuRaK that the same model, cross-validated, and rb_pix reach on the real rows, weighted to a mixture.

    The mean recall over all K is f / 2 + (1 - f) A, with f the share of good and A the probability that a
    good alert stands above another; A is taken label by label: the real sample is balanced, no stream is.
    """
    scores = np.zeros(len(real))
    for train, test in folds(ids, 5, np.random.default_rng(5)):
        scores[test] = score_with_real(real[train], labels[train], real[test], names)
    results = []
    for score in (scores, real[:, names.index("rb_pix")]):
        others = {label: share for label, share in mixture.items() if label != "good"}
        above = sum(
            share * auc(score[labels == "good"], score[labels == label]) for label, share in others.items()
        )
        results.append(0.5 * mixture["good"] + above)
    return results[0], results[1]


def collect(
    scenario: Scenario, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Day-1 rows, labels, kinds; day-N rows and the alert of each."""
    rng = np.random.default_rng(seed)
    day1, labels, kinds, day_n, owner, seen = [], [], [], [], [], 0
    for batch in simulate(scenario, seed, ebv_sfd):
        day1.append(rows_at_day1(batch))
        labels.append(batch.truth["label"])
        kinds.append(batch.truth["kind"])
        values, rows = rows_at_visits(batch, rng)
        day_n.append(values)
        owner.append(rows + seen)
        seen += len(batch)
    return (*(np.concatenate(part) for part in (day1, labels, kinds, day_n, owner)),)


def print_quantiles(real: np.ndarray, simulated: np.ndarray, names: tuple[str, ...]) -> None:
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    for index, name in enumerate(names):
        line = f"    {name:22s}"
        for part in (real, simulated):
            column = part[:, index]
            missing = np.isnan(column).mean()
            values = np.nanquantile(column, levels) if missing < 1 else [np.nan] * len(levels)
            line += "  " + " ".join(f"{value:8.3f}" for value in values) + f"  nan {missing:4.2f} |"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "real", nargs="?", default=os.environ.get("VRA_REAL_DATA"), help="folder of the real data"
    )
    parser.add_argument("--alerts", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quantiles", action="store_true")
    parser.add_argument("--labels", nargs="*", default=LABELS)
    arguments = parser.parse_args()
    if not arguments.real:
        parser.error("give the folder of the real data, or set VRA_REAL_DATA")
    folder = Path(arguments.real) / "vra_duck"
    season = load("training").changed(alerts=arguments.alerts)
    day1, labels, _, day_n, owner = collect(season, arguments.seed)
    for stage, names in (("day1", DAY1_FEATURES), ("dayN", DAYN_FEATURES)):
        real, real_labels, ids = read_real(folder, stage)
        print(f"{stage}: AUC of real against simulated rows (0.5: the same; goal 0.80 or less)")
        for label in arguments.labels:
            mine = real_labels == label
            if stage == "day1":
                rows, group = day1[labels == label], np.flatnonzero(labels == label)
            else:
                chosen = np.flatnonzero(labels[owner] == label)
                rows, group = day_n[chosen], owner[chosen]
                # As many visits of an object as the real sample holds: a few of its fifteen days.
                some = np.random.default_rng(3).random(len(rows)) < 0.5
                rows, group = rows[some], group[some]
            value, ranked = separate(real[mine], rows, ids[mine], group, names)
            given = ", ".join(f"{name} {share:.2f}" for name, share in ranked[:6])
            print(f"  {label:9s} {value:.3f}  ({mine.sum()} real, {len(rows)} simulated)  {given}")
            if arguments.quantiles:
                print_quantiles(real[mine], rows, names)
    stream = load("ordinary").changed(alerts=arguments.alerts, follow=15)
    stream_rows, stream_labels, _, visits, visit_owner = collect(stream, arguments.seed + 1)
    good = stream_labels == "good"
    print(f"ordinary stream of {len(stream_rows)} alerts, {good.sum()} good: AuRaK")
    mixture = {str(label): float(share) for label, share in stream.mixture.items()}
    for stage, names, rows, relevant, published in (
        ("day1", DAY1_FEATURES, stream_rows, good, 0.951),
        ("dayN", DAYN_FEATURES, visits, good[visit_owner], 0.966),
    ):
        real, real_labels, ids = read_real(folder, stage)
        model, alone = reference(real, real_labels, ids, names, mixture)
        value = recall_area(score_with_real(real, real_labels, rows, names), relevant)
        print(
            f"  {stage} model trained on real rows {value:.3f} "
            f"(on real rows {model:.3f}; published {published})"
        )
        value = recall_area(score_shipped(rows, names, stage), relevant)
        print(f"  {stage} the shipped model           {value:.3f}")
        value = recall_area(rows[:, names.index("rb_pix")], relevant)
        print(f"  {stage} rb_pix alone               {value:.3f} (on real rows {alone:.3f}; published 0.88)")


if __name__ == "__main__":
    main()
