"""An evaluation as plain values: nested for JSON, and long ("tidy", one figure a row) for papers."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from vra_tui.scoring.evaluation.curves import LOOKED_AT, SHARES, TO_FIND, RankingQuality
from vra_tui.scoring.evaluation.groups import DISCARDED, LISTED, QUANTILES
from vra_tui.scoring.evaluation.metrics import Interval
from vra_tui.scoring.evaluation.report import StageReport

#: ``of``: what the figure is of (an order, a label, a column); ``by``: the weighting, or what is cut on;
#: ``at``: the place (a share of the list, a threshold, a number of objects); ``rows``: those it rests on.
TIDY_COLUMNS = ("model", "stage", "figure", "of", "by", "at", "value", "low", "high", "rows")


def record(report: StageReport) -> dict[str, Any]:
    """The whole report as lists, dicts, numbers and strings; with the shares at which curves are given."""
    return {
        **_plain(report),
        "shares": SHARES.tolist(),
        "recall_at_shares": list(LOOKED_AT),
        "share_needed_for_recall": list(TO_FIND),
        "rank_quantiles": list(QUANTILES),
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, StrEnum):
        return value.name.lower()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value


def tidy(report: StageReport) -> Iterator[dict[str, Any]]:
    """Rows of TIDY_COLUMNS; None where a column says nothing."""
    for row in _figures(report):
        filled = {**dict.fromkeys(TIDY_COLUMNS), "model": report.model, "stage": report.stage, **row}
        yield {
            name: None if isinstance(value, float) and np.isnan(value) else value
            for name, value in filled.items()
        }


def _figures(report: StageReport) -> Iterator[dict[str, Any]]:
    for label, (rows, objects) in report.labels.items():
        yield {"figure": "labels", "of": label, "value": rows, "rows": rows}
        yield {"figure": "labelled_objects", "of": label, "value": objects, "rows": rows}
    for order in report.orders:
        yield from _of_order(order, report.rows)
    yield {"figure": "aurak", "of": "perfect", "by": "stream", "value": report.perfect}
    yield {"figure": "aurak", "of": "random", "by": "stream", "value": report.random}
    for one in report.differences:
        for by, found in (("sample", one.sample), ("stream", one.stream)):
            yield {"figure": "aurak_gain_over", "of": one.other, "by": by, "rows": report.rows, **_of(found)}
    for table in report.cuts:
        for cut in table.cuts:
            place = {"of": " ".join(table.wanted), "by": table.score, "at": cut.threshold}
            yield {"figure": "completeness", **place, "rows": cut.wanted, **_of(cut.completeness)}
            yield {"figure": "purity", **place, "rows": cut.above, **_of(cut.purity)}
            yield {"figure": "purity_stream", **place, "rows": cut.above, "value": cut.purity_stream}
            yield {"figure": "share_of_stream", **place, "rows": cut.above, "value": cut.share_stream}
    for kind in report.kinds:
        for at, value in zip(QUANTILES, kind.quantiles, strict=True):
            yield {"figure": "rank_quantile", "of": kind.label, "at": at, "value": value, "rows": kind.rows}
        for figure, at, share in (("share_below", DISCARDED, kind.low), ("share_above", LISTED, kind.high)):
            yield {
                "figure": figure,
                "of": kind.label,
                "by": "rank",
                "at": at,
                "value": share,
                "rows": kind.rows,
            }
    for unit in report.units:
        for name, area in ((report.model, unit.aurak), ("rb_pix", unit.rb_pix)):
            if area is not None:
                yield {"figure": "unit_aurak", "of": unit.unit, "by": name, "rows": unit.rows, **_of(area)}
    yield from _of_calibrations(report)
    for column in report.importances:
        yield {
            "figure": "importance", "of": column.column, "value": column.drop,
            "low": column.drop - column.spread, "high": column.drop + column.spread, "rows": report.rows,
        }  # fmt: skip
    yield from _of_learning(report)
    for missed in report.missed:
        of = missed.object_id if missed.survey is None else f"{missed.survey}:{missed.object_id}"
        yield {"figure": "lowest_good", "of": of, "at": missed.place, "value": missed.rank}


def _of_order(order: RankingQuality, rows: int) -> Iterator[dict[str, Any]]:
    for by, weighted in (("sample", order.sample), ("stream", order.stream)):
        place = {"of": order.name, "by": by, "rows": rows}
        yield {"figure": "aurak", **place, **_of(weighted.aurak)}
        for wanted, share in zip(TO_FIND, weighted.needed, strict=True):
            yield {"figure": "share_needed", **place, "at": wanted, "value": share}
        for share, recall in zip(SHARES.tolist(), weighted.recall.tolist(), strict=True):
            yield {"figure": "recall", **place, "at": share, "value": recall}


def _of_calibrations(report: StageReport) -> Iterator[dict[str, Any]]:
    for found in report.calibrations:
        errors = {"sample": found.error_sample, "stream": found.error_stream}
        for by, error in errors.items():
            place = {"of": found.question, "by": by}
            yield {"figure": "expected_calibration_error", **place, "value": error, "rows": found.rows}
            for part in found.bins:
                side = part.sample if by == "sample" else part.stream
                yield {
                    "figure": "observed_share", **place, "at": side.given, "rows": part.rows,
                    **_of(side.observed),
                }  # fmt: skip


def _of_learning(report: StageReport) -> Iterator[dict[str, Any]]:
    if report.learning is None:
        return
    for point in report.learning.points:
        yield {"figure": "learning_curve", "of": report.model, "at": point.objects, **_of(point.aurak)}
    if report.learning.ahead is not None:
        ahead = report.learning.ahead
        yield {"figure": "learning_foreseen", "of": report.model, "at": ahead.objects, **_of(ahead.aurak)}
        yield {"figure": "learning_gain", "of": report.model, "at": ahead.objects, **_of(ahead.gain)}


def _of(found: Interval) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}
