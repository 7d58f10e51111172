"""Named views: a list, an order and a filter under a name, in a TOML file that people may edit."""

import json
import os
import tomllib
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.private import make_private
from vra_tui.store.query import ListQuery, is_order, parse_filter


class ViewError(VraError):
    """A file of views that cannot be changed without losing what somebody wrote there."""


class NamedViews:
    """The views of one file; a file that is not there holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, ListQuery]:
        """All views that can be understood, by name; a broken file counts as empty."""
        try:
            content = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError):
            return {}
        views = {}
        for name, view in content.items():
            if isinstance(view, dict):
                sort = str(view.get("sort", "rank"))
                views[name] = ListQuery(
                    str(view.get("list", "eyeball")),
                    sort if is_order(sort) else "rank",
                    str(view.get("filter", "")),
                )
        return views

    def keep(self, name: str, query: ListQuery) -> None:
        """Keep a view, in the place of one of that name.

        Raises FilterError for words that mean nothing, ViewError where the file cannot be changed safely,
        OSError when it cannot be written.
        """
        parse_filter(query.words)
        lines = [
            f"[{_written(name)}]",
            f"list = {_written(query.list_name)}",
            f"sort = {_written(query.sort)}",
            f"filter = {_written(query.words)}",
            "",
            "",
        ]
        text = self._text()
        if name in self._content(text):
            text = self._without(text, name)
        if text and not text.endswith("\n"):
            text += "\n"
        self._write(text + "\n".join(lines))

    def delete(self, name: str) -> None:
        """Take a view out of the file; all else in it stays as it is written. Raises as `keep` does."""
        self._write(self._without(self._text(), name))

    def _text(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        except UnicodeDecodeError as error:
            raise ViewError(f"{self._path} is no UTF-8 any more ({error}); mend it first.") from None

    def _content(self, text: str) -> dict[str, object]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ViewError(f"{self._path} is no TOML any more ({error}); mend it first.") from None

    def _without(self, text: str, name: str) -> str:
        """The text without a view's lines, from its heading to the next. Raises ViewError."""
        lines, kept, is_its_own = text.splitlines(keepends=True), [], False
        for line in lines:
            heading = _heading(line)
            if heading is not None:
                is_its_own = heading == name
            if not is_its_own:
                kept.append(line)
        found = "".join(kept)
        wanted = self._content(text)
        wanted.pop(name, None)
        # People write the file too: what is not written as this program does is not cut by guess.
        try:
            is_right = tomllib.loads(found) == wanted
        except tomllib.TOMLDecodeError:
            is_right = False
        if not is_right:
            raise ViewError(f"`{name}` is written in a way of its own in {self._path}: change it there.")
        return found

    def _write(self, text: str) -> None:
        make_private(self._path.parent)
        beside = self._path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(self._path)


def _written(text: str) -> str:
    """A text as a TOML string; JSON writes it alike, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _heading(line: str) -> str | None:
    """The name of the table that a line begins; None of any other line."""
    if not line.lstrip().startswith("["):
        return None
    try:
        content = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    return next(iter(content), None)
