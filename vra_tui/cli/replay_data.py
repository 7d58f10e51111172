"""Output of `vra replay` for machines: JSON, CSV, and a ledger with a row for each alert."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vra_tui.config.policies import NamedPolicy
    from vra_tui.pipeline.replay.figures import FigureDifference, Figures, Ledger

_LEDGER = (
    "stream", "survey", "object_id", "label", "kind", "t0_mjd", "first_mjd", "first_look", "looks", "list",
    "discards", "returns",
)  # fmt: skip


def write_ledger(path: Path, ledgers: Mapping[str, "Ledger"]) -> None:
    """One line an alert and variant; empty where nobody looked. Raises ExportError."""
    from vra_tui.export.files import replaced
    from vra_tui.export.id_columns import with_atlas_id
    from vra_tui.export.tables import write_csv

    with replaced(path) as file:
        rows, columns = with_atlas_id(_ledger_rows(ledgers), ("variant", *_LEDGER))
        write_csv(rows, columns, file)


def _ledger_rows(ledgers: Mapping[str, "Ledger"]) -> Iterator[dict[str, Any]]:
    for name, ledger in ledgers.items():
        columns = [getattr(ledger, column).tolist() for column in _LEDGER]
        for row in zip(*columns, strict=True):
            values = ("" if value != value else value for value in row)
            yield {"variant": name, **dict(zip(_LEDGER, values, strict=True))}


def record_of(
    about: dict[str, Any],
    policies: Sequence["NamedPolicy"],
    found: Mapping[str, "Figures"],
    against: Mapping[str, list["FigureDifference"]],
    ledgers: Mapping[str, "Ledger"],
) -> dict[str, Any]:
    """Everything as one JSON object; ``nightly``: how long the lists were when the scanner came."""
    from vra_tui.pipeline.replay.play import LISTS

    return {
        **about,
        "policies": {one.name: asdict(one.policy) for one in policies},
        "figures": {name: {**asdict(one), "saved": one.saved} for name, one in found.items()},
        "nightly": {
            name: {
                **dict(zip(LISTS, one.lengths.T.tolist(), strict=True)),
                "held_back": one.held.tolist(),
            }
            for name, one in ledgers.items()
        },
        "differences": {name: [asdict(row) for row in rows] for name, rows in against.items()},
    }


CSV_HEADER = ("variant", "figure", "group", "value", "low", "high")


def csv_rows(
    found: Mapping[str, "Figures"], against: Mapping[str, list["FigureDifference"]]
) -> Iterator[dict[str, Any]]:
    """One row of `CSV_HEADER` a figure; ``group``: of alerts, list or quantile, "" for all."""
    for name, one in found.items():
        values = {**asdict(one), "saved": one.saved}
        for figure in ("days_from_entry", "days_from_detection"):
            for share, value in zip(("50 %", "90 %", "100 %"), values.pop(figure), strict=True):
                yield _row(name, figure, share, value)
        for row in (*values.pop("groups"), *values.pop("lists")):
            group = row.pop("name")
            yield from (_row(name, figure, group, value) for figure, value in row.items())
        yield from (_row(name, figure, "", value) for figure, value in values.items())
    for name, rows in against.items():
        variant = f"{name} less {next(iter(found))}"
        yield from (_row(variant, row.name, "", row.difference, row.low, row.high) for row in rows)


def _row(variant: str, figure: str, group: str, *values: float) -> dict[str, Any]:
    padded = (*values, "", "")[:3]
    return dict(zip(CSV_HEADER, (variant, figure, group, *padded), strict=True))
