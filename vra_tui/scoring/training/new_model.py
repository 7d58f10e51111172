"""What every way of training is told of the model that it is to make, and where that may not be made."""

import re
from dataclasses import dataclass
from pathlib import Path

from vra_tui.ranking.lists import STARTER
from vra_tui.scoring.model.card import NAME_PATTERN
from vra_tui.scoring.model.library import check_replaceable
from vra_tui.scoring.model.trained import ModelError


@dataclass(frozen=True, kw_only=True)
class NewModel:
    """A model that is to be made in ``folder``, which is its own.

    ``date`` and ``caveats`` (sentences) are for its card. The same rows and ``seed`` make the same model.
    ``repeats`` of cross-validation: 0 for none, None for as many as the way of training deems worth it.
    ``force``: replace what is there of it.
    """

    name: str
    folder: Path
    date: str
    caveats: tuple[str, ...] = ()
    seed: int = 1
    repeats: int | None = None
    force: bool = False


def check_name(name: str) -> None:
    """Raise ModelError for a name that cannot be a model's, since it is its folder's too."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ModelError(
            f"{name!r} cannot be the name of a model. Use letters, digits, dots, dashes and underlines."
        )
    if name.casefold() == STARTER:
        raise ModelError(
            f"{name!r} is the name of the rule for surveys without a model. Choose another name."
        )


def check_new(model: NewModel) -> None:
    """Raise ModelError where a model cannot have that name, or its folder is taken: before long work."""
    check_name(model.name)
    check_replaceable(model.folder)
    if model.folder.exists() and not model.force:
        raise ModelError(
            f"{model.folder} is there already. Nothing was written; choose another --name, or use --force."
        )
