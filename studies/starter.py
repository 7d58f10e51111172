"""What does the starter make of real and of simulated alerts? Run: python -m studies.starter [REAL] [--rows].

REAL is a folder with real packets, whose parts `ztf_alerts`, `lsst_alerts`, `lasair` and `broker_responses`
are taken into a store of its own and ranked. Prints how the kinds of alerts are distributed, and where the
supernovae typed by the TNS and what Fink calls a supernova candidate stand. ``--rows``: every alert with its
reasons. ``--simulate N``: streams of N alerts of ZTF and LSST whose truth is known, for each of ``--seeds``;
AuRaK (relevant = good) at the latest visit of the starter, of the survey's own score, and of P(real) alone.
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy import stats

from vra_tui.features.table import FeatureTable
from vra_tui.pipeline.ingest import ingest_paths
from vra_tui.pipeline.score import score
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.scoring.evaluation.metrics import aurak
from vra_tui.scoring.model.starter import Starter
from vra_tui.simulator import load
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.listing import list_ids, list_rows

_PARTS = ("ztf_alerts", "lsst_alerts", "lasair", "broker_responses")
_SURVEYS = ("ztf", "lsst")
_EDGES = (7.0, 4.0, 1.5)


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("real", nargs="?", type=Path)
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--simulate", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args(arguments)
    if options.real is not None:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(Path(folder) / "real.db", durable=False)
            ingest_paths(store, [options.real / part for part in _PARTS], clock=_now)
            _show_real(store, options.rows)
            store.close()
    for survey in _SURVEYS if options.simulate else ():
        _show_simulated(survey, options.simulate, options.seeds)


def _now() -> datetime:
    return datetime.now(UTC)


def kinds_of(table: FeatureTable, facts: Mapping[int, tuple[str, str]]) -> np.ndarray:
    """What others say of each alert, the first of these that fits; shape (n,).

    ``facts``: type at the TNS and Fink's class of each alert, "" for none.
    """
    is_typed = np.array([facts[number][0].startswith("SN") for number in table.alert_id.tolist()])
    told = table.column("n_detections_told") - table.column("n_detections")
    old = np.maximum(table.column("days_since_first_told"), table.column("days_since_first")) > 120
    negative = table.column("latest_sign") < 0
    star = (table.column("host_is_star") == 1) | (table.column("host_is_cv") == 1)
    return np.select(
        [
            np.isnan(table.column("object_score")),
            is_typed,
            table.column("solar_arcsec") < 10,
            table.column("host_is_agn") == 1,
            star & negative,
            star & old,
            star,
            (table.column("host_is_galaxy") == 1) & old & (told > 100),
            table.column("host_is_galaxy") == 1,
        ],
        [
            "without a score",
            "supernova by the TNS's type",
            "within 10″ of a known asteroid",
            "known AGN or quasar",
            "star, fainter than the template",
            "star, known for more than 120 days",
            "star, new",
            "galaxy, more than 100 earlier detections",
            "galaxy, new or seldom seen",
        ],
        default="nothing known at the place",
    )


def _show_real(store: Store, with_rows: bool) -> None:
    for survey in _SURVEYS:
        score(store, Starter.shipped(survey), clock=_now)
    ids = sorted(list_ids(store, "all").tolist())
    table, rows = stream_features(store, ids), list_rows(store, ids)
    facts = _facts(store, ids)
    kinds, survey = kinds_of(table, facts), np.array([row.survey for row in rows])
    ranks = np.array([np.nan if row.rank is None else row.rank for row in rows])
    # A TNS match has rank 10, whatever the rule says.
    for one in _SURVEYS:
        mine = survey == one
        part = FeatureTable(table.alert_id[mine], table.names, table.values[mine])
        ranks[mine] = Starter.shipped(one).scores(part, "dayN").rank
    print(f"{'':42}{'alerts':>7}{'> 7':>6}{'4–7':>6}{'1.5–4':>7}{'< 1.5':>7}{'no rank':>9}{'median':>8}")
    for one in _SURVEYS:
        print(one)
        names, counts = np.unique(kinds[survey == one], return_counts=True)
        for name in names[np.argsort(-counts, kind="stable")].tolist():
            mine = ranks[(survey == one) & (kinds == name)]
            print(f"  {name:40}{_spread(mine)}")
    named = [(row, one) for row, one in zip(rows, ranks.tolist(), strict=True)]
    for title, chosen in (
        ("Typed as supernovae by the TNS", lambda number: facts[number][0].startswith("SN")),
        ("Other 'SN candidates' of Fink", lambda number: facts[number] == ("", "SN candidate")),
    ):
        found = sorted(((one, row) for row, one in named if chosen(row.alert_id)), key=lambda x: -x[0])
        kind_of = dict(zip(ids, kinds.tolist(), strict=True))
        print(f"\n{title}: {len(found)}")
        for one, row in found:
            print(f"  {row.object_id:14}{one:6.1f}  {facts[row.alert_id][0]:8}{kind_of[row.alert_id]}")
    if with_rows:
        _print_rows(table, survey, ranks, kinds, [row.object_id for row in rows])


def _facts(store: Store, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    from vra_tui.store.detail import alert_detail

    found = {}
    for number in ids:
        detail = alert_detail(store, number)
        kind = next((one.type for one in detail.tns if one.type), "")
        said = next((one.classification or "" for one in detail.annotations if one.topic == "fink"), "")
        found[number] = (kind, said)
    return found


def _spread(ranks: np.ndarray) -> str:
    high, middle, low = _EDGES
    known = ranks[~np.isnan(ranks)]
    parts = [
        known > high,
        (known <= high) & (known > middle),
        (known <= middle) & (known >= low),
        known < low,
    ]
    counts = [int(part.sum()) for part in parts]
    median = f"{np.median(known):8.1f}" if len(known) else f"{'-':>8}"
    without = len(ranks) - len(known)
    return f"{len(ranks):7}{counts[0]:6}{counts[1]:6}{counts[2]:7}{counts[3]:7}{without:9}{median}"


def _print_rows(
    table: FeatureTable, survey: np.ndarray, ranks: np.ndarray, kinds: np.ndarray, names: Sequence[str]
) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["survey", "object_id", "rank", "kind", "reasons"])
    for one in _SURVEYS:
        mine = np.flatnonzero(survey == one)
        part = FeatureTable(table.alert_id[mine], table.names, table.values[mine])
        reasons = Starter.shipped(one).explain(part, k=4)
        for place in np.argsort(-np.nan_to_num(ranks[mine], nan=-1), kind="stable").tolist():
            row = int(mine[place])
            why = "; ".join(reason.text for reason in reasons.of(place))
            out.writerow([one, names[row], f"{ranks[row]:.2f}", kinds[row], why])


def _show_simulated(survey: str, alerts: int, seeds: int) -> None:
    print(f"\n{survey}: {seeds} streams of {alerts} alerts, AuRaK with relevant = good")
    found: dict[str, list[float]] = {}
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(Path(folder) / "simulated.db", durable=False)
            truth = Path(folder) / "truth.csv"
            plan = load("ordinary").by(survey).changed(alerts=alerts)
            fill_store(store, plan, seed, truth, stamps="none", workers=1, clock=_now)
            with truth.open(newline="", encoding="utf-8") as lines:
                label = {row["object_id"]: row["label"] for row in csv.DictReader(lines)}
            ids = sorted(list_ids(store, "all").tolist())
            table = stream_features(store, ids)
            labels = [label[row.object_id] for row in list_rows(store, ids)]
            is_good = np.array([one == "good" for one in labels])
            score(store, Starter.shipped(survey), clock=_now)
            filed = Counter(
                (one, row.list) for one, row in zip(labels, list_rows(store, ids), strict=True) if row.list
            )
            store.close()
        scores = Starter.shipped(survey).scores(table, "dayN")
        own = np.nan_to_num(table.column("object_score"), nan=0.0)
        orders = {"starter": scores.rank, "its P(real) alone": scores.preal, "the survey's score": own}
        for name, order in orders.items():
            found.setdefault(name, []).append(aurak(np.nan_to_num(order), is_good))
        line = ", ".join(f"{name} {values[-1]:.3f}" for name, values in found.items())
        discarded = ", ".join(f"{n} {one}" for (one, name), n in sorted(filed.items()) if name == "garbage")
        print(
            f"  seed {seed}, {int(is_good.sum())} good: {line}; discarded: {discarded or 'none'}", flush=True
        )
    for name, values in found.items():
        print(f"  {name:20} {np.mean(values):.3f} ± {np.std(values, ddof=1) if seeds > 1 else 0:.3f}")
    gain = np.array(found["starter"]) - np.array(found["the survey's score"])
    if seeds > 1:
        half = stats.t.ppf(0.975, seeds - 1) * gain.std(ddof=1) / np.sqrt(seeds)
        low, high = gain.mean() - half, gain.mean() + half
        print(f"  gain over the survey's score {gain.mean():+.3f} ({low:+.3f} to {high:+.3f})")


if __name__ == "__main__":
    main(sys.argv[1:])
