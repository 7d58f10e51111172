"""`vra labels doubt`: fill the list of labels to look at again, and tell what second looks came to."""

from math import inf
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say

if TYPE_CHECKING:
    from vra_tui.pipeline.doubt import LookEffect
    from vra_tui.pipeline.label_training import FoldedRows, LabelTrainingTask
    from vra_tui.ranking.label_noise import Noise
    from vra_tui.store import Store


def doubt(
    db: Db = None,
    looks: Annotated[bool, typer.Option("--looks", help="Only tell what second looks came to.")] = False,
    effect: Annotated[
        bool, typer.Option("--effect", help="Also reckon what they bought: takes two trainings.")
    ] = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Name the labels and why they are doubted: no blind look then.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the folds and of what is drawn at random.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Fill `doubt`: labels that models which never saw them contradict.

    Look at them blind in the list `doubt` of the screen.
    """
    from vra_tui.pipeline.doubt import effect_of_looks

    store = open_existing(db)
    listed = [] if looks else _renewed(store, seed)
    found = _told(store)
    bought = effect_of_looks(store, seed=seed, progress=_progress) if effect else None
    if as_json:
        print_json(
            {
                "doubt": [one if reveal else _blind(one) for one in listed],
                **found,
                "effect": None if bought is None else _effect_record(bought),
            }
        )
        return
    if not looks:
        _print_list(listed, reveal)
    _print_looks(found)
    if bought is not None:
        typer.echo(
            f"{bought.overturned} labels became others at {bought.looked} second looks. AuRaK of a model "
            f"taught on the labels before {bought.before.value:.4f}, after {bought.after.value:.4f}: gained "
            f"{bought.gained.value:+.4f} ({bought.gained.low:+.4f} to {bought.gained.high:+.4f})."
        )


def say_doubts(store: "Store", task: "LabelTrainingTask", parts: "list[FoldedRows]") -> None:
    """Fill the list `doubt` from a training on all labels of a store, and say so."""
    from vra_tui.pipeline.doubt import FoldedLabels, renew_doubt
    from vra_tui.scoring.model.card import DEFAULT_SURVEY

    if parts and not task.scanners and task.since_mjd == -inf:
        count = renew_doubt(store, DEFAULT_SURVEY, FoldedLabels.of(parts), seed=task.seed)
        say(f"{count} labels wait for a second look in the list `doubt` (`vra labels doubt --looks`).")


def _progress(step: str, done: int, of: int) -> None:
    say(f"{step}: {done} of {of}")


def _renewed(store: "Store", seed: int) -> list[dict[str, Any]]:
    from vra_tui.pipeline.doubt import fold_all, renew_doubt
    from vra_tui.store.doubt_list import doubted
    from vra_tui.store.objects import names_of

    for survey, folded in fold_all(store, seed=seed, progress=_progress, note=say):
        renew_doubt(store, survey, folded, seed=seed)
    rows = doubted(store)
    named = names_of(store, [row.alert_id for row in rows])
    return [
        {
            "survey": named[row.alert_id][0],
            "object_id": named[row.alert_id][1],
            "decision_id": row.decision_id,
            "is_random": row.is_random,
            "reason": row.reason,
        }
        for row in rows
    ]


def _blind(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("survey", "object_id")}


def _told(store: "Store") -> dict[str, Any]:
    """What second looks came to, as a record."""
    from dataclasses import asdict

    from vra_tui.pipeline.doubt import looks_by_scanner
    from vra_tui.ranking.label_noise import by_scanner, confusion
    from vra_tui.store.doubt_list import second_looks

    looks = second_looks(store)
    return {
        "scanners": [asdict(one) for one in by_scanner(looks_by_scanner(looks))],
        "confusion": [
            {"before": before, "after": after, "labels": count}
            for before, after, count in confusion((look.before, look.after) for look in looks)
        ],
    }


def _effect_record(bought: "LookEffect") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(bought)


def _print_list(listed: list[dict[str, Any]], reveal: bool) -> None:
    from vra_tui.cli.output import print_table
    from vra_tui.store.finding import called

    if not listed:
        say("No label is doubted.")
        return
    say(f"{len(listed)} labels wait for a second look in the list `doubt`.")
    if reveal:
        rows = [
            [called(one["survey"], one["object_id"]), (one["is_random"] and "drawn") or "", one["reason"]]
            for one in listed
        ]
        print_table(("alert", "at random", "why"), rows)


def _print_looks(found: dict[str, Any]) -> None:
    from vra_tui.cli.output import print_table
    from vra_tui.text import printable

    if not found["scanners"]:
        say("No second look was taken yet.")
        return
    rows = [
        [printable(one["scanner"], 24), noise_words(one["doubted"]), noise_words(one["random"])]
        for one in found["scanners"]
    ]
    print_table(("labels of", "doubted: overturned", "at random: overturned"), rows)
    rows = [[one["before"], one["after"], str(one["labels"])] for one in found["confusion"]]
    print_table(("label", "second look", "labels"), rows, right=(2,))


def noise_words(noise: "dict[str, Any] | Noise | None") -> str:
    """How many of how many labels were overturned, with the interval of the share."""
    if noise is None:
        return "-"
    known = noise if isinstance(noise, dict) else vars(noise)
    share = known["overturned"] / known["looked"]
    return (
        f"{known['overturned']} of {known['looked']}: {share:.0%} ({known['low']:.0%} to {known['high']:.0%})"
    )
