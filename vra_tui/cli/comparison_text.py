"""The comparison of two models on the alerts of a store, for people and for other programs."""

from typing import TYPE_CHECKING, Any

import typer

from vra_tui.cli.output import print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vra_tui.scoring.evaluation.comparison import ComparedAlerts, Comparison
    from vra_tui.store.objects import Name


def _kinds(found: "Comparison", a: str, b: str) -> "dict[str, tuple[str, NDArray[np.bool_]]]":
    """Return what the differences are called in JSON, in words, and which alerts they concern."""
    return {
        "lost": (f"above 7 with {a} only", found.lost),
        "gained": (f"above 7 with {b} only", found.gained),
        "discarded": (f"garbage with {b} only", found.discarded),
        "spared": (f"garbage with {a} only", found.spared),
    }


def comparison_record(
    situation: "ComparedAlerts", found: "Comparison", a: str, b: str, named: "Mapping[int, Name]"
) -> dict[str, Any]:
    """What the comparison of models called ``a`` and ``b`` found, for other programs."""
    from vra_tui.export.id_columns import ID_COLUMNS, with_atlas_id

    def alerts(mask: "NDArray[np.bool_]") -> list[dict[str, Any]]:
        ids = situation.alert_id[mask].tolist()
        return with_atlas_id((dict(zip(ID_COLUMNS, named[one], strict=True)) for one in ids), ())[0]

    return {
        "a": a,
        "b": b,
        "alerts": len(situation.alert_id),
        "rank_correlation": found.correlation,
        "change_list": int(found.changed.sum()),
        **{name: alerts(mask) for name, (_, mask) in _kinds(found, a, b).items()},
        "labelled": found.labelled,
        "good": found.good,
        "recall": [vars(row) for row in found.recall],
        "aurak": found.aurak and dict(zip(("a", "b"), found.aurak, strict=True)),
    }


def print_comparison(
    situation: "ComparedAlerts", found: "Comparison", a: str, b: str, named: "Mapping[int, Name]", limit: int
) -> None:
    """Print what the comparison of models ``a`` and ``b`` found, at most ``limit`` alerts of a kind."""
    from vra_tui.cli.output import number

    alerts = len(situation.alert_id)
    typer.echo(
        f"{alerts} alerts at their latest visit, filed from that visit's scores alone.\n"
        f"Rank correlation of {a} and {b}: {number(found.correlation, 3)}. "
        f"{int(found.changed.sum())} would stand in another list.\n"
    )
    kinds = _kinds(found, a, b)
    good = situation.label == "good"
    print_table(
        ["", "alerts", "of them good"],
        [[words, str(int(mask.sum())), str(int((mask & good).sum()))] for words, mask in kinds.values()],
        right=(1, 2),
    )
    for words, mask in kinds.values():
        if mask.any() and limit:
            typer.echo(f"\n{words}, farthest apart first:")
            print_table(
                ["alert", f"rank {a}", f"rank {b}", f"list {a}", f"list {b}", "label"],
                _farthest(situation, found, mask, named, limit),
                right=(1, 2),
                dim=(0,),
            )
    typer.echo("")
    if not found.recall:
        typer.echo(
            f"{found.labelled} alerts are labelled, {found.good} of them good: too few to tell recall."
        )
        return
    typer.echo(f"Recall of the {found.good} good among {found.labelled} labelled:")
    rows = [[f"top {row.k} ({row.share:.0%})", number(row.a, 3), number(row.b, 3)] for row in found.recall]
    if found.aurak:
        rows.append(["mean over all (AuRaK)", *(number(value, 3) for value in found.aurak)])
    print_table(["", a, b], rows, right=(1, 2))


def _farthest(
    situation: "ComparedAlerts",
    found: "Comparison",
    mask: "NDArray[np.bool_]",
    named: "Mapping[int, Name]",
    limit: int,
) -> list[list[str]]:
    import numpy as np

    from vra_tui.cli.output import number
    from vra_tui.store.finding import called

    rows = np.flatnonzero(mask)
    apart = np.abs(found.rank_a - found.rank_b)[rows]
    return [
        [
            called(*named[int(situation.alert_id[row])]),
            number(found.rank_a[row]), number(found.rank_b[row]),
            str(found.list_a[row]), str(found.list_b[row]), str(situation.label[row]) or "-",
        ]
        for row in rows[np.argsort(-apart, kind="stable")][:limit].tolist()
    ]  # fmt: skip
