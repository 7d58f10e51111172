"""`vra models`: list, describe, choose, compare, give away and take in models."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vra_tui.cli.common import AsJson, Db, open_existing, print_json, say
from vra_tui.cli.verbs import Verbs
from vra_tui.scoring.stages import DAY1, DAYN

if TYPE_CHECKING:
    from vra_tui.scoring.model.card import ModelCard

app = typer.Typer(
    cls=Verbs, help="List, show, choose, compare, export and import models.", no_args_is_help=True
)

#: Said instead of a name to go back to the shipped model.
SHIPPED = "default"
_AGAIN = "`vra score --all` scores the latest visits again."
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
    header = ["name", "stages", "survey", "AuRaK day 1", "AuRaK day N", "role", "where"]
    cells = [
        [
            row["name"], " ".join(row["stages"]), row["survey"] or "-", _figure(row["aurak"].get(DAY1)),
            _figure(row["aurak"].get(DAYN)), " ".join(row["roles"]), row["where"],
        ]
        for row in rows
    ]  # fmt: skip
    print_table(header, cells)
    for row in rows:
        if row["fault"]:
            say(f"vra: {row['name']} cannot be used. {row['fault']}")
    typer.echo("Alerts of other surveys are ranked by the starter, a rule: `vra models show starter`.")


def _figure(aurak: dict[str, float] | None) -> str:
    return f"{aurak['mean']:.3f} ± {aurak['spread']:.3f}" if aurak else "-"


def _rows() -> list[dict[str, Any]]:
    from vra_tui.scoring.model.library import known_models
    from vra_tui.scoring.model.trained import ModelError, feature_sets_of, load_model

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
                "survey": card.survey if card else None,
                "feature_sets": feature_sets_of(card) if card else [],
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
    from vra_tui.scoring.model.library import ModelRole, chosen_folder, chosen_surveys
    from vra_tui.scoring.model.trained import ModelError

    found: dict[Path, list[str]] = {}
    for role, words in ((ModelRole.IN_USE, "in use"), (ModelRole.SHADOW, "shadow")):
        for survey in chosen_surveys():
            try:
                folder = chosen_folder(role, survey)
            except ModelError as error:
                say(f"vra: {error} It was chosen to be {words} for {survey}.")
                continue
            if folder is not None:
                found.setdefault(folder, []).append(words)
    return found


@app.command("show")
def show(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Name, folder, FILE.zip, or `starter`. Default: in use."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a model's card: what made it, and what it is good for. And what it is not for."""
    from vra_tui.ranking.lists import STARTER
    from vra_tui.scoring.model.card import describe
    from vra_tui.scoring.model.library import find_model
    from vra_tui.scoring.model.starter_card import card_in_use, describe_starter
    from vra_tui.scoring.model.trained import load_model

    if name == STARTER:
        rule, warning = card_in_use()
        if warning:
            say(f"vra: {warning}")
        _print_card(rule.model_dump(mode="json"), describe_starter(rule), as_json)
        return
    if name is not None and name.endswith(".zip") and Path(name).is_file():
        from vra_tui.scoring.model.gifts import looked_into

        card = looked_into(Path(name))
    else:
        card = load_model(find_model(name)).card
    _print_card(card.model_dump(mode="json"), describe(card), as_json)


def _print_card(record: dict[str, Any], lines: list[str], as_json: bool) -> None:
    if as_json:
        print_json(record)
    else:
        typer.echo("\n".join(lines))


_Survey = Annotated[
    str | None,
    typer.Option("--survey", metavar="SURVEY", help="Whose alerts. Default: the model's own survey; atlas."),
]


@app.command("use")
def use(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Name or folder; `default`: the shipped one; `starter`: the rule, no model."
        ),
    ],
    survey: _Survey = None,
) -> None:
    """Choose the model that scores its survey from now on. Scores that are stored stay as they are."""
    from vra_tui.ranking.lists import STARTER
    from vra_tui.scoring.model.card import DEFAULT_SURVEY
    from vra_tui.scoring.model.library import ModelRole, choose, load_checked, shipped_default, take_back
    from vra_tui.scoring.model.trained import ModelError

    if name not in (SHIPPED, STARTER):
        _check_survey(name, survey)
        model = choose(ModelRole.IN_USE, name)
        whose = "" if model.survey == DEFAULT_SURVEY else f" alerts of {model.survey}"
        typer.echo(f"{model.name} scores{whose} from now on. {_AGAIN}")
        return
    if name == STARTER and (survey or DEFAULT_SURVEY) == DEFAULT_SURVEY:
        raise ModelError(
            f"The starter is for surveys without a model, and {DEFAULT_SURVEY} has one. Nothing was changed; "
            "name another with --survey."
        )
    if survey is None or survey == DEFAULT_SURVEY:
        scorer = load_checked(shipped_default()).name
        take_back(ModelRole.IN_USE)
    else:
        scorer = f"For alerts of {survey} no model is in use: the starter"
        take_back(ModelRole.IN_USE, survey)
    verb = "scores" if survey in (None, DEFAULT_SURVEY) else "ranks them"
    typer.echo(f"{scorer} {verb} from now on. {_AGAIN}")


def _check_survey(name: str, survey: str | None) -> None:
    """Raise ModelError where a model is not for the survey that the user named."""
    from vra_tui.scoring.model.library import find_model
    from vra_tui.scoring.model.trained import ModelError, read_card

    if survey is None:
        return
    card = read_card(find_model(name))
    if card.survey != survey:
        raise ModelError(
            f"{card.name} scores alerts of {card.survey}, not of {survey}. Nothing was changed; train one "
            f"for {survey}, or let the starter rank its alerts."
        )


@app.command("shadow")
def shadow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or folder; `off`: none.")],
    survey: _Survey = None,
) -> None:
    """Choose a model that scores along without filing anything."""
    from vra_tui.scoring.model.card import DEFAULT_SURVEY
    from vra_tui.scoring.model.library import ModelRole, choose, take_back

    if name == OFF:
        take_back(ModelRole.SHADOW, survey or DEFAULT_SURVEY)
        whose = "" if survey in (None, DEFAULT_SURVEY) else f" for {survey}"
        typer.echo(f"No shadow model scores along{whose} from now on.")
    else:
        _check_survey(name, survey)
        typer.echo(f"{choose(ModelRole.SHADOW, name).name} scores along from now on, and files nothing.")


@app.command("starter")
def starter(
    rule: Annotated[
        str, typer.Argument(metavar="FILE.json", help="A rule of your own; `default`: the shipped one.")
    ],
) -> None:
    """Choose the rule for surveys without a model. `models show starter --json` prints it."""
    from vra_tui.scoring.model.starter_card import use_starter

    card = use_starter(None if rule == SHIPPED else Path(rule))
    whose = "The shipped rule" if rule == SHIPPED else f"Your rule, version {card.version},"
    typer.echo(f"{whose} ranks from now on. {_AGAIN}")


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model's name or folder.")],
    target: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A new file.")],
) -> None:
    """Write a model into a zip to give away. The same bytes each time."""
    from vra_tui.scoring.model.gifts import export_model
    from vra_tui.scoring.model.library import find_model

    size = export_model(find_model(name), target)
    typer.echo(f"{target}: {size / 1e6:.1f} MB. `vra models import {target.name}` takes it in elsewhere.")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What `vra models export` wrote.")],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What to call it here. Default: its own name."),
    ] = None,
) -> None:
    """Take a model in from a zip. Checks it whole, overwrites nothing, and does not put it in use."""
    from vra_tui.scoring.model.gifts import import_model
    from vra_tui.scoring.model.trained import feature_sets_of
    from vra_tui.text import printable

    found = import_model(source, name)
    if not found.is_new:
        typer.echo(f"This very model is there already, as {found.folder.name}. Nothing was written.")
        return
    sets = " and ".join(feature_sets_of(found.card))
    typer.echo(f"{found.name}, for alerts of {found.card.survey} on {sets}, is in {found.folder}.")
    for remark in found.remarks:
        say(printable(remark, 400))
    typer.echo(
        f"It is not in use. `vra models show {found.name}` prints its card, `vra models shadow {found.name}` "
        f"lets it score along, `vra models use {found.name}` puts it in use."
    )


@app.command("compare")
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A model's name or folder.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The model to hold against it.")],
    db: Db = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many alerts named of each kind.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Score the store with two models; print whom B would lose or gain. Writes nothing."""
    from vra_tui.cli.comparison_text import comparison_record, print_comparison
    from vra_tui.pipeline.compare_models import compare_models
    from vra_tui.ranking.policy import Policy
    from vra_tui.scoring.model.library import find_model, load_checked
    from vra_tui.store.objects import names_of

    a, b = load_checked(find_model(first)), load_checked(find_model(second))
    connection = open_existing(db)
    situation, found = compare_models(connection, a, b, Policy(), _progress)
    named = names_of(connection, situation.alert_id.tolist())
    if as_json:
        print_json(comparison_record(situation, found, a.name, b.name, named))
    else:
        print_comparison(situation, found, a.name, b.name, named, limit)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total > 4_000:
        sys.stderr.write(f"\rscored {done:,} of {total:,}" + ("\n" if done == total else ""))
        sys.stderr.flush()
