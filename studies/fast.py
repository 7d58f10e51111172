"""P(fast) on real transients it never saw. Run: python -m studies.fast REAL [--model NAME] [--seed S].

REAL is the folder with ``ztf_bts``. Light curves of the ZTF Bright Transient Survey are cut 1, 3 and 7 days
after the first detection; g stands in for c, r for o, and there are no limits. Prints how many of the fast
(time above half of peak flux under 12 days) stand in the first 10 and 20 % of the list, with 95 % Wilson
intervals, beside simple orders of the same list; what the stand-in bands cost; and, on simulated alerts, what
missing limits cost. Needs pyarrow (``pip install vra-tui[dev]``).
"""

import argparse
import csv
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epochs import pack_detections, pack_nondetections
from vra_tui.domain.light_curve import LightCurves
from vra_tui.features.dust_map import ebv_sfd
from vra_tui.features.fast import compute_fast
from vra_tui.features.table import FeatureTable
from vra_tui.features.vra import VraContext
from vra_tui.pipeline.fast_rows import season
from vra_tui.pipeline.fast_training import LIST_SHARES
from vra_tui.pipeline.simulated_alerts import context, light_curves
from vra_tui.pipeline.visits import visits_of
from vra_tui.scoring.evaluation.metrics import recall_at_k
from vra_tui.scoring.model.library import find_model
from vra_tui.scoring.model.trained import Model, load_model
from vra_tui.simulator import prepare

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FAST_BELOW_DAYS = 12.0
#: Cut in days after the first detection, and which of the models answers then.
CUTS = ((1.0, "day1"), (3.0, "dayN"), (7.0, "dayN"))
#: Trees trained and cross-validated on light curves of this sample: share of the fast in the first 20 %.
TRAINED_ON_THEM = {1.0: 0.45, 3.0: 0.60, 7.0: 0.66}
GOAL = {3.0: 0.70}
#: 100 Mpc: catalogues hold nearly all galaxies so near, and the survey files their transients as fast track.
NEARBY_REDSHIFT = 0.0233
_NORMAL_95 = 1.959964


@dataclass(frozen=True, eq=False)
class Sample:
    """Real transients: light curves, what is known of them, MJD of the first detection, truth; n of each."""

    curves: LightCurves
    about: VraContext
    first_mjd: Floats
    redshift: Floats
    is_fast: Bools
    kind: NDArray[np.str_]
    undecided: int


def read_sample(folder: Path) -> Sample:
    """The transients with a light curve and a speed; a lower limit under 12 days says nothing, and is out."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(folder / "lightcurves.parquet")
    with (folder / "objects.csv").open(newline="", encoding="utf-8") as lines:
        objects = {row["ZTFID"]: row for row in csv.DictReader(lines)}
    names, owner = np.unique(np.array(table["ZTFID"].to_pylist()), return_inverse=True)
    rows = [objects[name] for name in names]
    texts = [row["duration"] for row in rows]
    is_limit = np.array([text.startswith(">") for text in texts])
    days = np.array([float(text.lstrip(">")) for text in texts])
    known = np.flatnonzero(~(is_limit & (days < FAST_BELOW_DAYS)))
    ra, dec = (
        np.array([_degrees(row[key], unit) for row in rows]) for key, unit in (("RA", 15.0), ("Dec", 1.0))
    )
    curves = _pack(table, owner, ra, dec)
    first = curves.detections.mjd[curves.detection_start[:-1]]
    nothing = np.full(len(rows), np.nan)
    about = VraContext(
        t0_mjd=first, ra=ra, dec=dec, rb_pix=nothing, z=nothing, photoz=nothing, sep_arcsec=nothing,
        ebv_sfd=ebv_sfd(ra, dec), is_cv=np.zeros(len(rows), dtype=bool),
    )  # fmt: skip
    return Sample(
        curves.take(known),
        about.take(known),
        first[known],
        np.array([float(row["redshift"] or "nan") for row in rows])[known],
        (days < FAST_BELOW_DAYS)[known],
        np.array([row["type"] for row in rows])[known],
        len(rows) - len(known),
    )


def _degrees(text: str, unit: float) -> float:
    first, minutes, seconds = (abs(float(part)) for part in text.split(":"))
    return (-unit if text.strip().startswith("-") else unit) * (first + minutes / 60 + seconds / 3600)


def _pack(table, owner, ra, dec) -> LightCurves:
    mjd = table["mjd"].to_numpy()
    order = np.lexsort((mjd, owner))
    owner = owner[order]
    n, e = len(ra), len(order)
    bands = np.array([ord(band) for band in table["passband"].to_pylist()])
    columns = {
        "mjd": mjd[order], "ra": ra[owner], "dec": dec[owner], "mag": table["mag"].to_numpy()[order],
        "magerr": table["magerr"].to_numpy()[order], "limit": np.full(e, np.nan),
        "instrument": np.zeros(e, int), "band": bands[order],
    }  # fmt: skip
    none = {name: np.empty(0) for name in ("mjd", "limit", "instrument", "band")}
    return LightCurves(
        np.arange(n),
        pack_detections(columns),
        np.searchsorted(owner, np.arange(n + 1)),
        pack_nondetections(none),
        np.zeros(n + 1, dtype=np.int64),
    )


def wilson(found: float, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); ``found`` need not be whole where ties were shared out."""
    share, z2 = found / of, _NORMAL_95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _NORMAL_95 / (1 + z2 / of) * np.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    return float(middle - half), float(middle + half)


def recalls(score: Floats, is_fast: Bools) -> list[float]:
    """Share of the fast within each share of the list; ties count by their expected value."""
    by_rank = recall_at_k(score, is_fast)
    return [float(by_rank[max(int(share * len(score)), 1) - 1]) for share in LIST_SHARES]


def line(name: str, score: Floats, is_fast: Bools, after: str = "") -> str:
    n = int(is_fast.sum())
    cells = []
    for recall in recalls(score, is_fast):
        low, high = wilson(recall * n, n)
        cells.append(f"{recall:.2f} ({low:.2f}-{high:.2f})")
    return f"    {name:44s} {'   '.join(cells)}{after}"


def simple_orders(table: FeatureTable) -> dict[str, Floats]:
    """Orders that need no model; what has no value stands last."""
    colour, rate = table.column("colour"), table.column("rate_recent")
    return {
        "fading since its brightest, no model": table.column("faded"),
        "recent rate, up or down, no model": np.abs(rate),
        "bluest first, no model": -colour,
        "brightest above the limit at first, no model": table.column("first_excess"),
    }


def on_real(model: Model, sample: Sample) -> None:
    """The check itself, and what the stand-ins cost."""
    fast = sample.is_fast
    novae = np.sum(fast & (sample.kind == "nova"))
    print(
        f"ZTF BTS: {len(fast)} transients, {fast.sum()} fast ({novae} of them novae); {sample.undecided} of "
        "unknown speed left out\nshare of the fast in the first 10 % and 20 % of the list:"
    )
    for days, stage in CUTS:
        table = compute_fast(sample.curves, sample.about, sample.first_mjd + days)
        score = model.scores(table_for(model, table, stage), stage).pfast
        after = f"   20 %, trees trained on these light curves: {TRAINED_ON_THEM[days]:.2f}"
        after += f", goal {GOAL[days]:.2f}" if days in GOAL else ""
        print(f"  {days:g} day{'s' * (days != 1)} after the first detection, {stage} model")
        print(line("P(fast)", score, fast, after))
        for name, order in simple_orders(table).items():
            print(line(name, order, fast))
        for name, changed in stand_ins(sample).items():
            other = compute_fast(changed.curves, changed.about, changed.first_mjd + days)
            print(line(name, model.scores(table_for(model, other, stage), stage).pfast, fast))
        nova = sample.kind == "nova"
        print(line("P(fast), novae left out of the list", score[~nova], fast[~nova]))
        for name, farthest in (("hosts within 100 Mpc known", NEARBY_REDSHIFT), ("every host known", np.inf)):
            known = np.where(sample.redshift < farthest, sample.redshift, np.nan)
            about = replace(sample.about, z=known)
            other = compute_fast(sample.curves, about, sample.first_mjd + days)
            score = model.scores(table_for(model, other, stage), stage).pfast
            print(line(f"P(fast), redshifts of {name}", score, fast))


def stand_ins(sample: Sample) -> dict[str, Sample]:
    """The same transients in one band, or with bands whose colours say nothing."""
    letters = sample.curves.detections.band
    records = sample.curves.detections.records.copy()
    records["band"] = ord("o")
    detections = type(sample.curves.detections)(records)
    no_colour = replace(sample, curves=replace(sample.curves, detections=detections))
    red = letters == ord("r")
    start = np.concatenate([[0], np.cumsum(red)])[sample.curves.detection_start]
    only_red = replace(
        sample,
        curves=replace(sample.curves, detections=sample.curves.detections[red], detection_start=start),
    )
    return {"P(fast), both bands taken for o": no_colour, "P(fast), r alone": only_red}


def table_for(model: Model, table: FeatureTable, stage: str) -> FeatureTable:
    """The table with empty columns for the model's other questions, which are not asked here."""
    others = tuple(name for name in model.columns(stage) if name not in table.names)
    values = np.concatenate([table.values, np.full((len(table), len(others)), np.nan)], axis=1)
    return FeatureTable(table.alert_id, (*table.names, *others), values)


def on_simulated(model: Model, seed: int, alerts: int) -> None:
    """The stream as ATLAS has it, with its limits and without: the same alerts at the same visits."""
    print(f"simulated season of {alerts} alerts, real sources with a speed; at their visits:")
    parts: dict[str, list[tuple[str, Floats, Bools]]] = {"with limits": [], "limits taken away": []}
    for batch in prepare(season(alerts), seed, ebv_sfd):
        curves, about = light_curves(batch), context(batch)
        ends = visits_of(curves, about.t0_mjd).end_mjd
        without = replace(
            curves,
            nondetections=curves.nondetections[:0],
            nondetection_start=np.zeros(len(curves) + 1, dtype=np.int64),
        )
        for day, stage in ((0, "day1"), *((d, "dayN") for d in range(1, 8))):
            rows = np.flatnonzero(~np.isnan(ends[:, day]) & (batch.truth["speed"] != ""))
            fast = batch.truth["speed"][rows] == "fast"
            for name, given in (("with limits", curves), ("limits taken away", without)):
                table = compute_fast(given.take(rows), about.take(rows), ends[rows, day])
                score = model.scores(table_for(model, table, stage), stage).pfast
                parts[name].append((stage, score, fast))
    for name, found in parts.items():
        for stage in ("day1", "dayN"):
            score = np.concatenate([s for of, s, _ in found if of == stage])
            fast = np.concatenate([f for of, _, f in found if of == stage])
            within = ", ".join(f"{r:.2f}" for r in recalls(score, fast))
            flagged = score >= 0.5
            print(
                f"    {stage}, {name:18s} fast in the first 10 and 20 %: {within} of {fast.mean():.0%} fast; "
                f"P(fast) of 0.5 or more: purity {fast[flagged].mean():.2f}, completeness "
                f"{flagged[fast].mean():.2f} of {len(fast)}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "real", nargs="?", default=os.environ.get("VRA_REAL_DATA"), help="folder of the real data"
    )
    parser.add_argument("--model", help="a model's name or folder")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--alerts", type=int, default=4000)
    arguments = parser.parse_args()
    if not arguments.real:
        parser.error("give the folder of the real data, or set VRA_REAL_DATA")
    model = load_model(find_model(arguments.model))
    try:
        sample = read_sample(Path(arguments.real) / "ztf_bts")
    except ImportError:
        print(
            "The real light curves are in parquet, which needs pyarrow: left out. pip install vra-tui[dev]",
            file=sys.stderr,
        )
    else:
        on_real(model, sample)
    on_simulated(model, arguments.seed, arguments.alerts)


if __name__ == "__main__":
    main()
