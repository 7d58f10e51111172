"""Adding a source: a table at the end of the configuration file, secrets at the end of theirs."""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vra_tui.config.alert_sources import NAME, is_credential
from vra_tui.config.reading import ConfigError, text_of
from vra_tui.private import make_private, mode_of


def options_of_words(words: Iterable[str]) -> dict[str, Any]:
    """Options as words of the command line give them: `survey=ztf`, `most=20`, `query.conditions=…`.

    A value is read as TOML does (numbers, lists, true and false), and is a text where it is none of that. A
    dotted key is one within a table. Raises ConfigError; secrets are refused, whatever the kind says to them.
    """
    options: dict[str, Any] = {}
    for word in words:
        key, sign, text = word.partition("=")
        parts = key.split(".")
        if not sign or not all(re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in parts):
            raise ConfigError(f"`{key[:40]}` is no option: write key=value, such as survey=ztf.")
        value = _value(text)
        if is_credential(parts[-1], value):
            raise ConfigError(
                f"`{key}` is a secret, which others see on the command line and in its history. Nothing was "
                "written: leave it out, and you are asked for it."
            )
        table = options
        for part in parts[:-1]:
            inner = table.setdefault(part, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"`{key}`: `{part}` is a value already.")
            table = inner
        if parts[-1] in table:
            raise ConfigError(f"`{key}` is given twice.")
        table[parts[-1]] = value
    return options


def add_source(path: Path, name: str, kind: str, options: Mapping[str, Any]) -> None:
    """Write a table `[source.NAME]` at the end of the configuration file, which is made where there is none.

    The rest stays as it is, to the letter. Raises ConfigError where the name is taken or cannot be one.
    """
    if not re.fullmatch(NAME, name):
        raise ConfigError(f"A source is named by letters, digits, - and _, not {name!r}.")
    before = text_of(path)
    if name in _tables(before, path).get("source", {}):
        raise ConfigError(
            f"{path} has a [source.{name}] already. Nothing was written: choose another name, or edit it by "
            "`vra config edit`."
        )
    _append(path, before, _table(f"source.{name}", {"kind": kind, **options}), ("source", name))


def add_secrets(path: Path, name: str, secrets: Mapping[str, str]) -> None:
    """Write the secrets of a source at the end of the file of secrets, which only the user may read.

    Raises ConfigError where the file can be read by others, or holds secrets of that name.
    """
    before = text_of(path)
    if path.exists() and mode_of(path) & 0o077:
        raise ConfigError(
            f"{path} holds secrets and can be read by others. No secret was written: "
            f"`chmod 600 {path}` first."
        )
    if name in _tables(before, path):
        raise ConfigError(f"{path} has secrets of [{name}] already. They stay as they are: edit the file.")
    _append(path, before, _table(name, secrets), (name,))


def _append(path: Path, before: str, table: str, place: tuple[str, ...]) -> None:
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    try:
        after: Any = tomllib.loads(before + gap + table)
        for part in place:
            after = after[part]
    except (tomllib.TOMLDecodeError, KeyError):
        # An inline table `source = {...}` takes no further tables.
        raise ConfigError(
            f"{path}: no table [{'.'.join(place)}] can be added to it as it is written. Nothing was written: "
            "give each source a table of its own."
        ) from None
    try:
        make_private(path.parent)
        # Appended rather than written anew: a link stays a link, and the mode what it is.
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, (gap + table).encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from None


def _tables(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The whole message may quote a line, and with it a secret.
        place = re.search(r"\(at [^()]*\)$", str(error))
        raise ConfigError(f"{path} is no TOML {place[0] if place else ''}".rstrip() + ".") from None


def _value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return read["value"] if set(read) == {"value"} else text


def _table(name: str, values: Mapping[str, Any]) -> str:
    inner = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    lines = [f"{key} = {_written(value)}" for key, value in values.items() if key not in inner]
    text = "\n".join([f"[{name}]", *lines]) + "\n"
    return text + "".join(f"\n{_table(f'{name}.{key}', value)}" for key, value in inner.items())


def _written(value: Any) -> str:
    """A value in TOML; JSON's texts, numbers and lists of them are TOML's too."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key} = {_written(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False) if value == value else "nan"
    return str(value.isoformat())  # a date or a time
