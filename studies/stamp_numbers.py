"""What would numbers of the stamps add to `stream-1`? Run: python -m studies.stamp_numbers [REAL].

A simulated ZTF fortnight goes into a store, each object's last packet with its stamps. Six numbers are
measured on the difference image, and trees learn "real or bogus?" with and without them, in five folds, with
and without the survey's own score: area under the ROC curve, paired differences with bootstrap intervals.
Then, on simulated and on real packets (REAL has ``ztf_alerts``), how each number goes with `drb` (Spearman).
"""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import StampKind
from vra_tui.domain.refusal import Refusal
from vra_tui.pictures.decode import Picture, decode
from vra_tui.pipeline.ingest import ingest_paths
from vra_tui.pipeline.simulate_store import fill_store
from vra_tui.pipeline.stream_features import stream_features
from vra_tui.simulator import load
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.listing import list_ids
from vra_tui.store.objects import known_numbers
from vra_tui.store.stamp_bytes import stamp_bytes, stamp_epochs
from vra_tui.surveys import installed_surveys

Floats = NDArray[np.float64]

NUMBERS = ("dipole", "negative_share", "width_of_psf", "elongation", "offset_pixels", "masked_share")
#: What packets tell of the shape already, and the score that is to be explained.
SCORES = ("object_score", "score_latest", "score_max", "score_median", "score_share_above_half")
_TREES = {"eta": 0.05, "max_depth": 4, "min_child_weight": 3, "subsample": 0.7, "colsample_bynode": 0.5}
_ROUNDS, _FOLDS, _RESAMPLES = 150, 5, 500
_RADIUS = 6  # pixels within which a source is measured


def numbers_of(picture: Picture, fwhm_pixels: float) -> list[float]:
    """The six numbers of a difference image, in the order of `NUMBERS`; NaN where nothing can be measured.

    dipole: flux below -2 sigma over flux above 2 sigma, or the other way round, whichever is below 1.
    negative_share: of the pixels beyond 3 sigma. Width and elongation: from second moments of what is above
    2 sigma, the width in units of the PSF's. offset: of the light's centre from the alert.
    """
    pixels = picture.pixels.astype(np.float64)
    masked = ~np.isfinite(pixels)
    share = float(masked.mean())
    rows, columns = np.indices(pixels.shape)
    away = np.hypot(rows - picture.row, columns - picture.column)
    sky = pixels[(away > 2 * _RADIUS) & ~masked]
    near = (away <= _RADIUS) & ~masked
    if len(sky) < 20 or near.sum() < 20:
        return [np.nan] * 5 + [share]
    level = np.median(sky)
    sigma = 1.4826 * float(np.median(np.abs(sky - level))) or np.nan
    signal = (pixels - level) / sigma
    up = float(signal[near & (signal > 2)].sum())
    down = float(-signal[near & (signal < -2)].sum())
    beyond = near & (np.abs(signal) > 3)
    weight = np.where(near & (signal > 2), signal, 0.0)
    dipole = min(up, down) / max(up, down) if max(up, down) > 0 else np.nan
    negative = float((signal[beyond] < 0).mean()) if beyond.any() else np.nan
    if np.count_nonzero(weight) < 3:
        return [dipole, negative, np.nan, np.nan, np.nan, share]
    y, x = ((weight * axis).sum() / weight.sum() for axis in (rows, columns))
    dy, dx = rows - y, columns - x
    moments = np.array([[(weight * a * b).sum() / weight.sum() for a in (dy, dx)] for b in (dy, dx)])
    small, large = np.sqrt(np.maximum(np.linalg.eigvalsh(moments), 1e-3))
    width = 2.355 * float(np.sqrt(small * large)) / fwhm_pixels
    return [
        dipole,
        negative,
        width,
        float(large / small),
        float(np.hypot(y - picture.row, x - picture.column)),
        share,
    ]


def measured(store: Store, alert_ids: Sequence[int], fwhm_arcsec: Floats) -> Floats:
    """The numbers of each alert's latest difference image, shape (n, 6); NaN without a stamp."""
    frame = installed_surveys()["ztf"].stamp_frame
    usual = float(np.nanmedian(fwhm_arcsec))
    found = np.full((len(alert_ids), len(NUMBERS)), np.nan)
    for row, alert_id in enumerate(alert_ids):
        ids = [
            e.kinds[StampKind.DIFFERENCE]
            for e in stamp_epochs(store, alert_id)
            if StampKind.DIFFERENCE in e.kinds
        ]
        data = stamp_bytes(store, ids[-1:], 1 << 20)
        for content in data.values():
            if content is not None:
                picture = decode(content, frame)
                width = fwhm_arcsec[row] if np.isfinite(fwhm_arcsec[row]) else usual
                if not picture.reason:
                    found[row] = numbers_of(picture, width / frame.arcsec)
    return found


def out_of_fold(matrix: Floats, is_real: NDArray[np.bool_], part: NDArray[np.int64]) -> Floats:
    """Log-odds of each row by trees that never saw it."""
    import xgboost

    score = np.empty(len(matrix))
    for fold in range(_FOLDS):
        asked = part == fold
        data = xgboost.DMatrix(matrix[~asked], is_real[~asked], nthread=1)
        trees = xgboost.train(
            {**_TREES, "objective": "binary:logistic", "seed": 1, "nthread": 1}, data, _ROUNDS
        )
        score[asked] = trees.predict(xgboost.DMatrix(matrix[asked], nthread=1), output_margin=True)
    return score


def auc(score: Floats, is_real: NDArray[np.bool_], times: Floats | None = None) -> float:
    """Probability that a real one stands above a bogus one, rows counted ``times``; ties count half."""
    drawn = np.ones(len(score)) if times is None else times
    _, place = np.unique(score, return_inverse=True)
    bogus = np.bincount(place, drawn * ~is_real)
    below = np.cumsum(bogus) - bogus / 2
    real = drawn * is_real
    return float((real * below[place]).sum() / (real.sum() * bogus.sum()))


def simulated(folder: Path, alerts: int, seed: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """`stream-1` and the stamps' numbers of a fortnight, and who is real."""
    scenario = (
        load("ordinary")
        .by("ztf")
        .changed(alerts=alerts, mixture={"good": 0.3, "galactic": 0.2, "garbage": 0.35, "pm": 0.15})
    )
    truth = folder / "truth.csv"
    store = open_store(folder / "simulated.db", durable=False)
    fill_store(store, scenario, seed, truth, stamps="last", workers=1, clock=lambda: datetime.now(UTC))
    names = truth.read_text().splitlines()
    header = names[0].split(",")
    rows = [dict(zip(header, line.split(","), strict=True)) for line in names[1:]]
    label = {("ztf", row["object_id"]): row["label"] for row in rows}
    known = {number: label[name] for name, number in known_numbers(store, label).items()}
    table = stream_features(store, list(known))
    told = np.array([known[number] for number in table.alert_id.tolist()])
    numbers = measured(store, table.alert_id.tolist(), table.column("fwhm_arcsec"))
    return table.values, numbers, np.isin(told, ("good", "galactic", "AGN"))


def real(folder: Path, packets: Path) -> tuple[Floats, Floats]:
    """`drb` and the stamps' numbers of the real packets' objects."""
    store = open_store(folder / "real.db", durable=False)
    refused: list[Refusal] = []
    paths = sorted(packets.rglob("*.avro"))
    ingest_paths(store, paths, clock=lambda: datetime.now(UTC), survey="ztf", on_refusal=refused.append)
    table = stream_features(store, list_ids(store, "all").tolist())
    return table.column("score_latest"), measured(store, table.alert_id.tolist(), table.column("fwhm_arcsec"))


def spearman(one: Floats, other: Floats) -> tuple[float, int]:
    """Rank correlation of what both know, and of how many rows."""
    from scipy.stats import spearmanr

    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 5:
        return np.nan, int(known.sum())
    return float(spearmanr(one[known], other[known]).statistic), int(known.sum())


def main() -> None:
    """Print both tables."""
    from vra_tui.features.stream import STREAM_1

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("real", type=Path, nargs="?")
    parser.add_argument("--alerts", type=int, default=1_500)
    parser.add_argument("--seeds", type=int, default=2, help="simulated fortnights, put together")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        parts = []
        for seed in range(1, options.seeds + 1):
            folder = Path(name) / str(seed)
            folder.mkdir()
            parts.append(simulated(folder, options.alerts, seed))
        stream, stamps, is_real = (np.concatenate(found) for found in zip(*parts, strict=True))
        with_stamp = np.isfinite(stamps[:, -1])
        stream, stamps, is_real = stream[with_stamp], stamps[with_stamp], is_real[with_stamp]
        part = np.random.default_rng(1).permutation(len(is_real)) % _FOLDS
        unscored = stream[:, [n not in SCORES for n in STREAM_1]]
        score = stream[:, STREAM_1.index("score_latest")]
        orders = {
            "drb alone": np.nan_to_num(score, nan=-1.0),
            "six numbers alone": out_of_fold(stamps, is_real, part),
            "stream-1 without scores": out_of_fold(unscored, is_real, part),
            "and six numbers": out_of_fold(np.column_stack([unscored, stamps]), is_real, part),
            "stream-1": out_of_fold(stream, is_real, part),
            "stream-1 and six numbers": out_of_fold(np.column_stack([stream, stamps]), is_real, part),
        }
        rng = np.random.default_rng(2)
        draws = [
            np.bincount(rng.integers(0, len(part), len(part)), minlength=len(part)).astype(float)
            for _ in range(_RESAMPLES)
        ]
        drawn = {
            of: np.array([auc(order, is_real, times) for times in draws]) for of, order in orders.items()
        }
        print(f"{len(part):,} simulated objects with a stamp, {int(is_real.sum()):,} real")
        for of, order in orders.items():
            low, high = np.quantile(drawn[of], [0.025, 0.975])
            print(f"| {of} | {auc(order, is_real):.4f} ({low:.4f}-{high:.4f}) |", flush=True)
        for more, less in (
            ("and six numbers", "stream-1 without scores"),
            ("stream-1 and six numbers", "stream-1"),
        ):
            low, high = np.quantile(drawn[more] - drawn[less], [0.025, 0.975])
            here = auc(orders[more], is_real) - auc(orders[less], is_real)
            print(f"| {more} against {less} | {here:+.4f} ({low:+.4f} to {high:+.4f}) |", flush=True)
        columns = [(score, stamps)]
        if options.real is not None:
            columns.append(real(Path(name), options.real / "ztf_alerts"))
        print("| number | its AUC | with drb, simulated | with drb, real packets |")
        for at, number in enumerate(NUMBERS):
            known = np.isfinite(stamps[:, at])
            alone = auc(-stamps[known, at], is_real[known])
            cells = [
                f"{rho:+.2f} ({n})" for rho, n in (spearman(drb, values[:, at]) for drb, values in columns)
            ]
            print(f"| {number} | {alone:.3f} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
