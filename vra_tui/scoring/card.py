"""The model card: what a model is, what it was made from, how well it did, and what it is not for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: Version of the card's own layout; a program refuses cards with a newer one. Format 2 added ``scope``,
#: and what a single question was trained on.
CARD_FORMAT = 2

#: What a model may be called: its name is its folder's, and is stored with every score.
NAME_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"

Stage = Literal["day1", "dayN"]
QuestionName = Literal["preal", "pgal", "pfast"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoosterCard(_Part):
    """One booster's file: its features in their order, and how its trees were grown."""

    file: str = Field(pattern=r"^[\w.-]+\.ubj$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    features: tuple[str, ...]
    rounds: int
    parameters: dict[str, float]
    monotone: dict[str, int] = {}
    label_weight: dict[str, float] = {}


class DataCard(_Part):
    """The rows a stage, or a question of it, was trained on."""

    source: str
    features_sha256: str
    rows: dict[str, int]
    objects: dict[str, int]


class QuestionCard(_Part):
    """One probability at one stage: the log-odds of its boosters are added up.

    ``data``: the rows it was trained on where these are not the stage's, with ``figures`` by name of how
    well it did on rows it never saw.
    """

    feature_set: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    boosters: tuple[BoosterCard, ...] = Field(min_length=1)
    data: DataCard | None = None
    figures: dict[str, float] = {}


class FigureCard(_Part):
    """A figure's mean and its standard deviation over the repeats of cross-validation."""

    mean: float
    spread: float


class ValidationCard(_Part):
    """AuRaK (relevant = good) of held-out objects, weighted to the stream's mixture of labels."""

    method: str
    folds: int
    repeats: int
    mixture: dict[str, float]
    ceiling: float
    aurak: dict[str, FigureCard]
    interval_over_objects: tuple[float, float]


class ScopeCard(_Part):
    """A file that sums up training rows, for the measure of scope."""

    file: str = Field(pattern=r"^[\w.-]+\.scope\.json$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class StageCard(_Part):
    """What the model does at one stage of an alert's life.

    ``scope``: the rows that the boosters of this stage were trained on, one file for each table of them;
    none in cards of format 1, where nothing is known of the scope.
    """

    questions: dict[QuestionName, QuestionCard]
    data: DataCard
    scope: tuple[ScopeCard, ...] = ()
    validation: ValidationCard | None = None
    probes: dict[str, float] = {}


class Card(_Part):
    """The whole of ``card.json``."""

    format: int = CARD_FORMAT
    name: str = Field(pattern=NAME_PATTERN)
    created: str
    seed: int
    library: dict[str, str]
    purpose: str
    not_for: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    stages: dict[Stage, StageCard]


def files_of(card: Card) -> dict[str, str]:
    """Every file that a card names, and its checksum. A file of several stages is named once."""
    named: list[BoosterCard | ScopeCard] = []
    for stage in card.stages.values():
        named += stage.scope
        for question in stage.questions.values():
            named += question.boosters
    return {part.file: part.sha256 for part in named}


def describe(card: Card) -> list[str]:
    """The card in words, one string a line."""
    versions = ", ".join(f"{name} {version}" for name, version in card.library.items())
    lines = [f"{card.name}, made {card.created} with {versions}, seed {card.seed}", card.purpose]
    for stage, part in card.stages.items():
        lines += ["", f"Stage {stage}", *_describe_data(part.data), *_describe_validation(part.validation)]
        for name, question in part.questions.items():
            lines += _describe_question(name, question)
        if not part.scope:
            lines.append("  scope: not known, no alert is marked as unlike the training rows")
        if part.probes:
            lowest = min(part.probes, key=lambda probe: part.probes[probe])
            lines.append(
                f"  constructed probes: {len(part.probes)}, lowest rank {part.probes[lowest]:.1f} ({lowest})"
            )
    lines += ["", "Not for", *(f"  - {line}" for line in card.not_for)]
    if card.caveats:
        lines += ["", "Keep in mind", *(f"  - {line}" for line in card.caveats)]
    return lines


def _describe_data(data: DataCard) -> list[str]:
    counts = ", ".join(
        f"{name} {rows} rows of {data.objects[name]} objects" for name, rows in data.rows.items()
    )
    return [f"  trained on: {data.source}", f"  labels: {counts}"]


def _describe_validation(validation: ValidationCard | None) -> list[str]:
    if validation is None:
        return ["  not cross-validated: nothing is known about how well it does"]
    named = {
        "rank": "combined rank",
        "preal": "P(real) alone",
        "pgal": "P(galactic) alone",
        "rb_pix": "rb_pix alone",
    }
    low, high = validation.interval_over_objects
    lines = [
        f"  {validation.method}: {validation.folds} folds by object, {validation.repeats} repeats, "
        f"ceiling {validation.ceiling:.3f}"
    ]
    lines += [
        f"  AuRaK {named.get(name, name)}: {figure.mean:.4f} ± {figure.spread:.4f}"
        for name, figure in validation.aurak.items()
    ]
    return [*lines, f"  95 % interval of the combined rank over objects: {low:.3f} to {high:.3f}"]


def _describe_question(name: str, question: QuestionCard) -> list[str]:
    yes, no = ", ".join(question.positive), ", ".join(question.negative)
    trees = sum(booster.rounds for booster in question.boosters)
    used = len({feature for booster in question.boosters for feature in booster.features})
    lines = [f"  {name}: {yes} against {no}; {trees} rounds on {used} features of {question.feature_set}"]
    if question.data is not None:
        lines += ["  " + line for line in _describe_data(question.data)]
    return lines + [f"    {figure}: {value:.3f}" for figure, value in question.figures.items()]
