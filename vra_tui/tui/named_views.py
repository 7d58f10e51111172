"""Named views: a list, an order and a filter under a name, in a TOML file that people may edit."""

import json
import tomllib
from pathlib import Path

from vra_tui.private import make_private
from vra_tui.store.query import ListQuery, is_order, parse_filter


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
        """Add a view. Raises FilterError for words that mean nothing, OSError when it cannot be written."""
        parse_filter(query.words)
        lines = [
            f"[{json.dumps(name)}]",
            f"list = {json.dumps(query.list_name)}",
            f"sort = {json.dumps(query.sort)}",
            f"filter = {json.dumps(query.words)}",
            "",
            "",
        ]
        make_private(self._path.parent)
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines))
