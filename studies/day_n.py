"""Would day N be better taught on simulated visits? Run: python -m studies.day_n REAL [--alerts 3200 12800].

REAL is the folder with ``vra_duck``. Two boosters, for P(real) and P(galactic), learn from some 24,000 visits
of simulated alerts what visits add to a share of a first look that never saw the object. They are judged on
the real visits: AuRaK in five folds by object of the first looks, whose trees alone learn from real rows,
against the shipped recipe on the same folds; paired differences with bootstrap intervals over objects; where
the good ones fall; and the lowest rank of a famous transient. ``nested`` chooses among all settings and the
shipped recipe by folds within the other folds.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vra_tui.pipeline.simulated_rows import season, simulated_rows
from vra_tui.ranking.rank import rank
from vra_tui.scoring.evaluation.metrics import (
    EVEN_GARBAGE_MIXTURE,
    STREAM_MIXTURE,
    Mixture,
    Ordering,
    resampled,
)
from vra_tui.scoring.model.derived import feature_matrix
from vra_tui.scoring.model.questions import PREAL, QUESTIONS
from vra_tui.scoring.training.boosters import (
    LabelledRows,
    fit,
    fit_day1,
    fit_dayn,
    margin,
    rows_of_object,
    unseen_day1,
)
from vra_tui.scoring.training.from_tables import LabelledFiles, read_rows
from vra_tui.scoring.training.probes import famous_probes, probe_table
from vra_tui.scoring.training.recipes import DAY1_RECIPES, DAYN_RECIPES, SHIPPED, Recipe
from vra_tui.scoring.training.validation import FOLDS, dayn_folds, probability

Floats = NDArray[np.float64]

MIXTURES = {"published": STREAM_MIXTURE, "garbage and pm even": EVEN_GARBAGE_MIXTURE}
SHARES = (0.5, 0.7, 1.0)
_TREES = MappingProxyType(
    {
        "eta": 0.1,
        "max_depth": 3,
        "min_child_weight": 20,
        "subsample": 0.7,
        "colsample_bynode": 0.5,
        "lambda": 10,
    }
)
_VISIT = DAYN_RECIPES["preal"]
_RESAMPLES = 1_000


def recipe(question: str, wide: bool) -> Recipe:
    """The trees: on visit features alone, or ``wide`` on the day-1 features beside them."""
    day1 = DAY1_RECIPES[question]
    features = tuple(dict.fromkeys((*_VISIT.features, *(day1.features if wide else ()))))
    monotone = {**(_VISIT.monotone if question == "preal" else {}), **(day1.monotone if wide else {})}
    return Recipe(features, 120, _TREES, monotone)


@dataclass(frozen=True)
class Setting:
    """What is tried: how many simulated alerts, of which seed, wide or not, the first look's share."""

    alerts: int
    seed: int
    wide: bool
    share: float

    def __str__(self) -> str:
        features = "visits and day 1" if self.wide else "visits"
        return f"{self.alerts:6d} alerts, seed {self.seed}, {features:16s}, share {self.share}"


#: Log-odds of the real visits, and of the probes, that trees of simulated visits add; by question.
Added = Mapping[str, tuple[Floats, Floats]]


def taught(settings: list[Setting], visits: LabelledRows) -> dict[Setting, Added]:
    """Teach all settings of one simulated season; no real row takes part."""
    first = settings[0]
    looks, simulated = simulated_rows(season(first.alerts), first.seed)
    unseen = {q.name: unseen_day1(q, looks, simulated, seed=1) for q in QUESTIONS}
    probes = probe_table(famous_probes())
    found: dict[Setting, Added] = {}
    for setting in settings:
        added = {}
        for question in QUESTIONS:
            how = recipe(question.name, setting.wide)
            chosen = question.teaches(simulated.label)
            known = simulated.where(chosen)
            weight = 1 / rows_of_object(known.table.alert_id)
            trees = fit(
                how,
                feature_matrix(known.table, how.features),
                question.target(known.label),
                seed=1,
                weight=weight / weight.mean(),
                base_margin=setting.share * unseen[question.name][chosen],
            )
            real, famous = (margin(trees, feature_matrix(t, how.features)) for t in (visits.table, probes))
            added[question.name] = (real, famous)
        found[setting] = added
    return found


def first_looks(
    day1: LabelledRows, visits: LabelledRows, asked: LabelledRows, seed: int
) -> dict[str, Floats]:
    """Log-odds of the asked visits by trees of the other rows; P(real) of the shipped recipe too."""
    found = {
        q.name: margin(
            fit_day1(q, day1, seed=seed), feature_matrix(asked.table, SHIPPED.day1[q.name].features)
        )
        for q in QUESTIONS
    }
    unseen = unseen_day1(PREAL, day1, visits, seed=seed)
    later = fit_dayn(PREAL, visits, unseen, seed=seed)
    found["shipped"] = found["preal"] + margin(later, feature_matrix(asked.table, _VISIT.features))
    return found


def out_of_fold(day1: LabelledRows, visits: LabelledRows, seed: int) -> tuple[dict[str, Floats], Floats]:
    """First looks of all visits, each by trees that never saw its object; and the fold of each row."""
    of_day1, of_visit = dayn_folds(day1, visits, None, seed)
    found = {name: np.empty(len(visits)) for name in ("preal", "pgal", "shipped")}
    for fold in range(FOLDS):
        asked = of_visit == fold
        some = first_looks(day1.where(of_day1 != fold), visits.where(~asked), visits.where(asked), seed)
        for name, log_odds in some.items():
            found[name][asked] = log_odds
    return found, of_visit


def ranks(looks: Mapping[str, Floats], added: Added, share: float, rows: NDArray[np.int64]) -> Floats:
    """Ranks of ``rows`` by a share of their first looks and what simulated visits add."""
    log_odds = {name: share * looks[name] + added[name][0][rows] for name in ("preal", "pgal")}
    return rank(probability(log_odds["preal"]), probability(log_odds["pgal"]))


def shipped_ranks(looks: Mapping[str, Floats]) -> Floats:
    """Ranks by the shipped recipe."""
    return rank(probability(looks["shipped"]), probability(looks["pgal"]))


def compare(name: str, visits: LabelledRows, mine: list[Floats], theirs: list[Floats]) -> None:
    """Print AuRaK and its paired difference to the shipped recipe, for both mixtures."""
    good = visits.label == "good"
    orders = [[Ordering(one, good) for one in found] for found in (mine, theirs)]
    told = []
    for mixture in MIXTURES.values():
        weigh = Mixture(visits.label, mixture)

        def areas(weight: Floats) -> list[float]:
            return [float(np.mean([order.area(weight) for order in found])) for found in orders]

        here = areas(weigh.weights())
        drawn = [
            np.subtract(*areas(weigh.weights(times)))
            for times in resampled(visits.table.alert_id, 1, _RESAMPLES)
            if (times * good).any()
        ]
        low, high = np.quantile(drawn, [0.025, 0.975])
        told.append(f"{here[0]:.4f} {here[0] - here[1]:+.4f} ({low:+.4f} to {high:+.4f})")
    top = np.mean([(one[good] > 7).mean() for one in mine])
    print(f"{name:52s} | {told[0]} | {told[1]} | good > 7: {top:.0%}", flush=True)


def nested(
    day1: LabelledRows,
    visits: LabelledRows,
    outer: list[tuple[dict[str, Floats], Floats]],
    added: Mapping[Setting, Added],
) -> list[Floats]:
    """Ranks by what was best, in the published mixture, on folds within the other folds."""
    found = []
    for repeat, (looks, of_visit) in enumerate(outer):
        of_day1, _ = dayn_folds(day1, visits, None, 1 + repeat)
        chosen = np.empty(len(visits))
        for fold in range(FOLDS):
            known = np.flatnonzero(of_visit != fold)
            part = visits.where(of_visit != fold)
            inner, _ = out_of_fold(day1.where(of_day1 != fold), part, 1_001 + repeat)
            weight = Mixture(part.label, STREAM_MIXTURE).weights()

            def area(one: Floats, label: NDArray[np.str_] = part.label, w: Floats = weight) -> float:
                return Ordering(one, label == "good").area(w)

            figures = {s: area(ranks(inner, a, s.share, known)) for s, a in added.items()}
            best = max(figures, key=lambda setting: figures[setting])
            asked = np.flatnonzero(of_visit == fold)
            some = {name: log_odds[asked] for name, log_odds in looks.items()}
            keeps = area(shipped_ranks(inner)) >= figures[best]
            chosen[asked] = shipped_ranks(some) if keeps else ranks(some, added[best], best.share, asked)
        found.append(chosen)
    return found


def main() -> None:
    """Print a line for the shipped recipe, each setting, and the nested choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("--alerts", type=int, nargs="+", default=[3_200, 12_800])
    parser.add_argument("--seeds", type=int, default=5, help="simulated seasons of each size")
    parser.add_argument("--repeats", type=int, default=5, help="of the folds")
    options = parser.parse_args()
    folder = options.real / "vra_duck"
    day1, visits = (
        read_rows(LabelledFiles(folder / f"X_train_{at}.csv", folder / f"y_train_{at}.csv"), at, print)
        for at in ("day1", "dayN")
    )
    outer = [out_of_fold(day1, visits, 1 + repeat) for repeat in range(options.repeats)]
    everything = np.arange(len(visits))
    theirs = [shipped_ranks(looks) for looks, _ in outer]
    print("setting | AuRaK and difference: " + " | ".join(MIXTURES), flush=True)
    compare("shipped recipe", visits, theirs, theirs)
    compare(
        "first look alone",
        visits,
        [rank(probability(looks["preal"]), probability(looks["pgal"])) for looks, _ in outer],
        theirs,
    )
    probes = probe_table(famous_probes())
    famous = {
        q.name: margin(fit_day1(q, day1, seed=1), feature_matrix(probes, SHIPPED.day1[q.name].features))
        for q in QUESTIONS
    }
    of_first_seed: dict[Setting, Added] = {}
    for alerts, seed in product(options.alerts, range(1, options.seeds + 1)):
        base = Setting(alerts, seed, False, 0.7)
        settings = [replace(base, wide=wide) for wide in (False, True)]
        if seed == 1:
            settings = [replace(base, wide=w, share=s) for w in (False, True) for s in SHARES]
        for setting, added in taught(settings, visits).items():
            mine = [ranks(looks, added, setting.share, everything) for looks, _ in outer]
            compare(str(setting), visits, mine, theirs)
            lowest = {name: setting.share * famous[name] + added[name][1] for name in famous}
            found = rank(probability(lowest["preal"]), probability(lowest["pgal"]))
            print(f"{'':10s}lowest famous transient at rank {found.min():.1f}", flush=True)
            if seed == 1:
                of_first_seed[setting] = added
    compare("nested choice", visits, nested(day1, visits, outer, of_first_seed), theirs)


if __name__ == "__main__":
    main()
