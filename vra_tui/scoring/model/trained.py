"""Trained models: a folder with a card and its boosters, checked before a single alert is scored by it."""

import hashlib
import json
import stat
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from vra_tui.config import locations
from vra_tui.errors import VraError
from vra_tui.features.table import FEATURE_SETS, FeatureTable
from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.scoring.model.card import CARD_FORMAT, BoosterCard, ModelCard, QuestionCard, StageCard, files_of
from vra_tui.scoring.model.derived import columns_needed, feature_matrix
from vra_tui.scoring.model.scope_summary import ScopeSummary
from vra_tui.scoring.model.trees import TreesFault, check_trees
from vra_tui.scoring.training.boosters import margin
from vra_tui.scoring.training.validation import probability

if TYPE_CHECKING:
    from xgboost import Booster

Floats = NDArray[np.float64]
CARD_FILE = "card.json"
#: Larger files are not read; those of the shipped models measure up to 0.5 MB.
MAX_FILE_BYTES = 64 << 20

#: Questions that the rank does not rest on: a table without their features is scored all the same.
NOT_IN_RANK = frozenset({"pfast", "pfollow"})
#: Questions without which there is no rank.
IN_RANK = frozenset({"preal", "pgal"})


class ModelError(VraError):
    """A model that cannot be used, or cannot be used on this table; the message says why and what to do."""


@dataclass(frozen=True)
class Scores:
    """Scores of n alerts, each of shape (n,); ``pfast`` is all NaN where a model does not answer it.

    ``pfollow``: None where it does not.
    """

    preal: Floats
    pgal: Floats
    pfast: Floats
    rank: Floats
    is_gal_cand: NDArray[np.bool_]
    pfollow: Floats | None = None


@dataclass(frozen=True)
class Model:
    """A model whose card and checksums were found right. Its trees are built when first used."""

    card: ModelCard = field(repr=False)
    folder: Path
    _raw: dict[str, bytes] = field(repr=False)
    _boosters: dict[str, "Booster"] = field(default_factory=dict, repr=False)
    _building: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def name(self) -> str:
        """The name that scores are stored under."""
        return self.card.name

    @property
    def survey(self) -> str:
        """The short name of the survey whose alerts it scores."""
        return self.card.survey

    def columns(self, stage: str) -> tuple[str, ...]:
        """All columns that the model can use at this stage: its feature sets, used in trees or not.

        Raises ModelError for a stage the model lacks.
        """
        return _columns(self.questions(stage))

    def columns_for_rank(self, stage: str) -> tuple[str, ...]:
        """The columns a feature table must have for this stage: those without which there is no rank.

        Raises ModelError for a stage the model lacks.
        """
        needed = {name: part for name, part in self.questions(stage).items() if name not in NOT_IN_RANK}
        return _columns(needed)

    def scores(self, table: FeatureTable, stage: str) -> Scores:
        """Probabilities and ranks of the table's alerts at ``stage``, ``day1`` or ``dayN``.

        Columns are found by name. Tables of the published features have none for P(fast): it is NaN then.
        Raises ModelError for a stage the model lacks or a column the table lacks.
        """
        answers = {
            name: self._probability(question, table)
            for name, question in self.questions(stage).items()
            if name not in NOT_IN_RANK or not set(_columns({name: question})).isdisjoint(table.names)
        }
        unknown = np.full(len(table), np.nan)
        preal, pgal = answers.get("preal", unknown), answers.get("pgal", unknown)
        return Scores(
            preal=preal,
            pgal=pgal,
            pfast=answers.get("pfast", unknown),
            rank=rank(preal, pgal),
            is_gal_cand=is_galactic_candidate(preal, pgal),
            pfollow=answers.get("pfollow"),
        )

    def questions(self, stage: str) -> dict[str, QuestionCard]:
        """The questions answered at a stage, by name. Raises ModelError for a stage the model lacks."""
        return {str(question): card for question, card in self._stage(stage).questions.items()}

    def build(self) -> None:
        """Build all trees now rather than when first used. Raises ModelError for trees not as on the card."""
        for stage in self.card.stages.values():
            for question in stage.questions.values():
                for card in question.boosters:
                    self.booster(card)

    def files(self) -> dict[str, bytes]:
        """Every file that the card names, by name, as it was when its checksum was found right."""
        return dict(self._raw)

    def scope_summaries(self, stage: str) -> tuple[ScopeSummary, ...]:
        """Return what is kept of the training rows of a stage; empty where the card names nothing.

        Raises ModelError for a stage the model lacks, or a summary that cannot be read.
        """
        return tuple(
            _read_summary(self.folder / part.file, self._raw[part.file]) for part in self._stage(stage).scope
        )

    def _stage(self, stage: str) -> StageCard:
        for name, part in self.card.stages.items():
            if name == stage:
                return part
        known = ", ".join(self.card.stages)
        raise ModelError(f"Model {self.name} has no stage {stage!r}; it has: {known}. Choose one of these.")

    def _probability(self, question: QuestionCard, table: FeatureTable) -> Floats:
        log_odds = np.zeros(len(table))
        for card in question.boosters:
            matrix = self.matrix(card.features, table)
            if len(table):
                log_odds += margin(self.booster(card), matrix)
        return probability(log_odds)

    def matrix(self, features: Sequence[str], table: FeatureTable) -> Floats:
        """The features, derived or not, as the trees see them, shape (n, features).

        Raises ModelError naming the columns that the table lacks.
        """
        try:
            return feature_matrix(table, features)
        except KeyError as missing:
            raise ModelError(
                f"Model {self.name} needs columns that the feature table lacks: {missing.args[0]}. "
                f"Nothing was scored. Add them (an empty column will do where a value is unknown)."
            ) from missing

    def booster(self, card: BoosterCard) -> "Booster":
        """The trees of one of the model's files. Raises ModelError when they are not what its card says."""
        with self._building:
            if card.file not in self._boosters:
                self._boosters[card.file] = _build(self.folder / card.file, self._raw[card.file], card)
            return self._boosters[card.file]


def feature_sets_of(card: ModelCard) -> tuple[str, ...]:
    """The feature sets that a model's questions ask for, in the order of their names."""
    questions = (question for stage in card.stages.values() for question in stage.questions.values())
    return tuple(sorted({question.feature_set for question in questions}))


def purpose_of(model: Model) -> str:
    """What a model is for, in words that others go on after: its survey and its feature sets."""
    sets = " and ".join(feature_sets_of(model.card))
    return f"Model {model.name} is for alerts of {model.survey}, on features of {sets}"


def _columns(questions: Mapping[str, QuestionCard]) -> tuple[str, ...]:
    sets = [FEATURE_SETS[question.feature_set] for question in questions.values()]
    return tuple(dict.fromkeys(name for names in sets for name in names))


def _build(path: Path, raw: bytes, card: BoosterCard) -> "Booster":
    import xgboost

    try:
        check_trees(raw, len(card.features))
    except TreesFault as fault:
        raise ModelError(
            f"{path} does not hold trees as xgboost writes them: {fault}. "
            "Restore the file, or train the model again."
        ) from None
    # One thread: 10,000 alerts take it some 30 ms, and several would wait for one another on a busy machine.
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(raw))
    except (xgboost.core.XGBoostError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{path} is not a model that this xgboost ({xgboost.__version__}) can read. "
            "Restore the file, or train the model again."
        ) from error
    if tuple(booster.feature_names or ()) != card.features:
        raise ModelError(
            f"{path} was trained on other features than its card says. Do not use it; train the model again."
        )
    return booster


def load_model(folder: Path) -> Model:
    """The model in ``folder``, its card and checksums verified. XGBoost itself is not imported yet.

    Raises ModelError, with the remedy, for anything missing, damaged, altered, foreign or newer.
    """
    card = read_card(folder)
    for stage in card.stages.values():
        for question in stage.questions.values():
            _check_features(folder, question)
    files = {name: _read_file(folder, name, checksum) for name, checksum in files_of(card).items()}
    for stage in card.stages.values():
        for part in stage.scope:
            _check_summary(folder, _read_summary(folder / part.file, files[part.file]))
    return Model(card, folder, files)


def read_card(folder: Path) -> ModelCard:
    """The card in ``folder`` alone, without a look at the trees. Raises ModelError as `load_model` does."""
    path = folder / CARD_FILE
    try:
        text = _content(path)
    except OSError as error:
        raise ModelError(
            f"No model card at {path} ({error.strerror}). A model is a folder with a {CARD_FILE}: "
            "check the name, or train one with `vra train`."
        ) from error
    _check_format(path, text)
    try:
        return ModelCard.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(
            f"The model card {path} cannot be used: {_first_fault(error)}. "
            "Restore the folder from where it came, or train the model again."
        ) from error


def _check_format(path: Path, text: bytes) -> None:
    """Refuse a newer card by its format, before its new fields are taken for faults."""
    try:
        card = json.loads(text)
    except (ValueError, RecursionError):
        return
    found = card.get("format") if isinstance(card, dict) else None
    if isinstance(found, int) and found > CARD_FORMAT:
        raise ModelError(
            f"The model card {path} has format {found}; this version of vra reads up to {CARD_FORMAT}. "
            "Install a newer vra."
        )


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "the file itself"
    return f"{where}: {first['msg']}"


def _feature_names(question: QuestionCard) -> tuple[str, ...]:
    return tuple(name for booster in question.boosters for name in booster.features)


def _check_features(folder: Path, question: QuestionCard) -> None:
    offered = FEATURE_SETS.get(question.feature_set)
    if offered is None:
        raise ModelError(
            f"The model in {folder} wants feature set {question.feature_set!r}, which this version does not "
            f"compute; it knows {', '.join(FEATURE_SETS)}. Install the version it was trained with."
        )
    foreign = [name for name in columns_needed(_feature_names(question)) if name not in offered]
    if foreign:
        raise ModelError(
            f"The model in {folder} wants features that are not in its set {question.feature_set}: "
            f"{', '.join(foreign)}. Train it again on the features this version computes."
        )


def _read_file(folder: Path, name: str, sha256: str) -> bytes:
    path = folder / name
    try:
        raw = _content(path)
    except OSError as error:
        raise ModelError(
            f"The model in {folder} lacks its file {name} ({error.strerror}). Restore the folder."
        ) from error
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise ModelError(
            f"{path} is not the file its card describes (the checksum differs): damaged, or exchanged. "
            "Restore the folder from where it came, or train the model again."
        )
    return raw


def _content(path: Path) -> bytes:
    """The bytes of a model's file. Raises OSError, and ModelError for what is no file of a model.

    Models come from strangers too: a pipe would wait for ever, a device never end, and a link could lead
    anywhere. Only the shipped folder may hold links, as some installers make them.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
        raise ModelError(
            f"{path} is no plain file of at most {MAX_FILE_BYTES >> 20} MB, as a model's are. Do not use it."
        )
    inside = path.resolve().parent == path.parent.resolve()
    if not inside and not path.is_relative_to(locations.shipped("models")):
        raise ModelError(f"{path} is a link that leads out of the model's folder. Do not use it.")
    return path.read_bytes()


def _read_summary(path: Path, raw: bytes) -> ScopeSummary:
    try:
        return ScopeSummary.model_validate_json(raw)
    except ValidationError as error:
        raise ModelError(
            f"{path} does not sum up training rows as this version does: {_first_fault(error)}. "
            "Restore the folder from where it came, or train the model again."
        ) from error


def _check_summary(folder: Path, summary: ScopeSummary) -> None:
    computed = {name for names in FEATURE_SETS.values() for name in names}
    foreign = [name for name in columns_needed(summary.features) if name not in computed]
    if foreign:
        raise ModelError(
            f"The model in {folder} was trained on rows with features that this version does not compute: "
            f"{', '.join(foreign)}. Install the version it was trained with."
        )
