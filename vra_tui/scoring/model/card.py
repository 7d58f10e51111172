"""The model card: how a model was made, how well it does, and its limits."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vra_tui.ranking.lists import STARTER
from vra_tui.scoring.stages import Stage
from vra_tui.text import printable

#: Version of the card's own layout; a program refuses cards with a newer one. Format 2 added ``scope``,
#: and what a single question was trained on; format 3 what was learnt from scanners' labels; format 4
#: ``survey``.
CARD_FORMAT = 4
#: The survey of models whose cards name none: until format 4 there was no other.
DEFAULT_SURVEY = "atlas"

#: What a model may be called: its name is its folder's, and is stored with every score.
NAME_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"

QuestionName = Literal["preal", "pgal", "pfast", "pfollow"]


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


class LabelsCard(_Part):
    """The scanners' labels that a stage was trained on, and what was beside them.

    ``scanners``: alerts by who labelled them. ``first, last``: when the first and the last was decided, ISO
    8601. ``contested``: alerts that another scanner labelled otherwise. ``balance``: how labels of unequal
    number were made to count. ``base_rows`` of a table, each counting ``base_weight`` of a label's row.
    """

    alerts: int
    scanners: dict[str, int]
    first: str
    last: str
    contested: int
    balance: str
    base_rows: int = 0
    base_source: str = ""
    base_weight: float = 1.0


class SearchCard(_Part):
    """How the trees of a stage were chosen: ``space`` went through, settings ``tried``, the ``chosen`` one.

    Nothing is chosen where the recipe's own trees were not beaten. Both AuRaK are out of fold, on folds on
    which the figures of the validation do not rest.
    """

    how: Literal["grid", "random"]
    space: dict[str, tuple[float, ...]]
    tried: int
    chosen: dict[str, float]
    aurak: float
    aurak_of_recipe: float


class ComparisonCard(_Part):
    """AuRaK against another model's on the same held-out rows; the interval is paired, over objects.

    ``seen_by_other``: the other model was trained on some of these labels, which flatters it.
    """

    model: str
    rows: int
    objects: int
    aurak: float
    other_aurak: float
    difference: float
    interval: tuple[float, float]
    seen_by_other: bool = False


class ScopeCard(_Part):
    """A file that sums up training rows, for the measure of scope."""

    file: str = Field(pattern=r"^[\w.-]+\.scope\.json$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class StageCard(_Part):
    """What the model does at one stage of an alert's life.

    ``scope``: the rows that the boosters of this stage were trained on, one file for each table of them;
    none in cards of format 1, where nothing is known of the scope. ``labels``, ``search``, ``comparison``:
    where it was trained on scanners' labels. ``kept_from``: the model that the stage was taken over from.
    """

    questions: dict[QuestionName, QuestionCard] = Field(min_length=1)
    data: DataCard
    scope: tuple[ScopeCard, ...] = ()
    validation: ValidationCard | None = None
    probes: dict[str, float] = {}
    labels: LabelsCard | None = None
    search: SearchCard | None = None
    comparison: ComparisonCard | None = None
    kept_from: str | None = None


class ModelCard(_Part):
    """The whole of ``card.json``.

    ``survey``: whose alerts the model was made for, by the survey's short name; it scores no others.
    """

    format: int = CARD_FORMAT
    name: str = Field(pattern=NAME_PATTERN)
    created: str
    seed: int
    survey: str = Field(default=DEFAULT_SURVEY, pattern=NAME_PATTERN)
    library: dict[str, str]
    purpose: str
    not_for: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    stages: dict[Stage, StageCard] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _is_no_starter(cls, name: str) -> str:
        if name.casefold() == STARTER:
            raise ValueError(f"{name!r} is the name of the rule for surveys without a model")
        return name


def files_of(card: ModelCard) -> dict[str, str]:
    """Every file that a card names, and its checksum. A file of several stages is named once."""
    named: list[BoosterCard | ScopeCard] = []
    for stage in card.stages.values():
        named += stage.scope
        for question in stage.questions.values():
            named += question.boosters
    return {part.file: part.sha256 for part in named}


def describe(card: ModelCard) -> list[str]:
    """The card in words, one string a line."""
    versions = ", ".join(f"{name} {version}" for name, version in card.library.items())
    lines = [f"{card.name}, made {card.created} with {versions}, seed {card.seed}", card.purpose]
    lines.append(f"For alerts of the survey {card.survey}")
    for stage, part in card.stages.items():
        taken = f", taken over from {part.kept_from}" if part.kept_from else ""
        lines += ["", f"Stage {stage}{taken}", *_describe_data(part.data), *_describe_labels(part.labels)]
        lines += [*_describe_search(part.search), *_describe_validation(part.validation)]
        lines += _describe_comparison(part.comparison)
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


def _describe_labels(labels: LabelsCard | None) -> list[str]:
    if labels is None:
        return []
    who = ", ".join(f"{printable(name)} {alerts}" for name, alerts in labels.scanners.items())
    lines = [f"  {labels.alerts} alerts decided {labels.first[:10]} to {labels.last[:10]} by: {who}"]
    if labels.contested:
        lines.append(f"  {labels.contested} of them were labelled otherwise by another scanner")
    if labels.base_rows:
        lines.append(
            f"  and {labels.base_rows} rows of {printable(labels.base_source)}, "
            f"each counting {labels.base_weight:g}"
        )
    return [*lines, f"  unequal numbers of labels: {labels.balance}"]


def _describe_search(search: SearchCard | None) -> list[str]:
    if search is None:
        return []
    chosen = ", ".join(f"{name} {value:g}" for name, value in search.chosen.items()) or "the recipe's own"
    return [
        f"  trees of {search.tried} settings ({search.how}): {chosen}",
        f"    AuRaK {search.aurak:.4f}, with the recipe's own {search.aurak_of_recipe:.4f}",
    ]


def _describe_comparison(comparison: ComparisonCard | None) -> list[str]:
    if comparison is None:
        return []
    low, high = comparison.interval
    lines = [
        f"  against {comparison.model} on the same {comparison.rows} held-out rows of {comparison.objects} "
        f"objects: {verdict(comparison)}",
        f"    AuRaK {comparison.aurak:.4f} and {comparison.other_aurak:.4f}, difference "
        f"{comparison.difference:+.4f} (95 % interval {low:+.4f} to {high:+.4f})",
    ]
    if comparison.seen_by_other:
        lines.append("    Too few labels were given since then to compare the two on what neither saw.")
    return lines


def verdict(comparison: ComparisonCard) -> str:
    """Better, worse, or not to be told, by the interval of the paired difference."""
    if comparison.seen_by_other:
        return (
            f"not to be told, for {comparison.model} was trained on some of these labels, which flatters it"
        )
    low, high = comparison.interval
    return "better" if low > 0 else "worse" if high < 0 else "no difference that these labels can show"


def _describe_validation(validation: ValidationCard | None) -> list[str]:
    if validation is None:
        return ["  not cross-validated: nothing is known about how well it does"]
    named = {
        "rank": "combined rank",
        "preal": "P(real) alone",
        "pgal": "P(galactic) alone",
        "rb_pix": "rb_pix alone",
        "score": "the survey's score alone",
        "starter": "the starter's rank",
    }
    low, high = validation.interval_over_objects
    lines = [
        f"  {validation.method}: {validation.folds} folds by object, {validation.repeats} repeats, "
        f"ceiling {validation.ceiling:.3f}",
        "  weighted to " + ", ".join(f"{name} {share:.1%}" for name, share in validation.mixture.items()),
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
