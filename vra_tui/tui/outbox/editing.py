"""Edit the content of an item in $EDITOR: its text, and the content that an edited text tells."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from vra_tui.errors import VraError
from vra_tui.private import make_private
from vra_tui.store.outbox import Item

#: A text longer than this was not typed, bytes.
_LONGEST = 1 << 20
#: File systems take names of 255 bytes.
_LONGEST_NAME = 60
#: What an item is about: its identity follows from it.
_ABOUT = ("object_id", "objectId", "survey")
#: Behind a subject that names nothing of what was edited.
_EDITED = " (edited)"


class EditFault(VraError):
    """An edited text that tells no content, or an editor that did not end well; the text is kept."""


def text_of(item: Item) -> str:
    """The content of an item as the text that is edited."""
    return json.dumps(item.content, indent=2, ensure_ascii=False) + "\n"


def content_of(text: str, item: Item) -> Mapping[str, Any]:
    """The content that an edited text tells. Raises EditFault, which names the line."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise EditFault(f"line {error.lineno}, column {error.colno}: {error.msg.lower()}") from None
    except (ValueError, RecursionError) as error:
        raise EditFault(str(error)) from None
    if not isinstance(found, dict):
        raise EditFault("the text is no { … } with names and values")
    missing = [name for name in item.content if name not in found]
    if missing:
        raise EditFault(f"`{missing[0]}` is missing: leave it empty rather than out")
    wrong = [
        name
        for name, value in item.content.items()
        if value is not None and found[name] is not None and not _is_alike(value, found[name])
    ]
    if wrong:
        raise EditFault(f"`{wrong[0]}` is something else than it was: {found[wrong[0]]!r}"[:300])
    moved = [name for name in _ABOUT if name in item.content and found[name] != item.content[name]]
    if moved:
        raise EditFault(f"`{moved[0]}` says what it is about, and stays: drop it, and make another")
    return found


def subject_of(content: Mapping[str, Any], item: Item) -> str:
    """The subject of an edited item: with what is new in place of what was, where it named that."""
    subject = item.subject
    for name, before in item.content.items():
        now = content.get(name)
        if now != before and isinstance(now, str | int | float) and isinstance(before, str | int | float):
            whole = rf"(?<!\w){re.escape(str(before))}(?!\w)"
            if str(before).strip():
                subject = re.sub(whole, str(now).replace("\\", r"\\"), subject)
    is_told = subject != item.subject or subject.endswith(_EDITED)
    return subject if is_told else f"{subject}{_EDITED}"


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number in JSON")


def _is_alike(before: object, now: object) -> bool:
    """Whether two values are of one kind; whole numbers and others are one."""
    numbers = (int, float)
    if isinstance(before, bool) or isinstance(now, bool):
        return type(before) is type(now)
    return isinstance(now, type(before)) or (isinstance(before, numbers) and isinstance(now, numbers))


def editor(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The command that edits a file: $VISUAL, $EDITOR, or vi."""
    return shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "vi") or ["vi"]


class Desk:
    """Texts that are being edited, each in a file for the user alone until what it tells is kept.

    A program that is killed, or a text that cannot be understood, loses nothing: the next edit of the item
    begins with what was written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, item_id: str, text: str) -> Path:
        """The file to be edited; what an edit before left there stays."""
        make_private(self._folder)
        path = self._path(item_id)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        return path

    def keep(self, item_id: str, text: str) -> None:
        """Keep a text as it is now, in place of what was there; a disk that takes nothing hinders nobody."""
        path = self._path(item_id)
        coming = path.with_suffix(".new")
        with suppress(OSError):
            make_private(self._folder)
            coming.touch(mode=0o600)
            coming.write_text(text, encoding="utf-8")
            coming.replace(path)

    def kept(self, item_id: str) -> str | None:
        """What an edit before left; None where there is nothing, or nothing that can be read."""
        if not self._path(item_id).exists():
            return None
        with suppress(EditFault):
            return self.read(item_id)
        return None

    def read(self, item_id: str) -> str:
        """What was written. Raises EditFault where it cannot be read."""
        try:
            data = self._path(item_id).read_bytes()
            if len(data) > _LONGEST:
                raise EditFault("the text is longer than anybody types")
            return data.decode("utf-8")
        except (OSError, UnicodeError) as error:
            raise EditFault(f"the text cannot be read: {error}") from None

    def end(self, item_id: str) -> None:
        """Take the file away: what it told is kept, or nobody wants it."""
        with suppress(OSError):
            self._path(item_id).unlink()

    def _path(self, item_id: str) -> Path:
        name = "".join(one for one in item_id if one.isalnum() or one == "-")
        if len(name) > _LONGEST_NAME:  # a note on many alerts
            name = f"{name[:_LONGEST_NAME]}-{sha256(name.encode()).hexdigest()[:16]}"
        return self._folder / f"{name}.txt"


def run_editor(path: Path, command: list[str] | None = None) -> None:
    """Run the editor on a file in this terminal, to its end. Raises EditFault."""
    command = command or editor()
    try:
        subprocess.run([*command, str(path)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EditFault(f"the editor did not end well ({error})") from None
