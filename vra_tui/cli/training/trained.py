"""What a way of training hands back to `vra train`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vra_tui.scoring.model.card import ModelCard


@dataclass(frozen=True)
class Trained:
    """The card of the model that was saved; None where none was asked for, as in a dry run.

    ``is_whole``: nothing of the input was refused. ``closing``: makes the line that stands below the card.
    """

    card: "ModelCard | None"
    is_whole: bool = True
    closing: Callable[[], str] | None = None
