"""Where models stand: shipped with the program or made by the user; finding one by name, saving a new one."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from vra_tui import locations
from vra_tui.scoring.card import Card
from vra_tui.scoring.model import CARD_FILE, ModelError

#: In the shipped models' folder: the name of the model that is used unless another is asked for.
DEFAULT_FILE = "default"


def user_models() -> Path:
    """Folder in which `vra train` puts the user's own models. Not created here."""
    return locations.user_data_dir() / "models"


def default_model() -> Path:
    """Folder of the model used unless another is asked for. Raises ModelError when none is declared."""
    shelf = locations.shipped("models")
    try:
        name = (shelf / DEFAULT_FILE).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ModelError(
            f"No default model is declared in {shelf} ({error.strerror}): the installation is incomplete. "
            "Install vra-tui again, or name a model."
        ) from error
    return shelf / name


def find_model(name: str | None = None) -> Path:
    """Folder of a model given by name or folder; the default one for None. The user's own come first.

    Raises ModelError, listing the known ones, when there is no such model.
    """
    if name is None:
        return default_model()
    shelves = (user_models(), locations.shipped("models"))
    for folder in (Path(name), *(shelf / name for shelf in shelves)):
        if (folder / CARD_FILE).is_file():
            return folder
    known = sorted({card.parent.name for shelf in shelves for card in shelf.glob(f"*/{CARD_FILE}")})
    raise ModelError(
        f"There is no model {name!r}, neither as a folder with a {CARD_FILE} nor by name. "
        f"Known: {', '.join(known) or 'none'}."
    )


def checksum(content: bytes) -> str:
    """SHA-256 of a file's content, as cards hold it."""
    return hashlib.sha256(content).hexdigest()


def save_model(folder: Path, card: Card, boosters: Mapping[str, bytes]) -> None:
    """Write a model; what stood in ``folder`` is replaced as a whole, or left alone if writing fails."""
    fresh = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    stale = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    try:
        fresh.mkdir(parents=True)
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
