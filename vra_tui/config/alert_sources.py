"""Read the tables ``[source.NAME]`` of the configuration, one for each source of alerts.

A source has a ``kind``. All other keys are its kind's own: read here, and checked by whoever uses them.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from vra_tui.config.toml_lines import KeyPath

# Patterns are compiled where they are used: most configurations have no source.

#: What a source may be called: it is said on the command line and kept in the store.
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"
#: Keys whose values open doors.
_CREDENTIAL = r"(?i)token|secret|password|passwd|credential|api_?key"
#: A user's name and password within an address.
_IN_ADDRESS = r"://[^/@\s]+@"
#: What is shown in place of a credential.
MASK = "****"

#: Makes the error for what is wrong at a path within the file.
Refusal = Callable[[KeyPath, str], Exception]


@dataclass(frozen=True)
class AlertSource:
    """One table: its name, its kind, its other keys, and where in the file it stands.

    ``options`` may hold credentials: print `shown` instead. ``where``: file and line, for messages.
    """

    name: str
    kind: str
    where: str
    options: Mapping[str, object] = field(repr=False)

    def shown(self) -> dict[str, object]:
        """The table as it may be shown to anybody: credentials are masked, at any depth."""
        return {"kind": self.kind, **{key: _masked(key, value) for key, value in self.options.items()}}


def is_credential(key: str, value: object) -> bool:
    """Tell whether a value is a secret: by its key's name, or as an address with a password in it."""
    return bool(re.search(_CREDENTIAL, key) or (isinstance(value, str) and re.search(_IN_ADDRESS, value)))


def read_sources(
    tables: object, refusal: Refusal, place: Callable[[KeyPath], str], is_private: Callable[[], bool]
) -> dict[str, AlertSource]:
    """The sources by name from what ``source`` holds in the file.

    ``refusal`` makes what is raised for a path and what is wrong there; ``place`` says where a path stands;
    ``is_private`` says whether only the user can read the file, without which no credential is taken from it.
    """
    if not isinstance(tables, dict):
        raise refusal(("source",), "source is no value: write a table [source.NAME] for each source.")
    found = {}
    for name, table in tables.items():
        path = ("source", name)
        if not isinstance(table, dict):
            raise refusal(path, f"[source] holds tables only: write [source.NAME] above `{name}`.")
        if not re.fullmatch(NAME, name):
            raise refusal(path, f"a source is named by letters, digits, - and _, not {name!r}.")
        if "kind" not in table:
            raise refusal(path, f'source.{name} has no kind: add a line kind = "…"{_nearest_to_kind(table)}')
        kind = table["kind"]
        if not isinstance(kind, str) or not kind:
            raise refusal((*path, "kind"), f"source.{name}.kind is the name of a kind of source, in quotes.")
        secrets = _credentials(table, path)
        if secrets and not is_private():
            raise refusal(
                secrets[0],
                f"{'.'.join(secrets[0])} is a credential, and others on this host may read this file. It was "
                "not used. Make the file yours alone: chmod 600",
            )
        options = {key: value for key, value in table.items() if key != "kind"}
        found[name] = AlertSource(name, kind, place(path), options)
    return found


def _nearest_to_kind(table: Mapping[str, object]) -> str:
    close = difflib.get_close_matches("kind", table, 1, 0.5)
    return f"; did you mean it by `{close[0]}`?" if close else "."


def _credentials(value: object, path: KeyPath) -> list[KeyPath]:
    """The paths of all credentials at or below a value."""
    if isinstance(value, dict):
        return [
            found
            for key, inner in value.items()
            for found in ([(*path, key)] if is_credential(key, inner) else _credentials(inner, (*path, key)))
        ]
    if isinstance(value, list):
        own = [path for inner in value if is_credential("", inner)]
        return own + [found for inner in value for found in _credentials(inner, path)]
    return []


def _masked(key: str, value: object) -> object:
    if is_credential(key, value):
        return MASK
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {inner: _masked(inner, each) for inner, each in value.items()}
    if isinstance(value, list):
        return [_masked(key, each) for each in value]
    return value
