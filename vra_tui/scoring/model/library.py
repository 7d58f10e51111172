"""The library of models, shipped ones and the user's own: find, save, and choose the one in use."""

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import get_args

from vra_tui.config import locations
from vra_tui.private import make_private
from vra_tui.ranking.lists import STARTER
from vra_tui.scoring.model.card import DEFAULT_SURVEY, NAME_PATTERN, ModelCard
from vra_tui.scoring.model.trained import CARD_FILE, IN_RANK, Model, ModelError, load_model, read_card
from vra_tui.scoring.stages import Stage

#: In the shipped models' folder: the name of the model that is used unless another is asked for.
DEFAULT_FILE = "default"


def user_models() -> Path:
    """Folder in which `vra train` puts the user's own models. Not created here."""
    return locations.user_data_dir() / "models"


@dataclass(frozen=True)
class FoundModel:
    """A model's folder that a name leads to; whether it came with the program."""

    name: str
    folder: Path
    is_shipped: bool


def known_models() -> list[FoundModel]:
    """Every model with a card, the user's own and the shipped ones, by name; the user's own come first."""
    found = [
        FoundModel(card.parent.name, card.parent, is_shipped)
        for folder, is_shipped in ((user_models(), False), (_shipped_models(), True))
        for card in sorted(folder.glob(f"*/{CARD_FILE}"))
        if not card.parent.name.startswith(".")
    ]
    return sorted(found, key=lambda model: model.name)


def shipped_default() -> Path:
    """Folder of the model that the program uses by itself. Raises ModelError when none is declared."""
    folder = _shipped_models()
    try:
        name = (folder / DEFAULT_FILE).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ModelError(
            f"No default model is declared in {folder} ({error.strerror}): the installation is incomplete. "
            "Install vra-tui again, or name a model."
        ) from error
    return folder / name


def default_model() -> Path:
    """Folder of the model used unless another is asked for: the user's choice, else the shipped default.

    Raises ModelError when the choice leads nowhere, or there is no shipped default.
    """
    return chosen_folder(ModelRole.IN_USE) or shipped_default()


def find_model(name: str | None = None) -> Path:
    """Folder of a model given by name or folder; the one in use for None. The user's own come first.

    Raises ModelError, listing the known ones, when there is no such model.
    """
    if name is None:
        return default_model()
    if name.casefold() == STARTER:
        raise ModelError(
            "The starter is a rule and no model: `vra score` ranks alerts of surveys without a model by it, "
            "`vra models show starter` prints it."
        )
    return _first_with_card(name, (Path(name), *_in_folders(name)))


def _of_choice(choice: str) -> Path:
    """Folder of a recorded choice, which must not depend on the folder one happens to work in."""
    path = Path(choice)
    return _first_with_card(choice, (path,) if path.is_absolute() else _in_folders(choice))


def _in_folders(name: str) -> tuple[Path, ...]:
    return user_models() / name, _shipped_models() / name


def _first_with_card(name: str, folders: tuple[Path, ...]) -> Path:
    for folder in folders:
        if (folder / CARD_FILE).is_file():
            return folder
    known = sorted({model.name for model in known_models()})
    raise ModelError(
        f"There is no model {name!r}, neither as a folder with a {CARD_FILE} nor by name. "
        f"Known: {', '.join(known) or 'none'}."
    )


def _shipped_models() -> Path:
    return locations.shipped("models")


class ModelRole(StrEnum):
    """A role to choose a model for; also the file among the user's models that holds the choice for ATLAS.

    The choice for another survey stands in a file of the same name with a dot and the survey's name behind.
    """

    IN_USE = "in-use"
    SHADOW = "shadow"


def chosen(role: ModelRole, survey: str = DEFAULT_SURVEY) -> str | None:
    """The name or folder the user chose for a role and a survey; None where nothing was chosen."""
    return _choices(role).get(survey)


def chosen_surveys() -> list[str]:
    """The surveys for which there is a model, in use or as a shadow: ATLAS, and those the user chose for."""
    others = {survey for role in ModelRole for survey in _choices(role)} - {DEFAULT_SURVEY}
    return [DEFAULT_SURVEY, *sorted(others)]


def _choices(role: ModelRole) -> dict[str, str]:
    """The user's choices for a role, by survey."""
    found: dict[str, str] = {}
    # Before every survey had a choice of its own, one model scored, of whatever survey it was.
    if (choice := _read(user_models() / role)) is not None:
        found[_survey_of(choice)] = choice
    for path in sorted(user_models().glob(f"{role}.*")):
        survey = path.name.removeprefix(f"{role}.")
        if re.fullmatch(NAME_PATTERN, survey) and (choice := _read(path)) is not None:
            found[survey] = choice
    return found


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None


def _survey_of(choice: str) -> str:
    try:
        return read_card(_of_choice(choice)).survey
    except (ModelError, OSError):
        return DEFAULT_SURVEY


def chosen_folder(role: ModelRole, survey: str = DEFAULT_SURVEY) -> Path | None:
    """The folder of the model in a role for a survey, None for none. Raises ModelError for a lost one."""
    choice = chosen(role, survey)
    if choice is not None:
        return _of_choice(choice)
    return shipped_default() if role is ModelRole.IN_USE and survey == DEFAULT_SURVEY else None


def choose(role: ModelRole, name: str) -> Model:
    """Put a model into a role for its survey, by a file beside the user's own models, and return it.

    Raises ModelError, and leaves the choice as it was, for a model that cannot be used.
    """
    folder = find_model(name)
    model = load_ready(folder)
    by_name = folder.parent in (user_models(), _shipped_models())
    if model.survey == DEFAULT_SURVEY:
        # What an older version wrote there for another survey keeps its place.
        for survey, choice in _choices(role).items():
            if survey != DEFAULT_SURVEY:
                _write(_file_of(role, survey), choice)
    _write(_file_of(role, model.survey), folder.name if by_name else str(folder.resolve()))
    return model


def take_back(role: ModelRole, survey: str = DEFAULT_SURVEY) -> None:
    """Forget the user's choice for a role and a survey. Raises ModelError where a file cannot be removed."""
    common = user_models() / role
    if (choice := _read(common)) is not None and _survey_of(choice) == survey:
        _write(common, None)
    _write(_file_of(role, survey), None)


def _file_of(role: ModelRole, survey: str) -> Path:
    """Where the choice for a survey stands."""
    return user_models() / (role if survey == DEFAULT_SURVEY else f"{role}.{survey}")


def _write(path: Path, choice: str | None) -> None:
    fresh = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        if choice is None:
            path.unlink(missing_ok=True)
            return
        make_private(path.parent)
        fresh.write_text(choice + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ModelError(
            f"The choice could not be written to {path}: {error.strerror}. The model in use is what it was. "
            "Check space and permissions."
        ) from error


def load_checked(folder: Path) -> Model:
    """The model in ``folder`` with all its trees built. Raises ModelError for anything wrong with it."""
    model = load_model(folder)
    model.build()
    return model


def load_ready(folder: Path) -> Model:
    """The model in ``folder``, its trees built, that can score a store. Raises ModelError."""
    model = load_checked(folder)
    check_ready(model)
    return model


def check_ready(model: Model) -> None:
    """Raise ModelError for a model that does not give a rank at every stage: it would fail amid scoring."""
    for stage in get_args(Stage):
        lacking = sorted(IN_RANK - model.questions(stage).keys())
        if lacking:
            raise ModelError(
                f"Model {model.name} does not answer {' and '.join(lacking)} at stage {stage}: it gives no "
                "ranks. Choose another, or train it whole."
            )


def load_in_use(name: str | None = None) -> tuple[Model, str | None]:
    """The model to score with, and a sentence for the user where it is not the one that was chosen.

    ``name``: a model asked for just now, of any survey, which is never replaced by another. Without it, the
    user's choice for ATLAS; where that cannot be used, the shipped default with a warning. Raises ModelError
    when neither can.
    """
    if name is not None:
        return load_checked(find_model(name)), None
    choice = chosen(ModelRole.IN_USE)
    if choice is None:
        return load_checked(shipped_default()), None
    try:
        return _load_for(DEFAULT_SURVEY, choice), None
    except ModelError as error:
        model = load_checked(shipped_default())
        return model, f"{error} Until then {model.name} scores in place of {choice}."


def load_chosen(survey: str) -> tuple[Model | None, str | None]:
    """The model in use for a survey other than ATLAS, and a sentence for the user where it cannot be used."""
    choice = chosen(ModelRole.IN_USE, survey)
    if choice is None:
        return None, None
    try:
        return _load_for(survey, choice), None
    except ModelError as error:
        return None, f"{error} Until then the starter ranks the alerts of {survey} in place of {choice}."


def load_shadow(survey: str = DEFAULT_SURVEY) -> tuple[Model | None, str | None]:
    """The model that scores along, if any, and a sentence for the user where it cannot be used."""
    choice = chosen(ModelRole.SHADOW, survey)
    if choice is None:
        return None, None
    try:
        return _load_for(survey, choice), None
    except ModelError as error:
        return None, f"{error} Until then no shadow model scores along."


def _load_for(survey: str, choice: str) -> Model:
    """The model of a recorded choice. Raises ModelError where it cannot be used, or is of another survey."""
    model = load_ready(_of_choice(choice))
    if model.survey != survey:
        raise ModelError(
            f"The model {choice} scores alerts of {model.survey}, and was chosen for {survey}. "
            "Choose another with `vra models use NAME`."
        )
    return model


def checksum(content: bytes) -> str:
    """SHA-256 of a file's content, as cards hold it."""
    return hashlib.sha256(content).hexdigest()


#: Files that models are made of, as this program names them.
_OF_A_MODEL = re.compile(r"card\.json|[\w.-]+\.ubj|[\w.-]+\.scope\.json")


def check_replaceable(folder: Path) -> None:
    """Raise ModelError where a folder is there and holds anything but a model."""
    if not os.path.lexists(folder):
        return
    is_folder = folder.is_dir() and not folder.is_symlink()
    names = sorted(os.listdir(folder)) if is_folder else []
    strange = [name for name in names if not _OF_A_MODEL.fullmatch(name) or not (folder / name).is_file()]
    if not is_folder or strange or CARD_FILE not in names:
        why = f"holds {strange[0]}, which is no part of a model" if strange else "is no model"
        raise ModelError(f"{folder} {why}, and is not replaced. Nothing was written; choose another --name.")


def save_model(folder: Path, card: ModelCard, boosters: Mapping[str, bytes]) -> None:
    """Write a model; a model that stood in ``folder`` is replaced as a whole, or left alone if writing fails.

    Raises ModelError, having changed nothing, where the folder holds anything but a model.
    """
    check_replaceable(folder)
    fresh = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    stale = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    try:
        make_private(fresh.parent)
        fresh.mkdir()
        for name, content in boosters.items():
            (fresh / name).write_bytes(content)
        (fresh / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
        if folder.exists():
            folder.rename(stale)
        fresh.rename(folder)
    except OSError as error:
        if stale.exists() and not folder.exists():
            stale.rename(folder)
        raise ModelError(
            f"The model could not be written to {folder}: {error.strerror}. What stood there is unchanged. "
            "Check space and permissions, or give another folder with --into."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(stale, ignore_errors=True)
