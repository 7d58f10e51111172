"""How fast do labels buy a model, from nothing? Run: python -m studies.learning_curves [--surveys lsst ztf].

For each survey and seed: an ordinary simulated fortnight of 10,000 objects, of which some are labelled
evening by evening, once from the list `teach` and once by chance. After each evening the model of `vra train
--survey` is made of the labels so far, and judged by AuRaK (relevant = good) on the fortnight of the next
seed. With fewer than 20 objects on a side of a question there is no model: the starter's rank stands, as in
the program.

Results are written as they come, one JSON object a line, and a seed that stands there is not done again: stop
it whenever you like. ``--table`` and ``--figure FILE.svg`` show what there is.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studies.learning_figure import draw
from studies.simulated_streams import labelled_stream
from vra_tui.features.table import FeatureTable
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.questions import PGAL, PREAL
from vra_tui.scoring.training.boosters import LabelledRows, margin
from vra_tui.scoring.training.few_labels import (
    COMPARED_FEATURES,
    FIVE_STREAM_FEATURES,
    Prior,
    believed,
    few_labels_recipe,
    fit_labels,
    survey_score,
)
from vra_tui.scoring.training.logistic import fit_logistic
from vra_tui.scoring.training.next_labels import MOST_COMPARED, UndecidedAlerts, choose, lucky
from vra_tui.scoring.training.table_labels import shortage
from vra_tui.scoring.training.validation import probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Labels at which a model is judged, and those after which the list is made anew beside them.
JUDGED = (0, 100, 200, 300, 500, 1_000, 2_000)
EVENINGS = (100, 200, 300, 400, 500, 750, 1_000, 1_500, 2_000)
POOL = 10_000
WAYS = ("teach", "chance")
#: 97.5 % quantile of Student's t for 1 to 19 degrees of freedom.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23,
      2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09)  # fmt: skip


def taken(table: FeatureTable, label: NDArray[np.str_], rows: Ints) -> LabelledRows:
    """Some rows of a stream."""
    return LabelledRows(FeatureTable(table.alert_id[rows], table.names, table.values[rows]), label[rows])


def fortnight(survey: str, seed: int, folder: Path) -> LabelledRows:
    """So many objects as are labelled from, in the order in which they were first seen in the sky."""
    found = labelled_stream(survey, seed, POOL + 1_000, folder)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(found))[:POOL])
    return taken(found.table, found.label, chosen)


class Team:
    """A team that labels a stream: what it asks about an alert is answered by its prior and its labels."""

    def __init__(self, survey: str, pool: LabelledRows, seed: int) -> None:
        self.survey, self.pool, self.seed = survey, pool, seed
        self.prior = Prior.taught(survey, pool.table, seed=seed)
        self.before = {question.name: self.prior.log_odds(question, pool.table) for question in (PREAL, PGAL)}

    def answers(self, labelled: Ints, table: FeatureTable) -> tuple[Floats, Floats, bool]:
        """P(real), P(galactic) of alerts after these labels (rows of the pool); whether by a model."""
        rows = taken(self.pool.table, self.pool.label, labelled)
        if shortage(rows, "a model") is not None:
            found = believed(self.survey, table)
            return found["preal"], found["pgal"], False
        recipe = few_labels_recipe(rows.table)
        matrix = table.select(recipe.features)
        preal, pgal = (
            probability(
                self.prior.log_odds(question, table)
                + margin(
                    fit_labels(question, rows, self.before[question.name][labelled], recipe, seed=self.seed),
                    matrix,
                )
            )
            for question in (PREAL, PGAL)
        )
        return preal, pgal, True

    def next_labels(self, way: str, labelled: Ints, number: int) -> Ints:
        """So many more rows of the pool to label."""
        left = np.setdiff1d(np.arange(len(self.pool)), labelled)
        if way == "chance":
            order = np.random.default_rng(self.seed).permutation(len(self.pool))
            return np.asarray(order[np.isin(order, left)][:number])
        table = taken(self.pool.table, self.pool.label, left).table
        preal, pgal, by_model = self.answers(labelled, table)
        ranks, unknown = rank(preal, pgal), np.full(len(left), np.nan)
        compared = np.full((len(left), len(COMPARED_FEATURES)), np.nan)
        some = lucky(table.alert_id, MOST_COMPARED)
        compared[some] = table.select(COMPARED_FEATURES)[some]
        inside = np.zeros(len(left), dtype=bool)
        candidates = UndecidedAlerts(
            table.alert_id, preal, pgal, ranks, ranks, unknown, inside, compared, by_starter=not by_model
        )
        return np.asarray(left[choose(candidates, number).rows])


def run(survey: str, seed: int, folder: Path) -> dict[str, object]:
    """The figures of one seed."""
    pool, judge = fortnight(survey, seed, folder), fortnight(survey, seed + 1, folder)
    team, good = Team(survey, pool, seed), judge.label == "good"

    def area(labelled: Ints) -> float:
        preal, pgal, _ = team.answers(labelled, judge.table)
        return round(aurak(rank(preal, pgal), good), 5)

    found: dict[str, object] = {"survey": survey, "seed": seed}
    found["score"] = round(aurak(survey_score(judge.table), good), 5)
    found["all"] = area(np.arange(len(pool)))
    for way in WAYS:
        labelled = np.empty(0, dtype=np.int64)
        areas, simple, kinds = {0: area(labelled)}, {}, {}
        for number in EVENINGS:
            more = team.next_labels(way, labelled, number - len(labelled))
            labelled = np.concatenate([labelled, more])
            rows = taken(pool.table, pool.label, labelled)
            if number in JUDGED:
                areas[number] = area(labelled)
                five = fit_logistic(rows, features=FIVE_STREAM_FEATURES).log_odds(judge.table)
                simple[number] = round(aurak(five, good), 5)
                names, counts = np.unique(rows.label, return_counts=True)
                kinds[number] = dict(zip(names.tolist(), counts.tolist(), strict=True))
        found[way] = {"areas": areas, "five": simple, "labels": kinds}
    return found


def read(results: Path) -> list[dict[str, object]]:
    """The results so far."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text().splitlines() if line.strip()]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean and half of the 95 % interval of the mean (Student's t); NaN of a single value."""
    found = np.asarray(values, dtype=np.float64)
    if len(found) < 2:
        return float(found.mean()), float("nan")
    half = _T[min(len(found) - 2, len(_T) - 1)] * found.std(ddof=1) / np.sqrt(len(found))
    return float(found.mean()), float(half)


def curves(runs: Sequence[Mapping[str, object]]) -> dict[str, dict[int, list[float]]]:
    """AuRaK by number of labels of each way, a value a seed; and of the simple alternative to `teach`."""
    found: dict[str, dict[int, list[float]]] = {}
    for way in WAYS:
        for one in runs:
            part: dict[str, dict[str, float]] = one[way]
            for name, values in ((way, part["areas"]), (f"five, {way}", part["five"])):
                for number, area in values.items():
                    found.setdefault(name, {}).setdefault(int(number), []).append(area)
    return found


def table(survey: str, runs: Sequence[Mapping[str, object]]) -> list[str]:
    """The figures of a survey as a table of Markdown, and what became of the goals."""
    found, score, everything = curves(runs), [one["score"] for one in runs], [one["all"] for one in runs]
    lines = [
        f"{survey}: {len(runs)} paired seeds; score {_mean(score)}, model of {POOL:,} labels "
        f"{_mean(everything)}",
        "",
        "| labels | by teach | by chance | teach ahead | five features, teach | ahead of the score | "
        f"behind {POOL:,} |",
        "|" + " --- |" * 7,
    ]
    for number in JUDGED:
        teach, chance = found["teach"][number], found["chance"][number]
        five = found["five, teach"].get(number)
        cells = [
            f"{number:,}",
            _mean(teach),
            _mean(chance),
            _pair(teach, chance),
            _mean(five) if five else "–",
            _pair(teach, score),
            _pair(everything, teach),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _numbers(runs: Sequence[Mapping[str, object]], name: str) -> list[float]:
    return [float(str(one[name])) for one in runs]


def _mean(values: Sequence[object]) -> str:
    return f"{np.mean(np.asarray(values, dtype=np.float64)):.4f}"


def _pair(ours: Sequence[object], theirs: Sequence[object]) -> str:
    mean, half = interval(np.subtract(np.asarray(ours, float), np.asarray(theirs, float)).tolist())
    return f"{mean:+.4f} ± {half:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", nargs="*", default=["lsst", "ztf"])
    parser.add_argument("--seeds", type=int, default=10)
    kept = Path(tempfile.gettempdir()) / "vra-streams"
    parser.add_argument("--cache", type=Path, default=kept, help="where simulated streams are kept")
    parser.add_argument("--results", type=Path, default=kept / "learning.jsonl")
    parser.add_argument("--table", action="store_true", help="show what there is; run nothing")
    parser.add_argument("--figure", type=Path, help="draw what there is as SVG; run nothing")
    options = parser.parse_args()
    runs = read(options.results)
    if not options.table and options.figure is None:
        for seed in range(1, options.seeds + 1):
            for survey in options.surveys:
                if any((one["survey"], one["seed"]) == (survey, seed) for one in runs):
                    continue
                found = run(survey, seed, options.cache)
                options.results.parent.mkdir(parents=True, exist_ok=True)
                with options.results.open("a") as file:
                    file.write(json.dumps(found) + "\n")
                print(survey, seed, found["teach"], flush=True)
        runs = read(options.results)
    of_survey = {name: [one for one in runs if one["survey"] == name] for name in options.surveys}
    if options.figure is not None:
        panels = {
            name: (
                curves(part),
                [float(str(one["score"])) for one in part],
                [float(str(one["all"])) for one in part],
            )
            for name, part in of_survey.items()
            if part
        }
        options.figure.write_text(draw(panels))
    for name, part in of_survey.items():
        if part:
            print("\n".join(table(name, part)) + "\n")


if __name__ == "__main__":
    main()
