"""`vra labels doubt`: fill the list of labels to look at again, and tell what second looks came to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say

if TYPE_CHECKING:
    from vra_tui.pipeline.doubt import LookEffect
    from vra_tui.pipeline.label_training import FoldedRows, LabelTrainingTask
    from vra_tui.pipeline.stream_training import StreamTrainingTask
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
    store = open_existing(db)
    listed = [] if looks else _renewed(store, seed)
    found = _told(store)
    bought = _effects(store, seed) if effect else []
    if as_json:
        print_json(
            {
                "doubt": [one if reveal else _blind(one) for one in listed],
                **found,
                "effect": [_record(one) for one in bought],
            }
        )
        return
    if not looks:
        _print_list(listed, reveal)
    _print_looks(found)
    for one in bought:
        typer.echo(
            f"{one.survey}: {one.overturned} labels became others at {one.looked} second looks. AuRaK of a "
            f"model taught on the labels before {one.before.value:.4f}, after {one.after.value:.4f}: gained "
            f"{one.gained.value:+.4f} ({one.gained.low:+.4f} to {one.gained.high:+.4f})."
        )


def say_doubts(
    store: "Store", task: "LabelTrainingTask | StreamTrainingTask", parts: "list[FoldedRows]"
) -> None:
    """Fill the list `doubt` from a training on all labels of a store that can be written, and say so."""
    from vra_tui.pipeline.doubt import renew_doubt
    from vra_tui.pipeline.fold_labels import FoldedLabels
    from vra_tui.pipeline.label_rows import ALL_LABELS
    from vra_tui.pipeline.stream_training import StreamTrainingTask
    from vra_tui.scoring.model.card import DEFAULT_SURVEY

    if parts and task.labels == ALL_LABELS and not store.is_read_only:
        survey = task.survey if isinstance(task, StreamTrainingTask) else DEFAULT_SURVEY
        count = renew_doubt(store, survey, FoldedLabels.of(parts), seed=task.model.seed)
        say(f"{count} labels wait for a second look in the list `doubt` (`vra labels doubt --looks`).")


def _progress(step: str, done: int, of: int) -> None:
    say(f"{step}: {done} of {of}")


def _renewed(store: "Store", seed: int) -> list[dict[str, Any]]:
    from vra_tui.pipeline.doubt import renew_doubt
    from vra_tui.pipeline.fold_labels import LabelFolder
    from vra_tui.store.doubt_list import doubted
    from vra_tui.store.objects import names_of

    for survey, folded in LabelFolder(store, seed, progress=_progress).every(say):
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


def _effects(store: "Store", seed: int) -> "list[LookEffect]":
    from vra_tui.pipeline.doubt import effect_of_looks
    from vra_tui.pipeline.fold_labels import LabelFolder
    from vra_tui.scoring.training.table_labels import LabelError
    from vra_tui.store.doubt_list import second_looks

    found = []
    for survey in sorted({look.survey for look in second_looks(store)}):
        try:
            found.append(effect_of_looks(LabelFolder(store, seed, progress=_progress), survey))
        except LabelError as error:
            say(str(error))
    return found


def _record(bought: "LookEffect") -> dict[str, Any]:
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
