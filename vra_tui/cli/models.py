"""`vra models`: list, describe, choose and compare models."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say
from vra_tui.cli.verbs import Verbs
from vra_tui.scoring.stages import DAY1, DAYN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vra_tui.scoring.evaluation.comparison import ComparedAlerts, Comparison
    from vra_tui.scoring.model.card import ModelCard
    from vra_tui.store.objects import Name

app = typer.Typer(cls=Verbs, help="List, show, choose and compare models.", no_args_is_help=True)

#: Said instead of a name to go back to the shipped model.
SHIPPED = "default"
#: Said instead of a name to have no shadow model.
OFF = "off"


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Print every model, how good it is, and which one is in use."""
    from vra_tui.cli.output import print_table

    rows = _rows()
    if as_json:
        print_json(rows)
        return
    header = ["name", "stages", "AuRaK day 1", "AuRaK day N", "role", "where"]
    cells = [
        [
            row["name"], " ".join(row["stages"]), _figure(row["aurak"].get(DAY1)),
            _figure(row["aurak"].get(DAYN)), " ".join(row["roles"]), row["where"],
        ]
        for row in rows
    ]  # fmt: skip
    print_table(header, cells)
    for row in rows:
        if row["fault"]:
            say(f"vra: {row['name']} cannot be used. {row['fault']}")


def _figure(aurak: dict[str, float] | None) -> str:
    return f"{aurak['mean']:.3f} ± {aurak['spread']:.3f}" if aurak else "-"


def _rows() -> list[dict[str, Any]]:
    from vra_tui.scoring.model.library import known_models
    from vra_tui.scoring.model.trained import ModelError, load_model

    roles = _roles()
    shipped = {model.folder: model.is_shipped for model in known_models()}
    rows = []
    for folder in dict.fromkeys([*shipped, *roles]):
        card, fault = None, None
        try:
            card = load_model(folder).card
        except ModelError as error:
            fault = str(error)
        rows.append(
            {
                "name": folder.name,
                "stages": list(card.stages) if card else [],
                "aurak": _aurak(card) if card else {},
                "roles": roles.get(folder, []),
                "where": "shipped" if shipped.get(folder) else str(folder),
                "fault": fault,
            }
        )
    return rows


def _aurak(card: "ModelCard") -> dict[str, dict[str, float]]:
    return {
        name: stage.validation.aurak["rank"].model_dump()
        for name, stage in card.stages.items()
        if stage.validation and "rank" in stage.validation.aurak
    }


def _roles() -> dict[Path, list[str]]:
    """The folders of the models with a role; a choice that leads nowhere is said, and has none."""
    from vra_tui.scoring.model.library import ModelRole, chosen_folder
    from vra_tui.scoring.model.trained import ModelError

    found: dict[Path, list[str]] = {}
    for role, words in ((ModelRole.IN_USE, "in use"), (ModelRole.SHADOW, "shadow")):
        try:
            folder = chosen_folder(role)
        except ModelError as error:
            say(f"vra: {error} It was chosen to be {words}.")
            continue
        if folder is not None:
            found.setdefault(folder, []).append(words)
    return found


@app.command("show")
def show(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name or folder. Default: in use.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a model's card: what made it, and what it is good for. And what it is not for."""
    from vra_tui.scoring.model.card import describe
    from vra_tui.scoring.model.library import find_model
    from vra_tui.scoring.model.trained import load_model

    card = load_model(find_model(name)).card
    if as_json:
        print_json(card.model_dump(mode="json"))
    else:
        typer.echo("\n".join(describe(card)))


@app.command("use")
def use(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or folder; `default`: the shipped one.")],
) -> None:
    """Choose the model that scores from now on. Scores that are stored stay as they are."""
    from vra_tui.scoring.model.library import ModelRole, choose, load_checked, shipped_default, take_back

    if name == SHIPPED:
        model = load_checked(shipped_default())
        take_back(ModelRole.IN_USE)
    else:
        model = choose(ModelRole.IN_USE, name)
    typer.echo(f"{model.name} scores from now on. `vra score --all` scores the latest visits again.")


@app.command("shadow")
def shadow(name: Annotated[str, typer.Argument(metavar="NAME", help="Name or folder; `off`: none.")]) -> None:
    """Choose a model that scores along without filing anything."""
    from vra_tui.scoring.model.library import ModelRole, choose, take_back

    if name == OFF:
        take_back(ModelRole.SHADOW)
        typer.echo("No shadow model scores along from now on.")
    else:
        typer.echo(f"{choose(ModelRole.SHADOW, name).name} scores along from now on, and files nothing.")


@app.command("compare")
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A model's name or folder.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The model to hold against it.")],
    db: Db = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many alerts named of each kind.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Score the store with two models; print whom B would lose or gain. Writes nothing."""
    from vra_tui.pipeline.compare_models import compare_models
    from vra_tui.ranking.policy import Policy
    from vra_tui.scoring.model.library import find_model, load_checked
    from vra_tui.store.objects import names_of

    a, b = load_checked(find_model(first)), load_checked(find_model(second))
    connection = open_existing(db)
    situation, found = compare_models(connection, a, b, Policy(), _progress)
    named = names_of(connection, situation.alert_id.tolist())
    if as_json:
        print_json(_record(situation, found, a.name, b.name, named))
    else:
        _print_comparison(situation, found, a.name, b.name, named, limit)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total > 4_000:
        sys.stderr.write(f"\rscored {done:,} of {total:,}" + ("\n" if done == total else ""))
        sys.stderr.flush()


def _kinds(found: "Comparison", a: str, b: str) -> "dict[str, tuple[str, NDArray[np.bool_]]]":
    """Return what the differences are called in JSON, in words, and which alerts they concern."""
    return {
        "lost": (f"above 7 with {a} only", found.lost),
        "gained": (f"above 7 with {b} only", found.gained),
        "discarded": (f"garbage with {b} only", found.discarded),
        "spared": (f"garbage with {a} only", found.spared),
    }


def _record(
    situation: "ComparedAlerts", found: "Comparison", a: str, b: str, named: "Mapping[int, Name]"
) -> dict[str, Any]:
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


def _print_comparison(
    situation: "ComparedAlerts", found: "Comparison", a: str, b: str, named: "Mapping[int, Name]", limit: int
) -> None:
    from vra_tui.cli.output import number, print_table

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
