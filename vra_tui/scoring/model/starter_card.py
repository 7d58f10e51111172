"""The starter's card: a rule of a dozen terms, as data, for surveys that have no model."""

import os
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vra_tui.config import locations
from vra_tui.features.stream import STREAM_1
from vra_tui.private import make_private
from vra_tui.scoring.model.library import user_models
from vra_tui.scoring.model.trained import ModelError

#: Where the shipped rule stands: no `card.json`, since it is no model.
FOLDER, FILE = "starter-1", "starter.json"

_MOST_BYTES = 1 << 20

#: The probabilities that the rule gives.
StarterQuestion = Literal["preal", "pgal"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Curve(_Part):
    """A number as a function of a feature: straight lines between knots, flat beyond the first and last.

    ``reads``: features of `stream-1`, of which the first that has a value counts, less the feature ``less``
    if any; ``missing``: the number where there is none. ``knots``: pairs of the value and the number, in
    ascending order.
    ``is_score``: the feature is a real/bogus score, and is put on a scale on which the survey's cut is 0.5.
    """

    reads: tuple[str, ...] = Field(min_length=1)
    less: str | None = None
    knots: tuple[tuple[float, float], ...] = Field(min_length=2)
    missing: float = 0.0
    is_score: bool = False

    @property
    def features(self) -> tuple[str, ...]:
        """All that it may read."""
        return self.reads if self.less is None else (*self.reads, self.less)

    @model_validator(mode="after")
    def _is_sound(self) -> "Curve":
        foreign = [name for name in self.features if name not in STREAM_1]
        if foreign:
            raise ValueError(f"{foreign[0]} is no feature of stream-1")
        if any(a[0] >= b[0] for a, b in pairwise(self.knots)):
            raise ValueError("knots do not ascend")
        return self


class Term(Curve):
    """What one thing adds to a question's log-odds: the curve, times the factor of another one if any.

    ``topic``: terms that speak of the same thing share one, and are one reason together. ``says``: the thing
    in words, with `{value}` and `{other}` (what ``times`` reads) where they belong; ``says_one``: the same of
    a value of 1, where that needs other words.
    """

    name: str
    topic: str
    says: str
    says_one: str | None = None
    times: Curve | None = None

    @model_validator(mode="after")
    def _says_what_it_reads(self) -> "Term":
        known = {"value"} if self.times is None else {"value", "other"}
        for _, name, form, conversion in Formatter().parse(self.says + (self.says_one or "")):
            if name is not None and name not in known:
                raise ValueError(f"the words of {self.name} name what it does not read")
            if conversion is not None or not re.fullmatch(r"(\.[0-4][f%])?", form or ""):
                raise ValueError(f"the words of {self.name} write numbers otherwise than as .0f to .4f or %")
        return self


class QuestionRule(_Part):
    """The log-odds of one probability: ``base``, and what each term adds.

    ``needs``: without any of these features there is no probability. ``lacks`` says so in words.
    """

    base: float = 0.0
    needs: tuple[str, ...] = ()
    lacks: str = ""
    terms: tuple[Term, ...] = Field(min_length=1)


class SurveyScore(_Part):
    """A survey's real/bogus score: what it is called, and from where on it is taken for real."""

    name: str
    cut: float = Field(gt=0, lt=1)


class Flag(_Part):
    """What a survey itself marks as no transient: a feature from ``at_least`` up to ``at_most``."""

    says: str
    feature: str
    at_least: float
    at_most: float


class StarterCard(_Part):
    """The whole of ``starter.json``.

    ``scores``: of surveys by name; ``any_score``: of all others. ``flags``: only what bears one of them may
    be discarded by its rank.
    """

    format: Literal[1] = 1
    name: Literal["starter"] = "starter"
    version: int
    created: str
    feature_set: Literal["stream-1"] = "stream-1"
    purpose: str
    not_for: tuple[str, ...]
    scores: Mapping[str, SurveyScore]
    any_score: SurveyScore
    preal: QuestionRule
    pgal: QuestionRule
    flags: tuple[Flag, ...] = ()

    def rule(self, question: StarterQuestion) -> QuestionRule:
        """The rule of one probability."""
        return self.preal if question == "preal" else self.pgal


QUESTIONS: tuple[StarterQuestion, ...] = get_args(StarterQuestion)


def own_card_path() -> Path:
    """Where a rule of the user's own stands, in place of the shipped one."""
    return user_models() / FILE


def shipped_card() -> StarterCard:
    """The rule that comes with the program. Raises ModelError where it is missing or damaged."""
    try:
        return read_starter(locations.shipped("models") / FOLDER / FILE)
    except ModelError as error:
        raise ModelError(f"{error} The installation is incomplete. Install vra-tui again.") from error


def card_in_use() -> tuple[StarterCard, str | None]:
    """The user's own rule, else the shipped one, and a sentence where the own one cannot be used.

    Raises ModelError where neither can.
    """
    path = own_card_path()
    if not path.exists():
        return shipped_card(), None
    try:
        return read_starter(path), None
    except ModelError as error:
        return shipped_card(), f"{error} Until then the shipped rule ranks."


def read_starter(path: Path) -> StarterCard:
    """The rule in a file. Raises ModelError, with the place, for anything that is none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ModelError(f"{path} is too large for a starter's card.")
        return StarterCard.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"The starter's card {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"The starter's card {path} is no rule: {where}: {first['msg']}.") from error


def use_starter(source: Path | None) -> StarterCard:
    """Put a rule of the user's own in place of the shipped one; None puts the shipped one back.

    Raises ModelError, and changes nothing, for a file that is no rule or a folder that cannot be written.
    """
    path = own_card_path()
    fresh = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        if source is None:
            path.unlink(missing_ok=True)
            return shipped_card()
        card = read_starter(source)
        make_private(path.parent)
        fresh.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ModelError(f"The rule could not be written to {path}: {error.strerror}.") from error
    return card


def describe_starter(card: StarterCard) -> list[str]:
    """The rule in words, one string a line."""
    lines = [
        f"starter, version {card.version}, made {card.created}: a rule, not a model",
        card.purpose,
        "For alerts of any survey without a model, on features of stream-1",
    ]
    named = [f"{survey}: {one.name} from {one.cut:g}" for survey, one in card.scores.items()]
    lines.append(f"A score counts as real from its cut on: {', '.join(named)}, others {card.any_score.cut:g}")
    for question in QUESTIONS:
        rule = card.rule(question)
        needs = f"; needs {' or '.join(rule.needs)}" if rule.needs else ""
        lines += ["", f"{question}: log-odds {rule.base:+g} and the sum of{needs}"]
        for term in rule.terms:
            lines.append(f"  {term.name}: {_curve(term)}")
            if term.times is not None:
                lines.append(f"    times {_curve(term.times)}")
    lines += ["", "Discards only what the survey itself flags"]
    lines += [f"  - {flag.says}: {flag.feature} {flag.at_least:g} to {flag.at_most:g}" for flag in card.flags]
    return [*lines, "", "Not for", *(f"  - {line}" for line in card.not_for)]


def _curve(curve: Curve) -> str:
    knots = ", ".join(f"{x:g} → {y:+g}" for x, y in curve.knots)
    missing = f", missing {curve.missing:+g}" if curve.missing else ""
    less = f" less {curve.less}" if curve.less else ""
    return f"{' or '.join(curve.reads)}{less}{' (cut at 0.5)' if curve.is_score else ''} {knots}{missing}"
